"""Forty strategies that cheat, one small function each, and honest ones beside them; and clean documents.

A rule takes bars and returns after which closes it wants to be long. `at_next_open` makes a strategy of it that trades
as it should; the leaks of the last part are in the trading itself.
"""

import random as dice
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from omc.engine import BarColumns, StrategyDocument, bar_columns
from omc.engine.validation.replays import Runner, Trace
from tests.engine.builders import a_document

Floats: TypeAlias = NDArray[np.float64]
Rule: TypeAlias = Callable[[BarColumns], NDArray[np.bool_]]
DAY = 86_400_000
NAN = float("nan")


def a_market(count: int = 600, seed: int = 3) -> BarColumns:
    """Hourly bars with gaps in time and price, changing volatility, and volumes of which some are zero."""
    random = np.random.default_rng(seed)
    wild = 0.004 + 0.012 * (np.sin(np.arange(count) / 40) > 0)
    close = 100 * np.exp(np.cumsum(random.normal(0, wild)))
    open_ = np.concatenate(([100.0], close[:-1])) * np.exp(random.normal(0, 0.004, count))
    reach = np.abs(random.normal(0, 0.003, (2, count)))
    kept = random.random(count) > 0.02
    return bar_columns(
        ts=(1_704_067_200_000 + 3_600_000 * np.arange(count))[kept],
        open=open_[kept],
        high=(np.maximum(open_, close) * (1 + reach[0]))[kept],
        low=(np.minimum(open_, close) * (1 - reach[1]))[kept],
        close=close[kept],
        volume=(random.lognormal(2, 1, count) * (random.random(count) > 0.1))[kept],
        timeframe_ms=3_600_000,
    )


def at_next_open(rule: Rule) -> Runner:
    """Trade a rule honestly: one unit, at the open of the bar after the decision."""

    def run(bars: BarColumns) -> Trace:
        wanted = rule(bars).astype(np.int8)
        changed = np.flatnonzero(np.diff(wanted, prepend=np.int8(0)))
        changed = changed[changed + 1 < len(bars)]
        quantity = np.where(wanted[changed] > 0, 1.0, -1.0)
        return Trace(
            wanted=wanted, fill_ts=bars.ts[changed + 1], fill_quantity=quantity, fill_price=bars.open[changed + 1]
        )

    return run


def mean(values: Floats, n: int) -> Floats:
    """The trailing mean; what is before it is NaN and compares as no."""
    return np.concatenate((np.full(min(n - 1, len(values)), NAN), sliding_window_view(values, n).mean(axis=1)))


def moved(values: Floats, bars: int) -> Floats:
    """The values `bars` later, or earlier where negative: `shift` of a data frame."""
    out = np.full(len(values), NAN)
    if bars > 0:
        out[bars:] = values[:-bars]
    else:
        out[:bars] = values[-bars:]
    return out


def spread_over(keys: NDArray[np.int64], values: Floats, take: Callable[[Floats], float]) -> Floats:
    """Each group's one figure, written to every bar of the group: a resampled column joined back."""
    out = np.empty(len(values))
    for key in np.unique(keys):
        out[keys == key] = take(values[keys == key])
    return out


def _days(bars: BarColumns, length: int = DAY) -> NDArray[np.int64]:
    return bars.ts // length


def _last(values: Floats) -> float:
    return float(values[-1])


def _gains(bars: BarColumns, ahead: int) -> Floats:
    return moved(bars.close, -ahead) / bars.close - 1


def _two_means(values: Floats) -> Floats:
    low, high = values.min(), values.max()
    for _ in range(10):
        upper = np.abs(values - high) < np.abs(values - low)
        low, high = values[~upper].mean(), values[upper].mean()
    return (values > (low + high) / 2).astype(np.float64)


def _both_ways(values: Floats, weight: float = 0.2) -> Floats:
    for _ in range(2):
        smooth = values.copy()
        for at in range(1, len(smooth)):
            smooth[at] = smooth[at - 1] + weight * (values[at] - smooth[at - 1])
        values = smooth[::-1]
    return values


def _low_pass(values: Floats) -> Floats:
    waves = np.fft.rfft(values)
    waves[20:] = 0
    return np.fft.irfft(waves, len(values))


def _trend(values: Floats) -> Floats:
    at = np.arange(len(values))
    slope, level = np.polyfit(at, values, 1).tolist()
    return slope * at + level


def _back_filled(values: Floats, missing: NDArray[np.bool_]) -> Floats:
    out = values.copy()
    for at in np.flatnonzero(missing)[::-1].tolist():
        out[at] = out[at + 1] if at + 1 < len(out) else out[at]
    return out


