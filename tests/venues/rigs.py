"""How the acceptance suite drives each venue: a rig a row of `VENUES`, with the same account and market in all.

A live venue's rig runs its wire simulator on loopback; the paper venue needs nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from omc.core.ids import OrderId
from omc.core.order import OrderRequest, Side
from omc.core.ports import SimulatedVenue
from omc.venues import Terms, open_simulated

START = datetime(2024, 1, 1, tzinfo=UTC)
SYMBOL = "BTC/USDT"
TERMS = Terms(fee_bps=Decimal(10), slippage_bps=Decimal(5), balances={"USDT": Decimal(10_000), "BTC": Decimal("0.5")})


@dataclass(slots=True, kw_only=True)
class Rig:
    """A venue with an account of 10,000 USDT and 0.5 BTC, fee 10 bps, slippage 5 bps, and a market that we move."""

    venue: SimulatedVenue
    minutes: int = 0

    async def price(self, price: str) -> None:
        """Let the market trade at `price`, a minute later than before."""
        self.minutes += 1
        await self.venue.show(SYMBOL, Decimal(price), START + timedelta(minutes=self.minutes))

    async def order(
        self, name: str, side: Side = Side.BUY, *, quantity: str | None = None, budget: str | None = None
    ) -> OrderRequest:
        """An order of the symbol; the same name is the same client order id."""
        return OrderRequest(
            id=OrderId(uuid5(UUID(int=3), name)),
            instrument=await self.venue.instrument(SYMBOL),
            side=side,
            ts=START,
            quantity=None if quantity is None else Decimal(quantity),
            budget=None if budget is None else Decimal(budget),
        )


RIGS: Mapping[str, Callable[[], Rig]] = {"paper": lambda: Rig(venue=open_simulated("paper", TERMS))}
