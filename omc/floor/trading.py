"""A deployment's way through its bars: a bar fills what waits and ends what is protected; its close decides and orders.

The rules are the backtest's own: the deployment's account is the engine's, kept from step to step (`engine.account`).
What a bar fills there becomes fills of our orders, exact, and is posted; what the books hold then is what the account
goes on from. So a replay fills as the backtest filled, for as long as everything that the strategy asks for goes out.
What a limit or the switch denies the account takes back: an entry is left out as one that is too small is, an exit is
asked for at each close until it goes out. A stop or a target only lets go of a position, and nothing denies it.

Everything of a batch of bars happens in the caller's one transaction, the cursor and the account included.
"""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select

from omc.books.funding import FundingPaid, post_funding
from omc.books.service import post_mark
from omc.core.ids import OrderId
from omc.core.money import EXACT
from omc.core.order import OrderRequest, OrderStatus, Side
from omc.core.reason import Reason
from omc.engine.account import Execution, Order, Protection, Tape, read_tape
from omc.floor import orders, rules
from omc.floor.cards import VENUE, instant
from omc.floor.exact import budget_of, funding_of, price_of
from omc.floor.rules import BarTimes, Intent
from omc.floor.run import Batch, Run, length_of, mark_of, place_of
from omc.floor.service import OPEN_STATUSES, topic
from omc.floor.tables import OrderRow
from omc.floor.telling import position_told
from omc.kit.events import append_many
from omc.ledgers.columns import BarColumns

POSITIONS_TOLD = 10
"""Position events of a batch at most, besides those of its fills."""


