"""Tables of books."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create them."""


def downgrade() -> None:
    """Drop them."""
