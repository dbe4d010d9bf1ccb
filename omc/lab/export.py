"""A report as a file: Markdown, or one HTML page that holds everything, runs nothing and loads nothing."""

import re
from collections.abc import Iterable, Sequence
from html import escape

from omc.lab import report
from omc.lab.rendering import MARK
from omc.lab.report import Report, Span

CHART_WIDTH, CHART_HEIGHT = 720, 220

_VERDICTS = {"yes": "Yes", "no": "No", "mixed": "Mixed", "not_tested": "Not tested"}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&])")
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:760px;margin:2rem auto;padding:0 1rem;color:#1b1d22;background:#fff}
table{border-collapse:collapse;width:100%}th,td{padding:.3rem .6rem;border-bottom:1px solid #d9dce3;text-align:right}
th:first-child,td:first-child{text-align:left}.unverified{background:#fff0c2;outline:1px solid #c98a00}
a{color:#4338ca;text-decoration:none;border-bottom:1px dotted}code{overflow-wrap:anywhere}
svg{width:100%;height:auto}.hold{stroke:#8a90a0;stroke-dasharray:4 3}.equity{stroke:#4338ca}
"""


def markdown(shown: Report) -> str:
    """Return the report as Markdown; nothing that a model wrote can become a link, an image or markup."""
    lines = [f"# {_md(shown.question)}", "", f"**{_VERDICTS[shown.verdict]}**, confidence {shown.confidence}."]
    lines += [_warning(shown), "", _md_prose(shown.answer_spans), "", f"*{_md_prose(shown.confidence_because)}*"]
    for section in shown.sections:
        lines += ["", f"## {_md(section.title)}"]
        for block in section.blocks:
            lines += ["", *_md_block(block)]
    lines += ["", "## Data", "", *(_md_fact(fact) for fact in shown.data)]
    lines += ["", "## Costs and assumptions", "", *(_md_fact(fact) for fact in shown.costs)]
    lines += ["", "## Limitations", "", *(f"- {_md(text)}" for text in shown.limitations)]
    lines += ["", "## Evidence", "", *(f"{_md(_evidence_line(line))}  " for line in shown.evidence)]
    return "\n".join([*lines, "", _md(_colophon(shown)), ""])


def html(shown: Report) -> str:
    """Return the report as one HTML page without script, link to outside, image or font."""
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        '<meta name="viewport" content="width=device-width">',
        f"<title>{escape(shown.question)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(shown.question)}</h1>",
        f"<p><strong>{_VERDICTS[shown.verdict]}</strong>, confidence {shown.confidence}. {escape(_warning(shown))}</p>",
        f"<p>{_html_prose(shown.answer_spans)}</p><p><em>{_html_prose(shown.confidence_because)}</em></p>",
    ]
    for section in shown.sections:
        parts.append(f"<h2>{escape(section.title)}</h2>")
        parts += [_html_block(block) for block in section.blocks]
    parts += ["<h2>Data</h2>", _html_facts(shown.data), "<h2>Costs and assumptions</h2>", _html_facts(shown.costs)]
    parts += ["<h2>Limitations</h2>", _html_list(escape(text) for text in shown.limitations)]
    numbered = (f'<span id="evidence-{line.number}">{escape(_evidence_line(line))}</span>' for line in shown.evidence)
    parts += ["<h2>Evidence</h2>", _html_list(numbered), f"<p>{escape(_colophon(shown))}</p>", "</body></html>"]
    return "\n".join(parts)


def _warning(shown: Report) -> str:
    if shown.unverified == 0:
        return f"Every figure is taken from evidence. Parameter sets tried: {shown.trials}."
    typed = f"{shown.unverified} numbers are unverified: typed, not taken from evidence."
    return f"{typed} Parameter sets tried: {shown.trials}."


def _colophon(shown: Report) -> str:
    return (
        f"Session {shown.session_id}, model {shown.model}, data as of {shown.as_of.isoformat()},"
        f" written {shown.created_at.isoformat()}."
    )


def _evidence_line(line: report.EvidenceLine) -> str:
    return f"{line.number}: {line.title} ({line.tool}), sha256 {line.hash}"


def _md(text: str) -> str:
    return " ".join(_MARKDOWN.sub(r"\\\1", text).split())


def _md_prose(spans: Sequence[Span]) -> str:
    return "".join(_md_span(span) for span in spans)


def _md_span(span: Span) -> str:
    match span:
        case report.TextSpan():
            edges = (" " if span.text[:1].isspace() else "", " " if span.text[-1:].isspace() else "")
            return f"{edges[0]}{_md(span.text)}{edges[1]}"
        case report.FigureSpan():
            return f"**{_md(span.figure.display)}** \\[{span.figure.evidence}\\]"
        case report.UnverifiedSpan():
            return f"{_md(span.unverified)} **{_md(MARK)}**"


def _md_block(block: report.TextBlock | report.MetricsBlock | report.EquityBlock) -> list[str]:
    match block:
        case report.TextBlock():
            return [_md_prose(block.spans)]
        case report.MetricsBlock():
            rows = [
                f"| {_md(row.label)} | {_md_figure(row.figure)} | {_md_figure(row.benchmark)} |" for row in block.rows
            ]
            return ["| | Strategy | Holding |", "|---|---:|---:|", *rows]
        case report.EquityBlock():
            return [_md(_curve_words(block))]


def _md_figure(figure: report.Figure | None) -> str:
    return "" if figure is None else f"{_md(figure.display)} \\[{figure.evidence}\\]"


def _md_fact(fact: report.Fact) -> str:
    return f"- {_md(fact.label)}: {_md(fact.display)} \\[{fact.evidence}\\]"


def _curve_words(block: report.EquityBlock) -> str:
    return f"The equity curve against holding, {len(block.ts)} points, is in evidence {block.evidence}."


def _html_prose(spans: Sequence[Span]) -> str:
    return "".join(_html_span(span) for span in spans)


def _html_span(span: Span) -> str:
    match span:
        case report.TextSpan():
            return escape(span.text)
        case report.FigureSpan():
            return _html_figure(span.figure)
        case report.UnverifiedSpan():
            return f'<span class="unverified">{escape(span.unverified)} {MARK}</span>'


def _html_figure(figure: report.Figure | None) -> str:
    if figure is None:
        return ""
    title = escape(f"{figure.label}: {figure.value} (evidence {figure.evidence}, {figure.path})")
    return f'<a href="#evidence-{figure.evidence}" title="{title}">{escape(figure.display)}</a>'


def _html_block(block: report.TextBlock | report.MetricsBlock | report.EquityBlock) -> str:
    match block:
        case report.TextBlock():
            return f"<p>{_html_prose(block.spans)}</p>"
        case report.MetricsBlock():
            rows = "".join(
                f"<tr><td>{escape(row.label)}</td><td>{_html_figure(row.figure)}</td>"
                f"<td>{_html_figure(row.benchmark)}</td></tr>"
                for row in block.rows
            )
            head = "<thead><tr><th></th><th>Strategy</th><th>Holding</th></tr></thead>"
            return f"<table>{head}<tbody>{rows}</tbody></table>"
        case report.EquityBlock():
            return _html_curve(block)


def _html_curve(block: report.EquityBlock) -> str:
    values = [*block.equity, *block.hold]
    if len(block.ts) < 2 or not values:
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    lines = "".join(
        f'<polyline class="{name}" fill="none" stroke-width="1.5" points="{_points(series, low, span)}"/>'
        for name, series in (("hold", block.hold), ("equity", block.equity))
    )
    words = escape(_curve_words(block))
    return (
        f'<figure><svg viewBox="0 0 {CHART_WIDTH} {CHART_HEIGHT}" role="img" aria-label="{words}">{lines}</svg>'
        f"<figcaption>Solid: the strategy. Dashed: holding. {words}</figcaption></figure>"
    )


def _points(series: Sequence[float], low: float, span: float) -> str:
    step = CHART_WIDTH / max(1, len(series) - 1)
    return " ".join(
        f"{index * step:.1f},{CHART_HEIGHT * (1 - (value - low) / span):.1f}" for index, value in enumerate(series)
    )


def _html_facts(facts: Sequence[report.Fact]) -> str:
    return _html_list(
        f'{escape(fact.label)}: {escape(fact.display)} <a href="#evidence-{fact.evidence}">[{fact.evidence}]</a>'
        for fact in facts
    )


def _html_list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"
