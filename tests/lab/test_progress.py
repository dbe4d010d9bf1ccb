"""How far long work is reaches whoever watches, and a step that is dropped ends its work."""

import asyncio
import json
from uuid import UUID

import pytest

from omc.core.ids import SessionId, WorkspaceId
from omc.engine.validations import Step
from omc.engine.watch import Watch
from omc.kit.bus import Bus
from omc.kit.clock import utc_now
from omc.kit.errors import Refusal
from omc.kit.ids import new_id
from omc.kit.work import Context
from omc.lab.progress import telling
from omc.lab.tools.base import ToolContext, watched

PATIENCE_S = 20.0


async def test_watchers_hear_how_far_a_step_is_one_after_the_other(app_url: str) -> None:
    key = f"{new_id()}/session:1"
    async with Bus(app_url) as here, Bus(app_url) as there, there.overhear([key]) as ear:
        async with asyncio.timeout(PATIENCE_S):
            while here.listened_since(key) is None:
                await asyncio.sleep(0.01)
            tell = telling(here, key, 7)
            assert await tell(None)
            assert await tell(Step(name="sweep", done=12, total=64))
            await ear.spoken.wait()
        ((_, words),) = ear.take()
        told = {"call": "7:12", "step": 7, "kind": "text", "at": 0, "text": "sweep: 12 of 64"}
        assert json.loads(words) == told


async def test_a_step_that_is_dropped_stops_its_work_at_the_next_step(context: Context, workspace: UUID) -> None:
    asks = ToolContext(
        database=context.database,
        clock=utc_now,
        workspace_id=WorkspaceId(workspace),
        session_id=SessionId(new_id()),
        model="analyst",
        as_of=utc_now(),
    )
    loop, begun, ended = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

    def work(watch: Watch) -> None:
        try:
            for at in range(10**9):
                watch.step(at, 10**9, "work")
                loop.call_soon_threadsafe(begun.set)
        except Refusal:
            loop.call_soon_threadsafe(ended.set)

    step = loop.create_task(watched(asks, work), name="step")
    async with asyncio.timeout(PATIENCE_S):
        await begun.wait()
        step.cancel()
        with pytest.raises(asyncio.CancelledError):
            await step
        await ended.wait()
