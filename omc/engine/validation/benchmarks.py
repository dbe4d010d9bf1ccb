"""Owns what a strategy is held against: cash, holding, and entries at random that trade as much and hold as long.

All are priced alike, and simply: all of the account in each position, filled at the open of the bar after the decision,
a position still open at the end closed at the last close. `cost` is what each fill costs as a fraction of its value
(fee and slippage). Give bars from the first one on which the strategy may decide.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from omc.engine.validation.inputs import finite, quantiles, whole
from omc.kit.errors import Refusal
from omc.ledgers.columns import BarColumns, Floats, Stamps

RANDOM_RUNS = 1_000
MAX_RANDOM_RUNS = 20_000
LEAST_BARS = 3

_LARGEST_SEED = 2**63 - 1
_YEAR_MS = 365 * 86_400_000
_AT_ONCE = 1_000_000  # positions priced in one step, which bounds the memory
_ROUNDING = 1e-12  # two orders of one product differ by less

Positions: TypeAlias = NDArray[np.int8]


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomEntries:
    """What the strategy earned and what entries at random did, as fractions, priced alike.

    `returns` has one value a random run. `p_value` is how often chance does at least as well, the strategy itself
    counted as one of the runs (Phipson and Smyth 2010, eq. 2); None with a note where there is no other way to trade.
    `positions` and `bars_held` are those of the strategy and of each random run.
    """

    own: float
    returns: Floats
    p_value: float | None
    positions: int
    bars_held: int
    seed: int
    note: str = ""

    def plain(self) -> dict[str, object]:
        """The same as plain JSON; of the random runs how they spread."""
        return {
            "own": self.own,
            "p_value": self.p_value,
            "positions": self.positions,
            "bars_held": self.bars_held,
            "seed": self.seed,
            "note": self.note,
            "runs": len(self.returns),
            "returns": quantiles(self.returns),
        }


def cash_return(bars: BarColumns, yearly_rate: float = 0.0) -> float:
    """What cash at a yearly rate, compounded, earns from the first bar's open to the last bar's close."""
    if not (np.isfinite(yearly_rate) and yearly_rate > -1):
        raise Refusal("bad_rate", 422, f"a yearly rate of {yearly_rate} is none; give a fraction, such as 0.04")
    _check(bars)
    years = (int(bars.ts[-1]) + bars.timeframe_ms - int(bars.ts[0])) / _YEAR_MS
    return float(np.expm1(years * np.log1p(yearly_rate)))


def holding_return(bars: BarColumns, *, cost: float) -> float:
    """What buying at the second bar's open and selling at the last close earns."""
    _check(bars)
    always = _Holdings.of(np.ones(len(bars) - 1, dtype=np.int8))
    return float(_earned(_prices(bars), always.sides, always.starts, always.lengths, _cost(cost)))


def random_entries(
    bars: BarColumns, wanted: Positions, *, cost: float, seed: int, runs: int = RANDOM_RUNS
) -> RandomEntries:
    """Place the strategy's own positions at random times, many times over, and see what that earns.

    `wanted` is the position wanted after each bar's close (1 long, 0 flat, -1 short). A random run has the same sides
    in the same order, the same lengths (in another order among the longs and among the shorts), and so the same
    turnover and time in the market; only when it enters is chance. Raises Refusal `too_few_values`, `not_finite`,
    `bad_price`, `bad_positions`, `bad_cost`, `bad_count`.
    """
    _check(bars)
    assert len(wanted) == len(bars), "one position a bar"
    if not np.isin(wanted, (-1, 0, 1)).all():
        raise Refusal("bad_positions", 422, "a position wanted is 1, 0 or -1 after each bar; give no other")
    whole(runs, "the number of random runs", 100, MAX_RANDOM_RUNS)
    generator = np.random.Generator(np.random.PCG64(whole(seed, "the seed", 0, _LARGEST_SEED)))
    prices, rate = _prices(bars), _cost(cost)
    holdings = _Holdings.of(wanted[:-1])  # what is wanted after the last bar is never filled
    own = float(_earned(prices, holdings.sides, holdings.starts, holdings.lengths, rate))
    parts = [_earned(prices, holdings.sides, *layout, rate) for layout in _layouts(holdings, generator, runs)]
    returns = np.concatenate(parts) if parts else np.zeros(runs)
    why_not = holdings.fixed()
    return RandomEntries(
        own=own,
        returns=returns,
        p_value=None if why_not else _as_good(own, returns),
        positions=len(holdings.sides),
        bars_held=int(holdings.lengths.sum()),
        seed=seed,
        note=why_not,
    )


