"""Background work on PostgreSQL: jobs are nudges made of ids, enqueued in the transaction that writes the row.

Behind it stands Procrastinate, which nobody else imports. A job may run twice and must do no harm then. A worker's
heartbeat comes from a thread with a connection of its own, so that a busy event loop is never taken for a dead worker;
the jobs of a worker that is dead are put back by any other within `DEAD_AFTER_S` + `TAKEOVER_EVERY_S`.

The next job is the oldest of the workspace that has fewest under way, so that nobody waits for another's hundred. A
queue may have a lane of its own, so that what waits for the network takes no place from what must be prompt.
"""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import LiteralString

import procrastinate
import psycopg
import structlog
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import DeleteJobCondition, Status
from procrastinate.jobs import Job as StoredJob
from procrastinate.manager import JobManager
from procrastinate.schema import SchemaManager
from procrastinate.worker import Worker
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from omc.kit.bus import Bus
from omc.kit.clock import Clock
from omc.kit.db import CONNECT_TIMEOUT_S, Database

HEARTBEAT_S = 3.0
DEAD_AFTER_S = 12
TAKEOVER_EVERY_S = 5.0
POLL_S = 1.0
CONNECTIONS = 10
STOP_GRACE_S = 10.0
MAX_ATTEMPTS = 20
"""A job taken over this often kills its workers; it is failed instead of trying for ever."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a job is given besides its ids: the plumbing, never a tenant's content."""

    database: Database
    bus: Bus
    clock: Clock
    data_dir: Path
    extra: Mapping[str, object] = field(default_factory=dict)
    attempt: int = 1
    final: bool = False
    """True in the last try: what fails now stays failed, so the handler says so in its own tables."""


Run = Callable[..., Awaitable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One kind of work. `run(context, **ids)` answers with one word; `retries` more tries follow a failure."""

    name: str
    run: Run
    queue: str = "default"
    retries: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """How many jobs of a queue run at once: in one worker, and of one workspace in all workers together."""

    at_once: int
    a_workspace: int


OTHERS = Lane(at_once=8, a_workspace=1_000)
"""The lane of all queues that have none of their own."""
NO_LANES: Mapping[str, Lane] = {}

_TAKE: LiteralString = """
SELECT id, status, task_name, priority, lock, queueing_lock, args, scheduled_at, queue_name, attempts, worker_id
FROM omc_take_job(%(worker)s, %(lanes)s::text[], %(at_once)s::int[], %(a_workspace)s::int[])
"""

_ENQUEUE = text("""
SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(
  :queue, :name, 0, CAST(:lock AS text), CAST(:once AS text), CAST(:ids AS jsonb),
  CASE WHEN CAST(:delay AS interval) > interval '0' THEN now() + CAST(:delay AS interval) END
)::procrastinate_job_to_defer_v1])
""")


async def enqueue(
    session: AsyncSession,
    name: str,
    *,
    ids: Mapping[str, str],
    queue: str = "default",
    lock: str | None = None,
    once: str | None = None,
    delay_s: float = 0,
) -> None:
    """Add a job in the session's transaction: it exists if and only if the transaction commits.

    Jobs with one `lock` run one at a time, in order. A second waiting job with the same `once` raises, so pass it only
    where the first one serves both. `delay_s` is the least delay; due jobs are looked for every `POLL_S`.
    """
    values = {"queue": queue, "name": name, "lock": lock, "once": once, "ids": json.dumps(dict(ids))}
    await session.execute(_ENQUEUE, values | {"delay": timedelta(seconds=delay_s)})


def queue_schema() -> str:
    """Return the SQL that creates the queue's own tables and functions."""
    return SchemaManager.get_schema()


async def work(
    context: Context,
    jobs: Iterable[Job],
    *,
    lanes: Mapping[str, Lane] = NO_LANES,
    until_empty: bool = False,
    grace_s: float = STOP_GRACE_S,
) -> None:
    """Run jobs until cancelled (or, with `until_empty`, until none is due); finishes what runs before it returns.

    With `until_empty`, give no lanes: who finds one full would take the queue for empty.

    What still runs `grace_s` after a cancellation is aborted and tried again later; with `until_empty` nothing is.
    Raises `psycopg.OperationalError` when the database goes away: call it again, and what ran then is taken over.
    """
    try:
        await _work(context, jobs, {**lanes, "": OTHERS}, until_empty=until_empty, grace_s=grace_s)
    except ConnectorException as error:
        raise psycopg.OperationalError("The job queue lost its database.") from error


