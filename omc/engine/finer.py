"""Owns the finer-bar check: the same decisions on finer bars of the same symbol, to see how often a bar hid the order.

Within a bar nobody knows what came first, so that a run takes the worse order. Each bar is laid out as the finer bars
inside it; where those are missing or do not make up the bar, it stands for itself. Decisions, sizes and what falls due
stay at the bar's close, and what is counted in bars is counted in as many finer ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from omc.engine.decision import summed
from omc.engine.document import StrategyDocument
from omc.engine.kernels import simulation as kernel
from omc.engine.operators import Conditions, Values
from omc.engine.positions import Fills
from omc.engine.running import Ran, run_given
from omc.engine.terms import ranges_of, rates_of, sizes_of, terms_of
from omc.ledgers.columns import BarColumns, Stamps

Kind = TypeVar("Kind", bound=np.generic)

MAX_ROWS = 6_000_000
SAME = 1e-9
"""By how much of itself a price of a bar may differ from what its finer bars make of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finer:
    """How often the order inside a bar mattered.

    Of `bars` the finer ones make up `covered`. Stop and target were both reached in `both` bars, and in `still_both`
    finer ones. In `differing` bars orders filled otherwise; `end_equity` is what the account would have ended with.
    """

    timeframe_ms: int
    data: str
    bars: int
    covered: int
    both: int
    still_both: int
    differing: int
    end_equity: float
    change: float

    @property
    def said(self) -> str:
        """The same as a sentence."""
        share = f"{self.covered} of {self.bars} bars were replayed on bars of {self.timeframe_ms // 1_000} s"
        mattered = f"orders filled otherwise in {self.differing}"
        both = f"stop and target were both reached in {self.both} bars, and in {self.still_both} of the finer ones"
        return f"{share}: {mattered}; {both}; the end equity would be {self.change * 100:+.4f} % of itself away"


def unchecked(document: StrategyDocument) -> str:
    """Why finer bars would tell nothing, or not what they are asked for; empty where they would."""
    terms = terms_of(document)
    inside = [*range(kernel.STOP, kernel.TRAIL_RANGE + 1), kernel.LEVERAGE, kernel.KIND]
    if not any(terms[term] for term in inside):
        return "nothing happens inside of a bar"
    if document.costs.participation is not None and document.costs.impact_bps:
        return "not checked: what a part of an order moves the price by is another thing on finer bars"
    return ""


