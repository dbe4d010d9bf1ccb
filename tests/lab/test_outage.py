"""A database that goes away in the middle of a session is waited for, and the session goes on as if nothing was."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text

from omc.kit.bus import Bus
from omc.kit.db import Database
from omc.kit.work import DEAD_AFTER_S, Context
from omc.lab.rules import SessionState
from omc.ledgers.rules import Series
from omc.settings import Settings
from omc.worker import _work_for_ever
from tests.lab.builders import Open, assert_each_effect_once, finished_steps, state_of
from tests.serving import Cable

AWAY_S = 20
PATIENCE_S = 240


@pytest.mark.slow
async def test_a_session_outlives_a_database_that_is_away_for_twenty_seconds(
    context: Context, app_url: str, workspace: UUID, market: Series, open_session: Open
) -> None:
    del market
    cable = Cable(app_url)
    await cable.plug()
    far = Database(cable.url)
    session_id = await open_session()
    async with Bus(cable.url) as bus, asyncio.timeout(PATIENCE_S):
        working = asyncio.ensure_future(_work_for_ever(replace(context, database=far, bus=bus), Settings()))
        try:
            while len(await finished_steps(context.database, workspace, session_id)) < 2:
                await asyncio.sleep(0.01)
            await cable.unplug()
            assert await state_of(context.database, workspace, session_id) == SessionState.RUNNING
            await asyncio.sleep(AWAY_S)
            await cable.plug()
            while await state_of(context.database, workspace, session_id) != SessionState.DONE:
                assert not working.done()
                await asyncio.sleep(0.1)
        finally:
            # Whatever happens: it would take up the next tests' jobs.
            working.cancel()
            await asyncio.wait({working})
    await far.close()
    await cable.unplug()
    assert AWAY_S > DEAD_AFTER_S, "the outage is longer than a worker may be silent"
    await assert_each_effect_once(context.database, workspace, session_id)


async def test_a_worker_can_be_stopped_while_the_database_is_away(context: Context, app_url: str) -> None:
    cable = Cable(app_url)
    await cable.plug()
    far = Database(cable.url)
    async with Bus(cable.url) as bus, asyncio.timeout(PATIENCE_S):
        working = asyncio.ensure_future(_work_for_ever(replace(context, database=far, bus=bus), Settings()))
        async with context.database.session(None) as session:
            while not await session.scalar(text("SELECT count(*) FROM procrastinate_workers")):
                await asyncio.sleep(0.01)
        await cable.unplug()
        working.cancel()
        await asyncio.wait({working})
    await far.close()
