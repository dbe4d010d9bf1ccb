"""The verbs of trained models: count a training before it runs, keep what it found, find it again by its hash.

Each takes a session with its workspace set and never commits.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import numpy as np
from sqlalchemy import cast, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import SeriesId
from omc.core.market import Span
from omc.engine.known import known_beside
from omc.engine.learning.artifact import Artifact, Scores, artifact_hash, artifact_text, read_artifact
from omc.engine.learning.predicting import Predictor, warm_up_of
from omc.engine.learning.spec import ModelSpec, program_of, read_spec, spec_hash, spec_plain
from omc.engine.learning.tables import ModelRow
from omc.engine.tables import TrialRow
from omc.engine.trials import idea_of_plain
from omc.kit.errors import Refusal
from omc.kit.events import audit
from omc.kit.ids import new_id
from omc.ledgers import frames, seals
from omc.ledgers.columns import BarColumns, Floats
from omc.ledgers.rules import Series

MAX_MODELS = 200
"""The newest ones in a list."""

_WORKSPACE = text("current_setting('omc.workspace')::uuid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What to learn, from which bars; `span` None is all of the series."""

    spec: ModelSpec
    series: Series
    span: Span | None
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLine:
    """A model as a list shows it: `skill` is the mean over the folds that were not fitted, `skill_fitted` beside it.

    The AUC of a probability, or the rank correlation of a return.
    """

    hash: str
    name: str
    kind: str
    task: str
    series_id: SeriesId
    start_ts: datetime
    known_until: datetime
    skill: float | None
    skill_fitted: float | None
    trained_by: str
    created_at: datetime


def fits(asked: Training) -> None:
    """Refuse a series that the specification is not about."""
    spec, series = asked.spec, asked.series
    if series.timeframe != spec.timeframe:
        words = f"the model is for bars of {spec.timeframe}, and this series has {series.timeframe}"
        raise Refusal("wrong_timeframe", 422, words, place="/timeframe")
    if series.symbol not in spec.universe:
        words = f"{series.symbol} is not in the model's universe: {', '.join(spec.universe)}"
        raise Refusal("wrong_symbol", 422, words, place="/universe")


async def register(session: AsyncSession, asked: Training, *, now: datetime, trial_id: UUID | None = None) -> UUID:
    """Count a training as a trial on its data, before it runs; returns its id, for `trials.finish`.

    With a `trial_id`, the same trial again is one.
    """
    fits(asked)
    seen = await _seen(session, asked)
    trial_id, last = trial_id or new_id(), asked.series.end
    ends = [one for one in (None if seen is None else seen.end, last) if one is not None]
    row = {
        "workspace_id": _WORKSPACE,
        "id": trial_id,
        "kind": "train",
        "hash": spec_hash(asked.spec),
        "idea": idea_of_plain(spec_plain(asked.spec)),
        "series_id": asked.series.id,
        "start_ts": None if asked.span is None else asked.span.start,
        "end_ts": min(ends, default=None),
        "combinations": 1,
        "requested_by": asked.by,
        "created_at": now,
    }
    await session.execute(upsert(TrialRow).values(row).on_conflict_do_nothing())
    return trial_id


async def bars_of(session: AsyncSession, asked: Training) -> BarColumns:
    """Return the bars to learn from, with the inputs; Refusal `sealed` when the span reaches into what is sealed."""
    bars = await frames.bars(session, asked.series.id, await _seen(session, asked), as_of=None)
    return await known_beside(session, asked.spec.inputs, bars)


async def pinned(session: AsyncSession, asked: Training) -> Training:
    """Return the same training on the bars as they are now: whoever does it later learns from no others.

    Raises Refusal `no_bars` where there is none that research may see.
    """
    if asked.span is not None:
        return asked
    first, last = asked.series.start, await seals.last(session, asked.series)
    if first is None or last is None or last <= first:
        raise Refusal("no_bars", 422, "this series has no bars to learn from", place="/series_id")
    return replace(asked, span=Span(first, last))


async def _seen(session: AsyncSession, asked: Training) -> Span | None:
    start, end = (None, None) if asked.span is None else (asked.span.start, asked.span.end)
    return (await seals.view(session, asked.series.id, start=start, end=end)).span


async def keep(session: AsyncSession, artifact: Artifact, asked: Training, *, trial_id: UUID, now: datetime) -> str:
    """Keep a trained model and return its hash; the same again is found."""
    hash_ = artifact_hash(artifact)
    row = {
        "workspace_id": _WORKSPACE,
        "hash": hash_,
        "name": artifact.spec.name,
        "kind": artifact.spec.model.kind,
        "task": artifact.spec.task,
        "series_id": asked.series.id,
        "trial_id": trial_id,
        "start_ts": _instant(artifact.start),
        "known_until": _instant(artifact.known_until),
        "skill": skill([fold.test for fold in artifact.folds]),
        "skill_fitted": skill([fold.train for fold in artifact.folds]),
        "artifact": artifact_text(artifact).decode(),
        "trained_by": asked.by,
        "created_at": now,
    }
    added = upsert(ModelRow).values(row).on_conflict_do_nothing().returning(ModelRow.hash)
    if (await session.execute(added)).scalar_one_or_none() is not None:
        await audit(session, "model.trained", {"hash": hash_, "name": artifact.spec.name, "by": asked.by})
    return hash_


