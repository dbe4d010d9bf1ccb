"""Walk-forward tests asked for on the page and over HTTP: how far each is, and what it found."""

from alembic import op

from omc.kit.migrate import tenant_table

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Create it."""
    op.execute("""
    CREATE TABLE engine_walk (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      version_id uuid,
      hash text NOT NULL,
      document jsonb NOT NULL,
      series_id uuid NOT NULL,
      others uuid[] NOT NULL,
      start_ts timestamptz,
      end_ts timestamptz,
      plan jsonb NOT NULL,
      state text NOT NULL CHECK (state IN ('queued', 'running', 'stopped', 'done', 'failed')),
      step text NOT NULL,
      step_done integer NOT NULL,
      step_total integer NOT NULL,
      requested_by text NOT NULL,
      created_at timestamptz NOT NULL,
      ended_at timestamptz,
      error jsonb,
      result jsonb,
      trial_id uuid NOT NULL,
      PRIMARY KEY (workspace_id, id),
      FOREIGN KEY (workspace_id, version_id) REFERENCES engine_version,
      FOREIGN KEY (workspace_id, trial_id) REFERENCES engine_trial,
      CHECK ((state IN ('stopped', 'done', 'failed')) = (ended_at IS NOT NULL)),
      CHECK ((state = 'done') = (result IS NOT NULL))
    )""")
    tenant_table("engine_walk")


def downgrade() -> None:
    """Drop it; the trials still count."""
    op.execute("DROP TABLE engine_walk")
