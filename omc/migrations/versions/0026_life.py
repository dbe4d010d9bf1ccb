"""The life of a session: paused, renamed, put away, forked, rerun from an earlier step, searched, and on a schedule."""

from alembic import op

from omc.kit.migrate import tenant_table

revision = "0026"
down_revision = "0025"

_STATES = "'queued', 'running', 'waiting', 'done', 'failed', 'cancelled', 'budget_reached'"
_KINDS = "'person', 'model', 'tool'"

# What a search reads: a person's and a model's words, and those of a report; never arguments or results of tools.
_SAID = """
CASE kind
  WHEN 'person' THEN body::jsonb->>'text'
  WHEN 'model' THEN
    jsonb_path_query_array(body::jsonb, '$.response.parts[*] ? (@.part_kind == "text").content')::text
END
"""
_WRITTEN = """
(jsonb_path_query_array(document::jsonb, '$.answer')
  || jsonb_path_query_array(document::jsonb, '$.sections[*].title')
  || jsonb_path_query_array(document::jsonb, '$.sections[*].blocks[*].text')
  || jsonb_path_query_array(document::jsonb, '$.limitations[*]'))::text
"""


def upgrade() -> None:
    """Add what a session, an entry and a report say of it, and the table of schedules."""
    _check("lab_session", "state", f"{_STATES}, 'paused'")
    _check("lab_entry", "kind", f"{_KINDS}, 'branch'")
    op.execute("""
    ALTER TABLE lab_session
      ADD COLUMN title text,
      ADD COLUMN archived_at timestamptz,
      ADD COLUMN halting text CHECK (halting IN ('paused', 'cancelled')),
      ADD COLUMN stop_reason text,
      ADD COLUMN origin jsonb""")
    op.execute(f"""
    ALTER TABLE lab_entry
      ADD COLUMN cut integer NOT NULL DEFAULT 0,
      ADD COLUMN said text GENERATED ALWAYS AS ({_SAID}) STORED""")
    op.execute(f"""
    ALTER TABLE lab_report
      ADD COLUMN position integer NOT NULL DEFAULT 0,
      ADD COLUMN said text GENERATED ALWAYS AS ({_WRITTEN}) STORED""")
    op.execute("CREATE INDEX lab_entry_branch ON lab_entry (workspace_id, session_id, position) WHERE cut > 0")
    _place_reports()
    _schedules()


def _place_reports() -> None:
    for table in ("lab_entry", "lab_report"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute("""
    UPDATE lab_report AS report SET position = coalesce((
      SELECT max(position) FROM lab_entry AS entry
      WHERE entry.workspace_id = report.workspace_id AND entry.session_id = report.session_id
        AND entry.created_at < report.created_at), 0)""")
    for table in ("lab_entry", "lab_report"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _schedules() -> None:
    op.execute("""
    CREATE TABLE lab_schedule (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      goal text NOT NULL,
      model text NOT NULL,
      credential_id uuid,
      preset_id uuid,
      cap numeric CHECK (cap > 0),
      fallback jsonb,
      symbol text,
      timeframe text,
      weekday smallint CHECK (weekday BETWEEN 0 AND 6),
      minute smallint NOT NULL CHECK (minute BETWEEN 0 AND 1439),
      next_at timestamptz NOT NULL,
      paused_at timestamptz,
      last_due timestamptz,
      last_session uuid,
      last_missed integer NOT NULL DEFAULT 0,
      problem text,
      idempotency_key text,
      created_by uuid NOT NULL,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (workspace_id, id),
      UNIQUE (workspace_id, idempotency_key)
    )""")
    tenant_table("lab_schedule")


def downgrade() -> None:
    """Drop them; a paused session is shown as failed, and what was stale is told like the rest."""
    op.execute("DROP TABLE lab_schedule")
    for table in ("lab_session", "lab_entry"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE lab_session SET state = 'failed' WHERE state = 'paused'")
    op.execute("DELETE FROM lab_entry WHERE kind = 'branch'")
    for table in ("lab_session", "lab_entry"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE lab_report DROP COLUMN position, DROP COLUMN said")
    op.execute("ALTER TABLE lab_entry DROP COLUMN cut, DROP COLUMN said")
    op.execute("""
    ALTER TABLE lab_session
      DROP COLUMN title, DROP COLUMN archived_at, DROP COLUMN halting, DROP COLUMN stop_reason, DROP COLUMN origin""")
    _check("lab_entry", "kind", _KINDS)
    _check("lab_session", "state", _STATES)


def _check(table: str, column: str, values: str) -> None:
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_check")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_check CHECK ({column} IN ({values}))")
