"""Stores generated markets beside the real ones, each labelled SYNTHETIC with its seed."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.market import Span, Timeframe
from omc.core.reason import Reason
from omc.kit.errors import Refusal
from omc.kit.events import append
from omc.ledgers.batch import Batch
from omc.ledgers.coverage import refresh
from omc.ledgers.naming import RESERVED_VENUE, SeriesKey, unified_symbol, unified_timeframe
from omc.ledgers.rules import Origin, Series
from omc.ledgers.shelf import Wanted, open_series
from omc.ledgers.staging import Rows, rows, stage, store
from omc.ledgers.synthetic import MARKETS, check, generate
from omc.ledgers.tables import SeriesRow
from omc.ledgers.telling import bars_stored

DEFAULT_SYMBOLS = tuple(market.symbol for market in MARKETS)
DEFAULT_SPAN = Span(datetime(2023, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC))
"""Two years that are over, so that the same seed gives the same markets on any day."""

DEFAULT_TIMEFRAME = "1h"
DEFAULT_SEED = 7
MAX_SEED = 2**32 - 1

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What to make: each symbol from the first bar that opens in `span` to the last that closes in it."""

    symbols: tuple[str, ...] = DEFAULT_SYMBOLS
    timeframe: str = DEFAULT_TIMEFRAME
    span: Span = DEFAULT_SPAN
    seed: int = DEFAULT_SEED


async def make_markets(session: AsyncSession, made: Made, *, now: datetime) -> list[Series]:
    """Generate and store; the same order again changes nothing. Raises Refusal with the place in the order."""
    timeframe = _timeframe(made.timeframe)
    symbols = list(dict.fromkeys(unified_symbol(symbol) or symbol for symbol in made.symbols))
    step = timeframe.milliseconds
    start = -(-_stamp(made.span.start) // step) * step
    bars = max(0, (_stamp(made.span.end) - start) // step)
    _refuse(check(symbols, bars=bars))
    if not 0 <= made.seed <= MAX_SEED:
        _refuse(Reason(code="seed_out_of_range", place="/seed", text=f"the seed is a number from 0 to {MAX_SEED}"))
    if made.span.end > now:
        _refuse(Reason(code="span_not_generated", place="/end", text="the span ends in the future; end it by today"))
    batches = generate(symbols, seed=made.seed, start_ms=start, bars=bars, timeframe=timeframe.text, step_ms=step)
    staged = await stage(session, _blocks(batches, step))
    wanted = [_wanted(symbol, timeframe, made.seed) for symbol in symbols]
    series = await open_series(session, wanted, now=now)
    kept = await store(session, [row.id for row in series])
    assert kept <= staged
    if kept:
        await _cover(session, series, step)
        facts = {"series": [str(row.id) for row in series], "seed": made.seed, "rows_kept": kept}
        await append(session, "imports", "markets.made", facts)
        await bars_stored(session)
    return [row.value() for row in series]


def _timeframe(written: str) -> Timeframe:
    text = unified_timeframe(written)
    if text is None:
        raise Refusal("timeframe_unreadable", 422, "write the timeframe as 1m, 5m, 1h or 1d", place="/timeframe")
    return Timeframe.parse(text)


def _stamp(instant: datetime) -> int:
    return (instant - _EPOCH) // _MILLISECOND


def _refuse(reason: Reason | None) -> None:
    if reason is not None:
        raise Refusal(reason.code, 422, reason.text, place=reason.place)


def _wanted(symbol: str, timeframe: Timeframe, seed: int) -> Wanted:
    key = SeriesKey(venue=RESERVED_VENUE, symbol=symbol, timeframe=timeframe.text)
    return Wanted(key=key, origin=Origin.SYNTHETIC, variant=f"seed {seed}")


async def _blocks(batches: Iterator[Batch], step: int) -> AsyncIterator[Rows]:
    def following() -> Rows | None:
        batch = next(batches, None)
        return None if batch is None else rows(batch, batch.key, close=batch.ts + step, fine=batch.ts > 0)

    while (block := await asyncio.to_thread(following)) is not None:
        yield block


async def _cover(session: AsyncSession, series: Sequence[SeriesRow], step: int) -> None:
    for row in series:
        await refresh(session, row.id, timeframe_ms=step, quarantined=0)
        await session.refresh(row)
