"""A report as PDF: text, tables and drawn curves, with links inside the file only. Loaded on first use.

The font is DejaVu Sans, which has the Latin, Greek, Cyrillic, Armenian, Georgian and Arabic letters. A character that
it has no glyph for stands as an empty square, and the file says how many there are and where to read them.
"""

import logging
import unicodedata
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace, TTFFont

from omc.lab import charts, export, report
from omc.lab.rendering import MARK
from omc.lab.report import Report, Span

FONT = Path(__file__).parent / "fonts" / "DejaVuSans.ttf"
SQUARE = "\N{WHITE SQUARE}"
CHART_HEIGHT = 55.0
LINE = 5.5

_INK, _DIM, _FAINT = (27, 29, 34), (106, 112, 128), (217, 220, 227)
_LINKED, _MARKED = (67, 56, 202), (160, 84, 0)
_HEAD = FontFace(emphasis=None, color=_DIM)

logging.getLogger("fontTools").setLevel(logging.WARNING)


class _Paper(FPDF):
    """Pages of one report, each with its number."""

    def __init__(self, shown: Report) -> None:
        super().__init__(format="A4")
        self.add_font("sans", fname=FONT)
        self.set_creation_date(shown.created_at)
        self.set_lang("en")
        # Else these letters in a text would become the number of pages.
        self.alias_nb_pages("")
        self.set_title(_seen(shown.question))
        self.missing = 0
        self.glyphs = frozenset(_font(self).cmap)
        self.set_auto_page_break(auto=True, margin=18)
        self.add_page()
        # A link must lead somewhere when it is written; the last page tells where.
        self.evidence = {line.number: self.add_link(page=1) for line in shown.evidence}

    def footer(self) -> None:
        """The page's number."""
        self.set_y(-13)
        self.set_font("sans", size=8)
        self.set_text_color(*_DIM)
        self.cell(0, 6, f"{self.page_no()}", align="C")

    def shown(self, text: str) -> str:
        """Return the text as this font can show it."""
        seen = _seen(text)
        self.missing += sum(ord(one) not in self.glyphs for one in seen)
        return "".join(one if ord(one) in self.glyphs else SQUARE for one in seen)

    def inked(self, size: float, colour: tuple[int, int, int] = _INK) -> None:
        """Write on in this size and colour."""
        self.set_font("sans", size=size)
        self.set_text_color(*colour)

    def heading(self, text: str) -> None:
        """A part's title, never alone at the foot of a page."""
        if self.will_page_break(4 * LINE):
            self.add_page()
        self.ln(3)
        self.inked(13)
        self.paragraph(text)
        self.inked(10)

    def paragraph(self, text: str, link: int | None = None) -> None:
        """Some lines of text."""
        self.multi_cell(0, LINE, self.shown(text), align="L", link=link or "", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def flow(self, spans: Sequence[Span]) -> None:
        """Prose, whose figures lead to their evidence and whose unverified parts are marked."""
        for span in spans:
            match span:
                case report.TextSpan():
                    self.write(LINE, self.shown(span.text))
                case report.FigureSpan():
                    self.set_text_color(*_LINKED)
                    self.write(LINE, self.shown(span.figure.display), link=self.evidence.get(span.figure.evidence, ""))
                case report.UnverifiedSpan():
                    self.set_text_color(*_MARKED)
                    self.write(LINE, self.shown(f"{span.unverified} {MARK}"))
            self.set_text_color(*_INK)
        self.ln(LINE * 1.4)


def pdf(shown: Report) -> bytes:
    """Return the report as a PDF file."""
    paper = _Paper(shown)
    with closing(_font(paper)):
        return _printed(paper, shown)


def _printed(paper: _Paper, shown: Report) -> bytes:
    _top(paper, shown)
    for section in shown.sections:
        paper.heading(section.title)
        for block in section.blocks:
            _block(paper, block)
    _record(paper, shown)
    paper.heading("Evidence")
    paper.inked(8)
    for line in shown.evidence:
        paper.set_link(paper.evidence[line.number], y=paper.get_y())
        paper.paragraph(export.evidence_line(line))
    paper.ln(2)
    paper.inked(8, _DIM)
    paper.paragraph(export.colophon(shown))
    if paper.missing:
        words = (
            f"{paper.missing} characters have no glyph in this file's font and stand as {SQUARE}. The HTML and Markdown"
            " exports of this report have them all."
        )
        paper.paragraph(words)
    return bytes(paper.output())


def _top(paper: _Paper, shown: Report) -> None:
    paper.inked(16)
    paper.multi_cell(0, 8, paper.shown(shown.question), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    paper.ln(2)
    paper.inked(10)
    paper.paragraph(f"{export.VERDICTS[shown.verdict]}, confidence {shown.confidence}.")
    paper.inked(10, _MARKED if shown.unverified else _DIM)
    paper.paragraph(export.warning(shown))
    paper.inked(10, _MARKED)
    for words in export.notes(shown):
        paper.paragraph(words)
    paper.inked(10)
    paper.ln(2)
    paper.flow(shown.answer_spans)
    paper.flow(shown.confidence_because)


def _record(paper: _Paper, shown: Report) -> None:
    paper.heading("What was tried")
    paper.paragraph(export.registered(shown))
    for line in shown.tried:
        paper.paragraph(f"\N{BULLET} {export.tried_words(line)}", link=paper.evidence.get(line.evidence or 0))
    for title, texts in (("What would change the answer", shown.would_change), ("Limitations", shown.limitations)):
        paper.heading(title)
        for text in texts:
            paper.paragraph(f"\N{BULLET} {text}")
    for title, facts in (("Data", shown.data), ("Costs and assumptions", shown.costs)):
        paper.heading(title)
        for fact in facts:
            link = paper.evidence.get(fact.evidence)
            paper.paragraph(f"\N{BULLET} {fact.label}: {fact.display} [{fact.evidence}]", link=link)


def _block(paper: _Paper, block: report.Shown) -> None:
    match block:
        case report.TextBlock():
            paper.flow(block.spans)
        case report.MetricsBlock():
            _table(paper, block)
        case report.EquityBlock():
            _curve(paper, block)
        case report.ChartBlock():
            _chart(paper, block)


def _chart(paper: _Paper, block: report.ChartBlock) -> None:
    paper.paragraph(export.chart_words(block), link=paper.evidence.get(block.evidence))
    paper.set_draw_color(*_FAINT)
    align = ("LEFT", *("RIGHT" for _ in charts.ENDS[1:]))
    with paper.table(borders_layout="HORIZONTAL_LINES", text_align=align, headings_style=_HEAD) as table:
        for line in (charts.ENDS, *charts.ends(block)):
            row = table.row()
            for text in line:
                row.cell(paper.shown(text))
    paper.ln(3)


def _table(paper: _Paper, block: report.MetricsBlock) -> None:
    paper.set_draw_color(*_FAINT)
    paper.set_line_width(0.2)
    with paper.table(
        borders_layout="HORIZONTAL_LINES",
        col_widths=(60, 30, 30),
        text_align=("LEFT", "RIGHT", "RIGHT"),
        headings_style=_HEAD,
    ) as table:
        head = table.row()
        for text in ("", "Strategy", "Holding"):
            head.cell(text)
        for line in block.rows:
            row = table.row()
            row.cell(paper.shown(line.label))
            for figure in (line.figure, line.benchmark):
                if figure is None:
                    row.cell("")
                else:
                    row.cell(paper.shown(figure.display), link=paper.evidence.get(figure.evidence, ""))
    paper.ln(3)


def _curve(paper: _Paper, block: report.EquityBlock) -> None:
    values = [*block.equity, *block.hold]
    if len(block.ts) > 1 and values:
        if paper.will_page_break(CHART_HEIGHT + 2 * LINE):
            paper.add_page()
        low, span = min(values), (max(values) - min(values)) or 1.0
        top = paper.get_y()
        for series, colour, dash in ((block.hold, _DIM, 1.5), (block.equity, _LINKED, 0.0)):
            paper.set_draw_color(*colour)
            paper.set_line_width(0.3)
            paper.set_dash_pattern(dash=dash, gap=dash)
            step = paper.epw / (len(series) - 1)
            paper.polyline(
                [
                    (paper.l_margin + index * step, top + CHART_HEIGHT * (1 - (value - low) / span))
                    for index, value in enumerate(series)
                ]
            )
        paper.set_dash_pattern()
        paper.set_draw_color(*_DIM)
        paper.set_y(top + CHART_HEIGHT + 1)
    paper.inked(8, _DIM)
    paper.paragraph(f"Solid: the strategy. Dashed: holding. {export.curve_words(block)}")
    paper.inked(10)
    paper.ln(2)


def _font(paper: FPDF) -> TTFFont:
    font = paper.fonts["sans"]
    assert isinstance(font, TTFFont)
    return font


def _seen(text: str) -> str:
    """The text on one line, without what steers a writer and nobody sees."""
    line = "".join(" " if one.isspace() else one for one in text)
    return "".join(one for one in line if unicodedata.category(one)[0] != "C") or " "
