"""Reads candles from CSV, a batch at a time in bounded memory, without trusting a byte of it."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

import numpy as np

from omc.ledgers.batch import BATCH_ROWS, MAX_LINE_CHARACTERS, MAX_RAW_CHARACTERS, MAX_ROWS, BadRow, Batch, FileRefused
from omc.ledgers.collectors.cells import KeyTable, floats, stamps
from omc.ledgers.columns import Stamps
from omc.ledgers.naming import NEEDED, absent, columns_of, twice
from omc.ledgers.rules import Fault
from omc.ledgers.sniff import UTF16, encoding_of

DELIMITERS = ",;\t|"
HEAD_LINES = 8
"""A header may have a few lines of preamble above it."""

HEADERLESS = {"ts": 0, "open": 1, "high": 2, "low": 3, "close": 4, "volume": 5}
"""The order in which exchanges write candles without a header (Binance's 12 columns, Kraken's 7)."""

HEADERLESS_WIDTHS = frozenset({6, 7, 8, 11, 12})
SHOWN_COLUMNS = 12
SCAN_BYTES = 1024 * 1024
LINE_ENDS = (10, 13)
HOPELESS_ROWS = 50_000
"""So many rows of a wrong width, and more than right ones, are a text that is no table; to read on takes minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the text is laid out: where data starts, what separates cells, which column is where."""

    delimiter: str
    skipped_lines: int
    width: int
    places: dict[str, int]


def read(path: Path) -> Iterator[Batch]:
    """Yield the candles of the CSV file at `path`; raises FileRefused when it is no table of candles."""
    encoding = encoding_of(path)
    layout = _layout(path, encoding)
    keys = KeyTable()
    try:
        plain = encoding != UTF16 and _scan(path)
        with path.open(encoding=encoding, errors="replace", newline="") as file:
            reader = csv.reader(file if plain else _lines(file), delimiter=layout.delimiter)
            for _ in range(layout.skipped_lines):
                next(reader, None)
            line = layout.skipped_lines + 1
            ragged = 0
            while rows := list(islice(reader, BATCH_ROWS)):
                batch = _batch(rows, line, layout, keys)
                line += len(rows)
                ragged += sum(bad.fault is Fault.RAGGED for bad in batch.bad)
                _refuse_hopeless(line - layout.skipped_lines - 1, ragged)
                yield batch
    except (csv.Error, UnicodeError) as error:
        raise FileRefused("csv_broken", f"the text cannot be read as CSV: {error}") from error


def _refuse_hopeless(lines: int, ragged: int) -> None:
    if lines > MAX_ROWS:
        raise FileRefused("too_many_rows", f"the file has more than {MAX_ROWS} lines; split it by year")
    if ragged > HOPELESS_ROWS and ragged > lines // 2:
        raise FileRefused(
            "csv_broken",
            f"{ragged} of the first {lines} rows do not have as many cells as the header, so this is no table of "
            "candles; export it again",
        )


def _scan(path: Path) -> bool:
    """Tell whether the text has no quote and no line too long, so that it may be read without looking at each line."""
    length = 0
    with path.open("rb") as file:
        while chunk := file.read(SCAN_BYTES):
            if b'"' in chunk:
                return False
            ends = np.flatnonzero(np.isin(np.frombuffer(chunk, dtype=np.uint8), LINE_ENDS))
            lengths = np.diff(ends, prepend=-1 - length, append=len(chunk))
            if lengths.max() > MAX_LINE_CHARACTERS:
                return False
            length = int(lengths[-1])
    return True


def _lines(file: TextIO) -> Iterator[str]:
    """Yield lines of bounded length; a quote that is not closed on its line is dropped, lest it swallow the file."""
    number = 0
    while text := file.readline(MAX_LINE_CHARACTERS + 1):
        number += 1
        if len(text) > MAX_LINE_CHARACTERS:
            raise FileRefused(
                "line_too_long",
                f"line {number} is longer than {MAX_LINE_CHARACTERS} characters, so this is no table of candles",
                line=number,
            )
        yield text.replace('"', "") if '"' in text and text.count('"') % 2 else text


def _layout(path: Path, encoding: str) -> Layout:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        try:
            head = list(islice(_lines(file), HEAD_LINES))
        except UnicodeError as error:
            raise FileRefused("csv_broken", f"the text cannot be read: {error}") from error
    for number, text in enumerate(head):
        for delimiter in DELIMITERS:
            cells = _cells(text, delimiter)
            places = columns_of(cells)
            if places is not None:
                return _headed(cells, places, delimiter, number)
    return _headerless(head)


def _headed(cells: list[str], places: dict[str, int], delimiter: str, number: int) -> Layout:
    repeated = twice(cells, places)
    if repeated is not None:
        raise FileRefused("column_twice", f"the header names the column {repeated} twice; keep one", line=number + 1)
    return Layout(delimiter=delimiter, skipped_lines=number + 1, width=len(cells), places=places)


def _headerless(head: Sequence[str]) -> Layout:
    for number, text in enumerate(head):
        cells = max((_cells(text, delimiter) for delimiter in DELIMITERS), key=len)
        if len(cells) in HEADERLESS_WIDTHS and _all_numbers(cells[: len(NEEDED) + 1]):
            delimiter = next(mark for mark in DELIMITERS if _cells(text, mark) == cells)
            return Layout(delimiter=delimiter, skipped_lines=number, width=len(cells), places=dict(HEADERLESS))
    first = next((text for text in head if text.strip()), "")
    cells = max((_cells(first, delimiter) for delimiter in DELIMITERS), key=len)
    shown = ", ".join(cell.strip()[:30] for cell in cells[:SHOWN_COLUMNS])
    raise FileRefused(
        "schema_wrong",
        f"these are not candles: the columns {', '.join(absent(cells))} are missing from the header ({shown}); "
        "a file of candles has ts, open, high, low, close, volume",
        line=1,
    )


def _cells(text: str, delimiter: str) -> list[str]:
    return next(csv.reader([text.strip("\r\n")], delimiter=delimiter), [])


def _all_numbers(cells: Sequence[str]) -> bool:
    return not np.isnan(floats(cells, decimal_comma=False)).any()


def _batch(rows: list[list[str]], first_line: int, layout: Layout, keys: KeyTable) -> Batch:
    width = layout.width
    line = np.arange(first_line, first_line + len(rows), dtype=np.int64)
    ragged: list[BadRow] = []
    if any(len(row) != width for row in rows):
        rows, line, ragged = _straighten(rows, line, layout)
    columns = list(zip(*rows, strict=True)) if rows else [()] * width
    comma = layout.delimiter != ","
    named = {name: columns[place] for name, place in layout.places.items()}
    key, bad_keys = keys.numbers(named, len(rows))
    kept = key >= 0
    batch = Batch(
        keys=keys.keys,
        key=key,
        line=line,
        ts=stamps(named["ts"]),
        open=floats(named["open"], decimal_comma=comma),
        high=floats(named["high"], decimal_comma=comma),
        low=floats(named["low"], decimal_comma=comma),
        close=floats(named["close"], decimal_comma=comma),
        volume=floats(named["volume"], decimal_comma=comma),
        seen=stamps(named["seen_ts"]) if "seen_ts" in named else None,
        raw=lambda row: layout.delimiter.join(rows[row])[:MAX_RAW_CHARACTERS],
        bad=ragged,
    )
    batch.bad.extend(BadRow(line=int(line[row]), fault=fault, raw=batch.raw(row)) for row, fault in bad_keys)
    return batch if kept.all() else batch.taken(kept)


def _straighten(rows: list[list[str]], line: Stamps, layout: Layout) -> tuple[list[list[str]], Stamps, list[BadRow]]:
    """Part the rows of the right width from the others; empty lines are nothing at all."""
    width = layout.width
    written = [(number, row) for number, row in zip(line.tolist(), rows, strict=True) if any(row)]
    ragged = [
        BadRow(line=number, fault=Fault.RAGGED, raw=layout.delimiter.join(row)[:MAX_RAW_CHARACTERS])
        for number, row in written
        if len(row) != width and "".join(row).strip()
    ]
    right = [(number, row) for number, row in written if len(row) == width]
    return [row for _, row in right], np.asarray([number for number, _ in right], dtype=np.int64), ragged
