"""Orders and fills: the states an order passes through and what a venue answers."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from omc.core.ids import FillId, OrderId
from omc.core.market import Instrument
from omc.core.money import EXACT


class Side(StrEnum):
    """Which way an order goes."""

    BUY = "buy"
    SELL = "sell"


class OrderStatus(StrEnum):
    """Where an order stands. Denied is by us, before it is sent; rejected is by the venue."""

    INITIALIZED = "initialized"
    DENIED = "denied"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """A market order as we send it. Its id is the client order id: sending it twice is sending it once.

    It names either a `quantity` of the base asset or, to buy, a `budget` of the quote asset with the fee inside it: the
    price at which it fills is not known when it is sent.
    """

    id: OrderId
    instrument: Instrument
    side: Side
    ts: datetime
    quantity: Decimal | None = None
    budget: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse an order that says both or neither, or sells by budget."""
        if (self.quantity is None) == (self.budget is None):
            msg = "an order names a quantity or a budget, one of the two"
            raise ValueError(msg)
        if self.budget is not None and self.side is not Side.BUY:
            msg = "only a purchase can be ordered by budget"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """What a venue executed. `fee` is positive when paid, in units of `fee_asset`."""

    id: FillId
    order_id: OrderId
    instrument: Instrument
    side: Side
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str
    ts: datetime

    @property
    def notional(self) -> Decimal:
        """Price times quantity, in the quote asset, exact."""
        return EXACT.multiply(self.price, self.quantity)
