"""The event log: gap-free, in order, and awake."""

import asyncio
from uuid import UUID

from omc.kit import events
from omc.kit.db import Database
from omc.kit.work import Context


async def append_one(database: Database, workspace: UUID, number: int) -> int:
    async with database.session(workspace) as session:
        return await events.append(session, "session:1", "counted", {"number": number})


async def test_concurrent_writers_leave_no_gap_and_no_double(database: Database, workspace: UUID) -> None:
    numbers = await asyncio.gather(*(append_one(database, workspace, number) for number in range(40)))
    assert sorted(numbers) == list(range(1, 41))


async def test_a_rolled_back_event_leaves_no_gap(database: Database, workspace: UUID) -> None:
    class Undone(Exception):
        pass

    try:
        async with database.session(workspace) as session:
            await events.append(session, "session:1", "lost", {})
            raise Undone
    except Undone:
        pass
    assert await append_one(database, workspace, 1) == 1


async def test_a_reader_continues_where_it_stopped(database: Database, workspace: UUID) -> None:
    async with database.session(workspace) as session:
        await events.append_many(session, "session:1", [("counted", {"number": n}) for n in range(5)])
        rest = await events.read(session, "session:1", after=3)
    assert [(row.seq, row.data["number"]) for row in rest] == [(4, 3), (5, 4)]


async def test_a_watcher_is_woken_by_its_topic_only(context: Context, workspace: UUID) -> None:
    mine, other = events.key(workspace, "session:1"), events.key(workspace, "session:2")
    async with context.bus.watch([mine]) as woken, context.bus.watch([other]) as unrelated:
        while not woken.is_set():  # the bus may still be connecting; then nothing is lost but a wake-up
            await append_one(context.database, workspace, 1)
            await asyncio.sleep(0.01)
        unrelated.clear()
        woken.clear()
        await append_one(context.database, workspace, 2)
        await asyncio.wait_for(woken.wait(), timeout=60)
        assert not unrelated.is_set()
