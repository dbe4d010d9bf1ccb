"""Replay: a session's recorded answers and results go through the loop again, in a transaction that is rolled back.

The loop, the journal, the policy and the report are the ones that run every session. Only two things are replaced: the
model, which answers what it answered, and the tools, which return what they returned. Tools whose result is made of
evidence alone (the report, the proposal) run as they are. No model, no network and no market data is asked.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import wraps
from uuid import UUID

from pydantic_ai.exceptions import UserError
from pydantic_ai.messages import ModelMessage, ModelMessagesTypeAdapter, ModelResponse
from pydantic_ai.models import Model
from pydantic_ai.models.function import AgentInfo, FunctionModel
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import SessionId, WorkspaceId
from omc.core.money import text as decimal_text
from omc.kit.db import Database, Rehearsal
from omc.kit.errors import Refusal
from omc.kit.ids import new_id
from omc.kit.work import Context
from omc.lab import branches, replays, service
from omc.lab.agent import run_turn
from omc.lab.branches import NewArguments, NewWords
from omc.lab.differing import Difference, differences
from omc.lab.publishing import rendered
from omc.lab.record import Line, Record, read_record
from omc.lab.report import Report
from omc.lab.rules import EntryKind, SessionState
from omc.lab.tables import EntryRow, EvidenceRow, ReplayRow, ReportRow, SessionRow
from omc.lab.tools import TOOLS
from omc.lab.tools.base import Outcome, Tool, ToolContext
from omc.lab.whole import whole

MADE_ANEW = frozenset({"write_report", "propose_strategy"})
"""Tools that read evidence and nothing else."""

MAX_WORDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Another output in place of that of one piece of evidence."""

    evidence: int
    output: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What one run through the record made."""

    entries: int
    steps: int
    hashes: Sequence[str]
    proposals: Sequence[str]
    report: Report | None
    report_hashes: Sequence[str | None]
    stopped: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A replay held against its record; `differences` are those of a changed one's report."""

    equal: bool
    words: str
    steps: int
    report_hash: str | None
    recorded_hash: str | None
    proposals: int
    cost: str
    recorded_cost: str
    differences: Sequence[Difference]


@dataclass(slots=True, kw_only=True)
class _Play:
    """One run: the record, where it is replayed to, and what went another way."""

    record: Record
    change: Change | None
    context: Context
    workspace_id: WorkspaceId
    session_id: SessionId
    now: datetime
    off: str | None = None
    tools: Sequence[Tool] = field(default_factory=list)

    def clock(self) -> datetime:
        """The time of what is replayed."""
        return self.now

    @property
    def database(self) -> Database:
        """The one in which nothing stays."""
        return self.context.database


async def run_replay(context: Context, workspace_id: WorkspaceId, replay_id: UUID) -> str:
    """Make a replay that was written down, and write down what it found."""
    async with context.database.session(workspace_id) as session:
        row = await replays.read(session, replay_id)
    try:
        text = "".join([part async for part in whole(context.database, workspace_id, SessionId(row.session_id))])
        change = None if row.change is None else _change(row.change)
        found = await replay(context, workspace_id, read_record(text), change)
        told: dict[str, object] = {"state": "done", "result": asdict(found)}
    except Refusal as refusal:
        told = {"state": "failed", "error": refusal.text}
    except Exception:
        if context.final:
            words = "Something broke inside OMC. The log has the cause; replay the session again to try once more."
            await _tell(context, workspace_id, replay_id, {"state": "failed", "error": words})
        raise
    await _tell(context, workspace_id, replay_id, told)
    return str(told["state"])


async def _tell(context: Context, workspace_id: WorkspaceId, replay_id: UUID, told: Mapping[str, object]) -> None:
    async with context.database.session(workspace_id) as session:
        ended = {**told, "ended_at": context.clock()}
        await session.execute(update(ReplayRow).where(ReplayRow.id == replay_id).values(**ended))


async def replay(context: Context, workspace_id: WorkspaceId, record: Record, change: Change | None = None) -> Replayed:
    """Replay a record and hold the result against it, or, with a change, against the result without it."""
    _check(record, change)
    same = await _made(context, workspace_id, record, None)
    words = _first_difference(record, same)
    made = same if change is None else await _made(context, workspace_id, record, change)
    found = [] if change is None else differences(same.report, made.report)
    cost = record.recomputed_cost
    if change is not None:
        words = f"{len(found)} places of the report differ." if found else "The report says the same."
        words += f" The replay stopped: {made.stopped}" if made.stopped else ""
    return Replayed(
        equal=words is None if change is None else not found and made.stopped is None,
        words=(words or "Equal: the same steps, evidence, report, proposals and cost.")[:MAX_WORDS],
        steps=made.steps,
        report_hash=made.report_hashes[-1] if made.report_hashes else None,
        recorded_hash=record.report_hashes[-1] if record.report_hashes else None,
        proposals=len(made.proposals),
        cost=decimal_text(cost),
        recorded_cost=decimal_text(record.cost),
        differences=found,
    )


