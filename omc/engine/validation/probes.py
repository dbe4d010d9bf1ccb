"""Owns where a replay is cut and the bars that might have been: another future, another close."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from omc.engine.market import Market
from omc.engine.operators import Values
from omc.ledgers.columns import BarColumns


def cuts_at(busy: NDArray[np.intp], bars: int, least: int, count: int, seed: int) -> tuple[int, ...]:
    """Return `count` numbers of bars to keep, rising: half of them among `busy`, the others random.

    No cut is below `least` or reaches all `bars`; fewer come back where there are not as many.
    """
    random = np.random.default_rng(seed)
    busy = np.unique(busy[(busy >= least) & (busy < bars)])
    near = random.choice(busy, size=min(count // 2, len(busy)), replace=False)
    others = np.setdiff1d(np.arange(least, bars), near)
    some = random.choice(others, size=min(count - len(near), len(others)), replace=False)
    return tuple(int(cut) for cut in np.sort(np.concatenate((near, some))))


def other_future(market: Market, cut: int) -> Market:
    """The market before row `cut` as it was, and from there on as it was not; who is not listed by then stays away."""
    known = {symbol: market.bar(symbol, cut) for symbol in market.bars}
    bars = {symbol: _other_future(columns, known[symbol]) for symbol, columns in market.bars.items() if known[symbol]}
    return replace(market, bars=bars)


def _other_future(columns: BarColumns, cut: int) -> BarColumns:
    """The bars from `cut` on mirrored about the last known close on a log scale, half as steep; all else in reverse.

    Half as steep keeps a crash of 99 % from becoming a price that ruins a short.
    """
    anchor = columns.close[cut - 1]

    def mirrored(name: str) -> Values:
        values = getattr(columns, name)
        return np.concatenate((values[:cut], anchor * np.sqrt(anchor / values[cut:])))

    return replace(
        columns,
        open=mirrored("open"),
        high=np.concatenate((columns.high[:cut], mirrored("low")[cut:])),
        low=np.concatenate((columns.low[:cut], mirrored("high")[cut:])),
        close=mirrored("close"),
        volume=_turned(columns.volume, cut),
        more={name: _turned(column, cut) for name, column in columns.more.items()},
    )


def _turned(values: Values, cut: int) -> Values:
    return np.concatenate((values[:cut], values[cut:][::-1]))


def moved_close(market: Market, cut: int) -> Market | None:
    """The market before row `cut`, its last bars closing elsewhere in their range; None where all of them are flat."""
    past = market.until(cut)
    newest = {symbol: bars for symbol, bars in past.bars.items() if bars.ts[-1] == past.ts[-1]}
    moved = {symbol: other for symbol, bars in newest.items() if (other := _moved_close(bars)) is not None}
    return replace(past, bars={**past.bars, **moved}) if moved else None


def _moved_close(bars: BarColumns) -> BarColumns | None:
    """The bars, the last one closing at the end of its range that is farther away; None for a flat bar.

    What its inputs told at that close moves with it.
    """
    last = len(bars) - 1
    high, low, close = (float(values[last]) for values in (bars.high, bars.low, bars.close))
    if high == low:
        return None
    moved = bars.close.copy()
    moved[last] = high if high - close > close - low else low
    return replace(bars, close=moved, more={name: _moved(column) for name, column in bars.more.items()})


def _moved(values: Values) -> Values:
    """The last value, which was known at that close only, at the end of the range so far that is farther away."""
    known = values[np.isfinite(values)]
    if len(known) == 0:
        return values
    moved, low, high = values.copy(), known.min(), known.max()
    moved[-1] = high if high - values[-1] > values[-1] - low else low
    return moved
