"""The verbs of the books: post a fact or a mark once, and read figures as folds over the facts."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from omc.books.bills import CURRENCY as BILLED_IN
from omc.books.bills import model_bills
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
from omc.books.funding import fundings
from omc.books.posting import Leg, NewFact, balanced, post_fact
from omc.books.rules import Bill, FillFact, Place, Suspended, total
from omc.books.tables import FactRow, LegRow, MarkRow
from omc.core.canonical import instant_text
from omc.core.ids import FactId
from omc.core.money import text as plain
from omc.core.order import Fill, Side

METHOD = "fifo"
MAX_PAGE = 500

_WORKSPACE = text("current_setting('omc.workspace')::uuid")
_HOLDING = ("coin", "cash")


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
    model_costs_by_session: Mapping[str | None, Sequence[Decimal]]


async def post_fill(
    session: AsyncSession, fill: Fill, *, account: str, strategy: str, venue: str, learned_at: datetime
) -> FactId:
    """Post a fill once: the same fill again changes nothing, its id with other content is refused."""
    fact = NewFact(
        kind="fill",
        account=account,
        strategy=strategy,
        venue=venue,
        client_id=str(fill.id),
        asset=fill.instrument.base,
        currency=fill.instrument.quote,
        happened_ts=fill.ts,
        content=_content(fill),
    )
    return await post_fact(session, fact, _legs(fill), learned_ts=learned_at)


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
    """Return the lines whose amounts add up to the figure, down to fills and lots, or to the calls of a model."""
    in_currency = BILLED_IN if figure is Figure.MODEL_COSTS else currency
    scope = await _scope(session, strategy, asset, in_currency)
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


def _legs(fill: Fill) -> list[Leg]:
    base, quote = fill.instrument.base, fill.instrument.quote
    bought = fill.side is Side.BUY
    coins = fill.quantity if bought else fill.quantity.copy_negate()
    cash = fill.notional.copy_negate() if bought else fill.notional
    moves = [("coin", "trade", base, coins), ("cash", "trade", quote, cash)]
    if fill.fee:
        kind = "cash" if fill.fee_asset == quote else "coin"
        moves.append((kind, "fee", fill.fee_asset, fill.fee.copy_negate()))
    return balanced(moves)


async def _scope(session: AsyncSession, strategy: str | None, asset: str | None, currency: str | None) -> Scope:
    used = [currency] if currency else await _currencies(session)
    return Scope(currency=(used or [""])[0], strategy=strategy, asset=asset)


async def _currencies(session: AsyncSession) -> list[str]:
    """Return the currencies of the facts, the one most traded in first; one that only bills are in comes last."""
    traded = func.count().filter(FactRow.kind == "fill")
    statement = select(FactRow.currency).group_by(FactRow.currency).order_by(traded.desc(), FactRow.currency)
    return list((await session.execute(statement)).scalars())


async def _ledger(session: AsyncSession, currency: str) -> tuple[Ledger, list[Mark]]:
    fills = await _fills(session, currency)
    marks = await _marks(session, currency, {fill.place for fill in fills})
    latest = {mark.place: mark for mark in marks}
    bills, funding = await model_bills(session), await fundings(session, currency)
    folded = await asyncio.to_thread(fold_fills, fills, latest, method=METHOD, bills=bills, funding=funding)
    return folded, marks


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
    bills = [bill for bill in ledger.bills if scope.bears(bill)]
    served = {bill.strategy for bill in bills if bill.strategy}
    strategies = sorted({place.strategy for place in places} | served)
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
        model_costs_by_session=_by_session(bills),
    )


def _by_session(bills: Sequence[Bill]) -> Mapping[str | None, Sequence[Decimal]]:
    found: dict[str | None, list[Decimal]] = {}
    for bill in bills:
        found.setdefault(bill.session, []).append(bill.amount)
    return found


def _held(ledger: Ledger, scope: Scope) -> tuple[Decimal, Decimal]:
    held = holdings(ledger, scope)
    return total(holding.quantity for holding in held), total(holding.cost for holding in held)
