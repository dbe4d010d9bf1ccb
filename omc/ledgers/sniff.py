"""Tells what a file is from its bytes, so that a name can be believed only when it is true."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePath

from omc.ledgers.batch import FileRefused

MAX_FILE_BYTES = 1024 * 1024 * 1024
MAX_UPLOAD_BYTES = 256 * 1024 * 1024
HEAD_BYTES = 4_096
PARQUET_MAGIC = b"PAR1"
PARQUET_LEAST_BYTES = 12


class Kind(StrEnum):
    """What a file of candles may be."""

    PARQUET = "parquet"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class _Foreign:
    magic: bytes
    what: str
    advice: str


_UNPACK = "unpack it and import the file inside"
_EXPORT = "export the candles as CSV or Parquet and import that"
FOREIGN = (
    _Foreign(b"PK\x03\x04", "a ZIP archive or a spreadsheet", _UNPACK + "; of a spreadsheet, save a sheet as CSV"),
    _Foreign(b"\x1f\x8b", "a gzip archive", _UNPACK),
    _Foreign(b"\x28\xb5\x2f\xfd", "a zstd archive", _UNPACK),
    _Foreign(b"BZh", "a bzip2 archive", _UNPACK),
    _Foreign(b"\xfd7zXZ", "an xz archive", _UNPACK),
    _Foreign(b"7z\xbc\xaf", "a 7z archive", _UNPACK),
    _Foreign(b"SQLite format 3", "an SQLite database", _EXPORT),
    _Foreign(b"%PDF", "a PDF document", _EXPORT),
    _Foreign(b"\x89PNG", "a picture", _EXPORT),
    _Foreign(b"\xff\xd8\xff", "a picture", _EXPORT),
    _Foreign(b"ARROW1", "an Arrow or Feather file", "save it as Parquet and import that"),
    _Foreign(b"\xd0\xcf\x11\xe0", "an old Office document", _EXPORT),
    _Foreign(b"version https://git-lfs", "only a pointer to a large file", "fetch the file itself (git lfs pull)"),
    _Foreign(b"<", "a web page or XML", "download the file itself, not the page around it"),
    _Foreign(b"{", "JSON", _EXPORT),
    _Foreign(b"[", "JSON", _EXPORT),
)
UTF16 = "utf-16"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
UTF8_BOM = b"\xef\xbb\xbf"
SUFFIXES = {".parquet": Kind.PARQUET, ".pq": Kind.PARQUET, ".csv": Kind.CSV, ".tsv": Kind.CSV}


def kind_of(path: Path, name: str) -> Kind:
    """Return what the file at `path` is; raises FileRefused when it is no file of candles or belies its `name`."""
    size = path.stat().st_size
    if size == 0:
        raise FileRefused("file_empty", "the file is empty; export the candles again and import that file")
    if size > MAX_FILE_BYTES:
        raise FileRefused("file_too_large", too_large(size, MAX_FILE_BYTES))
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        file.seek(max(0, size - len(PARQUET_MAGIC)))
        tail = file.read(len(PARQUET_MAGIC))
    kind = _kind(head, tail, size)
    named = SUFFIXES.get(PurePath(name).suffix.lower())
    if named is not None and named is not kind:
        raise FileRefused(
            "file_not_what_it_says",
            f"the file is named {PurePath(name).suffix.lower()} but holds {kind.value}; rename it to .{kind.value} if "
            "it is the file you mean, and import it again",
        )
    return kind


def _kind(head: bytes, tail: bytes, size: int) -> Kind:
    if head.startswith(PARQUET_MAGIC):
        if tail != PARQUET_MAGIC or size < PARQUET_LEAST_BYTES:
            raise FileRefused("parquet_cut", "the Parquet file is cut off at its end; copy or download it again")
        return Kind.PARQUET
    text = head.removeprefix(UTF8_BOM).lstrip()
    foreign = next((foreign for foreign in FOREIGN if text.startswith(foreign.magic)), None)
    if foreign is not None:
        raise FileRefused("file_foreign", f"the file is {foreign.what}, not a table of candles; {foreign.advice}")
    if b"\0" in head and not head.startswith(UTF16_MARKS):
        raise FileRefused("file_foreign", f"the file holds binary data, neither CSV nor Parquet; {_EXPORT}")
    return Kind.CSV


def too_large(size: int, limit: int) -> str:
    """Return the sentence for a file above a limit."""
    mib = 1024 * 1024
    return (
        f"the file has {size // mib} MiB and the limit is {limit // mib} MiB; split it, for example into one file a "
        "year, or save it as Parquet, which takes about a tenth of a CSV"
    )


def encoding_of(path: Path) -> str:
    """Return the encoding of a text file as its first bytes tell it."""
    with path.open("rb") as file:
        return UTF16 if file.read(2) in UTF16_MARKS else "utf-8-sig"
