"""What a deployment's account carries between bars, the kind and price of orders, and when observations were stored.

Observations of before this are taken to have been there always: nobody noted when they came.
"""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Add the columns; orders of before were all at the market."""
    op.execute("""
    ALTER TABLE floor_deployment
      ADD COLUMN account jsonb,
      ADD COLUMN stop_price numeric,
      ADD COLUMN target_price numeric""")
    op.execute("""
    ALTER TABLE floor_order
      ADD COLUMN kind text NOT NULL DEFAULT 'market'
        CHECK (kind IN ('market', 'limit', 'stop', 'stop_limit', 'target')),
      ADD COLUMN price numeric CHECK (price > 0)""")
    op.execute("ALTER TABLE floor_order ALTER COLUMN kind DROP DEFAULT")
    op.execute("ALTER TABLE ledgers_observation ADD COLUMN stored_ts timestamptz NOT NULL DEFAULT 'epoch'")
    op.execute("ALTER TABLE ledgers_observation ALTER COLUMN stored_ts DROP DEFAULT")


def downgrade() -> None:
    """Drop them."""
    op.execute("ALTER TABLE ledgers_observation DROP COLUMN stored_ts")
    op.execute("ALTER TABLE floor_order DROP COLUMN kind, DROP COLUMN price")
    op.execute("ALTER TABLE floor_deployment DROP COLUMN account, DROP COLUMN stop_price, DROP COLUMN target_price")
