"""Owns what a deployment holds of each of its symbols, as its row keeps it and as everybody reads it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from uuid import UUID

from omc.core.money import text as plain
from omc.floor.rules import ZERO
from omc.floor.tables import DeploymentRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What is held of a symbol, its last price, and where a stop and a target end the position, where there are."""

    symbol: str
    position: Decimal = ZERO
    price: Decimal | None = None
    stop_price: Decimal | None = None
    target_price: Decimal | None = None


_AMOUNTS = [one.name for one in fields(Holding) if one.name != "symbol"]


def series_of(row: DeploymentRow) -> list[Mapping[str, object]]:
    """Return what the approved card says of each series that a deployment trades, the first one first."""
    others = row.card.get("others", [])
    assert isinstance(others, list)
    every: list[Mapping[str, object]] = []
    for one in (row.card["series"], *others):
        assert isinstance(one, dict)
        every.append(one)
    return every


def ids_of(row: DeploymentRow) -> list[UUID]:
    """Return the series that a deployment trades, in the same order."""
    return [row.series_id, *row.others]


def holdings_of(row: DeploymentRow) -> list[Holding]:
    """Return what a deployment holds of each of its symbols, in the order of its universe."""
    if not row.others:
        return [Holding(symbol=row.symbol, **{name: getattr(row, name) for name in _AMOUNTS})]
    kept = row.holdings or {}
    return [_holding(str(one["symbol"]), kept.get(str(one["symbol"]), {})) for one in series_of(row)]


def told(holdings: Iterable[Holding]) -> dict[str, object]:
    """Return holdings as plain JSON by symbol, as they are stored and told."""
    return {
        one.symbol: {
            name: None if value is None else plain(value) for name, value in asdict(one).items() if name in _AMOUNTS
        }
        for one in holdings
    }


def _holding(symbol: str, kept: object) -> Holding:
    assert isinstance(kept, dict)
    amounts = {name: Decimal(str(value)) for name, value in kept.items() if value is not None}
    return Holding(symbol=symbol, **amounts)
