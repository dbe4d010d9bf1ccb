"""Reads observations from Parquet and CSV: funding rates, an index, figures of a chain, or any named numbers.

Alone with `parquet_file` in loading Polars, and hence loaded on first use.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl
from polars.exceptions import PanicException, PolarsError

from omc.ledgers.batch import MAX_RAW_CHARACTERS, MAX_ROWS, UNREADABLE, FileRefused
from omc.ledgers.collectors import parquet_frame
from omc.ledgers.collectors.cells import milliseconds, stamps
from omc.ledgers.columns import Stamps
from omc.ledgers.naming import unified_symbol
from omc.ledgers.observed import Layout, Observations, header_of, index_name, layout_of
from omc.ledgers.sniff import Kind

MAX_BYTES = 64 * 1024 * 1024
MAX_OBSERVATIONS = 5_000_000


def read(path: Path, kind: Kind) -> Observations | None:
    """Return the observations of a file, or None when its columns are no observations; raises FileRefused."""
    try:
        layout = layout_of(_header(path, kind))
        return None if layout is None else _observations(_frame(path, kind, layout), layout)
    except (PolarsError, PanicException, OSError) as error:
        reason = str(error).splitlines()[0][:MAX_RAW_CHARACTERS] if str(error) else type(error).__name__
        raise FileRefused("file_broken", f"the file is damaged: {reason}; copy or export it again") from error


def _header(path: Path, kind: Kind) -> Sequence[str]:
    if kind is Kind.CSV:
        return header_of(path)
    parquet_frame.check_summary(path)
    return list(pl.scan_parquet(path, glob=False, hive_partitioning=False).collect_schema())


def _frame(path: Path, kind: Kind, layout: Layout) -> pl.DataFrame:
    wanted = [layout.ts, *([layout.seen] if layout.seen else []), *layout.named, *layout.values]
    if kind is Kind.PARQUET:
        rows = parquet_frame.check(path, set(wanted))
        frame = pl.read_parquet(path, columns=wanted, glob=False)
    else:
        if path.stat().st_size > MAX_BYTES:
            raise FileRefused("file_too_large", "a CSV of observations has at most 64 MiB; save it as Parquet")
        frame = pl.read_csv(path, columns=wanted, infer_schema=False, truncate_ragged_lines=True)
        rows = frame.height
    if rows > MAX_ROWS or rows * len(layout.values) > MAX_OBSERVATIONS:
        raise FileRefused("too_many_rows", f"the file has more than {MAX_OBSERVATIONS} observations; split it by year")
    return frame.with_row_index("line", offset=1 if kind is Kind.PARQUET else 2)


def _observations(frame: pl.DataFrame, layout: Layout) -> Observations:
    numbers = [
        pl.col(name).cast(pl.Float64, strict=False).alias(name)
        for name in layout.values
        if frame.schema[name] == pl.String or frame.schema[name].is_numeric()
    ]
    names = [pl.col(name).cast(pl.String, strict=False).fill_null("") for name in layout.named]
    wide = frame.select("line", *names, *numbers).with_columns(
        at=pl.Series(_times(frame[layout.ts])), seen=pl.Series(_times(frame[layout.seen or layout.ts]))
    )
    value_columns = [one.meta.output_name() for one in numbers]
    long = wide.unpivot(
        value_columns, index=["line", *layout.named, "at", "seen"], variable_name="metric", value_name="measured"
    )
    if layout.kind == "onchain":  # an empty cell of a wide table is no row of its own that lacks something
        long = long.filter(pl.col("measured").is_not_null() & pl.col("measured").is_not_nan())
    parts = [*layout.named, *(["metric"] if layout.kind == "onchain" else [])]
    distinct = long.select(parts).unique(maintain_order=True).with_row_index("number")
    placed = long.join(distinct, on=parts, how="left", maintain_order="left")
    made = [_named(layout.kind, row) for row in distinct.select(parts).iter_rows()]
    return Observations(
        rows_read=frame.height,
        names=[name for name, _ in made],
        sources=[source for _, source in made],
        daily=layout.kind in ("onchain", "index"),
        number=placed["number"].cast(pl.Int64).to_numpy(),
        line=placed["line"].cast(pl.Int64).to_numpy(),
        ts=placed["at"].to_numpy(),
        seen=placed["seen"].to_numpy() if layout.seen else None,
        value=placed["measured"].fill_null(float("nan")).to_numpy(),
    )


def _named(kind: str, parts: Sequence[str]) -> tuple[str, str]:
    """The name of a series and who says so, from the cells that tell it."""
    match kind:
        case "funding":
            symbol = unified_symbol(parts[0])
            return (f"funding:{symbol}" if symbol else ""), (parts[1].strip().lower() if len(parts) > 1 else "")
        case "index":
            name = index_name(parts[0])
            return (f"{name}:value" if name else ""), parts[0].strip()
        case "onchain":
            return f"onchain:{parts[0].strip().upper()}:{parts[1].strip()}", ""
        case _:
            return parts[0].strip(), ""


def _times(column: pl.Series) -> Stamps:
    kind = column.dtype
    if kind == pl.Date or isinstance(kind, pl.Datetime):
        column = column.cast(pl.Datetime("ms")) if kind == pl.Date else column
        return column.dt.epoch("ms").cast(pl.Int64).fill_null(UNREADABLE).to_numpy()
    if kind.is_integer():
        return milliseconds(column.cast(pl.Int64, strict=False).fill_null(UNREADABLE).to_numpy())
    return stamps(column.cast(pl.String, strict=False).fill_null("").to_list())
