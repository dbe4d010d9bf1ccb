"""Reads candles from Parquet, a batch at a time; alone in loading Polars, and hence loaded on first use."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from polars.exceptions import PanicException, PolarsError

from omc.ledgers.batch import BATCH_ROWS, MAX_RAW_CHARACTERS, UNREADABLE, BadRow, Batch, FileRefused
from omc.ledgers.collectors import parquet_frame
from omc.ledgers.collectors.cells import KeyTable, floats, milliseconds, stamps
from omc.ledgers.columns import Floats, Stamps
from omc.ledgers.naming import absent, columns_of, twice

KEY_PARTS = ("venue", "symbol", "timeframe")
SHOWN_COLUMNS = 12
SLICE_ROWS = 524_288
"""Rows that Polars unpacks at once: it would unpack a row group whole, however long."""
MAX_CELL_CHARACTERS = 256
"""Nothing that we read is longer; the rest of a longer text is not looked at."""


def read(path: Path) -> Iterator[Batch]:
    """Yield the candles of the Parquet file at `path`; raises FileRefused when it is no table of candles."""
    try:
        yield from _read(path)
    except (PolarsError, PanicException, OSError) as error:
        reason = str(error).splitlines()[0][:MAX_RAW_CHARACTERS] if str(error) else type(error).__name__
        raise FileRefused(
            "parquet_broken", f"the Parquet file is damaged: {reason}; copy or export it again"
        ) from error


def _read(path: Path) -> Iterator[Batch]:
    parquet_frame.check_summary(path)
    scan = pl.scan_parquet(path, glob=False, hive_partitioning=False)
    schema = scan.collect_schema()
    header = list(schema)
    places = columns_of(header)
    if places is None:
        raise FileRefused(
            "schema_wrong",
            f"these are not candles: the columns {', '.join(absent(header))} are missing "
            f"(there are {', '.join(name[:30] for name in header[:SHOWN_COLUMNS])}); a file of candles has "
            "ts, open, high, low, close, volume",
        )
    repeated = twice(header, places)
    if repeated is not None:
        raise FileRefused("column_twice", f"the file has the column {repeated} twice; keep one")
    cells = {ours: _cell(header[place], schema[header[place]]).alias(ours) for ours, place in places.items()}
    rows = parquet_frame.check(path, {header[place] for place in places.values()})
    keys = KeyTable()
    for start in range(0, rows, SLICE_ROWS):
        frame = scan.slice(start, SLICE_ROWS).select(list(cells.values())).collect(engine="streaming")
        for number, part in enumerate(frame.iter_slices(BATCH_ROWS)):
            yield _batch(part, start + number * BATCH_ROWS + 1, keys)


def _cell(name: str, kind: pl.DataType) -> pl.Expr:
    if kind.is_nested():
        raise FileRefused(
            "schema_wrong", f"the column {name} holds {str(kind)[:MAX_RAW_CHARACTERS]} instead of single values"
        )
    return pl.col(name).str.head(MAX_CELL_CHARACTERS) if kind == pl.String else pl.col(name)


def _batch(frame: pl.DataFrame, first_line: int, keys: KeyTable) -> Batch:
    line = np.arange(first_line, first_line + frame.height, dtype=np.int64)
    key, faults = _keys(frame, keys)
    batch = Batch(
        keys=keys.keys,
        key=key,
        line=line,
        ts=_times(frame["ts"]),
        open=_values(frame["open"]),
        high=_values(frame["high"]),
        low=_values(frame["low"]),
        close=_values(frame["close"]),
        volume=_values(frame["volume"]),
        seen=_times(frame["seen_ts"]) if "seen_ts" in frame.columns else None,
        raw=lambda row: ", ".join(map(str, frame.row(row)))[:MAX_RAW_CHARACTERS],
    )
    batch.bad.extend(faults_of(batch, faults))
    kept = key >= 0
    return batch if kept.all() else batch.taken(kept)


def faults_of(batch: Batch, faults: list[BadRow]) -> list[BadRow]:
    """Return the bad rows with their text: `faults` name them by their place in the batch."""
    return [BadRow(line=int(batch.line[bad.line]), fault=bad.fault, raw=batch.raw(bad.line)) for bad in faults]


def _keys(frame: pl.DataFrame, keys: KeyTable) -> tuple[Stamps, list[BadRow]]:
    parts = [part for part in KEY_PARTS if part in frame.columns]
    if not parts:
        return keys.numbers({}, frame.height)[0], []
    texts = frame.select(pl.col(parts).cast(pl.String, strict=False).fill_null(""))
    distinct = texts.unique(maintain_order=True)
    numbers, bad = keys.numbers({part: distinct[part].to_list() for part in parts}, distinct.height)
    if distinct.height == 1:
        number = np.full(frame.height, numbers[0], dtype=np.int64)
        place = np.zeros(frame.height, dtype=np.int64)
    else:
        joined = texts.join(distinct.with_row_index("place"), on=parts, how="left", maintain_order="left")
        place = joined["place"].cast(pl.Int64).to_numpy()
        number = numbers[place]
    faults = dict(bad)
    return number, [BadRow(line=int(row), fault=faults[int(place[row])], raw="") for row in np.flatnonzero(number < 0)]


def _times(column: pl.Series) -> Stamps:
    kind = column.dtype
    if kind == pl.Date or isinstance(kind, pl.Datetime):
        column = column.cast(pl.Datetime("ms")) if kind == pl.Date else column.dt.epoch("ms")
        return column.cast(pl.Int64).fill_null(UNREADABLE).to_numpy()
    if kind.is_integer():
        return milliseconds(column.cast(pl.Int64, strict=False).fill_null(UNREADABLE).to_numpy())
    if kind.is_float():
        return stamps([str(int(value)) if value is not None and value == value // 1 else "" for value in column])
    if kind == pl.String:
        return stamps(["" if value is None else value for value in column])
    raise FileRefused("schema_wrong", f"the column {column.name} is no time but {kind}; store it as a timestamp in UTC")


def _values(column: pl.Series) -> Floats:
    kind = column.dtype
    if kind.is_numeric():
        return column.cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy()
    if kind == pl.String:
        return floats(["" if value is None else value for value in column], decimal_comma=False)
    if kind == pl.Null:
        return np.full(len(column), np.nan)
    raise FileRefused("schema_wrong", f"the column {column.name} holds {kind} instead of numbers")
