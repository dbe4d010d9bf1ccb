"""Seals belong to the ledgers: whoever reads bars ends before them, whichever series of the market they were set on."""

from alembic import op

revision = "0013"
down_revision = "0012"

_RENAMED = {"engine_seal": "ledgers_seal", "engine_seal_broken": "ledgers_seal_broken"}


def upgrade() -> None:
    """Hand the two tables over as they are, with their grants and policies."""
    for old, new in _RENAMED.items():
        op.execute(f"ALTER TABLE {old} RENAME TO {new}")
    op.execute("ALTER INDEX engine_seal_series RENAME TO ledgers_seal_series")


def downgrade() -> None:
    """Hand them back."""
    op.execute("ALTER INDEX ledgers_seal_series RENAME TO engine_seal_series")
    for old, new in _RENAMED.items():
        op.execute(f"ALTER TABLE {new} RENAME TO {old}")
