"""The floor: deployments, their orders and fills, and the kill switch."""

from alembic import op

from omc.kit.migrate import tenant_table

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create them; a fill is never changed."""
    _deployments()
    _orders()
    op.execute("""
    CREATE TABLE floor_switch (
      workspace_id uuid PRIMARY KEY,
      thrown boolean NOT NULL,
      changed_by text NOT NULL,
      changed_ts timestamptz NOT NULL
    )""")
    tenant_table("floor_deployment")
    tenant_table("floor_order")
    tenant_table("floor_fill", append_only=True)
    tenant_table("floor_switch")


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE floor_switch, floor_fill, floor_order, floor_deployment")


def _deployments() -> None:
    op.execute("""
    CREATE TABLE floor_deployment (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      name text NOT NULL,
      version_id uuid NOT NULL,
      series_id uuid NOT NULL,
      symbol text NOT NULL,
      feed text NOT NULL,
      state text NOT NULL,
      card jsonb NOT NULL,
      digest text NOT NULL,
      created_by text NOT NULL,
      created_ts timestamptz NOT NULL,
      ended_ts timestamptz,
      error text,
      history_ts timestamptz NOT NULL,
      start_ts timestamptz NOT NULL,
      end_ts timestamptz,
      speed integer NOT NULL,
      step bigint NOT NULL,
      stepped_ts timestamptz NOT NULL,
      cursor_ts timestamptz,
      price numeric,
      cash numeric NOT NULL,
      position numeric NOT NULL,
      equity numeric NOT NULL,
      day text NOT NULL,
      day_equity numeric NOT NULL,
      orders integer NOT NULL,
      fills integer NOT NULL,
      PRIMARY KEY (workspace_id, id)
    )""")
    op.execute("""
    CREATE UNIQUE INDEX floor_deployment_once ON floor_deployment (workspace_id, digest) WHERE state = 'running'""")


def _orders() -> None:
    op.execute("""
    CREATE TABLE floor_order (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      deployment_id uuid NOT NULL,
      bar_ts timestamptz NOT NULL,
      ts timestamptz NOT NULL,
      day text NOT NULL,
      symbol text NOT NULL,
      side text NOT NULL,
      quantity numeric,
      budget numeric,
      status text NOT NULL,
      filled numeric NOT NULL,
      reason_code text,
      reason_text text,
      updated_ts timestamptz NOT NULL,
      PRIMARY KEY (workspace_id, id),
      FOREIGN KEY (workspace_id, deployment_id) REFERENCES floor_deployment
    )""")
    op.execute("CREATE INDEX floor_order_deployment ON floor_order (workspace_id, deployment_id, bar_ts)")
    op.execute("""
    CREATE TABLE floor_fill (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      deployment_id uuid NOT NULL,
      order_id uuid NOT NULL,
      ts timestamptz NOT NULL,
      side text NOT NULL,
      price numeric NOT NULL,
      quantity numeric NOT NULL,
      fee numeric NOT NULL,
      fee_asset text NOT NULL,
      fact_id uuid NOT NULL,
      PRIMARY KEY (workspace_id, id),
      FOREIGN KEY (workspace_id, order_id) REFERENCES floor_order,
      FOREIGN KEY (workspace_id, fact_id) REFERENCES books_fact
    )""")
    op.execute("CREATE INDEX floor_fill_deployment ON floor_fill (workspace_id, deployment_id, ts, id)")
