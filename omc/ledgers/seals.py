"""Where a market is sealed for an exam: research sees no bar from there on until the seal is broken.

A seal is set on one series and covers its market: every series of the same base, quote and origin, whatever its bar
length, venue or settlement, because each of them tells what the others did. Everything after a sealed stretch is
withheld with it: a run behind it would warm up on what is sealed.

It covers what is observed of the base asset too, such as its funding and the figures of its chain, many of which are
made of its price. What names no asset, an index of the mood of all, stays open.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Select, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from omc.core.ids import SeriesId
from omc.core.market import Span
from omc.kit.errors import Refusal
from omc.ledgers.naming import unified_symbol
from omc.ledgers.rules import Origin, Series
from omc.ledgers.tables import WORKSPACE, SealBrokenRow, SealRow, SeriesRow

MAX_SEALS = 200

_BROKEN = select(SealBrokenRow.seal_id).where(SealBrokenRow.seal_id == SealRow.id).exists()
_WORDS = re.compile(r"[^A-Z0-9]+")

_BEGIN, _END = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Who gave the stretch back to research, when and why."""

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A stretch that is withheld, and how many parameter sets had seen some of it when it was."""

    id: UUID
    series_id: SeriesId
    span: Span
    tried_before: int
    sealed_by: str
    sealed_at: datetime
    broken: Broken | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What research may look at: `span` (None: all), cut before `until`, where the first seal lies."""

    span: Span | None
    until: datetime | None

    @property
    def said(self) -> dict[str, str]:
        """What to print with a result whose data was cut; empty when it was not."""
        if self.until is None:
            return {}
        return {"sealed": f"bars from {day(self.until)} on are sealed for an exam; nothing from there on was read"}


def market_of(series_id: SeriesId | UUID) -> Select[UUID]:
    """Select the ids of all series of a series' market, itself among them."""
    asked = aliased(SeriesRow)
    same = func.split_part(SeriesRow.symbol, ":", 1) == func.split_part(asked.symbol, ":", 1)
    return select(SeriesRow.id).join(asked, same & (SeriesRow.origin == asked.origin)).where(asked.id == series_id)


async def until(session: AsyncSession, series_id: SeriesId | UUID) -> datetime | None:
    """Return the start of the first stretch of the market that is still sealed; None when nothing is."""
    of_market = SealRow.series_id.in_(market_of(series_id))
    return await session.scalar(select(func.min(SealRow.start_ts)).where(of_market, ~_BROKEN))


async def until_of(session: AsyncSession, name: str) -> datetime | None:
    """Return the start of the first sealed stretch of a market whose base asset an observation's name has as a word.

    Observations are of the world, so that a seal on synthetic bars covers none. A symbol is a word however a venue
    writes it, alone (`oi:BTCUSDT`) or among others (`oi:btcusdt-swap`); an asset that is spelled out, as in
    `glassnode:bitcoin`, is not recognised.
    """
    parts = [part for whole in name.upper().split(":") for part in (whole, *_WORDS.split(whole))]
    words = {word for part in parts for word in _WORDS.split(unified_symbol(part) or part)}
    named = func.split_part(SeriesRow.symbol, "/", 1).in_(words) & (SeriesRow.origin == Origin.IMPORTED)
    first = select(func.min(SealRow.start_ts)).join(SeriesRow, SeriesRow.id == SealRow.series_id)
    return await session.scalar(first.where(named, ~_BROKEN))


async def last(session: AsyncSession, series: Series) -> datetime | None:
    """Return where the part of a series ends that research may see; None when it has no bars."""
    return (await lasts(session, [series]))[series.id]