def _change(written: Mapping[str, object]) -> Change:
    output = written["output"]
    assert isinstance(output, Mapping)
    return Change(evidence=int(str(written["evidence"])), output=output)


def _check(record: Record, change: Change | None) -> None:
    if not record.entries:
        raise Refusal("nothing_to_replay", 422, "This record holds no transcript, so there is nothing to replay.")
    if any(line.cut > index for index, line in enumerate(record.entries)):
        words = "This session is a fork of one that was changed, and what the change replaced stayed there."
        raise Refusal("changed_before_the_fork", 409, f"{words} Replay the session that it came from.")
    if change is None:
        return
    proof = record.evidence.get(change.evidence)
    if proof is None:
        raise Refusal("evidence_unknown", 404, f"This session has no evidence number {change.evidence}.")
    if proof.tool in MADE_ANEW:
        words = f"Evidence {change.evidence} is made anew of the others. Change what a tool measured instead."
        raise Refusal("made_anew", 422, words)


async def _made(context: Context, workspace_id: WorkspaceId, record: Record, change: Change | None) -> Made:
    """Run through the record once; whatever was written on the way is rolled back."""
    async with context.database.session(workspace_id) as outer:
        play = _Play(
            record=record,
            change=change,
            context=context,
            workspace_id=workspace_id,
            session_id=SessionId(new_id()),
            now=record.entries[0].created_at,
        )
        play.context = replace(context, database=Rehearsal(outer), clock=play.clock)
        play.tools = [_tool(play, tool) for tool in TOOLS]
        try:
            await _open(play)
            await _go(play)
            return await _gathered(outer, play)
        finally:
            await outer.rollback()


async def _open(play: _Play) -> None:
    kept, first = play.record.session, play.record.entries[0]
    async with play.database.session(play.workspace_id) as session:
        row = {name: kept.get(name) for name in ("model", "symbol", "timeframe")} | {
            "workspace_id": play.workspace_id,
            "id": play.session_id,
            "goal": str(first.body["text"]),
            "state": SessionState.QUEUED,
            "as_of": play.record.as_of,
            "opened_by": new_id(),
            "created_at": play.now,
        }
        await session.execute(insert(SessionRow).values(row))
        opened = await service.locked(session, play.session_id)
        await service.add_message(session, opened, str(first.body["text"]), play.now)


async def _go(play: _Play) -> None:
    """Let the loop run; between its turns do what the person did next."""
    before = -1
    while play.off is None and (here := await _length(play)) != before:
        before = here
        await run_turn(
            play.context, play.workspace_id, play.session_id, models=lambda _: _model(play), tools=play.tools
        )
        line = await _next(play)
        if line is not None and line.kind in {EntryKind.PERSON, EntryKind.BRANCH}:
            await _person(play, line)


async def _person(play: _Play, line: Line) -> None:
    play.now = line.created_at
    async with play.database.session(play.workspace_id) as session:
        if line.kind is EntryKind.PERSON:
            await service.say(session, play.session_id, str(line.body["text"]), play.now)
        else:
            await branches.rerun(session, play.session_id, _edit(play.record, line), play.now)


def _edit(record: Record, line: Line) -> NewWords | NewArguments:
    call = line.body.get("call")
    if isinstance(call, Mapping):
        arguments = call["arguments"]
        assert isinstance(arguments, Mapping)
        return NewArguments(step=record.entries[line.cut - 1].step, arguments=arguments)
    said = record.entries[record.entries.index(line) + 1]
    return NewWords(position=line.cut, text=str(said.body["text"]))


def _model(play: _Play) -> Model:
    async def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        del messages, info
        line = await _answered(play)
        (given,) = ModelMessagesTypeAdapter.validate_python([line.body["response"]])
        assert isinstance(given, ModelResponse)
        return given

    return FunctionModel(answer, model_name="record")


async def _answered(play: _Play) -> Line:
    """The recorded answer that comes next; what the person said while it was made is said first."""
    while (line := await _next(play)) is not None and line.kind is EntryKind.PERSON:
        answers = (one for one in play.record.entries[await _length(play) :] if one.kind is EntryKind.MODEL)
        following = next(answers, None)
        if following is None or following.seen > await _length(play):
            raise UserError("the person spoke first")
        await _person(play, line)
    if line is None or line.kind is EntryKind.BRANCH:
        raise UserError("the record ends here")
    if line.kind is not EntryKind.MODEL:
        play.off = f"step {line.step}: the record has a result of {line.body.get('tool')}, the loop asks the model"
        raise UserError(play.off)
    play.now = line.created_at
    return line


