"""The event log: append-only rows with one gap-free sequence a topic, which streams replay and audits read.

Topics: `session:<id>`, `deployment:<id>`, `sweep:<id>`, `audit`, `books`, `imports`. Sequence, row and wake-up are
one statement: a reader that has seen number 7 and is woken finds 8 next, as the topic's row is locked until the writer
commits.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from omc.kit.db import at_end, value

MAX_READ = 1_000
AUDIT = "audit"

_HEAD = """
head AS (
  INSERT INTO event_topic AS head (workspace_id, topic, last_seq)
  SELECT current_setting('omc.workspace')::uuid, %(topic)s, %(count)s WHERE """

_ADDED = """
  ON CONFLICT (workspace_id, topic) DO UPDATE SET last_seq = head.last_seq + %(count)s
  RETURNING workspace_id, topic, last_seq
), added AS (
  INSERT INTO event (workspace_id, topic, seq, ts, kind, data)
  SELECT head.workspace_id, head.topic, head.last_seq - %(count)s + item.number, clock_timestamp(),
         item.value->>'kind', item.value->'data'
  FROM head, jsonb_array_elements(CAST(%(items)s AS jsonb)) WITH ORDINALITY AS item(value, number)
), woken AS (
  SELECT head.last_seq, pg_notify('omc', head.workspace_id || '/' || head.topic) AS notified FROM head
)
"""

_READ = text("""
SELECT topic, seq, ts, kind, data FROM event
WHERE workspace_id = current_setting('omc.workspace')::uuid AND topic = :topic AND seq > :after
ORDER BY seq LIMIT :limit
""")

_READ_BACK = text("""
SELECT topic, seq, ts, kind, data FROM event
WHERE workspace_id = current_setting('omc.workspace')::uuid AND topic = :topic AND seq < :before
ORDER BY seq DESC LIMIT :limit
""")


_POSITIONS = text("""
SELECT topic, last_seq FROM event_topic
WHERE workspace_id = current_setting('omc.workspace')::uuid AND topic = ANY(:topics)
""")


def appending(condition: LiteralString) -> LiteralString:
    """Return the parts of a statement that append `appended` when `condition` holds; select from `woken` at its end.

    For a statement that writes what its event tells, so that both are one way to the database.
    """
    return _HEAD + condition + _ADDED


_APPEND: LiteralString = "WITH " + appending("true") + "SELECT last_seq, notified FROM woken"  # noqa: S608 - no value is in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One row of the log; `seq` counts from 1 within its topic."""

    topic: str
    seq: int
    ts: datetime
    kind: str
    data: Mapping[str, object]


def key(workspace: object, topic: str) -> str:
    """Return the bus key on which an append to `topic` wakes its readers."""
    return f"{workspace}/{topic}"


async def append(session: AsyncSession, topic: str, kind: str, data: Mapping[str, object]) -> int:
    """Add one event to `topic` in the session's transaction and workspace; returns its sequence number."""
    return await append_many(session, topic, [(kind, data)])


async def append_many(session: AsyncSession, topic: str, items: Sequence[tuple[str, Mapping[str, object]]]) -> int:
    """Add events in order, in one statement; returns the last sequence number. Data must be plain JSON."""
    return await value(session, int, _APPEND, appended(topic, items))


def append_at_end(session: AsyncSession, topic: str, items: Sequence[tuple[str, Mapping[str, object]]]) -> None:
    """Add events behind all that the transaction still adds, in the same way to the database as its commit."""
    at_end(session, _APPEND, appended(topic, items))


def appended(topic: str, items: Sequence[tuple[str, Mapping[str, object]]]) -> dict[str, object]:
    """Return the parameters of `appending` that add these events to `topic`."""
    packed = json.dumps([{"kind": kind, "data": data} for kind, data in items], allow_nan=False)
    return {"topic": topic, "count": len(items), "items": packed}


async def read(session: AsyncSession, topic: str, after: int = 0, limit: int = MAX_READ) -> list[Event]:
    """Return events of `topic` with a sequence above `after`, oldest first, at most `limit` (bounded by MAX_READ)."""
    rows = await session.execute(_READ, {"topic": topic, "after": after, "limit": min(limit, MAX_READ)})
    return [Event(**row) for row in rows.mappings()]


async def read_back(session: AsyncSession, topic: str, before: int, limit: int = MAX_READ) -> list[Event]:
    """Return events of `topic` with a sequence below `before`, newest first: how a trail is read from its end."""
    rows = await session.execute(_READ_BACK, {"topic": topic, "before": before, "limit": min(limit, MAX_READ)})
    return [Event(**row) for row in rows.mappings()]


async def positions(session: AsyncSession, topics: Sequence[str]) -> dict[str, int]:
    """Return the last sequence number of each of `topics`, 0 for one without events."""
    last = {row.topic: int(row.last_seq) for row in await session.execute(_POSITIONS, {"topics": list(topics)})}
    return {topic: last.get(topic, 0) for topic in topics}


async def audit(session: AsyncSession, kind: str, data: Mapping[str, object]) -> None:
    """Write who did what to the workspace's audit trail, in the transaction that does it."""
    await append(session, AUDIT, kind, data)
