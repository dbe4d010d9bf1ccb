"""One session as the API shows it, put together from its row, its report and its budget."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import SessionId
from omc.lab import bills, service
from omc.lab.answers import SessionAnswer, session_answer


async def shown(session: AsyncSession, session_id: UUID) -> SessionAnswer:
    """Return a session as it stands now."""
    row = await service.read(session, SessionId(session_id))
    reported = await service.sessions_with_report(session, [session_id])
    reserved = await bills.reserved(session, [session_id])
    return session_answer(row, report=bool(reported), reserved=reserved[session_id])
