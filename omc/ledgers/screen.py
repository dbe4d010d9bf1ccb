"""Checks whole columns of candles at once; row by row it says exactly what `rules.check_row` says."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from omc.ledgers.batch import UNREADABLE, Batch
from omc.ledgers.columns import Stamps
from omc.ledgers.rules import DAY_MS, EARLIEST_MS, PRICE_LIMIT, VOLUME_LIMIT, Fault

FAULTS = tuple(Fault)
FINE = -1
MAX_STEPS = 64

Codes = NDArray[np.int8]
Mask = NDArray[np.bool_]


def faults(batch: Batch, *, timeframe_ms: Stamps, phase_ms: Stamps, now_ms: int) -> Codes:
    """Return for each row FINE or the place of its first fault in FAULTS; `timeframe_ms` and `phase_ms` are per row."""
    codes = np.full(len(batch), FINE, dtype=np.int8)
    for fault, failed in _tests(batch, timeframe_ms, phase_ms, now_ms):
        codes[failed & (codes == FINE)] = FAULTS.index(fault)
    return codes


def _tests(batch: Batch, timeframe_ms: Stamps, phase_ms: Stamps, now_ms: int) -> list[tuple[Fault, Mask]]:
    ts = batch.ts
    highest = np.maximum(np.maximum(batch.open, batch.close), np.maximum(batch.high, batch.low))
    lowest = np.minimum(np.minimum(batch.open, batch.close), np.minimum(batch.high, batch.low))
    return [
        (Fault.TIME, ts == UNREADABLE),
        (Fault.EARLY, ts < EARLIEST_MS),
        (Fault.FUTURE, ts > now_ms),
        (Fault.OPEN_STILL, ts > now_ms - timeframe_ms),
        (Fault.OFF_GRID, (ts - phase_ms) % timeframe_ms != 0),
        (Fault.NOT_A_NUMBER, ~np.isfinite(highest + lowest + batch.volume)),
        (Fault.PRICE, lowest <= 0),
        (Fault.VOLUME, batch.volume < 0),
        (Fault.TOO_LARGE, (highest > PRICE_LIMIT) | (batch.volume > VOLUME_LIMIT)),
        (Fault.CROSSED, batch.high < batch.low),
        (Fault.HIGH, batch.high < np.maximum(batch.open, batch.close)),
        (Fault.LOW, batch.low > np.minimum(batch.open, batch.close)),
    ]


def phases(ts: Stamps, key: Stamps, timeframe_ms: list[int], known: dict[int, int]) -> Stamps:
    """Return per row where its series' grid starts, learning in `known` from the first readable row of each series."""
    for number, length in enumerate(timeframe_ms):
        if number not in known:
            mine = ts[(key == number) & (ts != UNREADABLE)]
            if len(mine):
                known[number] = _majority(mine // DAY_MS * DAY_MS % length) if length > DAY_MS else 0
    return np.asarray([known.get(number, 0) for number in range(len(timeframe_ms))], dtype=np.int64)[key]


def _majority(values: Stamps) -> int:
    found, counts = np.unique(values, return_counts=True)
    return int(found[counts.argmax()])


class Order:
    """Watches the order of time of one series over all its batches: distances, direction, and who breaks it."""

    def __init__(self, *, reports: int) -> None:
        """Keep at most `reports` lines of rows out of order."""
        self.steps: Counter[int] = Counter()
        self.rising = 0
        self.falling = 0
        self.equal = 0
        self._reports = reports
        self._rising_lines: list[int] = []
        self._falling_lines: list[int] = []
        self._last: int | None = None

    def see(self, ts: Stamps, line: Stamps) -> None:
        """Take the next rows of the series, as they stand in the file."""
        if not len(ts):
            return
        first = [] if self._last is None else [self._last]
        step = np.diff(np.concatenate([np.asarray(first, dtype=np.int64), ts]))
        line = line[len(line) - len(step) :]
        self._last = int(ts[-1])
        self.equal += int((step == 0).sum())
        self.rising += self._count(step > 0, line, self._rising_lines)
        self.falling += self._count(step < 0, line, self._falling_lines)
        self._measure(step)

    def _count(self, mask: Mask, line: Stamps, lines: list[int]) -> int:
        missing = self._reports - len(lines)
        if missing > 0:
            lines.extend(line[mask][:missing].tolist())
        return int(mask.sum())

    def _measure(self, step: Stamps) -> None:
        values, counts = np.unique(np.abs(step[step != 0]), return_counts=True)
        self.steps.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))
        if len(self.steps) > MAX_STEPS:
            self.steps = Counter(dict(self.steps.most_common(MAX_STEPS)))

    @property
    def may_repeat(self) -> bool:
        """Tell whether two rows of the series may have the same time: not when time runs one way only."""
        return bool(self.equal or (self.rising and self.falling))

    @property
    def broken(self) -> tuple[int, list[int]]:
        """Return how many rows run against the file's direction, and the lines of the first of them."""
        if self.rising >= self.falling:
            return self.falling, self._falling_lines
        return self.rising, self._rising_lines
