"""How fast candles come in and go out, on a PostgreSQL of its own in a temporary directory.

Run: `.venv/bin/python bench/ledgers.py [ROWS]`. Prints a table; times are wall clock, memory is this process's peak.
The peer beside the import is Polars reading and writing the same file without any check, database or isolation.
"""

import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from sqlalchemy import text

from omc.core.market import Span
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.ids import new_id
from omc.kit.log import set_up
from omc.kit.migrate import upgrade
from omc.kit.postgres import EmbeddedPostgres
from omc.ledgers.frames import bars
from omc.ledgers.imports import import_file
from omc.ledgers.levels import folded
from omc.ledgers.synthetic import generate

START_MS = 1_577_836_800_000
MINUTE_MS = 60_000
READS = (8_760, 60_000, 500_000)
REPEATS = 5


def write_files(directory: Path, rows: int) -> tuple[Path, Path]:
    """Write the same minute candles as CSV and as Parquet."""
    batches = generate(["BTC/USDT"], seed=1, start_ms=START_MS, bars=rows, timeframe="1m", step_ms=MINUTE_MS)
    parts = [
        {name: getattr(batch, name) for name in ("ts", "open", "high", "low", "close", "volume")} for batch in batches
    ]
    frame = pl.concat([pl.DataFrame(part) for part in parts]).with_columns(
        pl.col("ts").cast(pl.Datetime("ms", "UTC")),
        venue=pl.lit("bench"),
        symbol=pl.lit("BTC/USDT"),
        timeframe=pl.lit("1m"),
    )
    parquet, table = directory / "bench.parquet", directory / "bench.csv"
    frame.write_parquet(parquet)
    frame.with_columns(pl.col("ts").dt.strftime("%Y-%m-%dT%H:%M:%SZ")).write_csv(table)
    return table, parquet


async def timed(what: str, work: Callable[[], Awaitable[object]], *, repeats: int = 1, rows: int = 0) -> None:
    """Print the best of some runs."""
    best = float("inf")
    for _ in range(repeats):
        began = time.perf_counter()
        await work()
        best = min(best, time.perf_counter() - began)
    rate = f"{rows / best:>12,.0f} rows/s" if rows else ""
    print(f"{what:<44} {best * 1_000:>10,.1f} ms {rate}")


async def imports(database: Database, table: Path, parquet: Path, rows: int) -> None:
    """Each file into a workspace of its own, then the same file again."""
    for path in (table, parquet):
        workspace = new_id()

        async def take(path: Path = path, workspace: object = workspace) -> None:
            async with database.session(workspace) as session:  # ty: ignore[invalid-argument-type]
                await import_file(session, path, name=path.name, now=utc_now())

        size = path.stat().st_size / 2**20
        await timed(f"import {path.suffix} of {rows:,} rows, {size:,.0f} MiB", take, rows=rows)
        await timed(f"the same {path.suffix} again", take, rows=rows)

    async def bare() -> None:
        await asyncio.to_thread(lambda: pl.read_csv(table).write_parquet(parquet.with_name("peer.parquet")))

    await timed("peer: Polars, CSV to Parquet, no checks", bare, rows=rows)


async def reads(database: Database, owner_url: str, parquet: Path) -> None:
    """Spans of one series as columns, and folded for a chart."""
    workspace = new_id()
    async with database.session(workspace) as session:
        done = await import_file(session, parquet, name=parquet.name, now=utc_now())
    owner = Database(owner_url)
    async with owner.session(None) as session:
        await session.execute(text("ANALYZE ledgers_bar"))
    await owner.close()
    start = datetime.fromtimestamp(START_MS / 1_000, UTC)
    for count in READS:
        span = Span(start, start + timedelta(minutes=count))

        async def read(span: Span = span) -> object:
            async with database.session(workspace) as session:
                return await bars(session, done.series[0].id, span)

        await timed(f"read {count:,} bars as columns", read, repeats=REPEATS, rows=count)

    async def chart() -> None:
        async with database.session(workspace) as session:
            columns = await bars(session, done.series[0].id)
        folded(columns, max_points=1_500)
        assert np.diff(columns.ts).min() == MINUTE_MS

    await timed("all bars, folded for a chart", chart, repeats=REPEATS)


async def main(rows: int) -> None:
    """Run everything."""
    set_up(level="warning", style="text")
    with tempfile.TemporaryDirectory(prefix="omc-bench-", ignore_cleanup_errors=True) as name:
        table, parquet = write_files(Path(name), rows)
        server = EmbeddedPostgres(Path(name) / "database")
        urls = server.start()
        try:
            upgrade(urls.owner)
            database = Database(urls.app)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
            await imports(database, table, parquet, rows)
            after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
            print(f"memory: {before:,.0f} MiB before the imports, {after:,.0f} MiB at their peak")
            await reads(database, urls.owner, parquet)
            await database.close()
        finally:
            server.stop()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
