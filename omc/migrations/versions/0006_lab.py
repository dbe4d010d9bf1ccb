"""Tables of lab: sessions, their transcript, steps, evidence and reports."""

from alembic import op

from omc.kit.migrate import tenant_table

revision = "0006"
down_revision = "0005"

_APPEND_ONLY = frozenset({"lab_entry", "lab_evidence", "lab_report"})

_TABLES = {
    "lab_session": """
    CREATE TABLE lab_session (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      goal text NOT NULL,
      model text NOT NULL,
      symbol text,
      timeframe text,
      state text NOT NULL CHECK (state IN ('queued', 'running', 'waiting', 'done', 'failed', 'cancelled')),
      epoch integer NOT NULL DEFAULT 0,
      as_of timestamptz NOT NULL,
      plan jsonb NOT NULL DEFAULT '[]',
      steps integer NOT NULL DEFAULT 0,
      tokens_in bigint NOT NULL DEFAULT 0,
      tokens_out bigint NOT NULL DEFAULT 0,
      cost numeric NOT NULL DEFAULT 0,
      error text,
      idempotency_key text,
      opened_by uuid NOT NULL,
      created_at timestamptz NOT NULL,
      ended_at timestamptz,
      PRIMARY KEY (workspace_id, id),
      UNIQUE (workspace_id, idempotency_key)
    )""",
    "lab_entry": """
    CREATE TABLE lab_entry (
      workspace_id uuid NOT NULL,
      session_id uuid NOT NULL,
      position integer NOT NULL,
      kind text NOT NULL CHECK (kind IN ('person', 'model', 'tool')),
      step integer NOT NULL DEFAULT 0,
      seen integer NOT NULL DEFAULT 0,
      calls integer NOT NULL DEFAULT 0,
      asks boolean NOT NULL DEFAULT false,
      reported boolean NOT NULL DEFAULT false,
      body text NOT NULL,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (workspace_id, session_id, position),
      FOREIGN KEY (workspace_id, session_id) REFERENCES lab_session (workspace_id, id)
    )""",
    "lab_step": """
    CREATE TABLE lab_step (
      workspace_id uuid NOT NULL,
      session_id uuid NOT NULL,
      number integer NOT NULL,
      kind text NOT NULL CHECK (kind IN ('model', 'tool')),
      name text NOT NULL,
      title text NOT NULL,
      attempt integer NOT NULL,
      started_at timestamptz NOT NULL,
      finished_at timestamptz,
      ok boolean,
      evidence integer,
      duration_ms integer,
      tokens_in bigint NOT NULL DEFAULT 0,
      tokens_out bigint NOT NULL DEFAULT 0,
      cost numeric NOT NULL DEFAULT 0,
      error text,
      PRIMARY KEY (workspace_id, session_id, number),
      FOREIGN KEY (workspace_id, session_id) REFERENCES lab_session (workspace_id, id)
    )""",
    "lab_evidence": """
    CREATE TABLE lab_evidence (
      workspace_id uuid NOT NULL,
      session_id uuid NOT NULL,
      number integer NOT NULL,
      step integer NOT NULL,
      tool text NOT NULL,
      title text NOT NULL,
      input text NOT NULL,
      output text NOT NULL,
      hash text NOT NULL,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (workspace_id, session_id, number),
      UNIQUE (workspace_id, session_id, step),
      FOREIGN KEY (workspace_id, session_id) REFERENCES lab_session (workspace_id, id)
    )""",
    "lab_report": """
    CREATE TABLE lab_report (
      workspace_id uuid NOT NULL,
      session_id uuid NOT NULL,
      number integer NOT NULL,
      evidence integer NOT NULL,
      document text NOT NULL,
      unverified integer NOT NULL,
      version_id uuid,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (workspace_id, session_id, number),
      FOREIGN KEY (workspace_id, session_id) REFERENCES lab_session (workspace_id, id)
    )""",
}


def upgrade() -> None:
    """Create them."""
    for name, statement in _TABLES.items():
        op.execute(statement)
        tenant_table(name, append_only=name in _APPEND_ONLY)
    op.execute("CREATE UNIQUE INDEX lab_entry_step ON lab_entry (workspace_id, session_id, step) WHERE step > 0")


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE lab_report, lab_evidence, lab_step, lab_entry, lab_session")
