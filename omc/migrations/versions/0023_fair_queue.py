"""Whose job is next: the workspace's that has fewest under way, within the limits of its worker and of itself."""

from alembic import op

revision = "0023"
down_revision = "0022"

# A lane is a queue that has limits of its own; '' is all the others together. Whoever takes a job waits for whoever
# does so now: otherwise both would count the same jobs under way. Then the statement sees what the other one took.
_TAKE = """
CREATE FUNCTION omc_take_job(p_worker bigint, p_lanes text[], p_at_once int[], p_a_workspace int[])
  RETURNS procrastinate_jobs LANGUAGE plpgsql AS $$
DECLARE
  taken procrastinate_jobs;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('omc_take_job'));
  WITH RECURSIVE lane AS (
    SELECT * FROM unnest(p_lanes, p_at_once, p_a_workspace) AS lane(name, at_once, a_workspace)
  ), doing AS (
    SELECT CASE WHEN queue_name = ANY(p_lanes) THEN queue_name ELSE '' END AS lane,
      coalesce(args->>'workspace_id', '') AS workspace,
      count(*) AS jobs, count(*) FILTER (WHERE worker_id = p_worker) AS own
    FROM procrastinate_jobs WHERE status = 'doing' GROUP BY 1, 2
  ), full_lane AS (
    SELECT lane.name FROM lane JOIN doing ON doing.lane = lane.name GROUP BY lane.name, lane.at_once
    HAVING sum(doing.own) >= lane.at_once
  ), asking(workspace) AS (
    SELECT min(coalesce(args->>'workspace_id', '')) FROM procrastinate_jobs WHERE status = 'todo'
    UNION ALL
    SELECT (SELECT min(coalesce(args->>'workspace_id', '')) FROM procrastinate_jobs
            WHERE status = 'todo' AND coalesce(args->>'workspace_id', '') > asking.workspace)
    FROM asking WHERE asking.workspace IS NOT NULL
  ), first AS (
    SELECT head.id, coalesce(doing.jobs, 0) AS under_way
    FROM asking CROSS JOIN lane CROSS JOIN LATERAL (
      SELECT job.id FROM procrastinate_jobs AS job
      WHERE job.status = 'todo' AND coalesce(job.args->>'workspace_id', '') = asking.workspace
        AND (job.queue_name = lane.name OR lane.name = '' AND NOT job.queue_name = ANY(p_lanes))
        AND (job.scheduled_at IS NULL OR job.scheduled_at <= now())
        AND NOT EXISTS (
          SELECT FROM procrastinate_jobs AS other WHERE other.lock = job.lock
            AND (other.status = 'doing' OR other.status = 'todo' AND other.id < job.id)
        )
      ORDER BY job.id LIMIT 1
    ) AS head
    LEFT JOIN doing ON doing.lane = lane.name AND doing.workspace = asking.workspace
    WHERE lane.name NOT IN (SELECT name FROM full_lane) AND coalesce(doing.jobs, 0) < lane.a_workspace
  ), next AS (
    SELECT job.id FROM first JOIN procrastinate_jobs AS job ON job.id = first.id WHERE job.status = 'todo'
    ORDER BY first.under_way, first.id LIMIT 1 FOR UPDATE OF job SKIP LOCKED
  )
  UPDATE procrastinate_jobs AS job SET status = 'doing', worker_id = p_worker
  FROM next WHERE job.id = next.id RETURNING job.* INTO taken;
  RETURN taken;
END $$
"""


def upgrade() -> None:
    """Add the choice of the next job, and what finds a workspace's first one and the others of its lock."""
    op.execute("""
    CREATE INDEX omc_jobs_waiting ON procrastinate_jobs ((coalesce(args->>'workspace_id', '')), id)
    WHERE status = 'todo'""")
    op.execute("CREATE INDEX omc_jobs_lock ON procrastinate_jobs (lock) WHERE status IN ('todo', 'doing')")
    op.execute(_TAKE)


def downgrade() -> None:
    """Drop them; jobs are taken in the order in which they came."""
    op.execute("DROP FUNCTION omc_take_job")
    op.execute("DROP INDEX omc_jobs_waiting, omc_jobs_lock")
