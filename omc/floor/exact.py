"""Owns the way from what the engine's account did, in floats, to the exact amounts that are ordered and booked.

Prices and quantities are in the venue's steps and the fee is the rate of the value: as a venue would have filled it.
"""

from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from uuid import uuid5

from omc.core.ids import FillId, OrderId
from omc.core.market import Instrument
from omc.core.money import EXACT, QUANTUM, round_down
from omc.core.order import Fill, Side
from omc.engine.account import Execution
from omc.engine.clauses import Costs
from omc.floor.rules import ZERO, Limits, Standing, room_of_position

CASH_STEP = Decimal("1e-10")
ROUNDING = Decimal("1e-12")
"""Of the equity: more than what floats and the cash step round a budget by."""

_BPS = Decimal(10_000)


def price_of(price: float, instrument: Instrument) -> Decimal:
    """Return a price in the venue's steps."""
    return _to_step(price, instrument.price_step)


def budget_of(budget: float, limits: Limits, standing: Standing) -> Decimal:
    """Return what an entry may spend, never more than the cash. What is the limit but for its rounding is within it."""
    wanted, most = min(standing.cash, _to_step(budget, CASH_STEP)), room_of_position(limits, standing)
    slack = max(CASH_STEP, EXACT.multiply(standing.equity, ROUNDING))
    beyond = EXACT.subtract(wanted, most)
    return max(ZERO, round_down(most, CASH_STEP)) if ZERO < beyond <= slack else wanted


def funding_of(paid: float) -> Decimal:
    """Return what was paid for holding, below zero what was got."""
    return _to_step(paid, CASH_STEP)


def budget_at_open(budget: float) -> Decimal:
    """Return what an entry was let spend once the open had said what other symbols left to it."""
    return _to_step(budget, CASH_STEP)


def fill_of(
    made: Execution, order_id: OrderId, instrument: Instrument, costs: Costs, standing: Standing, *, ts: datetime
) -> Fill:
    """Return what a bar filled of an order as an exact fill, which the account can pay or deliver."""
    price = price_of(made.price, instrument)
    rate = _rate(made, costs)
    quantity = min(
        _to_step(abs(made.quantity), instrument.quantity_step), _most(made, price, rate, instrument, standing)
    )
    return Fill(
        id=FillId(uuid5(order_id, f"fill {ts.isoformat()}")),
        order_id=order_id,
        instrument=instrument,
        side=Side.BUY if made.quantity > 0.0 else Side.SELL,
        price=price,
        quantity=quantity,
        fee=round_down(EXACT.multiply(EXACT.multiply(price, quantity), rate), QUANTUM),
        fee_asset=instrument.quote,
        ts=ts,
    )


def _most(made: Execution, price: Decimal, rate: Decimal, instrument: Instrument, standing: Standing) -> Decimal:
    """What can be sold is what is held, and what can be bought is what the cash pays with the fee."""
    if made.quantity < 0.0:
        return standing.position
    with_fee = EXACT.multiply(price, EXACT.add(1, rate))
    return round_down(EXACT.divide(max(ZERO, standing.cash), with_fee), instrument.quantity_step)


def _rate(made: Execution, costs: Costs) -> Decimal:
    """The exact rate of the fee that the account paid: a taker's or a maker's."""
    rates = [EXACT.divide(bps, _BPS) for bps in (costs.fee_bps, costs.maker_fee_bps) if bps is not None]
    paid = made.fee / abs(made.quantity * made.price)
    return min(rates, key=lambda rate: abs(float(rate) - paid))


def _to_step(value: float, step: Decimal) -> Decimal:
    steps = EXACT.divide(Decimal(repr(value)), step).to_integral_value(rounding=ROUND_HALF_EVEN)
    return EXACT.multiply(steps, step)
