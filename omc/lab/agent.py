"""The step loop: a model answers once, its tools run one by one, and each step is written before the next begins.

Nothing is held in memory that the journal does not hold: a turn that dies anywhere goes on from the last written step.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TypeAlias, TypeVar

import structlog
from pydantic_ai.direct import model_request
from pydantic_ai.exceptions import AgentRunError, UserError
from pydantic_ai.messages import ModelResponse, ToolCallPart
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.tools import ToolDefinition
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.canonical import canonical
from omc.core.ids import SessionId, WorkspaceId
from omc.core.reason import Reason
from omc.kit.errors import Refusal
from omc.kit.events import append_many, key
from omc.kit.work import Context
from omc.lab import bills, calls, evidence, journal, policy, roles, rules, transcript
from omc.lab.calls import CALM, Patience
from omc.lab.choosing import role_model
from omc.lab.entries import Entry, entries
from omc.lab.journal import Begun, Card, Finished, Superseded, Turn, Written
from omc.lab.progress import telling
from omc.lab.prompts import instructions
from omc.lab.publishing import keep_partial
from omc.lab.rules import EntryKind, Held, SessionState, Step, StepKind
from omc.lab.service import topic
from omc.lab.tools import TOOLS
from omc.lab.tools.base import Arguments, Outcome, Tool, ToolContext, arguments_model, parse_arguments
from omc.lab.tools.plan import ticked
from omc.vault.spend import BUDGET_REACHED

MODEL_TIMEOUT_S = 180.0
TOOL_TIMEOUT_S = 180.0
WATCH_EVERY_S = 0.5
MAX_CARD_BYTES = 4_000
MAX_PREVIEW_CHARACTERS = 400
MAX_THOUGHT_CHARACTERS = 4_000
PLAN_TOOL = "set_plan"

ModelSource: TypeAlias = Callable[[str], Model]
Result = TypeVar("Result")

log = structlog.get_logger(__name__)


class Stopped(Exception):  # noqa: N818 - an expected end, told to the person in its words
    """The session cannot go on; the text says why and what to do."""


@dataclass(slots=True, kw_only=True)
class _Desk:
    """What one turn works with."""

    context: Context
    turn: Turn
    models: ModelSource
    tools: Mapping[str, Tool]
    patience: Patience
    entries: list[Entry] = field(default_factory=list)

    @property
    def read_to(self) -> int:
        return self.entries[-1].facts.position if self.entries else 0

    @property
    def labels(self) -> policy.Labels:
        return policy.together([self.turn.labels, *(entry.labels for entry in self.entries)])


async def run_turn(
    context: Context,
    workspace_id: WorkspaceId,
    session_id: SessionId,
    *,
    models: ModelSource,
    tools: Sequence[Tool] = TOOLS,
    patience: Patience = CALM,
) -> str:
    """Advance a session until it is done, waits for its person, or fails; returns the state in one word."""
    async with context.database.session(workspace_id) as session:
        turn = await journal.claim(session, session_id)
    if turn is None:
        return "nothing"
    desk = _Desk(
        context=context, turn=turn, models=models, tools={tool.name: tool for tool in tools}, patience=patience
    )
    try:
        return await _work(desk)
    except Superseded:
        return "superseded"
    except Stopped as stopped:
        return await _fail(desk, str(stopped))
    except Refusal as refusal:
        return await _refused_call(desk, refusal)
    except Exception:
        if context.final:
            await _fail(desk, "Something broke inside OMC. The log has the cause; say anything to try again.")
        raise


async def _work(desk: _Desk) -> SessionState:
    async with journal.fenced(desk.context.database, desk.turn) as (session, held):
        await _book_lost(session, desk)
        place = await _advance(session, desk, held)
    while isinstance(place, Begun):
        work = _ask_model(desk, place) if place.step.kind is StepKind.MODEL else _run_tool(desk, place)
        place = await _write(desk, place, await _unless_lost(desk, work))
    return place


async def _advance(
    session: AsyncSession, desk: _Desk, held: Held, written: Written | None = None
) -> Begun | SessionState:
    """Begin the next step, or rest, in the transaction that wrote the last one, if there was one."""
    told = () if written is None else written.told
    if written is not None and written.entry.facts.position == desk.read_to + 1:
        desk.entries.append(written.entry)
    else:  # its person has spoken meanwhile
        desk.entries += await entries(session, desk.turn.session_id, after=desk.read_to)
    facts = [entry.facts for entry in desk.entries]
    now = desk.context.clock()
    step = rules.halted(rules.next_step(facts), held.halting)
    if isinstance(step, SessionState):
        reason = rules.why_halted(step, facts) if step == held.halting else None
        await journal.rest(session, desk.turn, step, now=now, reason=reason, told=told)
        return step
    begun = await journal.begin(session, desk.turn, step, _card(desk, step), now, told=told)
    error = None
    if rules.steps_since_person(facts) >= rules.MAX_STEPS:
        error = f"Stopped after {rules.MAX_STEPS} steps without an end. Say what to do next, or narrow the goal."
    elif begun.attempt > rules.MAX_ATTEMPTS:
        error = (
            f"Step {step.number} was begun {rules.MAX_ATTEMPTS} times and never finished. Say anything to try again."
        )
    if error is not None:
        await journal.rest(session, desk.turn, SessionState.FAILED, now=now, error=error)
        return SessionState.FAILED
    return begun


async def _write(desk: _Desk, begun: Begun, result: Outcome | Finished) -> Begun | SessionState:
    """Write a step's result and begin the next; a refusal by its effect becomes the result instead."""
    try:
        return await _write_once(desk, begun, result)
    except Refusal as refusal:
        return await _write_once(desk, begun, _refused(desk, begun, refusal))


