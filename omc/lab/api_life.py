"""Routes of a session's life: pause, resume, rerun, fork, rename, put away, read, keep; and questions on a schedule."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import StreamingResponse

from omc.core.ids import SessionId
from omc.identity.api import Reader, Tx, Writer
from omc.kit.errors import Refusal
from omc.kit.follow import MAX_SEQ
from omc.kit.http import Wired
from omc.lab import branches, control, forking, saying, schedules, service
from omc.lab.answers import Opened, SessionAnswer, money
from omc.lab.answers_life import (
    NewFork,
    NewSchedule,
    Rerun,
    SaidAnswer,
    ScheduleAnswer,
    SchedulesAnswer,
    Title,
    TranscriptAnswer,
    minute_of,
    schedule_answer,
    weekday_of,
)
from omc.lab.branches import NewArguments, NewWords
from omc.lab.choosing import Fallback, Wanted
from omc.lab.control import When
from omc.lab.editing import check_arguments
from omc.lab.forking import Fork
from omc.lab.schedules import Recurring
from omc.lab.showing import shown
from omc.lab.whole import whole

router = APIRouter(prefix="/lab", tags=["lab"])

Once = Annotated[str | None, Header(alias="Idempotency-Key", description="makes a repeated request count once")]
Halt = Annotated[When, Query(description="at once, which drops the step under way, or behind it")]


@router.post("/sessions/{session_id}/pause")
async def pause(_caller: Writer, session: Tx, wired: Wired, session_id: UUID, when: Halt = "step") -> SessionAnswer:
    """Let a session under way come to rest; it holds nothing then. Pausing a paused one changes nothing."""
    await control.pause(session, SessionId(session_id), when=when, now=wired.clock())
    return await shown(session, session_id)


@router.post("/sessions/{session_id}/resume")
async def resume(_caller: Writer, session: Tx, session_id: UUID) -> SessionAnswer:
    """Let a paused session, or one that failed or reached its cap, go on from its last step."""
    await control.resume(session, SessionId(session_id))
    return await shown(session, session_id)


@router.post("/sessions/{session_id}/rerun", status_code=202)
async def rerun(body: Rerun, _caller: Writer, session: Tx, wired: Wired, session_id: UUID) -> SessionAnswer:
    """Change an earlier message, or an earlier tool call, and go on from there; what came later becomes stale."""
    edit = _edit(body)
    await check_arguments(session, SessionId(session_id), edit)
    await branches.rerun(session, SessionId(session_id), edit, wired.clock())
    return await shown(session, session_id)


@router.post("/sessions/{session_id}/fork", status_code=201)
async def fork(
    body: NewFork, caller: Writer, session: Tx, wired: Wired, session_id: UUID, idempotency_key: Once = None
) -> Opened:
    """Open a new session that begins with a copy of this one, up to a step."""
    made = Fork(step=body.step, text=body.text, wanted=_wanted(body), key=idempotency_key)
    forked = await forking.fork(session, SessionId(session_id), made, person_id=caller.person_id, now=wired.clock())
    return Opened(id=forked)


@router.put("/sessions/{session_id}/title")
async def rename(body: Title, _caller: Writer, session: Tx, session_id: UUID) -> SessionAnswer:
    """Give a session a name of its own, or that of its goal again."""
    await control.rename(session, SessionId(session_id), body.title)
    return await shown(session, session_id)


@router.post("/sessions/{session_id}/archive")
async def archive(_caller: Writer, session: Tx, wired: Wired, session_id: UUID) -> SessionAnswer:
    """Put a session away: lists leave it out until they ask for the archive. One under way is refused."""
    await control.archive(session, SessionId(session_id), wired.clock())
    return await shown(session, session_id)


@router.post("/sessions/{session_id}/unarchive")
async def unarchive(_caller: Writer, session: Tx, session_id: UUID) -> SessionAnswer:
    """Take a session out of the archive again."""
    await control.unarchive(session, SessionId(session_id))
    return await shown(session, session_id)


@router.get("/sessions/{session_id}/transcript")
async def transcript(
    _caller: Reader,
    session: Tx,
    session_id: UUID,
    after: Annotated[int, Query(ge=0, le=MAX_SEQ)] = 0,
    limit: Annotated[int, Query(ge=1, le=saying.MAX_PAGE)] = saying.MAX_PAGE,
) -> TranscriptAnswer:
    """List who said what and which calls were made, behind a position; what is stale is marked."""
    lines = await saying.transcript(session, SessionId(session_id), after=after, limit=limit)
    following = lines[-1].position if len(lines) == limit else None
    return TranscriptAnswer(items=[SaidAnswer.model_validate(line) for line in lines], next=following)


async def known(caller: Reader, wired: Wired, session_id: UUID) -> SessionId:
    """Dependency: a session that exists; a download that has begun could not refuse any more."""
    async with wired.database.session(caller.workspace_id) as session:
        await service.read(session, SessionId(session_id))
    return SessionId(session_id)


@router.get("/sessions/{session_id}/export", response_class=StreamingResponse)
async def export_session(
    caller: Reader, wired: Wired, found: Annotated[SessionId, Depends(known)]
) -> StreamingResponse:
    """Download all of a session as one JSON document: transcript, steps, evidence with hashes, reports, costs."""
    pieces = whole(wired.database, caller.workspace_id, found)
    headers = {"Content-Disposition": f'attachment; filename="omc-session-{found}.json"'}
    return StreamingResponse(pieces, media_type="application/json", headers=headers)


@router.get("/schedules")
async def list_schedules(_caller: Reader, session: Tx) -> SchedulesAnswer:
    """List the questions that are asked again and again, the one that is due first in front."""
    return SchedulesAnswer(items=[schedule_answer(row) for row in await schedules.schedules(session)])


@router.post("/schedules", status_code=201)
async def add_schedule(
    body: NewSchedule, caller: Writer, session: Tx, wired: Wired, idempotency_key: Once = None
) -> ScheduleAnswer:
    """Ask a question every day or week; each time opens one session, also when nothing worked for a while."""
    wish = Recurring(
        asked=body.opening(idempotency_key), minute=minute_of(body.at), weekday=weekday_of(body.every, body.weekday)
    )
    added = await schedules.add(
        session, wish, workspace_id=caller.workspace_id, person_id=caller.person_id, now=wired.clock()
    )
    return schedule_answer(added)


@router.post("/schedules/{schedule_id}/pause")
async def pause_schedule(_caller: Writer, session: Tx, wired: Wired, schedule_id: UUID) -> ScheduleAnswer:
    """Let a schedule open nothing until it is resumed."""
    return schedule_answer(await schedules.pause(session, schedule_id, wired.clock()))


@router.post("/schedules/{schedule_id}/resume")
async def resume_schedule(_caller: Writer, session: Tx, wired: Wired, schedule_id: UUID) -> ScheduleAnswer:
    """Let a paused schedule go on with its next time."""
    return schedule_answer(await schedules.resume(session, schedule_id, wired.clock()))


@router.post("/schedules/{schedule_id}/run", status_code=201)
async def run_schedule(
    caller: Writer, session: Tx, wired: Wired, schedule_id: UUID, idempotency_key: Once = None
) -> Opened:
    """Ask a schedule's question now, besides its own times."""
    opened = await schedules.run_now(
        session, schedule_id, person_id=caller.person_id, key=idempotency_key, now=wired.clock()
    )
    return Opened(id=opened)


