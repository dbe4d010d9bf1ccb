"""Market knowledge: series, their bars, the files they came from, and the rows left out.

No foreign key leads from a bar to its series: checking it costs more than storing the bar, and one module inserts.
"""

from alembic import op

from omc.kit.migrate import tenant_table

revision = "0003"
down_revision = "0002"

_SERIES = """
CREATE TABLE ledgers_series (
  workspace_id uuid NOT NULL,
  id uuid NOT NULL,
  venue text NOT NULL,
  symbol text NOT NULL,
  timeframe text NOT NULL,
  variant text NOT NULL DEFAULT '',
  timeframe_ms bigint NOT NULL CHECK (timeframe_ms > 0),
  origin text NOT NULL CHECK (origin IN ('imported', 'synthetic')),
  label text NOT NULL,
  bars bigint NOT NULL DEFAULT 0,
  first_ts timestamptz,
  last_ts timestamptz,
  gaps bigint NOT NULL DEFAULT 0,
  missing bigint NOT NULL DEFAULT 0,
  quarantined bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, id),
  UNIQUE (workspace_id, symbol, timeframe, venue, variant)
)
"""

_BAR = """
CREATE TABLE ledgers_bar (
  workspace_id uuid NOT NULL,
  series_id uuid NOT NULL,
  ts timestamptz NOT NULL,
  seen_ts timestamptz NOT NULL,
  open double precision NOT NULL,
  high double precision NOT NULL,
  low double precision NOT NULL,
  close double precision NOT NULL,
  volume double precision NOT NULL,
  PRIMARY KEY (workspace_id, series_id, ts)
)
"""

_IMPORT = """
CREATE TABLE ledgers_import (
  workspace_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  sha256 text NOT NULL,
  said text NOT NULL,
  size_bytes bigint NOT NULL,
  status text NOT NULL CHECK (status IN ('kept', 'partly', 'refused', 'unchanged')),
  rows_read bigint NOT NULL,
  rows_kept bigint NOT NULL,
  rows_unchanged bigint NOT NULL,
  rows_quarantined bigint NOT NULL,
  series uuid[] NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, id)
)
"""

_QUARANTINE = """
CREATE TABLE ledgers_quarantine (
  workspace_id uuid NOT NULL,
  import_id uuid NOT NULL,
  number bigint NOT NULL,
  line bigint NOT NULL,
  code text NOT NULL,
  reason text NOT NULL,
  raw text NOT NULL,
  kept boolean NOT NULL,
  PRIMARY KEY (workspace_id, import_id, number),
  FOREIGN KEY (workspace_id, import_id) REFERENCES ledgers_import
)
"""


def upgrade() -> None:
    """Create the four tables; bars, imports and quarantined rows can only be added."""
    op.execute(_SERIES)
    op.execute(_BAR)
    op.execute(_IMPORT)
    op.execute("CREATE INDEX ledgers_import_content ON ledgers_import (workspace_id, sha256)")
    op.execute(_QUARANTINE)
    tenant_table("ledgers_series")
    tenant_table("ledgers_bar", append_only=True)
    tenant_table("ledgers_import", append_only=True)
    tenant_table("ledgers_quarantine", append_only=True)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE ledgers_quarantine, ledgers_import, ledgers_bar, ledgers_series")
