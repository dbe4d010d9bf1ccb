"""How the job queue and its workers are doing, read from the queue's own tables: counts, ages and places in line."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

MAX_WORKERS = 100

_HEARTBEATS = text("""
SELECT extract(epoch FROM now() - last_heartbeat)::float8 FROM procrastinate_workers
ORDER BY last_heartbeat DESC LIMIT :limit
""")

# The oldest due job stands for the wait: ids are handed out in order, so one look-up tells when it became due.
_QUEUE = text("""
WITH due AS (
  SELECT id, scheduled_at FROM procrastinate_jobs
  WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now()
), oldest AS (
  SELECT coalesce(due.scheduled_at, max(event.at)) AS since FROM due
  JOIN procrastinate_events AS event ON event.job_id = due.id
  WHERE due.id = (SELECT min(id) FROM due)
  GROUP BY due.scheduled_at
)
SELECT (SELECT count(*) FROM due) AS waiting,
       (SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing') AS running,
       coalesce((SELECT extract(epoch FROM now() - since) FROM oldest), 0)::float8 AS oldest_s
""")

# Jobs as they will be taken when none ends before another: each workspace's first, then each one's second, and so on.
_PLACES = text("""
WITH doing AS (
  SELECT coalesce(args->>'workspace_id', '') AS workspace, count(*) AS jobs
  FROM procrastinate_jobs WHERE status = 'doing' AND queue_name = :queue GROUP BY 1
), waiting AS (
  SELECT id, args->>:name AS subject, coalesce(args->>'workspace_id', '') AS workspace,
    row_number() OVER (PARTITION BY coalesce(args->>'workspace_id', '') ORDER BY id) AS turn
  FROM procrastinate_jobs
  WHERE status = 'todo' AND queue_name = :queue AND coalesce(scheduled_at, now()) <= now()
), line AS (
  SELECT subject, row_number() OVER (ORDER BY turn + coalesce(jobs, 0), id) AS place
  FROM waiting LEFT JOIN doing USING (workspace)
)
SELECT subject, min(place) AS place FROM line WHERE subject = ANY(:subjects) GROUP BY subject
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The queue at a moment: jobs due, jobs running, and how long the oldest due one has waited."""

    waiting: int
    running: int
    oldest_s: float


async def heartbeat_ages(session: AsyncSession) -> list[float]:
    """Return how many seconds ago each known worker was last alive, freshest first."""
    return [float(age) for age in await session.scalars(_HEARTBEATS, {"limit": MAX_WORKERS})]


async def queue_state(session: AsyncSession) -> Queue:
    """Return the queue as it is now."""
    row = (await session.execute(_QUEUE)).one()
    return Queue(waiting=row.waiting, running=row.running, oldest_s=max(row.oldest_s, 0.0))


async def places(session: AsyncSession, queue: str, name: str, subjects: Sequence[str]) -> dict[str, int]:
    """Return the place in line of each of `subjects` (the job's id called `name`) that waits; 1 is taken next."""
    if not subjects:
        return {}
    rows = await session.execute(_PLACES, {"queue": queue, "name": name, "subjects": list(subjects)})
    return {row.subject: int(row.place) for row in rows}
