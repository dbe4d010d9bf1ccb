"""Finding sessions: by what was said in them, their state, their schedule, and whether they were put away.

Words are looked for as parts of the text, so that they are found in any script, also in one that writes no spaces. No
index of the database could help: under forced row security it may not look for anything before it knows whose row it
is. So the workspace's own words are read, from the newest session on, until the page is full: a word that stands
nowhere in 5,000 sessions of 16 entries takes under a second.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from omc.lab.rules import clean
from omc.lab.service import MAX_PAGE
from omc.lab.tables import EntryRow, ReportRow, SessionRow

MAX_QUERY_CHARACTERS = 200
MAX_WORDS = 8
"""Words of a search that count; all of them have to be in a session, wherever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which sessions; nothing named means all that are not put away."""

    text: str = ""
    states: Sequence[str] = ()
    archived: bool = False
    schedule_id: UUID | None = None


async def find(session: AsyncSession, wanted: Wanted, *, before: UUID | None, limit: int) -> Sequence[SessionRow]:
    """Return sessions, newest first, that were opened before the given one; ids rise with time."""
    query = select(SessionRow).order_by(SessionRow.id.desc()).limit(min(limit, MAX_PAGE))
    put_away = SessionRow.archived_at.is_not(None)
    query = query.where(put_away if wanted.archived else ~put_away)
    if before is not None:
        query = query.where(SessionRow.id < before)
    if wanted.states:
        query = query.where(SessionRow.state.in_(wanted.states))
    if wanted.schedule_id is not None:
        query = query.where(SessionRow.origin["schedule_id"].astext == str(wanted.schedule_id))
    for word in clean(wanted.text).split()[:MAX_WORDS]:
        query = query.where(_says(word))
    return (await session.execute(query)).scalars().all()


def _says(word: str) -> ColumnElement[bool]:
    entries = select(EntryRow.position).where(
        EntryRow.session_id == SessionRow.id, EntryRow.said.icontains(word, autoescape=True)
    )
    reports = select(ReportRow.number).where(
        ReportRow.session_id == SessionRow.id, ReportRow.said.icontains(word, autoescape=True)
    )
    named = (SessionRow.goal.icontains(word, autoescape=True), SessionRow.title.icontains(word, autoescape=True))
    return or_(*named, entries.exists(), reports.exists())