async def _write_once(desk: _Desk, begun: Begun, result: Outcome | Finished) -> Begun | SessionState:
    async with journal.fenced(desk.context.database, desk.turn) as (session, held):
        finished = result if isinstance(result, Finished) else await _packed(session, desk, begun, result)
        if finished.ok:
            finished = await _with_ticks(session, desk.turn, held.plan, begun, finished)
        if finished.settlement is not None:
            cost, paid = bills.settle_answer(session, desk.turn.session_id, finished.settlement, desk.context.clock())
            finished = replace(finished, cost=cost, happenings=[*finished.happenings, *paid])
        written = await journal.finish(session, desk.turn, begun, finished, desk.context.clock())
        return await _advance(session, desk, held, written)


async def _ask_model(desk: _Desk, begun: Begun) -> Finished:
    turn, stage = _answering(desk)
    talk = transcript.messages(desk.entries, instructions(turn, stage))
    tools = [_definition(desk.tools[name]) for name in roles.offered(list(desk.tools), stage)]
    if desk.turn.own_key:
        office = calls.Desk(context=desk.context, turn=turn, begun=begun, patience=desk.patience)
        try:
            paid = await calls.answer(office, talk, tools)
        except calls.GivenUp as given_up:
            raise Stopped(str(given_up)) from None
        return replace(_answered(desk, transcript.tamed(paid.answer)), settlement=paid.settlement)
    asked = ModelRequestParameters(function_tools=tools)
    try:
        async with asyncio.timeout(MODEL_TIMEOUT_S):
            answer = await model_request(desk.models(desk.turn.model), talk, model_request_parameters=asked)
    except TimeoutError:
        raise Stopped(f"The model gave no answer in {MODEL_TIMEOUT_S:.0f} s. Say anything to try again.") from None
    except (AgentRunError, UserError) as error:
        # Only the kind of failure is kept: a provider's own words may hold what was sent to it.
        raise Stopped(f"The model call failed ({type(error).__name__}). Say anything to try again.") from None
    return _answered(desk, transcript.tamed(answer))


def _answering(desk: _Desk) -> tuple[Turn, roles.Stage | None]:
    """Who answers next: the session's model, or that of the role whose stage it is."""
    if not desk.turn.roles:
        return desk.turn, None
    stage = roles.stage_of(entry.body for entry in desk.entries)
    own = role_model(desk.turn.roles, stage.role)
    return (desk.turn if own is None else replace(desk.turn, own=own, model=own.model)), stage


