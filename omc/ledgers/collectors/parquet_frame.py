"""Reads what a Parquet file says of itself and refuses one that would not fit, before anything in it is unpacked.

A file of a few kilobytes may unpack to gigabytes, and its summary may lie about that; so each page's own header is read
too. The layout is that of https://github.com/apache/parquet-format, in Thrift's compact protocol.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

from omc.ledgers.batch import MAX_ROWS, FileRefused

MIB: Final = 1024 * 1024
MAX_FOOTER_BYTES = 4 * MIB
MAX_VALUES = 1_000_000
"""Values in one summary or page header."""
MAX_PAGES = 200_000
MAX_PAGE_BYTES = 32 * MIB
MAX_GROUP_BYTES = 512 * MIB
"""Of one row group's columns of candles, unpacked."""
MAX_PACKED_BYTES = 256 * MIB
"""The same as they are in the file: Polars loads a group's columns whole."""
MAX_ROW_BYTES = 512
"""Of one row in the mean of its group, unpacked; looked at where a group is no trifle."""
TRIFLE_BYTES = 16 * MIB

FOOTER_END_BYTES = 8
HEADER_READS = (1_024, 256 * 1_024)
"""A page's header has some dozens of bytes, unless it carries long statistics."""
MAX_DEPTH = 16

_Value: TypeAlias = "int | bytes | list[_Value] | _Struct"
_Struct: TypeAlias = "dict[int, _Value]"
_STOP, _TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = 0, 1, 2, 3, 7, 8, 9, 10, 11, 12
_INTEGERS = frozenset({4, 5, 6})
_LONG_LIST = 15


class _BrokenError(ValueError):
    """The bytes are not what the format says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chunk:
    """One column of one row group: where its pages lie."""

    start: int
    packed: int


def check_summary(path: Path) -> None:
    """Raise FileRefused when the file's summary is so long that only reading it would take too much memory."""
    with path.open("rb") as file:
        _summary_place(file)


def check(path: Path, columns: AbstractSet[str]) -> int:
    """Return how many rows the file has; raises FileRefused when reading `columns` of it would take too much memory."""
    try:
        with path.open("rb") as file:
            return _check(file, columns)
    except (_BrokenError, IndexError, OverflowError) as error:
        raise _damaged() from error


def _check(file: BinaryIO, columns: AbstractSet[str]) -> int:
    summary = _summary(file)
    groups = _structs(summary, 4)
    rows = [_size(group, 3) for group in groups]
    total = max(sum(rows), _size(summary, 3))
    if total > MAX_ROWS:
        raise FileRefused("too_many_rows", f"the file has {total} rows and the limit is {MAX_ROWS}; split it by year")
    names = _names(_structs(summary, 2))
    pages = 0
    for group, count in zip(groups, rows, strict=True):
        chunks = _chunks(group, names, columns)
        _refuse_above(sum(chunk.packed for chunk in chunks), MAX_PACKED_BYTES, "a row group", "packed")
        unpacked = 0
        for size in (size for chunk in chunks for size in _pages(file, chunk)):
            pages += 1
            unpacked += size
            _refuse_above(size, MAX_PAGE_BYTES, "a page", "unpacked")
            _refuse_above(unpacked, MAX_GROUP_BYTES, "a row group", "unpacked")
            if pages > MAX_PAGES:
                raise _refused(f"the file is cut into more than {MAX_PAGES} pages")
        if unpacked > max(TRIFLE_BYTES, count * MAX_ROW_BYTES):
            raise _refused(f"its rows have more than {MAX_ROW_BYTES} bytes each, and candles have about a hundred")
    return total


def _refuse_above(size: int, limit: int, what: str, how: str) -> None:
    if size > limit:
        raise _refused(f"{what} has {size / MIB:.0f} MiB {how} and the limit is {limit // MIB} MiB")


def _refused(why: str) -> FileRefused:
    return FileRefused(
        "parquet_too_large",
        f"{why}; write the candles again, with row groups of at most 1,000,000 rows and the usual pages",
    )


def _damaged() -> FileRefused:
    return FileRefused(
        "parquet_broken", "the Parquet file is damaged: its summary cannot be read; copy or export it again"
    )


def _summary(file: BinaryIO) -> _Struct:
    place, length = _summary_place(file)
    file.seek(place)
    return _Thrift(file.read(length)).struct()


def _summary_place(file: BinaryIO) -> tuple[int, int]:
    end = file.seek(0, 2) - FOOTER_END_BYTES
    file.seek(end)
    length = int.from_bytes(file.read(4), "little")
    if length > end:
        raise _damaged()
    if length > MAX_FOOTER_BYTES:
        raise _refused(f"the file's summary has {length / MIB:.0f} MiB and the limit is {MAX_FOOTER_BYTES // MIB} MiB")
    return end - length, length