def _instant(ts: int) -> datetime:
    return datetime.fromtimestamp(ts / 1_000, UTC)


def skill(scores: Sequence[Scores]) -> float | None:
    """The mean AUC, or the mean rank correlation; None where no fold has one."""
    found = [one.skill for one in scores if one.skill is not None]
    return float(np.mean(found)) if found else None


async def list_models(session: AsyncSession) -> list[ModelLine]:
    """Return the newest MAX_MODELS models, newest first."""
    columns = [getattr(ModelRow, name) for name in ModelLine.__slots__]
    statement = select(*columns).order_by(ModelRow.created_at.desc(), ModelRow.hash).limit(MAX_MODELS)
    return [ModelLine(**row) for row in (await session.execute(statement)).mappings()]


async def get_line(session: AsyncSession, hash_: str) -> ModelLine:
    """Return how a list shows one model; Refusal `not_found` when the workspace has none of this hash."""
    columns = [getattr(ModelRow, name) for name in ModelLine.__slots__]
    row = (await session.execute(select(*columns).where(ModelRow.hash == hash_))).mappings().one_or_none()
    if row is None:
        raise _unknown()
    return ModelLine(**row)


async def whole_hash(session: AsyncSession, start: str) -> str:
    """Return the hash of the one model whose hash begins so; Refusal `not_found` or `ambiguous`."""
    found = (await session.scalars(select(ModelRow.hash).where(ModelRow.hash.startswith(start, autoescape=True)))).all()
    if not found:
        raise _unknown()
    if len(found) > 1:
        raise Refusal("ambiguous", 422, f"{len(found)} models have a hash that begins with {start}; write more of it")
    return found[0]


async def load(session: AsyncSession, hash_: str) -> Artifact:
    """Return a model.

    Refusal `not_found` when the workspace has none of this hash, `model_damaged` when it changed, and `model_outdated`
    when an older version trained it.
    """
    kept = await session.scalar(select(ModelRow.artifact).where(ModelRow.hash == hash_))
    if kept is None:
        raise _unknown()
    if sha256(kept.encode()).hexdigest() != hash_:
        words = "the stored model is not what was trained: its content does not have its hash; train it again"
        raise Refusal("model_damaged", 409, words)
    return await asyncio.to_thread(read_artifact, kept)  # some megabytes, in the worst case


def _unknown() -> Refusal:
    return Refusal("not_found", 404, "there is no model of this hash in this workspace; `omc train list` has them all")


async def warm_up(session: AsyncSession, hash_: str) -> int:
    """Return how many bars a model needs before the first that it can say something about; 0 of one that is unknown."""
    spec = await session.scalar(select(cast(ModelRow.artifact, JSONB)["spec"]).where(ModelRow.hash == hash_))
    return 0 if spec is None else warm_up_of(program_of(read_spec(spec)))


async def said(
    session: AsyncSession,
    hash_: str,
    bars: BarColumns,
    *,
    timeframe: str,
    universe: Sequence[str],
    place: str,
    as_of: datetime | None = None,
    sealed: bool = False,
) -> Floats:
    """Return what a model says at the close of each bar, for a document on these symbols; NaN where it may not say.

    `as_of` and `sealed` are of the series that it reads. Refusal `model_unknown`, `model_outdated` and `model_misfit`
    with the place.
    """
    try:
        artifact = await load(session, hash_)
    except Refusal as refusal:
        if refusal.code == "model_outdated":
            raise Refusal(refusal.code, refusal.status, refusal.text, place=place) from None
        if refusal.code != "not_found":
            raise
        words = "no model of this hash is stored; `omc train` makes one and prints its hash"
        raise Refusal("model_unknown", 422, words, place=place) from None
    spec = artifact.spec
    if spec.timeframe != timeframe:
        words = f"this model is for bars of {spec.timeframe}, and the document is for bars of {timeframe}"
        raise Refusal("model_misfit", 422, words, place=place)
    strange = [symbol for symbol in universe if symbol not in spec.universe]
    if strange:
        words = f"this model is for {', '.join(spec.universe)} and not for {', '.join(strange)}"
        raise Refusal("model_misfit", 422, words, place=place)
    try:
        given = await known_beside(session, spec.inputs, replace(bars, more={}), as_of=as_of, sealed=sealed)
        return await asyncio.to_thread(Predictor(artifact).column, given)
    except Refusal as refusal:  # its place is one in the specification
        words = f"the model's {refusal.place} has no value: {refusal.text}"
        raise Refusal(refusal.code, refusal.status, words, place=place) from None
