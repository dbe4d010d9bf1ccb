"""Owns the form in which collectors hand candles over: columns as read, beside the rows that could not be read."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from omc.ledgers.columns import Floats, Stamps
from omc.ledgers.naming import SeriesKey
from omc.ledgers.rules import Fault, Problem

BATCH_ROWS = 16_384
MAX_LINE_CHARACTERS = 65_536
MAX_ROWS = 20_000_000
MAX_SERIES = 500
MAX_RAW_CHARACTERS = 200
COLUMNS = ("key", "line", "ts", "open", "high", "low", "close", "volume")
UNREADABLE = int(np.iinfo(np.int64).min)
"""The time of a row whose time cannot be read."""


class FileRefused(Exception):  # noqa: N818 - a refusal is an answer
    """The file as a whole is not candles; the sentence says what to do."""

    def __init__(self, code: str, text: str, *, line: int = 0, problems: Sequence[Problem] = ()) -> None:
        """Refuse, pointing at `line` when one is to blame; `problems` are those of single rows."""
        super().__init__(text)
        self.code = code
        self.text = text
        self.line = line
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that no column form can hold."""

    line: int
    fault: Fault
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows as read, before any judgement.

    `line` counts from 1 in the file; `ts` and `seen` are UTC milliseconds (UNREADABLE where they are not), values NaN
    where unreadable; `key` is the number of the row's series in `keys`. `raw` writes a row for the quarantine.
    """

    keys: list[SeriesKey]
    key: Stamps
    line: Stamps
    ts: Stamps
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    seen: Stamps | None
    raw: Callable[[int], str]
    bad: list[BadRow] = field(default_factory=list)

    def __len__(self) -> int:
        """Return how many rows are in the columns."""
        return len(self.ts)

    def taken(self, mask: NDArray[np.bool_]) -> "Batch":
        """Return the batch with only the rows of `mask` in its columns; its bad rows stay."""
        rows = np.flatnonzero(mask)
        columns = {name: getattr(self, name)[mask] for name in COLUMNS}
        seen = None if self.seen is None else self.seen[mask]
        return replace(self, **columns, seen=seen, raw=lambda row: self.raw(int(rows[row])))


Read: TypeAlias = Callable[[Path], Iterator[Batch]]
"""What a collector of files offers; raises FileRefused."""
