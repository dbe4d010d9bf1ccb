"""Turns what a model wrote into what is shown: references become figures, typed numbers are marked and counted."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from omc.core.reason import Reason
from omc.lab import evidence as proof
from omc.lab import prose, report, trying
from omc.lab.charts import chart_of
from omc.lab.prose import Reference
from omc.lab.report import Figure, Report, ReportDraft, Span
from omc.lab.trying import Called, Cited, Kept

BACKTEST_TOOL = "run_backtest"
WALK_FORWARD_TOOL = "walk_forward"
STRATEGY_TOOL = "draft_strategy"
DATA_TOOLS = ("measure_bars", BACKTEST_TOOL)
MAX_FACT_CHARACTERS = 200
MARK = "[unverified]"


_WORD = re.compile(r"\w+")
_FIRST_FACTS = ("symbol", "venue", "timeframe", "origin", "start", "end", "tested_bars_count", "missing_bars_count")


_NOTHING = report.Registered(runs=0, parameter_sets=0, failed=0, unfinished=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a report needs to know of its session; `calls` and `registered` are the record's, not what a model says."""

    session_id: UUID
    question: str
    model: str
    as_of: datetime
    created_at: datetime
    said: Sequence[str]
    kept: Mapping[int, Kept]
    stale: Mapping[int, Kept] = field(default_factory=dict)
    """Evidence of steps that were changed since: nothing may refer to it, but what was tried there was tried."""
    calls: Sequence[Called] = ()
    registered: report.Registered = _NOTHING


@dataclass(slots=True)
class _Desk:
    """What is gathered while one report is rendered."""

    setting: Setting
    allowance: prose.Allowance
    unverified: list[prose.Unverified] = field(default_factory=list)
    problems: list[Reason] = field(default_factory=list)


def render(draft: ReportDraft, setting: Setting) -> tuple[Report, list[Reason]]:
    """Return the report as shown, and every reference that leads to no figure (a report with one is not taken)."""
    desk = _Desk(setting, _allowance(setting))
    first = prose.references(draft.answer)
    answer = _spans(desk, draft.answer, "/answer", first)
    because = _spans(desk, draft.confidence_because, "/confidence_because", first)
    sections = [_section(desk, section, f"/sections/{index}") for index, section in enumerate(draft.sections)]
    limitations = _lines(desk, draft.limitations, "/limitations", first)
    would_change = _lines(desk, draft.would_change, "/would_change", first)
    shown = Report(
        session_id=setting.session_id,
        question=setting.question,
        answer=plain(answer),
        answer_spans=answer,
        verdict=draft.verdict,
        confidence=draft.confidence,
        confidence_because=because,
        sections=sections,
        unverified=len(desk.unverified),
        claims=sum(one.why == "claim" for one in desk.unverified),
        trials=trials(setting.kept) + trials(setting.stale),
        tried=trying.tried(setting.calls, setting.kept),
        registered=setting.registered,
        data=_facts(setting.kept, DATA_TOOLS, "data"),
        costs=_facts(setting.kept, (BACKTEST_TOOL,), "assumptions"),
        limitations=limitations,
        would_change=[*would_change, *trying.turning(setting.kept)],
        knowledge=_knowledge(setting.kept),
        version_id=version_id(setting.kept),
        model=setting.model,
        as_of=setting.as_of,
        created_at=setting.created_at,
        evidence=[
            report.EvidenceLine(number=kept.number, tool=kept.tool, title=kept.title, hash=kept.hash)
            for kept in setting.kept.values()
        ],
    )
    return shown, desk.problems


def plain(spans: Sequence[Span]) -> str:
    """Return prose as one text, its figures resolved and its typed numbers marked."""
    return "".join(_plain(span) for span in spans)


def trials(kept: Mapping[int, Kept]) -> int:
    """Return how often a strategy met data in this session: every parameter set counts, reported or not."""
    counts = [item.output.get("trials_count", 0) for item in kept.values()]
    return sum(count for count in counts if isinstance(count, int))


def version_id(kept: Mapping[int, Kept]) -> UUID | None:
    """Return the strategy version that was tested last."""
    tested = [item for item in kept.values() if item.tool == BACKTEST_TOOL]
    return UUID(str(tested[-1].output["version_id"])) if tested else None


