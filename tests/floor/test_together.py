"""Several symbols on one paper account: what the backtest of the shared account fills, whatever happens meanwhile."""

import asyncio
import itertools
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from omc.books import service as books
from omc.core.ids import DeploymentId, SeriesId
from omc.core.market import Span
from omc.engine.portfolio import simulate_together
from omc.engine.reading import read
from omc.floor import service
from omc.floor.cards import Wish
from omc.floor.holdings import holdings_of, ids_of
from omc.floor.rules import Feed, Limits
from omc.floor.run import account_of
from omc.floor.tables import DeploymentRow, FillRow
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.kit.work import Context
from omc.ledgers.frames import bars
from omc.ledgers.markets import Made, make_markets
from tests.floor.builders import BY, NOW, START, a_version, deploy, limits, look, play, step
from tests.floor.test_as_tested import OFTEN, PAID, PERCENT, STEP, assert_within_budgets
from tests.floor.test_trading import BUYS_AT_THE_THIRD_BAR, fills_of, orders_of

DAY = timedelta(days=1)
BASKET = ["BTC/USDT", "ETH/USDT", "SOL/USDT"]
STEPS = {"lot": "0.00000001", "min_notional": "1"}
"""The venue's own, as what rounding leaves to one symbol is spent on the next."""

EXACT: dict[str, object] = {"costs": PAID | STEPS}
HALF = EXACT | {"sizing": {"kind": "fraction", "fraction": "0.5"}}

CASES: dict[str, dict[str, object]] = {
    "the cash is shared": OFTEN | EXACT | {"sizing": {"kind": "fraction", "fraction": "0.9"}},
    "limits on all of it": OFTEN | HALF | {"limits": {"max_share": "0.4", "max_gross_exposure": "0.7"}},
    "two positions at most": OFTEN | HALF | {"limits": {"max_positions": 2, "max_daily_loss": "0.02"}},
    "limit orders in parts, late": OFTEN
    | {
        "order": {"kind": "limit", "offset_bps": "20", "valid_bars": 3},
        "costs": PAID | STEPS | {"participation": "0.001", "latency_bars": 1, "maker_fee_bps": "2"},
        "stops": PERCENT | {"cooldown_bars": 2},
        "sizing": {"kind": "volatility_target", "target": "0.3", "window": 24},
    },
}


async def made(session: AsyncSession, symbol: str, begin: float, end: float) -> SeriesId:
    span = Span(START + begin * DAY, START + end * DAY)
    return (await make_markets(session, Made(symbols=(symbol,), span=span), now=NOW))[0].id


async def a_basket(session: AsyncSession, *, days: float = 20) -> list[SeriesId]:
    """One whole market, one that is listed late and has a gap, and one that is delisted."""
    await made(session, "ETH/USDT", 3, 12)
    return [
        await made(session, "BTC/USDT", 0, days),
        await made(session, "ETH/USDT", 12.5, days),
        await made(session, "SOL/USDT", 0, 14),
    ]


async def deployed(
    context: Context,
    workspace: UUID,
    changes: dict[str, object],
    *,
    feed: Feed = Feed.REPLAY,
    universe: list[str] = BASKET,
    allowed: Limits | None = None,
) -> DeploymentId:
    async with context.database.session(workspace) as session:
        version = await a_version(session, universe=universe, **changes)
        first, *others = (await a_basket(session))[: len(universe)]
    wish = Wish(version_id=version.id, series_id=first, others=others, feed=feed, limits=allowed or limits())
    return await deploy(context.database, workspace, wish)


Traded = list[tuple[int, str, str, float, float, float]]


