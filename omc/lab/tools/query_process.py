"""The process that one SQL statement runs in, and ends with: it has no file, no network, no environment, little memory.

Run as a program of its own that imports nothing of OMC, so that what a statement could break is not there. Over
standard input come one line of JSON (the fields of `_Asked`) and then the columns of each part as raw bytes; over
standard output goes one line of JSON, either `{"columns", "rows", "more"}` or `{"refused"}`.
"""

import json
import resource
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import TypeAlias

import duckdb
import numpy as np

Node: TypeAlias = dict[str, object]

TABLES = {
    "bars": "series_id VARCHAR, symbol VARCHAR, timeframe VARCHAR, ts TIMESTAMP, open DOUBLE, high DOUBLE, low DOUBLE,"
    " close DOUBLE, volume DOUBLE",
    "observations": "name VARCHAR, ts TIMESTAMP, seen_ts TIMESTAMP, value DOUBLE",
}
SOURCES = frozenset({"EMPTY", "BASE_TABLE", "JOIN", "SUBQUERY", "EXPRESSION_LIST", "TABLE_FUNCTION"})
"""What a statement may read from; there are others, such as one that shows settings."""

TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest"})
SHORT = frozenset(
    {"BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
    | {"FLOAT", "DOUBLE", "DECIMAL", "DATE", "TIMESTAMP"}
)
"""Types whose values are handed on as they are; all others as text."""

NOW = frozenset({"current_timestamp", "current_date", "current_time", "localtime", "localtimestamp"})
MAX_COLUMNS = 40
MAX_OPEN_FILES = 64
MAX_ADDRESSES_BYTES = 3_000_000_000
"""Most of them hold nothing: the libraries alone take half."""

_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "allow_unsigned_extensions": False,
    "temp_directory": "",
    "max_temp_directory_size": "0B",
    "threads": 1,
}
# What depends on the moment, on chance or on the process answers differently every time, and evidence must not.
_FICKLE = """
SELECT DISTINCT function_name FROM duckdb_functions()
WHERE stability IN ('VOLATILE', 'CONSISTENT_WITHIN_QUERY')
  OR function_name IN ('age', 'current_setting', 'getvariable', 'version')
"""


class Refused(Exception):  # noqa: N818 - an answer, told to the model in its words
    """The statement may not be run, or cannot."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows of one table: `said` are the values that all of them share, `columns` names and types of the rest."""

    table: str
    said: Sequence[str]
    columns: Sequence[tuple[str, str]]
    length: int


@dataclass(frozen=True, slots=True)
class _Asked:
    """The question: at most `rows` rows are answered, and `cell` characters of a text."""

    sql: str
    rows: int
    cell: int
    memory_mb: int
    cpu_s: int
    parts: Sequence[_Part]


def main() -> None:
    """Answer the one question that stands on standard input."""
    raw = json.loads(sys.stdin.buffer.readline())
    parts = [_Part(**part) for part in raw.pop("parts")]
    asked = _Asked(**raw, parts=parts)
    _confine(asked.cpu_s)
    answer: Node
    try:
        answer = _answer(asked)
    except Refused as refused:
        answer = {"refused": str(refused)}
    except (duckdb.Error, RuntimeError, MemoryError, RecursionError) as error:
        answer = {"refused": str(error).partition("\n\n")[0][:600] or type(error).__name__}
    sys.stdout.write(json.dumps(answer, allow_nan=False))


def _confine(cpu_s: int) -> None:
    """Give up what the process could do to the machine; a hard limit is never raised again."""
    for limit, most in (
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, MAX_OPEN_FILES),
        (resource.RLIMIT_AS, MAX_ADDRESSES_BYTES),
    ):
        resource.setrlimit(limit, (most, most))


def _answer(asked: _Asked) -> Node:
    connection = opened(asked.memory_mb)
    for part in asked.parts:
        _fill(connection, part)
    check(connection, asked.sql)
    return _result(connection, asked)