def _tool(play: _Play, tool: Tool) -> Tool:
    """The tool as it was: its arguments are checked as ever, its result is the recorded one."""

    @wraps(tool.run)
    async def played(context: ToolContext, **arguments: object) -> Outcome:
        line = await _result(play, tool.name)
        if tool.name in MADE_ANEW:
            return await tool.run(context, **arguments)
        return _outcome(play, line)

    run: Callable[..., Awaitable[Outcome]] = played
    return replace(tool, run=run)


async def _result(play: _Play, name: str) -> Line:
    while (line := await _next(play)) is not None and line.kind is EntryKind.PERSON:
        await _person(play, line)
    if line is None or line.kind is not EntryKind.TOOL or line.body["tool"] != name:
        play.off = (
            f"the loop runs {name}, the record has {'its end' if line is None else line.body.get('tool', line.kind)}"
        )
        raise Refusal("off_the_record", 409, play.off)
    play.now = line.created_at
    if not line.body["ok"] and name not in MADE_ANEW:
        raise _recorded_refusal(line)
    return line


def _recorded_refusal(line: Line) -> Refusal:
    content = line.body["content"]
    assert isinstance(content, Mapping)
    return Refusal(str(content["code"]), 422, str(content["error"]), place=str(content.get("place") or ""))


def _outcome(play: _Play, line: Line) -> Outcome:
    proof = None if line.evidence is None else play.record.evidence[line.evidence]
    output = line.body["content"] if proof is None else proof.output
    if proof is not None and play.change is not None and proof.number == play.change.evidence:
        output = play.change.output
    assert isinstance(output, Mapping)
    series = output.get("series")
    return Outcome(
        title=str(line.body["tool"]) if proof is None else proof.title,
        preview="",
        output={name: value for name, value in output.items() if name != "series"},
        series=dict(series) if isinstance(series, Mapping) else {},
        asks=line.asks,
        reported=line.reported,
    )


async def _next(play: _Play) -> Line | None:
    here = await _length(play)
    return play.record.entries[here] if here < len(play.record.entries) else None


async def _length(play: _Play) -> int:
    count = select(func.count()).where(EntryRow.session_id == play.session_id)
    async with play.database.session(play.workspace_id) as session:
        return (await session.execute(count)).scalar_one()


async def _gathered(session: AsyncSession, play: _Play) -> Made:
    session.expunge_all()
    row = await service.read(session, play.session_id)
    proofs = select(EvidenceRow.hash, EvidenceRow.tool).where(EvidenceRow.session_id == play.session_id)
    kept = (await session.execute(proofs.order_by(EvidenceRow.number))).all()
    written = select(ReportRow).where(ReportRow.session_id == play.session_id).order_by(ReportRow.number)
    reports = (await session.execute(written)).scalars().all()
    entries = select(func.count()).where(EntryRow.session_id == play.session_id)
    return Made(
        entries=(await session.execute(entries)).scalar_one(),
        steps=row.steps,
        hashes=[one.hash for one in kept],
        proposals=[one.hash for one in kept if one.tool == "propose_strategy"],
        report=await rendered(session, row, reports[-1]) if reports else None,
        report_hashes=[one.hash for one in reports],
        stopped=play.off,
    )


def _first_difference(record: Record, made: Made) -> str | None:
    """Say where a replay went another way first; None when nowhere."""
    return next((words for words in _held_against(record, made) if words is not None), None)


def _held_against(record: Record, made: Made) -> Iterator[str | None]:
    recorded = list(record.evidence.values())
    for item, found in zip(recorded, made.hashes, strict=False):
        if item.hash != found:
            yield f"Evidence {item.number} ({item.tool}) has another hash: {found[:12]}… and not {item.hash[:12]}…."
    if made.stopped is not None:
        yield f"The replay left the record: {made.stopped}."
    counts = made.entries, len(made.hashes), len(record.entries), len(recorded)
    if counts[:2] != counts[2:]:
        yield "The replay made {} entries and {} pieces of evidence; the record has {} and {}.".format(*counts)
    yield _other_reports(record, made)
    if list(made.proposals) != record.proposals:
        yield "The proposals are others than the recorded ones."
    if record.recomputed_cost != record.cost:
        booked, again = decimal_text(record.cost), decimal_text(record.recomputed_cost)
        yield f"The recorded calls cost {again} US dollars by their prices, and {booked} was booked."


def _other_reports(record: Record, made: Made) -> str | None:
    """A report that was written before hashes were kept is held against nothing."""
    for number, (was, found) in enumerate(zip(record.report_hashes, made.report_hashes, strict=False), 1):
        if was is not None and was != found:
            return f"Report {number} has another hash: {found} and not {was}."
    return None
