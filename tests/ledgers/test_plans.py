"""An import's statements join by hash or merge, also where the database's statistics know nothing of the workspace."""

from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import TextClause, text

from omc.kit.db import Database
from omc.kit.ids import new_id
from omc.ledgers import staging
from tests.ledgers.builders import START

FILL = """
INSERT INTO ledgers_bar (workspace_id, series_id, ts, seen_ts, open, high, low, close, volume)
SELECT :workspace, :series, ts, ts, 1, 1, 1, 1, 1
FROM generate_series(CAST(:start AS timestamptz), :end, interval '1 hour') AS ts
"""
STAGE = """
INSERT INTO ledgers_incoming
SELECT row_number() OVER (), 0, ts, ts, 1, 1, 1, 1, 1
FROM generate_series(CAST(:start AS timestamptz), :end, interval '1 hour') AS ts
"""
HOURS = 5_000


async def fill(database: Database, workspace: UUID, series: UUID) -> None:
    span = {"start": START, "end": START + timedelta(hours=HOURS)}
    async with database.session(workspace) as session:
        await session.execute(text(FILL), {"workspace": workspace, "series": series, **span})


@pytest.mark.parametrize("statement", [staging._STORE, staging._CONFLICTS, staging._REPEATED])
async def test_a_statement_never_compares_every_pair(
    database: Database, owner_url: str, workspace: UUID, statement: TextClause
) -> None:
    await fill(database, new_id(), new_id())
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("ANALYZE ledgers_bar")
    series = new_id()
    await fill(database, workspace, series)
    async with database.session(workspace) as session:
        await session.execute(staging._STAGE)
        await session.execute(text(STAGE), {"start": START, "end": START + timedelta(hours=HOURS)})
        async with staging._hashed(session):
            plan = await session.scalars(text(f"EXPLAIN {statement}"), {"ids": [series]})
            shown = "\n".join(plan)
    assert "Hash" in shown or "Merge" in shown
    assert "Nested Loop" not in shown, shown
