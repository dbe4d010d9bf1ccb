"""Owns the indicators that have a loop of their own: one table row each, with its warm-up and its seed convention.

`LOOPS` are for everyone, `LOOP_PARTS` only for what other indicators are defined with.
"""

from collections.abc import Callable

import numpy as np

from omc.engine.kernels import columns, paths, windows
from omc.engine.operators import Finite, Kind, Operator, Setting, Values, table


def _sma(values: Values, window: float) -> Values:
    """The same as the kernel's, for arrays too short to compile for: `cumsum` adds in the order of time."""
    n = int(window)
    means = np.empty(len(values))
    steps = np.concatenate(([np.cumsum(values[:n])[-1] + 0.0], values[n:] - values[:-n]))
    means[n - 1 :] = np.cumsum(steps) / n
    return means


def _highest(values: Values, window: float) -> Values:
    return _extreme(values, int(window), np.maximum)


def _lowest(values: Values, window: float) -> Values:
    return _extreme(values, int(window), np.minimum)


def _extreme(values: Values, n: int, larger: Callable[[Values, Values], Values]) -> Values:
    extremes = np.empty(len(values))
    best, span = values, 1  # best[i] is over the span values that start at i; the span doubles
    while span < n:
        step = min(span, n - span)
        best = larger(best[:-step], best[step:])
        span += step
    extremes[n - 1 :] = best + 0.0
    return extremes


def _before_full(window: float, *_: float) -> int:
    return int(window) - 1


def _whole(window: float, *_: float) -> int:
    return int(window)


def _twice(window: float) -> int:
    return 2 * int(window) - 1


def _one(*_: float) -> int:
    return 1


def _sums(count: int) -> Callable[..., int]:
    """Room for a block kernel that keeps `count` numbers for each value of the block before."""
    return lambda window, *_: 9 + count * (int(window) + 2)


_WINDOW = (Setting(name="window"),)
_WIDE = (Setting(name="window", low=2),)
_EACH = (Setting(name="window", low=2, high=2_000),)  # its work grows with the window
_WIDTH = Setting(name="width", whole=False, low=0.01, high=100)
_SAR = (
    Setting(name="step", whole=False, low=0.0001, high=1),
    Setting(name="limit", whole=False, low=0.0001, high=1),
)
_SEED = "seeded with the simple mean of the first window"
_HLC = ("high", "low", "close")


