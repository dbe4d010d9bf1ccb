"""A file of any length is read in memory that does not grow with it."""

import tracemalloc
from pathlib import Path

from omc.ledgers.collectors import reader
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
    short.write_text(HEADER + "\n" + line * 50_000)
    long.write_text(HEADER + "\n" + line * 200_000)
    assert peak_of(long) < min(1.2 * peak_of(short), LIMIT_BYTES)
