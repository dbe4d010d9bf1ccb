"""`omc backtest`: a strategy document against a series, at once and in this process."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import BinaryIO
from uuid import UUID

import click

from omc.cli.base import Door, answer, door, json_option, run, table
from omc.core.market import Span
from omc.engine import seals
from omc.engine.data import bars_for
from omc.engine.document import StrategyDocument, document_hash
from omc.engine.outline import outline
from omc.engine.reading import MAX_BYTES, DocumentRefused, read_text
from omc.engine.records import Request
from omc.engine.service import fits, record_backtest, register_trial
from omc.engine.simulate import Result, Settings, simulate
from omc.kit.errors import Refusal
from omc.ledgers.rules import Series
from omc.ledgers.service import find_series, get_series

_timestamp = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@click.command(name="backtest")
@click.argument("document", type=click.File("rb"))
@click.option("--series", "series_id", type=click.UUID, help="The series' id, as `omc data list --json` shows it.")
@click.option("--symbol", help="The market; the document's first one unless said.")
@click.option("--venue", help="The exchange, when there are several.")
@click.option("--start", type=_timestamp, help="First day, UTC; all of the series unless said.")
@click.option("--end", type=_timestamp, help="Day after the last one, UTC.")
@json_option
def command(
    *,
    document: BinaryIO,
    series_id: UUID | None,
    symbol: str | None,
    venue: str | None,
    start: datetime | None,
    end: datetime | None,
    as_json: bool,
) -> int:
    """Test the strategy in DOCUMENT (a JSON file, `-` for standard input) and print what it would have done.

    Every run counts as a trial on that data. Exit code 1 when the document is refused.
    """
    try:
        strategy = read_text(document.read(MAX_BYTES + 1))
    except DocumentRefused as refused:
        for reason in refused.reasons:
            click.echo(f"{reason.place or '/'}: {reason.text}", err=True)
        raise Refusal("document_refused", 422, f"Mend what is listed in {document.name}.") from None
    return run(_backtest(strategy, series_id, symbol, venue, start, end, as_json=as_json))


async def _backtest(
    strategy: StrategyDocument,
    series_id: UUID | None,
    symbol: str | None,
    venue: str | None,
    start: datetime | None,
    end: datetime | None,
    *,
    as_json: bool,
) -> None:
    async with door() as opened:
        async with opened.database.session(opened.workspace) as session:
            series = (
                await get_series(session, series_id)
                if series_id is not None
                else await find_series(
                    session, symbol=symbol or strategy.universe[0], timeframe=strategy.timeframe, venue=venue
                )
            )
            last = await seals.last(session, series)
        asked = Request(
            document=strategy,
            series=series,
            span=_span(series.start, last, start, end),
            version_id=None,
            by=f"person:{opened.person}",
        )
        result = await _tried(opened, asked)
    found = {"hash": document_hash(strategy), "series": series.label, **outline(result)}
    answer(found, as_json=as_json, shown=lambda: _shown(series, result))


async def _tried(opened: Door, asked: Request) -> Result:
    """Run it. The trial is counted before, in a transaction of its own: what fails was tried too."""
    fits(asked)
    async with opened.database.session(opened.workspace) as session:
        trial_id = await register_trial(session, asked, kind="backtest", combinations=1, now=opened.clock())
    async with opened.database.session(opened.workspace) as session:
        columns, row = await bars_for(session, asked.document, asked.series, asked.span)
        said = {} if asked.span else (await seals.view(session, asked.series.id, start=None, end=None)).said
        result = await asyncio.to_thread(simulate, asked.document, columns, Settings(start=row))
        result = replace(result, assumptions={**result.assumptions, **said})
        await record_backtest(session, asked, result=result, now=opened.clock(), trial_id=trial_id)
    return result


def _span(first: datetime | None, last: datetime | None, start: datetime | None, end: datetime | None) -> Span | None:
    if start is None and end is None:
        return None
    first = start.replace(tzinfo=UTC) if start else first
    last = end.replace(tzinfo=UTC) if end else last
    if first is None or last is None or first >= last:
        raise Refusal("span_empty", 422, "The span is empty; --start must be before --end.", place="--start")
    return Span(first, last)


def _shown(series: Series, result: Result) -> str:
    rows = [
        (
            metric.name,
            "" if metric.value is None else f"{metric.value:,.6g}",
            metric.unit,
            metric.note or metric.sampling,
        )
        for metric in result.metrics
    ]
    assumed = [f"  {name}: {value}" for name, value in result.assumptions.items()]
    figures = table(("metric", "value", "unit", "how"), rows, right=("value",))
    return "\n".join([series.label, "", figures, "", "Assumptions", *assumed])
