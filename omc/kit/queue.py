"""How the job queue and its workers are doing, read from the queue's own tables: counts and ages, never content."""

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
