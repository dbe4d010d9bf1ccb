"""The contracts that the outside world fulfils."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from omc.core.ids import OrderId
from omc.core.market import Instrument
from omc.core.order import Fill, OrderRequest, OrderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueAnswer:
    """What a venue says of an order: its state, the fills so far, and why when it was rejected."""

    order_id: OrderId
    status: OrderStatus
    fills: Sequence[Fill] = ()
    reason: str = ""


class VenuePort(Protocol):
    """An exchange as the floor sees it. Every method is idempotent by our own order id."""

    async def instrument(self, symbol: str) -> Instrument:
        """Return the instrument with its steps; raises `LookupError` when the venue does not trade it."""
        ...

    async def submit(self, order: OrderRequest) -> VenueAnswer:
        """Send the order; sending the same id again returns the first answer and executes nothing."""
        ...

    async def cancel(self, order_id: OrderId) -> VenueAnswer:
        """Cancel what is still open; a finished order answers with its final state; `LookupError` when unknown."""
        ...

    async def fetch(self, order_id: OrderId) -> VenueAnswer | None:
        """Return what the venue knows of our order, None when it never arrived."""
        ...

    async def balances(self) -> dict[str, Decimal]:
        """Return total holdings by asset."""
        ...


class SimulatedVenue(VenuePort, Protocol):
    """A venue whose market we play to it: it acts on the prices that it is shown and on nothing else."""

    async def show(self, symbol: str, price: Decimal, ts: datetime) -> None:
        """Show the next price: orders that wait for one fill at it."""
        ...
