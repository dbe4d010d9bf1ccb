"""A report as a file: whatever a model or a person wrote into it, it stays words, and every link stays inside."""

import re
import zlib
from datetime import UTC, datetime
from html.parser import HTMLParser
from uuid import UUID

from omc.lab import export, printing
from omc.lab.report import (
    ChartBlock,
    ChartLine,
    EquityBlock,
    EvidenceLine,
    Fact,
    Figure,
    FigureSpan,
    MetricsBlock,
    MetricsRow,
    Registered,
    Report,
    Section,
    TextBlock,
    TextSpan,
    Tried,
    UnverifiedSpan,
)

NOW = datetime(2026, 1, 2, tzinfo=UTC)
HOSTILE = (
    "<script>alert(1)</script> ![x](https://evil.example/a.png) [y](javascript:alert(1)) {nb} <https://evil.example>"
    " www.evil.example a@evil.example \u202eright to left\u202c | cell `code` *bold* Превосходит 均线 هل 🚀"
)
FIGURE = Figure(
    evidence=2,
    path="/metrics/total_return_percent",
    label="Total return",
    value="-12.345",
    unit="%",
    display="\N{MINUS SIGN}12.35 %",
    places=2,
    as_of=NOW,
)
REPORT = Report(
    session_id=UUID(int=1),
    question=HOSTILE,
    answer=HOSTILE,
    answer_spans=[
        TextSpan(text="It returned "),
        FigureSpan(figure=FIGURE),
        UnverifiedSpan(unverified="beats holding", why="claim"),
        TextSpan(text=HOSTILE),
    ],
    verdict="mixed",
    confidence="low",
    confidence_because=[TextSpan(text=HOSTILE)],
    sections=[
        Section(
            title=HOSTILE,
            blocks=[
                TextBlock(spans=[TextSpan(text="A" * 3_000)]),
                MetricsBlock(rows=[MetricsRow(label="=HYPERLINK(1)", figure=FIGURE, benchmark=FIGURE)]),
                ChartBlock(
                    evidence=2,
                    title=HOSTILE,
                    axis="bars",
                    at=[-1, 0, 1],
                    unit="%",
                    lines=[ChartLine(name="=1+1", values=[-1.5, 0.0, None]), ChartLine(name="none", values=[None] * 3)],
                ),
                EquityBlock(evidence=2, ts=[1, 2, 3], equity=[1.0, 3.0, 2.0], hold=[1.0, 1.0, 1.0]),
            ],
        )
    ],
    unverified=1,
    claims=1,
    trials=1,
    tried=[
        Tried(step=3, tool="b", title="A", outcome="done", words="", parameter_sets=1, evidence=2, figure=FIGURE),
        Tried(step=4, tool="x", title="B", outcome="refused", words=HOSTILE, parameter_sets=0, evidence=None),
    ],
    registered=Registered(runs=1, parameter_sets=1, failed=0, unfinished=0),
    data=[Fact(label="Symbol", display=HOSTILE, evidence=2, path="/data/symbol")],
    costs=[],
    limitations=[HOSTILE],
    would_change=[HOSTILE],
    knowledge="It may have read until 2025-01-01.",
    version_id=None,
    model="m",
    as_of=NOW,
    created_at=NOW,
    evidence=[EvidenceLine(number=2, tool="run_backtest", title=HOSTILE, hash="b" * 64)],
)  # fmt: skip


class Tags(HTMLParser):
    """Which tags there are, and where they lead."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.places: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.places |= {value or "" for name, value in attrs if name in {"href", "src"}}


def test_html_holds_no_script_no_image_and_no_link_outside() -> None:
    seen = Tags()
    seen.feed(export.html(REPORT))
    assert not {"script", "img", "iframe", "base"} & seen.tags
    assert seen.places == {"#evidence-2"}


def test_markdown_holds_no_link_no_image_no_markup_and_no_formula() -> None:
    words = export.markdown(REPORT)
    bare = re.sub(r"\\[^\w\s]", "", words)
    assert not re.search(r"[<>`!]|\]\(|https?:|\w@\w|www\.\w|\u202e", bare)
    assert "| '" in words
    assert "| '=1\\+1 | \N{MINUS SIGN}1\\.5 | \N{MINUS SIGN}1\\.5 | 0 | 0 |" in words
    assert "1 claim is unverified" in bare


def test_pdf_has_text_curves_page_numbers_and_links_inside_only() -> None:
    written = export.pdf(REPORT)
    assert written.startswith(b"%PDF-")
    for outside in (b"/URI", b"/Subtype /Image", b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile"):
        assert outside not in written, outside
    assert written.count(b"/Subtype /Link") >= 5
    assert b"/ToUnicode" in written
    pages = [
        zlib.decompress(part) for part in re.findall(rb"FlateDecode.*?stream\n(.*?)\nendstream", written, re.DOTALL)
    ]
    drawn = [page for page in pages if b" l\n" in page and b"BT" in page]
    assert drawn, "the curves are drawn, not pictured"
    assert written == export.pdf(REPORT), "the same report is the same file"


def test_what_the_font_has_no_glyph_for_is_a_square_and_counted() -> None:
    paper = printing._Paper(REPORT)
    assert paper.shown("Превосходит 均线\x07 🚀") == "Превосходит □□ □"
    assert paper.missing == 3
