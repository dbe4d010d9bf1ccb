"""Reading the state of the installation's parts, and the audit trail."""

import shutil
import time
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from omc.kit import events
from omc.kit.events import Event
from omc.kit.queue import Queue, heartbeat_ages, queue_state
from omc.ledgers.service import list_series
from omc.ops import rules
from omc.ops.rules import Health, Part

NEWEST = 2**62


async def installation(session: AsyncSession, data_dir: Path, *, now: datetime) -> tuple[list[Part], int, Queue]:
    """Return every part's health, the number of live workers, and the queue."""
    began = time.perf_counter()
    await session.execute(text("SELECT 1"))
    database = rules.database_part(time.perf_counter() - began)
    ages = await heartbeat_ages(session)
    queue = await queue_state(session)
    parts = [
        Part(name="api", state=Health.OK, detail="Answers."),
        database,
        rules.worker_part(ages),
        rules.queue_part(waiting=queue.waiting, running=queue.running, oldest_s=queue.oldest_s),
        await _data(session, now),
        rules.storage_part(shutil.disk_usage(_there(data_dir)).free),
    ]
    return parts, len(rules.alive(ages)), queue


async def audit_trail(session: AsyncSession, *, before: int, limit: int) -> list[Event]:
    """Return the workspace's audit trail, newest first, below the sequence number `before`."""
    return await events.read_back(session, events.AUDIT, before, limit)


async def _data(session: AsyncSession, now: datetime) -> Part:
    series = await list_series(session)
    newest = max((item.end for item in series if item.end is not None), default=None)
    return rules.data_part(len(series), None if newest is None else (now - newest).total_seconds())


def _there(directory: Path) -> Path:
    """Return what there is of a directory that the first file in it will make: its disk is the same."""
    return next(place for place in (directory, *directory.absolute().parents) if place.exists())
