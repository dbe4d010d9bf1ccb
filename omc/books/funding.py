"""Funding of perpetuals: what a position paid for being held, or got, at its instant; a part of what is realized."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omc.books.posting import NewFact, balanced, post_fact
from omc.books.rules import ZERO, Funding, Place
from omc.books.tables import FactRow
from omc.core.ids import FactId
from omc.core.money import text as plain

KIND = "funding"


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingPaid:
    """What an account paid for what it held at `ts`, in the place's currency; below zero it got that."""

    place: Place
    venue: str
    amount: Decimal
    ts: datetime


async def post_funding(session: AsyncSession, paid: FundingPaid, *, learned_ts: datetime) -> FactId | None:
    """Post funding once an account, asset and instant; nothing paid is no fact, and None is returned."""
    if paid.amount == ZERO:
        return None
    place, milliseconds = paid.place, round(paid.ts.timestamp() * 1_000)
    fact = NewFact(
        kind=KIND,
        account=place.account,
        strategy=place.strategy,
        venue=paid.venue,
        client_id=f"{KIND} {place.asset} {milliseconds}",
        asset=place.asset,
        currency=place.currency,
        happened_ts=paid.ts,
        content={"amount": plain(paid.amount)},
    )
    legs = balanced([("cash", KIND, place.currency, paid.amount.copy_negate())])
    return await post_fact(session, fact, legs, learned_ts=learned_ts)


async def fundings(session: AsyncSession, currency: str) -> list[Funding]:
    """Return all funding in a currency, oldest first."""
    columns = (FactRow.id, FactRow.happened_ts, FactRow.account, FactRow.strategy, FactRow.asset, FactRow.content)
    query = (
        select(*columns)
        .where(FactRow.currency == currency, FactRow.kind == KIND)
        .order_by(FactRow.happened_ts, FactRow.arrival)
    )
    return [
        Funding(
            id=str(fact_id),
            ts=ts,
            place=Place(asset=asset, currency=currency, account=account, strategy=strategy),
            amount=Decimal(str(content["amount"])),
        )
        for fact_id, ts, account, strategy, asset, content in (await session.execute(query)).all()
    ]
