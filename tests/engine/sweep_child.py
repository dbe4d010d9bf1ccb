"""A worker as `omc up` runs one, with the engine's jobs: to work beside others, and to be killed."""

import asyncio
import sys
from pathlib import Path

from omc.engine.work import JOBS
from omc.kit.bus import Bus
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.work import Context, work


async def main(url: str) -> None:
    async with Bus(url) as bus:
        context = Context(database=Database(url), bus=bus, clock=utc_now, data_dir=Path())
        await work(context, JOBS)


asyncio.run(main(sys.argv[1]))
