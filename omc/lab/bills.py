"""What a model call cost, booked everywhere at once: in its caps, its step, its session and the books."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from omc.books.bills import ModelBill, post_model_bill, post_model_bill_at_end
from omc.core.money import text as decimal_text
from omc.kit.db import at_end, run
from omc.vault import spend
from omc.vault.caps import dollars, session_scope
from omc.vault.prices import Price, Usage
from omc.vault.spend import Answered, Booking, Standing

Happening: TypeAlias = tuple[str, Mapping[str, object]]

_ADD = """
WITH step AS (
  UPDATE lab_step SET cost = cost + %(cost)s
  WHERE workspace_id = current_setting('omc.workspace')::uuid AND session_id = %(session_id)s AND number = %(step)s
)
UPDATE lab_session SET cost = cost + %(cost)s
WHERE workspace_id = current_setting('omc.workspace')::uuid AND id = %(session_id)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What the settling of a model call needs, in the transaction that writes its answer."""

    booking: Booking
    cap: Decimal | None
    price: Price
    usage: Usage | None
    finish: str | None
    latency_ms: int
    reserved: Decimal
    standing: Standing
    """The session's budget, as the reservation left it."""
    first_token_ms: int | None = None
    failure: str | None = None
    maybe_billed: bool = True

    @property
    def answered(self) -> Answered:
        """What the provider told, for a call without a failure."""
        return Answered(
            reserved=self.reserved,
            usage=self.usage,
            finish=self.finish,
            latency_ms=self.latency_ms,
            first_token_ms=self.first_token_ms,
        )


def add(session: AsyncSession, session_id: UUID, step: int, cost: Decimal) -> None:
    """Add what a call cost to its step and its session at the transaction's end, when the step is not over with it."""
    at_end(session, _ADD, {"cost": cost, "session_id": session_id, "step": step})


async def settle(
    session: AsyncSession, session_id: UUID, settlement: Settlement, now: datetime
) -> tuple[Decimal, Sequence[Happening]]:
    """Book what a call cost in its caps and the books; fence first.

    Returns the cost, which whoever writes the step adds to it and to the session, and the events that tell it.
    """
    booking = settlement.booking
    if settlement.failure is not None and settlement.usage is None and not settlement.maybe_billed:
        await spend.release(
            session, booking.call_id, latency_ms=settlement.latency_ms, failure=settlement.failure, now=now
        )
        return Decimal(0), [await standing(session, session_id, settlement.cap)]
    settled = await spend.settle(
        session,
        booking.call_id,
        usage=settlement.usage,
        finish=settlement.finish,
        latency_ms=settlement.latency_ms,
        first_token_ms=settlement.first_token_ms,
        failure=settlement.failure,
        price=settlement.price,
        now=now,
    )
    await post_model_bill(session, _bill(session_id, booking, settled.cost, now), learned_ts=now)
    left = settled.standings[session_scope(session_id)]
    return settled.cost, [*_claimed(booking, settled.cost, settled.claimed), told(left, settlement.cap)]


def settle_answer(
    session: AsyncSession, session_id: UUID, settlement: Settlement, now: datetime
) -> tuple[Decimal, Sequence[Happening]]:
    """Book an answered call in its caps and the books at the transaction's end; as `settle`."""
    booking = settlement.booking
    cost, claimed, left = spend.settle_at_end(
        session, booking, settlement.answered, price=settlement.price, standing=settlement.standing, now=now
    )
    post_model_bill_at_end(session, _bill(session_id, booking, cost, now), learned_ts=now)
    return cost, [*_claimed(booking, cost, claimed), told(left, settlement.cap)]


def _claimed(booking: Booking, cost: Decimal, claimed: Decimal | None) -> Sequence[Happening]:
    """Say that a provider claims more than its answer can cost."""
    if claimed is None:
        return []
    text = (
        f"{booking.provider} says that {booking.model} used tokens worth {dollars(claimed)} in step {booking.step}."
        f" The most that this call can cost is {dollars(cost)}, which is booked. Compare with the provider's bill."
    )
    return [("message", {"role": "omc", "text": text})]


def _bill(session_id: UUID, booking: Booking, cost: Decimal, now: datetime) -> ModelBill:
    return ModelBill(
        call_id=booking.call_id,
        cost=cost,
        ts=now,
        session_id=session_id,
        strategy=None,
        provider=booking.provider,
        model=booking.model,
    )


async def book_lost(session: AsyncSession, session_id: UUID, now: datetime) -> None:
    """Book the calls that nobody waits for any more: what they cost is unknown, so what was reserved stands."""
    for lost in await spend.settle_lost(session, session_id, None, now=now):
        bill = ModelBill(
            call_id=lost.call_id,
            cost=lost.cost,
            ts=now,
            session_id=session_id,
            strategy=None,
            provider=lost.provider,
            model=lost.model,
        )
        await run(session, _ADD, {"cost": lost.cost, "session_id": session_id, "step": lost.step})
        await post_model_bill(session, bill, learned_ts=now)


async def standing(session: AsyncSession, session_id: UUID, cap: Decimal | None) -> tuple[str, Mapping[str, object]]:
    """Return the event that tells a session's budget: spent, reserved for calls under way, and its cap."""
    scope = session_scope(session_id)
    return told((await spend.standings(session, [scope]))[scope], cap)


def told(now: Standing, cap: Decimal | None) -> tuple[str, Mapping[str, object]]:
    """Return the event that tells this standing."""
    return "spend", {
        "spent": decimal_text(now.spent),
        "reserved": decimal_text(now.reserved),
        "cap": None if cap is None else decimal_text(cap),
    }


async def reserved(session: AsyncSession, session_ids: Sequence[UUID]) -> dict[UUID, Decimal]:
    """Return what each session has reserved for calls under way, in US dollars."""
    found = await spend.standings(session, [session_scope(session_id) for session_id in session_ids])
    return {session_id: found[session_scope(session_id)].reserved for session_id in session_ids}
