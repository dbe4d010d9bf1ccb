"""The verbs of the books: post a fact or a mark once, and read figures as folds over the facts."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from omc.books.figures import (
    Figure,
    Ledger,
    Line,
    Mark,
    Point,
    Scope,
    Summary,
    curve,
    explain,
    fold_fills,
    holdings,
    summarize,
)
from omc.books.rules import FillFact, Place, Suspended, total
from omc.books.tables import FactRow, LegRow, MarkRow
from omc.core.canonical import digest, instant_text
from omc.core.ids import FactId
from omc.core.money import text as plain
from omc.core.order import Fill, Side
from omc.kit.errors import Refusal
from omc.kit.events import append
from omc.kit.ids import new_id

TOPIC = "books"
METHOD = "fifo"
MAX_PAGE = 500

_WORKSPACE = text("current_setting('omc.workspace')::uuid")
_HOLDING = ("coin", "cash")

# All legs of a fact in one statement: the database checks that they balance at its end.
_ADD_LEGS = text("""
INSERT INTO books_leg (workspace_id, fact_id, position, account, kind, asset, amount)
SELECT current_setting('omc.workspace')::uuid, :fact_id, leg.number, :account, leg.kind, leg.asset, leg.amount
FROM unnest(CAST(:kinds AS text[]), CAST(:assets AS text[]), CAST(:amounts AS numeric[]))
  WITH ORDINALITY AS leg(kind, asset, amount, number)
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The figures of a scope and of each of its parts, with what waits in suspense."""

    scope: Scope
    currencies: Sequence[str]
    figures: Summary
    by_strategy: Mapping[str, Summary]
    by_asset: Mapping[str, Summary]
    held: Mapping[str, tuple[Decimal, Decimal]]
    suspense: Sequence[Suspended]


async def post_fill(
    session: AsyncSession, fill: Fill, *, account: str, strategy: str, venue: str, learned_at: datetime
) -> FactId:
    """Post a fill once: the same fill again changes nothing, its id with other content is refused."""
    content = _content(fill)
    facts = {
        "kind": "fill",
        "account": account,
        "strategy": strategy,
        "venue": venue,
        "client_id": str(fill.id),
        "asset": fill.instrument.base,
        "currency": fill.instrument.quote,
        "happened_ts": fill.ts,
        "content": content,
    }
    row = facts | {"id": new_id(), "workspace_id": _WORKSPACE, "learned_ts": learned_at, "digest": digest(facts)}
    added = await session.execute(upsert(FactRow).values(row).on_conflict_do_nothing().returning(FactRow.id))
    fact_id = added.scalar_one_or_none()
    if fact_id is None:
        return await _posted_before(session, account, str(fill.id), str(row["digest"]))
    await session.execute(_ADD_LEGS, _legs(fact_id, fill, account))
    await append(session, TOPIC, "fact.posted", {"fact_id": str(fact_id), "account": account, "strategy": strategy})
    return FactId(fact_id)


async def post_mark(session: AsyncSession, mark: Mark) -> None:
    """Store a price of the place's asset, as its account sees it; a price of the same instant is kept as it is."""
    row = {
        "workspace_id": _WORKSPACE,
        "account": mark.place.account,
        "asset": mark.place.asset,
        "currency": mark.place.currency,
        "ts": mark.ts,
        "learned_ts": mark.learned_ts,
        "price": mark.price,
        "source": mark.source,
    }
    await session.execute(upsert(MarkRow).values(row).on_conflict_do_nothing())


async def positions(session: AsyncSession, account: str) -> dict[str, Decimal]:
    """Return what the account's facts have moved in and out of it, by asset, cash among them."""
    statement = (
        select(LegRow.asset, func.sum(LegRow.amount).label("amount"))
        .where(LegRow.account == account, LegRow.kind.in_(_HOLDING))
        .group_by(LegRow.asset)
    )
    rows = await session.execute(statement)
    return {row.asset: row.amount for row in rows}


async def summary(
    session: AsyncSession, *, strategy: str | None = None, asset: str | None = None, currency: str | None = None
) -> Picture:
    """Return the figures in one currency (the most used one unless named), by strategy and by asset."""
    currencies = await _currencies(session)
    scope = Scope(currency=currency or (currencies or [""])[0], strategy=strategy, asset=asset)
    ledger, _ = await _ledger(session, scope.currency)
    return await asyncio.to_thread(_picture, ledger, scope, currencies)


async def by_strategy(session: AsyncSession, *, currency: str | None = None) -> Mapping[str, Summary]:
    """Return the figures of each strategy; they add up to the whole."""
    return (await summary(session, currency=currency)).by_strategy


async def by_asset(session: AsyncSession, *, currency: str | None = None) -> Mapping[str, Summary]:
    """Return the figures of each asset; they add up to the whole."""
    return (await summary(session, currency=currency)).by_asset


async def history(
    session: AsyncSession, *, strategy: str | None = None, asset: str | None = None, currency: str | None = None
) -> tuple[Scope, list[Point]]:
    """Return the figures after every fact and every mark, oldest first."""
    scope = await _scope(session, strategy, asset, currency)
    ledger, marks = await _ledger(session, scope.currency)
    return scope, await asyncio.to_thread(curve, ledger, marks, scope)


async def explanation(
    session: AsyncSession,
    figure: Figure,
    *,
    strategy: str | None = None,
    asset: str | None = None,
    currency: str | None = None,
) -> tuple[Scope, list[Line]]:
    """Return the lines whose amounts add up to the figure, down to fills and lots."""
    scope = await _scope(session, strategy, asset, currency)
    ledger, _ = await _ledger(session, scope.currency)
    return scope, await asyncio.to_thread(explain, ledger, figure, scope)


