"""Edit and rerun: what came later is stale, is read by no model and backs no report; the session goes on from there."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest
from pydantic_ai.messages import ModelMessage, ModelResponse, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from omc.core.ids import SessionId, WorkspaceId
from omc.kit import events
from omc.kit.clock import utc_now
from omc.kit.errors import Refusal
from omc.kit.work import Context
from omc.lab import branches, saying, service
from omc.lab.agent import run_turn
from omc.lab.branches import NewArguments, NewWords
from omc.lab.models import resolve
from omc.lab.publishing import published
from omc.lab.rules import EntryFacts, EntryKind, SessionState, Step, StepKind, living, next_step
from omc.ledgers.rules import Series
from tests.lab.builders import GOAL, Answer, Open, call, last_results, playing, report_arguments, say, scripted

PATIENCE_S = 120


async def rerun(context: Context, workspace: UUID, session_id: SessionId, edit: NewWords | NewArguments) -> None:
    async with context.database.session(workspace) as session:
        await branches.rerun(session, session_id, edit, utc_now())


async def lines_of(context: Context, workspace: UUID, session_id: SessionId) -> list[saying.Line]:
    async with context.database.session(workspace) as session:
        return await saying.transcript(session, session_id, after=0, limit=200)


async def test_another_goal_makes_all_that_followed_stale_and_is_answered_anew(
    context: Context, workspace: UUID, market: Series, open_session: Open
) -> None:
    session_id = await open_session()
    assert await run_turn(context, WorkspaceId(workspace), session_id, models=resolve) == "done"
    before = await lines_of(context, workspace, session_id)
    async with context.database.session(workspace) as session:
        first = await published(session, session_id)
    await rerun(context, workspace, session_id, NewWords(position=1, text="Does momentum pay on BTC, hourly?"))
    assert await run_turn(context, WorkspaceId(workspace), session_id, models=resolve) == "done"

    after = await lines_of(context, workspace, session_id)
    assert [(line.position, line.text) for line in after[: len(before)]] == [
        (line.position, line.text) for line in before
    ]
    assert all(line.stale for line in after[: len(before)])
    assert not any(line.stale for line in after[len(before) :])
    steps = [line.step for line in after if line.step]
    assert steps == list(range(1, len(steps) + 1))
    async with context.database.session(workspace) as session:
        second = await published(session, session_id)
        assert (await service.read(session, session_id)).goal == second.question == "Does momentum pay on BTC, hourly?"
        gone = await branches.stale_steps(session, session_id)
        stale = {row.number for row in await service.evidence_list(session, session_id) if row.step in gone}
        log = await events.read(session, service.topic(session_id))
    assert stale
    assert not stale & {line.number for line in second.evidence}
    assert second.trials > first.trials, "what was tried before still counts"
    told = next(event.data for event in log if event.kind == "session.rerun")
    assert (told["from_step"], told["to_step"]) == (1, max(gone))


async def test_other_arguments_run_the_tool_again_and_the_model_reads_its_new_result(
    context: Context, workspace: UUID, open_session: Open
) -> None:
    session_id = await open_session()
    heard: list[Sequence[ToolReturnPart]] = []

    def play(messages: list[ModelMessage]) -> Answer:
        if not any(isinstance(message, ModelResponse) for message in messages):
            return [call("list_markets"), call("draft_strategy", document={"name": "wrong"})]
        heard.append(last_results(messages))
        return [say("done")]

    models = playing(play)
    await run_turn(context, WorkspaceId(workspace), session_id, models=models)
    assert [part.outcome for part in heard[0]] == ["success", "failed"]
    from_now = {"document": {"name": "another"}}
    await rerun(context, workspace, session_id, NewArguments(step=3, arguments=from_now))
    await run_turn(context, WorkspaceId(workspace), session_id, models=models)
    assert [part.tool_call_id for part in heard[1]] == [part.tool_call_id for part in heard[0]]
    assert len(heard) == 2
    lines = await lines_of(context, workspace, session_id)
    assert [(line.step, line.kind) for line in lines if line.stale] == [(3, "tool"), (4, "model")]
    assert [(line.step, line.kind) for line in lines if not line.stale and line.step] == [
        (1, "model"),
        (2, "tool"),
        (5, "tool"),
        (6, "model"),
    ]
    async with context.database.session(workspace) as session:
        log = await events.read(session, service.topic(session_id))
    started = {event.data["step"]: event.data["input"] for event in log if event.kind == "step.started"}
    assert started[5] == from_now


async def test_a_report_may_not_refer_to_stale_evidence(
    context: Context, workspace: UUID, market: Series, open_session: Open
) -> None:
    session_id = await open_session()
    models = scripted([call("list_markets")], [call("measure_bars", series_id=str(market.id))])
    await run_turn(context, WorkspaceId(workspace), session_id, models=models)
    await rerun(context, workspace, session_id, NewArguments(step=4, arguments={"series_id": str(market.id)}))
    written = report_arguments(answer="It made {{2:/metrics/hold_total_return_percent}}.")
    said: list[str] = []

    def play(messages: list[ModelMessage]) -> Answer:
        results = last_results(messages)
        if results and results[0].tool_name == "write_report":
            said.append(str(results[0].content))
            return [say("done")]
        return [call("write_report", written)]

    await run_turn(context, WorkspaceId(workspace), session_id, models=playing(play))
    assert "evidence 2 is stale" in said[0]


async def test_a_rerun_in_mid_call_ends_the_call_and_whoever_dies_loses_nothing(
    context: Context, workspace: UUID, open_session: Open
) -> None:
    session_id = await open_session()
    started = asyncio.Event()

    async def slow(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        started.set()
        await asyncio.sleep(PATIENCE_S)
        raise AssertionError

    turn = asyncio.ensure_future(
        run_turn(context, WorkspaceId(workspace), session_id, models=lambda _: FunctionModel(slow))
    )
    await started.wait()
    await rerun(context, workspace, session_id, NewWords(position=1, text="And now?"))
    assert await asyncio.wait_for(turn, PATIENCE_S) == "superseded"
    assert await run_turn(context, WorkspaceId(workspace), session_id, models=scripted([say("Which?")])) == "waiting"
    lines = await lines_of(context, workspace, session_id)
    assert [(line.kind, line.stale) for line in lines] == [
        ("person", True),
        ("branch", False),
        ("person", False),
        ("model", False),
    ]


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (NewWords(position=7, text="What?"), "entry_unknown"),
        (NewWords(position=2, text="What?"), "entry_unknown"),
        (NewWords(position=1, text=" "), "goal_empty"),
        (NewWords(position=1, text="Again?"), "entry_stale"),
        (NewArguments(step=1, arguments={}), "entry_unknown"),
        (NewArguments(step=1, arguments={"a": "x" * 70_000}), "bad_arguments"),
        (NewArguments(step=1, arguments={"a": "sk-ant-api03-" + "x" * 40}), "key_in_the_open"),
    ],
)
async def test_what_cannot_be_changed_is_said_and_changes_nothing(
    context: Context, workspace: UUID, open_session: Open, edit: NewWords | NewArguments, code: str
) -> None:
    session_id = await open_session(GOAL)
    await run_turn(context, WorkspaceId(workspace), session_id, models=scripted([say("Hm")]))
    await rerun(context, workspace, session_id, NewWords(position=1, text="Another question"))
    before = await lines_of(context, workspace, session_id)
    with pytest.raises(Refusal) as refused:
        await rerun(context, workspace, session_id, edit)
    assert refused.value.code == code
    assert await lines_of(context, workspace, session_id) == before
    async with context.database.session(workspace) as session:
        assert (await service.read(session, session_id)).state == SessionState.QUEUED


def test_a_branch_within_an_answers_calls_goes_on_with_the_next_number() -> None:
    entries = [
        EntryFacts(position=1, kind=EntryKind.PERSON),
        EntryFacts(position=2, kind=EntryKind.MODEL, step=1, seen=1, calls=2),
        EntryFacts(position=3, kind=EntryKind.TOOL, step=2),
        EntryFacts(position=4, kind=EntryKind.PERSON),
        EntryFacts(position=5, kind=EntryKind.TOOL, step=3),
        EntryFacts(position=6, kind=EntryKind.MODEL, step=4, seen=5),
        EntryFacts(position=7, kind=EntryKind.BRANCH, cut=4),
        EntryFacts(position=8, kind=EntryKind.PERSON),
    ]
    kept = living(entries)
    assert [entry.position for entry in kept] == [1, 2, 3, 7, 8]
    assert next_step(kept) == Step(number=5, kind=StepKind.TOOL, call=1)
    again = [*entries, EntryFacts(position=9, kind=EntryKind.BRANCH, cut=1)]
    assert next_step(living(again)) == Step(number=5, kind=StepKind.MODEL)
