"""Owns the statistics of a run: small functions on arrays, and the table that names each one's unit and sampling.

A statistic that is not defined (no closed position, no movement) is None with a note, never NaN. Returns are simple
returns. Daily figures take the equity at the end of each UTC day, days without bars included, and 365 days a year.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from omc.engine.kernels import chosen, is_compiled
from omc.engine.kernels import statistics as kernel
from omc.engine.operators import Values
from omc.ledgers.columns import Stamps

DAY_MS = 86_400_000
DAYS_A_YEAR = 365
Figure: TypeAlias = float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One figure with its unit and how it was sampled and annualised."""

    name: str
    value: Figure
    unit: str
    sampling: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A value at each bar: `first`, and then `scale` times each of `values` after the first one.

    A curve that is only summed up is never laid out: reading a million numbers from memory takes longer than making
    them of others.
    """

    values: Values
    scale: float = 1.0
    first: float

    def at(self, rows: NDArray[np.intp]) -> Values:
        """The values at some bars."""
        return np.where(rows == 0, self.first, self.scale * self.values[rows])

    @property
    def whole(self) -> Values:
        """All values."""
        laid: Values = self.scale * self.values
        laid[0] = self.first
        return laid


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What the statistics are computed from. `pnl` and `entry_value` have one value a closed position."""

    ts: Stamps
    equity: Curve
    hold: Curve
    timeframe_ms: int
    pnl: Values
    entry_value: Values
    bars_held: int
    fees: float


def daily(ts: Stamps, equity: Values) -> Values:
    """Equity at the start and at the end of each UTC day; a day without bars repeats the day before."""
    return np.concatenate((equity[:1], equity[ends_of_days(ts)]))