async def facts(session: AsyncSession, *, after: int = 0, limit: int = MAX_PAGE) -> Sequence[FactRow]:
    """Return facts in the order in which they arrived, those after the arrival number `after`."""
    statement = select(FactRow).where(FactRow.arrival > after).order_by(FactRow.arrival).limit(min(limit, MAX_PAGE))
    return (await session.execute(statement)).scalars().all()


def _content(fill: Fill) -> dict[str, object]:
    return {
        "order_id": str(fill.order_id),
        "symbol": fill.instrument.symbol,
        "side": fill.side.value,
        "price": plain(fill.price),
        "quantity": plain(fill.quantity),
        "fee": plain(fill.fee),
        "fee_asset": fill.fee_asset,
        "ts": instant_text(fill.ts),
    }


async def _posted_before(session: AsyncSession, account: str, client_id: str, content_digest: str) -> FactId:
    statement = select(FactRow.id, FactRow.digest).where(FactRow.account == account, FactRow.client_id == client_id)
    fact_id, posted_digest = (await session.execute(statement)).one()
    if posted_digest != content_digest:
        text_ = f"{client_id} is already in the books of {account} with other content; post a correction instead"
        raise Refusal("client_id_reused", 409, text_)
    return FactId(fact_id)


def _legs(fact_id: UUID, fill: Fill, account: str) -> dict[str, object]:
    base, quote = fill.instrument.base, fill.instrument.quote
    bought = fill.side is Side.BUY
    coins = fill.quantity if bought else fill.quantity.copy_negate()
    cash = fill.notional.copy_negate() if bought else fill.notional
    moves = [("coin", "trade", base, coins), ("cash", "trade", quote, cash)]
    if fill.fee:
        kind = "cash" if fill.fee_asset == quote else "coin"
        moves.append((kind, "fee", fill.fee_asset, fill.fee.copy_negate()))
    legs = [
        leg
        for kind, against, asset, amount in moves
        for leg in ((kind, asset, amount), (against, asset, amount.copy_negate()))
    ]
    kinds, assets, amounts = zip(*legs, strict=True)
    return {
        "fact_id": fact_id,
        "account": account,
        "kinds": list(kinds),
        "assets": list(assets),
        "amounts": list(amounts),
    }


async def _scope(session: AsyncSession, strategy: str | None, asset: str | None, currency: str | None) -> Scope:
    used = [currency] if currency else await _currencies(session)
    return Scope(currency=(used or [""])[0], strategy=strategy, asset=asset)


async def _currencies(session: AsyncSession) -> list[str]:
    statement = select(FactRow.currency).group_by(FactRow.currency).order_by(func.count().desc(), FactRow.currency)
    return list((await session.execute(statement)).scalars())


async def _ledger(session: AsyncSession, currency: str) -> tuple[Ledger, list[Mark]]:
    fills = await _fills(session, currency)
    marks = await _marks(session, currency, {fill.place for fill in fills})
    latest = {mark.place: mark for mark in marks}
    return await asyncio.to_thread(fold_fills, fills, latest, method=METHOD), marks


async def _fills(session: AsyncSession, currency: str) -> list[FillFact]:
    columns = (FactRow.id, FactRow.happened_ts, FactRow.account, FactRow.strategy, FactRow.asset, FactRow.content)
    statement = (
        select(*columns)
        .where(FactRow.currency == currency, FactRow.kind == "fill")
        .order_by(FactRow.happened_ts, FactRow.arrival)
    )
    return [
        FillFact(
            id=str(fact_id),
            ts=ts,
            place=Place(asset=asset, currency=currency, account=account, strategy=strategy),
            side=Side(str(content["side"])),
            quantity=Decimal(str(content["quantity"])),
            price=Decimal(str(content["price"])),
            fee=Decimal(str(content["fee"])),
            fee_asset=str(content["fee_asset"]),
        )
        for fact_id, ts, account, strategy, asset, content in (await session.execute(statement)).all()
    ]


async def _marks(session: AsyncSession, currency: str, places: set[Place]) -> list[Mark]:
    seen_by: dict[tuple[str, str], list[Place]] = {}
    for place in places:
        seen_by.setdefault((place.account, place.asset), []).append(place)
    statement = select(MarkRow).where(MarkRow.currency == currency).order_by(MarkRow.ts)
    rows = (await session.execute(statement)).scalars()
    return [
        Mark(place=place, price=row.price, ts=row.ts, learned_ts=row.learned_ts, source=row.source)
        for row in rows
        for place in seen_by.get((row.account, row.asset), ())
    ]


def _picture(ledger: Ledger, scope: Scope, currencies: Sequence[str]) -> Picture:
    places = [place for place in ledger.book.totals if scope.covers(place)]
    strategies = sorted({place.strategy for place in places})
    assets = sorted({place.asset for place in places})
    one_strategy = {name: Scope(currency=scope.currency, strategy=name, asset=scope.asset) for name in strategies}
    one_asset = {name: Scope(currency=scope.currency, strategy=scope.strategy, asset=name) for name in assets}
    return Picture(
        scope=scope,
        currencies=currencies,
        figures=summarize(ledger, scope),
        by_strategy={name: summarize(ledger, part) for name, part in one_strategy.items()},
        by_asset={name: summarize(ledger, part) for name, part in one_asset.items()},
        held={name: _held(ledger, part) for name, part in one_asset.items()},
        suspense=[held for held in ledger.book.suspense if scope.covers(held.place)],
    )


def _held(ledger: Ledger, scope: Scope) -> tuple[Decimal, Decimal]:
    held = holdings(ledger, scope)
    return total(holding.quantity for holding in held), total(holding.cost for holding in held)
