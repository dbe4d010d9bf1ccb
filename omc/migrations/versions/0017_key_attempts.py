"""Changes and tests of keys are counted for all processes, and a key knows until when its provider is to be left be."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the counts and the time; a key without one that was asked to slow down has rested by now."""
    op.execute("CREATE TABLE vault_attempt (person_id uuid NOT NULL, kind text NOT NULL, ts timestamptz NOT NULL)")
    op.execute("CREATE INDEX vault_attempt_person ON vault_attempt (person_id, kind, ts)")
    op.execute("GRANT SELECT, INSERT, DELETE ON vault_attempt TO omc_app")
    op.execute("ALTER TABLE vault_credential ADD COLUMN limited_until timestamptz")


def downgrade() -> None:
    """Forget both."""
    op.execute("ALTER TABLE vault_credential DROP COLUMN limited_until")
    op.execute("DROP TABLE vault_attempt")
