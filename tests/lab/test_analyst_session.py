"""The built-in analyst through the real loop on a real database: a goal becomes a report with evidence."""

import json
import re
from pathlib import Path
from uuid import UUID

import pytest

from omc.core.ids import SessionId, WorkspaceId
from omc.engine import service as engine
from omc.kit import events
from omc.kit.clock import utc_now
from omc.kit.errors import Refusal
from omc.kit.events import Event
from omc.kit.work import Context
from omc.lab import export, service
from omc.lab.agent import run_turn
from omc.lab.models import resolve
from omc.lab.publishing import published
from omc.lab.report import EquityBlock, MetricsBlock, Report
from omc.ledgers.imports import import_file
from omc.ledgers.rules import Series
from tests.lab.builders import Open

TOOLS = ["set_plan", "list_markets", "measure_bars", "draft_strategy", "run_backtest", "walk_forward", "write_report"]


async def turn(context: Context, workspace: UUID, session_id: SessionId) -> str:
    return await run_turn(context, WorkspaceId(workspace), session_id, models=resolve)


async def log_of(context: Context, workspace: UUID, session_id: SessionId) -> list[Event]:
    async with context.database.session(workspace) as session:
        return await events.read(session, service.topic(session_id))


async def report_of(context: Context, workspace: UUID, session_id: SessionId) -> Report:
    async with context.database.session(workspace) as session:
        return await published(session, session_id)


async def last_words(context: Context, workspace: UUID, session_id: SessionId) -> str:
    log = await log_of(context, workspace, session_id)
    return [str(event.data["text"]) for event in log if event.kind == "message"][-1]


def plans(log: list[Event]) -> list[list[dict[str, object]]]:
    return [[*event.data["items"]] for event in log if event.kind == "plan"]  # ty: ignore[not-iterable]


@pytest.fixture
async def finished(context: Context, workspace: UUID, market: Series, open_session: Open) -> SessionId:
    """A session on the synthetic year that has ended."""
    del market
    session_id = await open_session()
    assert await turn(context, workspace, session_id) == "done"
    return session_id


async def test_a_goal_becomes_a_plan_tool_calls_a_report_and_a_proposal(
    context: Context, workspace: UUID, finished: SessionId
) -> None:
    log = await log_of(context, workspace, finished)
    done = [event.data["name"] for event in log if event.kind == "step.finished" and event.data["kind"] == "tool"]
    assert done == [*TOOLS, "propose_strategy"]
    assert all(event.data["ok"] and event.data["cost"] == "0" for event in log if event.kind == "step.finished")
    assert [event.kind for event in log if event.kind in {"report", "proposal"}] == ["report", "proposal"]
    assert log[-1].kind == "session.state"
    assert log[-1].data == {"state": "done"}


async def test_the_plan_is_ticked_line_by_line(context: Context, workspace: UUID, finished: SessionId) -> None:
    shown = plans(await log_of(context, workspace, finished))
    assert [sum(item["done"] is True for item in plan) for plan in shown] == list(range(len(shown)))
    assert all(item["done"] for item in shown[-1])


async def test_every_figure_of_the_report_is_the_one_in_its_evidence(
    context: Context, workspace: UUID, finished: SessionId
) -> None:
    shown = await report_of(context, workspace, finished)
    tables = [block for section in shown.sections for block in section.blocks if isinstance(block, MetricsBlock)]
    figures = [figure for table in tables for row in table.rows for figure in (row.figure, row.benchmark) if figure]
    assert len(figures) > 20
    async with context.database.session(workspace) as session:
        rows = {row.number: row for row in await service.evidence_list(session, finished)}
    for figure in figures:
        name = figure.path.rsplit("/", 1)[-1]
        assert f'"{name}":{figure.value}' in rows[figure.evidence].output, figure
    assert shown.unverified == 0


async def test_the_report_counts_trials_and_tells_data_costs_and_synthetic_markets(
    context: Context, workspace: UUID, finished: SessionId
) -> None:
    shown = await report_of(context, workspace, finished)
    assert shown.trials > 1
    costs = [fact.label for fact in shown.costs]
    assert {"Fee", "Slippage", "Order", "Sizing"} <= set(costs)
    assert len(costs) == len(set(costs))
    assert {"Symbol", "Tested bars", "Data hash"} <= {fact.label for fact in shown.data}
    assert any("synthetic" in text for text in shown.limitations)
    curves = [block for section in shown.sections for block in section.blocks if isinstance(block, EquityBlock)]
    assert all(len(curve.ts) == len(curve.equity) == len(curve.hold) > 100 for curve in curves)
    assert len(curves) == 2


async def test_the_tested_version_is_in_the_engines_registry_unapproved(
    context: Context, workspace: UUID, finished: SessionId
) -> None:
    shown = await report_of(context, workspace, finished)
    assert shown.version_id is not None
    async with context.database.session(workspace) as session:
        (strategy,) = await engine.list_strategies(session)
        backtests = await engine.list_backtests(session, before=None, limit=10)
    assert [version.id for version in strategy.versions] == [shown.version_id]
    assert strategy.versions[0].status == "draft"
    assert [backtest.version_id for backtest in backtests] == [shown.version_id]


