"""Owns what one symbol of a shared account went through: its fills and positions, and its part of what was gained."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from omc.engine.decision import WISHES, Positions, Wish
from omc.engine.kernels import simulation as kernel
from omc.engine.operators import Values
from omc.engine.positions import ClosedPositions, Fills, OpenPosition, closed_positions, open_position
from omc.engine.running import fills_of
from omc.engine.simulate import Counts, counts_of
from omc.ledgers.columns import BarColumns, Stamps


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What one symbol of the account went through.

    `gain` is what it added to the account, in quote: what was sold and is still held less what was bought, after fees
    and funding. The gains of all symbols are what the account gained. `wanted` is after each instant of the account.
    """

    wanted: Positions
    fills: Fills
    closed: ClosedPositions
    open: OpenPosition | None
    pending: Wish | None
    counts: Counts
    fees: float
    gain: float


def holding_of(bars: BarColumns, ts: Stamps, state: Values, written: Values, wanted: Positions) -> Holding:
    """Return what the kernel wrote of one symbol; `ts` and `wanted` have a value for each instant of the account."""
    held = float(state[kernel.HELD])
    _, fills = fills_of(cast("Sequence[float]", written), int(state[kernel.COUNT]), ts)
    left, counts = open_position(fills, held, bars), counts_of(state.tolist())
    fees = float(fills.fee.sum())
    paid = float((fills.quantity * fills.price).sum()) + fees + counts.funding
    last = int(wanted[-1])
    waits = state[kernel.WAITING] != 0.0 or last != state[kernel.GOAL]
    return Holding(
        wanted=wanted,
        fills=fills,
        closed=closed_positions(fills, held),
        open=left,
        pending=WISHES[last] if waits else None,
        counts=counts,
        fees=fees,
        gain=(left.value if left else 0.0) - paid,
    )
