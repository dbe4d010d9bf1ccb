"""Trainings that were asked for: queued in the transaction that asks, followed, stopped, and which model each gave.

Each takes a session with its workspace set and never commits.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Update, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import SeriesId
from omc.core.market import Span
from omc.core.reason import Reason
from omc.engine import trials
from omc.engine.learning import fitting, store
from omc.engine.learning.spec import ModelSpec, read_spec, spec_hash, spec_plain
from omc.engine.learning.tables import TrainingRow
from omc.engine.validations import Step
from omc.kit.errors import Refusal
from omc.kit.ids import new_id
from omc.kit.work import enqueue

TRAINING_JOB = "engine.train"
MAX_TRAININGS = 50
"""The newest ones in a list."""

TrainingState: TypeAlias = Literal["queued", "running", "done", "failed", "stopped"]
_WORKSPACE = text("current_setting('omc.workspace')::uuid")
_OPEN = ("queued", "running")
_STATE: TypeAdapter[TrainingState] = TypeAdapter(TrainingState)
_REASON = TypeAdapter(Reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTraining:
    """A training that was asked for; `model` is the hash of what it gave, `error` why it gave nothing."""

    id: UUID
    spec: ModelSpec
    series_id: SeriesId
    span: Span | None
    state: TrainingState
    step: Step
    requested_by: str
    created_at: datetime
    ended_at: datetime | None
    error: Reason | None
    model: str | None
    trial_id: UUID


async def ask(session: AsyncSession, asked: store.Training, *, now: datetime) -> UUID:
    """Register a trial, write what is asked for and enqueue it, in one transaction; without a span, on all bars of now.

    Refusal as for `store.register`, `no_models` where nothing that trains is installed, and `already_asked` while the
    same training is under way.
    """
    fitting.check_installed()
    asked = await store.pinned(session, asked)
    await _alone(session, asked)
    row = {
        "workspace_id": _WORKSPACE,
        "id": new_id(),
        "spec": spec_plain(asked.spec),
        "spec_hash": spec_hash(asked.spec),
        "series_id": asked.series.id,
        "start_ts": asked.span.start if asked.span else None,
        "end_ts": asked.span.end if asked.span else None,
        "state": "queued",
        "step": "",
        "step_done": 0,
        "step_total": 0,
        "requested_by": asked.by,
        "created_at": now,
        "trial_id": await store.register(session, asked, now=now),
    }
    training_id = (await session.execute(insert(TrainingRow).values(row).returning(TrainingRow.id))).scalar_one()
    workspace = (await session.execute(select(_WORKSPACE))).scalar_one()
    ids = {"workspace_id": str(workspace), "training_id": str(training_id)}
    await enqueue(session, TRAINING_JOB, ids=ids)
    return training_id


async def _alone(session: AsyncSession, asked: store.Training) -> None:
    statement = select(TrainingRow.id).where(
        TrainingRow.spec_hash == spec_hash(asked.spec),
        TrainingRow.series_id == asked.series.id,
        TrainingRow.start_ts.is_not_distinct_from(asked.span.start if asked.span else None),
        TrainingRow.end_ts.is_not_distinct_from(asked.span.end if asked.span else None),
        TrainingRow.state.in_(_OPEN),
    )
    if await session.scalar(statement.limit(1)) is not None:
        raise Refusal("already_asked", 409, "this training is under way already; wait for it, or stop it first")


async def start(session: AsyncSession, training_id: UUID) -> StoredTraining | None:
    """Mark it as running and return it; None when it has ended already."""
    row = await session.scalar(_still_open(training_id).values(state="running").returning(TrainingRow))
    return None if row is None else _stored(row)


async def tell(session: AsyncSession, training_id: UUID, step: Step | None) -> bool:
    """Write how far it is, unless that is known (None); False when it was stopped meanwhile."""
    if step is None:
        open_still = select(TrainingRow.id).where(TrainingRow.id == training_id, TrainingRow.state.in_(_OPEN))
        return await session.scalar(open_still) is not None
    values = {"step": step.name, "step_done": step.done, "step_total": step.total}
    told = _still_open(training_id).values(values).returning(TrainingRow.id)
    return await session.scalar(told) is not None


async def finish(session: AsyncSession, training: StoredTraining, model: str, *, now: datetime) -> bool:
    """Write which model it gave, and end the trial; False when it has ended otherwise."""
    return await _end(session, training, {"state": "done", "model": model}, "done", now)


async def fail(session: AsyncSession, training: StoredTraining, *, reason: Reason, now: datetime) -> None:
    """Write why there is no model, and end the trial; one that has ended keeps what it has."""
    await _end(session, training, {"state": "failed", "error": asdict(reason)}, "failed", now)


async def stop(session: AsyncSession, training_id: UUID, *, now: datetime) -> StoredTraining:
    """Let it stop at its next fold, without a model; one that has ended is left as it is."""
    await _end(session, await get(session, training_id), {"state": "stopped"}, "cancelled", now)
    return await get(session, training_id)


async def _end(
    session: AsyncSession, training: StoredTraining, values: dict[str, object], ending: trials.Ending, now: datetime
) -> bool:
    ended = _still_open(training.id).values(values | {"ended_at": now}).returning(TrainingRow.id)
    if await session.scalar(ended) is None:
        return False
    found = trials.Found(sharpe=None, sharpes=()) if ending == "done" else None
    await trials.finish(session, training.trial_id, ending, now=now, found=found)
    return True


def _still_open(training_id: UUID) -> Update:
    return update(TrainingRow).where(TrainingRow.id == training_id, TrainingRow.state.in_(_OPEN))


async def get(session: AsyncSession, training_id: UUID) -> StoredTraining:
    """Return one; Refusal `not_found` when the workspace has none of this id."""
    wanted = select(TrainingRow).where(TrainingRow.id == training_id)
    row = await session.scalar(wanted.execution_options(populate_existing=True))
    if row is None:
        words = "no such training was asked for in this workspace; the page of strategies lists the trained models"
        raise Refusal("not_found", 404, words)
    return _stored(row)


async def list_trainings(session: AsyncSession) -> list[StoredTraining]:
    """Return the newest MAX_TRAININGS, newest first."""
    wanted = select(TrainingRow).order_by(TrainingRow.id.desc()).limit(MAX_TRAININGS)
    return [_stored(row) for row in (await session.execute(wanted)).scalars()]


def _stored(row: TrainingRow) -> StoredTraining:
    return StoredTraining(
        id=row.id,
        spec=read_spec(row.spec),
        series_id=SeriesId(row.series_id),
        span=None if row.start_ts is None or row.end_ts is None else Span(row.start_ts, row.end_ts),
        state=_STATE.validate_python(row.state),
        step=Step(name=row.step, done=row.step_done, total=row.step_total),
        requested_by=row.requested_by,
        created_at=row.created_at,
        ended_at=row.ended_at,
        error=None if row.error is None else _REASON.validate_python(row.error),
        model=row.model,
        trial_id=row.trial_id,
    )