def _allowance(setting: Setting) -> prose.Allowance:
    kept = setting.kept.values()
    documents = [item.output.get("chosen") for item in kept if item.tool == STRATEGY_TOOL]
    expressions = [text for document in documents if isinstance(document, Mapping) for text in _expressions(document)]
    places = [item.output.get("data") for item in kept if item.tool in DATA_TOOLS]
    names = [
        name
        for place in places
        if isinstance(place, Mapping)
        for name in (str(place.get("timeframe")), *str(place.get("symbol")).split("/"))
    ]
    return prose.Allowance(said=tuple(setting.said), expressions=frozenset(expressions), names=frozenset(names))


def _expressions(document: Mapping[str, object]) -> list[str]:
    features = document.get("features")
    named = [str(text) for text in features.values()] if isinstance(features, Mapping) else []
    return [*named, *(str(document[name]) for name in ("entry", "exit") if name in document)]


def _knowledge(kept: Mapping[int, Kept]) -> str | None:
    """Up to when the model may have read of the market, as the last test found; the first thing a report says."""
    found = [told for item in kept.values() if isinstance(told := item.output.get("knowledge"), Mapping)]
    if not found:
        return None
    warning = {"none": "All of the data lies before that: nothing here tests what the model could not have read. "}
    return warning.get(str(found[-1].get("headline")), "") + str(found[-1].get("said", ""))


def _section(desk: _Desk, draft: report.SectionDraft, place: str) -> report.Section:
    beside = [reference for block in draft.blocks for reference in _referring(block)]
    blocks = [_block(desk, block, f"{place}/blocks/{index}", beside) for index, block in enumerate(draft.blocks)]
    return report.Section(title=plain(_spans(desk, draft.title, f"{place}/title", beside)), blocks=blocks)


def _referring(block: report.Drafted) -> list[Reference]:
    """What a block refers to; a curve is a reference to its evidence."""
    match block:
        case report.TextDraft():
            return prose.references(block.text)
        case report.MetricsDraft():
            return [_reference(written) for row in block.rows for written in (row.figure, row.benchmark) if written]
        case report.EquityDraft() | report.ChartDraft():
            return [Reference(block.evidence, "")]


def _block(desk: _Desk, draft: report.Drafted, place: str, beside: Sequence[Reference]) -> report.Shown:
    match draft:
        case report.TextDraft():
            return report.TextBlock(spans=_spans(desk, draft.text, f"{place}/text", beside))
        case report.MetricsDraft():
            rows = [_row(desk, row, f"{place}/rows/{index}") for index, row in enumerate(draft.rows)]
            return report.MetricsBlock(rows=[row for row in rows if row is not None])
        case report.EquityDraft():
            return _equity(desk, draft, place)
        case report.ChartDraft():
            return _chart(desk, draft, place)


def _row(desk: _Desk, draft: report.RowDraft, place: str) -> report.MetricsRow | None:
    label = plain(_spans(desk, draft.label, f"{place}/label", [_reference(draft.figure)]))
    figure = _figure(desk, _reference(draft.figure), f"{place}/figure")
    benchmark = None if draft.benchmark is None else _figure(desk, _reference(draft.benchmark), f"{place}/benchmark")
    if figure is None:
        return None
    return report.MetricsRow(label=_honest(label, figure.label), figure=figure, benchmark=benchmark)


def _honest(written: str, true: str) -> str:
    """The model's label, followed by what the figure really is when the two have no word in common."""
    shared = set(_WORD.findall(written.casefold())) & set(_WORD.findall(true.casefold()))
    return written if shared else f"{written} ({true})"


def _equity(desk: _Desk, draft: report.EquityDraft, place: str) -> report.EquityBlock:
    kept = desk.setting.kept.get(draft.evidence)
    series = None if kept is None else kept.output.get("series")
    if not isinstance(series, Mapping) or not {"ts", "equity", "hold"} <= series.keys():
        words = f"evidence {draft.evidence} holds no equity curve; refer to the evidence of {BACKTEST_TOOL}"
        desk.problems.append(Reason(code="no_curve", text=words, place=place))
        return report.EquityBlock(evidence=draft.evidence, ts=[], equity=[], hold=[])
    return report.EquityBlock.model_validate(
        {"evidence": draft.evidence} | {name: series[name] for name in ("ts", "equity", "hold")}
    )


