"""Which root keys stored keys are sealed under: a start can tell that one is missing, and a rotation finds all."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the list of roots, and show a credential's row to whoever presents the root that sealed it.

    The foreign key is checked beyond row security: a root leaves the list only when no workspace has a key under it.
    """
    op.execute("CREATE TABLE vault_root (id text PRIMARY KEY, first_used_at timestamptz NOT NULL)")
    op.execute("GRANT SELECT, INSERT, DELETE ON vault_root TO omc_app")
    op.execute("INSERT INTO vault_root SELECT DISTINCT root_id, now() FROM vault_credential WHERE root_id IS NOT NULL")
    op.execute(
        "ALTER TABLE vault_credential ADD CONSTRAINT vault_credential_root FOREIGN KEY (root_id) REFERENCES vault_root"
    )
    op.execute("CREATE INDEX vault_credential_root ON vault_credential (root_id)")
    op.execute("""
    CREATE POLICY root ON vault_credential FOR SELECT
    USING (root_id = NULLIF(current_setting('omc.presented', true), ''))""")


def downgrade() -> None:
    """Forget the list."""
    op.execute("DROP POLICY root ON vault_credential")
    op.execute("ALTER TABLE vault_credential DROP CONSTRAINT vault_credential_root")
    op.execute("DROP INDEX vault_credential_root")
    op.execute("DROP TABLE vault_root")