async def backtested(database: Database, workspace: UUID, row: DeploymentRow) -> tuple[Traded, float]:
    """The fills of the backtest of a deployment over the bars that it has seen, and the equity at the end."""
    version = row.card["version"]
    assert isinstance(version, dict)
    assert row.cursor_ts is not None
    document, span, found, starts = read(version["document"]), Span(row.history_ts, row.cursor_ts + DAY / 24), {}, {}
    async with database.session(workspace) as session:
        for series_id, symbol in zip(ids_of(row), document.universe, strict=True):
            found[symbol] = await bars(session, series_id, span)
            starts[symbol] = int((found[symbol].ts < row.start_ts.timestamp() * 1_000).sum())
    run = simulate_together(document, found, starts=starts)
    fills = [
        (ts, symbol, "buy" if quantity > 0 else "sell", price, abs(quantity), fee)
        for symbol, one in run.holdings.items()
        for ts, quantity, price, fee in zip(
            one.fills.ts.tolist(),
            one.fills.quantity.tolist(),
            one.fills.price.tolist(),
            one.fills.fee.tolist(),
            strict=True,
        )
    ]
    return sorted(fills, key=lambda one: one[:3]), float(run.equity[-1])


async def traded(database: Database, workspace: UUID, fills: list[FillRow]) -> Traded:
    async with database.session(workspace) as session:
        symbols = await service.symbols_of(session, [fill.order_id for fill in fills])
    found = [
        (
            round(fill.ts.timestamp() * 1_000),
            symbols[fill.order_id],
            fill.side,
            float(fill.price),
            float(fill.quantity),
            float(fill.fee),
        )
        for fill in fills
    ]
    return sorted(found, key=lambda one: one[:3])


def assert_same(ours: Traded, theirs: Traded) -> None:
    """Time, symbol and side are the backtest's, and so are the amounts but for a venue's steps."""
    assert [one[:3] for one in ours] == [one[:3] for one in theirs]
    for mine, tested in zip(ours, theirs, strict=True):
        assert mine[3] == pytest.approx(tested[3], rel=0, abs=STEP)
        assert mine[4:] == pytest.approx(tested[4:], rel=1e-6)


async def assert_booked(database: Database, workspace: UUID, row: DeploymentRow) -> None:
    """The books hold of each coin, and of the cash, what the deployment says."""
    async with database.session(workspace) as session:
        held = await books.positions(session, account_of(row.id))
        marked = (await books.summary(session)).by_asset
    for one in holdings_of(row):
        assert held.get(one.symbol.split("/")[0], Decimal(0)) == one.position
    assert held["USDT"] == row.cash - 10_000
    assert set(marked) == {symbol.split("/")[0] for symbol in BASKET}


@pytest.mark.parametrize("name", CASES)
async def test_replayed_it_fills_as_the_backtest_of_the_shared_account(
    context: Context, workspace: UUID, name: str
) -> None:
    deployment = await deployed(context, workspace, CASES[name])
    row = await play(context, workspace, deployment)
    assert (row.state, row.error) == ("done", None)

    theirs, equity = await backtested(context.database, workspace, row)

    fills = await fills_of(context.database, workspace, deployment)
    ours = await traded(context.database, workspace, fills)
    assert {one[1] for one in ours} == set(BASKET)
    assert_same(ours, theirs)
    assert float(row.equity) == pytest.approx(equity, rel=1e-6)
    await assert_booked(context.database, workspace, row)
    assert_within_budgets(await orders_of(context.database, workspace, deployment), fills)


async def test_steps_broken_off_anywhere_fill_each_order_of_each_symbol_once(context: Context, workspace: UUID) -> None:
    changes = CASES["limit orders in parts, late"]
    broken = await deployed(context, workspace, changes)
    delays = itertools.cycle([0.01, 0.05, 0.1, None])
    while (await look(context.database, workspace, broken)).state == "running":
        task = asyncio.get_running_loop().create_task(step(context, workspace, broken, seconds=9), name="step")
        await asyncio.wait([task], timeout=next(delays))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    row = await look(context.database, workspace, broken)

    theirs, _ = await backtested(context.database, workspace, row)

    assert_same(await traded(context.database, workspace, await fills_of(context.database, workspace, broken)), theirs)
    await assert_booked(context.database, workspace, row)


