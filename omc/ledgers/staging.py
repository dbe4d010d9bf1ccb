"""Brings rows into PostgreSQL: binary COPY into a temporary table, from there into the bars, telling what was new.

COPY cannot write into a table under row security, and what is stored is compared in the database anyway.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

import numpy as np
import psycopg
from numpy.typing import NDArray
from sqlalchemy import CursorResult, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from omc.kit.errors import Refusal
from omc.ledgers.batch import UNREADABLE, Batch
from omc.ledgers.columns import Stamps

POSTGRES_EPOCH_MS = 946_684_800_000
REPORTED = 1_000
ANALYZED_FROM = 10_000
COPY_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
COPY_TRAILER = b"\xff\xff"
FIELDS = (
    ("line", ">i8"), ("series", ">i4"), ("ts", ">i8"), ("seen_ts", ">i8"), ("open", ">f8"), ("high", ">f8"),
    ("low", ">f8"), ("close", ">f8"), ("volume", ">f8"),
)  # fmt: skip

Rows: TypeAlias = np.ndarray
"""Records that are, byte for byte, what a binary COPY wants."""

_RECORD = np.dtype(
    [("fields", ">i2"), *(part for name, kind in FIELDS for part in ((f"{name}_bytes", ">i4"), (name, kind)))]
)

_STAGE = text("""
CREATE TEMPORARY TABLE ledgers_incoming (
  line bigint NOT NULL, series integer NOT NULL, ts timestamptz NOT NULL, seen_ts timestamptz NOT NULL,
  open double precision NOT NULL, high double precision NOT NULL, low double precision NOT NULL,
  close double precision NOT NULL, volume double precision NOT NULL
) ON COMMIT DROP
""")

_REPEATED = text("""
WITH repeated AS (
  SELECT series, ts, min(line) AS first FROM ledgers_incoming GROUP BY series, ts HAVING count(*) > 1
), gone AS (
  DELETE FROM ledgers_incoming AS late USING repeated, ledgers_incoming AS early
  WHERE late.series = repeated.series AND late.ts = repeated.ts AND late.line > repeated.first
    AND early.line = repeated.first
  RETURNING late.line, late.series, (late.open, late.high, late.low, late.close, late.volume)
    = (early.open, early.high, early.low, early.close, early.volume) AS same
)
SELECT series, same, count(*) AS rows, (array_agg(line ORDER BY line))[1:1000] AS lines
FROM gone GROUP BY series, same ORDER BY series, same
""")

_STORE = text("""
INSERT INTO ledgers_bar (workspace_id, series_id, ts, seen_ts, open, high, low, close, volume)
SELECT current_setting('omc.workspace')::uuid, known.id, ts, seen_ts, open, high, low, close, volume
FROM ledgers_incoming
JOIN unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS known(id, number) ON known.number = series + 1
WHERE NOT EXISTS (
  SELECT FROM ledgers_bar AS bar WHERE bar.workspace_id = current_setting('omc.workspace')::uuid
    AND bar.series_id = ANY(CAST(:ids AS uuid[]))
    AND bar.ts BETWEEN (SELECT min(ts) FROM ledgers_incoming) AND (SELECT max(ts) FROM ledgers_incoming)
    AND bar.series_id = known.id AND bar.ts = ledgers_incoming.ts
)
ORDER BY series, ts
""")

_ROOM = text("SELECT set_config('work_mem', '64MB', true)")

# Statistics know nothing of a workspace's first bars, and a planner that expects one row compares every pair of them.
_HASHED = text("SELECT set_config('enable_nestloop', :nested, true)")

_CONFLICTS = text("""
SELECT incoming.series, count(*) AS rows, (array_agg(incoming.line ORDER BY incoming.line))[1:1000] AS lines
FROM ledgers_incoming AS incoming
JOIN unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS known(id, number) ON known.number = incoming.series + 1
JOIN ledgers_bar AS bar ON bar.workspace_id = current_setting('omc.workspace')::uuid
  AND bar.series_id = ANY(CAST(:ids AS uuid[]))
  AND bar.ts BETWEEN (SELECT min(ts) FROM ledgers_incoming) AND (SELECT max(ts) FROM ledgers_incoming)
  AND bar.series_id = known.id AND bar.ts = incoming.ts
WHERE (bar.open, bar.high, bar.low, bar.close, bar.volume)
   <> (incoming.open, incoming.high, incoming.low, incoming.close, incoming.volume)
