"""Several symbols on one account in the terminal: which were asked for, their run, and a line a symbol."""

from dataclasses import replace

import click

from omc.cli.asking import Wanted, request_of, span_of, timed
from omc.cli.base import Door, table
from omc.engine import universe
from omc.engine.portfolio import Portfolio
from omc.engine.records import Request
from omc.engine.service import fits

together_option = click.option("--together", is_flag=True, help="All symbols of the document, on one account.")

_HEAD = ("symbol", "positions", "won", "gain", "share", "fees", "held at the end")


async def shared_request(opened: Door, wanted: Wanted, *, together: bool) -> Request:
    """Find a series for each symbol that was named, or of the whole universe; one symbol is asked for as ever."""
    where, document = wanted.where, timed(wanted.document, wanted.where.timeframe)
    if together and (where.symbols or where.series_id):
        raise click.UsageError("--together is every symbol of the document; leave -p and --series out.")
    if where.series_id and len(where.symbols) > 1:
        raise click.UsageError("--series is one series; leave it out to test several symbols.")
    symbols = document.universe if together else where.symbols
    if len(symbols) < 2:
        return await request_of(opened, Wanted(document=document, where=replace(where, timeframe=None)))
    async with opened.database.session(opened.workspace) as session:
        series, *others = await universe.choose(session, document, symbols, venue=where.venue)
        span = span_of(*await universe.edges(session, [series, *others]), where)
    by = f"person:{opened.person}"
    asked = Request(document=document, series=series, span=span, version_id=None, by=by, others=others)
    fits(asked)
    return asked


def labels_of(asked: Request) -> str:
    """Name the series of a request as one line does."""
    return " + ".join(one.label for one in asked.every)


def symbols_table(run: Portfolio) -> str:
    """A line a symbol, in the order of the universe."""
    total = sum(one.gain for one in run.holdings.values())
    rows = [
        (
            symbol,
            len(one.closed.opened),
            int((one.closed.pnl > 0).sum()),
            f"{one.gain:+,.2f}",
            f"{one.gain / total:.1%}" if total else "",
            f"{one.fees:,.2f}",
            "" if one.open is None else f"{one.open.side} {one.open.quantity:,.6g}",
        )
        for symbol, one in run.holdings.items()
    ]
    return table(_HEAD, rows, right=_HEAD[1:6])
