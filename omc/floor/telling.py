"""What the events of a deployment say, in the shape in which the API answers the same things."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from omc.core.canonical import instant_text
from omc.core.money import text as plain
from omc.core.order import Fill
from omc.floor.holdings import Holding, told
from omc.floor.tables import OrderRow

Told = dict[str, object]


def order_told(order: OrderRow) -> Told:
    """Return an order as events tell it."""
    return {
        "id": str(order.id),
        "bar_ts": instant_text(order.bar_ts),
        "ts": instant_text(order.ts),
        "symbol": order.symbol,
        "side": order.side,
        "kind": order.kind,
        "price": None if order.price is None else plain(order.price),
        "quantity": None if order.quantity is None else plain(order.quantity),
        "budget": None if order.budget is None else plain(order.budget),
        "status": order.status,
        "filled": plain(order.filled),
        "reason": order.reason_text,
        "reason_code": order.reason_code,
    }


def fill_told(fill: Fill, fact_id: object) -> Told:
    """Return a fill as events tell it."""
    return {
        "id": str(fill.id),
        "symbol": fill.instrument.symbol,
        "order_id": str(fill.order_id),
        "ts": instant_text(fill.ts),
        "side": fill.side.value,
        "price": plain(fill.price),
        "quantity": plain(fill.quantity),
        "fee": plain(fill.fee),
        "fee_asset": fill.fee_asset,
        "fact_id": str(fact_id),
    }


def position_told(ts: datetime, holdings: Sequence[Holding], *, cash: Decimal, equity: Decimal) -> Told:
    """Return where a deployment stands as events tell it: of one symbol what it holds, of several that of each."""
    money: Told = {"ts": instant_text(ts), "cash": plain(cash), "equity": plain(equity)}
    held = told(holdings)
    if len(holdings) > 1:
        return money | {"holdings": held}
    (only,) = held.values()
    assert isinstance(only, dict)
    return money | only
