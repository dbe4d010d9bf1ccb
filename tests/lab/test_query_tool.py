"""SQL over the session's data: what a statement may read, and that it can do nothing else."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import duckdb
import pytest

from omc.core.ids import SessionId, WorkspaceId
from omc.core.market import Span
from omc.engine import exams
from omc.kit.clock import utc_now
from omc.kit.errors import Refusal
from omc.kit.ids import new_id
from omc.kit.work import Context
from omc.lab.tools.base import ToolContext
from omc.lab.tools.query import MAX_ROWS, answered, query_data
from omc.lab.tools.query_process import Refused, check, opened
from omc.ledgers.rules import Series

HOSTILE = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv_auto('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/proc/self/environ')",
    "SELECT * FROM read_json('/etc/passwd')",
    "SELECT * FROM parquet_scan('/etc/passwd')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM 'https://example.com/x.parquet'",
    "SELECT * FROM read_csv('https://example.com/x.csv')",
    "SELECT * FROM glob('/etc/*')",
    "COPY (SELECT 1) TO '/tmp/omc-query.csv'",
    "COPY bars FROM '/etc/passwd'",
    "EXPORT DATABASE '/tmp/omc-query'",
    "IMPORT DATABASE '/tmp/omc-query'",
    "ATTACH '/tmp/omc-query.db'",
    "ATTACH ':memory:' AS other",
    "INSTALL httpfs",
    "LOAD httpfs",
    "INSTALL spatial FROM community",
    "PRAGMA version",
    "PRAGMA database_list",
    "CALL pragma_version()",
    "SET threads = 64",
    "SET enable_external_access = true",
    "RESET memory_limit",
    "CREATE SECRET (TYPE s3)",
    "CREATE TABLE mine (x INTEGER)",
    "CREATE MACRO f() AS 1",
    "INSERT INTO bars SELECT * FROM bars",
    "DELETE FROM bars",
    "DROP TABLE bars",
    "PREPARE p AS SELECT 1",
    "CHECKPOINT",
    "SELECT getenv('HOME')",
    "SELECT current_setting('memory_limit')",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_extensions()",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM pg_catalog.pg_class",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('bars')",
    "SHOW TABLES",
    "DESCRIBE bars",
    "SUMMARIZE bars",
    "EXPLAIN ANALYZE SELECT 1",
    "SELECT 1; DROP TABLE bars",
    "SELECT 1) AS asked(c0); DROP TABLE bars; --",
    "SELECT (SELECT count(*) FROM read_text('/etc/passwd'))",
    "SELECT * FROM bars WHERE EXISTS (SELECT * FROM glob('*'))",
    "WITH read_text AS (SELECT 1) SELECT * FROM read_text('/etc/passwd')",
    "SELECT now()",
    "SELECT current_timestamp",
    "SELECT current_date",
    "SELECT random()",
    "SELECT uuid()",
    "SELECT * FROM bars USING SAMPLE 5",
]


@pytest.fixture(scope="module")
def empty() -> duckdb.DuckDBPyConnection:
    return opened(64)


@pytest.mark.parametrize("sql", HOSTILE)
def test_a_statement_that_is_no_plain_reading_of_the_tables_is_refused(
    empty: duckdb.DuckDBPyConnection, sql: str
) -> None:
    with pytest.raises((Refused, duckdb.Error)):
        check(empty, sql)
        empty.execute(f"EXPLAIN {sql}")  # a function that does not exist is noticed when it is planned


@pytest.mark.parametrize("sql", [*HOSTILE[:15], "INSTALL httpfs", "LOAD httpfs", "SET threads = 64"])
def test_the_database_itself_reaches_no_file_network_or_setting_when_the_check_is_passed_by(
    empty: duckdb.DuckDBPyConnection, sql: str
) -> None:
    with pytest.raises(duckdb.Error):
        empty.execute(sql).fetchall()
    assert not list(Path("/tmp").glob("omc-query*"))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) AS n_count FROM range(1000000) a, range(1000000) b",
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count(*) AS n_count FROM r",
        "SELECT length(repeat('x', 2000000000)) AS n_count",
        "SELECT list(range) AS x FROM range(1000000000)",
    ],
)
async def test_a_statement_that_never_ends_or_fills_the_memory_is_ended(sql: str) -> None:
    with pytest.raises(Refusal) as refused:
        await answered(sql, cpu_s=1)
    assert refused.value.code in {"query_ended", "query_refused"}


async def test_a_billion_rows_are_refused_without_being_fetched() -> None:
    with pytest.raises(Refusal, match=f"more than {MAX_ROWS} rows"):
        await answered("SELECT range AS n_count FROM range(1000000000)")


async def test_a_dropped_step_ends_its_process() -> None:
    children = Path("/proc/self/task")
    running = asyncio.ensure_future(answered("SELECT count(*) AS n_count FROM range(1000000) a, range(1000000) b"))
    before = {path: path.read_text() for path in children.glob("*/children")}
    while {path: path.read_text() for path in children.glob("*/children")} == before:
        await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert {path: path.read_text() for path in children.glob("*/children")} == before


async def test_a_number_needs_a_unit_in_its_name() -> None:
    with pytest.raises(Refusal, match="ends in a unit: n"):
        await answered("SELECT 1 AS n")
    assert await answered("SELECT 1 AS n_count, 'x' AS n") == [{"n_count": 1, "n": "x"}]


def asking(context: Context, workspace: UUID, as_of: datetime) -> ToolContext:
    return ToolContext(
        database=context.database,
        clock=utc_now,
        workspace_id=WorkspaceId(workspace),
        session_id=SessionId(new_id()),
        model="analyst",
        as_of=as_of,
    )


async def test_it_reads_named_bars_up_to_the_seal_and_the_clock(
    context: Context, workspace: UUID, market: Series
) -> None:
    asks = asking(context, workspace, utc_now())
    sql = "SELECT count(*) AS bars_count, max(ts) AS last, max(close) AS top_quote FROM bars WHERE symbol = 'BTC/USDT'"
    whole = await query_data(asks, sql=sql, series_ids=[str(market.id)])
    (row,) = whole.output["rows"]  # ty: ignore[not-iterable]
    assert (row["bars_count"], row["last"]) == (365 * 24, "2023-12-31T23:00:00Z")
    past = asking(context, workspace, datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(Refusal, match="no bars"):
        await query_data(past, sql=sql, series_ids=[str(market.id)])
    async with context.database.session(workspace) as session:
        sealed = Span(datetime(2023, 7, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC))
        await exams.seal(session, market, sealed, by="person:x", now=utc_now())
    seen = await query_data(asks, sql=sql, series_ids=[str(market.id)])
    (row,) = seen.output["rows"]  # ty: ignore[not-iterable]
    assert row["last"] == "2023-06-30T23:00:00Z"


async def test_another_workspaces_series_is_not_there(context: Context, workspace: UUID, market: Series) -> None:
    del workspace
    with pytest.raises(Refusal, match="no such series"):
        await query_data(asking(context, new_id(), utc_now()), sql="SELECT 1 AS n_count", series_ids=[str(market.id)])
