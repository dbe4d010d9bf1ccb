"""The books: facts, their balanced legs, and marks. Nothing here is ever updated or deleted."""

from alembic import op

from omc.kit.migrate import tenant_table

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the three tables."""
    _facts()
    _legs()
    op.execute("""
    CREATE TABLE books_mark (
      workspace_id uuid NOT NULL,
      account text NOT NULL,
      asset text NOT NULL,
      currency text NOT NULL,
      ts timestamptz NOT NULL,
      learned_ts timestamptz NOT NULL,
      price numeric NOT NULL CHECK (price >= 0),
      source text NOT NULL,
      PRIMARY KEY (workspace_id, account, asset, currency, ts)
    )""")
    for table in ("books_fact", "books_leg", "books_mark"):
        tenant_table(table, append_only=True)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE books_mark, books_leg, books_fact")
    op.execute("DROP FUNCTION books_leg_balance()")


def _facts() -> None:
    op.execute("""
    CREATE TABLE books_fact (
      workspace_id uuid NOT NULL,
      id uuid NOT NULL,
      arrival bigint GENERATED ALWAYS AS IDENTITY,
      kind text NOT NULL,
      account text NOT NULL,
      strategy text NOT NULL,
      venue text NOT NULL,
      client_id text NOT NULL,
      asset text NOT NULL,
      currency text NOT NULL,
      happened_ts timestamptz NOT NULL,
      learned_ts timestamptz NOT NULL,
      content jsonb NOT NULL,
      digest text NOT NULL,
      PRIMARY KEY (workspace_id, id),
      UNIQUE (workspace_id, account, client_id)
    )""")
    op.execute("CREATE INDEX books_fact_order ON books_fact (workspace_id, currency, happened_ts, arrival)")
    op.execute("CREATE INDEX books_fact_arrival ON books_fact (workspace_id, arrival)")


def _legs() -> None:
    """Create the legs, and let the database itself refuse those that do not balance."""
    op.execute("""
    CREATE TABLE books_leg (
      workspace_id uuid NOT NULL,
      fact_id uuid NOT NULL,
      position smallint NOT NULL,
      account text NOT NULL,
      kind text NOT NULL,
      asset text NOT NULL,
      amount numeric NOT NULL,
      PRIMARY KEY (workspace_id, fact_id, position),
      FOREIGN KEY (workspace_id, fact_id) REFERENCES books_fact
    )""")
    op.execute("CREATE INDEX books_leg_account ON books_leg (workspace_id, account, asset)")
    op.execute("""
    CREATE FUNCTION books_leg_balance() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF EXISTS (SELECT FROM added GROUP BY workspace_id, fact_id, asset HAVING sum(amount) <> 0) THEN
        RAISE EXCEPTION 'the legs of a fact must sum to zero in every asset' USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END $$""")
    op.execute("""
    CREATE TRIGGER balance AFTER INSERT ON books_leg REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION books_leg_balance()""")