async def followed(context: Context, workspace: UUID, deployment: DeploymentId) -> tuple[float, str | None]:
    """The end of the last bar that it has seen, in days from the start, after a step; and what it waits for."""
    assert await step(context, workspace, deployment) == "more"
    row = await look(context.database, workspace, deployment)
    return 20 if row.cursor_ts is None else (row.cursor_ts - START + DAY / 24) / DAY, row.error


async def test_who_follows_waits_until_all_symbols_have_the_bar(context: Context, workspace: UUID) -> None:
    deployment = await deployed(context, workspace, OFTEN | HALF, feed=Feed.FOLLOW, universe=BASKET[:2])
    async with context.database.session(workspace) as session:
        await made(session, "BTC/USDT", 0, 21)
        assert await service.wake_followers(session) == 1
    assert await followed(context, workspace, deployment) == (
        20,
        "it waits for the bar of 2024-01-21T00:00:00Z of ETH/USDT",
    )
    async with context.database.session(workspace) as session:
        await made(session, "ETH/USDT", 12.5, 20.5)
    end, waits = await followed(context, workspace, deployment)
    assert (end, waits) == (20.5, "it waits for the bar of 2024-01-21T12:00:00Z of ETH/USDT")
    async with context.database.session(workspace) as session:
        await made(session, "BTC/USDT", 0, 21.75)
    end, waits = await followed(context, workspace, deployment)
    assert end == 21.75, "one without bars for more than a day is not waited for"
    assert waits == "ETH/USDT has had no bar since 2024-01-21T11:00:00Z: it is neither entered nor left meanwhile"

    row = await look(context.database, workspace, deployment)
    theirs, _ = await backtested(context.database, workspace, row)
    assert theirs
    assert_same(
        await traded(context.database, workspace, await fills_of(context.database, workspace, deployment)), theirs
    )


async def test_closing_sells_what_is_held_of_each_symbol(context: Context, workspace: UUID) -> None:
    deployment = await deployed(context, workspace, BUYS_AT_THE_THIRD_BAR | HALF)
    while len(await fills_of(context.database, workspace, deployment)) < 2:
        await step(context, workspace, deployment)
    async with context.database.session(workspace) as session:
        await service.stop(session, deployment, by=BY, now=NOW, close=True)

    assert await step(context, workspace, deployment) == "closed"

    row = await look(context.database, workspace, deployment)
    sold = [fill for fill in await fills_of(context.database, workspace, deployment) if fill.side == "sell"]
    assert (row.state, row.error, len(sold)) == ("stopped", None, 2)
    assert {one.position for one in holdings_of(row)} == {Decimal(0)}
    assert row.equity == row.cash


async def test_a_limit_of_a_person_holds_for_each_symbol(context: Context, workspace: UUID) -> None:
    """The budget of the second entry is what the sale of the first brings at the open, and no more than is allowed."""
    allowed = limits(max_position_fraction=Decimal("0.4"))
    sized: dict[str, object] = {"sizing": {"kind": "volatility_target", "target": "0.3", "window": 24}}
    deployment = await deployed(context, workspace, OFTEN | sized, allowed=allowed)
    row = await play(context, workspace, deployment)

    fills = await fills_of(context.database, workspace, deployment)
    assert fills
    assert max(fill.price * fill.quantity for fill in fills if fill.side == "buy") < row.equity * Decimal("0.45")


async def test_an_account_lacks_no_symbol_of_the_universe(context: Context, workspace: UUID) -> None:
    async with context.database.session(workspace) as session:
        version = await a_version(session, universe=BASKET)
        first, second, _ = await a_basket(session)
    wish = Wish(version_id=version.id, series_id=first, others=[second], feed=Feed.REPLAY, limits=limits())
    with pytest.raises(Refusal, match="SOL/USDT has none") as refused:
        await deploy(context.database, workspace, wish)
    assert (refused.value.code, refused.value.place) == ("series_missing", "/series_ids")
