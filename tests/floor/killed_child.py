"""Plays a deployment step by step in a process of its own: to be killed."""

import asyncio
import sys
from pathlib import Path
from uuid import UUID

from omc.core.ids import DeploymentId
from omc.kit.bus import Bus
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.work import Context
from tests.floor.builders import step


async def main(url: str, workspace: str, deployment: str) -> None:
    context = Context(database=Database(url), bus=Bus(url), clock=utc_now, data_dir=Path())
    print("playing", flush=True)  # noqa: T201 - tells the parent that killing makes sense from here on
    while await step(context, UUID(workspace), DeploymentId(UUID(deployment)), seconds=1) == "more":
        pass


asyncio.run(main(*sys.argv[1:]))
