"""`omc backtest`: a strategy document against a series, at once and in this process."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import click

from omc.cli.asking import Wanted, bars_of, document_options, trial
from omc.cli.base import Door, answer, door, json_option, run, table
from omc.cli.together import shared_request, symbols_table, together_option
from omc.engine import universe
from omc.engine.data import finer_for
from omc.engine.document import document_hash
from omc.engine.outline import outline
from omc.engine.portfolio import Portfolio
from omc.engine.records import Request
from omc.engine.service import record_backtest
from omc.engine.simulate import Result, Settings, simulate
from omc.engine.universe import Gathered
from omc.ledgers.rules import Series


@click.command(name="backtest")
@document_options
@together_option
@json_option
def command(*, wanted: Wanted, together: bool, as_json: bool) -> int:
    """Test the strategy in DOCUMENT (a JSON file, `-` for standard input) and print what it would have done.

    Several symbols share one account: `-p BTC/USDT,ETH/USDT`, or all of the document with `--together`. Every run
    counts as a trial on that data. Exit code 1 when the document is refused.
    """
    return run(_backtest(wanted, together=together, as_json=as_json))


async def _backtest(wanted: Wanted, *, together: bool, as_json: bool) -> None:
    async with door() as opened:
        asked = await shared_request(opened, wanted, together=together)
        result = await tested(opened, asked)
    labels = [one.label for one in asked.every]
    found = {"hash": document_hash(asked.document), "series": labels[0], "every": labels, **outline(result)}
    answer(found, as_json=as_json, shown=lambda: _shown(asked.every, result))


async def tested(opened: Door, asked: Request) -> Result | Portfolio:
    """Run a backtest, counted and kept."""
    async with trial(opened, asked, "backtest") as tried:
        bars = await bars_of(opened, asked)
        result = await (universe.tested(asked.document, bars) if asked.others else _alone(opened, asked, bars))
        async with opened.database.session(opened.workspace) as session:
            await record_backtest(session, asked, result=result, now=opened.clock(), trial_id=tried.id)
    return result


async def _alone(opened: Door, asked: Request, bars: Gathered) -> Result:
    columns = bars.market.bars[asked.series.symbol]
    async with opened.database.session(opened.workspace) as session:
        finer = await finer_for(session, asked.document, asked.series, columns)
    result = await asyncio.to_thread(simulate, asked.document, columns, Settings(start=bars.first), finer=finer)
    return replace(result, assumptions={**result.assumptions, **bars.said})


def _shown(every: Sequence[Series], result: Result | Portfolio) -> str:
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
    symbols = ["", symbols_table(result)] if isinstance(result, Portfolio) else []
    return "\n".join([*(one.label for one in every), "", figures, *symbols, "", "Assumptions", *assumed])
