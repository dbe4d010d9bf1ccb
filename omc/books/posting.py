"""How a fact enters the books: once an account and client id, with legs that balance, and told to who watches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from omc.books.tables import FactRow
from omc.core.canonical import digest
from omc.core.ids import FactId
from omc.kit.errors import Refusal
from omc.kit.events import append
from omc.kit.ids import new_id

TOPIC = "books"

_WORKSPACE = text("current_setting('omc.workspace')::uuid")

# All legs of a fact in one statement: the database checks that they balance at its end.
_ADD_LEGS = text("""
INSERT INTO books_leg (workspace_id, fact_id, position, account, kind, asset, amount)
SELECT current_setting('omc.workspace')::uuid, :fact_id, leg.number, :account, leg.kind, leg.asset, leg.amount
FROM unnest(CAST(:kinds AS text[]), CAST(:assets AS text[]), CAST(:amounts AS numeric[]))
  WITH ORDINALITY AS leg(kind, asset, amount, number)
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFact:
    """A fact as it is posted; `client_id` names it within its account, and its content may not differ a second time."""

    kind: str
    account: str
    strategy: str
    venue: str
    client_id: str
    asset: str
    currency: str
    happened_ts: datetime
    content: Mapping[str, object]


Leg = tuple[str, str, Decimal]
"""A movement: its kind, its asset, its amount."""


async def post_fact(session: AsyncSession, fact: NewFact, legs: Sequence[Leg], *, learned_ts: datetime) -> FactId:
    """Post a fact once: the same again changes nothing, its id with other content is refused."""
    facts = {
        "kind": fact.kind,
        "account": fact.account,
        "strategy": fact.strategy,
        "venue": fact.venue,
        "client_id": fact.client_id,
        "asset": fact.asset,
        "currency": fact.currency,
        "happened_ts": fact.happened_ts,
        "content": dict(fact.content),
    }
    row = facts | {"id": new_id(), "workspace_id": _WORKSPACE, "learned_ts": learned_ts, "digest": digest(facts)}
    added = await session.execute(upsert(FactRow).values(row).on_conflict_do_nothing().returning(FactRow.id))
    fact_id = added.scalar_one_or_none()
    if fact_id is None:
        return await _posted_before(session, fact.account, fact.client_id, str(row["digest"]))
    kinds, assets, amounts = zip(*legs, strict=True)
    moves = {"kinds": list(kinds), "assets": list(assets), "amounts": list(amounts)}
    await session.execute(_ADD_LEGS, {"fact_id": fact_id, "account": fact.account, **moves})
    told = {"fact_id": str(fact_id), "account": fact.account, "strategy": fact.strategy}
    await append(session, TOPIC, "fact.posted", told)
    return FactId(fact_id)


def balanced(moves: Sequence[tuple[str, str, str, Decimal]]) -> list[Leg]:
    """Return each movement (kind, kind against, asset, amount) as its two legs."""
    return [
        leg
        for kind, against, asset, amount in moves
        for leg in ((kind, asset, amount), (against, asset, amount.copy_negate()))
    ]


async def _posted_before(session: AsyncSession, account: str, client_id: str, content_digest: str) -> FactId:
    statement = select(FactRow.id, FactRow.digest).where(FactRow.account == account, FactRow.client_id == client_id)
    fact_id, posted_digest = (await session.execute(statement)).one()
    if posted_digest != content_digest:
        text_ = f"{client_id} is already in the books of {account} with other content; post a correction instead"
        raise Refusal("client_id_reused", 409, text_)
    return FactId(fact_id)
