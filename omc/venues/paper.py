"""The paper venue: market orders fill at the next price shown, with fee and slippage, all of them at once.

It has no clock, no chance and no memory but its orders: shown the same prices and sent the same orders, it answers the
same. What a person sends goes here, the sale of what is held before a stop; what a strategy orders is worked bar by bar
by the account of its backtest (`floor.trading`), in this venue's steps.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from uuid import uuid5

from omc.core.ids import FillId, OrderId
from omc.core.market import Instrument, split_symbol
from omc.core.money import EXACT, QUANTUM, round_down
from omc.core.order import Fill, OrderRequest, OrderStatus, Side
from omc.core.ports import VenueAnswer
from omc.venues import Terms

NAME = "paper"
PRICE_STEP = Decimal("1e-10")
QUANTITY_STEP = Decimal("1e-8")
MIN_NOTIONAL = {"BTC": Decimal("0.0001"), "ETH": Decimal("0.001")}
MIN_NOTIONAL_ELSE = Decimal(1)
MAX_OPEN_ORDERS = 100

_BPS = Decimal(10_000)
_ZERO = Decimal(0)


@dataclass(slots=True, kw_only=True)
class _Kept:
    order: OrderRequest
    answer: VenueAnswer


class PaperVenue:
    """Fulfils `core.ports.SimulatedVenue` in memory."""

    def __init__(self, terms: Terms) -> None:
        """Open an account with the balances of `terms`."""
        self._fee_rate = EXACT.divide(terms.fee_bps, _BPS)
        self._slippage = EXACT.divide(terms.slippage_bps, _BPS)
        self._balances = dict(terms.balances)
        self._orders: dict[OrderId, _Kept] = {}
        self._prices: dict[str, Decimal] = {}

    async def instrument(self, symbol: str) -> Instrument:
        """Every symbol is traded, in the same fine steps."""
        try:
            base, quote = split_symbol(symbol)
        except ValueError as error:
            raise LookupError(str(error)) from None
        return Instrument(
            venue=NAME,
            symbol=symbol,
            base=base,
            quote=quote,
            price_step=PRICE_STEP,
            quantity_step=QUANTITY_STEP,
            min_notional=MIN_NOTIONAL.get(quote, MIN_NOTIONAL_ELSE),
        )

    async def submit(self, order: OrderRequest) -> VenueAnswer:
        """Accept the order until the next price is shown, or reject it with a reason."""
        if (kept := self._orders.get(order.id)) is not None:
            return kept.answer
        if order.quantity is not None:
            order = replace(order, quantity=round_down(order.quantity, order.instrument.quantity_step))
        reason = self._refusal(order)
        answer = _rejected(order, reason) if reason else VenueAnswer(order_id=order.id, status=OrderStatus.ACCEPTED)
        self._orders[order.id] = _Kept(order=order, answer=answer)
        return answer

    async def cancel(self, order_id: OrderId) -> VenueAnswer:
        """Cancel an order that still waits for a price."""
        kept = self._orders.get(order_id)
        if kept is None:
            msg = f"the paper venue has no order {order_id}"
            raise LookupError(msg)
        if kept.answer.status is OrderStatus.ACCEPTED:
            kept.answer = VenueAnswer(order_id=order_id, status=OrderStatus.CANCELED)
        return kept.answer

    async def fetch(self, order_id: OrderId) -> VenueAnswer | None:
        """Return the order's answer so far."""
        kept = self._orders.get(order_id)
        return None if kept is None else kept.answer

    async def balances(self) -> dict[str, Decimal]:
        """Return what the account holds now."""
        return dict(self._balances)

    async def show(self, symbol: str, price: Decimal, ts: datetime) -> None:
        """Fill what waits for the next price of the symbol, in the order in which it was sent."""
        self._prices[symbol] = price
        for kept in self._orders.values():
            if kept.answer.status is OrderStatus.ACCEPTED and kept.order.instrument.symbol == symbol:
                kept.answer = self._fill(kept.order, price, ts)

    def _refusal(self, order: OrderRequest) -> str:
        instrument = order.instrument
        price = self._prices.get(instrument.symbol)
        if price is None:
            return f"there is no price of {instrument.symbol} yet"
        if sum(kept.answer.status is OrderStatus.ACCEPTED for kept in self._orders.values()) >= MAX_OPEN_ORDERS:
            return f"{MAX_OPEN_ORDERS} orders are open already"
        notional = order.budget if order.quantity is None else EXACT.multiply(order.quantity, price)
        if notional is None or notional <= _ZERO or notional < instrument.min_notional:
            return f"the order is worth less than the smallest one taken, {instrument.min_notional} {instrument.quote}"
        return self._lack(order, notional)

    def _lack(self, order: OrderRequest, notional: Decimal) -> str:
        instrument = order.instrument
        if order.side is Side.BUY:
            asset, needed = instrument.quote, notional
        else:
            asset, needed = instrument.base, order.quantity or _ZERO
        held = self._balances.get(asset, _ZERO)
        return f"the account has {held} {asset}, and the order needs {needed}" if needed > held else ""

    def _fill(self, order: OrderRequest, price: Decimal, ts: datetime) -> VenueAnswer:
        instrument = order.instrument
        sign = 1 if order.side is Side.BUY else -1
        paid = EXACT.multiply(price, EXACT.add(1, EXACT.multiply(sign, self._slippage)))
        paid = _to_step(paid, instrument.price_step)
        quantity = self._quantity(order, paid)
        notional = EXACT.multiply(paid, quantity)
        fee = round_down(EXACT.multiply(notional, self._fee_rate), QUANTUM)
        needed = EXACT.add(notional, fee)
        if order.side is Side.BUY and needed > self._balances.get(instrument.quote, _ZERO):
            return _rejected(order, f"the price rose: the order needs {needed} {instrument.quote}")
        if quantity == _ZERO:
            return _rejected(order, f"the budget buys less than {instrument.quantity_step} {instrument.base}")
        fill = Fill(
            id=FillId(uuid5(order.id, "fill 1")),
            order_id=order.id,
            instrument=instrument,
            side=order.side,
            price=paid,
            quantity=quantity,
            fee=fee,
            fee_asset=instrument.quote,
            ts=ts,
        )
        self._settle(fill, sign)
        return VenueAnswer(order_id=order.id, status=OrderStatus.FILLED, fills=(fill,))

    def _quantity(self, order: OrderRequest, price: Decimal) -> Decimal:
        if order.quantity is not None:
            return order.quantity
        assert order.budget is not None
        with_fee = EXACT.multiply(price, EXACT.add(1, self._fee_rate))
        return round_down(EXACT.divide(order.budget, with_fee), order.instrument.quantity_step)

    def _settle(self, fill: Fill, sign: int) -> None:
        base, quote = fill.instrument.base, fill.instrument.quote
        coins = EXACT.multiply(sign, fill.quantity)
        cash = EXACT.subtract(EXACT.multiply(-sign, fill.notional), fill.fee)
        self._balances[base] = EXACT.add(self._balances.get(base, _ZERO), coins)
        self._balances[quote] = EXACT.add(self._balances.get(quote, _ZERO), cash)


def _rejected(order: OrderRequest, reason: str) -> VenueAnswer:
    return VenueAnswer(order_id=order.id, status=OrderStatus.REJECTED, reason=reason)


def _to_step(price: Decimal, step: Decimal) -> Decimal:
    """Return the price to the nearest step, ties to even: the one rounding of a paper price."""
    return EXACT.multiply(EXACT.divide(price, step).to_integral_value(rounding=ROUND_HALF_EVEN), step)
