"""Scripted models that do their worst; each test looks at the effect, never at the wording of the model."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from pydantic_ai.messages import ModelMessage, TextPart, ThinkingPart, ToolCallPart
from pydantic_ai.models import Model

from omc.core.ids import SessionId, WorkspaceId
from omc.engine import service as engine
from omc.kit import events
from omc.kit.clock import utc_now
from omc.kit.events import Event
from omc.kit.work import Context
from omc.lab import export, rules, service
from omc.lab.agent import run_turn
from omc.lab.publishing import published
from omc.lab.report import MetricsBlock, Report
from omc.ledgers.rules import Series
from tests.lab.builders import DOCUMENT, Answer, Open, call, last_results, playing, report_arguments, say, scripted


async def play(context: Context, workspace: UUID, session_id: SessionId, models: Callable[[str], Model]) -> str:
    return await run_turn(context, WorkspaceId(workspace), session_id, models=models)


async def tool_steps(context: Context, workspace: UUID, session_id: SessionId) -> list[Event]:
    async with context.database.session(workspace) as session:
        log = await events.read(session, service.topic(session_id))
    return [event for event in log if event.kind == "step.finished" and event.data["kind"] == "tool"]


async def report_of(context: Context, workspace: UUID, session_id: SessionId) -> Report:
    async with context.database.session(workspace) as session:
        return await published(session, session_id)


async def test_a_number_typed_into_prose_is_marked_and_counted(
    context: Context, workspace: UUID, open_session: Open
) -> None:
    session_id = await open_session()
    written = report_arguments(
        answer="The Sharpe ratio is 3.7 and it doubled the money.",
        sections=[{"title": "Up 400%", "blocks": [{"kind": "text", "text": "It won ninety percent of the time."}]}],
        limitations=["A drawdown of \uff19\uff19 % is possible."],
    )
    assert await play(context, workspace, session_id, scripted([call("write_report", written)])) == "done"
    shown = await report_of(context, workspace, session_id)
    assert shown.unverified == 5
    assert shown.answer == "The Sharpe ratio is 3.7 [unverified] and it doubled [unverified] the money."
    assert shown.sections[0].title == "Up 400% [unverified]"
    assert "5 numbers are unverified" in export.html(shown)
    (event,) = [
        event for event in await tool_steps(context, workspace, session_id) if event.data["name"] == "write_report"
    ]
    assert event.data["ok"]


@pytest.mark.parametrize(
    "reference",
    ["{{99:/metrics/sharpe_ratio}}", "{{1:/nowhere/sharpe_ratio}}", "{{1:/markets}}", "{{1:/series_count/0}}"],
)
async def test_a_reference_that_leads_to_no_figure_is_refused(
    context: Context, workspace: UUID, market: Series, open_session: Open, reference: str
) -> None:
    session_id = await open_session()
    written = report_arguments(answer=f"The answer is {reference}.")
    await play(context, workspace, session_id, scripted([call("list_markets")], [call("write_report", written)]))
    *_, refused = await tool_steps(context, workspace, session_id)
    assert refused.data["error"] == "report_refused"
    async with context.database.session(workspace) as session:
        assert await service.newest_report(session, session_id) is None


async def test_evidence_of_another_session_cannot_be_referred_to(
    context: Context, workspace: UUID, market: Series, open_session: Open
) -> None:
    rich, poor = await open_session(), await open_session()
    await play(context, workspace, rich, scripted([call("list_markets"), call("list_markets")]))
    stolen = report_arguments(answer="There are {{2:/series_count}} series.")
    await play(context, workspace, poor, scripted([call("list_markets")], [call("write_report", stolen)]))
    *_, refused = await tool_steps(context, workspace, poor)
    assert refused.data["error"] == "report_refused"


async def test_a_figure_that_the_model_chose_itself_is_shown_as_chosen(
    context: Context, workspace: UUID, open_session: Open
) -> None:
    chosen = DOCUMENT | {"parameters": {"sharpe_ratio": 9.9}}
    written = report_arguments(
        sections=[
            {
                "title": "Figures",
                "blocks": [
                    {"kind": "metrics", "rows": [{"label": "Sharpe", "figure": "1:/chosen/parameters/sharpe_ratio"}]}
                ],
            }
        ]
    )
    session_id = await open_session()
    script = scripted([call("draft_strategy", document=chosen)], [call("write_report", written)])
    assert await play(context, workspace, session_id, script) == "done"
    (block,) = (await report_of(context, workspace, session_id)).sections[0].blocks
    assert isinstance(block, MetricsBlock)
    assert block.rows[0].figure.display == "9.90 (as chosen)"
    assert block.rows[0].figure.assumed


async def test_a_label_that_names_another_figure_is_followed_by_the_true_name(
    context: Context, workspace: UUID, market: Series, open_session: Open
) -> None:
    rows = [{"label": "Sharpe ratio", "figure": "1:/figures/rising_bars_share_percent"}]
    written = report_arguments(sections=[{"title": "Figures", "blocks": [{"kind": "metrics", "rows": rows}]}])
    session_id = await open_session()
    script = scripted([call("measure_bars", series_id=str(market.id))], [call("write_report", written)])
    assert await play(context, workspace, session_id, script) == "done"
    (block,) = (await report_of(context, workspace, session_id)).sections[0].blocks
    assert isinstance(block, MetricsBlock)
    assert block.rows[0].label == "Sharpe ratio (Rising bars share)"


@pytest.mark.parametrize(
    ("tool", "arguments", "error"),
    [
        ("place_order", {"side": "buy"}, "unknown_tool"),
        ("", {}, "unknown_tool"),
        ("list_markets", {"workspace_id": str(uuid4())}, "bad_arguments"),
        ("measure_bars", {}, "bad_arguments"),
        ("measure_bars", {"series_id": "1; DROP TABLE lab_session"}, "not_an_id"),
        ("measure_bars", {"series_id": str(uuid4())}, "series_unknown"),
        ("measure_bars", "{not json", "bad_arguments"),
        ("measure_bars", "[1, 2]", "bad_arguments"),
        ("measure_bars", '{"series_id": ' + "[" * 5_000 + "]" * 5_000 + "}", "bad_arguments"),
        ("measure_bars", '{"series_id": "\\u0000\\ud800"}', "not_an_id"),
        ("measure_bars", '{"series_id": 1e999}', "bad_arguments"),
        ("measure_bars", '{"series_id": NaN}', "bad_arguments"),
        ("measure_bars", '{"series_id": "' + "x" * 100_000 + '"}', "bad_arguments"),
        ("run_backtest", {"version_id": str(uuid4()), "series_id": str(uuid4())}, "series_unknown"),
        ("draft_strategy", {"document": {}}, "document_refused"),
        ("draft_strategy", {"document": DOCUMENT | {"entry": "__import__('os')"}}, "document_refused"),
        ("draft_strategy", {"document": DOCUMENT | {"entry": "lead(close, 1) > close"}}, "document_refused"),
        ("propose_strategy", {"backtest_evidence": 1, "why": "trust me", "recommended": True}, "not_a_backtest"),
        ("write_report", {"answer": "x" * 5_000}, "bad_arguments"),
    ],
)
async def test_a_bad_call_gets_a_sentence_and_the_session_goes_on(
    context: Context, workspace: UUID, open_session: Open, tool: str, arguments: dict[str, object] | str, error: str
) -> None:
    session_id = await open_session()
    assert await play(context, workspace, session_id, scripted([call(tool, arguments)])) == "waiting"
    (step,) = await tool_steps(context, workspace, session_id)
    assert (step.data["ok"], step.data["error"]) == (False, error)
    assert "evidence" not in step.data
    async with context.database.session(workspace) as session:
        assert not await engine.list_strategies(session)


async def test_a_model_that_loops_is_stopped_at_the_step_limit(
    context: Context, workspace: UUID, open_session: Open
) -> None:
    session_id = await open_session()
    assert await play(context, workspace, session_id, playing(lambda _: [call("list_markets")])) == "failed"
    async with context.database.session(workspace) as session:
        row = await service.read(session, session_id)
    assert row.steps == rules.MAX_STEPS
    assert "60 steps" in (row.error or "")


async def test_a_flood_of_calls_in_one_answer_is_cut(context: Context, workspace: UUID, open_session: Open) -> None:
    session_id = await open_session()
    await play(context, workspace, session_id, scripted([call("list_markets") for _ in range(500)]))
    assert len(await tool_steps(context, workspace, session_id)) == rules.MAX_CALLS


async def test_an_empty_answer_ends_the_session_in_words(context: Context, workspace: UUID, open_session: Open) -> None:
    session_id = await open_session()
    assert await play(context, workspace, session_id, scripted([])) == "failed"
    async with context.database.session(workspace) as session:
        assert "empty answer" in ((await service.read(session, session_id)).error or "")


async def test_a_failed_session_goes_on_when_its_person_speaks(
    context: Context, workspace: UUID, open_session: Open
) -> None:
    session_id = await open_session()
    assert await play(context, workspace, session_id, scripted([])) == "failed"
    async with context.database.session(workspace) as session:
        await service.say(session, session_id, "Try again", utc_now())
    assert await play(context, workspace, session_id, scripted([say("Hello.")])) == "waiting"


async def test_text_that_no_database_holds_is_stored_clean(
    context: Context, workspace: UUID, open_session: Open
) -> None:
    session_id = await open_session()
    parts: list[ToolCallPart | TextPart] = [say("a\0b\ud800c")]
    script = scripted([*parts, call("ask_person", question="what\0?"), call("set_plan", items=[{"text": "\0"}])])
    assert await play(context, workspace, session_id, script) == "waiting"
    async with context.database.session(workspace) as session:
        log = await events.read(session, service.topic(session_id))
    assert "a\ufffdb\ufffdc" in [event.data.get("text") for event in log]


async def test_markup_in_a_report_stays_words(context: Context, workspace: UUID, open_session: Open) -> None:
    attack = '<script>alert()</script> ![x](http://evil.test/a.png) [y](javascript:alert()) | </td> "q" <img src=x>'
    written = report_arguments(
        answer=attack, sections=[{"title": attack, "blocks": [{"kind": "text", "text": attack}]}], limitations=[attack]
    )
    session_id = await open_session(f"{attack} momentum?")
    assert await play(context, workspace, session_id, scripted([call("write_report", written)])) == "done"
    shown = await report_of(context, workspace, session_id)
    page, words = export.html(shown), export.markdown(shown)
    assert "<script" not in page
    assert "<img" not in page
    assert "![" not in words
    assert "](" not in words
    assert "<" not in words.replace("\\<", "")


async def test_a_model_sees_what_went_wrong_and_can_mend_it(
    context: Context, workspace: UUID, open_session: Open
) -> None:
    seen: list[object] = []

    def mend(messages: list[ModelMessage]) -> Answer:
        results = last_results(messages)
        seen.extend(result.content for result in results)
        if not results:
            return [call("draft_strategy", document=DOCUMENT | {"entry": "nonsense(close)"})]
        return [call("draft_strategy", document=DOCUMENT)] if results[0].outcome == "failed" else [say("mended")]

    session_id = await open_session()
    await play(context, workspace, session_id, playing(mend))
    first, second = seen
    assert "/entry" in str(first)
    assert isinstance(second, dict)
    assert second["evidence"] == 1


async def test_thoughts_are_kept_from_the_report_and_harm_nothing(
    context: Context, workspace: UUID, open_session: Open
) -> None:
    session_id = await open_session()

    def think(_: list[ModelMessage]) -> Answer:
        return [ThinkingPart(content="\0"), say("ok")]

    assert await play(context, workspace, session_id, playing(think)) == "waiting"
