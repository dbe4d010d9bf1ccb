"""The job queue: enqueued with the row, run once, taken over from the dead."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from omc.kit.db import Database
from omc.kit.work import DEAD_AFTER_S, HEARTBEAT_S, TAKEOVER_EVERY_S, Context, Job, enqueue, work

PROMISED_S = 30
PATIENCE_S = 120
LONG_S = 0.5
CHILD = Path(__file__).with_name("worker_child.py")


class Undone(Exception):
    """Rolls a transaction back."""


def counting(seen: list[str]) -> Callable[..., Awaitable[str]]:
    async def run(_context: Context, *, row: str) -> str:
        seen.append(row)
        return "counted"

    return run


async def add(database: Database, workspace: UUID, name: str, row: str) -> None:
    async with database.session(workspace) as session:
        await enqueue(session, name, ids={"row": row})


async def test_a_job_runs_once_with_its_ids(context: Context, workspace: UUID) -> None:
    seen: list[str] = []
    await add(context.database, workspace, "test.count", "7")
    await work(context, [Job(name="test.count", run=counting(seen))], until_empty=True)
    assert seen == ["7"]


async def test_a_job_of_a_rolled_back_transaction_never_existed(context: Context, workspace: UUID) -> None:
    seen: list[str] = []
    with pytest.raises(Undone):
        async with context.database.session(workspace) as session:
            await enqueue(session, "test.undone", ids={"row": "1"})
            raise Undone
    await work(context, [Job(name="test.undone", run=counting(seen))], until_empty=True)
    assert seen == []


async def test_jobs_of_one_lock_take_turns(context: Context, workspace: UUID) -> None:
    running, most = 0, 0

    async def run(_context: Context, *, row: str) -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1
        return row

    async with context.database.session(workspace) as session:
        for number in range(4):
            await enqueue(session, "test.turn", ids={"row": str(number)}, lock=f"turn:{workspace}")
    while not await is_empty(context, "test.turn"):
        await work(context, [Job(name="test.turn", run=run)], until_empty=True)
    assert most == 1


async def test_a_job_that_outlasts_the_grace_is_finished_before_the_queue_counts_as_empty(
    context: Context, workspace: UUID
) -> None:
    seen: list[str] = []

    async def run(_context: Context, *, row: str) -> str:
        await asyncio.sleep(LONG_S)
        seen.append(row)
        return "slow"

    await add(context.database, workspace, "test.long", "1")
    await work(context, [Job(name="test.long", run=run)], until_empty=True, grace_s=LONG_S / 10)
    assert seen == ["1"]


async def is_empty(context: Context, name: str) -> bool:
    async with await psycopg.AsyncConnection.connect(context.database.url) as connection:
        rows = await connection.execute(
            "SELECT 1 FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo'", [name]
        )
        return await rows.fetchone() is None


def test_a_dead_worker_is_noticed_within_the_promised_time_and_a_living_one_is_not_taken_for_dead() -> None:
    assert DEAD_AFTER_S + TAKEOVER_EVERY_S < PROMISED_S - HEARTBEAT_S
    assert DEAD_AFTER_S > 3 * HEARTBEAT_S


@pytest.mark.slow
async def test_the_work_of_a_killed_worker_is_taken_over(context: Context, workspace: UUID, tmp_path: Path) -> None:
    started = tmp_path / "started"
    await add(context.database, workspace, "test.hang", str(started))
    child = await asyncio.create_subprocess_exec(sys.executable, CHILD, context.database.url, start_new_session=True)
    while not started.exists():
        await asyncio.sleep(0.05)
    os.kill(child.pid, signal.SIGKILL)
    await child.wait()
    seen: list[str] = []
    survivor = asyncio.ensure_future(work(context, [Job(name="test.hang", run=counting(seen))]))
    async with asyncio.timeout(PATIENCE_S):
        while not seen:
            await asyncio.sleep(0.1)
    survivor.cancel()
    with pytest.raises(asyncio.CancelledError):
        await survivor
    assert seen == [str(started)]


@pytest.mark.slow
async def test_a_job_whose_end_met_an_outage_runs_again_though_its_worker_lives(
    context: Context, workspace: UUID
) -> None:
    seen: list[str] = []
    before = await workers(context.database)
    living = asyncio.ensure_future(work(context, [Job(name="test.adrift", run=counting(seen))]))
    async with asyncio.timeout(PATIENCE_S):
        while not (ours := await workers(context.database) - before):
            await asyncio.sleep(0.05)
        # As the queue is left by an end that could not be written: under way, at a worker that does not run it.
        async with context.database.session(workspace) as session:
            await enqueue(session, "test.adrift", ids={"row": "1"}, delay_s=3_600)
            adrift = "UPDATE procrastinate_jobs SET status = 'doing', worker_id = :id WHERE task_name = 'test.adrift'"
            await session.execute(text(adrift), {"id": ours.pop()})
        while not seen:
            await asyncio.sleep(0.1)
    living.cancel()
    with pytest.raises(asyncio.CancelledError):
        await living
    assert seen == ["1"]


async def workers(database: Database) -> set[int]:
    """The workers that the queue knows."""
    async with database.session(None) as session:
        return set(await session.scalars(text("SELECT id FROM procrastinate_workers")))
