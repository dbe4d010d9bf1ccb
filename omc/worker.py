"""The background root: every slice's jobs on one worker; it knows no rule."""

import asyncio
import importlib
import signal

import structlog

from omc.kit import work as queue
from omc.kit.bus import Bus
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.outage import AWAY
from omc.kit.work import Context, Job, Lane
from omc.settings import Settings
from omc.vault import outbound
from omc.vault.desk import check_roots, open_vault

RETRY_S = 1.0
WAIT_S = 300.0
"""A job on a crowded machine had rather wait for a connection than be tried again; a page is told to come back."""

# Slices that have jobs, by module: loading them takes seconds (model libraries, data frames), so it happens on use.
SLICES_WITH_JOBS = ("omc.engine.work", "omc.lab.work", "omc.floor.work")

SESSIONS = "omc.lab.service"

log = structlog.get_logger(__name__)


def lanes(settings: Settings) -> dict[str, Lane]:
    """Sessions have a lane of their own: they wait for models most of the time, and nothing prompt waits for them."""
    sessions = Lane(at_once=settings.sessions_at_once, a_workspace=settings.sessions_at_once_a_workspace)
    return {importlib.import_module(SESSIONS).TURN_QUEUE: sessions}


def jobs() -> tuple[Job, ...]:
    """Every slice's jobs."""
    return tuple(job for name in SLICES_WITH_JOBS for job in importlib.import_module(name).JOBS)


async def work(settings: Settings, app_url: str) -> None:
    """Work until SIGINT or SIGTERM; what runs then is finished, and what cannot be is taken over by another worker."""
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for kind in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(kind, stopping.set)
    vault = open_vault(settings)
    database = Database(app_url, wait_s=WAIT_S)
    try:
        await check_roots(vault, database)
        async with Bus(app_url) as bus:
            context = Context(
                database=database, bus=bus, clock=utc_now, data_dir=settings.data_dir, extra={"vault": vault}
            )
            working = loop.create_task(_work_for_ever(context, settings), name="work")
            waiting = loop.create_task(stopping.wait(), name="stop")
            await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
            await _end(working)
            await _end(waiting)
    finally:
        await outbound.close()
        await database.close()


async def _work_for_ever(context: Context, settings: Settings) -> None:
    """Work through every outage: a database that goes away comes back, and its jobs with it.

    A cancellation that meets an outage may come out of the queue as that outage only, so it is asked for.
    """
    me = asyncio.current_task()
    assert me is not None
    known, limits = await asyncio.to_thread(jobs), await asyncio.to_thread(lanes, settings)
    log.info("worker.started", jobs=len(known))
    while not me.cancelling():
        try:
            await queue.work(context, known, lanes=limits)
        except AWAY as error:
            log.warning("worker.database_away", error=type(error).__name__)
        await asyncio.sleep(RETRY_S)


async def _end(task: asyncio.Task[object]) -> None:
    if not task.done():
        task.cancel()
    await asyncio.wait({task})
    if not task.cancelled() and (error := task.exception()) is not None:
        raise error
