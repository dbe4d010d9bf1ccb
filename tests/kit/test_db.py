"""Sessions: the workspace is set in one place, and the database refuses the rest."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from omc.kit import events
from omc.kit.db import POOL_SIZE, Database, at_end
from omc.kit.ids import new_id

FORGOT_TO_FILTER = text("SELECT count(*) FROM event")
WHOSE = "SELECT current_setting('omc.workspace') || %(more)s AS workspace"


@dataclass(frozen=True, slots=True)
class Whose:
    """The workspace that a statement found set."""

    workspace: str


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


@asynccontextmanager
async def beginning(database: Database, workspace: UUID, *, fetching: bool) -> AsyncGenerator[AsyncSession]:
    """A transaction, or one that begins with a statement."""
    if not fetching:
        async with database.session(workspace) as session:
            yield session
        return
    async with database.fetching(workspace, Whose, WHOSE, {"more": " here"}) as (session, found):
        assert found == [Whose(workspace=f"{workspace} here")]
        yield session


@pytest.mark.parametrize("fetching", [False, True])
async def test_connections_that_died_while_they_rested_are_passed_over(
    database: Database, workspace: UUID, fetching: bool
) -> None:
    other = Database(database.url)
    async with AsyncExitStack() as stack:
        held = [await stack.enter_async_context(other.session(workspace)) for _ in range(POOL_SIZE)]
        pids = [await session.scalar(text("SELECT pg_backend_pid()")) for session in held]
    async with database.session(workspace) as session:
        for pid in pids:
            await session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    async with beginning(other, workspace, fetching=fetching) as session:
        assert await session.scalar(text("SELECT pg_backend_pid()")) not in pids
    await other.close()


async def test_what_is_left_for_the_end_runs_last_and_in_order(database: Database, workspace: UUID) -> None:
    async with database.session(workspace) as session:
        events.append_at_end(session, "audit", [("second", {})])
        events.append_at_end(session, "audit", [("third", {})])
        await events.append(session, "audit", "first", {})
    async with database.session(workspace) as session:
        log = await events.read(session, "audit")
    assert [(event.seq, event.kind) for event in log] == [(1, "first"), (2, "second"), (3, "third")]


async def test_a_failure_at_the_end_undoes_all_and_is_told_like_any_other(database: Database, workspace: UUID) -> None:
    other = Database(database.url)
    for _ in range(POOL_SIZE):
        with pytest.raises(DBAPIError, match="division by zero") as caught:
            async with other.session(workspace) as session:
                await events.append(session, "audit", "tested", {})
                at_end(session, "SELECT 1 / %(nothing)s::integer", {"nothing": 0})
                events.append_at_end(session, "audit", [("tested", {})])
        assert "SELECT 1 / %(nothing)s" in str(caught.value.statement)
    async with other.session(workspace) as session:
        assert await session.scalar(FORGOT_TO_FILTER) == 0
    await other.close()


async def test_what_fails_before_the_end_leaves_nothing_for_it(database: Database, workspace: UUID) -> None:
    with pytest.raises(RuntimeError):
        async with database.session(workspace) as session:
            events.append_at_end(session, "audit", [("tested", {})])
            raise RuntimeError
    async with database.session(workspace) as session:
        assert await session.scalar(FORGOT_TO_FILTER) == 0


async def test_what_fails_in_a_transaction_undoes_it(database: Database, workspace: UUID) -> None:
    with pytest.raises(RuntimeError):
        async with database.session(workspace) as session:
            await events.append(session, "audit", "tested", {})
            raise RuntimeError
    async with database.session(workspace) as session:
        assert await session.scalar(FORGOT_TO_FILTER) == 0
