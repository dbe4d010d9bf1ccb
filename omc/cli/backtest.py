"""`omc backtest`: a strategy document against a series, at once and in this process."""

import asyncio
from dataclasses import replace

import click

from omc.cli.asking import Wanted, bars_of, document_options, request_of, trial
from omc.cli.base import Door, answer, door, json_option, run, table
from omc.engine.document import document_hash
from omc.engine.outline import outline
from omc.engine.records import Request
from omc.engine.service import record_backtest
from omc.engine.simulate import Result, Settings, simulate
from omc.ledgers.rules import Series


@click.command(name="backtest")
@document_options
@json_option
def command(*, wanted: Wanted, as_json: bool) -> int:
    """Test the strategy in DOCUMENT (a JSON file, `-` for standard input) and print what it would have done.

    Every run counts as a trial on that data. Exit code 1 when the document is refused.
    """
    return run(_backtest(wanted, as_json=as_json))


async def _backtest(wanted: Wanted, *, as_json: bool) -> None:
    async with door() as opened:
        asked = await request_of(opened, wanted)
        result = await tested(opened, asked)
    found = {"hash": document_hash(asked.document), "series": asked.series.label, **outline(result)}
    answer(found, as_json=as_json, shown=lambda: _shown(asked.series, result))


async def tested(opened: Door, asked: Request) -> Result:
    """Run a backtest, counted and kept."""
    async with trial(opened, asked, "backtest") as tried:
        bars = await bars_of(opened, asked)
        result = await asyncio.to_thread(simulate, asked.document, bars.columns, Settings(start=bars.first))
        result = replace(result, assumptions={**result.assumptions, **bars.said})
        async with opened.database.session(opened.workspace) as session:
            await record_backtest(session, asked, result=result, now=opened.clock(), trial_id=tried.id)
    return result


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
