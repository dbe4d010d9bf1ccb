"""Verdicts that were asked for: queued in the transaction that asks, followed while the checks run, and how they ended.

Each takes a session with its workspace set and never commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Update, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import SeriesId, VersionId
from omc.core.market import Span
from omc.core.reason import Reason
from omc.engine import service, trials
from omc.engine.records import Request, State
from omc.engine.tables import ValidationRow
from omc.kit.errors import Refusal
from omc.kit.ids import new_id
from omc.kit.work import enqueue
from omc.ledgers.seals import view

VALIDATION_JOB = "engine.validate"
MAX_VALIDATIONS = 50

_WORKSPACE = text("current_setting('omc.workspace')::uuid")
_OPEN = ("queued", "running")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far the checks are: `done` of `total` steps of the one called `name`."""

    name: str
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """A verdict that was asked for; `verdict_id` once it is given, `error` when it could not be.

    With `others` it is on several symbols that share an account; `series_id` is of the first of them.
    """

    id: UUID
    version_id: VersionId
    series_id: SeriesId
    others: Sequence[SeriesId]
    span: Span | None
    state: State
    step: Step
    requested_by: str
    created_at: datetime
    ended_at: datetime | None
    error: Reason | None
    verdict_id: UUID | None
    trial_id: UUID


async def request(session: AsyncSession, asked: Request, *, now: datetime) -> UUID:
    """Register a trial, write what is asked for and enqueue it, in one transaction.

    Refusal as for a backtest, and `already_asked` while a verdict on the same version and data is under way.
    """
    assert asked.version_id is not None, "a verdict is on a version"
    service.fits(asked)
    if asked.span is not None:
        for series in asked.every:
            await view(session, series.id, start=asked.span.start, end=asked.span.end)
    await _alone(session, asked)
    trial_id = await service.register_trial(session, asked, kind="validation", combinations=1, now=now)
    row = {
        "workspace_id": _WORKSPACE,
        "id": new_id(),
        "version_id": asked.version_id,
        "series_id": asked.series.id,
        "others": [one.id for one in asked.others],
        "start_ts": asked.span.start if asked.span else None,
        "end_ts": asked.span.end if asked.span else None,
        "state": State.QUEUED,
        "step": "",
        "step_done": 0,
        "step_total": 0,
        "requested_by": asked.by,
        "created_at": now,
        "trial_id": trial_id,
    }
    validation_id = (await session.execute(insert(ValidationRow).values(row).returning(ValidationRow.id))).scalar_one()
    workspace = (await session.execute(select(_WORKSPACE))).scalar_one()
    ids = {"workspace_id": str(workspace), "validation_id": str(validation_id)}
    await enqueue(session, VALIDATION_JOB, ids=ids)
    return validation_id


async def _alone(session: AsyncSession, asked: Request) -> None:
    statement = select(ValidationRow.id).where(
        ValidationRow.version_id == asked.version_id,
        ValidationRow.series_id == asked.series.id,
        ValidationRow.others == [one.id for one in asked.others],
        ValidationRow.start_ts.is_not_distinct_from(asked.span.start if asked.span else None),
        ValidationRow.end_ts.is_not_distinct_from(asked.span.end if asked.span else None),
        ValidationRow.state.in_(_OPEN),
    )
    if await session.scalar(statement.limit(1)) is not None:
        words = "a verdict on this version and these data is under way already; wait for it"
        raise Refusal("already_asked", 409, words)


async def start(session: AsyncSession, validation_id: UUID) -> Validation | None:
    """Mark it as running and return it; None when it has ended already."""
    row = await session.scalar(_still_open(validation_id).values(state="running").returning(ValidationRow))
    return None if row is None else _validation(row)


async def tell(session: AsyncSession, validation_id: UUID, step: Step) -> None:
    """Write how far the checks are."""
    values = {"step": step.name, "step_done": step.done, "step_total": step.total}
    await session.execute(_still_open(validation_id).values(values))


async def finish(
    session: AsyncSession, validation: Validation, *, verdict_id: UUID, found: trials.Found, now: datetime
) -> None:
    """Write that the verdict was given, and end the trial; one that has ended keeps what it has."""
    values = {"state": "done", "verdict_id": verdict_id, "ended_at": now}
    if await session.scalar(_still_open(validation.id).values(values).returning(ValidationRow.id)) is not None:
        await trials.finish(session, validation.trial_id, "done", now=now, found=found)


async def fail(session: AsyncSession, validation: Validation, *, reason: Reason, now: datetime) -> None:
    """Write why there is no verdict, and end the trial; one that has ended keeps what it has."""
    error = {"code": reason.code, "text": reason.text, "place": reason.place}
    values = {"state": "failed", "error": error, "ended_at": now}
    if await session.scalar(_still_open(validation.id).values(values).returning(ValidationRow.id)) is not None:
        await trials.finish(session, validation.trial_id, "failed", now=now, found=None)


def _still_open(validation_id: UUID) -> Update:
    return update(ValidationRow).where(ValidationRow.id == validation_id, ValidationRow.state.in_(_OPEN))


async def get(session: AsyncSession, validation_id: UUID) -> Validation:
    """Return one; Refusal `not_found` when the workspace has none of this id."""
    row = await session.scalar(select(ValidationRow).where(ValidationRow.id == validation_id))
    if row is None:
        words = "no such verdict was asked for in this workspace; the page of the version has them all"
        raise Refusal("not_found", 404, words)
    return _validation(row)


async def of_version(session: AsyncSession, version_id: VersionId) -> list[Validation]:
    """Return what was asked for on a version, newest first."""
    statement = select(ValidationRow).where(ValidationRow.version_id == version_id).order_by(ValidationRow.id.desc())
    return [_validation(row) for row in (await session.execute(statement.limit(MAX_VALIDATIONS))).scalars()]


def _validation(row: ValidationRow) -> Validation:
    error = row.error
    return Validation(
        id=row.id,
        version_id=VersionId(row.version_id),
        series_id=SeriesId(row.series_id),
        others=[SeriesId(one) for one in row.others],
        span=None if row.start_ts is None or row.end_ts is None else Span(row.start_ts, row.end_ts),
        state=State(row.state),
        step=Step(name=row.step, done=row.step_done, total=row.step_total),
        requested_by=row.requested_by,
        created_at=row.created_at,
        ended_at=row.ended_at,
        error=None
        if error is None
        else Reason(code=str(error["code"]), text=str(error["text"]), place=str(error["place"])),
        verdict_id=row.verdict_id,
        trial_id=row.trial_id,
    )
