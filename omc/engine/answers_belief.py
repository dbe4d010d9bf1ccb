"""Owns the shapes of what may be believed, over HTTP: what was tried, sealed exams and tries on them, verdicts."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from omc.engine.answers import SpanAnswer
from omc.engine.answers_validation import FoundAnswer
from omc.engine.gate import Grade

MAX_WORDS = 1_000
_WORDS = r"^[^\x00-\x09\x0b-\x1f\x7f]*$"


class _Read(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class TrialsAnswer(_Read):
    """All that the workspace tried on data that overlaps; Sharpe ratios are of daily returns, not annualised."""

    trials: int = Field(description="parameter sets tried")
    runs: int = Field(description="runs in which they were tried")
    failed: int = Field(description="runs that were refused or cancelled; they count")
    unfinished: int = Field(description="runs that have not ended; they count")
    clusters: int = Field(description="different ideas among them: other rules, and other returns")
    sharpes: int = Field(description="Sharpe ratios that are known")
    sharpe_variance: float | None
    best_sharpe: float | None
    luck_sharpe: float | None = Field(description="what the best of so many without skill is expected to show")
    best_hash: str | None


class NewSeal(BaseModel):
    """A stretch of a series to withhold, with all after it; of several series the same stretch of each."""

    model_config = ConfigDict(extra="forbid")

    series_id: UUID
    others: list[UUID] = Field(default=[], max_length=49, description="the series beside it, of several on one account")
    start: AwareDatetime
    end: AwareDatetime


class NewTry(BaseModel):
    """Which version sits the exam; `insist` is why, when the exam does not count any more."""

    model_config = ConfigDict(extra="forbid")

    version_id: UUID
    insist: str | None = Field(default=None, max_length=MAX_WORDS, pattern=_WORDS)


class Breaking(BaseModel):
    """Why a seal is broken."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: str = Field(max_length=MAX_WORDS, pattern=_WORDS)


class TryAnswer(_Read):
    """A try on an exam; what it found is the backtest's."""

    number: int
    version_id: UUID
    hash: str
    backtest_id: UUID
    repeated: bool
    reason: str
    tried_by: str
    tried_at: datetime


class BrokenAnswer(_Read):
    """Who gave the data back to research, and why."""

    by: str
    at: datetime
    reason: str


class ExamAnswer(_Read):
    """A sealed stretch; `seen` says that research saw some of it before its first try."""

    id: UUID
    series_id: UUID
    span: SpanAnswer
    tried_before: int
    seen: bool
    sealed_by: str
    sealed_at: datetime
    broken: BrokenAnswer | None
    tries: list[TryAnswer]


class Exams(BaseModel):
    """The newest exams; there is no next page."""

    items: list[ExamAnswer]
    next: str | None = None


class ReasonAnswer(_Read):
    """What one figure says."""

    figure: str = Field(examples=["deflated_sharpe"])
    grade: Grade
    text: str


class VerdictAnswer(_Read):
    """A verdict as it was given, the worst reason first."""

    id: UUID
    hash: str
    series_id: UUID
    others: list[UUID] = Field(description="the series beside it, of several symbols on one account")
    span: SpanAnswer | None
    outcome: Grade
    reasons: list[ReasonAnswer]
    figures: dict[str, JsonValue]
    found: FoundAnswer
    engine: str
    created_at: datetime


class Standing(BaseModel):
    """Whether a version may trade on paper as it stands; `says` is what is missing and what to do when it may not."""

    passes: bool
    code: Literal["no_verdict", "verdict_failed"] | None
    says: str
    verdict: VerdictAnswer | None


class Verdicts(BaseModel):
    """The newest verdicts on a version; there is no next page."""

    items: list[VerdictAnswer]
    next: str | None = None


class ThresholdAnswer(BaseModel):
    """From where on a figure is bad, from where on good, and why there."""

    name: str
    what: str
    bad: float
    good: float
    low_is_good: bool
    optional: bool
    why: str


class Thresholds(BaseModel):
    """What the gate asks for."""

    items: list[ThresholdAnswer]
    next: str | None = None
