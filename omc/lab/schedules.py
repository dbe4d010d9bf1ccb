"""Recurring research: a question that is asked again every day or week, each time in one new session.

A schedule's row holds its next time, and a job waits for exactly that time. Whoever runs the job locks the row, opens
the session, moves the time on and queues the next job in one transaction: so each time opens one session, whatever
dies, and however many jobs there are. Times at which nothing worked are made up for by one session that says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.canonical import instant_text
from omc.core.ids import PersonId, SessionId, WorkspaceId
from omc.kit.errors import Refusal
from omc.kit.events import append, audit
from omc.kit.ids import new_id
from omc.kit.work import enqueue
from omc.lab import service
from omc.lab.choosing import Fallback, choose
from omc.lab.service import Opening, topic
from omc.lab.tables import ScheduleRow
from omc.lab.timetable import newest_due, next_due

SCHEDULE_JOB = "lab.schedule"
MAX_SCHEDULES = 100
"""Of one workspace."""

Ending: TypeAlias = str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurring:
    """What a schedule asks, of which model and when: daily, or on `weekday` (Monday is 0); `minute` of the day, UTC."""

    asked: Opening
    minute: int
    weekday: int | None = None


async def add(
    session: AsyncSession, wish: Recurring, *, workspace_id: WorkspaceId, person_id: PersonId, now: datetime
) -> ScheduleRow:
    """Make a schedule, whose first session opens at its next time; with a key seen before, return that one."""
    asked = wish.asked
    service.check_opening(asked)
    if asked.roles:
        words = "A schedule does not hold models of roles. Leave them out: its session's model answers for every role."
        raise Refusal("roles_not_scheduled", 422, words, place="/roles")
    if (await session.scalar(select(func.count()).select_from(ScheduleRow)) or 0) >= MAX_SCHEDULES:
        raise Refusal("too_many_schedules", 409, f"There are {MAX_SCHEDULES} schedules already. Delete one first.")
    chosen = await choose(session, asked.wanted, now=now)
    added = insert(ScheduleRow).values(
        workspace_id=workspace_id,
        id=new_id(),
        goal=asked.goal.strip(),
        model=chosen.model,
        credential_id=chosen.credential_id,
        preset_id=asked.preset_id,
        cap=asked.cap,
        fallback=chosen.fallback,
        symbol=asked.symbol,
        timeframe=asked.timeframe,
        weekday=wish.weekday,
        minute=wish.minute,
        next_at=next_due(now, weekday=wish.weekday, minute=wish.minute),
        idempotency_key=asked.key,
        created_by=person_id,
        created_at=now,
    )
    added_id = await session.scalar(added.on_conflict_do_nothing().returning(ScheduleRow.id))
    if added_id is None:
        return await _added_before(session, asked)
    row = await locked(session, added_id)
    await _nudge(session, row, now)
    await audit(session, "schedule.added", {"id": str(row.id), "by": str(person_id), "goal": row.goal})
    return row


async def _added_before(session: AsyncSession, asked: Opening) -> ScheduleRow:
    query = select(ScheduleRow).where(ScheduleRow.idempotency_key == asked.key)
    row = (await session.execute(query)).scalar_one()
    if row.goal != asked.goal.strip():
        raise Refusal("idempotency_key_reused", 409, "This Idempotency-Key made another schedule. Use a new key.")
    return row


async def schedules(session: AsyncSession) -> Sequence[ScheduleRow]:
    """Return all schedules of the workspace, the one that is due first in front."""
    return list(await session.scalars(select(ScheduleRow).order_by(ScheduleRow.next_at, ScheduleRow.id)))


async def pause(session: AsyncSession, schedule_id: UUID, now: datetime) -> ScheduleRow:
    """Let a schedule open nothing until it is resumed. Twice is once."""
    row = await locked(session, schedule_id)
    row.paused_at = row.paused_at or now
    return row


async def resume(session: AsyncSession, schedule_id: UUID, now: datetime) -> ScheduleRow:
    """Let a schedule go on from its next time after now; what fell into the pause is not made up for."""
    row = await locked(session, schedule_id)
    if row.paused_at is not None or row.next_at <= now:
        row.paused_at, row.problem = None, None
        row.next_at = next_due(now, weekday=row.weekday, minute=row.minute)
        await _nudge(session, row, now)
    return row


async def remove(session: AsyncSession, schedule_id: UUID, *, by: PersonId) -> None:
    """Delete a schedule; the sessions that it opened stay."""
    row = await locked(session, schedule_id)
    await session.execute(delete(ScheduleRow).where(ScheduleRow.id == schedule_id))
    await audit(session, "schedule.deleted", {"id": str(schedule_id), "by": str(by), "goal": row.goal})


async def run_now(
    session: AsyncSession, schedule_id: UUID, *, person_id: PersonId, key: str | None, now: datetime
) -> SessionId:
    """Ask a schedule's question at once; its own times stay as they are."""
    row = await locked(session, schedule_id)
    origin: dict[str, object] = {"kind": "schedule", "schedule_id": str(row.id), "due_at": None, "missed": 0}
    return await service.open_session(
        session, _opening(row, key, origin), workspace_id=WorkspaceId(row.workspace_id), person_id=person_id, now=now
    )


