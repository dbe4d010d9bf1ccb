"""A deployment that follows is woken by the bars themselves, with a real worker on a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from omc.core.ids import DeploymentId
from omc.floor import service
from omc.floor.rules import Feed
from omc.floor.tables import DeploymentRow
from omc.floor.work import FOLLOW_DELAY_S, JOBS
from omc.kit.ids import new_id
from omc.kit.work import Context, work
from tests.floor.builders import a_deployment, a_market, look, step

PATIENCE_S = FOLLOW_DELAY_S - 5
"""Less than the slow look takes to come: what is decided by then was woken by the bars."""


@pytest.fixture
async def worker(context: Context) -> AsyncIterator[Context]:
    """A worker at work on the floor's jobs, and on none that other tests have left in the queue."""
    async with context.database.session(new_id()) as session:
        await session.execute(text("DELETE FROM procrastinate_jobs WHERE status = 'todo'"))
    working = asyncio.get_running_loop().create_task(work(context, JOBS), name="worker")
    yield context
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


async def until_step(context: Context, workspace: UUID, deployment: DeploymentId, wanted: int) -> DeploymentRow:
    async with asyncio.timeout(PATIENCE_S):
        while (row := await look(context.database, workspace, deployment)).step < wanted:
            await asyncio.sleep(0.01)
    return row


async def test_a_new_bar_is_decided_before_the_slow_look(worker: Context, workspace: UUID) -> None:
    deployment = await a_deployment(worker.database, workspace, feed=Feed.FOLLOW, days=20)
    await until_step(worker, workspace, deployment, 1)
    for day in (21, 22, 23):
        async with worker.database.session(workspace) as session:
            series = await a_market(session, days=day)
        row = await until_step(worker, workspace, deployment, day - 19)
        assert series.end is not None
        assert row.cursor_ts == series.end - timedelta(hours=1)


async def test_a_bar_whose_nudge_was_lost_is_decided_by_the_slow_look(context: Context, workspace: UUID) -> None:
    deployment = await a_deployment(context.database, workspace, feed=Feed.FOLLOW, days=20)
    assert await step(context, workspace, deployment) == "more"
    async with context.database.session(workspace) as session:
        series = await a_market(session, days=21)

    assert await step(context, workspace, deployment) == "more"

    assert series.end is not None
    assert (await look(context.database, workspace, deployment)).cursor_ts == series.end - timedelta(hours=1)


async def test_who_has_seen_the_last_bar_is_not_woken(context: Context, workspace: UUID) -> None:
    deployment = await a_deployment(context.database, workspace, feed=Feed.FOLLOW, days=20)
    async with context.database.session(workspace) as session:
        assert await service.wake_followers(session) == 0
        await a_market(session, days=21)
        assert await service.wake_followers(session) == 1
    await step(context, workspace, deployment)
    async with context.database.session(workspace) as session:
        assert await service.wake_followers(session) == 0


async def test_many_bars_at_once_are_decided_without_waiting(worker: Context, workspace: UUID) -> None:
    deployment = await a_deployment(worker.database, workspace, feed=Feed.FOLLOW, days=20)
    await until_step(worker, workspace, deployment, 1)
    async with worker.database.session(workspace) as session:
        series = await a_market(session, days=42)

    row = await until_step(worker, workspace, deployment, 3)

    assert series.end is not None
    assert row.cursor_ts == series.end - timedelta(hours=1)
