"""Owns bars of a longer timeframe made from shorter ones: what each holds, and from which short bar on it is known.

A long bar is known at the close of the last short bar inside it; where that one is missing, at the close of the next.
It is made of the short bars that there are. The first one counts only when it begins with its own first short bar, so
that it is the same wherever the data begin.
"""

from dataclasses import dataclass

import numpy as np

from omc.ledgers.columns import BarColumns, Floats, Stamps

WEEK_MS = 604_800_000
MONDAY_MS = 345_600_000
"""1970-01-05, the first Monday of unix time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampled:
    """Long bars, and for each the row of the short bar at whose close it is known."""

    bars: BarColumns
    known: Stamps

    def spread(self, values: Floats, count: int) -> Floats:
        """Lay a value for each long bar on `count` short ones: the newest that is known, NaN before the first."""
        column = np.full(count, np.nan)
        if len(self.known):
            lengths = np.diff(self.known, append=count)
            column[self.known[0] :] = np.repeat(values, lengths)
        return column


def opening(ts: int, length: int) -> int:
    """The opening time of the bar of that length in which an instant lies: whole days in UTC, weeks from Monday on."""
    phase = MONDAY_MS if length % WEEK_MS == 0 else 0
    return (ts - phase) // length * length + phase


def resampled(bars: BarColumns, length: int) -> Resampled:
    """Return the bars of `length` milliseconds that are over at the last close of `bars`."""
    phase = MONDAY_MS if length % WEEK_MS == 0 else 0
    opens = (bars.ts - phase) // length * length + phase
    starts = np.flatnonzero(np.diff(opens, prepend=opens[:1] - 1))
    ends = np.append(starts, len(bars))[1:] - 1
    whole = bars.ts[ends] + bars.timeframe_ms >= opens[starts] + length
    known = np.where(whole, ends, ends + 1)
    kept = known < len(bars)
    if len(starts) and bars.ts[0] != opens[0]:
        kept[0] = False
    group = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(bars)))
    return Resampled(
        bars=BarColumns(
            ts=opens[starts][kept],
            open=bars.open[starts][kept],
            high=_over(np.maximum, bars.high, starts)[kept],
            low=_over(np.minimum, bars.low, starts)[kept],
            close=bars.close[ends][kept],
            # One addition after the other, as bar by bar; `add.reduceat` would pair them and round otherwise.
            volume=np.asarray(np.bincount(group, bars.volume, len(starts))[kept], dtype=np.float64),
            timeframe_ms=length,
        ),
        known=known[kept],
    )


def _over(function: np.ufunc, values: Floats, starts: Stamps) -> Floats:
    return function.reduceat(values, starts) if len(starts) else np.zeros(0)
