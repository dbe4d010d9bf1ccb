"""Walk-forward tests that were asked for: counted and queued in the transaction that asks, followed, and stopped.

Each takes a session with its workspace set and never commits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Update, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import SeriesId, VersionId
from omc.core.market import Span
from omc.core.reason import Reason
from omc.engine import service, trials
from omc.engine.document import StrategyDocument, document_hash, plain
from omc.engine.reading import read
from omc.engine.records import Request
from omc.engine.tables_walks import WalkRow
from omc.engine.validations import Step
from omc.engine.walk_forward import Plan, tries_of
from omc.kit.errors import Refusal
from omc.kit.ids import new_id
from omc.kit.work import enqueue
from omc.ledgers.seals import view

WALK_JOB = "engine.walk_forward"
MAX_PAGE = 200

WalkState: TypeAlias = Literal["queued", "running", "stopped", "done", "failed"]
_WORKSPACE = text("current_setting('omc.workspace')::uuid")
_OPEN = ("queued", "running")
_STATE: TypeAdapter[WalkState] = TypeAdapter(WalkState)
_PLAN, _REASON = TypeAdapter(Plan), TypeAdapter(Reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """A walk-forward that was asked for; `result` once it is done, `error` when it could not be.

    With `others` it is on several symbols that share an account; `series_id` is of the first of them.
    """

    id: UUID
    version_id: VersionId | None
    hash: str
    document: StrategyDocument
    series_id: SeriesId
    others: Sequence[SeriesId]
    span: Span | None
    plan: Plan
    state: WalkState
    step: Step
    requested_by: str
    created_at: datetime
    ended_at: datetime | None
    error: Reason | None
    result: Mapping[str, object] | None
    trial_id: UUID


async def ask(session: AsyncSession, asked: Request, plan: Plan, *, now: datetime) -> UUID:
    """Count what it will try, write what is asked for and enqueue it, in one transaction. Refusal as for a backtest."""
    service.fits(asked)
    if asked.span is not None:
        for series in asked.every:
            await view(session, series.id, start=asked.span.start, end=asked.span.end)
    count = tries_of(asked.document, plan)
    row = {
        "workspace_id": _WORKSPACE,
        "id": new_id(),
        "version_id": asked.version_id,
        "hash": document_hash(asked.document),
        "document": plain(asked.document),
        "series_id": asked.series.id,
        "others": [one.id for one in asked.others],
        "start_ts": asked.span.start if asked.span else None,
        "end_ts": asked.span.end if asked.span else None,
        "plan": _PLAN.dump_python(plan, mode="json"),
        "state": "queued",
        "step": "",
        "step_done": 0,
        "step_total": 0,
        "requested_by": asked.by,
        "created_at": now,
        "trial_id": await service.register_trial(session, asked, kind="walk_forward", combinations=count, now=now),
    }
    made = insert(WalkRow).values(row).returning(WalkRow.workspace_id, WalkRow.id)
    workspace, walk_id = (await session.execute(made)).one()
    await enqueue(session, WALK_JOB, ids={"workspace_id": str(workspace), "walk_id": str(walk_id)})
    return walk_id


async def start(session: AsyncSession, walk_id: UUID) -> Walk | None:
    """Mark it as running and return it; None when it has ended already."""
    row = await session.scalar(_still_open(walk_id).values(state="running").returning(WalkRow))
    return None if row is None else _walk(row)


async def tell(session: AsyncSession, walk_id: UUID, step: Step | None) -> bool:
    """Write how far it is; False when it was stopped meanwhile."""
    values = {} if step is None else {"step": step.name, "step_done": step.done, "step_total": step.total}
    told = _still_open(walk_id).values({"state": "running"} | values).returning(WalkRow.id)
    return await session.scalar(told) is not None


async def stop(session: AsyncSession, walk_id: UUID, *, now: datetime) -> Walk:
    """Let it stop at its next step; it counts all the same. One that has ended is left as it is."""
    row = await session.scalar(_still_open(walk_id).values(state="stopped", ended_at=now).returning(WalkRow))
    if row is not None:
        await trials.finish(session, row.trial_id, "failed", now=now, found=None)
    return await get(session, walk_id)


async def finish(
    session: AsyncSession, walk: Walk, *, result: Mapping[str, object], found: trials.Found, now: datetime
) -> None:
    """Write what it found, and end the trial; one that has ended keeps what it has."""
    values = {"state": "done", "result": dict(result), "ended_at": now}
    if await session.scalar(_still_open(walk.id).values(values).returning(WalkRow.id)) is not None:
        await trials.finish(session, walk.trial_id, "done", now=now, found=found)


async def fail(session: AsyncSession, walk: Walk, *, reason: Reason, now: datetime) -> None:
    """Write why it found nothing, and end the trial; one that has ended keeps what it has."""
    error = {"code": reason.code, "text": reason.text, "place": reason.place}
    values = {"state": "failed", "error": error, "ended_at": now}
    if await session.scalar(_still_open(walk.id).values(values).returning(WalkRow.id)) is not None:
        await trials.finish(session, walk.trial_id, "failed", now=now, found=None)


def _still_open(walk_id: UUID) -> Update:
    return update(WalkRow).where(WalkRow.id == walk_id, WalkRow.state.in_(_OPEN))


async def get(session: AsyncSession, walk_id: UUID) -> Walk:
    """Return one; Refusal `not_found` when the workspace has none of this id."""
    wanted = select(WalkRow).where(WalkRow.id == walk_id).execution_options(populate_existing=True)
    row = await session.scalar(wanted)
    if row is None:
        raise Refusal("not_found", 404, "there is no such walk-forward in this workspace; the list has them all")
    return _walk(row)


async def list_walks(session: AsyncSession, *, before: UUID | None, limit: int) -> list[Walk]:
    """Return walk-forwards, newest first, from before the id `before` on; ids rise with time."""
    wanted = select(WalkRow) if before is None else select(WalkRow).where(WalkRow.id < before)
    rows = await session.execute(wanted.order_by(WalkRow.id.desc()).limit(min(limit, MAX_PAGE)))
    return [_walk(row) for row in rows.scalars()]


def _walk(row: WalkRow) -> Walk:
    return Walk(
        id=row.id,
        version_id=None if row.version_id is None else VersionId(row.version_id),
        hash=row.hash,
        document=read(row.document),
        series_id=SeriesId(row.series_id),
        others=[SeriesId(one) for one in row.others],
        span=None if row.start_ts is None or row.end_ts is None else Span(row.start_ts, row.end_ts),
        plan=_PLAN.validate_python(row.plan),
        state=_STATE.validate_python(row.state),
        step=Step(name=row.step, done=row.step_done, total=row.step_total),
        requested_by=row.requested_by,
        created_at=row.created_at,
        ended_at=row.ended_at,
        error=None if row.error is None else _REASON.validate_python(row.error),
        result=row.result,
        trial_id=row.trial_id,
    )
