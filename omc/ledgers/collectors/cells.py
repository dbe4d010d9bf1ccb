"""Turns the cells of a text into times, numbers and series: fast when all are well, one by one when some are not."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from omc.ledgers.batch import MAX_SERIES, UNREADABLE, FileRefused
from omc.ledgers.columns import Floats, Stamps
from omc.ledgers.naming import SeriesKey, unified_symbol, unified_timeframe, unified_venue
from omc.ledgers.rules import Fault

SECONDS_BELOW = 10**11
MILLISECONDS_BELOW = 10**14
MICROSECONDS_BELOW = 10**17
MAX_CELL = 64

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def floats(cells: Sequence[str], *, decimal_comma: bool) -> Floats:
    """Return numbers, NaN for what is none; `1,5` is 1.5 only with `decimal_comma`."""
    try:
        return np.fromiter(map(float, cells), dtype=np.float64, count=len(cells))
    except ValueError:
        return np.fromiter((_float(cell, decimal_comma) for cell in cells), dtype=np.float64, count=len(cells))


def _float(cell: str, decimal_comma: bool) -> float:  # noqa: FBT001 - one caller, one line above
    text = cell[:MAX_CELL].strip()
    if decimal_comma and text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return float("nan")


def stamps(cells: Sequence[str]) -> Stamps:
    """Return UTC milliseconds, UNREADABLE for what is no time: unix times in any usual unit, or ISO 8601."""
    for quick in (_unix, _iso):
        try:
            return quick(cells)
        except (ValueError, OverflowError):
            continue
    return np.fromiter((_stamp(cell, (_unix, _decimal, _iso)) for cell in cells), dtype=np.int64, count=len(cells))


def _unix(cells: Sequence[str]) -> Stamps:
    return milliseconds(np.fromiter(map(int, cells), dtype=np.int64, count=len(cells)))


def _decimal(cells: Sequence[str]) -> Stamps:
    values = np.fromiter(map(float, cells), dtype=np.float64, count=len(cells))
    if not (np.abs(values) < float(SECONDS_BELOW)).all():
        raise ValueError("only seconds are written with a fraction")
    return np.rint(values * 1_000).astype(np.int64)


def _iso(cells: Sequence[str]) -> Stamps:
    return np.fromiter(map(_instant, cells), dtype=np.int64, count=len(cells))


def _instant(cell: str) -> int:
    parsed = datetime.fromisoformat(cell.strip().removesuffix(" UTC"))
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    return (parsed - _EPOCH) // _MILLISECOND


def _stamp(cell: str, ways: Sequence[Callable[[Sequence[str]], Stamps]]) -> int:
    for way in ways:
        try:
            return int(way([cell[:MAX_CELL]])[0])
        except (ValueError, OverflowError):
            continue
    return UNREADABLE


def milliseconds(values: Stamps) -> Stamps:
    """Return unix times of any usual unit in milliseconds; the units cannot be confused after 1973."""
    size = np.abs(values)
    return np.select(
        [values == UNREADABLE, size < SECONDS_BELOW, size < MILLISECONDS_BELOW, size < MICROSECONDS_BELOW],
        [values, values * 1_000, values, values // 1_000],
        default=values // 1_000_000,
    )


class KeyTable:
    """Numbers the series of a file as its rows name them."""

    def __init__(self) -> None:
        """Start with no series."""
        self.keys: list[SeriesKey] = []
        self._known: dict[tuple[str, ...], int | Fault] = {}

    def numbers(self, named: Mapping[str, Sequence[str]], rows: int) -> tuple[Stamps, list[tuple[int, Fault]]]:
        """Return each row's number in `keys` (-1: unreadable), and the unreadable rows with their fault."""
        parts = ("venue", "symbol", "timeframe")
        columns = [named[part] if part in named else ("",) * rows for part in parts]
        if not any(part in named for part in parts):
            self._number(("", "", ""))
            return np.zeros(rows, dtype=np.int64), []
        found = [self._known.get(cells, -1) for cells in zip(*columns, strict=True)]
        if any(number == -1 or isinstance(number, Fault) for number in found):
            found = [self._number(cells) for cells in zip(*columns, strict=True)]
        bad = [(row, number) for row, number in enumerate(found) if isinstance(number, Fault)]
        return np.asarray([-1 if isinstance(number, Fault) else number for number in found], dtype=np.int64), bad

    def _number(self, cells: tuple[str, ...]) -> int | Fault:
        known = self._known.get(cells)
        if known is not None:
            return known
        if len(self._known) >= 2 * MAX_SERIES:
            raise FileRefused(
                "too_many_series", f"the file names more than {MAX_SERIES} series; split it into files with fewer"
            )
        key = _key(*cells)
        if not isinstance(key, SeriesKey):
            self._known[cells] = key
            return key
        if key not in self.keys:
            self.keys.append(key)
        self._known[cells] = self.keys.index(key)
        return self.keys.index(key)


def _key(venue: str, symbol: str, timeframe: str) -> SeriesKey | Fault:
    """Read a row's series; an empty cell leaves the part open."""
    known = {
        "venue": unified_venue(venue) if venue.strip() else "",
        "symbol": unified_symbol(symbol) if symbol.strip() else "",
        "timeframe": unified_timeframe(timeframe) if timeframe.strip() else "",
    }
    if known["venue"] is None or known["symbol"] is None:
        return Fault.SYMBOL
    if known["timeframe"] is None:
        return Fault.TIMEFRAME
    return SeriesKey(**{part: text or "" for part, text in known.items()})