def _names(elements: list[_Struct]) -> list[str]:
    """Return, for each stored column in order, the name of the table's column that it belongs to."""
    names: list[str] = []
    place = 1
    while place < len(elements):
        top = _text(elements[place], 4)
        open_children = 1
        while open_children:
            children = _size(elements[place], 5) if 5 in elements[place] else 0
            open_children += children - 1
            if not children:
                names.append(top)
            place += 1
    return names


def _chunks(group: _Struct, names: list[str], columns: AbstractSet[str]) -> list[_Chunk]:
    stored = _structs(group, 1)
    if len(stored) != len(names):
        raise _BrokenError
    chosen = [_struct(chunk, 3) for chunk, name in zip(stored, names, strict=True) if name in columns]
    return [_Chunk(start=_size(chunk, 11 if 11 in chunk else 9), packed=_size(chunk, 7)) for chunk in chosen]


def _pages(file: BinaryIO, chunk: _Chunk) -> Iterator[int]:
    """Yield the unpacked size of each page of a chunk, as the page itself says it."""
    place, end = chunk.start, chunk.start + chunk.packed
    while place < end:
        header, length = _page_header(file, place)
        yield _size(header, 2)
        place += length + _size(header, 3)


def _page_header(file: BinaryIO, place: int) -> tuple[_Struct, int]:
    for most in HEADER_READS:
        file.seek(place)
        thrift = _Thrift(file.read(most))
        try:
            return thrift.struct(), thrift.place
        except IndexError:
            continue
    raise _BrokenError


# --- Thrift's compact protocol ----------------------------------------------------------------------------------------


class _Thrift:
    """Reads one struct; raises IndexError where the bytes end too early."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._values = 0
        self.place = 0

    def struct(self, depth: int = 0) -> _Struct:
        fields: _Struct = {}
        number = 0
        while (head := self._byte()) & 0x0F != _STOP:
            number = number + (head >> 4) if head >> 4 else self._integer()
            kind = head & 0x0F
            fields[number] = int(kind == _TRUE) if kind in {_TRUE, _FALSE} else self._value(kind, depth)
        return fields

    def _value(self, kind: int, depth: int) -> _Value:
        self._values += 1
        if depth > MAX_DEPTH or self._values > MAX_VALUES:
            raise _BrokenError
        if kind in _INTEGERS:
            return self._integer()
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind in {_TRUE, _FALSE, _BYTE}:
            return self._byte()
        if kind in {_BINARY, _DOUBLE}:
            return self._bytes(self._varint() if kind == _BINARY else 8)
        if kind in {_LIST, _SET}:
            head = self._byte()
            count = self._varint() if head >> 4 == _LONG_LIST else head >> 4
            return [self._value(head & 0x0F, depth + 1) for _ in range(count)]
        if kind == _MAP:
            return self._map(depth)
        raise _BrokenError

    def _map(self, depth: int) -> _Value:
        count = self._varint()
        kinds = self._byte() if count else 0
        return [self._value(kind, depth + 1) for _ in range(count) for kind in (kinds >> 4, kinds & 0x0F)]

    def _byte(self) -> int:
        self.place += 1
        return self._content[self.place - 1]

    def _bytes(self, count: int) -> bytes:
        self.place += count
        if self.place > len(self._content):
            raise IndexError
        return self._content[self.place - count : self.place]

    def _varint(self) -> int:
        value = shift = 0
        while (byte := self._byte()) & 0x80:
            value |= (byte & 0x7F) << shift
            shift += 7
            if shift > 63:
                raise _BrokenError
        return value | byte << shift

    def _integer(self) -> int:
        value = self._varint()
        return value >> 1 ^ -(value & 1)


def _size(struct: _Struct, number: int) -> int:
    value = struct.get(number)
    if not isinstance(value, int) or value < 0:
        raise _BrokenError
    return value


def _text(struct: _Struct, number: int) -> str:
    value = struct.get(number)
    if not isinstance(value, bytes):
        raise _BrokenError
    return value.decode(errors="replace")


def _struct(struct: _Struct, number: int) -> _Struct:
    value = struct.get(number)
    if not isinstance(value, dict):
        raise _BrokenError
    return value


def _structs(struct: _Struct, number: int) -> list[_Struct]:
    value = struct.get(number)
    if not isinstance(value, list):
        raise _BrokenError
    found = [item for item in value if isinstance(item, dict)]
    if len(found) != len(value):
        raise _BrokenError
    return found