def _interpolated(bars: BarColumns) -> Floats:
    jumps = np.abs(np.diff(bars.close, prepend=bars.close[0])) > 0.01 * bars.close
    good = np.flatnonzero(~jumps)
    return np.interp(np.arange(len(bars)), good, bars.close[good])


def _zigzag_lows(values: Floats, turn: float = 0.03) -> NDArray[np.bool_]:
    later = np.maximum.accumulate(values[::-1])[::-1]
    return (values <= mean(values, 5)) & (later >= values * (1 + turn))


def _best_window(bars: BarColumns) -> int:
    gains = np.diff(bars.close, append=bars.close[-1])
    return max(range(3, 30), key=lambda n: float(gains[bars.close > mean(bars.close, n)].sum()))


def _busiest_price(bars: BarColumns) -> float:
    sold, edges = np.histogram(bars.close, bins=20, weights=bars.volume)
    return float(edges[np.argmax(sold)])


def _predicted(bars: BarColumns) -> Floats:
    """A regression of the next gain on the last one, fitted on all bars there are."""
    last = np.diff(np.log(bars.close), prepend=np.log(bars.close[0]))
    slope, level = np.polyfit(last[:-1], last[1:], 1)
    return slope * last + level


def _touches_up_first(bars: BarColumns, ahead: int = 10) -> NDArray[np.bool_]:
    ends = [bars.close[at + 1 : at + 1 + ahead] / bars.close[at] - 1 for at in range(len(bars))]
    return np.array([bool(np.any(end > 0.01) and np.argmax(end > 0.01) < ahead // 2) for end in ends])


def _only_winners(bars: BarColumns) -> NDArray[np.bool_]:
    wanted = bars.close > mean(bars.close, 10)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], wanted, [False]))))
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if bars.close[end - 1] <= bars.close[start]:
            wanted[start:end] = False
    return wanted


