"""Owns the place where an upload lies while it is read: a directory of its own, which a killed server leaves behind.

A full disk is told by the HTTP edge, for the framework's own copy of the upload may meet it first.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

FORGOTTEN_S = 3_600
"""No import takes as long, so what is older was left by a process that was killed."""


@asynccontextmanager
async def kept(content: BinaryIO, uploads: Path) -> AsyncGenerator[Path]:
    """Keep `content` in a file below `uploads` until the block ends; yields its path."""
    directory = await asyncio.to_thread(_directory, uploads)
    try:
        path = directory / "candles"
        await asyncio.to_thread(_copy, content, path)
        yield path
    finally:
        await asyncio.to_thread(shutil.rmtree, directory, ignore_errors=True)


def _directory(uploads: Path) -> Path:
    uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in uploads.iterdir():
        if _age_s(left) > FORGOTTEN_S:
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(dir=uploads))


def _age_s(left: Path) -> float:
    try:
        return time.time() - left.stat().st_mtime
    except FileNotFoundError:  # its own request has just ended
        return 0


def _copy(content: BinaryIO, path: Path) -> None:
    with path.open("wb") as target:
        shutil.copyfileobj(content, target)
