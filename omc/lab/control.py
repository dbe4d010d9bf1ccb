"""What a person does with a session besides speaking to it: pause, resume, rename, put away, cancel after a step."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import SessionId
from omc.kit.errors import Refusal
from omc.kit.events import append
from omc.lab import rules, service
from omc.lab.rules import SessionState
from omc.lab.service import go_on, halt, locked, topic
from omc.lab.tables import SessionRow

When: TypeAlias = Literal["now", "step"]
"""At once, which drops the step under way, or behind it."""

_NOT_PAUSED: Mapping[SessionState, str] = {
    SessionState.WAITING: "This session waits for your answer and holds nothing meanwhile. Answer it, or cancel it.",
    SessionState.DONE: "This session is done. Say something to go on, or rerun it from one of its steps.",
    SessionState.CANCELLED: "This session was cancelled. Fork it to go on from one of its steps.",
    SessionState.FAILED: "This session stopped with an error and holds nothing. Resume it, or say what to do.",
    SessionState.BUDGET_REACHED: "This session stopped at its cap and holds nothing. Raise its cap, then resume it.",
}
_RESUMED = frozenset({SessionState.PAUSED, SessionState.FAILED, SessionState.BUDGET_REACHED})


async def pause(session: AsyncSession, session_id: SessionId, *, when: When, now: datetime) -> None:
    """Let a session under way come to rest; it holds nothing then, and twice is once."""
    row = await locked(session, session_id)
    state = SessionState(row.state)
    if state in _NOT_PAUSED:
        raise Refusal("not_under_way", 409, _NOT_PAUSED[state])
    if state is SessionState.PAUSED:
        return
    if when == "step" and state is SessionState.RUNNING:
        await _wish(session, row, SessionState.PAUSED)
        return
    words = "Stopped because the session was paused; it begins anew when the session goes on."
    at = await halt(session, row, error=SessionState.PAUSED, words=words, now=now)
    row.state, row.halting, row.stop_reason = state.PAUSED, None, rules.why_cut_short(SessionState.PAUSED, at)
    await append(session, topic(session_id), "session.state", {"state": row.state, "reason": row.stop_reason})


async def resume(session: AsyncSession, session_id: SessionId) -> None:
    """Let a session go on from its last written step; one under way goes on as it does, without its wish to halt."""
    row = await locked(session, session_id)
    state = SessionState(row.state)
    if state in rules.UNDER_WAY:
        if row.halting is not None:
            await _wish(session, row, None)
        return
    if state not in _RESUMED:
        raise Refusal("not_paused", 409, _NOT_PAUSED[state])
    await service.check_room(session)
    await append(session, topic(session_id), *await go_on(session, row))


async def cancel(session: AsyncSession, session_id: SessionId, *, when: When, now: datetime) -> None:
    """End a session at once, or behind the step under way. Ending an ended one changes nothing."""
    row = await locked(session, session_id)
    if when == "step" and row.state == SessionState.RUNNING:
        await _wish(session, row, SessionState.CANCELLED)
        return
    await service.cancel(session, session_id, now)


async def rename(session: AsyncSession, session_id: SessionId, title: str | None) -> None:
    """Give a session a name of its own, or with None that of its goal again."""
    if title is not None and (reason := rules.check_title(title.strip())):
        raise Refusal(reason.code, 422, reason.text, place=reason.place)
    row = await locked(session, session_id)
    row.title = None if title is None else title.strip()
    await append(session, topic(session_id), "session.title", {"title": row.title})


async def archive(session: AsyncSession, session_id: SessionId, now: datetime) -> None:
    """Put a session away: lists leave it out, searches of the archive find it. One under way is refused."""
    row = await locked(session, session_id)
    if SessionState(row.state) in rules.UNDER_WAY:
        words = "This session is under way. Pause or cancel it first, then put it away."
        raise Refusal("session_under_way", 409, words)
    row.archived_at = row.archived_at or now


async def unarchive(session: AsyncSession, session_id: SessionId) -> None:
    """Take a session out of the archive again."""
    (await locked(session, session_id)).archived_at = None


async def _wish(session: AsyncSession, row: SessionRow, halting: SessionState | None) -> None:
    row.halting = halting
    await append(session, topic(row.id), "session.halting", {"to": halting})
