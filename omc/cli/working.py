"""Work while no worker is up, so that a command that needs one works on a machine where nothing runs."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from omc.cli.base import Door
from omc.kit import work as queue
from omc.ops.service import installation
from omc.vault import outbound
from omc.worker import jobs, lanes


@asynccontextmanager
async def some_worker(opened: Door) -> AsyncGenerator[None]:
    """Work here while no worker is up; what is started beside a running OMC is done by its worker."""
    async with opened.database.session(opened.workspace) as session:
        _, workers, _ = await installation(session, opened.settings.data_dir, now=opened.clock())
    if workers:
        yield
        return
    loop = asyncio.get_running_loop()
    known, limits = await asyncio.to_thread(jobs), await asyncio.to_thread(lanes, opened.settings)
    task = loop.create_task(queue.work(opened.context(), known, lanes=limits), name="work")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await outbound.close()
