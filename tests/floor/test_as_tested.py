"""What a document says beside its conditions is traded as it was tested: stops, orders, costs, sizing and limits."""

import asyncio
import itertools
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from omc.books import service as books
from omc.core.market import Span
from omc.engine.inputs import resolved
from omc.engine.reading import read
from omc.engine.simulate import Result, Settings, simulate
from omc.floor.rules import Feed
from omc.floor.tables import DeploymentRow, FillRow, OrderRow
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.kit.work import Context
from omc.ledgers.columns import BarColumns
from omc.ledgers.frames import bars
from omc.ledgers.imports import import_file
from omc.ledgers.rules import DAY_MS
from tests.floor.builders import NOW, START, a_deployment, a_market, limits, look, play, step
from tests.floor.test_trading import assert_books_agree, fills_of, orders_of, traded

STEP = 1e-10
"""Prices at the venue are in steps of 1e-10; where size moves the price, the steps of the quantity move it too."""

PAID = {"fee_bps": "10", "slippage_bps": "5"}
PERCENT = {
    "stop": {"kind": "percent", "value": "1.2"},
    "target": {"kind": "percent", "value": "1.5"},
}
RANGES = {
    "stop": {"kind": "atr", "value": "1.5"},
    "trailing": {"kind": "atr", "value": "2"},
}
ROUGH = PAID | {"maker_fee_bps": "2", "impact_bps": "30", "tick": "0.5", "lot": "0.001", "min_notional": "20"}
SMALL_PARTS = PAID | {"participation": "0.0005", "impact_bps": "20", "lot": "0.00000001"}
"""With the venue's lot, as a hundred parts that are each rounded to it add up to something else."""
OFTEN = {"entry": "close > slow", "exit": "crosses_below(fast, slow)"}
LIMIT = {"kind": "limit", "offset_bps": "30", "valid_bars": 3}
STOP_LIMIT = {"kind": "stop_limit", "offset_bps": "20", "band_bps": "20", "valid_bars": 4}

CASES: Mapping[str, dict[str, object]] = {
    "stops and targets": {"stops": PERCENT},
    "again after a stop": OFTEN | {"stops": PERCENT | {"cooldown_bars": 3}},
    "stops that trail": OFTEN | {"stops": RANGES},
    "so many bars": {"stops": {"max_bars": 4}},
    "all costs": {"costs": ROUGH},
    "in parts": {"costs": SMALL_PARTS, "stops": PERCENT},
    "funding a day": OFTEN | {"costs": PAID | {"funding_bps_per_day": "30"}, "stops": PERCENT},
    "late": {"costs": PAID | {"latency_bars": 2}, "stops": PERCENT},
    "limits": {"order": LIMIT, "stops": PERCENT},
    "stop orders": {"order": {"kind": "stop", "offset_bps": "20", "valid_bars": 2}},
    "stop-limits": OFTEN | {"order": STOP_LIMIT, "costs": ROUGH, "stops": RANGES},
    "Kelly": {"sizing": {"kind": "kelly", "most": "1", "start": "0.2", "after": 4}, "stops": PERCENT},
    "loss limits": OFTEN | {"limits": {"max_daily_loss": "0.01", "max_drawdown": "0.06"}},
    "amounts": {"limits": {"max_notional": "3000", "max_share": "0.5"}},
    "as much as is allowed": OFTEN | {"sizing": {"kind": "fraction", "fraction": "0.5"}},
    "all at once": OFTEN
    | {
        "order": LIMIT,
        "costs": ROUGH | {"participation": "0.002", "latency_bars": 1},
        "stops": PERCENT | RANGES | {"max_bars": 20, "cooldown_bars": 1},
        "sizing": {"kind": "volatility_target", "target": "0.3", "window": 48},
        "limits": {"max_daily_loss": "0.05"},
    },
}


HAPPENED: Mapping[str, set[tuple[str, str]]] = {
    "stops and targets": {("stop", "filled"), ("target", "filled")},
    "again after a stop": {("stop", "filled")},
    "stops that trail": {("stop", "filled")},
    "Kelly": {("market", "filled"), ("market", "rejected")},
    "limits": {("limit", "filled"), ("limit", "expired"), ("target", "filled")},
    "stop orders": {("stop", "filled"), ("stop", "expired")},
    "stop-limits": {("stop_limit", "filled"), ("stop_limit", "expired"), ("stop", "filled")},
    "all at once": {("limit", "filled"), ("stop", "filled")},
}
"""What a case is for, as kinds and ends of orders."""


