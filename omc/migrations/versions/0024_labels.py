"""How far what a session has read is to be trusted, and whom it may concern: on each entry, and on the session."""

from alembic import op

revision = "0024"
down_revision = "0023"

# Numbers of omc.lab.policy: trust 0 house, 1 person, 2 own, 3 outside; secrecy 0 public, 1 workspace, 2 account.
# What says nothing of itself counts as the worst.
_COLUMNS = """
ALTER TABLE {table}
  ADD COLUMN trust smallint NOT NULL DEFAULT 3 CHECK (trust BETWEEN 0 AND 3),
  ADD COLUMN secrecy smallint NOT NULL DEFAULT 2 CHECK (secrecy BETWEEN 0 AND 2)
"""

# Whoever writes an entry, a session's labels rise to the entry's: also in a copy of a session.
_RISE = """
CREATE FUNCTION lab_labels_rise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE lab_session SET trust = greatest(trust, NEW.trust), secrecy = greatest(secrecy, NEW.secrecy)
  WHERE workspace_id = NEW.workspace_id AND id = NEW.session_id AND (trust < NEW.trust OR secrecy < NEW.secrecy);
  RETURN NULL;
END $$
"""

_STAY = """
CREATE FUNCTION lab_labels_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the labels of session % can only rise', OLD.id USING ERRCODE = 'check_violation';
END $$
"""


def upgrade() -> None:
    """Add them; sessions so far count as having read anything."""
    for table in ("lab_session", "lab_entry"):
        op.execute(_COLUMNS.format(table=table))
    op.execute("ALTER TABLE lab_session ALTER COLUMN trust SET DEFAULT 1, ALTER COLUMN secrecy SET DEFAULT 0")
    op.execute(_RISE)
    op.execute("CREATE TRIGGER rise AFTER INSERT ON lab_entry FOR EACH ROW EXECUTE FUNCTION lab_labels_rise()")
    op.execute(_STAY)
    op.execute(
        "CREATE TRIGGER stay BEFORE UPDATE OF trust, secrecy ON lab_session FOR EACH ROW"
        " WHEN (NEW.trust < OLD.trust OR NEW.secrecy < OLD.secrecy) EXECUTE FUNCTION lab_labels_stay()"
    )


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TRIGGER rise ON lab_entry")
    op.execute("DROP TRIGGER stay ON lab_session")
    op.execute("DROP FUNCTION lab_labels_rise(), lab_labels_stay()")
    for table in ("lab_entry", "lab_session"):
        op.execute(f"ALTER TABLE {table} DROP COLUMN trust, DROP COLUMN secrecy")
