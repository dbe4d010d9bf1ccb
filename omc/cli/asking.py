"""What the commands that test a document share: which one, on which bars, its trial, and work that tells and stops."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import wraps
from threading import Event
from typing import BinaryIO, TypeVar
from uuid import UUID

import click
from sqlalchemy.ext.asyncio import AsyncSession

from omc.cli.base import Door, progress
from omc.core.market import Span
from omc.engine.document import StrategyDocument, plain
from omc.engine.reading import MAX_BYTES, DocumentRefused, read, read_text
from omc.engine.records import Request, TrialKind
from omc.engine.service import fits, register_trial
from omc.engine.trials import Ending, Found, finish
from omc.engine.universe import Gathered, gather
from omc.engine.watch import Watch
from omc.kit.errors import Refusal
from omc.ledgers import seals
from omc.ledgers.rules import Series
from omc.ledgers.service import find_series, get_series

TELL_EVERY_S = 2.0

Given = TypeVar("Given")

_TIMERANGE = re.compile(r"(\d{8}|\d{10}|\d{13})?-(\d{8}|\d{10}|\d{13})?")
_timestamp = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """On which bars to test; times are UTC. `timeframe` replaces the document's own; no symbol is its first one."""

    series_id: UUID | None
    symbols: tuple[str, ...]
    timeframe: str | None
    venue: str | None
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a command was asked to test."""

    document: StrategyDocument
    where: Where


@dataclass(slots=True, kw_only=True)
class Trial:
    """A registered try; `found` is what it ends with, set by whom it finds."""

    id: UUID
    found: Found | None = field(default=None)


class Timerange(click.ParamType[tuple[datetime | None, datetime | None]]):
    """`20220101-20230601` as Freqtrade users write it: days or Unix times, either one may be missing."""

    name = "timerange"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[datetime | None, datetime | None]:
        """Read it; what is no range is wrong usage."""
        if isinstance(value, tuple):
            return value
        match = _TIMERANGE.fullmatch(str(value))
        sides = match.groups() if match else (None, None)
        try:
            start, end = (_instant(one) if one else None for one in sides)
        except (ValueError, OverflowError):
            start = end = None
        if start is None and end is None:
            self.fail(f"write days as 20220101-20230601, or one of the two; `{value}` is none", param, ctx)
        return start, end


def _instant(text: str) -> datetime:
    if len(text) == 8:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC)
    return datetime.fromtimestamp(int(text) / (1 if len(text) == 10 else 1_000), UTC)


_DOCUMENT = (
    click.argument("document", type=click.File("rb"), required=False),
    click.option("-s", "--strategy", type=click.File("rb"), help="The document, where it is not the argument."),
)
_SERIES = (
    click.option(
        "-p",
        "--pairs",
        "--symbol",
        "symbols",
        multiple=True,
        help="The market; the document's first one unless said. BTC/USDT,ETH/USDT are several.",
    ),
    click.option("-i", "--timeframe", help="Test it on bars of another length; that is another document."),
    click.option("--timerange", type=Timerange(), help="Days to test, the last one left out: 20220101-20230601."),
    click.option("--start", type=_timestamp, help="First day, UTC; all of the series unless said."),
    click.option("--end", type=_timestamp, help="Day after the last one, UTC."),
    click.option("--series", "series_id", type=click.UUID, help="The series' id, as `omc data list --json` shows it."),
    click.option("--venue", help="The exchange, when there are several."),
)


def series_options(function: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options that say on which bars to test; it gets them as one `where`."""

    @wraps(function)
    def taken(
        *,
        timerange: tuple[datetime | None, datetime | None] | None,
        start: datetime | None,
        end: datetime | None,
        series_id: UUID | None,
        symbols: tuple[str, ...],
        timeframe: str | None,
        venue: str | None,
        **others: object,
    ) -> int:
        if timerange and (start or end):
            raise click.UsageError("--timerange says what --start and --end say; give one of them.")
        first, last = timerange or (start and start.replace(tzinfo=UTC), end and end.replace(tzinfo=UTC))
        named = tuple(one.strip() for text in symbols for one in text.split(",") if one.strip())
        where = Where(series_id=series_id, symbols=named, timeframe=timeframe, venue=venue, start=first, end=last)
        return function(where=where, **others)

    return _with(taken, _SERIES)


