"""Each tool on a real database: what it finds, that it counts, and that numbers carry their units."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from omc.core.canonical import canonical
from omc.core.ids import SessionId, WorkspaceId
from omc.core.market import Span
from omc.engine import exams
from omc.engine import service as engine
from omc.engine.work import run_backtest as run_queued
from omc.kit.clock import utc_now
from omc.kit.errors import Refusal
from omc.kit.ids import new_id
from omc.kit.work import Context
from omc.lab.agent import run_turn
from omc.lab.charts import chart_of
from omc.lab.evidence import pack, unit_of
from omc.lab.policy import POLICY
from omc.lab.report import Chart
from omc.lab.tools import TOOLS
from omc.lab.tools.base import Outcome, Tool, ToolContext, arguments_model, parse_arguments
from omc.ledgers.imports import import_file
from omc.ledgers.rules import Series
from tests.lab.builders import DOCUMENT, Open, call, report_arguments, scripted

BY_NAME = {tool.name: tool for tool in TOOLS}
SPEC = {
    "schema": "omc-model/1",
    "name": "direction",
    "universe": ["BTC/USDT"],
    "timeframe": "1h",
    "features": {"strength": "rsi(close, 14)", "change": "roc(close, 24)"},
    "target": {"kind": "forward_return", "bars": 24},
    "task": "classify",
    "model": {"kind": "logistic"},
}


@pytest.fixture
async def asks(context: Context, workspace: UUID, open_session: Open) -> ToolContext:
    return ToolContext(
        database=context.database,
        clock=utc_now,
        workspace_id=WorkspaceId(workspace),
        session_id=await open_session(),
        model="analyst",
        as_of=utc_now(),
    )


async def used(asks: ToolContext, name: str, **arguments: object) -> Outcome:
    """Call a tool as the loop does: arguments checked, the effect in one transaction, the result packed."""
    tool = BY_NAME[name]
    outcome = await tool.run(asks, **parse_arguments(arguments_model(tool), arguments))
    if outcome.save is not None:
        async with asks.database.session(asks.workspace_id) as session:
            outcome = await outcome.save(session, outcome)
    pack(name, arguments, {**outcome.output, "series": outcome.series})
    assert not list(unnamed(outcome.output)), name
    return outcome


def told(outcome: Outcome) -> Any:
    """What a model reads of it."""
    return json.loads(canonical(outcome.output))


def charted(outcome: Outcome) -> Chart:
    """What a person sees drawn of it."""
    chart = chart_of(json.loads(canonical({**outcome.output, "series": outcome.series})))
    assert chart is not None
    return chart


def unnamed(value: object, name: str = "") -> list[str]:
    """Numbers whose name tells no unit; what somebody chose or a fit found has its own names."""
    if isinstance(value, dict):
        skipped = {"chosen", "fitted", "parameters", "evidence"}
        return [found for key, part in value.items() if key not in skipped for found in unnamed(part, str(key))]
    if isinstance(value, list):
        return [found for part in value for found in unnamed(part, name)]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return [name] if number and unit_of(name) is None else []


async def drafted(asks: ToolContext) -> str:
    return str((await used(asks, "draft_strategy", document=DOCUMENT)).output["version_id"])


async def trials_of(asks: ToolContext, series: Series) -> int:
    async with asks.database.session(asks.workspace_id) as session:
        return await engine.count_trials(session, series.id, None)


@pytest.fixture
async def funding(context: Context, workspace: UUID, market: Series, tmp_path: Path) -> str:
    """A funding rate every eight hours, known when it fell due."""
    assert market.start is not None
    times = [market.start + timedelta(hours=8 * at) for at in range(900)]
    rows = [f"{time:%Y-%m-%dT%H:%M:%SZ},BTCUSDT,test,{at % 7 * 0.0001:.4f}" for at, time in enumerate(times)]
    file = tmp_path / "funding.csv"
    file.write_text("\n".join(["ts,symbol,venue,funding_rate", *rows]))
    async with context.database.session(workspace) as session:
        await import_file(session, file, name="funding.csv", now=utc_now())
    return "funding"


async def test_the_catalogue_tells_bars_and_observations_and_how_fresh_they_are(
    asks: ToolContext, market: Series, funding: str
) -> None:
    bars = await used(asks, "list_markets")
    (row,) = told(bars)["markets"]
    assert row["newest_age_hours"] > 24 * 300
    seen = await used(asks, "list_observations", kind=funding)
    (observed,) = told(seen)["observations"]
    assert (observed["kind"], observed["stored_count"]) == (funding, 900)
    assert told(seen)["kinds"] == {"funding_count": 1}


async def test_indicators_are_measured_against_what_followed_and_against_chance(
    asks: ToolContext, market: Series
) -> None:
    expressions = {"strength": "rsi(close, 14)", "slow": "sma(close, 50)", "same": "sma(close, 50)"}
    found = await used(asks, "measure_features", series_id=str(market.id), expressions=expressions, horizon_bars=24)
    same = next(one for one in told(found)["correlations"] if one["first"] == "slow" and one["second"] == "same")
    assert same["correlation_ratio"] == pytest.approx(1.0)
    assert told(found)["independent_count"] == (365 * 24 - 24) // 24
    with pytest.raises(Refusal, match="read the future"):
        await used(asks, "measure_features", series_id=str(market.id), expressions={"x": "peek(close)"})


async def test_an_event_study_counts_overlap_and_knows_events_only_when_they_were_known(
    asks: ToolContext, market: Series, funding: str
) -> None:
    event = {"condition": "strength < 30", "expressions": {"strength": "rsi(close, 14)"}}
    found = await used(asks, "study_events", series_id=str(market.id), event=event, before_bars=6, after_bars=24)
    out = told(found)
    assert out["events_count"] == out["independent_count"] + out["overlapping_count"]
    assert 0 < out["independent_count"] < out["events_count"]
    assert [row["mean_percent"] for row in out["path"] if row["offset_bars_count"] == 0] == [0.0]
    path = charted(found)
    assert (path.axis, path.at[0], path.at[-1], path.lines[0].values[6]) == ("bars", -6, 24, 0.0)
    (observed,) = told(await used(asks, "list_observations", kind=funding))["observations"]
    now = replace(asks, as_of=utc_now())
    known = await used(now, "study_events", series_id=str(market.id), event={"observed": observed["name"]})
    assert told(known)["events_count"] > 500
    with pytest.raises(Refusal, match="either condition or observed"):
        await used(asks, "study_events", series_id=str(market.id), event={})


async def test_a_chart_keeps_its_points_with_the_evidence(asks: ToolContext, market: Series) -> None:
    drawn = await used(
        asks, "draw_chart", series_id=str(market.id), title="Trend", expressions={"slow": "sma(close, 200)"}
    )
    series = json.loads(canonical(drawn.series))
    assert told(drawn)["points_count"] == len(series["ts"]) == 500
    close, slow = series["lines"]
    assert (close["name"], slow["name"]) == ("close", "slow")
    assert slow["values"][0] is None
    assert np.isfinite(slow["values"][-1])
    chart = charted(drawn)
    assert (chart.axis, chart.at, chart.unit) == ("time", series["ts"], "USDT")
    assert [line.values for line in chart.lines] == [close["values"], slow["values"]]


async def test_a_search_counts_every_combination_and_tells_the_choice_by_training(
    asks: ToolContext, market: Series
) -> None:
    version_id = await drafted(asks)
    series_id = str(market.id)
    with pytest.raises(Refusal, match="window_1"):
        await used(asks, "sweep_parameters", version_id=version_id, series_id=series_id)
    values = {"window_1": [10, 20, 30], "window_2": [50, 100]}
    found = await used(asks, "sweep_parameters", version_id=version_id, series_id=series_id, values=values)
    assert told(found)["trials_count"] == 6
    assert await trials_of(asks, market) == 6
    best, rows = told(found)["best_trained"], told(found)["combinations"]
    assert best == max(rows, key=lambda row: row["train_sharpe_ratio"])
    ranks = charted(found)
    assert (ranks.axis, ranks.at[-1], ranks.lines[0].values[0]) == ("rank", 6, best["train_sharpe_ratio"])
    with pytest.raises(Refusal, match="at most 400"):
        wide = {"window_1": list(range(2, 40)), "window_2": list(range(40, 60))}
        await used(asks, "sweep_parameters", version_id=version_id, series_id=series_id, values=wide)


@pytest.mark.slow
async def test_a_model_is_trained_kept_and_counted(asks: ToolContext, market: Series) -> None:
    found = await used(asks, "train_model", series_id=str(market.id), spec=SPEC, end="2023-07-01")
    assert 0.3 < told(found)["skill"]["skill_ratio"] < 0.7
    assert str(told(found)["known_until"]) <= "2023-07-01T00:00:00Z"
    assert await trials_of(asks, market) == 1
    document = {
        **DOCUMENT,
        "inputs": {"p": {"kind": "model", "model": told(found)["model_hash"]}},
        "entry": "p > 0.5",
        "exit": "p < 0.5",
    }
    used_by = (await used(asks, "draft_strategy", document=document)).output["version_id"]
    tested = await used(
        asks, "run_backtest", version_id=used_by, series_id=str(market.id), start="2023-07-02", end="2024-01-01"
    )
    assert told(tested)["trials_count"] == 1
    with pytest.raises(Refusal) as refused:
        await used(asks, "train_model", series_id=str(market.id), spec={**SPEC, "model": {"kind": "oracle"}})
    assert refused.value.place.startswith("/spec/model")


async def test_the_final_exam_is_sat_once_and_its_figures_come_when_it_has_run(
    asks: ToolContext, context: Context, market: Series
) -> None:
    version_id = await drafted(asks)
    async with asks.database.session(asks.workspace_id) as session:
        sealed = Span(datetime(2023, 10, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC))
        exam = await exams.seal(session, market, sealed, by="person:x", now=utc_now())
    sat = await used(asks, "sit_exam", version_id=version_id, exam_id=str(exam.id))
    with pytest.raises(Refusal, match="counts once"):
        await used(asks, "sit_exam", version_id=version_id, exam_id=str(exam.id))
    backtest_id = str(told(sat)["backtest_id"])
    assert await run_queued(context, workspace_id=str(asks.workspace_id), backtest_id=backtest_id) == "done"
    (listed,) = told(await used(asks, "list_exams"))["exams"]
    (tried,) = listed["tries"]
    assert (tried["state"], tried["repeated"]) == ("done", False)
    assert "total_return_percent" in tried["metrics"]


async def test_books_are_read_as_totals(asks: ToolContext) -> None:
    found = await used(asks, "read_books")
    assert told(found)["by_strategy"] == []
    assert told(found)["figures"]["realized_quote"] == "0"


async def test_earlier_sessions_are_found_by_all_their_words_and_never_the_session_itself(
    asks: ToolContext, open_session: Open
) -> None:
    other = await open_session("Does 100% momentum work on ETH?")
    later = replace(asks, session_id=await open_session("Does momentum work on BTC at 100%?"), as_of=utc_now())
    found = await used(later, "search_sessions", words="momentum 100% ETH")
    assert [row["session_id"] for row in told(found)["sessions"]] == [str(other)]
    for nothing in ("momentum BTC", "1000%", "_"):
        assert (await used(later, "search_sessions", words=nothing)).output["sessions"] == []
    strange = replace(later, workspace_id=WorkspaceId(new_id()), session_id=SessionId(new_id()))
    assert (await used(strange, "search_sessions", words="momentum")).output["sessions"] == []


async def test_an_answer_that_is_newer_than_the_sessions_clock_is_not_found(
    asks: ToolContext, context: Context, open_session: Open
) -> None:
    other = await open_session("Does momentum work on ETH?")
    before = utc_now()
    models = scripted([call("write_report", report_arguments())])
    assert await run_turn(context, asks.workspace_id, other, models=models) == "done"
    for as_of, answer in ((before, None), (utc_now(), "Nothing was found.")):
        later = replace(asks, session_id=SessionId(new_id()), as_of=as_of)
        (row,) = told(await used(later, "search_sessions", words="momentum"))["sessions"]
        assert row.get("answer") == answer


@pytest.mark.parametrize("tool", TOOLS, ids=attrgetter("name"))
def test_every_tool_has_a_prompt_a_closed_form_and_a_row_in_the_policy_that_names_its_arguments(tool: Tool) -> None:
    schema = arguments_model(tool).model_json_schema()
    assert 80 < len(tool.prompt) < 1_400
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == POLICY[tool.name].arguments