async def advance(run: Run, batch: Batch) -> None:
    """Trade through the batch, or until all is lost, then write how far the deployment is and tell it."""
    columns = batch.columns.slice(0, batch.end)
    tape = await asyncio.to_thread(read_tape, run.document, columns, start=batch.first)
    await _begin(run, tape, batch.start)
    every = max(1, (batch.end - batch.start) // POSITIONS_TOLD)
    for row in range(batch.start, batch.end):
        fills, at = run.deployment.fills, _times(columns, row)
        await _trade(run, tape, row, at)
        if run.deployment.fills != fills or (row - batch.start) % every == 0 or row == batch.end - 1:
            _tell_position(run, at.closed)
        if is_lost(run):
            break
    last = _times(columns, row)
    await post_mark(run.session, mark_of(run, last.closed))
    run.deployment.cursor_ts, run.deployment.account = last.opened, run.account.kept()
    _stand(run)
    await append_many(run.session, topic(run.deployment.id), run.told)


def is_lost(run: Run) -> bool:
    """Say whether the account is worth nothing any more: the backtest refuses such a run."""
    return run.standing.equity <= rules.ZERO


async def close_out(run: Run) -> str:
    """Sell what is held, at the last price known, moved against us by the slippage. Returns why not, or nothing.

    No limit and no switch denies it: a person asked for it. The order stands at the bar that would have come next.
    """
    deployment, standing, symbol = run.deployment, run.standing, run.instrument.symbol
    assert deployment.cursor_ts is not None, "what holds something has seen a bar"
    ts = deployment.cursor_ts + length_of(deployment)
    intent = Intent(side=Side.SELL, quantity=standing.position)
    order = orders.new_order(run, intent, BarTimes(opened=ts, closed=ts))
    deployment.orders += 1
    await run.venue.show(symbol, standing.price, deployment.cursor_ts)
    await run.venue.submit(_request(run, order))
    await run.venue.show(symbol, standing.price, ts)
    answer = await run.venue.fetch(OrderId(order.id))
    assert answer is not None, "the venue has what it was sent"
    for fill in answer.fills:
        await orders.book(run, order, fill)
    why = Reason(code="venue", text=answer.reason) if answer.reason else None
    orders.turn(run, order, answer.status, why)
    await post_mark(run.session, mark_of(run, ts))
    _stand(run)
    _tell_position(run, ts)
    await append_many(run.session, topic(deployment.id), run.told)
    return answer.reason


async def _begin(run: Run, tape: Tape, start: int) -> None:
    """Go on where the last step ended. A deployment from before accounts were kept lives through its bars again."""
    waiting = select(OrderRow).where(OrderRow.deployment_id == run.deployment.id, OrderRow.status.in_(OPEN_STATUSES))
    run.open = await run.session.scalar(waiting)
    if run.deployment.account is not None:
        run.account.restore(run.deployment.account)
    else:
        for row in range(tape.first, start):
            run.account.work(tape, row)
            run.account.guard(tape, row)
            run.account.close(tape, row)
    _hold(run)
    if run.open is None and run.account.waits:
        run.account.take_back()  # what it lived through again knows of no order that was denied


async def _trade(run: Run, tape: Tape, row: int, at: BarTimes) -> None:
    _turn_day(run, at.opened)
    if row >= tape.first:
        await _meet(run, tape, row, at)
    run.standing = replace(run.standing, price=Decimal(repr(float(tape.columns.close[row]))))
    if row >= tape.first:
        _decide(run, tape, row, at)


async def _meet(run: Run, tape: Tape, row: int, at: BarTimes) -> None:
    """Let the bar happen to the order that waits, then to what is held."""
    _withdraw(run)
    made, outcome = run.account.work(tape, row)
    for one in made:
        assert run.open is not None, "what the account worked is an order of ours"
        await orders.execute(run, run.open, one, at.opened)
    orders.conclude(run, outcome)
    protection, funded = run.account.protection, run.account.funded
    for one in run.account.guard(tape, row):
        await orders.protect(run, _protecting(run, one, protection), one, at)
    await _pay(run, funding_of(run.account.funded - funded), at.closed)
    if run.open is not None and not run.account.waits:
        orders.turn(run, run.open, OrderStatus.CANCELED, orders.POSITION_ENDED)
    _hold(run)


async def _pay(run: Run, amount: Decimal, ts: datetime) -> None:
    """Book the funding of a bar."""
    paid = FundingPaid(place=place_of(run), venue=VENUE, amount=amount, ts=ts)
    await post_funding(run.session, paid, learned_ts=run.now)
    run.standing = replace(run.standing, cash=EXACT.subtract(run.standing.cash, amount))


def _withdraw(run: Run) -> None:
    """Cancel an entry that still waits, where it might not go out any more."""
    if run.open is None or run.open.side != Side.BUY:
        return
    reason = rules.check_waiting(run.limits, run.standing)
    if reason is not None:
        run.account.take_back()
        orders.turn(run, run.open, OrderStatus.CANCELED, reason)


def _decide(run: Run, tape: Tape, row: int, at: BarTimes) -> None:
    asked = run.account.close(tape, row)
    if run.open is not None and (asked is not None or not run.account.waits):
        orders.turn(run, run.open, OrderStatus.CANCELED, orders.OVERTAKEN)
    if asked is not None and not orders.place(run, _intent(run, asked), at):
        run.account.take_back()


def _intent(run: Run, asked: Order) -> Intent:
    if asked is Order.EXIT:
        return Intent(side=Side.SELL, quantity=run.standing.position)
    budget, price = budget_of(run.account.budget, run.limits, run.standing), run.account.named_price
    named = price_of(price, run.instrument) if price else None
    return Intent(side=Side.BUY, budget=budget, kind=run.document.order.kind, price=named)


def _protecting(run: Run, made: Execution, protection: Protection) -> Intent:
    price = protection.target if made.cause == "target" else protection.stop
    named = price_of(price, run.instrument)
    return Intent(side=Side.SELL, quantity=run.standing.position, kind=made.cause, price=named)


def _turn_day(run: Run, opened: datetime) -> None:
    day = rules.day_of(opened)
    if run.deployment.day != day:
        run.deployment.day = day
        run.standing = replace(run.standing, day_equity=run.standing.equity, orders_today=0)


def _hold(run: Run) -> None:
    run.account.hold(cash=float(run.standing.cash), held=float(run.standing.position))


def _request(run: Run, order: OrderRow) -> OrderRequest:
    return OrderRequest(
        id=OrderId(order.id),
        instrument=run.instrument,
        side=Side(order.side),
        ts=order.ts,
        quantity=order.quantity,
        budget=order.budget,
    )


def _stand(run: Run) -> None:
    deployment, standing = run.deployment, run.standing
    deployment.price, deployment.cash = standing.price, standing.cash
    deployment.position, deployment.equity = standing.position, standing.equity
    deployment.day_equity = standing.day_equity
    deployment.stop_price, deployment.target_price = _protection(run)


def _tell_position(run: Run, ts: datetime) -> None:
    stop, target = _protection(run)
    run.told.append(("position", position_told(ts, run.standing, stop=stop, target=target)))


def _protection(run: Run) -> tuple[Decimal | None, Decimal | None]:
    stop, target = (price_of(price, run.instrument) if price else None for price in run.account.protection)
    return stop, target


def _times(columns: BarColumns, row: int) -> BarTimes:
    opened = instant(int(columns.ts[row]))
    return BarTimes(opened=opened, closed=opened + timedelta(milliseconds=columns.timeframe_ms))