GROUP BY incoming.series ORDER BY incoming.series
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Rows of one staged series that share a fate; `lines` are the first of them."""

    series: int
    rows: int
    lines: tuple[int, ...]
    same: bool = False


def rows(batch: Batch, series: Stamps, *, close: Stamps, fine: NDArray[np.bool_]) -> Rows:
    """Return the `fine` rows of a batch; a bar is seen at its close, or later when the file says so."""
    seen = close if batch.seen is None else np.where(batch.seen == UNREADABLE, close, np.maximum(batch.seen, close))
    records: Rows = np.empty(int(fine.sum()), dtype=_RECORD)
    records["fields"] = len(FIELDS)
    for name, kind in FIELDS:
        records[f"{name}_bytes"] = np.dtype(kind).itemsize
    for name in ("line", "open", "high", "low", "close", "volume"):
        records[name] = getattr(batch, name)[fine]
    records["series"] = series[fine]
    records["ts"] = (batch.ts[fine] - POSTGRES_EPOCH_MS) * 1_000
    records["seen_ts"] = (seen[fine] - POSTGRES_EPOCH_MS) * 1_000
    return records


async def stage(session: AsyncSession, blocks: AsyncIterator[Rows]) -> int:
    """Copy rows into a temporary table of the transaction; returns how many."""
    staged = 0
    async with _spoken():
        await session.execute(_ROOM)
        await session.execute(text("DROP TABLE IF EXISTS ledgers_incoming"))
        await session.execute(_STAGE)
        driver = await driver_of(session)
        async with driver.cursor() as cursor, cursor.copy("COPY ledgers_incoming FROM STDIN (FORMAT BINARY)") as copy:
            await copy.write(COPY_HEADER)
            async for block in blocks:
                staged += len(block)
                await copy.write(block.tobytes())
            await copy.write(COPY_TRAILER)
        if staged >= ANALYZED_FROM:
            await session.execute(text("ANALYZE ledgers_incoming"))
    return staged


async def drop_repeated(session: AsyncSession) -> list[Told]:
    """Drop all but the first of staged rows with one time, and tell which; `same` when they held the same values."""
    async with _hashed(session):
        result = await session.execute(_REPEATED)
    return [Told(series=row.series, rows=row.rows, lines=tuple(row.lines), same=row.same) for row in result]


async def store(session: AsyncSession, ids: Sequence[UUID]) -> int:
    """Insert the staged rows that are not stored yet; `ids[n]` is the series number n. Returns how many were new.

    The caller holds the series' locks, so nobody else stores into them; ON CONFLICT would take twice the time.
    """
    async with _spoken(), _hashed(session):
        result = await session.execute(_STORE, {"ids": list(ids)})
        assert isinstance(result, CursorResult)
        return result.rowcount


async def conflicts(session: AsyncSession, ids: Sequence[UUID]) -> list[Told]:
    """Tell which staged rows differ from the stored bar of their time."""
    async with _hashed(session):
        result = await session.execute(_CONFLICTS, {"ids": list(ids)})
    return [Told(series=row.series, rows=row.rows, lines=tuple(row.lines)) for row in result]


async def driver_of(session: AsyncSession) -> psycopg.AsyncConnection:
    """Return the session's own connection, for COPY and binary results; still inside its transaction."""
    connection = await session.connection()
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    assert isinstance(driver, psycopg.AsyncConnection)
    return driver


@asynccontextmanager
async def _hashed(session: AsyncSession) -> AsyncGenerator[None]:
    """Join by hash or by merge for a statement, whatever the planner expects; an error ends the transaction anyway."""
    await session.execute(_HASHED, {"nested": "off"})
    yield
    await session.execute(_HASHED, {"nested": "on"})


@asynccontextmanager
async def _spoken() -> AsyncGenerator[None]:
    """Say in words what the database could not do."""
    try:
        yield
    except (DBAPIError, psycopg.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(cause, psycopg.errors.DiskFull):
            raise Refusal(
                "disk_full", 507, "the database's disk is full, so nothing was stored; free some space and import again"
            ) from error
        if isinstance(cause, psycopg.errors.InsufficientPrivilege):
            raise Refusal(
                "database_refuses_staging", 503, "the database does not let the app's role make temporary tables; run "
                "GRANT TEMPORARY ON DATABASE … TO omc_app as its owner"
            ) from error  # fmt: skip
        raise
