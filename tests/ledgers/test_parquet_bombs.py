"""A small Parquet file that unpacks to a large one is refused or read in slices: memory does not follow its claims."""

import random
import subprocess
import sys
from itertools import count
from pathlib import Path

import polars as pl
import pytest

from omc.ledgers.batch import MAX_ROWS, FileRefused
from omc.ledgers.collectors import reader
from omc.ledgers.collectors.parquet_frame import (
    MAX_FOOTER_BYTES,
    MAX_GROUP_BYTES,
    MAX_PACKED_BYTES,
    MAX_PAGE_BYTES,
    check,
)
from omc.ledgers.sniff import Kind

LIMIT_KIB = 280 * 1024
MANY = 8_000_000
PRICES = ("open", "high", "low", "close", "volume")
PEAK = """
import sys
from pathlib import Path
from omc.ledgers.collectors import reader
from omc.ledgers.sniff import Kind
rows = sum(len(batch) for batch in reader(Kind.PARQUET)(Path(sys.argv[1])))
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(rows, peak.split()[1])
"""
NUMBER, TEXT, LIST, STRUCT = 0x06, 0x08, 0x09, 0x0C


def varint(value: int) -> bytes:
    parts = []
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def struct(fields: dict[int, object]) -> bytes:
    """A struct in Thrift's compact protocol: int, str, dict and list of dict are what a summary needs."""
    content = b""
    for number, value in fields.items():
        name = varint(number * 2)
        match value:
            case int():
                content += bytes([NUMBER]) + name + varint(value * 2)
            case str():
                content += bytes([TEXT]) + name + varint(len(value)) + value.encode()
            case dict():
                content += bytes([STRUCT]) + name + struct(value)
            case list():
                items = b"".join(struct(item) for item in value)
                content += bytes([LIST]) + name + bytes([0xF0 | STRUCT]) + varint(len(value)) + items
    return content + b"\0"


def claiming(path: Path, *, rows: int = 1, packed: int = 0, pages: tuple[int, ...] = (8,)) -> Path:
    """A file of one column and row group whose `pages` claim to unpack to so many bytes."""
    body = b"".join(struct({1: 0, 2: size, 3: 0, 5: {1: rows}}) for size in pages)
    column: dict[int, object] = {7: packed or len(body), 9: 4}
    schema: list[object] = [{4: "root", 5: 1}, {1: 2, 4: "ts"}]
    summary = struct({1: 1, 2: schema, 3: rows, 4: [{1: [{2: 4, 3: column}], 2: 8, 3: rows}]})
    path.write_bytes(b"PAR1" + body + summary + len(summary).to_bytes(4, "little") + b"PAR1")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(FileRefused) as told:
        check(path, {"ts"})
    return told.value.code


def test_a_file_that_claims_little_is_let_in(tmp_path: Path) -> None:
    assert check(claiming(tmp_path / "file", rows=7), {"ts"}) == 7


def test_more_rows_than_the_limit_are_refused_by_the_summary(tmp_path: Path) -> None:
    assert refusal(claiming(tmp_path / "file", rows=MAX_ROWS + 1)) == "too_many_rows"


@pytest.mark.parametrize(
    "pages",
    [
        (MAX_PAGE_BYTES + 1,),
        (MAX_PAGE_BYTES,) * (MAX_GROUP_BYTES // MAX_PAGE_BYTES + 1),
        (MAX_PAGE_BYTES,),  # of a single row
    ],
)
def test_pages_that_unpack_to_too_much_are_refused_whatever_the_summary_says(
    tmp_path: Path, pages: tuple[int, ...]
) -> None:
    assert refusal(claiming(tmp_path / "file", rows=1, pages=pages)) == "parquet_too_large"
    assert check(claiming(tmp_path / "file", rows=1, pages=pages), {"other"}) == 1


def test_a_row_group_too_long_to_load_is_refused(tmp_path: Path) -> None:
    assert refusal(claiming(tmp_path / "file", packed=MAX_PACKED_BYTES + 1)) == "parquet_too_large"


def test_a_summary_too_long_to_read_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"PAR1" + b"\0" * (2 * MAX_FOOTER_BYTES) + (MAX_FOOTER_BYTES + 1).to_bytes(4, "little") + b"PAR1")
    with pytest.raises(FileRefused, match="summary"):
        next(reader(Kind.PARQUET)(file))


def test_a_file_with_any_damage_is_read_or_refused(tmp_path: Path) -> None:
    chance = random.Random(7)
    whole = tmp_path / "whole"
    hours = pl.DataFrame({"ts": range(1_600_000_000, 1_600_360_000, 3_600), **dict.fromkeys(PRICES, 1.5)})
    hours.write_parquet(whole, row_group_size=40)
    content = whole.read_bytes()
    file = tmp_path / "damaged"
    codes = set()
    for _ in range(500):
        place = chance.randrange(4, len(content) - 4)
        file.write_bytes(content[:place] + bytes([chance.randrange(256)]) + content[place + 1 :])
        try:
            check(file, {"ts", *PRICES})
        except FileRefused as refused:
            codes.add(refused.code)
    assert codes <= {"parquet_broken", "parquet_too_large", "too_many_rows"}


def test_a_nested_column_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    file = tmp_path / "file"
    pl.DataFrame({"ts": [1], **dict.fromkeys(PRICES, 1.5), "open": [[1.5, 1.6]]}, strict=False).write_parquet(file)
    with pytest.raises(FileRefused, match="open holds"):
        next(reader(Kind.PARQUET)(file))


def test_lines_are_counted_through_slices_and_row_groups(tmp_path: Path) -> None:
    file = tmp_path / "file"
    rows = 1_100_000
    pl.DataFrame({"ts": pl.int_range(rows, eager=True) + 1_600_000_000, **dict.fromkeys(PRICES, 1.5)}).write_parquet(
        file, row_group_size=300_000
    )
    numbers = count(1)
    for batch in reader(Kind.PARQUET)(file):
        assert all(line == next(numbers) for line in batch.line.tolist())
        assert (batch.ts // 1_000 == batch.line - 1 + 1_600_000_000).all()
    assert next(numbers) == rows + 1


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read as Linux tells it")
def test_a_long_row_group_of_few_bytes_is_read_in_flat_memory(tmp_path: Path) -> None:
    file = tmp_path / "bomb"
    prices = [pl.repeat(1.0, MANY).alias(name) for name in PRICES]
    equal = pl.select([pl.repeat(1_600_000_000, MANY, dtype=pl.Int64).alias("ts"), *prices])
    equal.write_parquet(file, row_group_size=MANY)
    done = subprocess.run([sys.executable, "-c", PEAK, str(file)], capture_output=True, text=True, check=True)
    rows, peak = map(int, done.stdout.split())
    assert rows == MANY
    assert peak < LIMIT_KIB