async def _work(
    context: Context, jobs: Iterable[Job], lanes: Mapping[str, Lane], *, until_empty: bool, grace_s: float
) -> None:
    connector = procrastinate.PsycopgConnector(conninfo=context.database.url, min_size=2, max_size=CONNECTIONS)
    app = procrastinate.App(connector=connector)
    app.job_manager = _Fair(connector, lanes)
    running: set[int] = set()
    for job in jobs:
        _register(app, job, context, running)
    async with app.open_async():
        worker = _Worker(
            app,
            concurrency=sum(lane.at_once for lane in lanes.values()),
            wait=not until_empty,
            fetch_job_polling_interval=POLL_S,
            update_heartbeat_interval=HEARTBEAT_S,
            stalled_worker_timeout=DEAD_AFTER_S,
            delete_jobs=DeleteJobCondition.SUCCESSFUL,
            shutdown_graceful_timeout=None if until_empty else grace_s,  # it stops fetching while its last jobs run
            install_signal_handlers=False,
        )
        ending = asyncio.Event()
        takeover = asyncio.get_running_loop().create_task(_take_over(app, worker, running, ending), name="takeover")
        beat = _Heartbeat(context.database.url, lambda: worker.worker_id)
        beat.start()
        run: Callable[[], Awaitable[None]] = worker.run  # the library leaves it without a type
        try:
            await run()
        finally:
            beat.stop()
            ending.set()
            takeover.cancel()
            with suppress(asyncio.CancelledError):
                await takeover


class _Fair(JobManager):
    """Takes the next job fairly, within the lanes' limits."""

    def __init__(self, connector: procrastinate.PsycopgConnector, lanes: Mapping[str, Lane]) -> None:
        super().__init__(connector)
        self._limits = {
            "lanes": list(lanes),
            "at_once": [lane.at_once for lane in lanes.values()],
            "a_workspace": [lane.a_workspace for lane in lanes.values()],
        }

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> StoredJob | None:  # noqa: ARG002 - theirs
        row = await self.connector.execute_query_one_async(_TAKE, worker=worker_id, **self._limits)
        return None if row["id"] is None else StoredJob.from_row(row)


class _Worker(Worker):
    """Looks for another job whenever one has ended: a full lane has room again then."""

    async def _process_job(self, context: procrastinate.JobContext) -> None:
        try:
            await super()._process_job(context)
        finally:
            self._new_job_event.set()


def _register(app: procrastinate.App, job: Job, context: Context, running: set[int]) -> None:
    async def run(job_context: procrastinate.JobContext, /, **ids: str) -> str:
        number, attempt = job_context.job.id, job_context.job.attempts + 1
        assert number is not None
        final = attempt > job.retries
        running.add(number)
        try:
            outcome = await job.run(replace(context, attempt=attempt, final=final), **ids)
        finally:
            running.discard(number)
        log.info("job.done", job=job.name, outcome=outcome, attempt=attempt, **ids)
        return outcome

    retry = procrastinate.RetryStrategy(max_attempts=job.retries, exponential_wait=2) if job.retries else False
    app.task(name=job.name, queue=job.queue, pass_context=True, retry=retry)(run)


async def _take_over(app: procrastinate.App, worker: Worker, running: set[int], ending: asyncio.Event) -> None:
    """Put back the jobs of dead workers, and our own that nobody runs.

    A cancellation that meets a lost connection may come out as that loss only.
    """
    manager, adrift = app.job_manager, set[int | None]()
    while not ending.is_set():
        try:
            for job in await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_S):
                await _put_back(manager, job)
            # A job whose end met a short outage counts as ours for ever. One that only begins or ends is seen once.
            ours = await manager.list_jobs_async(status="doing", worker_id=worker.worker_id) if worker.worker_id else ()
            idle = [job for job in ours if job.id not in running]
            for job in [job for job in idle if job.id in adrift]:
                await _put_back(manager, job)
            adrift = {job.id for job in idle}
            await manager.prune_stalled_workers(DEAD_AFTER_S)
        except ConnectorException as error:
            log.warning("takeover.failed", error=type(error.__cause__ or error).__name__)
        with suppress(TimeoutError):
            await asyncio.wait_for(ending.wait(), TAKEOVER_EVERY_S)


async def _put_back(manager: JobManager, job: StoredJob) -> None:
    log.warning("job.taken_over", job=job.task_name, id=job.id, attempt=job.attempts)
    if job.attempts < MAX_ATTEMPTS:
        await manager.retry_job(job)
    else:
        await manager.finish_job(job, Status.FAILED, delete_job=False)


class _Heartbeat(threading.Thread):
    def __init__(self, url: str, worker_id: Callable[[], int | None]) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._url = url
        self._worker_id = worker_id
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.is_set():
            with suppress(psycopg.OperationalError), self._connect() as connection:
                while not self._stopped.wait(HEARTBEAT_S):
                    if (worker := self._worker_id()) is not None:
                        connection.execute("SELECT procrastinate_update_heartbeat_v1(%s)", [worker])
            self._stopped.wait(HEARTBEAT_S)

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(self._url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S)

    def stop(self) -> None:
        self._stopped.set()
        self.join(timeout=HEARTBEAT_S)
