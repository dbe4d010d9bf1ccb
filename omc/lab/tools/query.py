"""Read-only SQL over the session's data: one statement, in a process of its own that can do nothing else and is ended.

The database library is loaded there (`query_process`) and nowhere else: what it can be talked into ends with the
process, which holds only the rows that were named, as of the session's clock and before any seal.
"""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from omc.core.canonical import instant_text
from omc.kit.errors import Refusal
from omc.lab.evidence import UNITS, unit_of
from omc.lab.tools.base import Outcome, ToolContext, Values
from omc.lab.tools.trial import EndText, StartText, load_bars
from omc.ledgers.observations import seen_by

PROCESS = Path(__file__).with_name("query_process.py")
MAX_SQL_CHARACTERS = 8_000
MAX_NAMED = 8
MAX_INPUT_ROWS = 500_000
MAX_ROWS = 200
MAX_CELL_CHARACTERS = 200
MEMORY_MB = 512
CPU_S = 15
WALL_S = 45.0
AT_ONCE = 2
"""Statements that one worker runs at the same time; the next one waits."""

Name = Annotated[str, Field(max_length=200)]
_room = asyncio.Semaphore(AT_ONCE)
_COLUMNS = ("ts", "open", "high", "low", "close", "volume")
_SEEN = ("ts", "seen_ts", "value")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Rows of one table; all of them share the values `said`."""

    table: str
    said: Sequence[str]
    names: Sequence[str]
    columns: Sequence[np.ndarray]

    @property
    def header(self) -> Values:
        """What the process has to know to read the columns."""
        kinds = [[name, column.dtype.str] for name, column in zip(self.names, self.columns, strict=True)]
        return {"table": self.table, "said": list(self.said), "columns": kinds, "length": len(self.columns[0])}


async def query_data(
    context: ToolContext,
    sql: Annotated[str, Field(min_length=1, max_length=MAX_SQL_CHARACTERS, description="one SELECT statement")],
    series_ids: Annotated[list[Name], Field(max_length=MAX_NAMED, description="bar series to read")] = [],  # noqa: B006 - never changed
    observed: Annotated[list[Name], Field(max_length=MAX_NAMED, description="names from list_observations")] = [],  # noqa: B006 - never changed
    start: StartText = None,
    end: EndText = None,
) -> Outcome:
    """Run one read-only SELECT (DuckDB's SQL) over the data that you name, as of the session's clock.

    Tables: bars(series_id, symbol, timeframe, ts, open, high, low, close, volume), ts being a bar's opening, and
    observations(name, ts, seen_ts, value), seen_ts being when it could be known. Only the named series and
    observations are in them. A bar is known at its close: to join without looking ahead, use seen_ts <= the close.
    Give each number of the result a name that ends in its unit, such as AS mean_close_quote, AS days_count. At most
    200 rows come back under /rows; aggregate. Nothing that depends on the moment or on chance is run.
    """
    parts = [*await _bars(context, series_ids, start, end), *await _observations(context, observed)]
    if not parts:
        raise Refusal("nothing_named", 422, "Name series_ids or observed; the tables are empty without.")
    if (rows := sum(len(part.columns[0]) for part in parts)) > MAX_INPUT_ROWS:
        words = f"This would read {rows:,} rows; at most {MAX_INPUT_ROWS:,}. Name fewer series or a shorter span."
        raise Refusal("too_many_rows", 422, words)
    found = await answered(sql, parts)
    return Outcome(
        title="Query",
        preview=f"{len(found)} rows from {rows:,}",
        output={"rows": found, "rows_count": len(found), "read_rows_count": rows, "as_of": instant_text(context.as_of)},
    )


async def _bars(context: ToolContext, series_ids: Sequence[str], start: str | None, end: str | None) -> list[_Part]:
    found = []
    for series_id in series_ids:
        bars = await load_bars(context, series_id, start, end)
        columns = [getattr(bars.columns, name) for name in _COLUMNS]
        said = (str(bars.series.id), bars.series.symbol, bars.series.timeframe)
        found.append(_Part(table="bars", said=said, names=_COLUMNS, columns=columns))
    return found


async def _observations(context: ToolContext, names: Sequence[str]) -> list[_Part]:
    async with context.reading() as session:
        return [
            _Part(
                table="observations",
                said=(name,),
                names=_SEEN,
                columns=await seen_by(session, name, context.as_of, place=f"/observed/{place}"),
            )
            for place, name in enumerate(names)
        ]


async def answered(sql: str, parts: Sequence[_Part] = (), *, cpu_s: int = CPU_S) -> list[Values]:
    """Return the rows that a statement gives on these parts of the tables, or refuse it with what to do."""
    asked = {"sql": sql, "rows": MAX_ROWS, "cell": MAX_CELL_CHARACTERS, "memory_mb": MEMORY_MB, "cpu_s": cpu_s}
    header = json.dumps(asked | {"parts": [part.header for part in parts]}).encode()
    columns = b"".join(np.ascontiguousarray(column).tobytes() for part in parts for column in part.columns)
    async with _room:
        written = await _run(header + b"\n" + columns)
    if "refused" in written:
        raise Refusal("query_refused", 422, f"The statement was not run: {written['refused']}", place="/sql")
    names, rows = written["columns"], written["rows"]
    assert isinstance(names, list)
    assert isinstance(rows, list)
    if written["more"]:
        words = f"The statement gives more than {MAX_ROWS} rows. Aggregate, or take some with LIMIT."
        raise Refusal("too_many_rows", 422, words, place="/sql")
    found = [dict(zip(names, row, strict=True)) for row in rows]
    _check_units(found)
    return found


async def _run(given: bytes) -> Values:
    """The answer of the process; it is ended whatever happens here, also when the step is dropped."""
    command = (sys.executable, "-I", str(PROCESS))
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}, cwd="/", start_new_session=True
    )
    try:
        async with asyncio.timeout(WALL_S):
            written, _ = await process.communicate(given)
    except TimeoutError:
        raise _too_slow() from None
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    if process.returncode != 0:
        raise _too_slow()
    answer = json.loads(written)
    assert isinstance(answer, dict)
    return answer


def _too_slow() -> Refusal:
    words = "The statement took too long, or too much memory, and was ended. Read less, or join less at once."
    return Refusal("query_ended", 422, words, place="/sql")


def _check_units(rows: Sequence[Values]) -> None:
    """A number without a unit could be referred to by nobody."""
    numbers = {name for row in rows for name, value in row.items() if type(value) in (int, float)}
    if plain := sorted(name for name in numbers if unit_of(name) is None):
        known = ", ".join(sorted({unit.suffix for unit in UNITS if unit.suffix.startswith("_")}))
        words = f"Give these columns a name that ends in a unit: {', '.join(plain[:10])}. Units: {known}."
        raise Refusal("unit_missing", 422, words, place="/sql")