def document_options(function: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options that say what to test, and on which bars; it gets them as one `wanted`."""

    @wraps(function)
    def taken(*, where: Where, document: BinaryIO | None, strategy: BinaryIO | None, **others: object) -> int:
        file = document or strategy
        if file is None or (document and strategy):
            raise click.UsageError("Name one DOCUMENT: a JSON file, `-` for standard input.")
        return function(wanted=Wanted(document=read_document(file), where=where), **others)

    return _with(series_options(taken), _DOCUMENT)


def _with(
    function: Callable[..., int], options: Sequence[Callable[[Callable[..., int]], Callable[..., int]]]
) -> Callable[..., int]:
    for option in reversed(options):
        function = option(function)
    return function


def read_document(file: BinaryIO) -> StrategyDocument:
    """Read a document; one with faults is refused after each of them is told with its place."""
    try:
        return read_text(file.read(MAX_BYTES + 1))
    except DocumentRefused as refused:
        for reason in refused.reasons:
            click.echo(f"{reason.place or '/'}: {reason.text}", err=True)
        raise Refusal("document_refused", 422, f"Mend what is listed in {file.name}.") from None


def timed(document: StrategyDocument, timeframe: str | None) -> StrategyDocument:
    """Return the document for bars of this length; of another one than its own it is another document."""
    if timeframe is None or timeframe == document.timeframe:
        return document
    progress(f"bars of {timeframe} instead of the document's {document.timeframe}: this is tested as another document")
    return read(plain(document) | {"timeframe": timeframe})


async def request_of(opened: Door, wanted: Wanted) -> Request:
    """Find the series and the span; Refusal where there is none, or where they do not fit the document."""
    where, document = wanted.where, timed(wanted.document, wanted.where.timeframe)
    async with opened.database.session(opened.workspace) as session:
        series = await chosen_series(session, where, document.universe, document.timeframe)
        last = await seals.last(session, series)
    if len(document.universe) > 1 and where.series_id is None and not where.symbols:
        count = len(document.universe)
        progress(f"{series.symbol} alone of {count} symbols; --together tests all of them on one account")
    span = span_of(series.start, last, where)
    asked = Request(document=document, series=series, span=span, version_id=None, by=f"person:{opened.person}")
    fits(asked)
    return asked


async def chosen_series(session: AsyncSession, where: Where, universe: Sequence[str], timeframe: str) -> Series:
    """Return the one series that is asked for, the first symbol of the universe unless one is named."""
    if len(where.symbols) > 1:
        raise click.UsageError("This reads one symbol: name one with -p. `omc backtest` tests several on one account.")
    if where.series_id is not None:
        return await get_series(session, where.series_id)
    symbol = where.symbols[0] if where.symbols else universe[0]
    return await find_series(session, symbol=symbol, timeframe=timeframe, venue=where.venue)


def span_of(first: datetime | None, last: datetime | None, where: Where) -> Span | None:
    """Return what was asked for, an open side taken from what there is; None when nothing was."""
    if where.start is None and where.end is None:
        return None
    begin, end = where.start or first, where.end or last
    if begin is None or end is None or begin >= end:
        text = "The span is empty; it must start before it ends, inside what `omc data list` shows."
        raise Refusal("span_empty", 422, text, place="--start")
    return Span(begin, end)


async def bars_of(opened: Door, asked: Request) -> Gathered:
    """Fetch the bars of a request, as much before its span as the document needs to warm up."""
    async with opened.database.session(opened.workspace) as session:
        return await gather(session, asked.document, asked.every, asked.span)


@asynccontextmanager
async def trial(
    opened: Door, asked: Request, kind: TrialKind, *, combinations: int = 1, trial_id: UUID | None = None
) -> AsyncGenerator[Trial]:
    """Count a try before it runs, in a transaction of its own, and note how it ended: what fails was tried too.

    With a `trial_id`, what is cancelled goes on later as the same try, so that it is neither ended nor counted again.
    """
    async with opened.database.session(opened.workspace) as session:
        now = opened.clock()
        known = await register_trial(session, asked, kind=kind, combinations=combinations, now=now, trial_id=trial_id)
    async with counted(opened, known, goes_on=trial_id is not None) as tried:
        yield tried


@asynccontextmanager
async def counted(opened: Door, known: UUID, *, goes_on: bool = False) -> AsyncGenerator[Trial]:
    """Note how a try ended that is registered already; one that `goes_on` later is not ended by a cancellation."""
    tried = Trial(id=known)
    try:
        yield tried
    except asyncio.CancelledError:
        if not goes_on:
            await _end(opened, tried, "cancelled")
        raise
    except BaseException:
        await _end(opened, tried, "failed")
        raise
    await _end(opened, tried, "done")


async def _end(opened: Door, tried: Trial, ending: Ending) -> None:
    async with opened.database.session(opened.workspace) as session:
        await finish(session, tried.id, ending, now=opened.clock(), found=tried.found)


async def watched(work: Callable[[Watch], Given]) -> Given:
    """Run work beside the event loop, telling how far it is; an interrupt stops it at its next step."""
    stop = Event()
    try:
        return await asyncio.to_thread(work, Watch(told=_teller(), stopped=stop.is_set))
    except asyncio.CancelledError:
        stop.set()
        raise


def _teller() -> Callable[[int, int, str], None]:
    last, begun = time.monotonic(), ""

    def tell(done: int, total: int, what: str) -> None:
        nonlocal last, begun
        if what != begun or done == total or time.monotonic() - last >= TELL_EVERY_S:
            last, begun = time.monotonic(), what
            progress(f"{what}: {done} of {total}")

    return tell
