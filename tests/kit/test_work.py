"""The job queue: enqueued with the row, run once, taken over from the dead."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text

from omc.kit.db import Database
from omc.kit.queue import places
from omc.kit.work import DEAD_AFTER_S, HEARTBEAT_S, TAKEOVER_EVERY_S, Context, Job, Lane, enqueue, work

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


class Busy:
    """Jobs that run until they are let go, and who has one under way."""

    def __init__(self) -> None:
        self.done = asyncio.Event()
        self.began: list[tuple[str, str]] = []

    async def run(self, _context: Context, *, workspace_id: str, row: str) -> str:
        self.began.append((workspace_id, row))
        await self.done.wait()
        return "done"

    async def until(self, number: int) -> list[tuple[str, str]]:
        """What began, once there are so many."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.began) < number:
                await asyncio.sleep(0.01)
        return self.began


async def queue_up(database: Database, workspace: UUID, rows: int, queue: str) -> None:
    async with database.session(workspace) as session:
        for row in range(rows):
            ids = {"workspace_id": str(workspace), "row": f"{workspace} {row}"}
            await enqueue(session, f"test.{queue}", ids=ids, queue=queue)


async def line(database: Database, queue: str, subjects: list[str]) -> list[int | None]:
    async with database.session(None) as session:
        found = await places(session, queue, "row", subjects)
    return [found.get(subject) for subject in subjects]


async def test_a_workspace_with_one_job_does_not_wait_for_another_ones_hundred(
    context: Context, workspace: UUID
) -> None:
    crowd, lone, busy = workspace, uuid4(), Busy()
    await queue_up(context.database, crowd, 100, "crowd")
    await queue_up(context.database, lone, 2, "crowd")
    asked = [f"{crowd} 0", f"{crowd} 1", f"{crowd} 99", f"{lone} 0", f"{lone} 1"]
    assert await line(context.database, "crowd", asked) == [1, 3, 102, 2, 4]
    lanes = {"crowd": Lane(at_once=4, a_workspace=50)}
    job = Job(name="test.crowd", run=busy.run, queue="crowd")
    working = asyncio.ensure_future(work(context, [job], lanes=lanes))
    began = await busy.until(4)
    assert sorted(began) == sorted((str(one), f"{one} {row}") for one in (crowd, lone) for row in (0, 1))
    assert await line(context.database, "crowd", [f"{crowd} 2", f"{crowd} 99", f"{lone} 0"]) == [1, 98, None]
    busy.done.set()
    assert len(set(await busy.until(102))) == 102
    working.cancel()
    await asyncio.wait({working})


async def test_a_full_lane_takes_no_place_from_what_must_be_prompt_and_a_workspace_keeps_to_its_share(
    context: Context, workspace: UUID
) -> None:
    busy, prompt = Busy(), Busy()
    prompt.done.set()
    other = uuid4()
    await queue_up(context.database, workspace, 20, "slow")
    await queue_up(context.database, other, 20, "slow")
    known = [
        Job(name="test.slow", run=busy.run, queue="slow"),
        Job(name="test.prompt", run=prompt.run, queue="prompt"),
    ]
    lanes = {"slow": Lane(at_once=12, a_workspace=5)}
    both = [asyncio.ensure_future(work(context, known, lanes=lanes)) for _ in range(2)]
    await busy.until(10)
    await queue_up(context.database, workspace, 3, "prompt")
    await prompt.until(3)
    assert Counter(owner for owner, _ in busy.began) == {str(workspace): 5, str(other): 5}
    busy.done.set()
    await busy.until(40)
    for one in both:
        one.cancel()
    await asyncio.wait(both)
    assert len(set(busy.began)) == 40
