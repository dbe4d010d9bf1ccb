"""What a model call cost, booked everywhere at once: in its caps, its step, its session and the books."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from omc.books.bills import ModelBill, post_model_bill
from omc.core.money import text as decimal_text
from omc.kit.db import at_end, run
from omc.vault import spend
from omc.vault.caps import session_scope
from omc.vault.spend import Standing

_ADD = """
WITH step AS (
  UPDATE lab_step SET cost = cost + %(cost)s
  WHERE workspace_id = current_setting('omc.workspace')::uuid AND session_id = %(session_id)s AND number = %(step)s
)
UPDATE lab_session SET cost = cost + %(cost)s
WHERE workspace_id = current_setting('omc.workspace')::uuid AND id = %(session_id)s
"""


def add(session: AsyncSession, session_id: UUID, step: int, cost: Decimal) -> None:
    """Add what a call cost to its step and its session at the transaction's end, when the step is not over with it."""
    at_end(session, _ADD, {"cost": cost, "session_id": session_id, "step": step})


async def book_lost(session: AsyncSession, session_id: UUID, step: int | None, now: datetime) -> None:
    """Book the calls that nobody waits for any more: what they cost is unknown, so what was reserved stands."""
    for lost in await spend.settle_lost(session, session_id, step, now=now):
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
