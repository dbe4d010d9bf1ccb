"""Stored series for tests of what reads bars through the ledgers."""

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from omc.engine import BarColumns
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.ledgers.imports import import_file
from omc.ledgers.rules import Series, timeframe_text
from tests.engine.builders import a_walk


async def a_series(database: Database, workspace: UUID, folder: Path, bars: BarColumns | None = None) -> Series:
    """Store BTC/USDT bars, hourly ones unless told, as a user would, from a file."""
    columns = a_walk(400) if bars is None else bars
    return (await several(database, workspace, folder, {"BTC/USDT": columns}))[0]


async def several(
    database: Database, workspace: UUID, folder: Path, bars: Mapping[str, BarColumns], *, venue: str = "binance"
) -> list[Series]:
    """Store bars of some symbols from one file; the series come in the order of the symbols given."""
    rows = ["ts,open,high,low,close,volume,venue,symbol,timeframe"]
    for symbol, columns in bars.items():
        values = (columns.ts, columns.open, columns.high, columns.low, columns.close, columns.volume)
        rows += [
            ",".join(map(str, row)) + f",{venue},{symbol},{timeframe_text(columns.timeframe_ms)}"
            for row in zip(*(one.tolist() for one in values), strict=True)
        ]
    path = folder / f"{venue}.csv"
    path.write_text("\n".join(rows))
    async with database.session(workspace) as session:
        done = await import_file(session, path, name=path.name, now=utc_now())
    assert len(done.series) == len(bars), done
    return sorted(done.series, key=lambda one: list(bars).index(one.symbol))
