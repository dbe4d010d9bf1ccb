"""Workspaces, people, and what proves who somebody is: sessions, tokens and links, stored as hashes."""

from alembic import op

from omc.kit.migrate import APP_ROLE, tenant_table

revision = "0002"
down_revision = "0001"

_PRESENTED = "current_setting('omc.presented', true)"


def upgrade() -> None:
    """Create the tables and who may see their rows."""
    _create_people()
    _create_proofs()
    _protect_people()
    tenant_table("identity_member", policy=f"person_id::text = {_PRESENTED}")
    for proof in ("identity_session", "identity_token", "identity_link"):
        tenant_table(proof, policy=f"token_hash = {_PRESENTED}")


def _create_people() -> None:
    op.execute("""
    CREATE TABLE identity_workspace (
      id uuid PRIMARY KEY,
      name text NOT NULL,
      created_at timestamptz NOT NULL
    )""")
    op.execute("""
    CREATE TABLE identity_person (
      id uuid PRIMARY KEY,
      email text UNIQUE,
      name text NOT NULL,
      password_hash text,
      created_at timestamptz NOT NULL
    )""")
    # A member is written before the person: a person's row is visible and writable only through a membership.
    op.execute("""
    CREATE TABLE identity_member (
      workspace_id uuid NOT NULL REFERENCES identity_workspace,
      person_id uuid NOT NULL REFERENCES identity_person DEFERRABLE INITIALLY DEFERRED,
      role text NOT NULL,
      joined_at timestamptz NOT NULL,
      PRIMARY KEY (workspace_id, person_id)
    )""")
    op.execute("CREATE INDEX identity_member_person ON identity_member (person_id)")
    op.execute("""
    CREATE TABLE identity_installation (
      single boolean PRIMARY KEY DEFAULT true CHECK (single),
      home_workspace uuid NOT NULL REFERENCES identity_workspace DEFERRABLE INITIALLY DEFERRED,
      home_owner uuid NOT NULL REFERENCES identity_person DEFERRABLE INITIALLY DEFERRED,
      claimed_at timestamptz
    )""")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON identity_installation TO {APP_ROLE}")


def _create_proofs() -> None:
    op.execute("""
    CREATE TABLE identity_session (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      person_id uuid NOT NULL,
      token_hash text NOT NULL UNIQUE,
      scopes text[] NOT NULL,
      opened_by text NOT NULL,
      agent text NOT NULL,
      created_at timestamptz NOT NULL,
      seen_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL,
      PRIMARY KEY (workspace_id, id),
      FOREIGN KEY (workspace_id, person_id) REFERENCES identity_member ON DELETE CASCADE
    )""")
    op.execute("""
    CREATE TABLE identity_token (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      person_id uuid NOT NULL,
      name text NOT NULL,
      hint text NOT NULL,
      token_hash text NOT NULL UNIQUE,
      scopes text[] NOT NULL,
      created_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL,
      PRIMARY KEY (workspace_id, id),
      FOREIGN KEY (workspace_id, person_id) REFERENCES identity_member ON DELETE CASCADE
    )""")
    op.execute("""
    CREATE TABLE identity_link (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      person_id uuid NOT NULL,
      token_hash text NOT NULL UNIQUE,
      created_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL,
      used_at timestamptz,
      PRIMARY KEY (workspace_id, id),
      FOREIGN KEY (workspace_id, person_id) REFERENCES identity_member ON DELETE CASCADE
    )""")


def _protect_people() -> None:
    """Workspaces and people carry no workspace of their own: seen by members, or by whoever presents the address."""
    own = "id = NULLIF(current_setting('omc.workspace', true), '')::uuid"
    member = "EXISTS (SELECT FROM identity_member AS member WHERE member.person_id = identity_person.id)"
    for table, written, seen in (
        ("identity_workspace", own, own),
        ("identity_person", member, f"{member} OR email = {_PRESENTED}"),
    ):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY seen ON {table} FOR SELECT USING ({seen})")
        op.execute(f"CREATE POLICY added ON {table} FOR INSERT WITH CHECK ({written})")
        op.execute(f"CREATE POLICY changed ON {table} FOR UPDATE USING ({written}) WITH CHECK ({written})")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO {APP_ROLE}")


def downgrade() -> None:
    """Drop all of it."""
    op.execute("DROP TABLE identity_link, identity_token, identity_session, identity_installation")
    op.execute("DROP POLICY seen ON identity_person")
    op.execute("DROP POLICY added ON identity_person")
    op.execute("DROP POLICY changed ON identity_person")
    op.execute("DROP TABLE identity_member, identity_person, identity_workspace")
