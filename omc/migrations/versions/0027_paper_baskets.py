"""A deployment may trade several symbols on one account: it names every series, and what it holds of each symbol."""

from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Name the series beside the first; all deployments so far had none, and say by themselves what they hold."""
    op.execute("ALTER TABLE floor_deployment ADD COLUMN others uuid[] NOT NULL DEFAULT '{}'")
    op.execute("ALTER TABLE floor_deployment ADD COLUMN holdings jsonb")


def downgrade() -> None:
    """Drop them; what runs on several symbols stops, as it would go on with the first of them only."""
    op.execute("ALTER TABLE floor_deployment NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE floor_deployment SET state = 'stopped' WHERE cardinality(others) > 0 AND state = 'running'")
    op.execute("ALTER TABLE floor_deployment FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE floor_deployment DROP COLUMN others, DROP COLUMN holdings")
