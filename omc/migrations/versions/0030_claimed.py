"""What a provider claims for a call above what was reserved for it: kept beside the cost, booked nowhere."""

from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Add it."""
    op.execute("ALTER TABLE vault_call ADD COLUMN claimed numeric CHECK (claimed > cost)")


def downgrade() -> None:
    """Take it back; the audit trail still tells of each."""
    op.execute("ALTER TABLE vault_call DROP COLUMN claimed")
