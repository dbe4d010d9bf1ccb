"""Routes of trained models: ask for a training, follow and stop it; which models there are, and what each rests on."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import JsonValue, TypeAdapter

from omc.engine.answers import Accepted, Problem, SpanAnswer
from omc.engine.answers_learning import (
    ContributionAnswer,
    ExplanationAnswer,
    FoldAnswer,
    ImportanceAnswer,
    ModelLineAnswer,
    NewTraining,
    TrainedModel,
    TrainedModels,
    TrainingAnswer,
    Trainings,
)
from omc.engine.answers_validation import CheckStep
from omc.engine.asked import span_of
from omc.engine.learning import store, trainings
from omc.engine.learning.artifact import Artifact
from omc.engine.learning.spec import ModelSpec, read_spec, spec_plain
from omc.engine.learning.trainings import StoredTraining
from omc.identity.api import Reader, Tx, Writer
from omc.identity.service import person_names
from omc.kit.http import Wired
from omc.ledgers.service import get_series

router = APIRouter(prefix="/engine", tags=["engine"])

_JSON = TypeAdapter(dict[str, JsonValue])
_Hash = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


@router.get("/models", operation_id="engine_models")
async def list_models(_: Reader, session: Tx) -> TrainedModels:
    """Trained models, newest first, with their skill on bars that were not fitted."""
    names = await person_names(session)
    return TrainedModels(items=[_line(one, names) for one in await store.list_models(session)])


@router.get("/models/schema", operation_id="engine_model_schema")
async def get_schema(_: Reader) -> dict[str, object]:
    """The JSON Schema of what a model learns."""
    return ModelSpec.model_json_schema(by_alias=True)


@router.get("/models/{hash_}", operation_id="engine_model")
async def get_model(_: Reader, session: Tx, hash_: _Hash) -> TrainedModel:
    """One trained model: its folds, its importances, and why it says what it says."""
    line = _line(await store.get_line(session, hash_), await person_names(session))
    artifact = await store.load(session, hash_)
    return TrainedModel(
        **line.model_dump(),
        spec=_JSON.validate_python(spec_plain(artifact.spec)),
        symbol=artifact.symbol,
        data_hash=artifact.data_hash,
        engine=artifact.engine,
        libraries=dict(artifact.libraries),
        bars=artifact.bars,
        label_mean=artifact.label_mean,
        label_span=artifact.label_span,
        label_uniqueness=artifact.label_uniqueness,
        folds=[FoldAnswer.model_validate(one) for one in artifact.folds],
        importances=_importances(artifact),
        explanation=_explanation(artifact),
    )


@router.post("/trainings", operation_id="engine_ask_training", status_code=202)
async def ask(caller: Writer, session: Tx, wired: Wired, body: NewTraining) -> Accepted:
    """Queue a training; it counts as a trial."""
    series = await get_series(session, body.series_id)
    span = await span_of(session, [series], start=body.start, end=body.end)
    asked = store.Training(spec=read_spec(body.spec), series=series, span=span, by=f"person:{caller.person_id}")
    return Accepted(id=await trainings.ask(session, asked, now=wired.clock()))


@router.get("/trainings", operation_id="engine_trainings")
async def list_trainings(_: Reader, session: Tx) -> Trainings:
    """Trainings that were asked for, newest first."""
    names = await person_names(session)
    return Trainings(items=[_training(one, names) for one in await trainings.list_trainings(session)])


@router.get("/trainings/{training_id}", operation_id="engine_training")
async def get_training(_: Reader, session: Tx, training_id: UUID) -> TrainingAnswer:
    """One: how far it is, and how it ended."""
    return _training(await trainings.get(session, training_id), await person_names(session))


@router.post("/trainings/{training_id}/stop", operation_id="engine_stop_training")
async def stop(_: Writer, session: Tx, wired: Wired, training_id: UUID) -> TrainingAnswer:
    """Let it stop at its next fold, without a model; it stays counted."""
    stopped = await trainings.stop(session, training_id, now=wired.clock())
    return _training(stopped, await person_names(session))


def _training(one: StoredTraining, names: dict[str, str]) -> TrainingAnswer:
    by, error = one.requested_by.removeprefix("person:"), one.error
    return TrainingAnswer(
        id=one.id,
        name=one.spec.name,
        kind=one.spec.model.kind,
        series_id=one.series_id,
        span=None if one.span is None else SpanAnswer(start=one.span.start, end=one.span.end),
        state=one.state,
        step=CheckStep.model_validate(one.step),
        requested_by=names.get(by, by),
        created_at=one.created_at,
        ended_at=one.ended_at,
        error=None if error is None else Problem(place=error.place, code=error.code, text=error.text),
        model=one.model,
    )


def _line(line: store.ModelLine, names: dict[str, str]) -> ModelLineAnswer:
    by = line.trained_by.removeprefix("person:")
    return ModelLineAnswer.model_validate({**asdict(line), "trained_by": names.get(by, by)})


def _importances(artifact: Artifact) -> list[ImportanceAnswer]:
    found = sorted(artifact.importances.items(), key=lambda pair: -pair[1].mean)
    return [ImportanceAnswer(feature=name, mean=one.mean, spread=one.spread) for name, one in found]


def _explanation(artifact: Artifact) -> ExplanationAnswer:
    why = artifact.explanation
    found = sorted(why.contributions.items(), key=lambda pair: -abs(pair[1]))
    return ExplanationAnswer(
        ts=why.ts,
        base=why.base,
        score=why.score,
        prediction=why.prediction,
        contributions=[ContributionAnswer(feature=name, adds=value) for name, value in found],
    )
