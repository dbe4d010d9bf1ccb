"""Where orders go: the table of venues. Only `floor.work` and `ledgers.work` may import this package.

A venue is one module with a class that fulfils `core.ports.VenuePort`, and one row here; it is loaded on first use.
Every row passes the acceptance suite in `tests/venues`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import import_module

from omc.core.ports import SimulatedVenue


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a simulated venue charges and what the account holds when it opens."""

    fee_bps: Decimal
    slippage_bps: Decimal
    balances: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """One row: how the venue is called, and the module and class that speak to it."""

    name: str
    label: str
    module: str
    port: str


VENUES: Mapping[str, Venue] = {
    "paper": Venue(name="paper", label="Paper (simulated fills)", module="omc.venues.paper", port="PaperVenue"),
}
"""Every venue by its name."""


def open_simulated(name: str, terms: Terms) -> SimulatedVenue:
    """Return a new connection to a simulated venue."""
    row = VENUES[name]
    venue: SimulatedVenue = getattr(import_module(row.module), row.port)(terms)
    return venue