async def occur(session: AsyncSession, schedule_id: UUID, due_at: datetime, now: datetime) -> Ending:
    """Open the session that is due, once; a refusal is written down with the schedule, which goes on all the same."""
    query = select(ScheduleRow).where(ScheduleRow.id == schedule_id).with_for_update()
    row = await session.scalar(query)
    if row is None or row.paused_at is not None or row.next_at != due_at:
        return "nothing"
    if now < due_at:
        await _nudge(session, row, now)
        return "early"
    due, missed = newest_due(row.next_at, now, weekday=row.weekday)
    try:
        await _open(session, row, due, missed, now)
    except Refusal as refusal:
        row.problem = refusal.text
    await _move_on(session, row, now)
    return "opened" if row.problem is None else "refused"


async def skip(session: AsyncSession, schedule_id: UUID, due_at: datetime, now: datetime) -> None:
    """Go on with the next time after one that failed again and again, and say so."""
    row = await session.scalar(select(ScheduleRow).where(ScheduleRow.id == schedule_id).with_for_update())
    if row is not None and row.next_at == due_at:
        row.problem = "Something broke inside OMC when this was due. The log has the cause; run it now to try again."
        await _move_on(session, row, now)


async def locked(session: AsyncSession, schedule_id: UUID) -> ScheduleRow:
    """Return a schedule, which nobody else changes until the transaction ends; refused when there is none."""
    row = await session.scalar(select(ScheduleRow).where(ScheduleRow.id == schedule_id).with_for_update())
    if row is None:
        raise Refusal("schedule_unknown", 404, "There is no such schedule in this workspace.")
    return row


async def _open(session: AsyncSession, row: ScheduleRow, due: datetime, missed: int, now: datetime) -> None:
    origin: dict[str, object] = {
        "kind": "schedule",
        "schedule_id": str(row.id),
        "due_at": instant_text(due),
        "missed": missed,
    }
    opening = _opening(row, f"schedule {row.id} {instant_text(due)}", origin)
    opened = await service.open_session(
        session,
        opening,
        workspace_id=WorkspaceId(row.workspace_id),
        person_id=PersonId(row.created_by),
        now=now,
    )
    await append(session, topic(opened), "session.scheduled", origin)
    row.last_due, row.last_session, row.last_missed, row.problem = due, opened, missed, None


async def _move_on(session: AsyncSession, row: ScheduleRow, now: datetime) -> None:
    row.next_at = next_due(now, weekday=row.weekday, minute=row.minute)
    await _nudge(session, row, now)


async def _nudge(session: AsyncSession, row: ScheduleRow, now: datetime) -> None:
    await session.flush()
    ids = {
        "workspace_id": str(row.workspace_id),
        "schedule_id": str(row.id),
        "due_at": instant_text(row.next_at),
    }
    delay_s = max(0.0, (row.next_at - now).total_seconds())
    await enqueue(session, SCHEDULE_JOB, ids=ids, delay_s=delay_s)


def _opening(row: ScheduleRow, key: str | None, origin: Mapping[str, object]) -> Opening:
    fallback = row.fallback
    return Opening(
        goal=row.goal,
        model=row.model,
        symbol=row.symbol,
        timeframe=row.timeframe,
        key=key,
        credential_id=row.credential_id,
        preset_id=row.preset_id,
        cap=None if row.cap is None else Decimal(row.cap),
        fallback=None
        if fallback is None
        else Fallback(credential_id=UUID(str(fallback["credential_id"])), model=str(fallback["model"])),
        origin=origin,
    )
