"""What the events of a deployment say, in the shape in which the API answers the same things."""

from datetime import datetime
from decimal import Decimal

from omc.core.canonical import instant_text
from omc.core.money import text as plain
from omc.core.order import Fill
from omc.floor.rules import Standing
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
        "order_id": str(fill.order_id),
        "ts": instant_text(fill.ts),
        "side": fill.side.value,
        "price": plain(fill.price),
        "quantity": plain(fill.quantity),
        "fee": plain(fill.fee),
        "fee_asset": fill.fee_asset,
        "fact_id": str(fact_id),
    }


def position_told(ts: datetime, standing: Standing, *, stop: Decimal | None, target: Decimal | None) -> Told:
    """Return where a deployment stands as events tell it, and where its position ends besides by a decision."""
    return {
        "ts": instant_text(ts),
        "position": plain(standing.position),
        "cash": plain(standing.cash),
        "equity": plain(standing.equity),
        "price": plain(standing.price),
        "stop_price": None if stop is None else plain(stop),
        "target_price": None if target is None else plain(target),
    }