async def test_the_same_question_on_the_same_data_gives_the_same_answer(
    context: Context, workspace: UUID, finished: SessionId, open_session: Open
) -> None:
    again = await open_session()
    await turn(context, workspace, again)
    one = await report_of(context, workspace, finished)
    other = await report_of(context, workspace, again)
    assert one.answer == other.answer
    assert timeless(one) == timeless(other)


def timeless(shown: Report) -> list[dict[str, object]]:
    """A report's parts without when their evidence was made."""
    return json.loads(re.sub(r'"as_of": "[^"]+"', '"as_of": ""', json.dumps(shown.model_dump(mode="json")["sections"])))


async def test_the_report_can_be_exported(context: Context, workspace: UUID, finished: SessionId) -> None:
    shown = await report_of(context, workspace, finished)
    page, words = export.html(shown), export.markdown(shown)
    assert page.count("<polyline") == 4
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert "| Total return |" in words
    assert shown.evidence[0].hash in words


async def test_a_follow_up_tests_another_idea_in_the_same_session(
    context: Context, workspace: UUID, finished: SessionId
) -> None:
    async with context.database.session(workspace) as session:
        await service.say(session, finished, "Now try RSI mean reversion.", utc_now())
    assert await turn(context, workspace, finished) == "done"
    assert "RSI mean reversion" in (await report_of(context, workspace, finished)).answer


async def test_thanks_start_no_new_test(context: Context, workspace: UUID, finished: SessionId) -> None:
    async with context.database.session(workspace) as session:
        await service.say(session, finished, "Thank you!", utc_now())
    assert await turn(context, workspace, finished) == "waiting"


@pytest.mark.parametrize(
    ("goal", "wanted"),
    [
        ("What is the meaning of life?", "I can test: moving-average crossover"),
        ("Does momentum work on DOGE?", "I find no DOGE bars. There is: BTC/USDT 1h"),
        ("Does a breakout on daily BTC bars work?", "I find no BTC 1d bars"),
        ("Do RSI dips or a breakout work on BTC?", "one at a time: RSI mean reversion or channel breakout"),
        ("Does momentum work on BTC and ETH?", "several markets: BTC, ETH"),
    ],
)
async def test_what_it_cannot_read_or_find_it_asks_about(
    context: Context, workspace: UUID, market: Series, open_session: Open, goal: str, wanted: str
) -> None:
    session_id = await open_session(goal)
    assert await turn(context, workspace, session_id) == "waiting"
    assert wanted in await last_words(context, workspace, session_id)


async def test_an_answer_to_its_question_lets_it_go_on(
    context: Context, workspace: UUID, market: Series, open_session: Open
) -> None:
    session_id = await open_session("Does it work?")
    assert await turn(context, workspace, session_id) == "waiting"
    async with context.database.session(workspace) as session:
        await service.say(session, session_id, "A breakout on BTC", utc_now())
    assert await turn(context, workspace, session_id) == "done"


async def test_of_two_ideas_the_one_that_the_answer_names_is_tested(
    context: Context, workspace: UUID, market: Series, open_session: Open
) -> None:
    session_id = await open_session("Do RSI dips or a breakout work on BTC?")
    assert await turn(context, workspace, session_id) == "waiting"
    async with context.database.session(workspace) as session:
        await service.say(session, session_id, "The breakout", utc_now())
    assert await turn(context, workspace, session_id) == "done"
    assert "the channel breakout" in (await report_of(context, workspace, session_id)).answer


async def test_a_form_that_says_another_market_than_the_goal_is_asked_about(
    context: Context, workspace: UUID, market: Series, open_session: Open
) -> None:
    session_id = await open_session("Does momentum work on ETH?", symbol="BTC/USDT")
    assert await turn(context, workspace, session_id) == "waiting"
    assert "The form says BTC/USDT and the goal says ETH" in await last_words(context, workspace, session_id)


async def test_without_data_it_says_how_to_get_some(context: Context, workspace: UUID, open_session: Open) -> None:
    session_id = await open_session()
    assert await turn(context, workspace, session_id) == "waiting"
    assert "omc data import" in await last_words(context, workspace, session_id)
    with pytest.raises(Refusal, match="no report yet"):
        await report_of(context, workspace, session_id)


async def test_too_little_history_becomes_a_question(
    context: Context, workspace: UUID, market: Series, open_session: Open
) -> None:
    session_id = await open_session("Does a 900/1900 moving average cross beat holding BTC since 2023?")
    state = await turn(context, workspace, session_id)
    assert state == "done"
    session_id = await open_session("Does a 900/1900 moving average cross beat holding BTC after 2023?")
    assert await turn(context, workspace, session_id) == "waiting"


async def test_the_journey_runs_on_real_candles(
    context: Context, workspace: UUID, open_session: Open, shared_data: Path
) -> None:
    file = shared_data / "bars" / "binance_BTC-USDT_1h_2017-08_2022-12.parquet"
    async with context.database.session(workspace) as session:
        await import_file(session, file, name=file.name, now=utc_now())
    session_id = await open_session("Does a moving-average crossover beat holding BTC on hourly bars in 2021?")
    assert await turn(context, workspace, session_id) == "done"
    shown = await report_of(context, workspace, session_id)
    assert "2021-01-01 to 2022-01-01" in shown.answer
    assert not any("synthetic" in text for text in shown.limitations)
    assert shown.unverified == 0
