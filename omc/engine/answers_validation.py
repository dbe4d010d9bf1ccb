"""Owns the shapes of a verdict that is asked for, and of what its checks found, over HTTP."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from omc.engine.answers import Problem, SeriesIds, SpanAnswer, SpreadAnswer


class NewValidation(BaseModel):
    """Which version to judge, on which data: a series, or several that share one account, or a span of them."""

    model_config = ConfigDict(extra="forbid")

    version_id: UUID
    series_id: UUID | None = Field(default=None, description="one symbol with all the cash")
    series_ids: SeriesIds | None = Field(default=None, description="several symbols of the universe on one account")
    start: AwareDatetime | None = Field(default=None, description="first bar; earlier bars only warm up")
    end: AwareDatetime | None = Field(default=None, description="no bar from here on")


class CheckStep(BaseModel):
    """How far the checks are: `done` of `total` steps of the one called `name`."""

    model_config = ConfigDict(from_attributes=True)

    name: str = Field(examples=["look-ahead check"])
    done: int
    total: int


class ValidationAnswer(BaseModel):
    """A verdict that was asked for; `verdict_id` once it is given, `error` when it could not be."""

    id: UUID
    version_id: UUID
    series_id: UUID
    others: list[UUID] = Field(description="the series beside it, of several symbols on one account")
    span: SpanAnswer | None
    state: Literal["queued", "running", "done", "failed"]
    step: CheckStep
    requested_by: str
    created_at: datetime
    ended_at: datetime | None
    error: Problem | None
    verdict_id: UUID | None


class Validations(BaseModel):
    """The newest of a version; there is no next page."""

    items: list[ValidationAnswer]
    next: str | None = None


class CheckAnswer(BaseModel):
    """What one check says."""

    check: str = Field(examples=["cross_validation"])
    state: Literal["clean", "found", "measured", "unchecked"]
    text: str


class WindowAnswer(BaseModel):
    """One fit of the walk-forward and its test; times in milliseconds, half open."""

    train_start: int
    train_end: int
    test_start: int
    test_end: int
    parameters: dict[str, float]
    train_sharpe: float | None
    train_return: float
    test_sharpe: float | None
    test_return: float


class PathAnswer(BaseModel):
    """One cross-validated history."""

    sharpe: float | None
    total_return: float
    max_drawdown: float


class DelayAnswer(BaseModel):
    """The run with entries some bars later; `refused` says why there is none."""

    bars: int
    sharpe: float | None
    total_return: float | None
    closed_positions: int
    refused: str = ""


class CostsAnswer(BaseModel):
    """Total returns by multiples of fees (rows) and slippage (columns); null where the account is lost."""

    fees: list[float]
    slippages: list[float]
    returns: list[list[float | None]]
    break_even: float | None
    fee_break_even: float | None
    slippage_break_even: float | None


class NeighbourAnswer(BaseModel):
    """The run with one parameter a little beside."""

    parameter: str
    change: float
    value: float
    sharpe: float | None
    kept: bool
    refused: str = ""


class FoundAnswer(BaseModel):
    """What each check found when the verdict was given; empty for a verdict that was given without."""

    checks: list[CheckAnswer] = []
    windows: list[WindowAnswer] = []
    paths: list[PathAnswer] = []
    spread: SpreadAnswer | None = Field(default=None, description="of the chained walk-forward, out of sample")
    delays: list[DelayAnswer] = []
    costs: CostsAnswer | None = None
    neighbours: list[NeighbourAnswer] = []