def _answered(desk: _Desk, answer: ModelResponse) -> Finished:
    said, calls = transcript.words(answer), transcript.calls(answer)
    if not said and not calls:
        raise Stopped("The model gave an empty answer. Say anything to try again, or choose another model.")
    names = ", ".join(call.tool_name for call in calls)
    return Finished(
        body=transcript.body(answer),
        ok=True,
        preview=_shortened(said or f"Calls {names}"),
        thought=_shortened(transcript.thoughts(answer), MAX_THOUGHT_CHARACTERS),
        seen=desk.read_to,
        calls=len(calls),
        tokens_in=answer.usage.input_tokens,
        tokens_out=answer.usage.output_tokens,
        happenings=[("message", {"role": "model", "text": said})] if said else [],
        labels=desk.labels,
    )


async def _run_tool(desk: _Desk, begun: Begun) -> Outcome | Finished:
    call = transcript.call_of(desk.entries, begun.step.call)
    tool = desk.tools.get(call.tool_name)
    if tool is None:
        words = f"There is no tool {call.tool_name!r}. There are: {', '.join(desk.tools)}."
        return _refused(desk, begun, Refusal("unknown_tool", 422, words))
    try:
        arguments = parse_arguments(_arguments(tool), call.args_as_dict())
        _hold(_permitted(desk, call))
        async with asyncio.timeout(TOOL_TIMEOUT_S):
            return await tool.run(_tool_context(desk, begun), **arguments)
    except TimeoutError:
        slow = Refusal("too_slow", 504, f"This took more than {TOOL_TIMEOUT_S:.0f} s. Ask for less at once.")
        return _refused(desk, begun, slow)
    except Refusal as refusal:
        return _refused(desk, begun, refusal)


async def _packed(session: AsyncSession, desk: _Desk, begun: Begun, outcome: Outcome) -> Finished:
    """Let the outcome's effect happen in this transaction, then hash what it left."""
    if outcome.save is not None:
        outcome = await outcome.save(session, outcome)
    _hold(policy.fits(begun.name, outcome.output))
    call = transcript.call_of(desk.entries, begun.step.call)
    kept = {**outcome.output, "series": outcome.series} if outcome.series else outcome.output
    try:
        packed = evidence.pack(begun.name, call.args_as_dict(), kept)
    except ValueError as error:
        raise Refusal("result_unusable", 422, f"The result cannot be kept: {error}.") from None
    keeps = desk.tools[begun.name].keeps_evidence
    return Finished(
        body={"tool": begun.name, "call_id": call.tool_call_id, "ok": True, "content": outcome.output},
        ok=True,
        preview=_shortened(outcome.preview),
        asks=outcome.asks,
        reported=outcome.reported,
        proof=journal.Proof(title=outcome.title, packed=packed) if keeps else None,
        happenings=outcome.happenings,
        labels=policy.labels_of(begun.name),
    )


def _permitted(desk: _Desk, call: ToolCallPart) -> Reason | None:
    """What the policy says of a call: the one gate that each of them goes through."""
    made = sum(entry.body.get("tool") == call.tool_name for entry in desk.entries)
    said = [str(entry.body["text"]) for entry in desk.entries if entry.facts.kind is EntryKind.PERSON]
    return policy.permit(call.tool_name, call.args_as_dict(), used=made, labels=desk.labels, said=said)


def _hold(reason: Reason | None) -> None:
    if reason is not None:
        raise Refusal(reason.code, 422, reason.text, place=reason.place)


def _refused(desk: _Desk, begun: Begun, refusal: Refusal) -> Finished:
    call = transcript.call_of(desk.entries, begun.step.call)
    content = {"error": refusal.text, "code": refusal.code, "place": refusal.place}
    return Finished(
        body={"tool": begun.name, "call_id": call.tool_call_id, "ok": False, "content": content},
        ok=False,
        preview=_shortened(refusal.text),
        error=refusal.code,
        labels=policy.labels_of(begun.name),
    )


