"""Bills of model calls: an expense in US dollars, of the strategy or the session that the call served.

The books know of a call what they know of a fill: its id, when it was, what it cost. A bill is in US dollars because
providers bill in them; it lowers the profit of books in US dollars, and stands beside the profit of books in another
currency, as no price of the dollar in that currency is among the facts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from omc.books.posting import Leg, NewFact, balanced, post_fact, post_fact_at_end
from omc.books.rules import ZERO, Bill
from omc.books.tables import FactRow, LegRow
from omc.core.ids import FactId
from omc.core.money import text as plain

KIND = "model_bill"
ACCOUNT = "models"
CURRENCY = "USD"
EXPENSE = "expense"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelBill:
    """What one call cost at `ts`, and whom it served: a session, a strategy, both or neither."""

    call_id: UUID
    cost: Decimal
    ts: datetime
    session_id: UUID | None
    strategy: str | None
    provider: str
    model: str


async def post_model_bill(session: AsyncSession, bill: ModelBill, *, learned_ts: datetime) -> FactId | None:
    """Post what a model's call cost, once a call; a call that cost nothing is no fact, and None is returned."""
    if bill.cost == ZERO:
        return None
    return await post_fact(session, _fact(bill), _legs(bill), learned_ts=learned_ts)


def post_model_bill_at_end(session: AsyncSession, bill: ModelBill, *, learned_ts: datetime) -> None:
    """Post it in the same way to the database as the commit, for a call that was never posted."""
    if bill.cost != ZERO:
        post_fact_at_end(session, _fact(bill), _legs(bill), learned_ts=learned_ts)


def _fact(bill: ModelBill) -> NewFact:
    return NewFact(
        kind=KIND,
        account=ACCOUNT,
        strategy=bill.strategy or "",
        venue=bill.provider,
        client_id=str(bill.call_id),
        asset=CURRENCY,
        currency=CURRENCY,
        happened_ts=bill.ts,
        content={
            "call_id": str(bill.call_id),
            "session_id": None if bill.session_id is None else str(bill.session_id),
            "model": bill.model,
            "cost": plain(bill.cost),
        },
    )


def _legs(bill: ModelBill) -> list[Leg]:
    return balanced([("cash", EXPENSE, CURRENCY, bill.cost.copy_negate())])


async def model_bills(session: AsyncSession) -> list[Bill]:
    """Return every bill, oldest first; its amount is what its legs moved."""
    query = (
        select(FactRow.id, FactRow.happened_ts, FactRow.strategy, FactRow.venue, FactRow.content, LegRow.amount)
        .join(LegRow, and_(LegRow.workspace_id == FactRow.workspace_id, LegRow.fact_id == FactRow.id))
        .where(FactRow.kind == KIND, LegRow.kind == EXPENSE)
        .order_by(FactRow.happened_ts, FactRow.arrival)
    )
    return [
        Bill(
            id=str(fact_id),
            ts=ts,
            call=str(content["call_id"]),
            session=_session_of(content),
            strategy=strategy,
            currency=CURRENCY,
            provider=venue,
            model=str(content["model"]),
            amount=amount,
        )
        for fact_id, ts, strategy, venue, content, amount in (await session.execute(query)).all()
    ]


def _session_of(content: Mapping[str, object]) -> str | None:
    return None if content["session_id"] is None else str(content["session_id"])
