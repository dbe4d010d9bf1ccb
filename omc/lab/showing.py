"""One session as the API shows it, put together from its row, its report and its budget."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import SessionId
from omc.kit import queue
from omc.lab import bills, branches, service
from omc.lab.answers import SessionAnswer, session_answer
from omc.lab.publishing import registered
from omc.lab.rules import SessionState
from omc.lab.service import TURN_QUEUE
from omc.lab.tables import SessionRow


async def shown(session: AsyncSession, session_id: UUID) -> SessionAnswer:
    """Return a session as it stands now."""
    (answer,) = await all_shown(session, [await service.read(session, SessionId(session_id))])
    return answer


async def all_shown(session: AsyncSession, rows: Sequence[SessionRow]) -> list[SessionAnswer]:
    """Return sessions as they stand now, in the order given."""
    ids = [row.id for row in rows]
    reported = await service.sessions_with_report(session, ids)
    stale = await branches.stale_reports(session, sorted(reported))
    reserved = await bills.reserved(session, ids)
    line = await places(session, rows)
    held = await registered(session, ids)
    return [
        session_answer(
            row,
            report=row.id in reported,
            stale=row.id in stale,
            reserved=reserved[row.id],
            registered=held[row.id],
            place=line.get(row.id),
        )
        for row in rows
    ]


async def places(session: AsyncSession, rows: Sequence[SessionRow]) -> dict[UUID, int]:
    """Return the place in line of each session that waits for a worker; 1 starts next."""
    waiting = {str(row.id): row.id for row in rows if row.state == SessionState.QUEUED}
    found = await queue.places(session, TURN_QUEUE, "session_id", list(waiting))
    return {waiting[written]: place for written, place in found.items()}
