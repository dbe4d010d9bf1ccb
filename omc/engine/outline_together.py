"""Owns the plain form of what is another thing for several symbols on one account than for one: positions, counts."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import cast

from omc.engine.holdings import Holding
from omc.engine.outline_positions import MAX_CLOSED, Plain, closed_rows
from omc.engine.portfolio import Portfolio
from omc.engine.simulate import Counts


def outline_together(run: Portfolio) -> Plain:
    """Return positions of all symbols in the order in which they ended, each with its symbol, and a row a symbol.

    What is held or waits at the end stands in the symbol's row.
    """
    holdings = run.holdings
    total = sum(one.gain for one in holdings.values())
    return {
        "closed": _closed(holdings),
        "closed_count": sum(len(one.closed.opened) for one in holdings.values()),
        "fill_count": sum(len(one.fills.ts) for one in holdings.values()),
        "open": None,
        "pending": None,
        "counts": asdict(_counted([one.counts for one in holdings.values()])),
        "symbols": [_row(symbol, one, total) for symbol, one in holdings.items()],
    }


def _counted(each: Sequence[Counts]) -> Counts:
    return Counts(
        both_in_one_bar=sum(one.both_in_one_bar for one in each),
        too_small=sum(one.too_small for one in each),
        liquidated=sum(one.liquidated for one in each),
        funding=sum(one.funding for one in each),
    )


def _closed(holdings: Mapping[str, Holding]) -> list[Plain]:
    rows = [{"symbol": symbol, **row} for symbol, one in holdings.items() for row in closed_rows(one.closed)]
    rows.sort(key=lambda row: (cast("int", row["closed"]), cast("int", row["opened"])))
    return rows[-MAX_CLOSED:]


def _row(symbol: str, one: Holding, total: float) -> Plain:
    """One symbol; its share is of what the account gained or lost, None when that is nothing."""
    return {
        "symbol": symbol,
        "closed_count": len(one.closed.opened),
        "won_count": int((one.closed.pnl > 0).sum()),
        "fill_count": len(one.fills.ts),
        "gain": one.gain,
        "share": one.gain / total if total else None,
        "fees": one.fees,
        "open": None if one.open is None else asdict(one.open),
        "pending": one.pending,
        "counts": asdict(one.counts),
    }
