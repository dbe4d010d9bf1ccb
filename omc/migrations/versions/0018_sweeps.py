"""Searches over parameters that all workers take part in: what was asked for, and what each combination found."""

from alembic import op

from omc.kit.migrate import tenant_table

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Create the two tables; a row that was found never changes."""
    op.execute("""
    CREATE TABLE engine_sweep (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      asked text NOT NULL,
      version_id uuid,
      hash text NOT NULL,
      document jsonb NOT NULL,
      series_id uuid NOT NULL,
      start_ts timestamptz NOT NULL,
      end_ts timestamptz NOT NULL CHECK (end_ts > start_ts),
      search jsonb NOT NULL,
      trial_id uuid NOT NULL,
      state text NOT NULL CHECK (state IN ('queued', 'running', 'stopped', 'done', 'failed')),
      round integer NOT NULL CHECK (round > 0),
      total integer NOT NULL CHECK (total > 0),
      done integer NOT NULL CHECK (done BETWEEN 0 AND total),
      layout jsonb,
      error jsonb,
      requested_by text NOT NULL,
      created_at timestamptz NOT NULL,
      ended_at timestamptz,
      PRIMARY KEY (workspace_id, id),
      FOREIGN KEY (workspace_id, trial_id) REFERENCES engine_trial,
      CHECK ((state IN ('done', 'failed')) = (ended_at IS NOT NULL))
    )""")
    op.execute("CREATE INDEX engine_sweep_asked ON engine_sweep (workspace_id, asked, id)")
    op.execute("""
    CREATE TABLE engine_sweep_row (
      workspace_id uuid NOT NULL,
      sweep_id uuid NOT NULL,
      number integer NOT NULL CHECK (number >= 0),
      parameters jsonb NOT NULL,
      train jsonb,
      test jsonb,
      refused text NOT NULL,
      PRIMARY KEY (workspace_id, sweep_id, number),
      FOREIGN KEY (workspace_id, sweep_id) REFERENCES engine_sweep,
      CHECK ((refused = '') = (train IS NOT NULL AND test IS NOT NULL))
    )""")
    tenant_table("engine_sweep")
    tenant_table("engine_sweep_row", append_only=True)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE engine_sweep_row, engine_sweep")
