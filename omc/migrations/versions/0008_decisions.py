"""What a person decides short of approving: a version denied or open again, entries paused, a position to be closed."""

from alembic import op

from omc.kit.migrate import tenant_table

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the reviews, which can only be added; give the kill switch its levels and a deployment its last wish."""
    op.execute("""
    CREATE TABLE engine_review (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      version_id uuid NOT NULL,
      outcome text NOT NULL CHECK (outcome IN ('denied', 'reopened')),
      reason text NOT NULL,
      reviewed_by text NOT NULL,
      reviewed_at timestamptz NOT NULL,
      PRIMARY KEY (workspace_id, id),
      FOREIGN KEY (workspace_id, version_id) REFERENCES engine_version
    )""")
    op.execute("CREATE INDEX engine_review_version ON engine_review (workspace_id, version_id, id)")
    tenant_table("engine_review", append_only=True)
    op.execute("""
    ALTER TABLE floor_switch ADD COLUMN level text NOT NULL DEFAULT 'all' CHECK (level IN ('entries', 'all'))""")
    op.execute("ALTER TABLE floor_deployment ADD COLUMN closing boolean NOT NULL DEFAULT false")


def downgrade() -> None:
    """Drop them."""
    op.execute("ALTER TABLE floor_deployment DROP COLUMN closing")
    op.execute("ALTER TABLE floor_switch DROP COLUMN level")
    op.execute("DROP TABLE engine_review")
