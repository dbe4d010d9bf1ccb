"""A short way to take in a file."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest

from omc.kit.db import Database
from omc.ledgers.imports import import_file
from omc.ledgers.imports import said as say
from omc.ledgers.rules import Imported
from tests.ledgers.builders import NOW, Take


@pytest.fixture
def take(database: Database, workspace: UUID, tmp_path: Path) -> Take:
    """Take in a text, bytes or a file as `name`, in a transaction of its own."""

    async def run(content: str | bytes | Path, name: str = "candles.csv", now: datetime = NOW, **said: str) -> Imported:
        path = content if isinstance(content, Path) else tmp_path / "upload"
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        elif isinstance(content, bytes):
            path.write_bytes(content)
        async with database.session(workspace) as session:
            return await import_file(session, path, name=name, now=now, said=say(**said))

    return run
