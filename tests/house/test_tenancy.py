"""The database refuses: every tenant's table has forced row security, and the app's role owns nothing."""

import psycopg
import pytest

from omc.kit.migrate import downgrade, head, upgrade

# Tables that belong to no workspace, each with the reason.
SHARED = {
    "alembic_version": "the schema's own revision",
    "identity_installation": "one row: the workspace and owner that the installation made for itself",
    "identity_person": "a person may belong to several workspaces; visible by what is presented only",
    "identity_workspace": "the workspaces themselves; visible to their own members only",
    "vault_attempt": "how often a person changed or tested keys in the last hour, in whichever workspace",
    "vault_root": "ids of root keys, which belong to the installation",
    "procrastinate_jobs": "ids only",
    "procrastinate_events": "ids only",
    "procrastinate_workers": "ids only",
    "procrastinate_periodic_defers": "ids only",
}

_TABLES = """
SELECT c.relname AS name, c.relrowsecurity, c.relforcerowsecurity, pg_get_userbyid(c.relowner) AS owner,
  EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'workspace_id') AS tenant,
  EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid) AS policed
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
"""


_COLUMNS = """
SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2
"""


@pytest.fixture
def tables(owner_url: str) -> list[tuple[str, bool, bool, str, bool, bool]]:
    with psycopg.connect(owner_url) as connection:
        return connection.execute(_TABLES).fetchall()


def test_every_tenant_table_has_forced_row_security_and_a_policy(
    tables: list[tuple[str, bool, bool, str, bool, bool]],
) -> None:
    bare = [
        name for name, secured, forced, _, tenant, policed in tables if tenant and not (secured and forced and policed)
    ]
    assert not bare


def test_every_other_table_is_shared_for_a_reason(tables: list[tuple[str, bool, bool, str, bool, bool]]) -> None:
    assert {name for name, _, _, _, tenant, _ in tables if not tenant} <= set(SHARED)


def test_the_app_role_owns_nothing_and_bypasses_nothing(
    owner_url: str, tables: list[tuple[str, bool, bool, str, bool, bool]]
) -> None:
    with psycopg.connect(owner_url) as connection:
        role = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'omc_app'"
        ).fetchone()
    assert role == (False, False, False, False)
    assert all(owner != "omc_app" for _, _, _, owner, _, _ in tables)


def test_the_schema_goes_up_down_and_up(empty_url: str) -> None:
    upgrade(empty_url)
    first = described(empty_url)
    downgrade(empty_url, "base")
    assert described(empty_url) == [("alembic_version", "version_num")]
    upgrade(empty_url)
    assert described(empty_url) == first
    with psycopg.connect(empty_url) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(head(),)]


def described(url: str) -> list[tuple[str, str]]:
    with psycopg.connect(url) as connection:
        return connection.execute(_COLUMNS).fetchall()
