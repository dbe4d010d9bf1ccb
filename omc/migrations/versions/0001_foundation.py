"""The event log and the job queue."""

from alembic import op

from omc.kit.migrate import tenant_table
from omc.kit.work import queue_schema

revision = "0001"
down_revision = None

_ROLE_CHECK = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'omc_app') THEN
    RAISE EXCEPTION 'the role omc_app is missing; create it first: CREATE ROLE omc_app LOGIN PASSWORD ''...''';
  END IF;
END $$
"""


def upgrade() -> None:
    """Create the event log, its sequences, and the queue's own tables."""
    op.execute(_ROLE_CHECK)
    op.execute("""
    CREATE TABLE event_topic (
      workspace_id uuid NOT NULL,
      topic text NOT NULL,
      last_seq bigint NOT NULL,
      PRIMARY KEY (workspace_id, topic)
    )""")
    op.execute("""
    CREATE TABLE event (
      workspace_id uuid NOT NULL,
      topic text NOT NULL,
      seq bigint NOT NULL,
      ts timestamptz NOT NULL,
      kind text NOT NULL,
      data jsonb NOT NULL,
      PRIMARY KEY (workspace_id, topic, seq)
    )""")
    tenant_table("event_topic")
    tenant_table("event", append_only=True)
    connection = op.get_bind()
    connection.exec_driver_sql(queue_schema().replace("%", "%%"))
    op.execute("""
    GRANT SELECT, INSERT, UPDATE, DELETE
      ON procrastinate_jobs, procrastinate_workers, procrastinate_events, procrastinate_periodic_defers TO omc_app""")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO omc_app")
    op.execute("GRANT SELECT ON alembic_version TO omc_app")


def downgrade() -> None:
    """Drop all of it."""
    op.execute("DROP TABLE event, event_topic")
    op.execute("DROP TABLE procrastinate_events, procrastinate_periodic_defers CASCADE")
    op.execute("DROP TABLE procrastinate_jobs, procrastinate_workers CASCADE")
    op.execute("""
    DO $$ DECLARE name text; BEGIN
      FOR name IN SELECT oid::regprocedure FROM pg_proc WHERE proname LIKE 'procrastinate\\_%' LOOP
        EXECUTE 'DROP FUNCTION ' || name || ' CASCADE';
      END LOOP;
    END $$""")
    op.execute("DROP TYPE procrastinate_job_status, procrastinate_job_event_type, procrastinate_job_to_defer_v1")