def ends_of_days(ts: Stamps) -> NDArray[np.intp]:
    """Return the last bar before each midnight UTC after the first bar, the one after the last bar included."""
    midnights = DAY_MS * np.arange(ts[0] // DAY_MS + 1, ts[-1] // DAY_MS + 2)
    return np.searchsorted(ts, midnights, side="left") - 1


def deepest(curve: Values) -> float:
    """The largest distance below the highest value so far, as a fraction, zero or negative."""
    return falls(np.arange(len(curve)), curve_of(curve))[0]


def curve_of(values: Values) -> Curve:
    """Values as they are."""
    return Curve(values=values, first=float(values[0]))


def falls(ts: Stamps, curve: Curve) -> tuple[float, int]:
    """Return the deepest fall, and the longest time in ms from a high until it is reached again, or until the end."""
    loop = chosen(kernel.falls, len(ts))
    if is_compiled(loop):
        return loop(cast("Sequence[int]", ts), cast("Sequence[float]", curve.values), curve.scale, curve.first)
    values = curve.whole
    tops = np.maximum.accumulate(values)
    highs = ts[values >= tops]
    return float(np.min(values / tops - 1.0)), int(np.diff(highs, append=ts[-1:]).max())


def returns(equity: Values) -> Values:
    """Simple returns from one value to the next."""
    return equity[1:] / equity[:-1] - 1.0


def drawdown(equity: Values) -> Values:
    """Distance below the highest value so far, as a fraction, zero or negative."""
    return equity / np.maximum.accumulate(equity) - 1.0


def total_return(equity: Values) -> float:
    """Last value over first value, less one."""
    return float(equity[-1] / equity[0] - 1.0)


def annual_growth(total: float, years: float) -> Figure:
    """The yearly rate that compounds to `total` over `years`."""
    if years <= 0 or total <= -1:
        return None
    exponent = np.log1p(total) / years
    return float(np.expm1(exponent)) if exponent < _MAX_LOG_GROWTH else None


_MAX_LOG_GROWTH = 20.0  # more than 10^8 a year from a very short run says nothing


def volatility(changes: Values, per_year: float) -> Figure:
    """Sample standard deviation of returns, annualised by the square root of time."""
    if len(changes) < 2:
        return None
    return float(np.std(changes, ddof=1) * np.sqrt(per_year))


def sharpe(changes: Values, per_year: float) -> Figure:
    """Mean over sample standard deviation of returns, risk-free rate zero (Sharpe 1994, eq. 3), annualised."""
    spread = float(np.std(changes, ddof=1)) if len(changes) > 1 else 0.0
    if spread <= _NO_SPREAD:
        return None
    return float(np.mean(changes) / spread * np.sqrt(per_year))


_NO_SPREAD = 1e-15


def sharpes(curves: Values) -> list[Figure]:
    """The same of many accounts at once, daily: a row each, of its equity at the start and at the end of each day."""
    changes = curves[:, 1:] / curves[:, :-1] - 1.0
    if changes.shape[1] < 2:
        return [None] * len(curves)
    spread = np.std(changes, axis=1, ddof=1)
    with np.errstate(all="ignore"):
        ratios = np.mean(changes, axis=1) / spread * np.sqrt(DAYS_A_YEAR)
    return [ratio if wide else None for ratio, wide in zip(ratios.tolist(), spread > _NO_SPREAD, strict=True)]


def sortino(changes: Values, per_year: float) -> Figure:
    """Mean return over downside deviation about zero (Sortino and Price 1994), annualised."""
    downside = float(np.sqrt(np.mean(np.minimum(changes, 0.0) ** 2))) if len(changes) > 1 else 0.0
    if downside <= _NO_SPREAD:
        return None
    return float(np.mean(changes) / downside * np.sqrt(per_year))


def calmar(growth: Figure, fall: float) -> Figure:
    """Annual growth over the depth of the deepest drawdown (Young 1991)."""
    return None if growth is None or fall >= 0 else growth / -fall


def win_rate(pnl: Values) -> Figure:
    """Share of closed positions that gained after fees."""
    return float(np.mean(pnl > 0)) if len(pnl) else None


def profit_factor(pnl: Values) -> Figure:
    """Sum of gains over sum of losses of closed positions."""
    lost = float(-pnl[pnl < 0].sum())
    return float(pnl[pnl > 0].sum()) / lost if lost > 0 else None


def measure(sample: Sample) -> tuple[Metric, ...]:
    """Return every statistic of a run, in the order in which a report shows them."""
    ends = np.append(0, ends_of_days(sample.ts))
    changes, held = returns(sample.equity.at(ends)), returns(sample.hold.at(ends))
    return (*_growth(sample), *_risk(sample, changes, held), *_positions(sample))


_BAR, _DAY, _POSITION = "every bar", "UTC day, 365 a year", "closed position"


def _metric(name: str, value: Figure, unit: str, sampling: str, why_not: str = "") -> Metric:
    return Metric(name=name, value=value, unit=unit, sampling=sampling, note=why_not if value is None else "")


def _ends(sample: Sample) -> NDArray[np.intp]:
    """The first and the last bar."""
    return np.array([0, len(sample.ts) - 1])


def _years(sample: Sample) -> float:
    return float(sample.ts[-1] - sample.ts[0]) / (DAYS_A_YEAR * DAY_MS)


def _growth(sample: Sample) -> tuple[Metric, ...]:
    own, held = (total_return(curve.at(_ends(sample))) for curve in (sample.equity, sample.hold))
    elapsed, short = "first to last bar, 365 days a year", "the run is too short to state a yearly rate"
    return (
        _metric("total_return", own, "fraction", "first to last bar"),
        _metric("hold_return", held, "fraction", "first to last bar"),
        _metric("excess_return", own - held, "fraction", "first to last bar"),
        _metric("annual_growth", annual_growth(own, _years(sample)), "fraction a year", elapsed, short),
        _metric("hold_annual_growth", annual_growth(held, _years(sample)), "fraction a year", elapsed, short),
    )


def _risk(sample: Sample, changes: Values, held: Values) -> tuple[Metric, ...]:
    fall, longest = falls(sample.ts, sample.equity)
    growth = annual_growth(total_return(sample.equity.at(_ends(sample))), _years(sample))
    flat, no_loss = "the daily equity did not move", "no day lost anything"
    return (
        _metric("volatility", volatility(changes, DAYS_A_YEAR), "fraction a year", _DAY, "fewer than two days"),
        _metric("sharpe", sharpe(changes, DAYS_A_YEAR), "ratio", _DAY, flat),
        _metric("hold_sharpe", sharpe(held, DAYS_A_YEAR), "ratio", _DAY, flat),
        _metric("sortino", sortino(changes, DAYS_A_YEAR), "ratio", _DAY, no_loss),
        _metric("max_drawdown", fall, "fraction", _BAR),
        _metric("hold_max_drawdown", falls(sample.ts, sample.hold)[0], "fraction", _BAR),
        _metric("longest_drawdown", longest / DAY_MS, "days", _BAR),
        _metric("calmar", calmar(growth, fall), "ratio", f"{_BAR}; 365 days a year", "nothing was lost, or too short"),
    )


def _positions(sample: Sample) -> tuple[Metric, ...]:
    pnl = sample.pnl
    none, no_loss = "no position was closed", "no closed position lost"
    relative = pnl / sample.entry_value if len(pnl) else pnl

    def of(figure: Callable[[Values], np.floating]) -> Figure:
        return float(figure(relative)) if len(relative) else None

    return (
        _metric("closed_positions", float(len(pnl)), "count", _POSITION),
        _metric("win_rate", win_rate(pnl), "fraction", _POSITION, none),
        _metric("profit_factor", profit_factor(pnl), "ratio", _POSITION, no_loss if len(pnl) else none),
        _metric("average_position", of(np.mean), "fraction of its entry value", _POSITION, none),
        _metric("best_position", of(np.max), "fraction of its entry value", _POSITION, none),
        _metric("worst_position", of(np.min), "fraction of its entry value", _POSITION, none),
        _metric("exposure", sample.bars_held / len(sample.ts), "fraction of bars", _BAR),
        _metric("fees", sample.fees, "quote asset", "every fill"),
    )
