"""`omc data`: candles and observations in, and what there is of them."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from omc.cli.base import Door, answer, door, json_option, run, table
from omc.core.market import Span
from omc.kit.errors import Refusal
from omc.ledgers.imports import import_file, said
from omc.ledgers.markets import DEFAULT_SEED, DEFAULT_SPAN, DEFAULT_SYMBOLS, DEFAULT_TIMEFRAME, Made, make_markets
from omc.ledgers.naming import SeriesKey
from omc.ledgers.observations import list_observed
from omc.ledgers.rules import Fate, Imported, Observed, Series
from omc.ledgers.service import find_series, list_gaps, list_series

SHOWN_PROBLEMS = 5
SAY = {"symbol_unknown": "--symbol BTC/USDT", "timeframe_unknown": "--timeframe 1h"}
"""How a command says what a file leaves out, by the code of its refusal."""

_timestamp = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@click.group(name="data")
def command() -> None:
    """Import candles and observations, list what there is, and make synthetic markets."""


@command.command(name="import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--symbol", help="The market, where the file does not say it: BTC/USDT.")
@click.option("--timeframe", help="The length of a bar, where the file does not say it: 1h.")
@click.option("--venue", help="The exchange, where the file does not say it.")
@json_option
def import_(
    *, files: tuple[Path, ...], symbol: str | None, timeframe: str | None, venue: str | None, as_json: bool
) -> int:
    """Import candles or observations from Parquet or CSV files.

    Bad rows are left out and reported; the good part is kept. The same file again changes nothing. With --json, one
    object a file. Exit code 1 when any file was refused.
    """
    return run(_import(files, said(symbol=symbol, timeframe=timeframe, venue=venue), as_json=as_json))


async def _import(files: tuple[Path, ...], about: SeriesKey, *, as_json: bool) -> int:
    async with door() as opened:
        taken = [await _take(opened, file, about, as_json=as_json) for file in files]
    return 0 if all(taken) else 1


async def _take(opened: Door, file: Path, about: SeriesKey, *, as_json: bool) -> bool:
    """Take one file in and say what became of it; True when it was believed."""
    try:
        async with opened.database.session(opened.workspace) as session:
            done = await import_file(session, file, name=file.name, now=opened.clock(), said=about)
    except Refusal as refusal:
        answer(_unread(file, refusal.code, refusal.text), as_json=as_json, shown=refusal.__str__)
        return False
    answer(asdict(done), as_json=as_json, shown=lambda: _describe(done))
    return done.status is not Fate.REFUSED


def _unread(file: Path, code: str, text: str) -> dict[str, object]:
    """Say in the shape of an import that a file was not even recorded."""
    return {
        "name": file.name,
        "status": Fate.REFUSED,
        "rows_kept": 0,
        "rows_quarantined": 0,
        "series": [],
        "problems": [{"line": 0, "code": code, "reason": text}],
    }


def _describe(done: Imported) -> str:
    named = [f"{series.symbol} {series.timeframe} ({series.venue})" for series in done.series]
    named += [one.name for one in done.observed[:SHOWN_PROBLEMS]] + ["…"] * (len(done.observed) > SHOWN_PROBLEMS)
    about = ", ".join(named)
    lines = [f"{done.name}: {done.status}; {done.rows_kept} rows kept, {done.rows_quarantined} left out. {about}"]
    lines += [
        f"  line {problem.line}: {problem.reason}" if problem.line else f"  {problem.reason}"
        for problem in done.problems[:SHOWN_PROBLEMS]
    ]
    lines += [f"  try it with {SAY[problem.code]}" for problem in done.problems[:1] if problem.code in SAY]
    if len(done.problems) > SHOWN_PROBLEMS:
        lines.append("  … the page's Data screen shows the others")
    return "\n".join(lines)


@command.command(name="list")
@json_option
def list_(*, as_json: bool) -> int:
    """List the series of candles and of observations."""
    return run(_list(as_json=as_json))


async def _list(*, as_json: bool) -> None:
    async with door() as opened, opened.database.session(opened.workspace) as session:
        series, observed = await list_series(session), await list_observed(session)
    value = {"items": [asdict(one) for one in series], "observed": [asdict(one) for one in observed]}
    answer(value, as_json=as_json, shown=lambda: "\n\n".join(_tables(series, observed)))


def _tables(series: list[Series], observed: list[Observed]) -> list[str]:
    if not observed:
        return [_series_table(series)]
    rows = [(one.name, one.source, one.rows, _day(one.start), _day(one.end)) for one in observed]
    return [_series_table(series), table(("observations", "source", "rows", "from", "to"), rows, right=("rows",))]


def _show(series: list[Series], *, as_json: bool) -> None:
    answer({"items": [asdict(one) for one in series]}, as_json=as_json, shown=lambda: _series_table(series))


def _series_table(series: list[Series]) -> str:
    if not series:
        return (
            "There are no candles yet. Import some with `omc data import FILE…` or make some with `omc data synthetic`."
        )
    head = ("symbol", "bar", "venue", "origin", "bars", "from", "to", "missing")
    rows = [
        (one.symbol, one.timeframe, one.venue, one.origin, one.bars, _day(one.start), _day(one.end), one.missing)
        for one in series
    ]
    return table(head, rows, right=("bars", "missing"))


def _day(instant: datetime | None) -> str:
    return "" if instant is None else f"{instant:%Y-%m-%d}"


@command.command()
@click.option("--symbol", required=True, help="The market: BTC/USDT.")
@click.option("--timeframe", help="The length of a bar; hourly unless said.")
@click.option("--venue", help="The exchange, when there are several.")
@json_option
def gaps(*, symbol: str, timeframe: str | None, venue: str | None, as_json: bool) -> int:
    """List the holes in a series: an outage stays a gap and is never filled in."""
    return run(_gaps(symbol, timeframe, venue, as_json=as_json))


async def _gaps(symbol: str, timeframe: str | None, venue: str | None, *, as_json: bool) -> None:
    async with door() as opened, opened.database.session(opened.workspace) as session:
        series = await find_series(session, symbol=symbol, timeframe=timeframe, venue=venue)
        found = await list_gaps(session, series.id)
    rows = [(f"{gap.start:%Y-%m-%d %H:%M}", f"{gap.end:%Y-%m-%d %H:%M}", gap.missing) for gap in found]
    value = {"series": asdict(series), "gaps": [asdict(gap) for gap in found]}
    shown = table(("from", "to", "missing"), rows, right=("missing",)) if rows else "There are no gaps."
    answer(value, as_json=as_json, shown=lambda: shown)


@command.command()
@click.option("--symbol", "symbols", multiple=True, default=DEFAULT_SYMBOLS, show_default=True, help="May be repeated.")
@click.option("--timeframe", default=DEFAULT_TIMEFRAME, show_default=True)
@click.option("--start", type=_timestamp, default=f"{DEFAULT_SPAN.start:%Y-%m-%d}", show_default=True)
@click.option("--end", type=_timestamp, default=f"{DEFAULT_SPAN.end:%Y-%m-%d}", show_default=True)
@click.option("--seed", type=int, default=DEFAULT_SEED, show_default=True, help="The same seed, the same markets.")
@json_option
def synthetic(
    *, symbols: tuple[str, ...], timeframe: str, start: datetime, end: datetime, seed: int, as_json: bool
) -> int:
    """Make synthetic markets, clearly labelled: regimes, fat tails, clustered volatility, jumps."""
    if start >= end:
        raise click.BadParameter("the span ends before it starts; give an --end after the --start")
    span = Span(start.replace(tzinfo=UTC), end.replace(tzinfo=UTC))
    return run(_synthetic(Made(symbols=symbols, timeframe=timeframe, span=span, seed=seed), as_json=as_json))


async def _synthetic(made: Made, *, as_json: bool) -> None:
    async with door() as opened, opened.database.session(opened.workspace) as session:
        _show(await make_markets(session, made, now=opened.clock()), as_json=as_json)
