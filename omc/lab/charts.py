"""What of evidence can be drawn: one shape for the lines of charts, event studies, searches and tests."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

from omc.lab.report import Chart, ChartLine

AXES = {"time": "over time", "bars": "by bars from the event", "rank": "by rank in training"}
ENDS = ("Line", "First", "Lowest", "Highest", "Last")
MINUS = "\N{MINUS SIGN}"
NAMES = {
    "equity": "strategy",
    "hold": "holding",
    "mean": "mean after events",
    "low": "lower bound",
    "high": "upper bound",
    "all_bars": "mean of all bars",
    "train_sharpe_ratio": "Sharpe ratio in training",
    "test_sharpe_ratio": "Sharpe ratio in the test",
}

Output: TypeAlias = Mapping[str, object]


def chart_of(output: Output) -> Chart | None:
    """Return the lines that evidence holds, or None."""
    match output.get("series"):
        case {"ts": at, "lines": [*drawn]}:
            return _chart("time", at, drawn, unit=str(output.get("quote_asset", "")))
        case {"offsets": at, "lines_percent": Mapping() as paths}:
            return _chart("bars", at, _named(paths), unit="%")
        case {"ts": at, "equity": equity, "hold": hold}:
            return _chart("time", at, _named({"equity": equity, "hold": hold}))
    match output.get("combinations"):
        case [{"fitted": _}, _, *_] as rows:
            found = [row for row in rows if isinstance(row, Mapping)]
            sharpes = {name: [row.get(name) for row in found] for name in ("train_sharpe_ratio", "test_sharpe_ratio")}
            return _chart("rank", list(range(1, len(found) + 1)), _named(sharpes))
    return None


def ends(chart: Chart) -> Iterator[Sequence[str]]:
    """Return each line in a few figures, under the names of `ENDS`."""
    for line in chart.lines:
        known = [value for value in line.values if value is not None]
        figures = (known[0], min(known), max(known), known[-1]) if known else ()
        yield (
            line.name,
            *(f"{value:,.6g}".replace("-", MINUS) for value in figures),
            *("none" for _ in ENDS[1:] if not known),
        )


def _named(lines: Output) -> list[object]:
    return [{"name": NAMES.get(name, name), "values": values} for name, values in lines.items()]


def _chart(axis: Literal["time", "bars", "rank"], at: object, lines: Sequence[object], *, unit: str = "") -> Chart:
    return Chart.model_validate(
        {"axis": axis, "at": at, "unit": unit, "lines": [ChartLine.model_validate(line) for line in lines]}
    )
