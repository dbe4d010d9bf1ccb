"""Owns the plain form of closed positions: one row each, the newest of them only."""

from omc.engine.positions import CAUSES, ClosedPositions

MAX_CLOSED = 2_000

Plain = dict[str, object]

_NAMES = ("opened", "closed", "side", "quantity", "entry", "exit", "pnl", "fee", "cause")


def closed_rows(closed: ClosedPositions) -> list[Plain]:
    """Return the newest MAX_CLOSED closed positions, oldest of them first."""
    newest = slice(-MAX_CLOSED, None)
    columns = (
        closed.opened[newest].tolist(),
        closed.closed[newest].tolist(),
        ["long" if side > 0 else "short" for side in closed.side[newest].tolist()],
        closed.quantity[newest].tolist(),
        closed.entry[newest].tolist(),
        closed.exit[newest].tolist(),
        closed.pnl[newest].tolist(),
        closed.fee[newest].tolist(),
        [CAUSES[cause] for cause in closed.cause[newest].tolist()],
    )
    return [dict(zip(_NAMES, row, strict=True)) for row in zip(*columns, strict=True)]