@router.delete("/schedules/{schedule_id}", status_code=204)
async def delete_schedule(caller: Writer, session: Tx, schedule_id: UUID) -> None:
    """Delete a schedule; the sessions that it opened stay."""
    await schedules.remove(session, schedule_id, by=caller.person_id)


def _edit(body: Rerun) -> NewWords | NewArguments:
    words = body.position is not None and body.text is not None
    call = body.step is not None and body.arguments is not None
    if words and not call and body.step is None and body.arguments is None:
        assert body.position is not None
        assert body.text is not None
        return NewWords(position=body.position, text=body.text)
    if call and body.position is None and body.text is None:
        assert body.step is not None
        assert body.arguments is not None
        return NewArguments(step=body.step, arguments=body.arguments)
    raise Refusal("rerun_what", 422, "Send `position` and `text` for a message, or `step` and `arguments` for a call.")


def _wanted(body: NewFork) -> Wanted | None:
    if body.model is None:
        if body.credential_id or body.preset_id or body.cap or body.fallback:
            words = "Name the model, too, when a fork shall have another key, preset, cap or fallback."
            raise Refusal("model_missing", 422, words, place="/model")
        return None
    return Wanted(
        model=body.model,
        credential_id=body.credential_id,
        preset_id=body.preset_id,
        cap=None if body.cap is None else money(body.cap, "/cap"),
        fallback=None if body.fallback is None else Fallback(**body.fallback.model_dump()),
    )
