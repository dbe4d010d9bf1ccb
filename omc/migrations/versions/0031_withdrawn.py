"""A session that is changed withdraws what it proposed: a version that nobody proposes any more is not approved."""

from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Add it."""
    op.execute("ALTER TABLE engine_claim ADD COLUMN withdrawn boolean NOT NULL DEFAULT false")


def downgrade() -> None:
    """Take it back."""
    op.execute("ALTER TABLE engine_claim DROP COLUMN withdrawn")
