"""The report as a typed document, twice: as the model writes it (with references) and as it is shown (with figures)."""

from datetime import datetime
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

MAX_PROSE_CHARACTERS = 4_000
MAX_TITLE_CHARACTERS = 200
MAX_SECTIONS = 20
MAX_BLOCKS = 20
MAX_ROWS = 40
MAX_LIMITATIONS = 20
MAX_POINTS = 2_000

Prose: TypeAlias = Annotated[str, Field(min_length=1, max_length=MAX_PROSE_CHARACTERS)]
Title: TypeAlias = Annotated[str, Field(min_length=1, max_length=MAX_TITLE_CHARACTERS)]
FigureReference: TypeAlias = Annotated[
    str,
    Field(pattern=r"^\d{1,6}:/[^{}\s]{1,200}$", description="evidence number, colon, path: 3:/metrics/sharpe_ratio"),
]
Verdict: TypeAlias = Literal["yes", "no", "mixed", "not_tested"]
Confidence: TypeAlias = Literal["low", "medium", "high"]
Unbacked: TypeAlias = Literal["number", "claim"]


class Strict(BaseModel):
    """Whatever is not named is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TextDraft(Strict):
    """A paragraph; figures in it are references such as `{{3:/metrics/sharpe_ratio}}`."""

    kind: Literal["text"]
    text: Prose


class RowDraft(Strict):
    """One line of a metrics table."""

    label: Title
    figure: FigureReference
    benchmark: FigureReference | None = None


class MetricsDraft(Strict):
    """A table of figures, each beside its benchmark where there is one."""

    kind: Literal["metrics"]
    rows: Annotated[list[RowDraft], Field(min_length=1, max_length=MAX_ROWS)]


class EquityDraft(Strict):
    """The equity curve of a backtest's evidence against holding."""

    kind: Literal["equity"]
    evidence: Annotated[int, Field(ge=1)]


class ChartDraft(Strict):
    """The chart of any evidence that holds lines: draw_chart, study_events, sweep_parameters or a test."""

    kind: Literal["chart"]
    evidence: Annotated[int, Field(ge=1)]


Drafted: TypeAlias = TextDraft | MetricsDraft | EquityDraft | ChartDraft
BlockDraft: TypeAlias = Annotated[Drafted, Field(discriminator="kind")]


class SectionDraft(Strict):
    """A titled part of the report."""

    title: Title
    blocks: Annotated[list[BlockDraft], Field(min_length=1, max_length=MAX_BLOCKS)]


class ReportDraft(Strict):
    """What the model writes. Question, data, costs and the number of trials come from evidence instead."""

    answer: Prose
    verdict: Verdict
    confidence: Confidence
    confidence_because: Prose
    sections: Annotated[list[SectionDraft], Field(min_length=1, max_length=MAX_SECTIONS)]
    limitations: Annotated[list[Prose], Field(max_length=MAX_LIMITATIONS)] = []
    would_change: Annotated[list[Prose], Field(max_length=MAX_LIMITATIONS)] = []


class Figure(Strict):
    """A number from evidence. `value` is exact; `assumed` marks what somebody chose rather than measured.

    `places` decimals are shown of it; `as_of` is when the evidence was made.
    """

    evidence: int
    path: str
    label: str
    value: str
    unit: str
    display: str
    places: int
    as_of: datetime
    assumed: bool = False


class TextSpan(Strict):
    """Words."""

    text: str


class FigureSpan(Strict):
    """A figure in prose."""

    figure: Figure


class UnverifiedSpan(Strict):
    """A number that the model typed, or a claim about performance that no evidence beside it backs: shown as such."""

    unverified: str
    why: Unbacked = "number"


Span: TypeAlias = TextSpan | FigureSpan | UnverifiedSpan


class TextBlock(Strict):
    """A paragraph."""

    kind: Literal["text"] = "text"
    spans: list[Span]


class MetricsRow(Strict):
    """One line of a metrics table."""

    label: str
    figure: Figure
    benchmark: Figure | None = None


class MetricsBlock(Strict):
    """A metrics table."""

    kind: Literal["metrics"] = "metrics"
    rows: list[MetricsRow]


class EquityBlock(Strict):
    """Equity of the strategy and of holding, at the same instants (`ts` in milliseconds), in the quote asset."""

    kind: Literal["equity"] = "equity"
    evidence: int
    ts: list[int]
    equity: list[float]
    hold: list[float]


class ChartLine(Strict):
    """One line of a chart; nothing where its value is not known."""

    name: str
    values: list[float | None]


class Chart(Strict):
    """Lines over the same places `at`: instants in milliseconds, bars from an event, or parameter sets by rank."""

    axis: Literal["time", "bars", "rank"]
    at: list[int]
    unit: str
    lines: list[ChartLine]


class ChartBlock(Chart):
    """The chart of evidence."""

    kind: Literal["chart"] = "chart"
    evidence: int
    title: str


Shown: TypeAlias = TextBlock | MetricsBlock | EquityBlock | ChartBlock
Block: TypeAlias = Annotated[Shown, Field(discriminator="kind")]


class Section(Strict):
    """A titled part."""

    title: str
    blocks: list[Block]


class Fact(Strict):
    """One line about the data or the costs, taken from evidence."""

    label: str
    display: str
    evidence: int
    path: str


class EvidenceLine(Strict):
    """One piece of evidence behind the report."""

    number: int
    tool: str
    title: str
    hash: str


class Tried(Strict):
    """One call of the session that tried something, or that was refused or failed: named from the record, not told.

    `figure` is what a trial returned; `words` say why a call came to nothing.
    """

    step: int
    tool: str
    title: str
    outcome: Literal["done", "refused"]
    words: str
    parameter_sets: int
    evidence: int | None
    figure: Figure | None = None


class Registered(Strict):
    """What the register of trials holds of the session: a trial is written there before it runs."""

    runs: int
    parameter_sets: int
    failed: int
    unfinished: int


class Report(Strict):
    """The report as it is shown; every figure leads to its evidence."""

    session_id: UUID
    question: str
    answer: str
    answer_spans: list[Span]
    verdict: Verdict
    confidence: Confidence
    confidence_because: list[Span]
    sections: list[Section]
    unverified: int
    claims: int = Field(description="Claims about performance among what is unverified")
    trials: int
    tried: list[Tried]
    registered: Registered
    data: list[Fact]
    costs: list[Fact]
    limitations: list[str]
    would_change: list[str]
    knowledge: str | None = Field(description="Up to when the model may have read of the market")
    version_id: UUID | None
    model: str
    as_of: datetime
    created_at: datetime
    evidence: list[EvidenceLine]
