"""Bake-offs: the same task by several models, several times each."""

from alembic import op

from omc.kit.migrate import tenant_table

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Create them."""
    op.execute("""
    CREATE TABLE lab_bakeoff (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      goal text NOT NULL,
      symbol text,
      timeframe text,
      entries jsonb NOT NULL,
      repeats integer NOT NULL CHECK (repeats >= 3),
      cap numeric NOT NULL CHECK (cap > 0),
      as_of timestamptz NOT NULL,
      created_by uuid NOT NULL,
      created_at timestamptz NOT NULL,
      cancelled_at timestamptz,
      PRIMARY KEY (workspace_id, id)
    )""")
    op.execute("""
    CREATE TABLE lab_bakeoff_run (
      workspace_id uuid NOT NULL,
      bakeoff_id uuid NOT NULL,
      entry integer NOT NULL,
      repeat integer NOT NULL,
      session_id uuid NOT NULL,
      PRIMARY KEY (workspace_id, bakeoff_id, entry, repeat),
      FOREIGN KEY (workspace_id, bakeoff_id) REFERENCES lab_bakeoff,
      FOREIGN KEY (workspace_id, session_id) REFERENCES lab_session
    )""")
    tenant_table("lab_bakeoff")
    tenant_table("lab_bakeoff_run", append_only=True)


def downgrade() -> None:
    """Drop them; their sessions stay."""
    op.execute("DROP TABLE lab_bakeoff_run, lab_bakeoff")
