"""Folds bars into longer ones for charts: exact open, high, low, close and volume, on calendar boundaries in UTC.

A level without a single bar is not drawn, so an outage stays a gap. Nothing is sampled or smoothed.
"""

from dataclasses import dataclass

import numpy as np

from omc.ledgers.columns import BarColumns, Stamps
from omc.ledgers.rules import DAY_MS, timeframe_text

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
WEEK_MS = 7 * DAY_MS
MONDAY_MS = 4 * DAY_MS
"""1970-01-05, the first Monday of unix time."""

FIXED_LEVELS = tuple(
    [MINUTE_MS * count for count in (1, 5, 15, 30)] + [HOUR_MS * count for count in (1, 2, 4, 8, 12)] + [DAY_MS]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Bars of a chart; `ts` is each level's opening instant in UTC milliseconds, `level` its length as text."""

    level: str
    columns: BarColumns


def folded(columns: BarColumns, *, max_points: int) -> Level:
    """Return the bars themselves when they are few, else the shortest calendar level that has at most `max_points`."""
    own = timeframe_text(columns.timeframe_ms) or f"{columns.timeframe_ms}ms"
    if len(columns) <= max_points:
        return Level(level=own, columns=columns)
    for length in FIXED_LEVELS:
        if length > columns.timeframe_ms and length % columns.timeframe_ms == 0:
            starts = columns.ts // length * length
            if _count(starts) <= max_points:
                return _fold(columns, starts, timeframe_text(length) or own, length)
    return _calendar(columns, max_points)


def _calendar(columns: BarColumns, max_points: int) -> Level:
    weeks = (columns.ts - MONDAY_MS) // WEEK_MS * WEEK_MS + MONDAY_MS
    if columns.timeframe_ms < WEEK_MS and _count(weeks) <= max_points:
        return _fold(columns, weeks, "1w", WEEK_MS)
    months = _calendar_starts(columns.ts, "M")
    if _count(months) <= max_points:
        return _fold(columns, months, "1 month", 30 * DAY_MS)
    return _fold(columns, _calendar_starts(columns.ts, "Y"), "1 year", 365 * DAY_MS)


def _calendar_starts(ts: Stamps, unit: str) -> Stamps:
    return ts.astype("datetime64[ms]").astype(f"datetime64[{unit}]").astype("datetime64[ms]").astype(np.int64)


def _count(starts: Stamps) -> int:
    return int((np.diff(starts) != 0).sum()) + 1


def _fold(columns: BarColumns, starts: Stamps, level: str, length: int) -> Level:
    first = np.flatnonzero(np.concatenate([[True], np.diff(starts) != 0]))
    last = np.concatenate([first[1:], [len(columns)]]) - 1
    folded = BarColumns(
        ts=starts[first],
        open=columns.open[first],
        high=np.maximum.reduceat(columns.high, first),
        low=np.minimum.reduceat(columns.low, first),
        close=columns.close[last],
        volume=np.add.reduceat(columns.volume, first),
        timeframe_ms=length,
    )
    return Level(level=level, columns=folded)