def check_finer(
    document: StrategyDocument,
    columns: BarColumns,
    flags: Sequence[Conditions],
    fine: BarColumns,
    ran: Ran,
    *,
    first: int,
) -> Finer | None:
    """Replay what `run` found from bar `first` on, on finer bars whose length divides the bars'.

    None where nothing can be told: where it is `unchecked`, and where a trailing stop and what is counted in bars both
    need finer bars in each bar, and not all have some.
    """
    if unchecked(document):
        return None
    bars, ratio = columns.slice(first, len(columns)), columns.timeframe_ms // fine.timeframe_ms
    terms = terms_of(document)
    counting = any(terms[term] for term in (kernel.KIND, kernel.DELAY, kernel.LONGEST, kernel.COOLDOWN))
    shared = terms[kernel.SHARE] > 0.0
    laid = _laid(bars, fine, ratio, even=counting, shared=shared)
    if counting and (terms[kernel.TRAIL] or terms[kernel.TRAIL_RANGE]) and laid.covered < len(bars):
        return None
    terms[kernel.DELAY] *= ratio
    terms[kernel.FUNDING] /= ratio
    for term in (kernel.VALID, kernel.LONGEST, kernel.COOLDOWN):
        terms[term] *= ratio
    due = rates_of(document, columns, first)
    decided = _at_last(laid, summed(flags)[first:], np.zeros(len(laid.bars), dtype=np.uint8))
    rates = _at_last(laid, due[first:], np.zeros(len(laid.bars))) if len(due) > 1 else due
    sized = (sizes_of(document, columns), ranges_of(document, columns))
    paths = [one[first:][laid.of] if len(one) > 1 else one for one in sized]
    # Limits on losses look at the account when a bar closes, as before.
    clock = _at_last(laid, bars.ts, np.full(len(laid.bars), -1, dtype=np.int64))
    again = run_given(laid.bars, decided, [*paths, rates], terms, capital=float(document.capital), clock=clock)
    differing = _differing(ran, again, laid.of, priced=not shared)
    end, own = (0.0 if again.lost_at is not None else float(again.equity[-1])), float(ran.equity[-1])
    end = end if differing else own
    return Finer(
        timeframe_ms=fine.timeframe_ms,
        data=fine.data_hash,
        bars=len(bars),
        covered=laid.covered,
        both=int(ran.state[kernel.BOTH]),
        still_both=int(again.state[kernel.BOTH]),
        differing=differing,
        end_equity=end,
        change=end / own - 1.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Laid:
    """Rows in place of bars: of which bar each is, and the last row of each bar."""

    bars: BarColumns
    of: NDArray[np.intp]
    last: NDArray[np.intp]
    covered: int


def _at_last(laid: _Laid, values: NDArray[Kind], rows: NDArray[Kind]) -> NDArray[Kind]:
    """Put a value of each bar at its last row."""
    rows[laid.last] = values
    return rows


def _laid(bars: BarColumns, fine: BarColumns, ratio: int, *, even: bool, shared: bool) -> _Laid:
    """Lay out each bar as its finer ones where they make it up, then its close, `ratio` rows in all; or as itself.

    With `even` that has as many rows too, its close after it. With `shared` each has the volume of which an order takes
    its share, else that of the whole bar.
    """
    group = np.searchsorted(bars.ts, fine.ts, side="right") - 1
    kept = np.flatnonzero((group >= 0) & (fine.ts < bars.ts[group] + bars.timeframe_ms))
    group = group[kept]
    made_up = _made_up(bars, fine, group, kept)
    lengths = np.where(made_up | even, ratio, 1)
    starts = np.cumsum(lengths) - lengths
    of = np.repeat(np.arange(len(bars)), lengths)
    used = made_up[group]
    rows = (starts[group] + np.arange(len(group)) - np.searchsorted(group, group))[used]

    def column(own: Values, finer: Values) -> Values:
        values = np.zeros(len(of)) if own is bars.volume else bars.close[of]
        values[starts] = own
        values[rows] = finer[kept[used]]
        return values

    within = np.arange(len(of)) - starts[of]
    laid = BarColumns(
        ts=bars.ts[of] + fine.timeframe_ms * within,
        open=column(bars.open, fine.open),
        high=column(bars.high, fine.high),
        low=column(bars.low, fine.low),
        close=column(bars.close, fine.close),
        # Where nothing is shared, a fill moves the price by its share of the whole bar, as before.
        volume=column(bars.volume, fine.volume) if shared else bars.volume[of],
        timeframe_ms=fine.timeframe_ms,
    )
    return _Laid(bars=laid, of=of, last=starts + lengths - 1, covered=int(np.count_nonzero(made_up)))


def _made_up(bars: BarColumns, fine: BarColumns, group: Stamps, kept: Stamps) -> NDArray[np.bool_]:
    """Which bars their finer bars make up: same open, high, low and close."""
    found = np.zeros(len(bars), dtype=np.bool_)
    if len(group) == 0:
        return found
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    ends = np.append(starts[1:], len(group)) - 1
    at = group[starts]
    pairs = (
        (bars.open, fine.open[kept][starts]),
        (bars.high, np.maximum.reduceat(fine.high[kept], starts)),
        (bars.low, np.minimum.reduceat(fine.low[kept], starts)),
        (bars.close, fine.close[kept][ends]),
    )
    found[at] = np.all([np.abs(own[at] - made) <= SAME * own[at] for own, made in pairs], axis=0)
    return found


def _differing(ran: Ran, again: Ran, of: NDArray[np.intp], *, priced: bool) -> int:
    """In how many bars there are fills of another side or cause, or of another price where that is `priced`.

    An order that is filled in parts has other prices in each: only what became of it is compared.
    """
    one, other = _by_bar(ran.at, ran.fills, priced=priced), _by_bar(of[again.at], again.fills, priced=priced)
    return sum(one.get(at) != other.get(at) for at in {*one, *other})


def _by_bar(bars: NDArray[np.int64], fills: Fills, *, priced: bool) -> dict[int, list[tuple[float, float, int]]]:
    prices = fills.price if priced else np.zeros(len(fills.price))
    found: dict[int, list[tuple[float, float, int]]] = {}
    rows = zip(prices.tolist(), np.sign(fills.quantity).tolist(), fills.cause.tolist(), strict=True)
    for at, key in zip(bars.tolist(), rows, strict=True):
        known = found.setdefault(at, [])
        if priced or key not in known:
            known.append(key)
    return found
