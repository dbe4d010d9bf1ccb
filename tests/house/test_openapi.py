"""The committed description of the API is the application's own, and good to generate a client from."""

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import JsonValue

from omc.app import ROUTERS, description

COMMITTED = Path(__file__).parents[2] / "web" / "openapi.json"
SLICES = {str(router.tags[0]) for router in ROUTERS}
# Whatever else is a price, a quantity or money is text.
CANDLES, ENGINE, CHARTS = (
    {"BarsAnswer"},
    {"ClosedAnswer", "OpenAnswer", "MetricAnswer", "CountsAnswer", "FinerAnswer", "SymbolAnswer"},
    {"EquityAnswer", "EquityBlock", "ChartLine"},
)
DURATIONS = {"PartAnswer", "QueueAnswer", "EstimateAnswer"}
# Words a second, and what share of calls succeeded or of the input was cached.
RATES = {"StatsAnswer", "UsagePart", "IntervalAnswer"}
# Sharpe ratios and their variance, and from where on a figure is good.
BELIEF = {"TrialsAnswer", "ThresholdAnswer"}
# How far figures could have been otherwise, returns by month, and what the checks of a verdict found.
BELIEF |= {"Otherwise", "SpreadAnswer", "MonthAnswer", "WindowAnswer", "PathAnswer"}
BELIEF |= {"DelayAnswer", "CostsAnswer", "NeighbourAnswer"}
# Skill, importances and contributions of trained models.
LEARNED = {"ModelLineAnswer", "TrainedModel", "ScoresAnswer", "ImportanceAnswer", "ContributionAnswer"}
LEARNED |= {"ExplanationAnswer"}
# Values of a strategy's parameters, and what they found.
SEARCHES = {"NewWalk", "WalkAnswer", "NewSweep", "SweepAnswer", "SweepRowAnswer", "SideAnswer"}
FLOATS = SEARCHES | LEARNED | CANDLES | ENGINE | CHARTS | DURATIONS | RATES | BELIEF


def operations() -> Iterator[tuple[str, dict[str, JsonValue]]]:
    paths = description()["paths"]
    assert isinstance(paths, dict)
    for path, verbs in paths.items():
        assert isinstance(verbs, dict)
        for verb, operation in verbs.items():
            assert isinstance(operation, dict)
            yield f"{verb} {path}", operation


def test_the_committed_description_is_current() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == written(), "run `omc web build`"


def written() -> str:
    return json.dumps(description(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def test_operations_are_named_by_their_slice_and_once() -> None:
    names = [str(operation["operationId"]) for _, operation in operations()]
    assert len(set(names)) == len(names)
    assert [name for name in names if name.partition("_")[0] not in SLICES] == []


def test_every_operation_is_described_and_says_how_it_refuses() -> None:
    poor = [
        name
        for name, operation in operations()
        if not operation.get("description") or not {"4XX", "5XX"} <= answers(operation)
    ]
    assert poor == []


def answers(operation: dict[str, JsonValue]) -> set[str]:
    responses = operation["responses"]
    assert isinstance(responses, dict)
    return set(responses)


def test_there_are_examples() -> None:
    text = written()
    assert text.count('"examples"') >= 15


def numbers(node: JsonValue, place: str) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("type") == "number":
            yield place
        for name, inner in node.items():
            yield from numbers(inner, name if place == "" else place)
    elif isinstance(node, list):
        for inner in node:
            yield from numbers(inner, place)


def test_money_is_text_and_floats_are_candles_engine_figures_charts_durations_and_rates() -> None:
    components = description()["components"]
    assert isinstance(components, dict)
    assert set(numbers(components["schemas"], "")) == FLOATS
