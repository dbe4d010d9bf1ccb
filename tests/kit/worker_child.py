"""A worker that takes a job, says so, and never ends it: to be killed."""

import asyncio
import sys
from pathlib import Path

from omc.kit.bus import Bus
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.work import Context, Job, work


async def hang(_context: Context, *, row: str) -> str:
    Path(row).touch()
    await asyncio.sleep(3600)
    return "never"


async def main(url: str) -> None:
    async with Bus(url) as bus:
        context = Context(database=Database(url), bus=bus, clock=utc_now, data_dir=Path())
        await work(context, [Job(name="test.hang", run=hang)])


asyncio.run(main(sys.argv[1]))
