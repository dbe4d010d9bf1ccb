"""Observations: numbers under a name, each with the instant it describes and the instant at which it could be known."""

from alembic import op

from omc.kit.migrate import tenant_table

revision = "0015"
down_revision = "0014"

_OBSERVED = """
CREATE TABLE ledgers_observed (
  workspace_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  source text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, id),
  UNIQUE (workspace_id, name)
)
"""

_OBSERVATION = """
CREATE TABLE ledgers_observation (
  workspace_id uuid NOT NULL,
  observed_id uuid NOT NULL,
  ts timestamptz NOT NULL,
  seen_ts timestamptz NOT NULL,
  value double precision NOT NULL,
  PRIMARY KEY (workspace_id, observed_id, ts)
)
"""


def upgrade() -> None:
    """Create the names and their observations, which can only be added."""
    op.execute(_OBSERVED)
    op.execute(_OBSERVATION)
    tenant_table("ledgers_observed", append_only=True)
    tenant_table("ledgers_observation", append_only=True)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE ledgers_observation, ledgers_observed")
