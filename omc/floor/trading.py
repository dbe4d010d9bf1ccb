"""A deployment's way through its bars: show the open, settle fills, decide at the close, check, order.

Everything of a batch of bars happens in the caller's one transaction, the cursor included. The decision is the engine's
`decide` on the bars up to the one that closed: the path of the backtest, with nothing later in reach.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from omc.books.figures import Mark
from omc.books.rules import Place
from omc.books.service import positions, post_fill, post_mark
from omc.core.ids import DeploymentId, OrderId
from omc.core.market import Instrument, Timeframe, split_symbol
from omc.core.money import EXACT
from omc.core.order import Fill, OrderRequest, OrderStatus, Side
from omc.core.ports import SimulatedVenue, VenueAnswer
from omc.core.reason import Reason
from omc.engine.decision import Signal, decide
from omc.engine.document import StrategyDocument
from omc.engine.tradable import entry_budget
from omc.floor import rules
from omc.floor.cards import VENUE, instant
from omc.floor.rules import Intent, Limits, Standing
from omc.floor.service import OPEN_STATUSES, halt, topic
from omc.floor.tables import DeploymentRow, FillRow, OrderRow
from omc.floor.telling import Told, fill_told, order_told, position_told
from omc.kit.events import append_many
from omc.ledgers.columns import BarColumns

POSITIONS_TOLD = 10
"""Position events of a batch at most, besides those of its fills."""

_WORKSPACE = text("current_setting('omc.workspace')::uuid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The bars to advance over: rows `start` to `end` of `columns`, of which `first` is the first that may decide."""

    columns: BarColumns
    first: int
    start: int
    end: int


@dataclass(slots=True, kw_only=True)
class Run:
    """One batch under way."""

    session: AsyncSession
    deployment: DeploymentRow
    document: StrategyDocument
    limits: Limits
    venue: SimulatedVenue
    instrument: Instrument
    standing: Standing
    now: datetime
    open: dict[OrderId, OrderRow] = field(default_factory=dict)
    told: list[tuple[str, Told]] = field(default_factory=list)


def account_of(deployment_id: object) -> str:
    """Return the books' name of a deployment's account."""
    return f"{VENUE}/{deployment_id}"


def limits_of(deployment: DeploymentRow) -> Limits:
    """Return the limits on the approved card."""
    limits = deployment.card["limits"]
    assert isinstance(limits, Mapping)
    return Limits(
        capital=Decimal(str(limits["capital"])),
        max_position_fraction=Decimal(str(limits["max_position_fraction"])),
        max_orders_per_day=int(str(limits["max_orders_per_day"])),
        max_daily_loss=Decimal(str(limits["max_daily_loss"])),
    )


async def standing_of(session: AsyncSession, deployment: DeploymentRow) -> Standing:
    """Return where a deployment stands: cash and position are what the books say, and nothing else."""
    base, quote = split_symbol(deployment.symbol)
    held = await positions(session, account_of(deployment.id))
    count = (
        select(func.count())
        .select_from(OrderRow)
        .where(OrderRow.deployment_id == deployment.id, OrderRow.day == deployment.day, OrderRow.status != "denied")
    )
    return Standing(
        cash=EXACT.add(limits_of(deployment).capital, held.get(quote, rules.ZERO)),
        position=held.get(base, rules.ZERO),
        price=deployment.price or rules.ZERO,
        day_equity=deployment.day_equity,
        orders_today=int((await session.execute(count)).scalar_one()),
        halt=await halt(session),
    )


async def begin(run: Run) -> None:
    """Bring a new venue to where the last one was: the last price, then the orders that still wait for the next."""
    if run.deployment.price is None or run.deployment.cursor_ts is None:
        return
    await run.venue.show(run.instrument.symbol, run.deployment.price, run.deployment.cursor_ts)
    statement = select(OrderRow).where(OrderRow.deployment_id == run.deployment.id, OrderRow.status.in_(OPEN_STATUSES))
    for order in (await run.session.execute(statement.order_by(OrderRow.bar_ts))).scalars():
        run.open[OrderId(order.id)] = order
        await run.venue.submit(_request(run, order))


