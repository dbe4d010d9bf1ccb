"""Owns the way from fills to positions: which are closed, what each gained, and what is held at the end."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omc.engine.kernels import simulation as kernel
from omc.engine.operators import Values
from omc.ledgers.columns import BarColumns, Stamps

CAUSES = ("decision", "stop", "target", "liquidation")
"""Why a fill happened, by the kernel's number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fills:
    """Fills as columns: the bar's opening time, quantity in the base asset (negative sold), price, fee in quote.

    `cause` is an index into `CAUSES`, `position` counts positions from 1.
    """

    ts: Stamps
    quantity: Values
    price: Values
    fee: Values
    cause: NDArray[np.int8]
    position: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedPositions:
    """Positions from entry to exit as columns; prices are means over the fills.

    `side` is 1 or -1, `quantity` the largest that was held, `pnl` is after all fees and before funding, in quote;
    `cause` is why it ended.
    """

    opened: Stamps
    closed: Stamps
    side: NDArray[np.int8]
    quantity: Values
    entry: Values
    exit: Values
    fee: Values
    pnl: Values
    cause: NDArray[np.int8]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPosition:
    """What is held at the end, valued at the last close; `fee` is what its fills cost so far."""

    opened: int
    side: str
    quantity: float
    entry: float
    value: float
    fee: float


def closed_positions(fills: Fills, held: float) -> ClosedPositions:
    """Return every position that ended; with `held` not zero the last one has not."""
    starts = np.flatnonzero(np.diff(fills.position, prepend=0))
    count = len(starts) - (held != 0.0)
    ends = np.append(starts[1:], len(fills.ts))[:count]
    starts = starts[:count]
    upto = slice(0, int(ends[-1]) if count else 0)
    quantity, price, fee = fills.quantity[upto], fills.price[upto], fills.fee[upto]
    side = np.sign(quantity[starts])
    entering = np.where(quantity * np.repeat(side, ends - starts) > 0.0, quantity, 0.0)
    leaving = entering - quantity
    bought, sold = (_summed(part, starts) for part in (entering, leaving))
    paid, got, fees = (_summed(part, starts) for part in (entering * price, leaving * price, fee))
    return ClosedPositions(
        opened=fills.ts[upto][starts],
        closed=fills.ts[upto][ends - 1],
        side=side.astype(np.int8),
        quantity=np.abs(bought),
        entry=paid / bought,
        exit=got / sold,
        fee=fees,
        pnl=got - paid - fees,
        cause=fills.cause[upto][ends - 1],
    )


def open_position(fills: Fills, held: float, bars: BarColumns) -> OpenPosition | None:
    """Return what is still held after the last bar, or None."""
    if held == 0.0:
        return None
    own = fills.position == fills.position[-1]
    entering = own & (np.sign(fills.quantity) == np.sign(held))
    bought = fills.quantity[entering]
    return OpenPosition(
        opened=int(fills.ts[own][0]),
        side="long" if held > 0 else "short",
        quantity=abs(held),
        entry=float((bought * fills.price[entering]).sum() / bought.sum()),
        value=held * float(bars.close[-1]),
        fee=float(fills.fee[own].sum()),
    )


def bars_held(bars: NDArray[np.int64], fills: Fills, held: float, count: int) -> int:
    """Return how many of `count` bars had a position, from the bar of its first fill to that of its last."""
    if len(bars) == 0:
        return 0
    starts = np.flatnonzero(np.diff(fills.position, prepend=0))
    ends = np.append(starts[1:], len(fills.ts)) - 1
    inside = np.maximum(bars[ends] - bars[starts], fills.cause[ends] != kernel.DECISION)
    total = int(inside.sum())
    return total if held == 0.0 else total - int(inside[-1]) + count - int(bars[starts[-1]])


def _summed(values: Values, starts: NDArray[np.intp]) -> Values:
    return np.add.reduceat(values, starts) if len(starts) else np.zeros(0)