def opened(memory_mb: int) -> duckdb.DuckDBPyConnection:
    """Return a database of empty tables whose settings cannot be changed any more."""
    connection = duckdb.connect(":memory:", config={**_SETTINGS, "memory_limit": f"{memory_mb}MB"})
    for table, columns in TABLES.items():
        connection.execute(f"CREATE TABLE {table} ({columns})")
    connection.execute("SET python_enable_replacements = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _fill(connection: duckdb.DuckDBPyConnection, part: _Part) -> None:
    given = {
        name: np.frombuffer(sys.stdin.buffer.read(np.dtype(kind).itemsize * part.length), dtype=kind)
        for name, kind in part.columns
    }
    connection.register("given", given)
    shown = ", ".join(f"epoch_ms({name})" if name.endswith("ts") else name for name in given)
    marks = ", ".join("?" for _ in part.said)
    connection.execute(f"INSERT INTO {part.table} SELECT {marks}, {shown} FROM given", list(part.said))  # noqa: S608
    connection.unregister("given")


def check(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Let through one SELECT that reads from the tables above and from nothing else; raises `Refused`."""
    statements = connection.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise Refused("Write one SELECT statement; nothing else is run.")
    row = connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()
    tree = json.loads(row[0]) if row else {"error": True}
    if tree["error"]:
        raise Refused("Write one plain SELECT statement; PIVOT and the like are not run.")
    tables = {*TABLES, *_own_names(tree)}
    fickle = {str(row[0]) for row in connection.execute(_FICKLE).fetchall()}
    for node in _nodes(tree):
        _check_source(node, tables)
        _check_function(node, fickle)


def _check_source(node: Node, tables: set[str]) -> None:
    kind = node.get("type")
    if "sample" in node and "query_location" in node and kind not in SOURCES:
        raise Refused("Read from tables and queries only; DESCRIBE, SUMMARIZE, SHOW and PIVOT are not run.")
    if node.get("sample") is not None:
        raise Refused("A sample is another one every time; take rows by a condition.")
    if kind == "BASE_TABLE":
        name = str(node["table_name"])
        if node["schema_name"] or node["catalog_name"] or name.lower() not in tables:
            raise Refused(f"There is no table {name[:60]!r}. There are: {', '.join(TABLES)}.")
    if kind == "TABLE_FUNCTION":
        called = node["function"]
        if not isinstance(called, dict) or str(called.get("function_name")).lower() not in TABLE_FUNCTIONS:
            raise Refused(f"A statement may read from {', '.join(sorted(TABLE_FUNCTIONS))} and from no other function.")


def _check_function(node: Node, fickle: set[str]) -> None:
    name = str(node.get("function_name", "")).lower()
    columns = node.get("column_names")
    if isinstance(columns, list) and len(columns) == 1 and str(columns[0]).lower() in NOW:
        name = str(columns[0]).lower()
    if name in fickle or name in NOW:
        raise Refused(f"{name} answers differently every time; use the times and values of the tables.")


def _nodes(value: object) -> Iterator[Node]:
    """All objects of a parsed statement; it may be nested more deeply than calls can be."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            yield one
            left.extend(one.values())
        elif isinstance(one, list):
            left.extend(one)


def _own_names(tree: object) -> Iterator[str]:
    """What a statement names itself, in WITH."""
    for node in _nodes(tree):
        named = node.get("cte_map")
        for entry in named["map"] if isinstance(named, dict) else ():
            yield str(entry["key"]).lower()


def _result(connection: duckdb.DuckDBPyConnection, asked: _Asked) -> Node:
    """A text is cut before it leaves the database, where it may be longer than memory."""
    sql = asked.sql.strip().rstrip(";")
    described = [(str(row[0])[:60], str(row[1])) for row in connection.execute(f"DESCRIBE {sql}").fetchall()]
    names = [name for name, _ in described]
    if len(names) > MAX_COLUMNS:
        raise Refused(f"The result has {len(names)} columns; at most {MAX_COLUMNS} are shown.")
    if len(set(names)) < len(names):
        raise Refused("Two columns have the same name; give each its own with AS.")
    shown = ", ".join(
        f"c{at}" if kind.partition("(")[0] in SHORT else f"left(c{at}::VARCHAR, {asked.cell})"
        for at, (_, kind) in enumerate(described)
    )
    aliases = ", ".join(f"c{at}" for at in range(len(names)))
    whole = f"SELECT {shown} FROM (\n{sql}\n) AS asked({aliases}) LIMIT {asked.rows + 1}"  # noqa: S608 - it was checked
    found = connection.execute(whole).fetchall()
    rows = [[_plain(value) for value in row] for row in found[: asked.rows]]
    return {"columns": names, "rows": rows, "more": len(found) > asked.rows}


def _plain(value: object) -> object:
    match value:
        case datetime():
            return f"{value.isoformat()}Z"
        case date():
            return value.isoformat()
        case Decimal():
            return float(value)
        case float() if not isfinite(value):
            return None
        case int() if abs(value) > 2**53:
            return float(value)
        case _:
            return value


if __name__ == "__main__":
    main()