async def advance(run: Run, batch: Batch) -> None:
    """Trade through the batch, then write how far the deployment is and tell it."""
    signals = await asyncio.to_thread(_decide, run.document, batch)
    every = max(1, (batch.end - batch.start) // POSITIONS_TOLD)
    for row, signal in zip(range(batch.start, batch.end), signals, strict=True):
        fills = run.deployment.fills
        await _trade(run, batch.columns, row, signal)
        if run.deployment.fills != fills or (row - batch.start) % every == 0 or row == batch.end - 1:
            run.told.append(("position", position_told(_close_ts(batch.columns, row), run.standing)))
    await post_mark(run.session, _mark(run, _close_ts(batch.columns, batch.end - 1)))
    _write(run, batch)
    await append_many(run.session, topic(run.deployment.id), run.told)


async def close_out(run: Run) -> str:
    """Sell what is held, at the last price known, moved against us by the slippage. Returns why not, or nothing.

    No limit and no switch denies it: a person asked for it. The order stands at the bar that would have come next.
    """
    deployment = run.deployment
    assert deployment.cursor_ts is not None, "what holds something has seen a bar"
    ts = deployment.cursor_ts + _length(deployment)
    await run.venue.show(run.instrument.symbol, run.standing.price, deployment.cursor_ts)
    intent = Intent(side=Side.SELL, quantity=run.standing.position)
    order = _order_row(run, intent, round(ts.timestamp() * 1_000), opened=ts, closed=ts)
    run.session.add(order)
    deployment.orders += 1
    await run.session.flush()
    run.open[OrderId(order.id)] = order
    _answered(run, order, await run.venue.submit(_request(run, order)))
    await run.venue.show(run.instrument.symbol, run.standing.price, ts)
    await _settle(run)
    await post_mark(run.session, _mark(run, ts))
    _stand(run)
    run.told.append(("position", position_told(ts, run.standing)))
    await append_many(run.session, topic(deployment.id), run.told)
    return order.reason_text or ""


def _length(deployment: DeploymentRow) -> timedelta:
    series = deployment.card["series"]
    assert isinstance(series, Mapping)
    return timedelta(seconds=Timeframe.parse(str(series["timeframe"])).seconds)


def _decide(document: StrategyDocument, batch: Batch) -> list[Signal]:
    return [
        decide(document, batch.columns.slice(0, row + 1), start=batch.first) for row in range(batch.start, batch.end)
    ]


async def _trade(run: Run, columns: BarColumns, row: int, signal: Signal) -> None:
    opened = instant(int(columns.ts[row]))
    _turn_day(run, opened)
    await run.venue.show(run.instrument.symbol, _exact(columns.open[row]), opened)
    await _settle(run)
    closed = _exact(columns.close[row])
    run.standing = replace(run.standing, price=closed)
    await run.venue.show(run.instrument.symbol, closed, _close_ts(columns, row))
    if signal.ready and not run.open:
        intent = _intent(run, signal, columns.slice(0, row + 1))
        if intent is not None:
            await _act(run, intent, signal.bar_ts, opened, _close_ts(columns, row))


def _turn_day(run: Run, opened: datetime) -> None:
    day = rules.day_of(opened)
    if run.deployment.day != day:
        run.deployment.day = day
        run.standing = replace(run.standing, day_equity=run.standing.equity, orders_today=0)


async def _settle(run: Run) -> None:
    for order_id, order in list(run.open.items()):
        answer = await run.venue.fetch(order_id)
        assert answer is not None, f"the venue lost the order {order_id}"
        for fill in answer.fills:
            await _fill(run, order, fill)
        _answered(run, order, answer)


async def _fill(run: Run, order: OrderRow, fill: Fill) -> None:
    deployment = run.deployment
    fact_id = await post_fill(
        run.session,
        fill,
        account=account_of(deployment.id),
        strategy=deployment.name,
        venue=VENUE,
        learned_at=run.now,
    )
    row = {
        "workspace_id": _WORKSPACE,
        "id": fill.id,
        "deployment_id": deployment.id,
        "order_id": order.id,
        "ts": fill.ts,
        "side": fill.side.value,
        "price": fill.price,
        "quantity": fill.quantity,
        "fee": fill.fee,
        "fee_asset": fill.fee_asset,
        "fact_id": fact_id,
    }
    await run.session.execute(insert(FillRow).values(row))
    order.filled = EXACT.add(order.filled, fill.quantity)
    deployment.fills += 1
    run.standing = _moved(run.standing, fill)
    run.told.append(("fill", fill_told(fill, fact_id)))


def _moved(standing: Standing, fill: Fill) -> Standing:
    sign = 1 if fill.side is Side.BUY else -1
    coins = EXACT.multiply(sign, fill.quantity)
    cash = EXACT.subtract(EXACT.multiply(-sign, fill.notional), fill.fee)
    return replace(standing, position=EXACT.add(standing.position, coins), cash=EXACT.add(standing.cash, cash))


def _intent(run: Run, signal: Signal, seen: BarColumns) -> Intent | None:
    wanted_long = signal.wanted == "long"
    if rules.is_entry(wanted_long=wanted_long, changed=signal.changed, standing=run.standing):
        return Intent(side=Side.BUY, budget=entry_budget(run.document, seen, run.standing.cash))
    return rules.exit_of(wanted_long=wanted_long, standing=run.standing)


async def _act(run: Run, intent: Intent, bar_ts: int, opened: datetime, closed: datetime) -> None:
    denied = rules.check_order(run.limits, run.standing, intent)
    order = _order_row(run, intent, bar_ts, opened=opened, closed=closed)
    run.session.add(order)
    run.deployment.orders += 1
    if denied is not None:
        _denied(run, order, denied)
        return
    run.standing = replace(run.standing, orders_today=run.standing.orders_today + 1)
    await run.session.flush()
    run.open[OrderId(order.id)] = order
    _answered(run, order, await run.venue.submit(_request(run, order)))


def _denied(run: Run, order: OrderRow, reason: Reason) -> None:
    order.status = OrderStatus.DENIED.value
    order.reason_code, order.reason_text = reason.code, reason.text
    run.told.append(("order", order_told(order)))


def _answered(run: Run, order: OrderRow, answer: VenueAnswer) -> None:
    if order.status == answer.status.value:
        return
    order.status, order.updated_ts = answer.status.value, run.now
    if answer.reason:
        order.reason_code, order.reason_text = "venue", answer.reason
    if answer.status.value not in OPEN_STATUSES:
        del run.open[OrderId(order.id)]
    run.told.append(("order", order_told(order)))


def _order_row(run: Run, intent: Intent, bar_ts: int, *, opened: datetime, closed: datetime) -> OrderRow:
    deployment = run.deployment
    return OrderRow(
        workspace_id=deployment.workspace_id,
        id=rules.order_id(DeploymentId(deployment.id), bar_ts),
        deployment_id=deployment.id,
        bar_ts=opened,
        ts=closed,
        day=deployment.day,
        symbol=deployment.symbol,
        side=intent.side.value,
        quantity=intent.quantity,
        budget=intent.budget,
        status=OrderStatus.SUBMITTED.value,
        filled=rules.ZERO,
        reason_code=None,
        reason_text=None,
        updated_ts=run.now,
    )


def _request(run: Run, order: OrderRow) -> OrderRequest:
    return OrderRequest(
        id=OrderId(order.id),
        instrument=run.instrument,
        side=Side(order.side),
        ts=order.ts,
        quantity=order.quantity,
        budget=order.budget,
    )


def _mark(run: Run, ts: datetime) -> Mark:
    series = run.deployment.card["series"]
    assert isinstance(series, Mapping)
    place = Place(asset=run.instrument.base, currency=run.instrument.quote, account=account_of(run.deployment.id))
    source = f"close of {series['label']} ({run.deployment.feed})"
    return Mark(place=place, price=run.standing.price, ts=ts, learned_ts=run.now, source=source)


def _write(run: Run, batch: Batch) -> None:
    run.deployment.cursor_ts = instant(int(batch.columns.ts[batch.end - 1]))
    _stand(run)


def _stand(run: Run) -> None:
    deployment, standing = run.deployment, run.standing
    deployment.price, deployment.cash = standing.price, standing.cash
    deployment.position, deployment.equity = standing.position, standing.equity
    deployment.day_equity = standing.day_equity


def _close_ts(columns: BarColumns, row: int) -> datetime:
    return instant(int(columns.ts[row])) + timedelta(milliseconds=columns.timeframe_ms)


def _exact(price: float) -> Decimal:
    """Return the shortest decimal that is this float: what the candle file said."""
    return Decimal(repr(float(price)))
