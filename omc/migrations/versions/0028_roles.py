"""A session's roles may have models of their own."""

from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Name the models by role; sessions so far had one model for all."""
    op.execute("ALTER TABLE lab_session ADD COLUMN roles jsonb")


def downgrade() -> None:
    """Drop them: every role answers by the session's model."""
    op.execute("ALTER TABLE lab_session DROP COLUMN roles")
