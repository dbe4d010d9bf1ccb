"""Owns which series a run of several symbols reads, and their bars: of one venue, to where the first one is sealed.

Where one symbol's market is sealed the account ends: it could not go on without looking away from one of its symbols.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.market import Span
from omc.engine.data import bars_for
from omc.engine.document import StrategyDocument
from omc.engine.inputs import learning_of
from omc.engine.market import Market, market_of
from omc.engine.portfolio import Portfolio, simulate_together
from omc.engine.relearned import Learning
from omc.kit.errors import Refusal
from omc.ledgers import seals
from omc.ledgers.naming import unified_symbol
from omc.ledgers.rules import Origin, Series
from omc.ledgers.service import list_series

MAX_BARS = 10_000_000
"""Bars of all symbols of one account: two gigabytes with what the account is laid out in."""

_Place = tuple[str, Origin]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The bars that are tested on, the bar of each symbol that decides first, and what to print of bars sealed."""

    market: Market
    starts: Mapping[str, int]
    said: Mapping[str, str]

    @property
    def first(self) -> int:
        """The first row of the market that decides."""
        return min(self.market.row(symbol, start) for symbol, start in self.starts.items())


async def choose(
    session: AsyncSession, document: StrategyDocument, symbols: Sequence[str], *, venue: str | None = None
) -> list[Series]:
    """Return a series for each symbol, in the order of the universe, all from one venue.

    It is the venue named, else one that has them all: real candles before synthetic ones, then the most bars. Raises
    Refusal `wrong_symbol`, `series_unknown` with what to import, or `no_common_venue`.
    """
    named = [unified_symbol(symbol) or symbol for symbol in symbols]
    for symbol in named:
        if symbol not in document.universe:
            text = f"{symbol[:40]} is not in the document's universe: {', '.join(document.universe)}"
            raise Refusal("wrong_symbol", 422, text, place="/universe")
    wanted = [symbol for symbol in document.universe if symbol in named]
    offers: dict[_Place, dict[str, Series]] = {}
    for one in await list_series(session):
        if one.symbol in wanted and one.timeframe == document.timeframe and venue in (None, one.venue):
            offer = offers.setdefault((one.venue, one.origin), {})
            offer[one.symbol] = max(offer.get(one.symbol, one), one, key=lambda series: series.bars)
    whole = [place for place, offer in offers.items() if len(offer) == len(wanted)]
    if not whole:
        raise _lacking(document, wanted, offers)
    best = max(whole, key=lambda place: (place[1] == Origin.IMPORTED, sum(one.bars for one in offers[place].values())))
    return [offers[best][symbol] for symbol in wanted]


def _lacking(document: StrategyDocument, wanted: Sequence[str], offers: Mapping[_Place, Collection[str]]) -> Refusal:
    nowhere = [symbol for symbol in wanted if not any(symbol in offer for offer in offers.values())]
    advice = "Import them on the Data page or with `omc data import FILE`, or test fewer symbols"
    if nowhere:
        text = f"no candles of {', '.join(nowhere)} at {document.timeframe}. {advice}"
        return Refusal("series_unknown", 404, text, place=f"/universe/{document.universe.index(nowhere[0])}")
    lacks = "; ".join(
        f"{venue} lacks {', '.join(symbol for symbol in wanted if symbol not in offer)}"
        for (venue, _), offer in sorted(offers.items())
    )
    return Refusal("no_common_venue", 422, f"no venue has candles of all: {lacks}. {advice}", place="/universe")


def ordered(document: StrategyDocument, every: Sequence[Series]) -> list[Series]:
    """Return series in the order of the universe, in which an account enters them; strange ones come last."""
    places = {symbol: place for place, symbol in enumerate(document.universe)}
    return sorted(every, key=lambda one: places.get(one.symbol, len(places)))


async def edges(session: AsyncSession, every: Sequence[Series]) -> tuple[datetime | None, datetime | None]:
    """Return where the first of these series begins, and where research has to end for all of them together."""
    starts = [one.start for one in every if one.start is not None]
    ends = [one.end for one in every if one.end is not None]
    sealed = [edge for one in every if (edge := await seals.until(session, one.id)) is not None]
    return min(starts, default=None), min([*sealed, *([max(ends)] if ends else [])], default=None)


async def gather(
    session: AsyncSession,
    document: StrategyDocument,
    every: Sequence[Series],
    span: Span | None,
    *,
    exam: bool = False,
) -> Gathered:
    """Return the bars of each series inside `span` (None: all), from its own listing on, and before them its warm-up.

    Raises Refusal `sealed` where the span reaches into what is sealed, which only an `exam` reads, and `no_bars` where
    one of several symbols has none in it.
    """
    span, said = (span, {}) if span is not None else await _open(session, every)
    columns, starts = {}, {}
    for one in every:
        bars, first = await bars_for(session, document, one, span, exam=exam)
        if first >= len(bars) and len(every) > 1:
            raise _absent(document, one)
        columns[one.symbol], starts[one.symbol] = bars, first
        if sum(map(len, columns.values())) > MAX_BARS and len(every) > 1:
            text = f"these symbols have more than {MAX_BARS} bars together; choose a shorter span or fewer of them"
            raise Refusal("too_many_bars", 422, text)
    return Gathered(market=market_of(document, columns), starts=starts, said=said)


async def said_of(session: AsyncSession, every: Sequence[Series]) -> Mapping[str, str]:
    """Return what to print of bars that are sealed, where all bars of these series are asked for."""
    return (await _open(session, every))[1]


async def _open(session: AsyncSession, every: Sequence[Series]) -> tuple[Span | None, Mapping[str, str]]:
    """What research may see of all of them together, None for all there is, and what to print of it."""
    views = [await seals.view(session, one.id, start=None, end=None) for one in every]
    cut = [(seen.span, seen.said) for seen in views if seen.span is not None]
    return min(cut, key=lambda one: one[0].end, default=(None, {}))


async def taught(session: AsyncSession, document: StrategyDocument, market: Market) -> Mapping[str, Learning]:
    """Return how the models of a document are trained anew on the bars of each symbol; nothing where it has none."""
    each = {symbol: await learning_of(session, document, bars) for symbol, bars in market.bars.items()}
    return {symbol: one for symbol, one in each.items() if one is not None}


def _absent(document: StrategyDocument, series: Series) -> Refusal:
    there = "it has none at all"
    if series.start is not None and series.end is not None:
        there = f"it has them from {series.start:%Y-%m-%d} to {series.end:%Y-%m-%d}"
    text = f"{series.symbol} has no bars in this span, {there}; choose another span, or test without it"
    return Refusal("no_bars", 422, text, place=f"/universe/{document.universe.index(series.symbol)}")


async def tested(document: StrategyDocument, gathered: Gathered) -> Portfolio:
    """Run the account beside the event loop."""
    run = await asyncio.to_thread(simulate_together, document, gathered.market.bars, starts=gathered.starts)
    return replace(run, assumptions={**run.assumptions, **gathered.said})