RULES: dict[str, Rule] = {
    "z-score over the full sample": lambda b: (b.close - b.close.mean()) / b.close.std() < -0.5,
    "scaled by the range of all bars": lambda b: (b.close - b.close.min()) / np.ptp(b.close) < 0.3,
    "below the mean of all bars": lambda b: b.close < b.close.mean(),
    "the next close, shift(-1)": lambda b: moved(b.close, -1) > b.close,
    "an average shifted by -1": lambda b: moved(mean(b.close, 5), -1) > mean(b.close, 5),
    "five bars ahead": lambda b: moved(b.close, -5) > b.close * 1.005,
    "a centred mean": lambda b: moved(mean(b.close, 9), -4) > b.close,
    "a centred median": lambda b: moved(_median(b.close, 7), -3) > b.close,
    "a symmetric kernel": lambda b: np.convolve(b.close, np.hanning(11) / 5, mode="same") > b.close,
    "the day's close from its first hour": lambda b: spread_over(_days(b), b.close, _last) > b.close,
    "the day's high from its first hour": lambda b: b.close < 0.99 * spread_over(_days(b), b.high, np.max),
    "an unfinished four-hour bar": lambda b: spread_over(_days(b, DAY // 6), b.close, _last) > b.close,
    "an unfinished week": lambda b: spread_over(_days(b, 7 * DAY), b.close, np.mean) > b.close,
    "the day's whole volume": lambda b: spread_over(_days(b), b.volume, np.sum) > 300,
    "empty bars filled from the next one": lambda b: _back_filled(b.close, b.volume == 0) > b.close,
    "outliers drawn through by a line": lambda b: _interpolated(b) > b.close,
    "near the highest of all bars": lambda b: b.close > 0.97 * b.close.max(),
    "near the lowest of all bars": lambda b: b.close < 1.03 * b.close.min(),
    "a percentile over all bars": lambda b: b.close < np.percentile(b.close, 20),
    "a rank among all bars": lambda b: np.argsort(np.argsort(b.close)) < len(b) // 4,
    "the label as a feature": lambda b: _gains(b, 3) > 0,
    "the triple barrier's label": _touches_up_first,
    "a regression fitted on all bars": lambda b: _predicted(b) > 0,
    "bins from all bars": lambda b: np.digitize(b.volume, np.quantile(b.volume, [0.25, 0.5, 0.75])) == 3,
    "clusters of all bars": lambda b: _two_means(b.close) > 0,
    "the trend of all bars removed": lambda b: b.close < _trend(b.close),
    "a filter that runs both ways": lambda b: _both_ways(b.close) > b.close,
    "a low pass over the spectrum": lambda b: _low_pass(b.close) > b.close,
    "turning points not yet confirmed": lambda b: (b.close < moved(b.close, 1)) & (b.close < moved(b.close, -1)),
    "a zigzag's lows": lambda b: _zigzag_lows(b.close),
    "the window that was best on all bars": lambda b: b.close > mean(b.close, _best_window(b)),
    "the busiest price of all bars": lambda b: b.close > _busiest_price(b),
    "differences one row too early": lambda b: np.diff(b.close, append=b.close[-1]) > 0,
    "only the positions that won": _only_winners,
    "only markets that end higher": lambda b: (b.close > mean(b.close, 10)) & (b.close[-1] > b.close[0]),
}
"""Leaks in what is decided."""


def _median(values: Floats, n: int) -> Floats:
    return np.concatenate((np.full(n - 1, NAN), np.median(sliding_window_view(values, n), axis=1)))


def _honest(bars: BarColumns) -> NDArray[np.bool_]:
    return bars.close > mean(bars.close, 8)


def _filled(price: Callable[[BarColumns], Floats], later: int) -> Runner:
    """An honest rule whose orders get `price`, in the bar `later` after the decision."""

    def run(bars: BarColumns) -> Trace:
        trace = at_next_open(_honest)(bars)
        changed = np.flatnonzero(np.diff(trace.wanted.astype(np.int8), prepend=np.int8(0)))
        changed = changed[changed + later < len(bars)]
        quantity = np.where(trace.wanted[changed], 1.0, -1.0)
        return replace(
            trace,
            fill_ts=bars.ts[changed + later],
            fill_quantity=quantity,
            fill_price=price(bars)[changed + later],
        )

    return run


def _sized_by_what_follows(bars: BarColumns) -> Trace:
    trace = at_next_open(_honest)(bars)
    swing = np.array([np.ptp(bars.close[at : at + 20]) for at in np.searchsorted(bars.ts, trace.fill_ts).tolist()])
    return replace(trace, fill_quantity=trace.fill_quantity / (1 + swing))


def _at_the_best(bars: BarColumns) -> Trace:
    trace = at_next_open(_honest)(bars)
    rows = np.searchsorted(bars.ts, trace.fill_ts)
    return replace(trace, fill_price=np.where(trace.fill_quantity > 0, bars.low[rows], bars.high[rows]))


TRADING: dict[str, Runner] = {
    "filled at the close that was seen": _filled(lambda b: b.close, 0),
    "filled at the open of the bar that was seen": _filled(lambda b: b.open, 0),
    "filled a bar later at the old close": _filled(lambda b: moved(b.close, 1), 1),
    "filled at the bar's best price": _at_the_best,
    "sized by the swing that follows": _sized_by_what_follows,
}
"""Leaks in how it is traded."""


LEAKS: dict[str, Runner] = {name: at_next_open(rule) for name, rule in RULES.items()} | TRADING


def _so_far(values: Floats) -> Floats:
    return np.cumsum(values) / np.arange(1, len(values) + 1)


def _day_before(bars: BarColumns) -> Floats:
    """The close of the last day that is over."""
    days = _days(bars)
    first = np.searchsorted(days, days)
    return np.where(first > 0, bars.close[np.maximum(first - 1, 0)], NAN)


def _fitted_so_far(bars: BarColumns) -> NDArray[np.bool_]:
    last = np.diff(np.log(bars.close), prepend=np.log(bars.close[0]))
    product, square = np.cumsum(last[:-1] * last[1:]), np.cumsum(last[:-1] ** 2)
    return np.concatenate(([False], product * last[1:] > 0)) & (np.concatenate(([0.0], square)) > 0)


def _limit_orders(bars: BarColumns) -> Trace:
    """Each bar a bid 0.3 % below the last close, good for one bar, sold at the next open."""
    bid = moved(bars.close, 1) * 0.997
    rows = np.flatnonzero((bars.low <= bid) & (np.arange(len(bars)) % 4 == 1))
    price = np.minimum(bid, bars.open)[rows]
    sold = rows[rows + 1 < len(bars)] + 1
    at = np.concatenate((rows, sold))
    order = np.argsort(at, kind="stable")
    return Trace(
        wanted=np.zeros(len(bars)),
        fill_ts=bars.ts[at][order],
        fill_quantity=np.concatenate((np.ones(len(rows)), -np.ones(len(sold))))[order],
        fill_price=np.concatenate((price, bars.open[sold]))[order],
    )


HONEST: dict[str, Runner] = {
    name: at_next_open(rule)
    for name, rule in {
        "below the mean so far": lambda b: b.close < _so_far(b.close),
        "scaled by the range so far": lambda b: (
            b.close - np.minimum.accumulate(b.close) < 0.3 * (np.maximum.accumulate(b.close) - b.close)
        ),
        "the last close, shift(1)": lambda b: moved(b.close, 1) < b.close,
        "a trailing mean": _honest,
        "the close of the day before": lambda b: _day_before(b) > b.close,
        "empty bars filled from the one before": lambda b: (
            _back_filled(b.close[::-1], b.volume[::-1] == 0)[::-1] > mean(b.close, 3)
        ),
        "near the highest so far": lambda b: b.close > 0.97 * np.maximum.accumulate(b.close),
        "a turning point once confirmed": lambda b: (
            (moved(b.close, 1) < moved(b.close, 2)) & (moved(b.close, 1) < b.close)
        ),
        "a regression fitted so far": _fitted_so_far,
        "the day of the week": lambda b: _days(b) % 7 < 3,
        "always": lambda b: np.ones(len(b), dtype=np.bool_),
        "never": lambda b: np.zeros(len(b), dtype=np.bool_),
    }.items()
} | {"limit orders": _limit_orders, "filled at the next open": _filled(lambda b: b.open, 1)}
"""What must not be taken for a leak."""


_NUMBERS = (
    "close", "open", "high", "low", "volume", "sma({}, {})", "ema({}, {})", "wilder({}, {})", "rsi({}, {})",
    "lag({}, {})", "highest({}, {})", "lowest({}, {})", "stdev({}, {})", "bollinger_upper({}, {}, 2)",
    "macd({}, {}, 15)", "atr({1})", "roc(1 + abs({}), {})", "({} + close) / 2", "min({}, open)", "abs({} - low)",
)  # fmt: skip


def _number(roll: dice.Random, depth: int = 2) -> str:
    form = roll.choice(_NUMBERS if depth else _NUMBERS[:5])
    return form.format(_number(roll, depth - 1) if "{}" in form else "", roll.randint(2, 12))


def _condition(roll: dice.Random) -> str:
    compared = roll.choice(("{} > {}", "{} < {}", "crosses_above({}, {})", "crosses_below({}, {})"))
    one = compared.format(_number(roll), _number(roll))
    return one if roll.random() < 0.6 else f"({one}) {roll.choice(('and', 'or'))} close {roll.choice('<>')} fast"


_CLAUSES: dict[str, tuple[dict[str, object] | None, ...]] = {
    "sizing": (
        {"kind": "fraction", "fraction": "0.1"},
        {"kind": "fraction", "fraction": "0.5"},
        {"kind": "fixed", "amount": "900"},
        {"kind": "volatility_target", "target": "0.3", "window": 20},
        {"kind": "kelly", "most": "0.5", "start": "0.1", "after": 3},
    ),
    "order": (
        None,
        {"kind": "limit", "offset_bps": "20", "valid_bars": 3},
        {"kind": "stop", "offset_bps": "20", "valid_bars": 2},
        {"kind": "stop_limit", "offset_bps": "10", "band_bps": "20", "valid_bars": 4},
    ),
    "stops": (
        None,
        {"stop": {"kind": "percent", "value": "1"}, "target": {"kind": "percent", "value": "1.5"}},
        {"trailing": {"kind": "atr", "value": "1.5"}, "max_bars": 12},
        {"stop": {"kind": "atr", "value": "1"}, "cooldown_bars": 3},
    ),
    "costs": (
        {"fee_bps": "10", "slippage_bps": "5"},
        {"fee_bps": "10", "slippage_bps": "0", "maker_fee_bps": "1", "participation": "0.5"},
        {"fee_bps": "10", "slippage_bps": "2", "impact_bps": "50", "participation": "0.3"},
        {"fee_bps": "5", "slippage_bps": "1", "tick": "0.01", "lot": "0.001", "min_notional": "10", "latency_bars": 1},
        {"fee_bps": "0", "slippage_bps": "0", "funding_bps_per_day": "3"},
    ),
    "margin": (None, None, {"leverage": "3"}),
    "limits": (None, {"max_daily_loss": "0.02"}, {"max_drawdown": "0.3", "max_notional": "5000"}),
}


def clean_documents(seed: int, count: int) -> Iterator[StrategyDocument]:
    """Documents of the language as it is: other expressions, orders, stops, sizes, costs and limits in each."""
    roll = dice.Random(seed)
    for _ in range(count):
        sides = {"entry": _condition(roll), "exit": _condition(roll)}
        if roll.random() < 0.4:
            sides |= {"short_entry": _condition(roll), "short_exit": _condition(roll)}
        features = {"fast": _number(roll), "slow": f"sma({_number(roll)}, 9)"}
        yield a_document(features=features, **sides, **{name: roll.choice(some) for name, some in _CLAUSES.items()})