ALLOWED = {"as much as is allowed": limits(max_position_fraction=Decimal("0.5"))}


async def backtest_of(database: Database, workspace: UUID, row: DeploymentRow) -> Result:
    """The backtest of what a deployment trades, over the bars that it has seen."""
    version = row.card["version"]
    assert isinstance(version, dict)
    assert row.cursor_ts is not None
    document = read(version["document"])
    async with database.session(workspace) as session:
        columns = await bars(session, row.series_id, Span(row.history_ts, row.cursor_ts + timedelta(hours=1)))
        columns = await resolved(session, document, columns, symbol=row.symbol)
    return simulate(document, columns, Settings(start=first_row(columns, row)))


def first_row(columns: BarColumns, row: DeploymentRow) -> int:
    return int((columns.ts < row.start_ts.timestamp() * 1_000).sum())


def assert_filled_as(ours: list[FillRow], result: Result) -> None:
    """Time, side, price, quantity and fee of each fill are the backtest's, but for a venue's steps."""
    theirs, impact = result.fills, "square root" in result.assumptions["slippage"]
    assert len(ours) == len(theirs.ts)
    for fill, ts, price, quantity, fee in zip(ours, theirs.ts, theirs.price, theirs.quantity, theirs.fee, strict=True):
        assert fill.ts.timestamp() * 1_000 == ts
        assert (fill.side == "buy") == (quantity > 0)
        assert float(fill.price) == pytest.approx(price, rel=1e-9 if impact else 0, abs=STEP)
        assert float(fill.quantity) == pytest.approx(abs(quantity), rel=1e-6)
        assert float(fill.fee) == pytest.approx(fee, rel=1e-6)


def assert_within_budgets(orders: list[OrderRow], fills: list[FillRow]) -> None:
    """No purchase costs more than was allowed for it, in as many parts as it came."""
    for order in orders:
        if order.budget is not None:
            paid = [fill.price * fill.quantity + fill.fee for fill in fills if fill.order_id == order.id]
            assert sum(paid) <= order.budget


@pytest.mark.parametrize("name", CASES)
async def test_replayed_it_fills_as_the_backtest_did(context: Context, workspace: UUID, name: str) -> None:
    allowed = ALLOWED.get(name)
    deployment = await a_deployment(context.database, workspace, days=40, changes=CASES[name], allowed=allowed)
    row = await play(context, workspace, deployment)
    assert (row.state, row.error) == ("done", None)

    result = await backtest_of(context.database, workspace, row)

    ours = await fills_of(context.database, workspace, deployment)
    assert len(ours) > 5
    assert_filled_as(ours, result)
    assert float(row.equity) == pytest.approx(result.equity[-1], rel=1e-6)
    await assert_books_agree(context.database, workspace, deployment)
    orders = await orders_of(context.database, workspace, deployment)
    assert {(order.kind, order.status) for order in orders} >= HAPPENED.get(name, set())
    assert_within_budgets(orders, ours)


@pytest.mark.parametrize("name", ["all at once", "stop-limits"])
async def test_followed_bar_by_bar_it_fills_as_the_backtest_did(context: Context, workspace: UUID, name: str) -> None:
    deployment = await a_deployment(context.database, workspace, feed=Feed.FOLLOW, days=20, changes=CASES[name])
    for hours in [*range(1, 73), 120, 360]:
        async with context.database.session(workspace) as session:
            await a_market(session, days=20, hours=hours)
        assert await step(context, workspace, deployment) == "more"
    row = await look(context.database, workspace, deployment)

    ours = await fills_of(context.database, workspace, deployment)
    assert len(ours) > 5
    assert_filled_as(ours, await backtest_of(context.database, workspace, row))


async def store_rates(database: Database, workspace: UUID, folder: Path, days: range) -> None:
    """A funding rate at every eight hours of these days, of either sign."""
    path, begin = folder / f"rates {days.start}.csv", round(START.timestamp() * 1_000)
    settled = range(days.start * 3, days.stop * 3)
    lines = [f"{begin + at * DAY_MS // 3},funding:BTC/USDT,{(at * 7 % 11 - 4) / 10_000}\n" for at in settled]
    path.write_text("ts,series,value\n" + "".join(lines))
    async with database.session(workspace) as session:
        assert (await import_file(session, path, name=path.name, now=NOW)).rows_kept == len(lines)