def _chart(desk: _Desk, draft: report.ChartDraft, place: str) -> report.ChartBlock:
    kept = desk.setting.kept.get(draft.evidence)
    chart = None if kept is None else chart_of(kept.output)
    if kept is None or chart is None:
        words = f"evidence {draft.evidence} holds nothing to draw"
        desk.problems.append(Reason(code="no_chart", text=words, place=place))
        return report.ChartBlock(evidence=draft.evidence, title="", axis="time", at=[], unit="", lines=[])
    return report.ChartBlock(evidence=draft.evidence, title=kept.title, **dict(chart))


def _lines(desk: _Desk, texts: Sequence[str], place: str, beside: Sequence[Reference]) -> list[str]:
    return [plain(_spans(desk, text, f"{place}/{index}", beside)) for index, text in enumerate(texts)]


def _spans(desk: _Desk, text: str, place: str, beside: Sequence[Reference]) -> list[Span]:
    """Resolve a text; its claims are held against what it refers to itself, or else against what stands beside it."""
    sight = prose.references(text) or beside
    pieces = prose.read(text, desk.allowance, trying.backing(_cited(desk, sight)))
    desk.unverified += [piece for piece in pieces if isinstance(piece, prose.Unverified)]
    spans: list[Span] = []
    for piece in pieces:
        match piece:
            case prose.Text():
                spans.append(report.TextSpan(text=piece.text))
            case prose.Unverified():
                spans.append(report.UnverifiedSpan(unverified=piece.text, why=piece.why))
            case prose.Reference():
                figure = _figure(desk, piece, place)
                spans += [] if figure is None else [report.FigureSpan(figure=figure)]
    return spans


def _cited(desk: _Desk, sight: Sequence[Reference]) -> list[Cited]:
    kept = desk.setting.kept
    return [(kept[one.evidence], one.path or None) for one in sight if one.evidence in kept and not one.assumed]


def _reference(written: str) -> Reference:
    number, _, path = written.partition(":")
    return Reference(int(number), path)


def _figure(desk: _Desk, reference: Reference, place: str) -> Figure | None:
    kept = desk.setting.kept.get(reference.evidence)
    if kept is None:
        known = ", ".join(str(number) for number in desk.setting.kept) or "none"
        words = f"there is no evidence {reference.evidence} in this session; there is: {known}"
        if reference.evidence in desk.setting.stale:
            words = f"evidence {reference.evidence} is stale, an earlier step was changed; there is: {known}"
        desk.problems.append(Reason(code="no_evidence", text=words, place=place))
        return None
    found = proof.find(kept.output, reference.path)
    if isinstance(found, Reason):
        words = f"evidence {reference.evidence}: {found.text}"
        desk.problems.append(Reason(code=found.code, text=words, place=place))
        return None
    return trying.figure_at(kept, reference.path)


def _facts(kept: Mapping[int, Kept], tools: Sequence[str], name: str) -> list[report.Fact]:
    holding = [item for tool in tools for item in kept.values() if item.tool == tool]
    values = holding[-1].output.get(name) if holding else None
    if not isinstance(values, Mapping):
        return []
    number = holding[-1].number
    first = [key for key in _FIRST_FACTS if key in values]
    # What is also told in words, with its basis, is not told again as a bare number.
    rest = [key for key in values if key not in first and not (key.endswith("_bps") and key[:-4] in values)]
    return [_fact(number, f"/{name}/{key}", key, values[key]) for key in (*first, *rest)]


def _fact(number: int, path: str, key: str, value: object) -> report.Fact:
    found = proof.find({key: value}, f"/{key}")
    if isinstance(found, Reason):
        label, display = key.replace("_", " ").capitalize(), "none" if value is None else str(value)
    else:
        label, display = found.label, found.display
    return report.Fact(label=label, display=display[:MAX_FACT_CHARACTERS], evidence=number, path=path)


def _plain(span: Span) -> str:
    match span:
        case report.TextSpan():
            return span.text
        case report.FigureSpan():
            return span.figure.display
        case report.UnverifiedSpan():
            return f"{span.unverified} {MARK}"
