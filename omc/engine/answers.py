"""Owns the shapes of the engine's requests and answers over HTTP."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from omc.engine.approvals import MAX_REASON
from omc.engine.records import Status

EXAMPLE: dict[str, JsonValue] = {
    "schema": "omc-strategy/1",
    "name": "Moving averages cross",
    "universe": ["BTC/USDT"],
    "timeframe": "1h",
    "parameters": {"fast_window": 20, "slow_window": 100},
    "features": {"fast": "sma(close, fast_window)", "slow": "sma(close, slow_window)"},
    "entry": "crosses_above(fast, slow)",
    "exit": "crosses_below(fast, slow)",
    "sizing": {"kind": "fraction", "fraction": "1"},
    "costs": {"fee_bps": "10", "slippage_bps": "5"},
}
Document = Annotated[
    dict[str, JsonValue], Field(description="a strategy document; GET /engine/schema has its form", examples=[EXAMPLE])
]


class _Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Checked(_Wanted):
    """A document to check."""

    document: Document


class Problem(BaseModel):
    """One thing wrong with a document; `place` is a JSON pointer, with `:character` inside an expression."""

    place: str = Field(examples=["/entry:12"])
    code: str = Field(examples=["unknown_indicator"])
    text: str


class Verdict(BaseModel):
    """Whether a document is accepted, and all that is wrong when it is not."""

    ok: bool
    hash: str | None
    problems: list[Problem]
    assumptions: dict[str, str] | None


class NewVersion(_Wanted):
    """A document to keep; the name of the strategy it belongs to, its own unless given."""

    name: str | None = Field(default=None, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")
    document: Document


class VersionShort(BaseModel):
    """A version in a list."""

    id: UUID
    number: int
    hash: str
    author: str
    created_at: datetime
    status: Status


class StrategyAnswer(BaseModel):
    """A strategy with its versions, newest first."""

    id: UUID
    name: str
    versions: list[VersionShort]


class StrategyPage(BaseModel):
    """All strategies; there is no next page."""

    items: list[StrategyAnswer]
    next: str | None = None


class VersionAnswer(VersionShort):
    """A version with its document."""

    strategy_id: UUID
    name: str
    document: dict[str, JsonValue]


class Denial(_Wanted):
    """What is denied, by the hash that was shown, and why if the person says so."""

    hash: str = Field(pattern=r"^[0-9a-f]{64}$", examples=["0" * 64], description="of the document that was shown")
    reason: str = Field(default="", max_length=MAX_REASON, pattern=r"^[^\x00-\x09\x0b-\x1f\x7f]*$")


class DecisionAnswer(BaseModel):
    """What a person decided about a version."""

    model_config = ConfigDict(from_attributes=True)

    version_id: UUID
    strategy_id: UUID
    name: str
    number: int
    hash: str
    outcome: Literal["approved", "denied", "reopened"]
    reason: str
    overridden: bool = Field(description="Approved without a passing verdict; the reason says why")
    by: str = Field(description="The name of the person", examples=["Ada"])
    at: datetime


class Decisions(BaseModel):
    """The newest decisions; there is no next page."""

    items: list[DecisionAnswer]
    next: str | None = None


SeriesIds = Annotated[list[UUID], Field(min_length=1, max_length=50)]


class NewBacktest(_Wanted):
    """What to run: a version or a document, on a series, or on several that share one account, or a span of them."""

    model_config = ConfigDict(extra="forbid", strict=False)

    version_id: UUID | None = None
    document: Document | None = None
    series_id: UUID | None = Field(default=None, description="one symbol with all the cash")
    series_ids: SeriesIds | None = Field(default=None, description="several symbols of the universe on one account")
    start: AwareDatetime | None = Field(default=None, description="first bar; earlier bars only warm up")
    end: AwareDatetime | None = Field(default=None, description="no bar from here on")


class Accepted(BaseModel):
    """The id under which the run is found."""

    id: UUID


class MetricAnswer(BaseModel):
    """A figure, or the reason why there is none."""

    name: str = Field(examples=["sharpe"])
    value: float | None
    unit: str = Field(examples=["ratio"])
    sampling: str = Field(examples=["UTC day, 365 a year"])
    note: str = ""


class EquityAnswer(BaseModel):
    """Equity at bar closes, thinned for a chart; times are the bars' openings in milliseconds."""

    ts: list[int]
    equity: list[float]
    hold: list[float]
    drawdown: list[float]


class ClosedAnswer(BaseModel):
    """A position from entry to exit."""

    symbol: str | None = Field(None, description="where several share the account")

    opened: int
    closed: int
    side: Literal["long", "short"]
    quantity: float
    entry: float
    exit: float
    pnl: float
    fee: float
    cause: Literal["decision", "stop", "target", "liquidation"] = Field("decision", description="why it ended")


