"""Owns the shapes of what is asked and answered over HTTP about walk-forward tests."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from omc.engine.answers import Document, EquityAnswer, MetricAnswer, Problem, SeriesAnswer, SeriesIds, SpanAnswer
from omc.engine.answers_sweeps import MAX_PARAMETERS, Range
from omc.engine.answers_validation import CheckStep, WindowAnswer
from omc.engine.document import plain
from omc.engine.walk_forward import MAX_WINDOWS
from omc.engine.walks import Walk, WalkState
from omc.ledgers.rules import Series

MAX_GAP = 10_000


class NewWalk(BaseModel):
    """What to fit anew in each window: a version or a document, on a series or several on one account."""

    model_config = ConfigDict(extra="forbid", strict=False)

    version_id: UUID | None = None
    document: Document | None = None
    series_id: UUID | None = Field(default=None, description="one symbol with all the cash")
    series_ids: SeriesIds | None = Field(default=None, description="several symbols of the universe on one account")
    start: AwareDatetime | None = Field(default=None, description="first bar; earlier bars only warm up")
    end: AwareDatetime | None = Field(default=None, description="no bar from here on")
    values: dict[str, Range] = Field(
        default_factory=dict,
        max_length=MAX_PARAMETERS,
        description="what is fitted, by parameter; without any, values near the document's own",
        examples=[{"fast_window": "10:50:10"}],
    )
    windows: int = Field(default=6, ge=1, le=MAX_WINDOWS, description="tests in a row")
    kind: Literal["anchored", "rolling"] = Field(default="anchored", description="fitted on all before, or as much")
    train: float = Field(default=0.4, gt=0, lt=1, description="share of the bars that is fitted on first")
    purge: int = Field(default=1, ge=0, le=MAX_GAP, description="bars left out before each test")
    embargo: int = Field(default=0, ge=0, le=MAX_GAP, description="bars left out besides them")


class WalkShort(BaseModel):
    """A walk-forward in a list, and how far it is."""

    id: UUID
    name: str
    version_id: UUID | None
    hash: str
    series_id: UUID
    others: list[UUID] = Field(description="the series beside it, of several symbols on one account")
    state: WalkState
    step: CheckStep
    requested_by: str
    created_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, walk: Walk) -> Self:
        """Return a walk-forward as a list shows it."""
        return cls.model_validate(_head(walk))


class WalkPage(BaseModel):
    """Walk-forwards, newest first; `next` is the cursor of the following page."""

    items: list[WalkShort]
    next: str | None = None


class WalkAnswer(WalkShort):
    """A walk-forward and what it found: the chained out-of-sample account is the headline."""

    every: list[SeriesAnswer] = Field(description="all series, in the order of the universe")
    span: SpanAnswer | None
    document: dict[str, JsonValue]
    values: dict[str, list[float]]
    windows: int
    kind: Literal["anchored", "rolling"]
    train: float
    gap_bars: int = Field(description="bars left out before each test, purged and embargoed")
    error: Problem | None
    trials: int | None = Field(description="parameter sets that were fitted in each window; null until it is done")
    fits: list[WindowAnswer] = Field(description="each window with the parameters that were chosen in it")
    metrics: list[MetricAnswer] = Field(description="out of sample")
    fixed_metrics: list[MetricAnswer] = Field(description="of the document's own parameters on the same bars, unfitted")
    equity: EquityAnswer | None = Field(description="out of sample, the windows chained into one account")
    assumptions: dict[str, str]

    @classmethod
    def whole(cls, walk: Walk, every: Sequence[Series]) -> Self:
        """Return a walk-forward as its page shows it."""
        plan, error, result = walk.plan, walk.error, dict(walk.result or {})
        tested = result.get("out_of_sample", {})
        assert isinstance(tested, dict)
        return cls.model_validate(
            _head(walk)
            | {
                "every": [
                    SeriesAnswer(
                        id=one.id, venue=one.venue, symbol=one.symbol, timeframe=one.timeframe, label=one.label
                    )
                    for one in every
                ],
                "span": None if walk.span is None else SpanAnswer(start=walk.span.start, end=walk.span.end),
                "document": plain(walk.document),
                "values": {name: list(these) for name, these in plan.values.items()},
                "windows": plan.windows,
                "kind": plan.kind,
                "train": plan.train,
                "gap_bars": plan.gap_bars,
                "error": None if error is None else Problem(place=error.place, code=error.code, text=error.text),
                "trials": result.get("trials"),
                "fits": result.get("windows", []),
                "metrics": tested.get("metrics", []),
                "fixed_metrics": result.get("fixed_metrics", []),
                "equity": tested.get("equity"),
                "assumptions": tested.get("assumptions", {}),
            }
        )


def _head(walk: Walk) -> dict[str, object]:
    return {
        "id": walk.id,
        "name": walk.document.name,
        "version_id": walk.version_id,
        "hash": walk.hash,
        "series_id": walk.series_id,
        "others": walk.others,
        "state": walk.state,
        "step": CheckStep.model_validate(walk.step),
        "requested_by": walk.requested_by,
        "created_at": walk.created_at,
        "ended_at": walk.ended_at,
    }
