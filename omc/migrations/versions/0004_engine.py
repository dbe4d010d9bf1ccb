"""The engine: strategies and their immutable versions, approvals, backtests, and the register of trials."""

from alembic import op

from omc.kit.migrate import tenant_table

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the five tables; versions, approvals and trials can only be added."""
    _versions()
    _runs()
    for table in ("engine_strategy", "engine_backtest"):
        tenant_table(table)
    for table in ("engine_version", "engine_approval", "engine_trial"):
        tenant_table(table, append_only=True)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE engine_trial, engine_backtest, engine_approval, engine_version, engine_strategy")


def _versions() -> None:
    op.execute("""
    CREATE TABLE engine_strategy (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      name text NOT NULL,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (workspace_id, id),
      UNIQUE (workspace_id, name)
    )""")
    op.execute("""
    CREATE TABLE engine_version (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      strategy_id uuid NOT NULL,
      number integer NOT NULL CHECK (number > 0),
      hash text NOT NULL,
      document jsonb NOT NULL,
      author text NOT NULL,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (workspace_id, id),
      UNIQUE (workspace_id, strategy_id, number),
      UNIQUE (workspace_id, strategy_id, hash),
      FOREIGN KEY (workspace_id, strategy_id) REFERENCES engine_strategy
    )""")
    op.execute("""
    CREATE TABLE engine_approval (
      workspace_id uuid NOT NULL,
      version_id uuid NOT NULL,
      digest text NOT NULL,
      approved_by text NOT NULL,
      approved_at timestamptz NOT NULL,
      PRIMARY KEY (workspace_id, version_id, digest),
      FOREIGN KEY (workspace_id, version_id) REFERENCES engine_version
    )""")


def _runs() -> None:
    op.execute("""
    CREATE TABLE engine_backtest (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      version_id uuid,
      hash text NOT NULL,
      document jsonb NOT NULL,
      series_id uuid NOT NULL,
      start_ts timestamptz,
      end_ts timestamptz,
      state text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
      requested_by text NOT NULL,
      created_at timestamptz NOT NULL,
      ended_at timestamptz,
      error jsonb,
      result_hash text,
      result jsonb,
      PRIMARY KEY (workspace_id, id),
      FOREIGN KEY (workspace_id, version_id) REFERENCES engine_version,
      CHECK ((state = 'done') = (result IS NOT NULL)),
      CHECK ((state = 'failed') = (error IS NOT NULL))
    )""")
    op.execute("""
    CREATE TABLE engine_trial (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      kind text NOT NULL CHECK (kind IN ('backtest', 'walk_forward')),
      hash text NOT NULL,
      series_id uuid NOT NULL,
      start_ts timestamptz,
      end_ts timestamptz,
      combinations integer NOT NULL CHECK (combinations > 0),
      requested_by text NOT NULL,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (workspace_id, id)
    )""")
    op.execute("CREATE INDEX engine_trial_series ON engine_trial (workspace_id, series_id)")
