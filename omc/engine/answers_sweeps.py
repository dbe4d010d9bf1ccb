"""Owns the shapes of what is asked and answered over HTTP about searches over parameters."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from omc.engine.answers import Document, Problem, SeriesAnswer, SeriesIds, SpanAnswer
from omc.engine.document import plain
from omc.engine.sweep import MAX_COMBINATIONS, MAX_VALUES, TRAIN, Row
from omc.engine.sweeps import StoredSweep, SweepState
from omc.engine.tpe import MAX_TRIES
from omc.ledgers.rules import Series

MAX_PARAMETERS = 20

Finite = Annotated[float, Field(allow_inf_nan=False)]
Range = Annotated[
    Annotated[str, Field(max_length=1_000)] | Annotated[list[Finite], Field(min_length=1, max_length=MAX_VALUES)],
    Field(description="`10:50:5` (both ends) or values", examples=["10:50:5", [10, 20, 50]]),
]


class NewSweep(BaseModel):
    """What to search: a version or a document, on a series or several on one account, over values by parameter."""

    model_config = ConfigDict(extra="forbid", strict=False)

    version_id: UUID | None = None
    document: Document | None = None
    series_id: UUID | None = Field(default=None, description="one symbol with all the cash")
    series_ids: SeriesIds | None = Field(default=None, description="several symbols of the universe on one account")
    start: AwareDatetime | None = Field(default=None, description="first bar; earlier bars only warm up")
    end: AwareDatetime | None = Field(default=None, description="no bar from here on")
    values: dict[str, Range] = Field(min_length=1, max_length=MAX_PARAMETERS, examples=[{"fast_window": "10:50:10"}])
    sample: int | None = Field(default=None, ge=1, le=MAX_COMBINATIONS, description="so many of them, at random")
    tries: int | None = Field(
        default=None, ge=1, le=MAX_TRIES, description="so many, each chosen by how the earlier ones trained (Optuna)"
    )
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="the same seed, the same combinations")
    train: float = Field(default=TRAIN, gt=0, lt=1, description="share of the bars that trains; the rest tests")
    fresh: bool = Field(default=False, description="try all of it again, and count it again")


class SideAnswer(BaseModel):
    """The figures of one part of the bars; fractions of the equity."""

    model_config = ConfigDict(from_attributes=True)

    sharpe: float | None = Field(description="a year, of daily returns")
    total_return: float
    max_drawdown: float
    closed_positions: int


class SweepRowAnswer(BaseModel):
    """One combination: training beside test, or why it was refused."""

    parameters: dict[str, float]
    train: SideAnswer | None
    test: SideAnswer | None
    refused: str

    @classmethod
    def of(cls, row: Row) -> Self:
        """Return a row as the API shows it."""
        train, test = (None if side is None else SideAnswer.model_validate(side) for side in (row.train, row.test))
        return cls(parameters=dict(row.parameters), train=train, test=test, refused=row.refused)


class SweepRows(BaseModel):
    """Rows of a search; `next` is the offset of the following page."""

    items: list[SweepRowAnswer]
    next: int | None


class SweepShort(BaseModel):
    """A search in a list: `done` of `total` combinations."""

    id: UUID
    name: str
    version_id: UUID | None
    hash: str
    series_id: UUID
    others: list[UUID] = Field(description="the series beside it, of several symbols on one account")
    state: SweepState
    done: int
    total: int
    requested_by: str
    created_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, stored: StoredSweep) -> Self:
        """Return a search as a list shows it."""
        return cls.model_validate(_head(stored))


class SweepPage(BaseModel):
    """Searches, newest first; `next` is the cursor of the following page."""

    items: list[SweepShort]
    next: str | None = None


class SweepAnswer(SweepShort):
    """A search: what is varied, how, on which bars, and how far it is."""

    series: SeriesAnswer
    every: list[SeriesAnswer] = Field(description="all series, in the order of the universe")
    span: SpanAnswer
    split: datetime | None = Field(description="where the test begins; null until the search has begun")
    values: dict[str, list[float]]
    method: Literal["grid", "sample", "optuna"]
    seed: int
    train: float
    refused: int = Field(description="combinations that cannot run")
    document: dict[str, JsonValue]
    error: Problem | None
    topic: str = Field(description="follow it at /ops/events for progress", examples=["sweep:…"])

    @classmethod
    def whole(cls, stored: StoredSweep, every: Sequence[Series], *, refused: int, topic: str) -> Self:
        """Return a search as its page shows it."""
        search, error = stored.search, stored.error
        method = "optuna" if search.tries is not None else "grid" if search.sample is None else "sample"
        shown = [
            SeriesAnswer(id=one.id, venue=one.venue, symbol=one.symbol, timeframe=one.timeframe, label=one.label)
            for one in every
        ]
        return cls.model_validate(
            _head(stored)
            | {
                "series": shown[0],
                "every": shown,
                "span": SpanAnswer(start=stored.span.start, end=stored.span.end),
                "split": None if stored.layout is None else stored.layout.split_ts / 1_000,
                "values": {name: list(these) for name, these in search.values.items()},
                "method": method,
                "seed": search.seed,
                "train": search.train,
                "refused": refused,
                "document": plain(stored.document),
                "error": None if error is None else Problem(place=error.place, code=error.code, text=error.text),
                "topic": topic,
            }
        )


def _head(stored: StoredSweep) -> dict[str, object]:
    return {
        "id": stored.id,
        "name": stored.document.name,
        "version_id": stored.version_id,
        "hash": stored.hash,
        "series_id": stored.series_id,
        "others": stored.others,
        "state": stored.state,
        "done": stored.done,
        "total": stored.total,
        "requested_by": stored.requested_by,
        "created_at": stored.created_at,
        "ended_at": stored.ended_at,
    }
