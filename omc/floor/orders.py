"""Owns a deployment's orders: which goes out, what fills of it, how it ends; a fill is booked with its order."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert, text

from omc.books.service import post_fill
from omc.core.ids import DeploymentId, OrderId
from omc.core.money import EXACT
from omc.core.order import Fill, OrderStatus, Side
from omc.core.reason import Reason
from omc.engine.account import Execution, Outcome
from omc.floor import rules
from omc.floor.cards import VENUE
from omc.floor.exact import budget_at_open, fill_of
from omc.floor.rules import BarTimes, Intent
from omc.floor.run import Line, Run, account_of
from omc.floor.service import OPEN_STATUSES
from omc.floor.tables import FillRow, OrderRow
from omc.floor.telling import fill_told, order_told

OVERTAKEN = Reason(code="overtaken", text="the strategy wanted otherwise before all of it was filled")
POSITION_ENDED = Reason(code="position_ended", text="a stop or a target ended the position first")

_ENDS = {
    Outcome.FILLED: (OrderStatus.FILLED, None),
    Outcome.EXPIRED: (OrderStatus.EXPIRED, Reason(code="expired", text="its price was not reached in time")),
    Outcome.TOO_SMALL: (
        OrderStatus.REJECTED,
        Reason(code="too_small", text="it is worth less than the smallest order that is taken"),
    ),
    Outcome.SPENT: (
        OrderStatus.CANCELED,
        Reason(code="spent", text="the price moved on: what is left of its budget pays no further part"),
    ),
    Outcome.NO_CASH: (
        OrderStatus.CANCELED,
        Reason(code="no_cash", text="at the open, other symbols had left no cash for it"),
    ),
    Outcome.NO_PLACE: (
        OrderStatus.CANCELED,
        Reason(code="max_positions", text="at the open, the strategy held as many positions as it may"),
    ),
}
_WORKSPACE = text("current_setting('omc.workspace')::uuid")


def place(run: Run, line: Line, intent: Intent, at: BarTimes) -> bool:
    """Write an order that is asked for at a bar's close, and let it wait; False where it is denied."""
    denied = rules.check_order(run.limits, run.expected(line), intent)
    order = new_order(run, line, intent, at)
    run.deployment.orders += 1
    if denied is not None:
        turn(run, order, OrderStatus.DENIED, denied)
        return False
    run.funds = replace(run.funds, orders_today=run.funds.orders_today + 1)
    line.open = order
    turn(run, order, OrderStatus.ACCEPTED)
    return True


def new_order(run: Run, line: Line, intent: Intent, at: BarTimes) -> OrderRow:
    """Add the row of an order; its id follows from the deployment, its kind, the bar, and the symbol of several."""
    deployment, of = run.deployment, line.symbol if len(run.lines) > 1 else ""
    order = OrderRow(
        workspace_id=deployment.workspace_id,
        id=rules.order_id(DeploymentId(deployment.id), intent, at, of=of),
        deployment_id=deployment.id,
        bar_ts=at.opened,
        ts=at.opened if intent.protects else at.closed,
        day=deployment.day,
        symbol=line.symbol,
        side=intent.side.value,
        kind=intent.kind,
        price=intent.price,
        quantity=intent.quantity,
        budget=intent.budget,
        status=OrderStatus.SUBMITTED.value,
        filled=rules.ZERO,
        reason_code=None,
        reason_text=None,
        updated_ts=run.now,
    )
    run.session.add(order)
    return order


async def execute(run: Run, line: Line, order: OrderRow, made: Execution, ts: datetime) -> None:
    """Book what a bar filled of an order."""
    if order.budget is not None and not order.filled and len(run.lines) > 1:
        order.budget = budget_at_open(run.account.budgeted(line.symbol, made))
    fill = fill_of(made, OrderId(order.id), line.instrument, run.document.costs, run.standing(line), ts=ts)
    await book(run, line, order, fill)


async def book(run: Run, line: Line, order: OrderRow, fill: Fill) -> None:
    """Post a fill to the books, and write it with its order."""
    deployment = run.deployment
    await run.session.flush()
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
    _move(run, line, fill)
    run.told.append(("fill", fill_told(fill, fact_id)))


async def protect(run: Run, line: Line, intent: Intent, made: Execution, at: BarTimes) -> None:
    """Write the stop or target that went off in a bar, filled: it waited with the position, and nothing denies it."""
    order = new_order(run, line, intent, at)
    run.deployment.orders += 1
    run.funds = replace(run.funds, orders_today=run.funds.orders_today + 1)
    await execute(run, line, order, made, at.opened)
    turn(run, order, OrderStatus.FILLED)


def conclude(run: Run, line: Line, outcome: Outcome) -> None:
    """Let the order that waited end as the bar ended it."""
    order = line.open
    if order is None:
        return
    if outcome in _ENDS:
        turn(run, order, *_ENDS[outcome])
    elif order.filled and order.status != OrderStatus.PARTIALLY_FILLED:
        turn(run, order, OrderStatus.PARTIALLY_FILLED)


def turn(run: Run, order: OrderRow, status: OrderStatus, reason: Reason | None = None) -> None:
    """Write how an order stands now, and tell it; in most states it waits no more."""
    order.status, order.updated_ts = status.value, run.now
    if reason is not None:
        order.reason_code, order.reason_text = reason.code, reason.text
    line = run.lines[order.symbol]
    if order is line.open and status.value not in OPEN_STATUSES:
        line.open = None
    run.told.append(("order", order_told(order)))


def _move(run: Run, line: Line, fill: Fill) -> None:
    sign = 1 if fill.side is Side.BUY else -1
    cash = EXACT.subtract(EXACT.multiply(-sign, fill.notional), fill.fee)
    line.position = EXACT.add(line.position, EXACT.multiply(sign, fill.quantity))
    run.funds = replace(run.funds, cash=EXACT.add(run.funds.cash, cash))
