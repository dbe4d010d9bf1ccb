"""A report as a file: Markdown, PDF, or one HTML page that holds everything, runs nothing and loads nothing."""

import re
from collections.abc import Iterable, Sequence
from html import escape
from importlib import import_module

from omc.lab import charts, report
from omc.lab.rendering import MARK
from omc.lab.report import Report, Span

PRINTER = "omc.lab.printing"
"""What writes PDF; its library is loaded by the first file."""

CHART_WIDTH, CHART_HEIGHT = 720, 220

VERDICTS = {"yes": "Yes", "no": "No", "mixed": "Mixed", "not_tested": "Not tested"}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&:@])")
# What turns the order of letters round, and what a spreadsheet takes for the beginning of a formula.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_FORMULA = ("=", "+", "-", "@")
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:760px;margin:2rem auto;padding:0 1rem;color:#1b1d22;background:#fff}
table{border-collapse:collapse;width:100%}th,td{padding:.3rem .6rem;border-bottom:1px solid #d9dce3;text-align:right}
th:first-child,td:first-child{text-align:left}.unverified{background:#fff0c2;outline:1px solid #c98a00}
.note{border-left:3px solid #c98a00;padding-left:.6rem}
a{color:#4338ca;text-decoration:none;border-bottom:1px dotted}code{overflow-wrap:anywhere}
svg{width:100%;height:auto}.hold{stroke:#8a90a0;stroke-dasharray:4 3}.equity{stroke:#4338ca}
"""


def markdown(shown: Report) -> str:
    """Return the report as Markdown; nothing that a model wrote can become a link, an image or markup."""
    lines = [f"# {_md(shown.question)}", "", f"**{VERDICTS[shown.verdict]}**, confidence {shown.confidence}."]
    lines += [_md(warning(shown)), "", *(_md(words) + "\n" for words in notes(shown))]
    lines += [_md_prose(shown.answer_spans), "", f"*{_md_prose(shown.confidence_because)}*"]
    for section in shown.sections:
        lines += ["", f"## {_md(section.title)}"]
        for block in section.blocks:
            lines += ["", *_md_block(block)]
    lines += ["", "## What was tried", "", _md(registered(shown)), ""]
    lines += [f"- {_md(tried_words(line))}" for line in shown.tried]
    lines += ["", "## What would change the answer", "", *(f"- {_md(text)}" for text in shown.would_change)]
    lines += ["", "## Data", "", *(_md_fact(fact) for fact in shown.data)]
    lines += ["", "## Costs and assumptions", "", *(_md_fact(fact) for fact in shown.costs)]
    lines += ["", "## Limitations", "", *(f"- {_md(text)}" for text in shown.limitations)]
    lines += ["", "## Evidence", "", *(f"{_md(evidence_line(line))}  " for line in shown.evidence)]
    return "\n".join([*lines, "", _md(colophon(shown)), ""])


def html(shown: Report) -> str:
    """Return the report as one HTML page without script, link to outside, image or font."""
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        '<meta name="viewport" content="width=device-width">',
        f"<title>{escape(shown.question)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(shown.question)}</h1>",
        f"<p><strong>{VERDICTS[shown.verdict]}</strong>, confidence {shown.confidence}. {escape(warning(shown))}</p>",
        *(f'<p class="note">{escape(words)}</p>' for words in notes(shown)),
        f"<p>{_html_prose(shown.answer_spans)}</p><p><em>{_html_prose(shown.confidence_because)}</em></p>",
    ]
    for section in shown.sections:
        parts.append(f"<h2>{escape(section.title)}</h2>")
        parts += [_html_block(block) for block in section.blocks]
    parts += [
        "<h2>What was tried</h2>",
        f"<p>{escape(registered(shown))}</p>",
        _html_list(map(_html_tried, shown.tried)),
    ]
    parts += ["<h2>What would change the answer</h2>", _html_list(escape(text) for text in shown.would_change)]
    parts += ["<h2>Data</h2>", _html_facts(shown.data), "<h2>Costs and assumptions</h2>", _html_facts(shown.costs)]
    parts += ["<h2>Limitations</h2>", _html_list(escape(text) for text in shown.limitations)]
    numbered = (f'<span id="evidence-{line.number}">{escape(evidence_line(line))}</span>' for line in shown.evidence)
    parts += ["<h2>Evidence</h2>", _html_list(numbered), f"<p>{escape(colophon(shown))}</p>", "</body></html>"]
    return "\n".join(parts)


def pdf(shown: Report) -> bytes:
    """Return the report as a PDF file."""
    written: bytes = import_module(PRINTER).pdf(shown)
    return written


def warning(shown: Report) -> str:
    """Return what stands on top of every report: how much of it nothing backs, and how much was tried."""
    tries = f"Parameter sets tried: {shown.trials}."
    if shown.unverified == 0:
        return f"Every figure is taken from evidence. {tries}"
    numbers = shown.unverified - shown.claims
    typed = f"{_counted(numbers, 'number')} unverified: typed, not taken from evidence."
    claimed = f"{_counted(shown.claims, 'claim')} unverified: about performance, and no figure in sight bears it out."
    return " ".join([*([typed] if numbers else []), *([claimed] if shown.claims else []), tries])


def cell(label: str) -> str:
    """Return a label that no spreadsheet takes for a formula when the table is pasted into it."""
    return f"'{label}" if label.lstrip().startswith(_FORMULA) else label


def notes(shown: Report) -> list[str]:
    """Return what a reader should know before the answer."""
    return [] if shown.knowledge is None else [shown.knowledge]


def registered(shown: Report) -> str:
    """Return what the register of trials holds of the session."""
    held = shown.registered
    return (
        f"Registered before they ran: {held.runs} runs of {held.parameter_sets} parameter sets; {held.failed} failed,"
        f" {held.unfinished} never finished."
    )


def tried_words(line: report.Tried) -> str:
    """Return one try, or one refused call, in a line."""
    if line.outcome == "refused":
        return f"Step {line.step}, {line.tool}: refused. {line.words}"
    figure = "" if line.figure is None else f" {line.figure.label}: {line.figure.display}."
    return f"Step {line.step}, {line.title}: {line.parameter_sets} parameter sets.{figure} [{line.evidence}]"


def colophon(shown: Report) -> str:
    """Return whose report this is, of which data and of when."""
    return (
        f"Session {shown.session_id}, model {shown.model}, data as of {shown.as_of.isoformat()},"
        f" written {shown.created_at.isoformat()}."
    )


def evidence_line(line: report.EvidenceLine) -> str:
    """Return one piece of evidence in a line."""
    return f"{line.number}: {line.title} ({line.tool}), sha256 {line.hash}"


def figure_words(figure: report.Figure) -> str:
    """Return where a figure stands, exact and unrounded, and since when."""
    rounded = "exact" if figure.display.strip(" %+") == figure.value else f"shown to {figure.places} decimals"
    unit = f" {figure.unit}" if figure.unit else ""
    return (
        f"{figure.label}: {figure.value}{unit}, {rounded}, as of {figure.as_of.isoformat(timespec='seconds')}"
        f" (evidence {figure.evidence}, {figure.path})"
    )


def _counted(count: int, name: str) -> str:
    return f"{count} {name} is" if count == 1 else f"{count} {name}s are"


def _md(text: str) -> str:
    return " ".join(_MARKDOWN.sub(r"\\\1", _TURNING.sub("", text)).split())


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


def _md_block(block: report.Shown) -> list[str]:
    match block:
        case report.TextBlock():
            return [_md_prose(block.spans)]
        case report.MetricsBlock():
            rows = [
                f"| {_md(cell(row.label))} | {_md_figure(row.figure)} | {_md_figure(row.benchmark)} |"
                for row in block.rows
            ]
            return ["| | Strategy | Holding |", "|---|---:|---:|", *rows]
        case report.EquityBlock():
            return [_md(curve_words(block))]
        case report.ChartBlock():
            rows = ["| " + " | ".join(_md(cell(text)) for text in row) + " |" for row in charts.ends(block)]
            head = ["| " + " | ".join(charts.ENDS) + " |", "|---" + "|---:" * (len(charts.ENDS) - 1) + "|"]
            return [_md(chart_words(block)), "", *head, *rows]


def _md_figure(figure: report.Figure | None) -> str:
    return "" if figure is None else f"{_md(figure.display)} \\[{figure.evidence}\\]"


def _md_fact(fact: report.Fact) -> str:
    return f"- {_md(fact.label)}: {_md(fact.display)} \\[{fact.evidence}\\]"


def curve_words(block: report.EquityBlock) -> str:
    """Return what a curve is, for those who do not see it."""
    return f"The equity curve against holding, {len(block.ts)} points, is in evidence {block.evidence}."


def chart_words(block: report.ChartBlock) -> str:
    """Return what a chart is, where only its ends are shown."""
    unit = f" in {block.unit}" if block.unit else ""
    return f"{block.title}{unit}: {len(block.at)} points {charts.AXES[block.axis]}, all in evidence {block.evidence}."


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
    title = escape(figure_words(figure))
    return f'<a href="#evidence-{figure.evidence}" title="{title}">{escape(figure.display)}</a>'


def _html_tried(line: report.Tried) -> str:
    words = escape(tried_words(line))
    return words if line.evidence is None else f'<a href="#evidence-{line.evidence}">{words}</a>'


def _html_block(block: report.Shown) -> str:
    match block:
        case report.TextBlock():
            return f"<p>{_html_prose(block.spans)}</p>"
        case report.MetricsBlock():
            rows = "".join(
                f"<tr><td>{escape(cell(row.label))}</td><td>{_html_figure(row.figure)}</td>"
                f"<td>{_html_figure(row.benchmark)}</td></tr>"
                for row in block.rows
            )
            head = "<thead><tr><th></th><th>Strategy</th><th>Holding</th></tr></thead>"
            return f"<table>{head}<tbody>{rows}</tbody></table>"
        case report.EquityBlock():
            return _html_curve(block)
        case report.ChartBlock():
            return _html_chart(block)


def _html_chart(block: report.ChartBlock) -> str:
    head = "".join(f"<th>{name}</th>" for name in charts.ENDS)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell(text))}</td>" for text in row) + "</tr>" for row in charts.ends(block)
    )
    words = f'<a href="#evidence-{block.evidence}">{escape(chart_words(block))}</a>'
    return f"<p>{words}</p><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


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
    words = escape(curve_words(block))
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
