"""What a report proves: claims that hold a version back, replays of sessions, and the question asked again."""

from alembic import op

from omc.kit.migrate import tenant_table

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Create them; a report written before has no hash, and its clock is its session's."""
    op.execute("""
    CREATE TABLE engine_claim (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      version_id uuid NOT NULL,
      source text NOT NULL,
      unverified integer NOT NULL CHECK (unverified >= 0),
      words text NOT NULL,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (workspace_id, id),
      FOREIGN KEY (workspace_id, version_id) REFERENCES engine_version
    )""")
    op.execute("CREATE INDEX engine_claim_of_version ON engine_claim (workspace_id, version_id, source, id)")
    op.execute("""
    CREATE TABLE lab_replay (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      session_id uuid NOT NULL,
      change jsonb,
      state text NOT NULL,
      result jsonb,
      error text,
      created_at timestamptz NOT NULL,
      ended_at timestamptz,
      PRIMARY KEY (workspace_id, id),
      FOREIGN KEY (workspace_id, session_id) REFERENCES lab_session
    )""")
    op.execute("CREATE INDEX lab_replay_of_session ON lab_replay (workspace_id, session_id, id)")
    tenant_table("engine_claim", append_only=True)
    tenant_table("lab_replay")
    op.execute("ALTER TABLE lab_report ADD COLUMN hash text, ADD COLUMN as_of timestamptz")
    op.execute("ALTER TABLE lab_bakeoff ADD COLUMN session_id uuid")
    op.execute("ALTER TABLE lab_bakeoff DROP CONSTRAINT lab_bakeoff_repeats_check, ADD CHECK (repeats >= 1)")
    op.execute("CREATE INDEX lab_bakeoff_of_session ON lab_bakeoff (workspace_id, session_id, id)")


def downgrade() -> None:
    """Drop them; questions that were asked again stay as bake-offs."""
    op.execute("DROP INDEX lab_bakeoff_of_session")
    op.execute("ALTER TABLE lab_bakeoff DROP CONSTRAINT lab_bakeoff_repeats_check")
    op.execute("ALTER TABLE lab_bakeoff ADD CHECK (repeats >= 3) NOT VALID")
    op.execute("ALTER TABLE lab_bakeoff DROP COLUMN session_id")
    op.execute("ALTER TABLE lab_report DROP COLUMN hash, DROP COLUMN as_of")
    op.execute("DROP TABLE lab_replay, engine_claim")
