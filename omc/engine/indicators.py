"""Owns the indicators: one table row each, with its column function, its warm-up and its seed convention.

To add one, write the column function and its row. Functions follow the rule of `operators`: finite arrays in, value i
from inputs 0..i only, and sums taken in the order of time (never `sum`, which rounds otherwise from Python 3.12 on, nor
`np.sum`, which adds in pairs), so that a bar-by-bar computation gives the same bits.
"""

from collections.abc import Callable
from itertools import accumulate

import numpy as np

from omc.engine.operators import Column, Kind, Operator, Setting, Values, shifted


def sma(values: Values, window: float) -> Values:
    """Mean of the last `window` values: the sum is carried on as sum + (new - old), which a constant leaves exact."""
    n = int(window)
    means = np.full(len(values), np.nan)
    if len(values) >= n:
        seed = np.cumsum(values[:n])[-1]
        steps = np.concatenate(([seed], values[n:] - values[:-n]))
        means[n - 1 :] = np.cumsum(steps) / n
    return means


def ema(values: Values, window: float) -> Values:
    """Exponential mean with weight 2 / (window + 1), seeded with the simple mean of the first `window` values."""
    n = int(window)
    return _smoothed(values, n, 2.0 / (n + 1))


def wilder(values: Values, window: float) -> Values:
    """Wilder's mean with weight 1 / window, seeded with the simple mean of the first `window` values."""
    n = int(window)
    return _smoothed(values, n, 1.0 / n)


def _smoothed(values: Values, n: int, weight: float) -> Values:
    smoothed = np.full(len(values), np.nan)
    if len(values) >= n:
        seed = float(np.cumsum(values[:n])[-1]) / n
        later = values[n:].tolist()
        smoothed[n - 1 :] = list(accumulate(later, lambda mean, new: mean + weight * (new - mean), initial=seed))
    return smoothed


def rsi(values: Values, window: float) -> Values:
    """Relative strength index (Wilder 1978), 0 to 100; 50 where nothing moved."""
    moved = np.diff(values)
    gained = wilder(np.maximum(moved, 0.0), window)
    lost = wilder(np.maximum(-moved, 0.0), window)
    total = gained + lost
    flat = total == 0.0
    index = 100.0 * gained / np.where(flat, 1.0, total)
    return np.concatenate(([np.nan], np.where(flat, 50.0, index)))[: len(values)]


def atr(high: Values, low: Values, close: Values, window: float) -> Values:
    """Average true range (Wilder 1978); the first bar has no close before it and is left out."""
    before = close[:-1]
    reach = np.maximum(high[1:], before) - np.minimum(low[1:], before)
    return np.concatenate(([np.nan], wilder(reach, window)))[: len(close)]


def highest(values: Values, window: float) -> Values:
    """Largest of the last `window` values, this bar's among them."""
    return _extreme(values, int(window), np.maximum)


def lowest(values: Values, window: float) -> Values:
    """Smallest of the last `window` values, this bar's among them."""
    return _extreme(values, int(window), np.minimum)


def _extreme(values: Values, n: int, larger: Callable[[Values, Values], Values]) -> Values:
    extremes = np.full(len(values), np.nan)
    if len(values) < n:
        return extremes
    best, span = values, 1  # best[i] is over the span values that start at i; the span doubles
    while span < n:
        step = min(span, n - span)
        best = larger(best[:-step], best[step:])
        span += step
    extremes[n - 1 :] = best
    return extremes


def stdev(values: Values, window: float) -> Values:
    """Population standard deviation of the last `window` values, from distances to the newest one."""
    n = int(window)
    spread = np.full(len(values), np.nan)
    if len(values) < n:
        return spread
    newest = values[n - 1 :]
    total = np.zeros(len(newest))
    squares = np.zeros(len(newest))
    for back in range(1, n):
        distance = values[n - 1 - back : len(values) - back] - newest
        total += distance
        squares += distance * distance
    spread[n - 1 :] = np.sqrt(np.maximum(squares - total * total / n, 0.0) / n)
    return spread


def roc(values: Values, window: float) -> Values:
    """Change over `window` bars in percent of the earlier value."""
    earlier = shifted(values, int(window))
    return 100.0 * (values - earlier) / earlier


def bollinger_upper(values: Values, window: float, width: float) -> Values:
    """The simple mean plus `width` population standard deviations."""
    return sma(values, window) + width * stdev(values, window)


