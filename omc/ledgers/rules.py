"""Pure decisions about candles: which row is a bar, which steps make a timeframe, how a file's fate is named."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import isfinite
from uuid import UUID

from omc.core.ids import ImportId, SeriesId
from omc.core.market import Timeframe
from omc.core.reason import Reason

EARLIEST_MS = 946_684_800_000
"""2000-01-01: an earlier candle means a wrong unit of time, since no coin is older than 2009."""

PRICE_LIMIT = 1e15
VOLUME_LIMIT = 1e24
DAY_MS = 86_400_000
MAX_TIMEFRAME_MS = 28 * DAY_MS
MIXED_SHARE = 0.1
MIXED_ROWS = 3


class Origin(StrEnum):
    """Where a series comes from; a synthetic one is never shown without saying so."""

    IMPORTED = "imported"
    SYNTHETIC = "synthetic"


class Fate(StrEnum):
    """What became of a file."""

    KEPT = "kept"
    PARTLY = "partly"
    REFUSED = "refused"
    UNCHANGED = "unchanged"


class Fault(StrEnum):
    """Why one row is not a bar, in the order in which the reasons are looked for."""

    TIME = "time_unreadable"
    EARLY = "time_too_early"
    FUTURE = "time_in_future"
    OPEN_STILL = "bar_not_closed"
    OFF_GRID = "time_off_grid"
    NOT_A_NUMBER = "not_a_number"
    PRICE = "price_not_positive"
    VOLUME = "volume_negative"
    TOO_LARGE = "value_too_large"
    CROSSED = "high_below_low"
    HIGH = "high_too_low"
    LOW = "low_too_high"
    SYMBOL = "symbol_unreadable"
    TIMEFRAME = "timeframe_unreadable"
    RAGGED = "wrong_number_of_fields"
    DUPLICATE = "duplicate_row"
    CONTRADICTION = "contradicting_row"
    CONFLICT = "conflicts_with_stored"
    ORDER = "out_of_order"


FAULT_TEXT: dict[Fault, str] = {
    Fault.TIME: "the time cannot be read; write ISO 8601 or unix seconds, milliseconds or microseconds",
    Fault.EARLY: "the time lies before 2000, so its unit is probably wrong",
    Fault.FUTURE: "the bar opens in the future",
    Fault.OPEN_STILL: "the bar has not closed yet",
    Fault.OFF_GRID: "the time is not on the grid of the timeframe",
    Fault.NOT_A_NUMBER: "a price or the volume is missing or not a number",
    Fault.PRICE: "a price is zero or negative",
    Fault.VOLUME: "the volume is negative",
    Fault.TOO_LARGE: "a price or the volume is too large to be one",
    Fault.CROSSED: "high is below low",
    Fault.HIGH: "high is below open or close",
    Fault.LOW: "low is above open or close",
    Fault.SYMBOL: "the venue or symbol cannot be read; write a symbol as BTC/USDT",
    Fault.TIMEFRAME: "the timeframe cannot be read; write 1m, 5m, 1h or 1d",
    Fault.RAGGED: "the row has a different number of fields than the header",
    Fault.DUPLICATE: "the file holds this bar already",
    Fault.CONTRADICTION: "an earlier row of the file has the same time and other values",
    Fault.CONFLICT: "a bar with this time and other values is stored already; the stored one was kept",
    Fault.ORDER: "the row stands out of order of time; it was kept in its place",
}

HARMLESS = frozenset({Fault.ORDER})
"""Faults that are reported although the row was kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One market at one timeframe from one source. `end` is half open: the close of the last bar."""

    id: SeriesId
    venue: str
    symbol: str
    timeframe: str
    origin: Origin
    label: str
    bars: int
    start: datetime | None
    end: datetime | None
    gaps: int
    missing: int
    quarantined: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A hole in a series: `missing` bars would open in [`start`, `end`)."""

    start: datetime
    end: datetime
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One reported row: `line` counts from 1 (0: the whole file), `kept` when the row was stored nevertheless."""

    line: int
    code: str
    reason: str
    raw: str = ""
    kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A named series of observations, and how far it reaches; `source` is who says so."""

    id: UUID
    name: str
    source: str
    rows: int
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of one file; `problems` are the first of them, `rows_quarantined` counts all rows left out."""

    id: ImportId
    name: str
    status: Fate
    created_at: datetime
    rows_read: int
    rows_kept: int
    rows_unchanged: int
    rows_quarantined: int
    series: tuple[Series, ...]
    problems: tuple[Problem, ...]
    observed: tuple[Observed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One candle as a file writes it; times in UTC milliseconds, None or NaN where unreadable."""

    ts: int | None
    open: float
    high: float
    low: float
    close: float
    volume: float


