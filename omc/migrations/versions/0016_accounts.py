"""A run may test several symbols on one account: it, and the trial that it is, name every series they look at."""

from alembic import op

revision = "0016"
down_revision = "0015"

_TABLES = ("engine_backtest", "engine_trial")


def upgrade() -> None:
    """Name the series beside the first; all runs so far had none."""
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN others uuid[] NOT NULL DEFAULT '{{}}'")


def downgrade() -> None:
    """Drop them, and the runs that would look like runs of one symbol; their trials still count on the first one."""
    op.execute("ALTER TABLE engine_backtest NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM engine_backtest WHERE cardinality(others) > 0")
    op.execute("ALTER TABLE engine_backtest FORCE ROW LEVEL SECURITY")
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN others")
