"""Routes of the lab: models, sessions, their live events, proposals, evidence and reports."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from omc.core.ids import SessionId, VersionId
from omc.identity.api import Present, Reader, Streamer, Tx, Writer
from omc.kit import events
from omc.kit.follow import MAX_SEQ
from omc.kit.http import Resumed, Wired, event_answer, event_stream
from omc.lab import control, export, service
from omc.lab.answers import (
    EvidenceAnswer,
    EvidencePage,
    HistoryAnswer,
    NewSession,
    Opened,
    ProposalAnswer,
    ProposalsAnswer,
    Question,
    Said,
    SessionAnswer,
    SessionsAnswer,
    SessionsAsked,
    evidence_short,
)
from omc.lab.branches import stale_steps
from omc.lab.charts import chart_of
from omc.lab.proposals import ask_about, list_proposals
from omc.lab.publishing import published
from omc.lab.report import Report
from omc.lab.searching import Wanted, find
from omc.lab.service import topic
from omc.lab.showing import all_shown, shown

MAX_EVIDENCE_NUMBER = 1_000_000

router = APIRouter(prefix="/lab", tags=["lab"])

_EXPORTS: Mapping[str, tuple[str, Callable[[Report], str | bytes]]] = {
    "md": ("text/markdown; charset=utf-8", export.markdown),
    "html": ("text/html; charset=utf-8", export.html),
    "pdf": ("application/pdf", export.pdf),
}


@router.post("/sessions", status_code=201)
async def open_session(
    body: NewSession,
    caller: Writer,
    session: Tx,
    wired: Wired,
    idempotency_key: Annotated[str | None, Header(description="makes a repeated request open one session only")] = None,
) -> Opened:
    """Open a research session; it starts at once in the background."""
    made_of = body.opening(idempotency_key)
    opened = await service.open_session(
        session, made_of, workspace_id=caller.workspace_id, person_id=caller.person_id, now=wired.clock()
    )
    return Opened(id=opened)


@router.get("/sessions")
async def sessions(_caller: Reader, session: Tx, asked: Annotated[SessionsAsked, Query()]) -> SessionsAnswer:
    """List sessions, newest first; with words, those in whose goal, name, messages or report they stand."""
    wanted = Wanted(text=asked.q, states=asked.state, archived=asked.archived, schedule_id=asked.schedule_id)
    rows = await find(session, wanted, before=asked.cursor, limit=asked.limit)
    following = rows[-1].id if len(rows) == asked.limit else None
    return SessionsAnswer(items=await all_shown(session, rows), next=following)


@router.get("/sessions/{session_id}")
async def session(_caller: Reader, session: Tx, session_id: UUID) -> SessionAnswer:
    """Show one session."""
    return await shown(session, session_id)


@router.post("/sessions/{session_id}/say", status_code=202)
async def say(body: Said, _caller: Writer, session: Tx, wired: Wired, session_id: UUID) -> SessionAnswer:
    """Say something to a session: it answers a question, changes the course, or starts the next turn."""
    await service.say(session, SessionId(session_id), body.text, wired.clock(), answers=body.answers)
    return await shown(session, session_id)


@router.get("/proposals")
async def proposals(_caller: Reader, session: Tx) -> ProposalsAnswer:
    """List what sessions laid before a person, newest first: each version once, and how it stands."""
    found = await list_proposals(session)
    return ProposalsAnswer(items=[ProposalAnswer.model_validate(one) for one in found])


@router.post("/sessions/{session_id}/ask", status_code=202)
async def ask(body: Question, caller: Writer, session: Tx, wired: Wired, session_id: UUID) -> SessionAnswer:
    """Ask a session about a version that it proposed; it answers in its next turn, and nothing is decided by it."""
    about, by = VersionId(body.version_id), str(caller.person_id)
    await ask_about(session, SessionId(session_id), about, text=body.text, by=by, now=wired.clock())
    return await shown(session, session_id)


@router.post("/sessions/{session_id}/cancel")
async def cancel(
    _caller: Writer,
    session: Tx,
    wired: Wired,
    session_id: UUID,
    when: Annotated[control.When, Query(description="at once, or behind the step under way")] = "now",
) -> SessionAnswer:
    """End a session; what it has found is kept. Ending an ended one changes nothing."""
    await control.cancel(session, SessionId(session_id), when=when, now=wired.clock())
    return await shown(session, session_id)


async def known_topic(caller: Reader, wired: Wired, session_id: UUID) -> str:
    """Dependency: the topic of a session that exists; a stream that has begun could not refuse any more."""
    async with wired.database.session(caller.workspace_id) as session:
        await service.read(session, SessionId(session_id))
    return topic(session_id)


@router.get("/sessions/{session_id}/events", response_class=EventSourceResponse)
async def follow(
    caller: Streamer, wired: Wired, present: Present, resumed: Resumed, known: Annotated[str, Depends(known_topic)]
) -> AsyncIterator[ServerSentEvent]:
    """Stream the session's events from the position received last."""
    topics = [known]
    stream = event_stream(wired, workspace=caller.workspace_id, topics=topics, resumed=resumed, present=present)
    async for item in stream:
        yield item


@router.get("/sessions/{session_id}/history")
async def history(
    _caller: Reader,
    session: Tx,
    session_id: UUID,
    after: Annotated[int, Query(ge=0, le=MAX_SEQ)] = 0,
    limit: Annotated[int, Query(ge=1, le=events.MAX_READ)] = events.MAX_READ,
) -> HistoryAnswer:
    """List the session's events behind a position."""
    await service.read(session, SessionId(session_id))
    found = await events.read(session, topic(session_id), after, limit)
    following = found[-1].seq if len(found) == limit else None
    return HistoryAnswer(items=[event_answer(event) for event in found], next=following)


@router.get("/sessions/{session_id}/evidence")
async def evidence_list(_caller: Reader, session: Tx, session_id: UUID) -> EvidencePage:
    """List the session's evidence."""
    rows = await service.evidence_list(session, SessionId(session_id))
    gone = await stale_steps(session, session_id)
    return EvidencePage(items=[evidence_short(row, stale=row.step in gone) for row in rows])


@router.get("/sessions/{session_id}/evidence/{number}")
async def evidence(
    _caller: Reader, session: Tx, session_id: UUID, number: Annotated[int, Path(ge=1, le=MAX_EVIDENCE_NUMBER)]
) -> EvidenceAnswer:
    """Show one piece of evidence, with the tool's input and output as they were hashed."""
    row = await service.evidence(session, SessionId(session_id), number)
    short = evidence_short(row, stale=row.step in await stale_steps(session, session_id)).model_dump()
    output = json.loads(row.output)
    return EvidenceAnswer(**short, input=json.loads(row.input), output=output, chart=chart_of(output))


@router.get("/sessions/{session_id}/report")
async def report(_caller: Reader, session: Tx, session_id: UUID) -> Report:
    """Show the session's report; each figure leads to its evidence."""
    return await published(session, SessionId(session_id))


@router.get("/sessions/{session_id}/report/export", response_class=Response)
async def export_report(
    _caller: Reader,
    session: Tx,
    session_id: UUID,
    form: Annotated[Literal["md", "html", "pdf"], Query(alias="format")] = "md",
) -> Response:
    """Download the report as Markdown, as one HTML page or as PDF."""
    media_type, write = _EXPORTS[form]
    name = f"omc-report-{session_id}.{form}"
    written = await asyncio.to_thread(write, await published(session, SessionId(session_id)))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(written, media_type=media_type, headers=headers)