def check_row(row: Row, *, timeframe_ms: int, phase_ms: int, now_ms: int) -> Fault | None:
    """Return why `row` is not a bar, or None; `screen.faults` says the same of whole columns."""
    return _check_time(row.ts, timeframe_ms, phase_ms, now_ms) or _check_values(row)


def _check_time(ts: int | None, timeframe_ms: int, phase_ms: int, now_ms: int) -> Fault | None:
    if ts is None:
        return Fault.TIME
    if ts < EARLIEST_MS:
        return Fault.EARLY
    if ts > now_ms:
        return Fault.FUTURE
    if ts + timeframe_ms > now_ms:
        return Fault.OPEN_STILL
    return Fault.OFF_GRID if (ts - phase_ms) % timeframe_ms else None


def _check_values(row: Row) -> Fault | None:
    prices = (row.open, row.high, row.low, row.close)
    tests = (
        (not all(map(isfinite, (*prices, row.volume))), Fault.NOT_A_NUMBER),
        (min(prices) <= 0, Fault.PRICE),
        (row.volume < 0, Fault.VOLUME),
        (max(prices) > PRICE_LIMIT or row.volume > VOLUME_LIMIT, Fault.TOO_LARGE),
        (row.high < row.low, Fault.CROSSED),
        (row.high < max(row.open, row.close), Fault.HIGH),
        (row.low > min(row.open, row.close), Fault.LOW),
    )
    return next((fault for failed, fault in tests if failed), None)


def phase(ts: int, timeframe_ms: int) -> int:
    """Return where a timeframe's grid starts: at midnight UTC; for bars of more than a day on the weekday of `ts`."""
    return (ts // DAY_MS * DAY_MS) % timeframe_ms if timeframe_ms > DAY_MS else 0


def timeframe_text(milliseconds: int) -> str | None:
    """Return the one way to write a timeframe (`60m` is `1h`), or None when no fixed timeframe has this length."""
    if milliseconds % 1_000 or not 0 < milliseconds <= MAX_TIMEFRAME_MS:
        return None
    seconds = milliseconds // 1_000
    for unit, length in (("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        if seconds % length == 0:
            return f"{seconds // length}{unit}" if seconds // length < 1_000 else None
    return None


def likely_timeframe(steps: Mapping[int, int]) -> Timeframe | None:
    """Return the timeframe of bars whose distances in milliseconds are counted in `steps`: the most common one."""
    if not steps:
        return None
    common = max(steps, key=lambda step: (steps[step], -step))
    text = timeframe_text(common)
    return Timeframe.parse(text) if text else None


def check_steps(steps: Mapping[int, int], *, timeframe: Timeframe, place: str) -> Reason | None:
    """Return why the distances between bars contradict `timeframe`: another one, or two mixed in one series."""
    total = sum(steps.values())
    if total < MIXED_ROWS:
        return None
    length = timeframe.milliseconds
    common = max(steps, key=lambda step: (steps[step], -step))
    if common != length and steps[common] * 2 > total:
        return Reason(
            code="timeframe_mismatch",
            place=place,
            text=f"{place}: the candles are said to be {timeframe.text}, but most are {_spoken(common)} apart; "
            "correct the timeframe and import again",
        )
    other = next((step for step in sorted(steps) if step != length and _is_second(step, length, steps)), None)
    if other is None:
        return None
    return Reason(
        code="timeframes_mixed",
        place=place,
        text=f"{place}: candles of {timeframe.text} and {_spoken(other)} are mixed in one series; put them into "
        "separate files or add a timeframe column",
    )


def _is_second(step: int, length: int, steps: Mapping[int, int]) -> bool:
    """Tell a second timeframe from outages: it is frequent, and the distances between the two are not."""
    count = steps[step]
    if count < MIXED_ROWS or count < MIXED_SHARE * sum(steps.values()) or timeframe_text(step) is None:
        return False
    between = sum(n for other, n in steps.items() if length < other < step)
    return step < length or (step > 2 * length and count > 2 * between)


def _spoken(milliseconds: int) -> str:
    return timeframe_text(milliseconds) or f"{milliseconds / 1_000:g} seconds"