async def _with_ticks(
    session: AsyncSession, turn: Turn, plan: list[object], begun: Begun, finished: Finished
) -> Finished:
    if begun.name == PLAN_TOOL or (lines := ticked(plan, begun.name)) is None:
        return finished
    await journal.keep_plan(session, turn, lines)
    shown = {"items": [{"text": line["text"], "done": line["done"]} for line in lines]}
    return replace(finished, happenings=[*finished.happenings, ("plan", shown)])


async def _unless_lost(desk: _Desk, work: Coroutine[object, object, Result]) -> Result:
    """Run a step's work; drop it within a second when the session was cancelled or taken over meanwhile."""
    task = asyncio.get_running_loop().create_task(work, name="lab.step")
    try:
        while not (await asyncio.wait({task}, timeout=WATCH_EVERY_S))[0]:
            async with desk.context.database.session(desk.turn.workspace_id) as session:
                if not await journal.held(session, desk.turn):
                    raise Superseded
        return task.result()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task


async def _refused_call(desk: _Desk, refusal: Refusal) -> str:
    """A call that may not be made ends the session: at its cap with a report of what was found, else as failed."""
    if refusal.code != BUDGET_REACHED:
        return await _fail(desk, refusal.text)
    turn, now = desk.turn, desk.context.clock()
    with suppress(Superseded):
        async with journal.fenced(desk.context.database, turn) as (session, _):
            told = await keep_partial(
                session,
                workspace_id=turn.workspace_id,
                session_id=turn.session_id,
                why="A spending cap was reached before the work was done.",
                now=now,
            )
            await append_many(session, topic(turn.session_id), [told])
            await journal.rest(
                session, turn, SessionState.BUDGET_REACHED, now=now, error=refusal.text, cap=refusal.place
            )
    return SessionState.BUDGET_REACHED


async def _fail(desk: _Desk, error: str) -> str:
    log.warning("lab.failed", session_id=str(desk.turn.session_id), error=error)
    with suppress(Superseded):
        async with journal.fenced(desk.context.database, desk.turn) as (session, _):
            await _book_lost(session, desk)
            await journal.rest(session, desk.turn, SessionState.FAILED, now=desk.context.clock(), error=error)
    return SessionState.FAILED


async def _book_lost(session: AsyncSession, desk: _Desk) -> None:
    """Book the calls that died with their worker or their step, whatever the session does next; fence first."""
    if desk.turn.own_key:
        await bills.book_lost(session, desk.turn.session_id, desk.context.clock())


def _card(desk: _Desk, step: Step) -> Card:
    if step.kind is StepKind.MODEL:
        return Card(
            name=_answering(desk)[0].model, title="Decides what to do next", input={"entries": len(desk.entries)}
        )
    call = transcript.call_of(desk.entries, step.call)
    tool = desk.tools.get(call.tool_name)
    arguments = call.args_as_dict()
    written = canonical(arguments)
    shown = (
        arguments if len(written) <= MAX_CARD_BYTES else {"shortened": written[:MAX_CARD_BYTES].decode(errors="ignore")}
    )
    return Card(name=call.tool_name, title=tool.title if tool else "Calls a tool that does not exist", input=shown)


def _tool_context(desk: _Desk, begun: Begun) -> ToolContext:
    turn = desk.turn
    return ToolContext(
        database=desk.context.database,
        clock=desk.context.clock,
        workspace_id=turn.workspace_id,
        session_id=turn.session_id,
        model=turn.model,
        as_of=turn.as_of,
        symbol=turn.symbol,
        timeframe=turn.timeframe,
        others=turn.others,
        tell=telling(desk.context.bus, key(turn.workspace_id, topic(turn.session_id)), begun.step.number),
    )


@cache
def _arguments(tool: Tool) -> type[Arguments]:
    return arguments_model(tool)


@cache
def _definition(tool: Tool) -> ToolDefinition:
    return ToolDefinition(
        name=tool.name, description=tool.prompt, parameters_json_schema=_arguments(tool).model_json_schema()
    )


def _shortened(text: str, most: int = MAX_PREVIEW_CHARACTERS) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
