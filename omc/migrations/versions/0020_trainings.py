"""Trainings that are asked for on the queue, with how far each is and which model it gave."""

from alembic import op

from omc.kit.migrate import tenant_table

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Create the table of what was asked for."""
    op.execute("""
    CREATE TABLE engine_training (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      spec jsonb NOT NULL,
      spec_hash text NOT NULL,
      series_id uuid NOT NULL,
      start_ts timestamptz,
      end_ts timestamptz,
      state text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'stopped')),
      step text NOT NULL,
      step_done integer NOT NULL,
      step_total integer NOT NULL,
      requested_by text NOT NULL,
      created_at timestamptz NOT NULL,
      ended_at timestamptz,
      error jsonb,
      model text,
      trial_id uuid NOT NULL,
      PRIMARY KEY (workspace_id, id),
      FOREIGN KEY (workspace_id, model) REFERENCES engine_model,
      FOREIGN KEY (workspace_id, trial_id) REFERENCES engine_trial,
      CHECK ((state IN ('queued', 'running')) = (ended_at IS NULL)),
      CHECK ((state = 'done') = (model IS NOT NULL))
    )""")
    tenant_table("engine_training")


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP TABLE engine_training")