def bollinger_lower(values: Values, window: float, width: float) -> Values:
    """The simple mean minus `width` population standard deviations."""
    return sma(values, window) - width * stdev(values, window)


def macd(values: Values, fast: float, slow: float) -> Values:
    """Fast minus slow exponential mean, each with its own seed."""
    return ema(values, fast) - ema(values, slow)


def macd_signal(values: Values, fast: float, slow: float, signal: float) -> Values:
    """Exponential mean of the MACD line, seeded with the mean of its first `signal` values."""
    start = min(int(max(fast, slow)) - 1, len(values))
    line = macd(values, fast, slow)
    return np.concatenate((line[:start], ema(line[start:], signal)))


def macd_histogram(values: Values, fast: float, slow: float, signal: float) -> Values:
    """The MACD line minus its signal."""
    return macd(values, fast, slow) - macd_signal(values, fast, slow, signal)


def _before_full(window: float, *_: float) -> int:
    return int(window) - 1


def _whole(window: float) -> int:
    return int(window)


def _before_slow(fast: float, slow: float) -> int:
    return int(max(fast, slow)) - 1


def _before_signal(fast: float, slow: float, signal: float) -> int:
    return int(max(fast, slow)) + int(signal) - 2


def _row(
    name: str,
    column: Callable[..., Column],
    warm_up: Callable[..., int],
    convention: str,
    *,
    settings: tuple[Setting, ...] = (),
    reads: tuple[str, ...] = (),
    recursive: bool = False,
) -> Operator:
    """An indicator over one expression, or over the bar's own columns when `reads` names them."""
    return Operator(
        name=name,
        column=column,
        takes=() if reads else (Kind.NUMBER,),
        settings=settings,
        reads=reads,
        warm_up=warm_up,
        whole_arrays=True,
        recursive=recursive,
        convention=convention,
    )


_WINDOW = (Setting(name="window"),)
_SPREAD = (Setting(name="window", low=2, high=2_000),)  # its work grows with the window
_BAND = (*_SPREAD, Setting(name="width", whole=False, low=0.01, high=100))
_MACD = (Setting(name="fast"), Setting(name="slow"))
_SIGNAL = (*_MACD, Setting(name="signal"))
_SEED = "seeded with the simple mean of the first window"

INDICATORS: dict[str, Operator] = {
    row.name: row
    for row in (
        _row("sma", sma, _before_full, "mean of the last window values", settings=_WINDOW),
        _row("ema", ema, _before_full, f"weight 2/(window+1), {_SEED}", settings=_WINDOW, recursive=True),
        _row("wilder", wilder, _before_full, f"weight 1/window, {_SEED}", settings=_WINDOW, recursive=True),
        _row("rsi", rsi, _whole, f"Wilder's means, {_SEED}; 50 where nothing moved", settings=_WINDOW, recursive=True),
        _row(
            "atr",
            atr,
            _whole,
            f"Wilder's mean of the true range from the second bar, {_SEED}",
            settings=_WINDOW,
            reads=("high", "low", "close"),
            recursive=True,
        ),
        _row("highest", highest, _before_full, "largest of the last window values with this bar's", settings=_WINDOW),
        _row("lowest", lowest, _before_full, "smallest of the last window values with this bar's", settings=_WINDOW),
        _row(
            "stdev",
            stdev,
            _before_full,
            "population deviation (divided by window)",
            settings=_SPREAD,
        ),
        _row("roc", roc, _whole, "percent of the value window bars earlier", settings=_WINDOW),
        _row(
            "bollinger_upper",
            bollinger_upper,
            _before_full,
            "simple mean + width population deviations",
            settings=_BAND,
        ),
        _row("bollinger_middle", sma, _before_full, "simple mean", settings=_WINDOW),
        _row(
            "bollinger_lower",
            bollinger_lower,
            _before_full,
            "simple mean - width population deviations",
            settings=_BAND,
        ),
        _row("macd", macd, _before_slow, "each mean with its own seed", settings=_MACD, recursive=True),
        _row(
            "macd_signal",
            macd_signal,
            _before_signal,
            "the signal starts at the slow mean's first",
            settings=_SIGNAL,
            recursive=True,
        ),
        _row("macd_histogram", macd_histogram, _before_signal, "line minus signal", settings=_SIGNAL, recursive=True),
    )
}
