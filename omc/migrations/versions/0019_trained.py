"""Trained models, each known by the hash of its content; a training is a trial like a backtest."""

from alembic import op

from omc.kit.migrate import tenant_table

revision = "0019"
down_revision = "0018"

_TRIALS = ("engine_trial_end", "engine_trial")
_KINDS = "'backtest', 'walk_forward', 'sweep', 'validation', 'exam'"


def upgrade() -> None:
    """Create the table, whose rows never change, and let a trial be a training."""
    op.execute("""
    CREATE TABLE engine_model (
      workspace_id uuid NOT NULL,
      hash text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
      name text NOT NULL,
      kind text NOT NULL,
      task text NOT NULL CHECK (task IN ('classify', 'regress')),
      series_id uuid NOT NULL,
      trial_id uuid NOT NULL,
      start_ts timestamptz NOT NULL,
      known_until timestamptz NOT NULL CHECK (known_until > start_ts),
      skill double precision,
      skill_fitted double precision,
      artifact text NOT NULL CHECK (octet_length(artifact) <= 24000000),
      trained_by text NOT NULL,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (workspace_id, hash),
      FOREIGN KEY (workspace_id, trial_id) REFERENCES engine_trial
    )""")
    tenant_table("engine_model", append_only=True)
    op.execute("ALTER TABLE engine_trial DROP CONSTRAINT engine_trial_kind_check")
    op.execute(f"ALTER TABLE engine_trial ADD CHECK (kind IN ({_KINDS}, 'train'))")


def downgrade() -> None:
    """Drop it, and the trials that were trainings."""
    op.execute("DROP TABLE engine_model")
    for table in _TRIALS:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM engine_trial_end WHERE trial_id IN (SELECT id FROM engine_trial WHERE kind = 'train')")
    op.execute("DELETE FROM engine_trial WHERE kind = 'train'")
    for table in _TRIALS:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE engine_trial DROP CONSTRAINT engine_trial_kind_check")
    op.execute(f"ALTER TABLE engine_trial ADD CHECK (kind IN ({_KINDS}))")
