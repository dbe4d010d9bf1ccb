"""Lots and their disposals: what the books match."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from omc.core.money import EXACT


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """An acquisition and what is left of it; `cost` is of the whole `quantity`, fees included, in base money."""

    id: str
    asset: str
    acquired_ts: datetime
    quantity: Decimal
    cost: Decimal
    taken: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A part of a lot given up by a disposal, with the share of the lot's cost that goes with it."""

    lot: str
    quantity: Decimal
    cost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposal:
    """A sale matched to its lots; gain is proceeds minus cost, exact."""

    event: str
    asset: str
    ts: datetime
    quantity: Decimal
    proceeds: Decimal
    cost: Decimal
    matches: tuple[Match, ...]

    @property
    def gain(self) -> Decimal:
        """Realized profit, negative when a loss."""
        return EXACT.subtract(self.proceeds, self.cost)
