"""Owns how far a result could have been otherwise: intervals by the stationary bootstrap, and reshuffled positions.

Everything is drawn from a seed by PCG64's uniform numbers alone, so a seed gives the same figures on each Python.
"""

from collections.abc import Iterable, MutableSequence, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from math import log1p, sqrt
from typing import cast

import numpy as np

from omc.engine.kernels import chosen, is_compiled
from omc.engine.kernels.resampling import CHUNK, drawn, resampled, shuffled
from omc.engine.metrics import DAYS_A_YEAR, daily
from omc.engine.metrics import returns as changes_of
from omc.engine.validation.block_length import LEAST_RETURNS, block_length, prefix_sums
from omc.engine.validation.inputs import finite, share, whole
from omc.kit.errors import Refusal
from omc.ledgers.columns import Floats, Stamps

RESAMPLES = 2_000
MAX_RESAMPLES = 20_000
LEAST_POSITIONS = 5
MAX_BLOCKS = 20_000_000
"""Blocks drawn in all; more bars than that take longer blocks, which at a million bars costs no precision."""

_METHOD = "stationary bootstrap, percentiles"
_ORDERS = "reshuffled order, percentiles"
_DRAWS = "drawn with replacement, percentiles"
_POSITION = "closed position"
_LARGEST_SEED = 2**63 - 1
_LEAST_EQUITY = 1e-150
_NO_SPREAD = 1e-13  # of the mean square: what rounding leaves of a constant series


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure and where it lies with probability `level`, both tails alike; None with a note where it is not defined.

    `method` is how the interval was made, `sampling` what was drawn.
    """

    low: float | None
    value: float | None
    high: float | None
    level: float
    method: str
    sampling: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertainty:
    """Intervals of a run's figures, and what they were made with. Drawdown is zero or negative, as elsewhere."""

    total_return: Interval
    sharpe: Interval
    max_drawdown: Interval
    block_length: float
    resamples: int
    seed: int

    def plain(self) -> dict[str, object]:
        """The same as plain JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reshuffled:
    """What luck in the order, and in the choice, of closed positions does.

    `max_drawdown` is over orders of the same positions, measured where they close; `total_return` over positions drawn
    with replacement, as their order does not change what they multiply to. `lost` is the share of draws that end below
    where they began.
    """

    max_drawdown: Interval
    total_return: Interval
    lost: float
    shuffles: int
    seed: int

    def plain(self) -> dict[str, object]:
        """The same as plain JSON."""
        return asdict(self)


def uncertainty(ts: Stamps, equity: Floats, *, seed: int = 0) -> Uncertainty:
    """Say how far a run's return, Sharpe ratio and drawdown could have been otherwise, by its daily returns."""
    return intervals(changes_of(daily(ts, equity)), seed=seed, per_year=DAYS_A_YEAR, sampling="UTC day")


def intervals(
    returns: Floats,
    *,
    seed: int,
    per_year: float,
    sampling: str,
    resamples: int = RESAMPLES,
    level: float = 0.95,
    block: float | None = None,
) -> Uncertainty:
    """Say how far total return, Sharpe ratio and deepest drawdown of a series of returns could have been otherwise.

    The stationary bootstrap (Politis and Romano 1994): blocks that begin anywhere with a geometric length of mean
    `block`, by default the best for the series (`block_length`). `per_year` annualises the Sharpe ratio, `sampling`
    says what one return is of ("UTC day"). Raises Refusal `too_few_values`, `not_finite`, `equity_lost`, `bad_share`,
    `bad_count`.
    """
    values = _compounding(finite(returns, "returns", LEAST_RETURNS), "returns")
    whole(resamples, "the number of resamples", 100, MAX_RESAMPLES)
    generator = _generator(seed)
    share(level, "the level")
    length = _affordable(block_length(values) if block is None else block, len(values), resamples)
    series = _Series.of(values)
    whole_series = np.zeros(1, dtype=np.int64), np.full(1, len(values))
    blocks = (_blocks(generator, len(values), length) for _ in range(resamples))
    figures = _bounded(series.figures(chain([whole_series], blocks), resamples * len(values)))

    def interval(column: Floats) -> Interval:
        return _interval(column[0], column[1:], level=level, method=_METHOD, sampling=sampling)

    return Uncertainty(
        total_return=interval(figures[:, 0] - 1.0),
        sharpe=interval(series.sharpes(figures) * sqrt(per_year)),
        max_drawdown=interval(figures[:, 1] - 1.0),
        block_length=length,
        resamples=resamples,
        seed=seed,
    )


def reshuffled(gains: Floats, *, seed: int, shuffles: int = RESAMPLES, level: float = 0.95) -> Reshuffled:
    """Put closed positions into other orders, and draw them anew.

    `gains` is what each closed position earned as a fraction of the equity that it was opened with, in order. Raises
    Refusal `too_few_values`, `not_finite`, `equity_lost`, `bad_share`, `bad_count`.
    """
    values = 1.0 + _compounding(finite(gains, "closed positions", LEAST_POSITIONS), "gains")
    whole(shuffles, "the number of shuffles", 100, MAX_RESAMPLES)
    share(level, "the level")
    generator = _generator(seed)
    worst, final = _shuffled(values, generator, shuffles)
    equity = np.cumprod(np.concatenate(([1.0], values)))
    own = float((equity / np.maximum.accumulate(equity)).min())
    return Reshuffled(
        max_drawdown=_interval(own - 1.0, worst - 1.0, level=level, method=_ORDERS, sampling=_POSITION),
        total_return=_interval(equity[-1] - 1.0, final - 1.0, level=level, method=_DRAWS, sampling=_POSITION),
        lost=float(np.mean(final < 1.0)),
        shuffles=shuffles,
        seed=seed,
    )


