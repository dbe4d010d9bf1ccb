"""Routes of trained models: which there are, and what each rests on. They are trained with `omc train`."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import JsonValue, TypeAdapter

from omc.engine.answers_learning import (
    ContributionAnswer,
    ExplanationAnswer,
    FoldAnswer,
    ImportanceAnswer,
    ModelLineAnswer,
    TrainedModel,
    TrainedModels,
)
from omc.engine.learning import store
from omc.engine.learning.artifact import Artifact
from omc.engine.learning.spec import spec_plain
from omc.identity.api import Reader, Tx
from omc.identity.service import person_names

router = APIRouter(prefix="/engine", tags=["engine"])

_JSON = TypeAdapter(dict[str, JsonValue])
_Hash = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


@router.get("/models", operation_id="engine_models")
async def list_models(_: Reader, session: Tx) -> TrainedModels:
    """Trained models, newest first, with their skill on bars that were not fitted."""
    names = await person_names(session)
    return TrainedModels(items=[_line(one, names) for one in await store.list_models(session)])


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
        folds=[FoldAnswer.model_validate(one) for one in artifact.folds],
        importances=_importances(artifact),
        explanation=_explanation(artifact),
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