FUNDED: dict[str, object] = OFTEN | {"costs": PAID | {"funding": {"kind": "series"}}}


async def test_funding_as_it_was_settled_is_paid_and_is_in_the_books(
    context: Context, workspace: UUID, tmp_path: Path
) -> None:
    await store_rates(context.database, workspace, tmp_path, range(20))
    with pytest.raises(Refusal, match="no funding rate is stored for the bar of 2024-01-20"):
        await a_deployment(context.database, workspace, days=20, changes=FUNDED)
    await store_rates(context.database, workspace, tmp_path, range(20, 21))
    deployment = await a_deployment(context.database, workspace, days=20, changes=FUNDED)
    row = await play(context, workspace, deployment)

    result = await backtest_of(context.database, workspace, row)

    assert abs(result.counts.funding) > 1
    assert_filled_as(await fills_of(context.database, workspace, deployment), result)
    assert float(row.equity) == pytest.approx(result.equity[-1], rel=1e-6)
    await assert_books_agree(context.database, workspace, deployment)
    async with context.database.session(workspace) as session:
        paid = [fact for fact in await books.facts(session) if fact.kind == "funding"]
        net = (await books.summary(session)).figures.net
    assert sum(float(str(fact.content["amount"])) for fact in paid) == pytest.approx(result.counts.funding, rel=1e-4)
    assert net == row.equity - 10_000
    assert {fact.happened_ts.hour for fact in paid} == {0, 8, 16}, "each at the instant at which it fell due"


@pytest.mark.parametrize("feed", Feed)
async def test_a_card_names_the_input_that_is_not_stored(context: Context, workspace: UUID, feed: Feed) -> None:
    reads = {"inputs": {"mood": {"kind": "series", "series": "mood:value", "max_age": "30d"}}, "entry": "mood > 30"}
    with pytest.raises(Refusal) as refused:
        await a_deployment(context.database, workspace, feed=feed, changes=reads)
    assert refused.value.place == "/inputs/mood/series"


async def test_who_follows_waits_for_the_rates_of_the_bars(context: Context, workspace: UUID, tmp_path: Path) -> None:
    await store_rates(context.database, workspace, tmp_path, range(20))
    with pytest.raises(Refusal, match="no funding rate is stored for the bar of 2024-01-20"):
        await a_deployment(context.database, workspace, feed=Feed.FOLLOW, days=20, changes=FUNDED)
    await store_rates(context.database, workspace, tmp_path, range(20, 21))
    deployment = await a_deployment(context.database, workspace, feed=Feed.FOLLOW, days=20, changes=FUNDED)
    async with context.database.session(workspace) as session:
        await a_market(session, days=25)
    seen = []
    for days in (range(0), range(21, 24)):
        if days:
            await store_rates(context.database, workspace, tmp_path, days)
        assert [await step(context, workspace, deployment) for _ in range(2)] == ["more", "more"]
        row = await look(context.database, workspace, deployment)
        assert row.cursor_ts is not None
        seen.append((row.cursor_ts - START) / timedelta(days=1))
        assert row.error is not None
        assert "it waits for the funding rate of the bar of 2024-01-" in row.error
    await store_rates(context.database, workspace, tmp_path, range(24, 26))
    await step(context, workspace, deployment)
    assert (await look(context.database, workspace, deployment)).error is None
    assert 20.5 < seen[0] <= 21
    assert 23.5 < seen[1] <= 24


@pytest.mark.parametrize("name", ["in parts", "all at once"])
async def test_steps_broken_off_anywhere_fill_each_order_once(context: Context, workspace: UUID, name: str) -> None:
    broken = await a_deployment(context.database, workspace, days=20, changes=CASES[name])
    delays = itertools.cycle([0.003, 0.01, 0.03, 0.06, None])
    while (await look(context.database, workspace, broken)).state == "running":
        task = asyncio.get_running_loop().create_task(step(context, workspace, broken, seconds=3), name="step")
        await asyncio.wait([task], timeout=next(delays))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    whole = await a_deployment(context.database, workspace, days=20, changes=CASES[name])
    await play(context, workspace, whole)

    once = traded(await fills_of(context.database, workspace, broken))
    assert once == traded(await fills_of(context.database, workspace, whole))
    assert len(once) > 5
    await assert_books_agree(context.database, workspace, broken)
