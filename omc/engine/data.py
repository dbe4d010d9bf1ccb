"""Owns the fetching of the bars that a document needs for a span: the span itself, and the warm-up before it."""

from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.market import Span, Timeframe
from omc.engine.document import StrategyDocument
from omc.engine.finer import MAX_ROWS, unchecked
from omc.engine.inputs import bars_before, resolved
from omc.engine.reading import compile_document
from omc.engine.terms import history_of
from omc.ledgers import frames
from omc.ledgers.columns import BarColumns
from omc.ledgers.rules import Series
from omc.ledgers.seals import view
from omc.ledgers.service import list_series

SPARE = 1.25  # bars are missing in outages, so that a warm-up reaches a little further back than its count of bars

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def bars_for(
    session: AsyncSession, document: StrategyDocument, series: Series, span: Span | None, *, exam: bool = False
) -> tuple[BarColumns, int]:
    """Return bars with their inputs, and the row of the first one inside `span`; the rows before it only warm up.

    Without a span, all bars of the series up to where it is sealed, and row 0. Refusal `sealed` when the span reaches
    into what is sealed; only an `exam` reads that.
    """
    if not exam:
        start, end = (None, None) if span is None else (span.start, span.end)
        span = (await view(session, series.id, start=start, end=end)).span
    if span is None:
        columns = await frames.bars(session, series.id, None, as_of=None, sealed=exam)
        return await resolved(session, document, columns, symbol=series.symbol, sealed=exam), 0
    before_s = Timeframe.parse(document.timeframe).seconds * await bars_needed(session, document) * SPARE
    begin = _earlier(max(span.start, series.start or span.start), before_s)
    wanted = Span(min(begin, span.start), span.end)
    columns = await frames.bars(session, series.id, wanted, as_of=None, sealed=exam)
    first = int(np.searchsorted(columns.ts, round(span.start.timestamp() * 1_000)))
    return await resolved(session, document, columns, symbol=series.symbol, sealed=exam), first


async def bars_needed(session: AsyncSession, document: StrategyDocument) -> int:
    """Return how many bars a document and its models read before the first decision."""
    return history_of(document, compile_document(document)).bars + await bars_before(session, document)


async def finer_for(
    session: AsyncSession, document: StrategyDocument, series: Series, columns: BarColumns, *, exam: bool = False
) -> BarColumns | None:
    """Return the finest bars of the same market that make up `columns`, where they tell anything; None where not.

    Only an `exam` reads what is sealed.
    """
    if len(columns) == 0 or unchecked(document):
        return None
    first, last = (datetime.fromtimestamp(int(columns.ts[at]) / 1_000, UTC) for at in (0, -1))
    span = Span(first, last + timedelta(milliseconds=columns.timeframe_ms))
    fits = []
    for one in await list_series(session):
        length = Timeframe.parse(one.timeframe).milliseconds
        whole = length < columns.timeframe_ms and columns.timeframe_ms % length == 0
        same = (one.symbol, one.venue, one.origin) == (series.symbol, series.venue, series.origin)
        if same and whole and len(columns) * (columns.timeframe_ms // length) <= MAX_ROWS:
            fits.append((length, -one.bars, one))
    if not fits:
        return None
    chosen = min(fits, key=lambda fit: fit[:2])[2]
    return await frames.bars(session, chosen.id, span, as_of=None, sealed=exam)


def _earlier(instant: datetime, seconds: float) -> datetime:
    """That much before, but not before 1970: no calendar holds a warm-up of a million weeks."""
    since = (instant - _EPOCH).total_seconds()
    return _EPOCH if since <= seconds else instant - timedelta(seconds=seconds)
