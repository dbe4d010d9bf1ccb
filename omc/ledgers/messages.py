"""What the ledgers' routes take and answer."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from omc.ledgers.levels import Level
from omc.ledgers.markets import DEFAULT_SEED, DEFAULT_SPAN, DEFAULT_SYMBOLS, DEFAULT_TIMEFRAME, MAX_SEED
from omc.ledgers.rules import Fate, Gap, Imported, Origin, Problem, Series

MAX_WORD = 40
MAX_SYMBOLS = 20


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class SeriesAnswer(_Answer):
    """One market at one timeframe from one source, with what it holds and lacks."""

    id: UUID
    venue: str = Field(examples=["binance"])
    symbol: str = Field(examples=["BTC/USDT"])
    timeframe: str = Field(examples=["1h"])
    origin: Origin = Field(description="synthetic: made by a generator; show it as such")
    label: str = Field(examples=["binance BTC/USDT 1h"])
    bars: int
    start: datetime | None
    end: datetime | None = Field(description="Half open: the close of the last bar")
    gaps: int = Field(description="Holes between the first and the last bar; they stay holes")
    missing: int = Field(description="Bars missing in those holes")
    quarantined: int = Field(description="Rows of files that were left out")

    @classmethod
    def of(cls, series: Series) -> Self:
        """Return a series as the API shows it."""
        return cls.model_validate(series)


class GapAnswer(_Answer):
    """A hole: `missing` bars would open from `start` on, before `end`."""

    start: datetime
    end: datetime
    missing: int


class SeriesDetail(SeriesAnswer):
    """A series with its holes, oldest first, at most 1,000."""

    gap_list: list[GapAnswer]

    @classmethod
    def with_gaps(cls, series: Series, gaps: list[Gap]) -> Self:
        """Return a series and its holes as the API shows them."""
        listed = [GapAnswer.model_validate(gap) for gap in gaps]
        return cls.model_validate({**SeriesAnswer.of(series).model_dump(), "gap_list": listed})


class SeriesList(BaseModel):
    """All series."""

    items: list[SeriesAnswer]
    next: None = None


class BarsAnswer(BaseModel):
    """Bars as columns of one length; `ts` is the opening instant in UTC milliseconds. Prices are floats, for charts."""

    series_id: UUID
    timeframe: str = Field(description="Of the stored bars")
    level: str = Field(description="Of the bars in this answer: folded exactly when there are more than max_points")
    ts: list[int]
    open: list[float]
    high: list[float]
    low: list[float]
    close: list[float]
    volume: list[float]
    sealed_from: datetime | None = Field(description="No bar from here on is shown: it is sealed for an exam")

    @classmethod
    def of(cls, series: Series, level: Level, *, sealed_from: datetime | None) -> Self:
        """Return the bars of a chart."""
        columns = level.columns
        return cls(
            series_id=series.id,
            timeframe=series.timeframe,
            level=level.level,
            ts=columns.ts.tolist(),
            open=columns.open.tolist(),
            high=columns.high.tolist(),
            low=columns.low.tolist(),
            close=columns.close.tolist(),
            volume=columns.volume.tolist(),
            sealed_from=sealed_from,
        )


class ObservedAnswer(_Answer):
    """A named series of observations: numbers that a document's inputs may read."""

    id: UUID
    name: str = Field(examples=["funding:BTC/USDT:USDT"])
    source: str = Field(description="Who says so, where the file tells", examples=["binanceusdm"])
    rows: int
    start: datetime | None = Field(description="What the first one describes")
    end: datetime | None = Field(description="What the last one describes")


class ObservedList(BaseModel):
    """All named series of observations."""

    items: list[ObservedAnswer]
    next: None = None


class ProblemAnswer(_Answer):
    """A row of a file that was left out, or only reported when `kept`; line 0 is the whole file."""

    line: int
    code: str = Field(examples=["high_below_low"])
    reason: str
    raw: str = Field(description="The row as it stands in the file, shortened")
    kept: bool

    @classmethod
    def of(cls, problem: Problem) -> Self:
        """Return a reported row as the API shows it."""
        return cls.model_validate(problem)


class ImportAnswer(_Answer):
    """What became of one file."""

    id: UUID
    name: str
    status: Fate
    created_at: datetime
    rows_read: int
    rows_kept: int = Field(description="New bars")
    rows_unchanged: int = Field(description="Bars that were stored already with the same values")
    rows_quarantined: int
    series: list[SeriesAnswer]
    observed: list[ObservedAnswer] = Field(description="Named series of observations that the file holds")
    problems: list[ProblemAnswer] = Field(description="The first of them; the rest under quarantine")

    @classmethod
    def of(cls, imported: Imported) -> Self:
        """Return an import as the API shows it."""
        return cls.model_validate(imported)


class ImportList(BaseModel):
    """Imports, newest first; `next` is the cursor of the page after this one."""

    items: list[ImportAnswer]
    next: UUID | None


class Quarantine(BaseModel):
    """Reported rows in order of line, at most 1,000 a file; `next` is the cursor of the page after this one."""

    items: list[ProblemAnswer]
    next: int | None


class MarketsWish(BaseModel):
    """Which synthetic markets to make. The same wish gives the same markets on every machine."""

    model_config = ConfigDict(extra="forbid")

    symbols: list[str] = Field(default=list(DEFAULT_SYMBOLS), min_length=1, max_length=MAX_SYMBOLS)
    timeframe: str = Field(default=DEFAULT_TIMEFRAME, max_length=MAX_WORD)
    start: AwareDatetime = Field(default=DEFAULT_SPAN.start)
    end: AwareDatetime = Field(default=DEFAULT_SPAN.end)
    seed: int = Field(default=DEFAULT_SEED, ge=0, le=MAX_SEED)
