"""A file of any length is read in memory that does not grow with it."""

import tracemalloc
from pathlib import Path

import pytest

from omc.ledgers.batch import FileRefused
from omc.ledgers.collectors import reader
from omc.ledgers.collectors.csv_file import HOPELESS_ROWS
from omc.ledgers.sniff import Kind
from tests.ledgers.builders import HEADER, row

LIMIT_BYTES = 40 * 1024 * 1024


def peak_of(path: Path) -> int:
    """Read a file to its end; return the most memory that was held."""
    tracemalloc.start()
    for _ in reader(Kind.CSV)(path):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_four_times_the_rows_take_no_more_memory(tmp_path: Path) -> None:
    line = row(1) + "\n"
    short, long = tmp_path / "short.csv", tmp_path / "long.csv"
    short.write_text(HEADER + "\n" + line * 40_000)
    long.write_text(HEADER + "\n" + line * 160_000)
    assert peak_of(long) < min(1.2 * peak_of(short), LIMIT_BYTES)


def test_a_text_of_endless_short_rows_is_refused_soon(tmp_path: Path) -> None:
    file = tmp_path / "short.csv"
    file.write_text(HEADER + '\n"' + "a,\n" * (20 * HOPELESS_ROWS))
    read = 0
    with pytest.raises(FileRefused, match="as many cells") as refused:
        for batch in reader(Kind.CSV)(file):
            read += len(batch.bad)
    assert refused.value.code == "csv_broken"
    assert read <= HOPELESS_ROWS


def test_a_table_may_have_many_short_rows_as_long_as_most_are_right(tmp_path: Path) -> None:
    file = tmp_path / "mixed.csv"
    file.write_text(HEADER + "\n" + (row(1) + "\n" + row(2) + "\na,\n") * (HOPELESS_ROWS + 1))
    bad = sum(len(batch.bad) for batch in reader(Kind.CSV)(file))
    assert bad == HOPELESS_ROWS + 1
