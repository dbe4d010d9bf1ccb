"""Verdicts that are asked for on the queue, with how far their checks are; and what each check found."""

from alembic import op

from omc.kit.migrate import tenant_table

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Create the table of what was asked for."""
    op.execute("ALTER TABLE engine_verdict ADD COLUMN found jsonb NOT NULL DEFAULT '{}'")
    op.execute("""
    CREATE TABLE engine_validation (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      version_id uuid NOT NULL,
      series_id uuid NOT NULL,
      start_ts timestamptz,
      end_ts timestamptz,
      state text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
      step text NOT NULL,
      step_done integer NOT NULL,
      step_total integer NOT NULL,
      requested_by text NOT NULL,
      created_at timestamptz NOT NULL,
      ended_at timestamptz,
      error jsonb,
      verdict_id uuid,
      trial_id uuid NOT NULL,
      PRIMARY KEY (workspace_id, id),
      FOREIGN KEY (workspace_id, version_id) REFERENCES engine_version,
      FOREIGN KEY (workspace_id, verdict_id) REFERENCES engine_verdict,
      FOREIGN KEY (workspace_id, trial_id) REFERENCES engine_trial,
      CHECK ((state IN ('done', 'failed')) = (ended_at IS NOT NULL)),
      CHECK ((state = 'done') = (verdict_id IS NOT NULL))
    )""")
    op.execute("CREATE INDEX engine_validation_version ON engine_validation (workspace_id, version_id, id)")
    tenant_table("engine_validation")


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP TABLE engine_validation")
    op.execute("ALTER TABLE engine_verdict DROP COLUMN found")
