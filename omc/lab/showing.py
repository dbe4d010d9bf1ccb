"""One session as the API shows it, put together from its row, its report and its budget."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import SessionId
from omc.kit import queue
from omc.lab import bills, service
from omc.lab.answers import SessionAnswer, session_answer
from omc.lab.rules import SessionState
from omc.lab.service import TURN_QUEUE
from omc.lab.tables import SessionRow


async def shown(session: AsyncSession, session_id: UUID) -> SessionAnswer:
    """Return a session as it stands now."""
    row = await service.read(session, SessionId(session_id))
    reported = await service.sessions_with_report(session, [session_id])
    reserved = await bills.reserved(session, [session_id])
    place = (await places(session, [row])).get(session_id)
    return session_answer(row, report=bool(reported), reserved=reserved[session_id], place=place)


async def places(session: AsyncSession, rows: Sequence[SessionRow]) -> dict[UUID, int]:
    """Return the place in line of each session that waits for a worker; 1 starts next."""
    waiting = {str(row.id): row.id for row in rows if row.state == SessionState.QUEUED}
    found = await queue.places(session, TURN_QUEUE, "session_id", list(waiting))
    return {waiting[written]: place for written, place in found.items()}
