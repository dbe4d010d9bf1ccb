"""Owns the column form of a bar series: what a backtest reads, as plain arrays.

It stands alone and needs only numpy, so that the engine can be imported without a database.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Stamps: TypeAlias = NDArray[np.int64]

Kind = TypeVar("Kind", bound=np.generic)

PRICES = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, kw_only=True)
class BarColumns:
    """Bars of one series in order of time; a missing bar is simply not there.

    `ts` is the opening time of each bar in UTC milliseconds, strictly rising. Prices are in the quote asset, volume in
    the base asset. All arrays have one length and are read-only when made by `bar_columns`.
    `more` are further columns by name, such as a document's inputs: what was known at the close of each bar, NaN where
    nothing was.
    """

    ts: Stamps
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    timeframe_ms: int
    more: Mapping[str, Floats] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ts)

    @cached_property
    def data_hash(self) -> str:
        """Sha256 of the content: equal bars have an equal hash, whatever series or slice they came from."""
        state = sha256(f"omc-bars/1:{self.timeframe_ms}:{len(self)}:".encode())
        state.update(np.ascontiguousarray(self.ts, dtype="<i8").data)
        for name in PRICES:
            state.update(np.ascontiguousarray(getattr(self, name), dtype="<f8").data)
        for name in sorted(self.more):
            state.update(f":{name}:".encode())
            state.update(np.ascontiguousarray(self.more[name], dtype="<f8").data)
        return state.hexdigest()

    @cached_property
    def cheapest(self) -> tuple[float, float]:
        """The lowest open and the lowest close; there must be a bar."""
        return float(self.open.min()), float(self.close.min())

    def column(self, name: str) -> Floats:
        """The column of that name, one of `PRICES` or of `more`; KeyError where there is none."""
        if name in self.more:
            return self.more[name]
        if name not in PRICES:
            raise KeyError(name)
        column: Floats = getattr(self, name)
        return column

    def slice(self, start: int, end: int) -> "BarColumns":
        """Rows `start` to `end`, half open, as views on the same memory."""
        return BarColumns(
            ts=self.ts[start:end],
            open=self.open[start:end],
            high=self.high[start:end],
            low=self.low[start:end],
            close=self.close[start:end],
            volume=self.volume[start:end],
            timeframe_ms=self.timeframe_ms,
            more={name: column[start:end] for name, column in self.more.items()},
        )

    def between(self, start_ms: int, end_ms: int) -> "BarColumns":
        """Bars that open in ``[start_ms, end_ms)``."""
        start, end = np.searchsorted(self.ts, [start_ms, end_ms])
        return self.slice(int(start), int(end))


def bar_columns(
    *,
    ts: ArrayLike,
    open: ArrayLike,  # noqa: A002 - the word every trader uses for this column
    high: ArrayLike,
    low: ArrayLike,
    close: ArrayLike,
    volume: ArrayLike,
    timeframe_ms: int,
    more: Mapping[str, ArrayLike] | None = None,
) -> BarColumns:
    """Make columns from any arrays, once checked here.

    Raises ValueError when lengths differ, times do not strictly rise, or a value is not finite; in `more` NaN may be.
    """
    stamps = _read_only(np.ascontiguousarray(ts, dtype=np.int64))
    floats = {
        name: _read_only(np.ascontiguousarray(values, dtype=np.float64))
        for name, values in zip(PRICES, (open, high, low, close, volume), strict=True)
    }
    others = {name: _read_only(np.ascontiguousarray(values, dtype=np.float64)) for name, values in (more or {}).items()}
    if timeframe_ms <= 0:
        raise ValueError("the timeframe must be a positive number of milliseconds")
    if len(stamps) > 1 and bool((np.diff(stamps) <= 0).any()):
        raise ValueError("the opening times of the bars must strictly rise")
    for name, values in (floats | others).items():
        if values.shape != stamps.shape:
            raise ValueError(f"the column {name} has {values.size} rows but there are {stamps.size} times")
        if bool(np.isinf(values).any() if name in others else not np.isfinite(values).all()):
            raise ValueError(f"the column {name} holds a value that is not a finite number")
    return BarColumns(ts=stamps, timeframe_ms=timeframe_ms, more=others, **floats)


def _read_only(values: NDArray[Kind]) -> NDArray[Kind]:
    values = values.view()
    values.flags.writeable = False
    return values
