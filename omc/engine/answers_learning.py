"""Owns the shapes of trainings and trained models over HTTP: what is learned, what it rests on, why it says what."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from omc.engine.answers import Problem, SpanAnswer
from omc.engine.answers_validation import CheckStep


class _Read(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ModelLineAnswer(_Read):
    """A trained model as a list shows it."""

    hash: str
    name: str
    kind: str = Field(examples=["boosting"])
    task: Literal["classify", "regress"]
    series_id: UUID
    start_ts: datetime = Field(description="opening of the first bar that it learned from")
    known_until: datetime = Field(description="it says something about bars that close after this, and no others")
    skill: float | None = Field(description="mean AUC, or rank correlation, on bars that were not fitted")
    skill_fitted: float | None = Field(description="the same on the bars that were")
    trained_by: str
    created_at: datetime


class TrainedModels(BaseModel):
    """The newest models; there is no next page."""

    items: list[ModelLineAnswer]
    next: str | None = None


class ScoresAnswer(_Read):
    """Figures of one side of a fold; None where one has no meaning."""

    auc: float | None
    log_loss: float | None
    base_log_loss: float | None = Field(description="the log loss of always saying the share of ones")
    r2: float | None
    ic: float | None = Field(description="rank correlation of what was predicted and what came")


class FoldAnswer(_Read):
    """One fold of the cross-validation; times are UTC milliseconds, the last one left out."""

    start: int
    end: int
    train_bars: int
    test_bars: int
    train: ScoresAnswer
    test: ScoresAnswer


class ImportanceAnswer(BaseModel):
    """How much worse bars that were not fitted are predicted with the feature shuffled, and its spread over folds."""

    feature: str
    mean: float
    spread: float


class ContributionAnswer(BaseModel):
    """What a feature added to the score."""

    feature: str
    adds: float


class ExplanationAnswer(BaseModel):
    """Why the model said what it said of the last bar that it was trained on: base and contributions are the score."""

    ts: int = Field(description="opening of the bar, UTC milliseconds")
    base: float
    score: float
    prediction: float
    contributions: list[ContributionAnswer]


class TrainedModel(ModelLineAnswer):
    """A trained model and what it rests on; features are told the most important first."""

    spec: dict[str, JsonValue]
    symbol: str
    data_hash: str
    engine: str
    libraries: dict[str, str]
    bars: int
    label_mean: float
    label_span: int
    label_uniqueness: float = Field(description="the share of a label that no other one tells, on average")
    folds: list[FoldAnswer]
    importances: list[ImportanceAnswer]
    explanation: ExplanationAnswer


class NewTraining(BaseModel):
    """What to learn, from which bars: a series or a span of it."""

    model_config = ConfigDict(extra="forbid")

    spec: dict[str, JsonValue] = Field(description="what is learned; GET /engine/models/schema has its form")
    series_id: UUID
    start: AwareDatetime | None = Field(default=None, description="first bar to learn from")
    end: AwareDatetime | None = Field(default=None, description="no bar from here on: it decides on later ones")


class TrainingAnswer(BaseModel):
    """A training that was asked for; `model` is the hash of what it gave, `error` why it gave nothing."""

    id: UUID
    name: str
    kind: str = Field(examples=["boosting"])
    series_id: UUID
    span: SpanAnswer | None
    state: Literal["queued", "running", "done", "failed", "stopped"]
    step: CheckStep
    requested_by: str
    created_at: datetime
    ended_at: datetime | None
    error: Problem | None
    model: str | None


class Trainings(BaseModel):
    """The newest; there is no next page."""

    items: list[TrainingAnswer]
    next: str | None = None