def spread_evenly(each: Sequence[RandomEntries]) -> RandomEntries:
    """Return the same of several symbols, with an even share of the account in each; drawn by different seeds."""
    own, returns = float(np.mean([one.own for one in each])), np.mean([one.returns for one in each], axis=0)
    fixed = all(one.note for one in each)
    return RandomEntries(
        own=own,
        returns=returns,
        p_value=None if fixed else _as_good(own, returns),
        positions=sum(one.positions for one in each),
        bars_held=sum(one.bars_held for one in each),
        seed=each[0].seed,
        note=each[0].note if fixed else "",
    )


def _as_good(own: float, returns: Floats) -> float:
    as_good = int(np.count_nonzero(1 + returns >= (1 + own) * (1 - _ROUNDING)))
    return (as_good + 1) / (len(returns) + 1)


def _check(bars: BarColumns) -> None:
    finite(bars.open, "opening prices", LEAST_BARS)
    finite(bars.close, "closing prices", LEAST_BARS)
    if min(bars.open.min(), bars.close.min()) <= 0:
        raise Refusal("bad_price", 422, "a price is zero or negative; leave that bar out before judging a strategy")


def _cost(cost: float) -> float:
    if not 0 <= cost < 1:
        raise Refusal("bad_cost", 422, f"a cost of {cost} a fill is none; give a fraction of its value, such as 0.001")
    return cost


def _prices(bars: BarColumns) -> Floats:
    """What a decision after each bar is filled at; after the last one, what an open position is worth."""
    return np.append(bars.open[1:], bars.close[-1])


@dataclass(frozen=True, slots=True)
class _Holdings:
    """Stretches of one unchanged position in order of time: the side, the first bar, how many bars; and all bars."""

    sides: Positions
    starts: Stamps
    lengths: Stamps
    bars: int

    @classmethod
    def of(cls, wanted: Positions) -> "_Holdings":
        edges = np.flatnonzero(np.diff(wanted, prepend=np.int8(2), append=np.int8(2))).astype(np.int64)
        starts, lengths = edges[:-1], np.diff(edges)
        held = wanted[starts] != 0
        return cls(wanted[starts][held], starts[held], lengths[held], len(wanted))

    def between(self) -> Stamps:
        """Bars that must be flat before each: one after another of the same side, or they would be one position."""
        same = np.diff(self.sides, prepend=np.int8(2)) == 0
        return np.asarray(same, dtype=np.int64)

    def free(self) -> int:
        """Flat bars that may be anywhere."""
        return self.bars - int(self.lengths.sum()) - int(self.between().sum())

    def fixed(self) -> str:
        """Why nothing can be random, or nothing."""
        if not len(self.sides):
            return "the strategy never held a position, so there is nothing to place at random"
        different = any(len(set(self.lengths[self.sides == side].tolist())) > 1 for side in (1, -1))
        if self.free() or different:
            return ""
        return "the positions leave no bar free, so there is no other time at which they could be opened"


def _layouts(holdings: _Holdings, generator: np.random.Generator, runs: int) -> Iterator[tuple[Stamps, Stamps]]:
    """First bars and lengths of every position, one row a random run, some runs at once."""
    count, left = len(holdings.sides), runs
    by_side = np.argsort(holdings.sides, kind="stable")
    before = np.cumsum(holdings.between())
    while left and count:
        rows = min(left, max(1, _AT_ONCE // count))
        left -= rows
        draws = generator.random((2, rows, count))
        # Sorting by side and, within a side, by chance puts each length back where its side stands.
        shuffled = np.argsort(draws[0] + 2.0 * holdings.sides, axis=1)
        lengths = np.empty((rows, count), dtype=np.int64)
        lengths[:, by_side] = holdings.lengths[shuffled]
        entered = np.sort((draws[1] * (holdings.free() + 1)).astype(np.int64), axis=1)
        yield entered + before + np.cumsum(lengths, axis=1) - lengths, lengths


def _earned(prices: Floats, sides: Positions, starts: Stamps, lengths: Stamps, cost: float) -> Floats:
    """The return of each row of positions; what loses everything stays at nothing."""
    moved = prices[starts + lengths] / prices[starts]
    growth = 1.0 + sides * (moved - 1.0) - cost * (1.0 + moved)
    with np.errstate(over="ignore", invalid="ignore"):
        earned = np.asarray(np.prod(np.maximum(growth, 0.0), axis=-1) - 1.0, dtype=np.float64)
    if not np.isfinite(earned).all():
        raise Refusal("not_finite", 422, "the prices multiply a position beyond what a number can hold; check the bars")
    return earned
