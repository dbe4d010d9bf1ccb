"""Owns the file of a search: one JSON line a combination that was tried, so that a stopped search goes on."""

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from omc.engine.sweep import Row

_ROW = TypeAdapter(Row)


def rows_in(path: Path) -> dict[str, Row]:
    """Return the rows of a file by their keys; a line torn by a crash is left out, to be tried again."""
    if not path.exists():
        return {}
    found: dict[str, Row] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            try:
                row = _ROW.validate_json(line)
            except ValidationError:
                continue
            found[row.key] = row
    return found


@contextmanager
def kept_in(path: Path) -> Generator[Callable[[Row], None]]:
    """Give a `keep` that adds rows to the file, each whole and at once on its way to the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torn = path.exists() and path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
    with path.open("a", encoding="utf-8") as file:
        file.write("\n" if torn else "")

        def keep(row: Row) -> None:
            file.write(json.dumps(row.plain(), allow_nan=False) + "\n")
            file.flush()

        yield keep
