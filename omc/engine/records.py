"""Owns the values that the engine's verbs take and give: versions, strategies, backtests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias
from uuid import UUID

from omc.core.ids import BacktestId, SeriesId, StrategyId, VersionId
from omc.core.market import Span
from omc.core.reason import Reason
from omc.engine.document import StrategyDocument
from omc.ledgers.rules import Series

TrialKind: TypeAlias = Literal["backtest", "walk_forward", "sweep", "validation", "exam", "train"]
Status: TypeAlias = Literal["draft", "approved", "denied"]
"""How a version stands: approved once is approved; denied only while a person has not opened it again."""


class State(StrEnum):
    """How far a backtest is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """An immutable document under a strategy's name, and how a person decided about it."""

    id: VersionId
    strategy_id: StrategyId
    name: str
    number: int
    hash: str
    document: StrategyDocument
    author: str
    created_at: datetime
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """A name with its versions, newest first."""

    id: StrategyId
    name: str
    versions: Sequence["VersionLine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """A version as a list shows it."""

    id: VersionId
    number: int
    hash: str
    author: str
    created_at: datetime
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decided about a version, and why where he said so; `by` is the person's id.

    `overridden` is of an approval without a passing verdict; its reason says why.
    """

    version_id: VersionId
    strategy_id: StrategyId
    name: str
    number: int
    hash: str
    outcome: Literal["approved", "denied", "reopened"]
    reason: str
    overridden: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to test on which data; `span` None is all of the series.

    With `others` the run is of several symbols on one account, in the order of the document's universe.
    """

    document: StrategyDocument
    series: Series
    span: Span | None
    version_id: VersionId | None
    by: str
    others: Sequence[Series] = ()

    @property
    def every(self) -> tuple[Series, ...]:
        """All series that it looks at."""
        return (self.series, *self.others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """A run. `result` is the outline of what it found, once done; `error` says why it was refused, once failed.

    With `others` it is of several symbols on one account; `series_id` is of the first of them.
    `seal_id` names the exam when the run is the try on one: it alone reads what is sealed.
    """

    id: BacktestId
    version_id: VersionId | None
    hash: str
    document: StrategyDocument
    series_id: SeriesId
    span: Span | None
    state: State
    requested_by: str
    created_at: datetime
    ended_at: datetime | None
    result: Mapping[str, object] | None
    error: Reason | None
    seal_id: UUID | None = None
    others: Sequence[SeriesId] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestLine:
    """A run as a list shows it."""

    id: BacktestId
    version_id: VersionId | None
    hash: str
    name: str
    series_id: SeriesId
    others: Sequence[SeriesId]
    state: str
    requested_by: str
    created_at: datetime
    metrics: Sequence[Mapping[str, object]] | None
