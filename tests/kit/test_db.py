"""Sessions: the workspace is set in one place, and the database refuses the rest."""

from contextlib import AsyncExitStack
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from omc.kit import events
from omc.kit.db import POOL_SIZE, Database
from omc.kit.ids import new_id

FORGOT_TO_FILTER = text("SELECT count(*) FROM event")


async def test_a_query_that_forgets_to_filter_sees_its_own_workspace_only(database: Database) -> None:
    mine, other = new_id(), new_id()
    for workspace in (mine, other):
        async with database.session(workspace) as session:
            await events.append(session, "audit", "tested", {})
    async with database.session(mine) as session:
        assert await session.scalar(FORGOT_TO_FILTER) == 1


async def test_nobody_sees_nothing(database: Database, workspace: UUID) -> None:
    async with database.session(workspace) as session:
        await events.append(session, "audit", "tested", {})
    async with database.session(None) as session:
        assert await session.scalar(FORGOT_TO_FILTER) == 0


async def test_a_row_for_another_workspace_is_refused(database: Database, workspace: UUID) -> None:
    insert = text("INSERT INTO event VALUES (:workspace, 'audit', 1, now(), 'forged', '{}')")
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.session(workspace) as session:
            await session.execute(insert, {"workspace": new_id()})


async def test_the_workspace_is_forgotten_with_its_transaction(database: Database, workspace: UUID) -> None:
    async with database.session(workspace):
        pass
    async with database.session(None) as session:
        assert await session.scalar(text("SELECT current_setting('omc.workspace', true)")) == ""


async def test_an_event_is_never_changed(database: Database, workspace: UUID) -> None:
    for statement in ("UPDATE event SET kind = 'x'", "DELETE FROM event"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with database.session(workspace) as session:
                await session.execute(text(statement))


async def test_connections_that_died_while_they_rested_are_passed_over(database: Database, workspace: UUID) -> None:
    other = Database(database.url)
    async with AsyncExitStack() as stack:
        held = [await stack.enter_async_context(other.session(workspace)) for _ in range(POOL_SIZE)]
        pids = [await session.scalar(text("SELECT pg_backend_pid()")) for session in held]
    async with database.session(workspace) as session:
        for pid in pids:
            await session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    async with other.session(workspace) as session:
        assert await session.scalar(text("SELECT pg_backend_pid()")) not in pids
    await other.close()


async def test_what_fails_in_a_transaction_undoes_it(database: Database, workspace: UUID) -> None:
    with pytest.raises(RuntimeError):
        async with database.session(workspace) as session:
            await events.append(session, "audit", "tested", {})
            raise RuntimeError
    async with database.session(workspace) as session:
        assert await session.scalar(FORGOT_TO_FILTER) == 0
