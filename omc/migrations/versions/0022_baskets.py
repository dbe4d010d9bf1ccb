"""A search and a verdict may be of several symbols on one account: each names every series that it looks at."""

from alembic import op

revision = "0022"
down_revision = "0021"

_TABLES = ("engine_sweep", "engine_validation", "engine_verdict")
_SEVERAL = "cardinality(others) > 0"


def upgrade() -> None:
    """Name the series beside the first; all of them so far had none."""
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN others uuid[] NOT NULL DEFAULT '{{}}'")


def downgrade() -> None:
    """Drop them, and what would look as if it were of one symbol; the trials still count."""
    for table in ("engine_sweep_row", *_TABLES):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(f"DELETE FROM engine_sweep_row WHERE sweep_id IN (SELECT id FROM engine_sweep WHERE {_SEVERAL})")
    for table in _TABLES:
        op.execute(f"DELETE FROM {table} WHERE {_SEVERAL}")
    for table in ("engine_sweep_row", *_TABLES):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN others")
