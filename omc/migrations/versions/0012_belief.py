"""What a result's belief rests on: how trials ended, sealed stretches and the tries on them, verdicts, overrides."""

from alembic import op

from omc.kit.migrate import tenant_table

revision = "0012"
down_revision = "0011"

_KINDS = "'backtest', 'walk_forward', 'sweep', 'validation', 'exam'"
_HISTORY = ("engine_trial_end", "engine_seal", "engine_seal_broken", "engine_exam_try", "engine_verdict")


def upgrade() -> None:
    """Create the five tables, none of which can be changed afterwards, and what older ones say of them."""
    _trials()
    _exams()
    _verdicts()
    for table in _HISTORY:
        tenant_table(table, append_only=True)


def downgrade() -> None:
    """Drop them, and the trials of kinds that were not known before."""
    op.execute("ALTER TABLE engine_approval DROP COLUMN override_reason, DROP COLUMN verdict_id")
    op.execute("ALTER TABLE engine_backtest DROP COLUMN trial_id, DROP COLUMN seal_id")
    op.execute(f"DROP TABLE {', '.join(reversed(_HISTORY))}")
    op.execute("ALTER TABLE engine_trial DROP CONSTRAINT engine_trial_kind_check, DROP COLUMN idea")
    op.execute("ALTER TABLE engine_trial NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM engine_trial WHERE kind NOT IN ('backtest', 'walk_forward')")
    op.execute("ALTER TABLE engine_trial FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE engine_trial ADD CHECK (kind IN ('backtest', 'walk_forward'))")


def _trials() -> None:
    op.execute("ALTER TABLE engine_trial ADD COLUMN idea text, DROP CONSTRAINT engine_trial_kind_check")
    op.execute(f"ALTER TABLE engine_trial ADD CHECK (kind IN ({_KINDS}))")
    op.execute("""
    CREATE TABLE engine_trial_end (
      workspace_id uuid NOT NULL,
      trial_id uuid NOT NULL,
      outcome text NOT NULL CHECK (outcome IN ('done', 'failed', 'cancelled')),
      combinations integer NOT NULL CHECK (combinations >= 0),
      sharpe double precision,
      sharpes double precision[] NOT NULL,
      bucket_days integer CHECK (bucket_days > 0),
      first_bucket integer,
      growth double precision[] NOT NULL CHECK (cardinality(growth) <= 256),
      ended_at timestamptz NOT NULL,
      PRIMARY KEY (workspace_id, trial_id),
      FOREIGN KEY (workspace_id, trial_id) REFERENCES engine_trial,
      CHECK ((cardinality(growth) > 0) = (bucket_days IS NOT NULL AND first_bucket IS NOT NULL))
    )""")
    op.execute("ALTER TABLE engine_backtest ADD COLUMN trial_id uuid, ADD COLUMN seal_id uuid")


def _exams() -> None:
    op.execute("""
    CREATE TABLE engine_seal (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      series_id uuid NOT NULL,
      start_ts timestamptz NOT NULL,
      end_ts timestamptz NOT NULL CHECK (end_ts > start_ts),
      tried_before integer NOT NULL CHECK (tried_before >= 0),
      sealed_by text NOT NULL,
      sealed_at timestamptz NOT NULL,
      PRIMARY KEY (workspace_id, id)
    )""")
    op.execute("CREATE INDEX engine_seal_series ON engine_seal (workspace_id, series_id)")
    op.execute("""
    CREATE TABLE engine_seal_broken (
      workspace_id uuid NOT NULL,
      seal_id uuid NOT NULL,
      reason text NOT NULL,
      broken_by text NOT NULL,
      broken_at timestamptz NOT NULL,
      PRIMARY KEY (workspace_id, seal_id),
      FOREIGN KEY (workspace_id, seal_id) REFERENCES engine_seal
    )""")
    op.execute("""
    CREATE TABLE engine_exam_try (
      workspace_id uuid NOT NULL,
      seal_id uuid NOT NULL,
      number integer NOT NULL CHECK (number > 0),
      version_id uuid NOT NULL,
      hash text NOT NULL,
      backtest_id uuid NOT NULL,
      repeated boolean NOT NULL,
      reason text NOT NULL,
      tried_by text NOT NULL,
      tried_at timestamptz NOT NULL,
      PRIMARY KEY (workspace_id, seal_id, number),
      FOREIGN KEY (workspace_id, seal_id) REFERENCES engine_seal,
      FOREIGN KEY (workspace_id, version_id) REFERENCES engine_version,
      CHECK (repeated OR number = 1)
    )""")


def _verdicts() -> None:
    op.execute("""
    CREATE TABLE engine_verdict (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      hash text NOT NULL,
      series_id uuid NOT NULL,
      start_ts timestamptz,
      end_ts timestamptz,
      figures jsonb NOT NULL,
      outcome text NOT NULL CHECK (outcome IN ('pass', 'weak', 'fail')),
      reasons jsonb NOT NULL,
      engine text NOT NULL,
      judged_for text NOT NULL,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (workspace_id, id)
    )""")
    op.execute("CREATE INDEX engine_verdict_hash ON engine_verdict (workspace_id, hash, id)")
    op.execute("ALTER TABLE engine_approval ADD COLUMN override_reason text, ADD COLUMN verdict_id uuid")
