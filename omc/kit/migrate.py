"""Bringing the schema up and down, and the one way in which a tenant's table is protected."""

from pathlib import Path

from alembic import command, op
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

APP_ROLE = "omc_app"
_SCRIPTS = Path(__file__).parent.parent / "migrations"
_LOCK = 7_301_984_226  # any fixed number: two migrating processes take turns


def tenant_table(name: str, *, append_only: bool = False, policy: str = "") -> None:
    """Force row security on a table with a `workspace_id`, and grant the app role its verbs; call in a migration.

    `policy` adds an alternative to the workspace's own rows, for rows that are found before the workspace is known.
    """
    own = "workspace_id = NULLIF(current_setting('omc.workspace', true), '')::uuid"
    seen = f"{own} OR ({policy})" if policy else own
    verbs = "SELECT, INSERT" if append_only else "SELECT, INSERT, UPDATE, DELETE"
    op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY workspace ON {name} USING ({seen}) WITH CHECK ({own})")
    op.execute(f"GRANT {verbs} ON {name} TO {APP_ROLE}")


def upgrade(owner_url: str, revision: str = "head") -> None:
    """Migrate the database to `revision` as its owner; a second process that does the same waits its turn."""
    _run(owner_url, revision, up=True)


def downgrade(owner_url: str, revision: str) -> None:
    """Migrate the database down to `revision` (`base` for nothing)."""
    _run(owner_url, revision, up=False)


def head() -> str:
    """Return the newest revision that this installation knows."""
    newest = ScriptDirectory(str(_SCRIPTS)).get_current_head()
    assert newest is not None
    return newest


def _run(owner_url: str, revision: str, *, up: bool) -> None:
    engine = create_engine(make_url(owner_url).set(drivername="postgresql+psycopg"))
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            config.attributes["connection"] = connection
            (command.upgrade if up else command.downgrade)(config, revision)
    finally:
        engine.dispose()
