"""Where two reports say something else: every line of both by its place, and the lines that differ."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from omc.lab import charts, report
from omc.lab.rendering import plain
from omc.lab.report import Figure, Report

MAX_DIFFERENCES = 200
MAX_CHARACTERS = 400
NOTHING = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One place where two reports say something else; what only one of them has is empty in the other."""

    place: str
    before: str
    after: str


def differences(before: Report | None, after: Report | None) -> list[Difference]:
    """Return the first MAX_DIFFERENCES places at which two reports differ, in the order of the report."""
    old, new = dict(_lines(before)), dict(_lines(after))
    places = [*old, *(place for place in new if place not in old)]
    found = [
        Difference(
            place=place,
            before=old.get(place, NOTHING)[:MAX_CHARACTERS],
            after=new.get(place, NOTHING)[:MAX_CHARACTERS],
        )
        for place in places
        if old.get(place, NOTHING) != new.get(place, NOTHING)
    ]
    return found[:MAX_DIFFERENCES]


def _lines(shown: Report | None) -> Iterator[tuple[str, str]]:
    if shown is None:
        return
    yield "Report", "written"
    yield "Question", shown.question
    yield "Verdict", shown.verdict
    yield "Answer", shown.answer
    yield "Confidence", f"{shown.confidence}: {plain(shown.confidence_because)}"
    yield "Unverified", f"{shown.unverified}, of them claims: {shown.claims}"
    yield "Knowledge", shown.knowledge or NOTHING
    for section in shown.sections:
        yield section.title, "section"
        for number, block in enumerate(section.blocks, 1):
            yield from _block(f"{section.title}, part {number}", block)
    for line in shown.tried:
        yield f"Tried in step {line.step}", f"{line.title}: {line.outcome} {_figure(line.figure)} {line.words}"
    for name, facts in (("Data", shown.data), ("Costs", shown.costs)):
        yield from ((f"{name}: {fact.label}", fact.display) for fact in facts)
    yield from _numbered("Limitation", shown.limitations)
    yield from _numbered("What would change it", shown.would_change)
    yield from ((f"Evidence {line.number}", f"{line.title} {line.hash}") for line in shown.evidence)


def _block(place: str, block: report.Shown) -> Iterator[tuple[str, str]]:
    match block:
        case report.TextBlock():
            yield place, plain(block.spans)
        case report.MetricsBlock():
            for row in block.rows:
                yield f"{place}: {row.label}", f"{_figure(row.figure)} | {_figure(row.benchmark)}"
        case report.EquityBlock():
            ends = f"{block.equity[0]} to {block.equity[-1]}" if block.equity else "none"
            yield f"{place}: equity", f"{len(block.ts)} points, {ends}"
        case report.ChartBlock():
            yield from ((f"{place}: {row[0]}", ", ".join(row[1:])) for row in charts.ends(block))


def _numbered(name: str, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield from ((f"{name} {number}", text) for number, text in enumerate(texts, 1))


def _figure(figure: Figure | None) -> str:
    return NOTHING if figure is None else figure.display
