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
from omc.engine.account import Execution, Order, Protection
from omc.engine.market import Market
from omc.engine.tape import Tape, read_tape
from omc.floor import orders, rules
from omc.floor.cards import VENUE, instant
from omc.floor.exact import budget_of, funding_of, price_of
from omc.floor.holdings import Holding, told
from omc.floor.rules import BarTimes, Intent
from omc.floor.run import Batch, Line, Run, length_of, mark_of, place_of
from omc.floor.service import OPEN_STATUSES, topic
from omc.floor.tables import OrderRow
from omc.floor.telling import position_told
from omc.kit.events import append_many

POSITIONS_TOLD = 10
"""Position events of a batch at most, besides those of its fills."""


async def advance(run: Run, batch: Batch) -> None:
    """Trade through the batch, or until all is lost, then write how far the deployment is and tell it."""
    market = batch.market.until(batch.end)
    tape = await asyncio.to_thread(read_tape, run.document, market, start=batch.first)
    await _begin(run, tape, batch.start)
    every = max(1, (batch.end - batch.start) // POSITIONS_TOLD)
    for row in range(batch.start, batch.end):
        fills, at = run.deployment.fills, _times(market, row)
        await _trade(run, tape, row, at)
        if run.deployment.fills != fills or (row - batch.start) % every == 0 or row == batch.end - 1:
            _tell_position(run, at.closed)
        if is_lost(run):
            break
    last = _times(market, row)
    await _post_marks(run, last.closed)
    run.deployment.cursor_ts, run.deployment.account = last.opened, run.account.kept()
    _stand(run)
    await append_many(run.session, topic(run.deployment.id), run.told)


def is_lost(run: Run) -> bool:
    """Say whether the account is worth nothing any more: the backtest refuses such a run."""
    return run.equity <= rules.ZERO


async def close_out(run: Run) -> str:
    """Sell what is held, at the last prices known, moved against us by the slippage. Returns why not, or nothing.

    No limit and no switch denies it: a person asked for it. The orders stand at the bar that would have come next.
    """
    deployment = run.deployment
    assert deployment.cursor_ts is not None, "what holds something has seen a bar"
    ts, held = deployment.cursor_ts + length_of(deployment), [one for one in run.lines.values() if one.position]
    whys = [(line.symbol, await _sell(run, line, deployment.cursor_ts, ts)) for line in held]
    failed = [f"{symbol}: {why}" if len(run.lines) > 1 else why for symbol, why in whys if why]
    await _post_marks(run, ts)
    _stand(run)
    _tell_position(run, ts)
    await append_many(run.session, topic(deployment.id), run.told)
    return "; ".join(failed)


async def _sell(run: Run, line: Line, seen: datetime, ts: datetime) -> str:
    """Sell what is held of a symbol. Returns why the venue did not, or nothing."""
    intent = Intent(side=Side.SELL, quantity=line.position)
    order = orders.new_order(run, line, intent, BarTimes(opened=ts, closed=ts))
    run.deployment.orders += 1
    await run.venue.show(line.symbol, line.price, seen)
    await run.venue.submit(_request(line, order))
    await run.venue.show(line.symbol, line.price, ts)
    answer = await run.venue.fetch(OrderId(order.id))
    assert answer is not None, "the venue has what it was sent"
    for fill in answer.fills:
        await orders.book(run, line, order, fill)
    orders.turn(run, order, answer.status, Reason(code="venue", text=answer.reason) if answer.reason else None)
    return answer.reason


async def _begin(run: Run, tape: Tape, start: int) -> None:
    """Go on where the last step ended. A deployment from before accounts were kept lives through its bars again."""
    waiting = select(OrderRow).where(OrderRow.deployment_id == run.deployment.id, OrderRow.status.in_(OPEN_STATUSES))
    for order in await run.session.scalars(waiting):
        run.lines[order.symbol].open = order
    if run.deployment.account is not None:
        run.account.restore(run.deployment.account)
    else:
        for row in range(tape.first, start):
            run.account.work(tape, row)
            run.account.guard(tape, row)
            run.account.close(tape, row)
    _hold(run)
    for line in run.lines.values():
        if line.open is None and run.account.waits(line.symbol):
            run.account.take_back(line.symbol)  # what it lived through again knows of no order that was denied


async def _trade(run: Run, tape: Tape, row: int, at: BarTimes) -> None:
    _turn_day(run, at.opened)
    if row >= tape.first:
        await _meet(run, tape, row, at)
    for line in run.lines.values():
        if tape.present(line.symbol, row):
            line.price = Decimal(repr(tape.close(line.symbol, row)))
    if row >= tape.first:
        _decide(run, tape, row, at)


async def _meet(run: Run, tape: Tape, row: int, at: BarTimes) -> None:
    """Let the bar happen to the orders that wait, then to what is held."""
    _withdraw(run)
    made, outcomes = run.account.work(tape, row)
    for one in made:
        line = run.lines[one.symbol]
        assert line.open is not None, "what the account worked is an order of ours"
        await orders.execute(run, line, line.open, one, at.opened)
    for symbol, outcome in outcomes.items():
        orders.conclude(run, run.lines[symbol], outcome)
    protections = {symbol: run.account.protection(symbol) for symbol in run.lines}
    funded = {symbol: run.account.funded(symbol) for symbol in run.lines}
    for one in run.account.guard(tape, row):
        line = run.lines[one.symbol]
        await orders.protect(run, line, _protecting(line, one, protections[one.symbol]), one, at)
    for symbol, line in run.lines.items():
        await _pay(run, line, funding_of(run.account.funded(symbol) - funded[symbol]), at.closed)
        if line.open is not None and not run.account.waits(symbol):
            orders.turn(run, line.open, OrderStatus.CANCELED, orders.POSITION_ENDED)
    _hold(run)


async def _pay(run: Run, line: Line, amount: Decimal, ts: datetime) -> None:
    """Book the funding of a bar."""
    paid = FundingPaid(place=place_of(run, line), venue=VENUE, amount=amount, ts=ts)
    await post_funding(run.session, paid, learned_ts=run.now)
    run.funds = replace(run.funds, cash=EXACT.subtract(run.funds.cash, amount))


def _withdraw(run: Run) -> None:
    """Cancel the entries that still wait, where they might not go out any more."""
    for line in run.lines.values():
        if line.open is None or line.open.side != Side.BUY:
            continue
        reason = rules.check_waiting(run.limits, run.standing(line))
        if reason is not None:
            run.account.take_back(line.symbol)
            orders.turn(run, line.open, OrderStatus.CANCELED, reason)


def _decide(run: Run, tape: Tape, row: int, at: BarTimes) -> None:
    asked = run.account.close(tape, row)
    for line in run.lines.values():
        if line.open is not None and (line.symbol in asked or not run.account.waits(line.symbol)):
            orders.turn(run, line.open, OrderStatus.CANCELED, orders.OVERTAKEN)
    for symbol in sorted(asked, key=lambda one: asked[one] is Order.ENTRY):  # an exit denied frees no cash
        line = run.lines[symbol]
        if not orders.place(run, line, _intent(run, line, asked[symbol]), at):
            run.account.take_back(symbol)


def _intent(run: Run, line: Line, asked: Order) -> Intent:
    if asked is Order.EXIT:
        return Intent(side=Side.SELL, quantity=line.position)
    closes = {symbol: float(one.price) for symbol, one in run.lines.items()}
    budget, price = run.account.budget(line.symbol, closes), run.account.named_price(line.symbol)
    allowed = budget_of(budget, run.limits, run.expected(line))
    named = price_of(price, line.instrument) if price else None
    return Intent(side=Side.BUY, budget=allowed, kind=run.document.order.kind, price=named)


def _protecting(line: Line, made: Execution, protection: Protection) -> Intent:
    price = protection.target if made.cause == "target" else protection.stop
    named = price_of(price, line.instrument)
    return Intent(side=Side.SELL, quantity=line.position, kind=made.cause, price=named)


def _turn_day(run: Run, opened: datetime) -> None:
    day = rules.day_of(opened)
    if run.deployment.day != day:
        run.deployment.day = day
        run.funds = replace(run.funds, day_equity=run.equity, orders_today=0)


def _hold(run: Run) -> None:
    held = {symbol: float(line.position) for symbol, line in run.lines.items()}
    run.account.hold(cash=float(run.funds.cash), held=held)


def _request(line: Line, order: OrderRow) -> OrderRequest:
    return OrderRequest(
        id=OrderId(order.id),
        instrument=line.instrument,
        side=Side(order.side),
        ts=order.ts,
        quantity=order.quantity,
        budget=order.budget,
    )


async def _post_marks(run: Run, ts: datetime) -> None:
    for line in run.lines.values():
        if line.price > rules.ZERO:
            await post_mark(run.session, mark_of(run, line, ts))


def _stand(run: Run) -> None:
    """Write where the deployment stands; with several symbols what it holds of each stands apart."""
    deployment, holdings = run.deployment, _holdings(run)
    deployment.cash, deployment.equity, deployment.day_equity = run.funds.cash, run.equity, run.funds.day_equity
    if len(holdings) > 1:
        deployment.holdings = told(holdings)
        return
    (only,) = holdings
    deployment.position, deployment.price = only.position, only.price
    deployment.stop_price, deployment.target_price = only.stop_price, only.target_price


def _tell_position(run: Run, ts: datetime) -> None:
    run.told.append(("position", position_told(ts, _holdings(run), cash=run.funds.cash, equity=run.equity)))


def _holdings(run: Run) -> list[Holding]:
    return [_holding(run, line) for line in run.lines.values()]


def _holding(run: Run, line: Line) -> Holding:
    protection = run.account.protection(line.symbol)
    stop, target = (price_of(price, line.instrument) if price else None for price in protection)
    price = line.price if line.price > rules.ZERO else None
    return Holding(symbol=line.symbol, position=line.position, price=price, stop_price=stop, target_price=target)


def _times(market: Market, row: int) -> BarTimes:
    opened = instant(int(market.ts[row]))
    return BarTimes(opened=opened, closed=opened + timedelta(milliseconds=market.timeframe_ms))
