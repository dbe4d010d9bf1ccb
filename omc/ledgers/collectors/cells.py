"""Turns the cells of a text into times, numbers and series: fast when all are well, one by one when some are not."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from omc.ledgers.batch import MAX_SERIES, UNREADABLE, FileRefused
from omc.ledgers.columns import Floats, Stamps
from omc.ledgers.naming import SeriesKey, unified_symbol, unified_timeframe, unified_venue
from omc.ledgers.rules import Fault

SECONDS_BELOW = 10**11
MILLISECONDS_BELOW = 10**14
MICROSECONDS_BELOW = 10**17
MAX_CELL = 64


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
    for quick in (_unix, _iso, _spoken_iso):
        try:
            return quick(cells)
        except (ValueError, OverflowError):
            continue
    return np.fromiter(
        (_stamp(cell, (_unix, _decimal, _spoken_iso)) for cell in cells), dtype=np.int64, count=len(cells)
    )


def _unix(cells: Sequence[str]) -> Stamps:
    return milliseconds(np.fromiter(map(int, cells), dtype=np.int64, count=len(cells)))


def _decimal(cells: Sequence[str]) -> Stamps:
    values = np.fromiter(map(float, cells), dtype=np.float64, count=len(cells))
    if not (np.abs(values) < float(SECONDS_BELOW)).all():
        raise ValueError("only seconds are written with a fraction")
    return np.rint(values * 1_000).astype(np.int64)


def _iso(cells: Sequence[str]) -> Stamps:
    parsed = map(datetime.fromisoformat, cells)
    seconds = ((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp() for instant in parsed)
    return np.rint(np.fromiter(seconds, dtype=np.float64, count=len(cells)) * 1_000).astype(np.int64)


def _spoken_iso(cells: Sequence[str]) -> Stamps:
    return _iso([cell.strip().removesuffix(" UTC") for cell in cells])


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
        if rows and all(len(set(column)) == 1 for column in columns):
            number = self._number(tuple(column[0] for column in columns))
            if not isinstance(number, Fault):
                return np.full(rows, number, dtype=np.int64), []
        cells = list(zip(*columns, strict=True))
        found = {named: self._number(named) for named in dict.fromkeys(cells)}
        numbers = {named: -1 if isinstance(number, Fault) else number for named, number in found.items()}
        placed = np.fromiter((numbers[named] for named in cells), dtype=np.int64, count=rows)
        if -1 not in numbers.values():
            return placed, []
        faults = {named: number for named, number in found.items() if isinstance(number, Fault)}
        return placed, [(row, faults[named]) for row, named in enumerate(cells) if named in faults]

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