def _shuffled(values: Floats, generator: np.random.Generator, shuffles: int) -> tuple[Floats, Floats]:
    """For each shuffle, the lowest ratio to a high in a new order, and what other positions multiply to."""
    work = shuffles * len(values)
    order, choice = chosen(shuffled, work), chosen(drawn, work)
    worst, final = np.empty(shuffles), np.empty(shuffles)
    growth = _numbers(values, compiled=is_compiled(order))
    for at in range(shuffles):
        first, second = (_numbers(row, compiled=is_compiled(order)) for row in generator.random((2, len(values))))
        worst[at], final[at] = order(growth, first), choice(growth, second)
    return worst, _bounded(final)


def _generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(whole(seed, "the seed", 0, _LARGEST_SEED)))


def _compounding(values: Floats, what: str) -> Floats:
    if values.min() <= -1.0:
        at = int(np.argmin(values))
        text = f"number {at} of the {what} loses everything, after which nothing compounds; such a run failed already"
        raise Refusal("equity_lost", 422, text, place=f"/{at}")
    return values


def _affordable(length: float, bars: int, resamples: int) -> float:
    if not 1 <= length <= bars:
        raise Refusal("bad_count", 422, f"the block length is {length}; give 1 to {bars} bars")
    return max(length, bars * resamples / MAX_BLOCKS)


def _blocks(generator: np.random.Generator, bars: int, length: float) -> tuple[Stamps, Stamps]:
    """Where blocks begin, and their geometric lengths, together at least as long as the series."""
    expected = bars / length
    draws = generator.random((2, int(expected + 5 * sqrt(expected)) + 5))
    starts = (draws[0] * bars).astype(np.int64)
    ends_here = -1.0 / log1p(-1.0 / length) if length > 1 else 0.0
    lengths = 1 + (-np.log1p(-draws[1]) * ends_here).astype(np.int64)
    if lengths.sum() >= bars:
        return starts, lengths
    more_starts, more_lengths = _blocks(generator, bars, length)
    return np.concatenate((starts, more_starts)), np.concatenate((lengths, more_lengths))


@dataclass(frozen=True, slots=True)
class _Series:
    """What resampling reads of a series of returns; sums are of distances from their mean, which loses no digits."""

    equity: Floats
    sums: Floats
    squares: Floats
    mean: float

    @classmethod
    def of(cls, values: Floats) -> "_Series":
        mean = float(values.mean())
        centred = values - mean
        with np.errstate(over="ignore", under="ignore"):
            equity = np.cumprod(np.concatenate((np.ones(1), 1.0 + values)), dtype=np.float64)
        if not (equity.min() > _LEAST_EQUITY and equity.max() < 1 / _LEAST_EQUITY):
            raise Refusal("not_finite", 422, "the returns multiply to more than a number can hold; check their unit")
        return cls(equity, prefix_sums(centred), prefix_sums(centred * centred), mean)

    def figures(self, blocks: Iterable[tuple[Stamps, Stamps]], work: int) -> Floats:
        """One row of the kernel's four figures for each resample."""
        kernel = chosen(resampled, work)
        compiled = is_compiled(kernel)
        chunks = np.pad(self.equity, (0, -len(self.equity) % CHUNK), mode="edge").reshape(-1, CHUNK)
        equity = _numbers(self.equity, compiled=compiled)
        bounds = _numbers(chunks.max(axis=1), compiled=compiled), _numbers(chunks.min(axis=1), compiled=compiled)
        sums = _numbers(self.sums, compiled=compiled), _numbers(self.squares, compiled=compiled)
        rows = [
            kernel(equity, bounds, sums, _places(starts, compiled=compiled), _places(lengths, compiled=compiled))
            for starts, lengths in blocks
        ]
        return np.array(rows)

    def sharpes(self, figures: Floats) -> Floats:
        """Mean over sample standard deviation of each row; NaN where a resample has no spread."""
        bars = len(self.equity) - 1
        means = figures[:, 2] / bars
        variances = (figures[:, 3] - bars * means * means) / (bars - 1)
        own = self.squares[-1] / (bars - 1)
        flat = (variances <= _NO_SPREAD * own) | (own <= (_NO_SPREAD * self.mean) ** 2)
        return np.where(flat, np.nan, (self.mean + means) / np.sqrt(np.where(flat, 1.0, variances)))


def _numbers(values: Floats, *, compiled: bool) -> MutableSequence[float]:
    """A copy as the kernels want it: an array for the compiled, a list for the plain."""
    return cast("MutableSequence[float]", values.copy() if compiled else values.tolist())


def _places(values: Stamps, *, compiled: bool) -> Sequence[int]:
    return cast("Sequence[int]", values if compiled else values.tolist())


def _bounded(figures: Floats) -> Floats:
    if not np.isfinite(figures).all():
        raise Refusal("not_finite", 422, "the resampled returns multiply to more than a number can hold; check them")
    return figures


def _interval(value: float, drawn_values: Floats, *, level: float, method: str, sampling: str) -> Interval:
    tail = (1 - level) / 2
    usable = drawn_values[~np.isnan(drawn_values)]
    if np.isnan(value) or not len(usable):
        why = "the returns have no spread"
        return Interval(low=None, value=None, high=None, level=level, method=method, sampling=sampling, note=why)
    low, high = (float(one) for one in np.quantile(usable, (tail, 1 - tail)))
    return Interval(low=low, value=float(value), high=high, level=level, method=method, sampling=sampling)
