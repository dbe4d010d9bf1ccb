"""A run of several symbols on one account: chosen, counted, run, kept and read, on a real PostgreSQL and over HTTP."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from uuid import UUID

import httpx
import pytest

from omc.core.ids import BacktestId
from omc.core.market import Span
from omc.engine import BarColumns, StrategyDocument, exams, service, simulate_together, trials, universe
from omc.engine.records import Backtest, Request, State
from omc.engine.work import JOBS, run_backtest
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.kit.work import Context, work
from omc.ledgers.rules import Series
from tests.engine.builders import START_MS, a_document, a_raw_document, a_walk
from tests.engine.series import several

NOW = datetime(2024, 6, 1, tzinfo=UTC)
FIRST = datetime.fromtimestamp(START_MS / 1_000, UTC)
BARS: Mapping[str, BarColumns] = {
    "BTC/USDT": a_walk(400, seed=1),
    "ETH/USDT": a_walk(400, seed=2).slice(50, 400),
    "SOL/USDT": a_walk(400, seed=3).slice(0, 250),
}
SHARED: Mapping[str, object] = {"universe": list(BARS), "sizing": {"kind": "fraction", "fraction": "0.4"}}
ENGINE = "/api/v1/engine"


def the_document(**changes: object) -> StrategyDocument:
    return a_document(**SHARED, **changes)


def asked(series: list[Series], span: Span | None = None, **changes: object) -> Request:
    first, *others = series
    document = the_document(**changes)
    return Request(document=document, series=first, span=span, version_id=None, by="test", others=others)


def hours(first: int, last: int) -> Span:
    return Span(FIRST + timedelta(hours=first), FIRST + timedelta(hours=last))


@pytest.fixture
async def series(database: Database, workspace: UUID, tmp_path: Path) -> list[Series]:
    return await several(database, workspace, tmp_path, BARS)


async def run(context: Context, workspace: UUID, request: Request) -> Backtest:
    async with context.database.session(workspace) as session:
        backtest_id = await service.request_backtest(session, request, now=NOW)
    await work(context, JOBS, until_empty=True)
    async with context.database.session(workspace) as session:
        return await service.get_backtest(session, backtest_id)


async def test_the_job_finds_what_the_account_finds_and_again_the_same(
    context: Context, workspace: UUID, series: list[Series]
) -> None:
    alone = simulate_together(the_document(), BARS)
    done, again = [await run(context, workspace, asked(series)) for _ in range(2)]
    assert (done.state, done.error) == (State.DONE, None)
    assert done.result is not None
    assert again.result is not None
    assert done.result["result_hash"] == again.result["result_hash"] == alone.result_hash
    manifest = cast("dict[str, object]", done.result["manifest"])
    assert manifest["data"] == {symbol: one.data_hash for symbol, one in BARS.items()}
    assert done.others == [one.id for one in series[1:]]


async def test_the_rows_of_the_symbols_add_up_to_the_account(
    context: Context, workspace: UUID, series: list[Series]
) -> None:
    found = (await run(context, workspace, asked(series))).result
    assert found is not None
    rows, closed = (cast("list[dict[str, float]]", found[name]) for name in ("symbols", "closed"))
    gained = cast("dict[str, list[float]]", found["equity"])["equity"][-1] - 10_000
    assert [str(row["symbol"]) for row in rows] == list(BARS)
    assert sum(row["gain"] for row in rows) == pytest.approx(gained)
    assert sum(row["share"] for row in rows) == pytest.approx(1)
    assert sum(row["closed_count"] for row in rows) == found["closed_count"] == len(closed)
    assert {str(one["symbol"]) for one in closed} == set(BARS)
    assert [one["closed"] for one in closed] == sorted(one["closed"] for one in closed)


async def test_it_counts_as_one_trial_on_the_data_of_each_symbol(
    context: Context, workspace: UUID, series: list[Series], tmp_path: Path
) -> None:
    (strange,) = await several(context.database, workspace, tmp_path, {"XRP/USDT": a_walk(20)}, venue="kraken")
    await run(context, workspace, asked(series[:2], hours(100, 300)))
    async with context.database.session(workspace) as session:
        counts = [await service.count_trials(session, one.id, None) for one in (*series, strange)]
        lines = [(await trials.line(session, one.id, hours(0, 90))).trials for one in series]
    assert counts == [1, 1, 0, 0]
    assert lines == [0, 0, 0], "what lies before the span was not looked at"


async def test_a_run_that_is_refused_is_counted_too(context: Context, workspace: UUID, series: list[Series]) -> None:
    failed = await run(context, workspace, asked(series, hours(300, 400)))
    async with context.database.session(workspace) as session:
        line = await trials.line(session, series[1].id, None)
    assert failed.error is not None
    assert (failed.error.code, failed.error.place) == ("no_bars", "/universe/2")
    assert "SOL/USDT has no bars in this span, it has them from 2024-01-01 to 2024-01-11" in failed.error.text
    assert (line.trials, line.failed) == (1, 1)


async def test_a_span_is_met_by_each_symbol_from_its_own_listing_on(
    context: Context, workspace: UUID, series: list[Series]
) -> None:
    async with context.database.session(workspace) as session:
        found = await universe.gather(session, the_document(), series[:2], hours(30, 300))
    ran = await universe.tested(the_document(), found)
    assert found.starts["BTC/USDT"] > 0, "bars before the span warm up"
    assert found.starts["ETH/USDT"] == 0, "there are none before it was listed"
    assert ran.ts[0] == START_MS + 30 * 3_600_000
    assert ran.ts[-1] == START_MS + 299 * 3_600_000


async def test_the_account_ends_where_the_first_of_its_markets_is_sealed(
    context: Context, workspace: UUID, series: list[Series]
) -> None:
    async with context.database.session(workspace) as session:
        await exams.seal(session, series[1], hours(200, 380), by="ada", now=NOW)
    done = await run(context, workspace, asked(series))
    assert done.result is not None
    assert cast("dict[str, list[int]]", done.result["equity"])["ts"][-1] == START_MS + 199 * 3_600_000
    assert "sealed for an exam" in cast("dict[str, str]", done.result["assumptions"])["sealed"]
    with pytest.raises(Refusal) as refused:
        await run(context, workspace, asked(series, hours(0, 300)))
    assert refused.value.code == "sealed"


async def test_the_venue_that_has_all_is_chosen_unless_one_is_named(
    database: Database, workspace: UUID, tmp_path: Path, series: list[Series]
) -> None:
    longer = {"BTC/USDT": a_walk(900)}
    other = await several(database, workspace, tmp_path, longer, venue="kraken")
    both = ["eth-usdt", "BTC/USDT"]
    async with database.session(workspace) as session:
        chosen = await universe.choose(session, the_document(), both)
        alone = await universe.choose(session, the_document(), ["BTC/USDT"])
        with pytest.raises(Refusal) as refused:
            await universe.choose(session, the_document(), both, venue="kraken")
    assert chosen == series[:2]
    assert alone == other, "more candles"
    assert (refused.value.code, refused.value.place) == ("series_unknown", "/universe/1")
    assert "no candles of ETH/USDT at 1h. Import them" in refused.value.text


async def test_symbols_that_no_venue_has_together_are_refused_with_what_each_lacks(
    database: Database, workspace: UUID, tmp_path: Path
) -> None:
    await several(database, workspace, tmp_path, {"BTC/USDT": BARS["BTC/USDT"]}, venue="kraken")
    await several(database, workspace, tmp_path, {"ETH/USDT": BARS["ETH/USDT"]}, venue="binance")
    async with database.session(workspace) as session:
        with pytest.raises(Refusal, match="binance lacks BTC/USDT; kraken lacks ETH/USDT") as refused:
            await universe.choose(session, the_document(), ["BTC/USDT", "ETH/USDT"])
    assert refused.value.code == "no_common_venue"


async def test_a_symbol_with_one_bar_is_refused_by_its_name(context: Context, workspace: UUID, tmp_path: Path) -> None:
    one = await several(context.database, workspace, tmp_path, {**BARS, "SOL/USDT": a_walk(1)})
    failed = await run(context, workspace, asked(one))
    assert failed.error is not None
    assert failed.error.code == "not_enough_history"
    assert failed.error.text.startswith("SOL/USDT: ")


async def test_two_series_of_one_symbol_are_refused(
    database: Database, workspace: UUID, tmp_path: Path, series: list[Series]
) -> None:
    twice = await several(database, workspace, tmp_path, {"BTC/USDT": a_walk(90)}, venue="kraken")
    async with database.session(workspace) as session:
        with pytest.raises(Refusal) as refused:
            await service.request_backtest(session, asked([series[0], *twice]), now=NOW)
    assert refused.value.code == "symbol_twice"


async def test_over_http_several_series_share_an_account(
    client: httpx.AsyncClient, context: Context, database: Database, tmp_path: Path
) -> None:
    me = (await client.get("/api/v1/identity/me")).json()
    series = await several(database, UUID(me["workspace"]["id"]), tmp_path, BARS)
    ids = [str(one.id) for one in series]
    body = {"document": a_raw_document(**SHARED), "series_ids": [ids[2], ids[0], ids[1]], "start": "2024-01-03T00:00Z"}
    asked_ = await client.post(f"{ENGINE}/backtests", json=body)
    assert asked_.status_code == 202, asked_.text
    await work(context, JOBS, until_empty=True)
    found = (await client.get(f"{ENGINE}/backtests/{asked_.json()['id']}")).json()
    assert (found["state"], found["error"]) == ("done", None)
    assert [one["symbol"] for one in found["every"]] == list(BARS), "in the order of the universe"
    assert [found["series_id"], *found["others"]] == ids
    assert [row["symbol"] for row in found["symbols"]] == list(BARS)
    assert set(found["manifest"]["data"]) == set(BARS)
    assert {one["symbol"] for one in found["closed"]} == set(BARS)
    (listed,) = (await client.get(f"{ENGINE}/backtests")).json()["items"]
    assert listed["others"] == ids[1:]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({}, 422, "one_of_two"),
        ({"series_id": "{0}", "series_ids": ["{1}"]}, 422, "one_of_two"),
        ({"series_ids": []}, 422, "invalid_input"),
        ({"series_ids": ["{0}"] * 51}, 422, "invalid_input"),
        ({"series_ids": ["{0}", "{0}"]}, 422, "symbol_twice"),
        ({"series_ids": ["{0}", "00000000-0000-0000-0000-000000000000"]}, 404, "series_unknown"),
        ({"series_ids": ["{0}", "{1}"], "end": "2023-01-01T00:00Z"}, 422, "bad_span"),
    ],
    ids=["neither", "both", "none", "51", "twice", "unknown", "before all data"],
)
async def test_a_request_for_several_that_cannot_be_is_refused(
    client: httpx.AsyncClient,
    database: Database,
    tmp_path: Path,
    change: dict[str, object],
    status: int,
    code: str,
) -> None:
    me = (await client.get("/api/v1/identity/me")).json()
    series = await several(database, UUID(me["workspace"]["id"]), tmp_path, BARS)
    named = {name: _filled(value, series) for name, value in change.items()}
    answer = await client.post(f"{ENGINE}/backtests", json={"document": a_raw_document(**SHARED)} | named)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def _filled(value: object, series: list[Series]) -> object:
    if isinstance(value, list):
        return [_filled(one, series) for one in value]
    return str(value).replace("{0}", str(series[0].id)).replace("{1}", str(series[1].id))


async def test_a_job_that_runs_twice_changes_nothing(context: Context, workspace: UUID, series: list[Series]) -> None:
    async with context.database.session(workspace) as session:
        backtest_id = await service.request_backtest(session, asked(series), now=NOW)
    ids = {"workspace_id": str(workspace), "backtest_id": str(BacktestId(backtest_id))}
    assert [await run_backtest(context, **ids) for _ in range(2)] == ["done", "ended"]
