"""What a model call cost, booked everywhere at once: in its caps, its step, its session and the books."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from omc.books.bills import ModelBill, post_model_bill
from omc.core.money import text as decimal_text
from omc.lab.tables import SessionRow, StepRow
from omc.vault import spend
from omc.vault.caps import session_scope


async def book(session: AsyncSession, session_id: UUID, step: int, bill: ModelBill) -> None:
    """Add a settled call's cost to its step, its session and the books. The caps have it from the settling."""
    quietly = {"synchronize_session": False}
    of_step = (StepRow.session_id == session_id, StepRow.number == step)
    more = {"cost": StepRow.cost + bill.cost}
    await session.execute(update(StepRow).where(*of_step).values(more).execution_options(**quietly))
    more = {"cost": SessionRow.cost + bill.cost}
    await session.execute(
        update(SessionRow).where(SessionRow.id == session_id).values(more).execution_options(**quietly)
    )
    await post_model_bill(session, bill, learned_ts=bill.ts)


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
        await book(session, session_id, lost.step, bill)


async def standing(session: AsyncSession, session_id: UUID, cap: Decimal | None) -> tuple[str, Mapping[str, object]]:
    """Return the event that tells a session's budget: spent, reserved for calls under way, and its cap."""
    scope = session_scope(session_id)
    now = (await spend.standings(session, [scope]))[scope]
    return "spend", {
        "spent": decimal_text(now.spent),
        "reserved": decimal_text(now.reserved),
        "cap": None if cap is None else decimal_text(cap),
    }


async def reserved(session: AsyncSession, session_ids: Sequence[UUID]) -> dict[UUID, Decimal]:
    """Return what each session has reserved for calls under way, in US dollars."""
    found = await spend.standings(session, [session_scope(session_id) for session_id in session_ids])
    return {session_id: found[session_scope(session_id)].reserved for session_id in session_ids}
