"""How a fact enters the books: once an account and client id, with legs that balance, and told to who watches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omc.books.tables import FactRow
from omc.core.canonical import digest
from omc.core.ids import FactId
from omc.kit.db import at_end, value
from omc.kit.errors import Refusal
from omc.kit.events import appended, appending
from omc.kit.ids import new_id

TOPIC = "books"

# A fact, all its legs and its event in one statement: the database checks that the legs balance at its end.
_POST: LiteralString = (
    """
WITH fact AS (
  INSERT INTO books_fact (workspace_id, id, kind, account, strategy, venue, client_id, asset, currency, happened_ts,
    learned_ts, content, digest)
  VALUES (current_setting('omc.workspace')::uuid, %(id)s, %(kind)s, %(account)s, %(strategy)s, %(venue)s,
    %(client_id)s, %(asset)s, %(currency)s, %(happened_ts)s, %(learned_ts)s, %(content)s, %(digest)s)
  ON CONFLICT (workspace_id, account, client_id) DO NOTHING
  RETURNING workspace_id, id, account
), legs AS (
  INSERT INTO books_leg (workspace_id, fact_id, position, account, kind, asset, amount)
  SELECT fact.workspace_id, fact.id, leg.number, fact.account, leg.kind, leg.asset, leg.amount
  FROM fact, unnest(%(kinds)s::text[], %(assets)s::text[], %(amounts)s::numeric[])
    WITH ORDINALITY AS leg(kind, asset, amount, number)
), """  # noqa: S608 - both parts are written here, no value is
    + appending("EXISTS (SELECT FROM fact)")
    + "SELECT EXISTS (SELECT FROM fact), (SELECT notified FROM woken)"
)


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
    posted = _posted(fact, legs, learned_ts)
    if not await value(session, bool, _POST, posted):
        return await _posted_before(session, fact.account, fact.client_id, str(posted["digest"]))
    return FactId(UUID(str(posted["id"])))


def post_fact_at_end(session: AsyncSession, fact: NewFact, legs: Sequence[Leg], *, learned_ts: datetime) -> None:
    """Post a fact whose id is new, in the same way to the database as the commit: the books are watched by all."""
    at_end(session, _POST, _posted(fact, legs, learned_ts))


def _posted(fact: NewFact, legs: Sequence[Leg], learned_ts: datetime) -> dict[str, object]:
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
    kinds, assets, amounts = zip(*legs, strict=True)
    moves = {"kinds": list(kinds), "assets": list(assets), "amounts": list(amounts)}
    fact_id = new_id()
    known = {"id": fact_id, "learned_ts": learned_ts, "digest": digest(facts), "content": Jsonb(facts["content"])}
    told = {"fact_id": str(fact_id), "account": fact.account, "strategy": fact.strategy}
    return facts | moves | known | appended(TOPIC, [("fact.posted", told)])


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