class MonthAnswer(BaseModel):
    """Returns of one calendar month, UTC, as fractions; all of them chain to the whole return."""

    year: int
    month: int = Field(ge=1, le=12)
    equity: float
    hold: float


class Otherwise(BaseModel):
    """A figure and where it lies with probability `level`; null with a note where it is not defined."""

    low: float | None
    value: float | None
    high: float | None
    level: float = Field(examples=[0.95])
    method: str
    sampling: str = Field(examples=["UTC day"])
    note: str = ""


class SpreadAnswer(BaseModel):
    """How far a result could have been otherwise, by the stationary bootstrap of its returns."""

    total_return: Otherwise
    sharpe: Otherwise
    max_drawdown: Otherwise
    block_length: float = Field(description="mean length of the blocks that were drawn, in returns")
    resamples: int
    seed: int


class OpenAnswer(BaseModel):
    """What is held at the end."""

    opened: int
    side: Literal["long", "short"]
    quantity: float
    entry: float
    value: float
    fee: float = Field(0.0, description="of its fills so far")


class CountsAnswer(BaseModel):
    """How often an assumption mattered, and what holding cost."""

    both_in_one_bar: int = Field(0, description="stops taken before a target in the same bar, as the worse order")
    too_small: int = Field(0, description="entries below the venue's least value, or with no cash left by others")
    liquidated: int = 0
    funding: float = Field(0.0, description="paid for holding, in the quote asset")


class FinerAnswer(BaseModel):
    """How often the order inside a bar mattered, by finer bars of the same market."""

    timeframe_ms: int
    data: str = Field(description="hash of the finer bars")
    bars: int
    covered: int = Field(description="bars that the finer ones make up")
    both: int = Field(description="bars in which stop and target were both reached; the stop was taken")
    still_both: int = Field(description="finer bars in which they were")
    differing: int = Field(description="bars in which orders filled otherwise")
    end_equity: float = Field(description="what the account would have ended with, in the quote asset")
    change: float = Field(description="the same against the end equity, as a fraction of it")


class SymbolAnswer(BaseModel):
    """What one symbol of a shared account went through; the gains of all are what the account gained."""

    symbol: str
    closed_count: int
    won_count: int = Field(description="closed positions that gained after fees")
    fill_count: int
    gain: float = Field(description="after fees and funding, what is held at its last close; in the quote asset")
    share: float | None = Field(description="of what the account gained or lost; none when that is nothing")
    fees: float
    open: OpenAnswer | None
    pending: Literal["long", "flat", "short"] | None
    counts: CountsAnswer


class Found(BaseModel):
    """What a run found."""

    metrics: list[MetricAnswer] = []
    assumptions: dict[str, str] = {}
    manifest: dict[str, JsonValue] = {}
    result_hash: str | None = None
    spread: SpreadAnswer | None = Field(default=None, description="null where there are too few days")
    equity: EquityAnswer | None = None
    months: list[MonthAnswer] = []
    closed: list[ClosedAnswer] = []
    closed_count: int = 0
    fill_count: int = 0
    open: OpenAnswer | None = None
    pending: Literal["long", "flat", "short"] | None = None
    counts: CountsAnswer = CountsAnswer()
    finer: FinerAnswer | None = Field(default=None, description="null where no finer bars tell what came first")
    symbols: list[SymbolAnswer] = Field([], description="a row a symbol, where several share the account")


class SeriesAnswer(BaseModel):
    """Which data a run read."""

    id: UUID
    venue: str
    symbol: str
    timeframe: str
    label: str


class SpanAnswer(BaseModel):
    """A half-open stretch of time."""

    model_config = ConfigDict(from_attributes=True)

    start: datetime
    end: datetime


class BacktestShort(BaseModel):
    """A run in a list."""

    id: UUID
    name: str
    state: Literal["queued", "running", "done", "failed"]
    version_id: UUID | None
    hash: str
    series_id: UUID
    others: list[UUID] = Field([], description="series that share the account with the first one")
    requested_by: str
    created_at: datetime
    metrics: list[MetricAnswer] = []


class BacktestPage(BaseModel):
    """Runs, newest first."""

    items: list[BacktestShort]
    next: str | None = None


class BacktestAnswer(BacktestShort, Found):
    """A run with what it found, or why it was refused."""

    series: SeriesAnswer
    every: list[SeriesAnswer] = Field(description="all that it read, in the order of the universe")
    span: SpanAnswer | None
    document: dict[str, JsonValue]
    ended_at: datetime | None
    exam: bool = Field(default=False, description="a try on a sealed exam; nobody else reads these bars")
    error: Problem | None