async def lasts(session: AsyncSession, found: Sequence[Series]) -> dict[SeriesId, datetime | None]:
    """Return `last` of each series by its id, in one query."""
    market = func.split_part(SeriesRow.symbol, ":", 1)
    first = select(market, SeriesRow.origin, func.min(SealRow.start_ts)).join(
        SeriesRow, SeriesRow.id == SealRow.series_id
    )
    rows = await session.execute(first.where(~_BROKEN).group_by(market, SeriesRow.origin))
    edges = {(symbol, origin): edge for symbol, origin, edge in rows}
    return {one.id: _before(one.end, edges.get((one.symbol.partition(":")[0], one.origin))) for one in found}


def _before(end: datetime | None, edge: datetime | None) -> datetime | None:
    return end if edge is None or end is None else min(edge, end)


async def view(
    session: AsyncSession, series_id: SeriesId | UUID, *, start: datetime | None, end: datetime | None
) -> View:
    """Return what may be looked at of what is asked for: without an `end`, the look stops before the seal and says so.

    Refusal `sealed` when `start` or `end` reaches into what is sealed.
    """
    edge = await until(session, series_id)
    if edge is None:
        if start is None and end is None:
            return View(span=None, until=None)
        return View(span=Span(start or _BEGIN, end or _END), until=None)
    if (start is not None and start >= edge) or (end is not None and end > edge):
        text = (
            f"the bars of this market from {day(edge)} on are sealed for an exam; end the span there or before, or"
            " sit the exam with the one version that you believe in"
        )
        raise Refusal("sealed", 409, text, place="/end")
    return View(span=Span(start or _BEGIN, end or edge), until=None if end is not None else edge)


async def withhold(session: AsyncSession, seal: Seal) -> None:
    """Keep a seal; it holds from this transaction on and is never changed."""
    row = {
        "workspace_id": WORKSPACE,
        "id": seal.id,
        "series_id": seal.series_id,
        "start_ts": seal.span.start,
        "end_ts": seal.span.end,
        "tried_before": seal.tried_before,
        "sealed_by": seal.sealed_by,
        "sealed_at": seal.sealed_at,
    }
    await session.execute(insert(SealRow).values(row))


async def give_back(session: AsyncSession, seal_id: UUID, broken: Broken) -> bool:
    """Break a seal; False when it was broken before, and then nothing changes."""
    row = {
        "workspace_id": WORKSPACE,
        "seal_id": seal_id,
        "reason": broken.reason,
        "broken_by": broken.by,
        "broken_at": broken.at,
    }
    added = upsert(SealBrokenRow).values(row).on_conflict_do_nothing().returning(SealBrokenRow.seal_id)
    return (await session.execute(added)).scalar_one_or_none() is not None


async def list_seals(
    session: AsyncSession, *, seal_id: UUID | None = None, series_id: SeriesId | None = None
) -> Sequence[Seal]:
    """Return the newest MAX_SEALS seals, newest first; the one of an id, or those of a series' market, when named."""
    statement = select(SealRow, SealBrokenRow).outerjoin(SealBrokenRow, SealBrokenRow.seal_id == SealRow.id)
    if seal_id is not None:
        statement = statement.where(SealRow.id == seal_id)
    if series_id is not None:
        statement = statement.where(SealRow.series_id.in_(market_of(series_id)))
    rows = (await session.execute(statement.order_by(SealRow.id.desc()).limit(MAX_SEALS))).all()
    return [_seal(row, broken) for row, broken in rows]


def _seal(row: SealRow, broken: SealBrokenRow | None) -> Seal:
    return Seal(
        id=row.id,
        series_id=SeriesId(row.series_id),
        span=Span(row.start_ts, row.end_ts),
        tried_before=row.tried_before,
        sealed_by=row.sealed_by,
        sealed_at=row.sealed_at,
        broken=None if broken is None else Broken(by=broken.broken_by, at=broken.broken_at, reason=broken.reason),
    )


def day(instant: datetime) -> str:
    """Return how a seal's edge is written."""
    utc = instant.astimezone(UTC)
    return f"{utc:%Y-%m-%d}" if utc.time() == datetime.min.time() else f"{utc:%Y-%m-%d %H:%M} UTC"
