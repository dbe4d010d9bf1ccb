"""A person's own models: sealed keys, presets, prices, caps, what was reserved and spent, and who uses them."""

from alembic import op

from omc.kit.migrate import tenant_table

revision = "0009"
down_revision = "0008"

_TABLES = {
    "vault_credential": """
    CREATE TABLE vault_credential (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      provider text NOT NULL,
      name text NOT NULL,
      base_url text,
      hint text NOT NULL DEFAULT '',
      sealed bytea,
      root_id text,
      version integer NOT NULL DEFAULT 1,
      state text NOT NULL CHECK (state IN
        ('working', 'not_tested', 'rejected', 'rate_limited', 'no_credit', 'unreachable')),
      note text NOT NULL DEFAULT '',
      free boolean NOT NULL DEFAULT false,
      is_default boolean NOT NULL DEFAULT false,
      default_model text,
      models jsonb NOT NULL DEFAULT '[]',
      monthly_budget numeric CHECK (monthly_budget >= 0),
      latency_ms integer,
      created_by uuid NOT NULL,
      created_at timestamptz NOT NULL,
      verified_at timestamptz,
      last_used_at timestamptz,
      removed_at timestamptz,
      PRIMARY KEY (workspace_id, id),
      CHECK ((sealed IS NULL) = (root_id IS NULL)),
      CHECK (removed_at IS NULL OR (sealed IS NULL AND NOT is_default)),
      CHECK (NOT is_default OR state <> 'not_tested')
    )""",
    "vault_preset": """
    CREATE TABLE vault_preset (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      name text NOT NULL,
      credential_id uuid,
      model text,
      temperature numeric,
      max_tokens integer,
      top_p numeric,
      effort text,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (workspace_id, id),
      FOREIGN KEY (workspace_id, credential_id) REFERENCES vault_credential
    )""",
    "vault_price": """
    CREATE TABLE vault_price (
      workspace_id uuid NOT NULL,
      credential_id uuid NOT NULL,
      model text NOT NULL,
      input numeric NOT NULL CHECK (input >= 0),
      output numeric NOT NULL CHECK (output >= 0),
      cache_read numeric CHECK (cache_read >= 0),
      cache_write numeric CHECK (cache_write >= 0),
      set_by uuid NOT NULL,
      set_at timestamptz NOT NULL,
      PRIMARY KEY (workspace_id, credential_id, model),
      FOREIGN KEY (workspace_id, credential_id) REFERENCES vault_credential
    )""",
    "vault_cap": """
    CREATE TABLE vault_cap (
      workspace_id uuid NOT NULL PRIMARY KEY,
      per_call numeric CHECK (per_call >= 0),
      per_session numeric CHECK (per_session >= 0),
      per_day numeric CHECK (per_day >= 0),
      per_month numeric CHECK (per_month >= 0),
      changed_by uuid NOT NULL,
      changed_at timestamptz NOT NULL
    )""",
    "vault_budget": """
    CREATE TABLE vault_budget (
      workspace_id uuid NOT NULL,
      scope text NOT NULL,
      spent numeric NOT NULL DEFAULT 0 CHECK (spent >= 0),
      reserved numeric NOT NULL DEFAULT 0 CHECK (reserved >= 0),
      PRIMARY KEY (workspace_id, scope)
    )""",
    "vault_call": """
    CREATE TABLE vault_call (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      session_id uuid,
      step integer NOT NULL DEFAULT 0,
      attempt integer NOT NULL DEFAULT 1,
      tried integer NOT NULL DEFAULT 1,
      credential_id uuid NOT NULL,
      provider text NOT NULL,
      model text NOT NULL,
      purpose text NOT NULL,
      scopes text[] NOT NULL,
      state text NOT NULL CHECK (state IN ('reserved', 'settled', 'lost')),
      reserved numeric NOT NULL CHECK (reserved >= 0),
      cost numeric CHECK (cost >= 0),
      price jsonb NOT NULL,
      tokens_input bigint NOT NULL DEFAULT 0,
      tokens_cache_read bigint NOT NULL DEFAULT 0,
      tokens_cache_write bigint NOT NULL DEFAULT 0,
      tokens_output bigint NOT NULL DEFAULT 0,
      tokens_reasoning bigint NOT NULL DEFAULT 0,
      measured boolean NOT NULL DEFAULT false,
      latency_ms integer,
      first_token_ms integer,
      finish text,
      failure text,
      started_at timestamptz NOT NULL,
      finished_at timestamptz,
      PRIMARY KEY (workspace_id, id),
      FOREIGN KEY (workspace_id, credential_id) REFERENCES vault_credential,
      CHECK ((state = 'reserved') = (cost IS NULL))
    )""",
}

_SESSION_STATES = "'queued', 'running', 'waiting', 'done', 'failed', 'cancelled'"


def upgrade() -> None:
    """Create them, and let a session name its key, its preset, its cap and what follows when its model fails."""
    for name, statement in _TABLES.items():
        op.execute(statement)
        tenant_table(name)
    op.execute("""
    CREATE UNIQUE INDEX vault_credential_name ON vault_credential (workspace_id, lower(name))
    WHERE removed_at IS NULL""")
    op.execute("CREATE UNIQUE INDEX vault_credential_default ON vault_credential (workspace_id) WHERE is_default")
    op.execute("CREATE UNIQUE INDEX vault_preset_name ON vault_preset (workspace_id, lower(name))")
    op.execute("CREATE INDEX vault_call_session ON vault_call (workspace_id, session_id, step)")
    op.execute("CREATE INDEX vault_call_time ON vault_call (workspace_id, started_at)")
    op.execute("""
    ALTER TABLE lab_session
      ADD COLUMN credential_id uuid,
      ADD COLUMN preset jsonb,
      ADD COLUMN cap numeric CHECK (cap >= 0),
      ADD COLUMN fallback jsonb,
      ADD FOREIGN KEY (workspace_id, credential_id) REFERENCES vault_credential""")
    _states(f"{_SESSION_STATES}, 'budget_reached'")


def downgrade() -> None:
    """Drop them; a session that ended at its cap is shown as failed."""
    op.execute("UPDATE lab_session SET state = 'failed' WHERE state = 'budget_reached'")
    _states(_SESSION_STATES)
    op.execute("""
    ALTER TABLE lab_session
      DROP COLUMN credential_id, DROP COLUMN preset, DROP COLUMN cap, DROP COLUMN fallback""")
    op.execute("DROP TABLE vault_call, vault_budget, vault_cap, vault_price, vault_preset, vault_credential")


def _states(allowed: str) -> None:
    op.execute("ALTER TABLE lab_session DROP CONSTRAINT lab_session_state_check")
    op.execute(f"ALTER TABLE lab_session ADD CONSTRAINT lab_session_state_check CHECK (state IN ({allowed}))")