LOOPS = table(
    Operator(
        name="sma",
        kernel=columns.sma,
        takes=(Kind.NUMBER,),
        settings=_WINDOW,
        vector=_sma,
        warm_up=_before_full,
        finite=Finite.CARRIED,
        convention="mean of the last window values",
    ),
    Operator(
        name="ema",
        kernel=columns.ema,
        takes=(Kind.NUMBER,),
        settings=_WINDOW,
        warm_up=_before_full,
        finite=Finite.CARRIED,
        recursive=True,
        convention=f"weight 2/(window+1), {_SEED}",
    ),
    Operator(
        name="wilder",
        kernel=columns.wilder,
        takes=(Kind.NUMBER,),
        settings=_WINDOW,
        warm_up=_before_full,
        finite=Finite.CARRIED,
        recursive=True,
        convention=f"weight 1/window, {_SEED}",
    ),
    Operator(
        name="wma",
        kernel=windows.wma,
        takes=(Kind.NUMBER,),
        settings=_WINDOW,
        room=_sums(2),
        warm_up=_before_full,
        convention="weights 1, 2, ... window, the newest heaviest",
    ),
    Operator(
        name="sum",
        kernel=windows.total,
        takes=(Kind.NUMBER,),
        settings=_WINDOW,
        room=_sums(1),
        warm_up=_before_full,
        convention="sum of the last window values",
    ),
    Operator(
        name="rsi",
        kernel=columns.rsi,
        takes=(Kind.NUMBER,),
        settings=_WINDOW,
        warm_up=_whole,
        recursive=True,
        convention=f"Wilder's means, {_SEED}; 50 where nothing moved",
    ),
    Operator(
        name="true_range", kernel=columns.true_range, reads=_HLC, warm_up=_one, convention="from the second bar on"
    ),
    Operator(
        name="atr",
        kernel=columns.atr,
        reads=_HLC,
        settings=_WINDOW,
        warm_up=_whole,
        finite=Finite.CARRIED,
        recursive=True,
        convention=f"Wilder's mean of the true range from the second bar, {_SEED}",
    ),
    Operator(
        name="highest",
        kernel=windows.highest,
        takes=(Kind.NUMBER,),
        settings=_WINDOW,
        vector=_highest,
        local=True,
        room=_sums(1),
        warm_up=_before_full,
        finite=Finite.ALWAYS,
        convention="largest of the last window values with this bar's",
    ),
    Operator(
        name="lowest",
        kernel=windows.lowest,
        takes=(Kind.NUMBER,),
        settings=_WINDOW,
        vector=_lowest,
        local=True,
        room=_sums(1),
        warm_up=_before_full,
        finite=Finite.ALWAYS,
        convention="smallest of the last window values with this bar's",
    ),
    Operator(
        name="since_highest",
        kernel=windows.since_highest,
        takes=(Kind.NUMBER,),
        settings=_WINDOW,
        room=_sums(2),
        warm_up=_whole,
        finite=Finite.ALWAYS,
        convention="bars since the largest of the last window + 1 values, the later of equals",
    ),
    Operator(
        name="since_lowest",
        kernel=windows.since_lowest,
        takes=(Kind.NUMBER,),
        settings=_WINDOW,
        room=_sums(2),
        warm_up=_whole,
        finite=Finite.ALWAYS,
        convention="bars since the smallest of the last window + 1 values, the later of equals",
    ),
    Operator(
        name="stdev",
        kernel=windows.stdev,
        takes=(Kind.NUMBER,),
        settings=_WIDE,
        room=_sums(2),
        warm_up=_before_full,
        convention="population deviation (divided by window)",
    ),
    Operator(
        name="slope",
        kernel=windows.slope,
        takes=(Kind.NUMBER,),
        settings=_WIDE,
        room=_sums(2),
        warm_up=_before_full,
        convention="of the least-squares line through the window, in units a bar",
    ),
    Operator(
        name="correlation",
        kernel=windows.correlation,
        takes=(Kind.NUMBER,) * 2,
        settings=_WIDE,
        room=_sums(5),
        warm_up=_before_full,
        convention="Pearson's, of two values; 0 where one does not move",
    ),
    Operator(
        name="mean_deviation",
        kernel=paths.mean_deviation,
        takes=(Kind.NUMBER,),
        settings=_EACH,
        warm_up=_before_full,
        convention="mean distance from the window's mean",
    ),
    Operator(
        name="percent_rank",
        kernel=paths.percent_rank,
        takes=(Kind.NUMBER,),
        settings=_EACH,
        warm_up=_whole,
        finite=Finite.ALWAYS,
        convention="percent of the window values before this one that are not above it",
    ),
    Operator(
        name="obv",
        kernel=columns.obv,
        reads=("close", "volume"),
        recursive=True,
        convention="volume added where the close rose, taken where it fell; 0 at the first bar",
    ),
    Operator(
        name="sar",
        kernel=paths.sar,
        reads=("high", "low"),
        settings=_SAR,
        warm_up=_one,
        recursive=True,
        convention="parabolic stop and reverse; long at first unless the first low fell further",
    ),
    Operator(
        name="plus_di",
        kernel=paths.plus_di,
        reads=_HLC,
        settings=_WINDOW,
        room=lambda *_: 6,
        warm_up=_whole,
        recursive=True,
        convention=f"Wilder's mean rise of the highs in percent of the mean range, {_SEED}; 0 where nothing moved",
    ),
    Operator(
        name="minus_di",
        kernel=paths.minus_di,
        reads=_HLC,
        settings=_WINDOW,
        room=lambda *_: 6,
        warm_up=_whole,
        recursive=True,
        convention=f"Wilder's mean fall of the lows in percent of the mean range, {_SEED}; 0 where nothing moved",
    ),
    Operator(
        name="adx",
        kernel=paths.adx,
        reads=_HLC,
        settings=_WINDOW,
        room=lambda *_: 6,
        warm_up=_twice,
        recursive=True,
        convention=f"Wilder's mean of |+DI - -DI| in percent of their sum, {_SEED}",
    ),
)

LOOP_PARTS = table(
    Operator(
        name="adaptive",
        kernel=columns.adaptive,
        takes=(Kind.NUMBER,) * 2,
        recursive=True,
        convention="mean that moves to x by the weight y of each bar; starts at the first x",
    ),
    Operator(
        name="supertrend_of", kernel=paths.supertrend, takes=(Kind.NUMBER,) * 4, settings=(_WIDTH,), recursive=True
    ),
)
