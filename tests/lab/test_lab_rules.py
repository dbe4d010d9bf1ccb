"""Which step comes next, what a goal may be, how a reference finds its figure, and how a goal is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.core.reason import Reason
from omc.engine import inspect
from omc.lab import rules
from omc.lab.evidence import Found, find, pack
from omc.lab.goal import FAMILIES, document, read_goal, says_nothing, together
from omc.lab.rules import EntryFacts, EntryKind, SessionState, Step, StepKind


def person(position: int) -> EntryFacts:
    return EntryFacts(position=position, kind=EntryKind.PERSON)


def answer(position: int, step: int, *, calls: int = 0, seen: int | None = None) -> EntryFacts:
    return EntryFacts(position=position, kind=EntryKind.MODEL, step=step, calls=calls, seen=seen or position - 1)


def result(position: int, step: int, **more: bool) -> EntryFacts:
    return EntryFacts(position=position, kind=EntryKind.TOOL, step=step, **more)


ASK, RUN = StepKind.MODEL, StepKind.TOOL


@pytest.mark.parametrize(
    ("entries", "wanted"),
    [
        ([person(1)], Step(number=1, kind=ASK)),
        ([person(1), answer(2, 1, calls=2)], Step(number=2, kind=RUN, call=0)),
        ([person(1), answer(2, 1, calls=2), result(3, 2)], Step(number=3, kind=RUN, call=1)),
        ([person(1), answer(2, 1, calls=2), result(3, 2), result(4, 3)], Step(number=4, kind=ASK)),
        ([person(1), answer(2, 1, calls=1), result(3, 2, asks=True)], SessionState.WAITING),
        ([person(1), answer(2, 1, calls=1), result(3, 2, asks=True), person(4)], Step(number=3, kind=ASK)),
        ([person(1), answer(2, 1)], SessionState.WAITING),
        ([person(1), answer(2, 1), person(3)], Step(number=2, kind=ASK)),
        ([person(1), answer(2, 1, calls=1), result(3, 2, reported=True), answer(4, 3)], SessionState.DONE),
        ([person(1), person(2), answer(3, 1, seen=1)], Step(number=2, kind=ASK)),
        ([person(1), answer(2, 1, calls=1), person(3)], Step(number=2, kind=RUN, call=0)),
    ],
)
def test_the_next_step_follows_from_the_transcript(entries: list[EntryFacts], wanted: Step | SessionState) -> None:
    assert rules.next_step(entries) == wanted


@pytest.mark.parametrize("goal", ["", " \n\t", "\u200b", "\u00a0"])
def test_an_empty_goal_is_refused_with_an_example(goal: str) -> None:
    reason = rules.check_goal(goal)
    assert reason is not None
    assert reason.code == "goal_empty"


def test_a_goal_of_a_hundred_kilobytes_is_refused_with_its_size() -> None:
    reason = rules.check_goal("x" * 100_000)
    assert reason is not None
    assert "100,000" in reason.text


@pytest.mark.parametrize("goal", ["a\0b", "a\x1b[31m", "a\x7f", "a\ud800"])
def test_a_control_character_is_refused_by_name(goal: str) -> None:
    reason = rules.check_goal(goal)
    assert reason is not None
    assert f"U+{ord(goal[1]):04X}" in reason.text


@pytest.mark.parametrize("goal", ["هل يتفوق؟", "移動平均は?", "two\nlines\tand a tab", "<b>bold?</b>", "👩‍🔬?"])
def test_a_goal_in_any_script_is_taken(goal: str) -> None:
    assert rules.check_goal(goal) is None


OUTPUT = {
    "quote_asset": "USDT",
    "metrics": {"total_return_percent": -12.3456, "sharpe_ratio": 0.5, "trades_count": 1234, "fees_quote": 10.5},
    "chosen": {"fee_bps": "10"},
    "windows": [{"test_return_percent": 0.00042}],
    "name": "5 %",
}


@pytest.mark.parametrize(
    ("path", "display"),
    [
        ("/metrics/total_return_percent", "\N{MINUS SIGN}12.35 %"),
        ("/metrics/sharpe_ratio", "0.50"),
        ("/metrics/trades_count", "1,234"),
        ("/metrics/fees_quote", "10.50 USDT"),
        ("/windows/0/test_return_percent", "+0.00042 %"),
        ("/chosen/fee_bps", "10.0 bps"),
    ],
)
def test_a_reference_finds_its_figure_with_unit_and_rounding(path: str, display: str) -> None:
    found = find(OUTPUT, path)
    assert isinstance(found, Found)
    assert found.display == display
    assert found.assumed == path.startswith("/chosen")


@pytest.mark.parametrize(
    "path",
    ["", "metrics", "/", "/metrics", "/name", "/windows/1/x", "/windows/-1", "/metrics/sharpe_ratio/0", "/x" * 300],
)
def test_a_path_that_leads_to_no_figure_says_so(path: str) -> None:
    assert isinstance(find(OUTPUT, path), Reason)


def test_evidence_that_is_not_finite_or_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        pack("tool", {}, {"x": float("nan")})
    with pytest.raises(ValueError, match="at most"):
        pack("tool", {}, {"x": "y" * 3_000_000})


def test_the_hash_covers_tool_input_and_output() -> None:
    hashes = {pack(*given).hash for given in (("a", {}, {"x": 1}), ("b", {}, {"x": 1}), ("a", {"y": 1}, {"x": 1}))}
    assert len(hashes) == 3


@pytest.mark.parametrize(
    ("goal", "family", "base", "timeframe"),
    [
        ("Does a moving-average crossover beat holding BTC on hourly bars?", "crossover", "BTC", "1h"),
        ("golden cross on bitcoin, daily", "crossover", "BTC", "1d"),
        ("Is RSI 14 mean reversion on ETH profitable at 5 minutes?", "reversion", "ETH", "5m"),
        ("turtle breakouts on Solana 4h", "breakout", "SOL", "4h"),
        ("Does momentum work?", "momentum", None, None),
    ],
)
def test_a_goal_is_read_by_its_words(goal: str, family: str, base: str | None, timeframe: str | None) -> None:
    idea = read_goal(goal)
    assert idea.family is not None
    assert (idea.family.id, idea.base, idea.timeframe) == (family, base, timeframe)


def test_windows_symbols_and_years_are_read() -> None:
    idea = read_goal("Does a 10/50 EMA cross beat holding ETH/USDT from 2020 to 2021?")
    assert (idea.pair, idea.exponential, idea.symbol) == ((10, 50), True, "ETH/USDT")
    assert (idea.first_year, idea.last_year) == (2020, 2021)
    assert document(idea, symbol="ETH/USDT", timeframe="1h")["features"] == {
        "fast": "ema(close, 10)",
        "slow": "ema(close, 50)",
    }


def test_thresholds_of_a_reversion_are_no_windows() -> None:
    written = document(read_goal("RSI(7) with 25/60 on BTC"), symbol="BTC/USDT", timeframe="1h")
    assert written["features"] == {"strength": "rsi(close, 7)"}
    assert (written["entry"], written["exit"]) == ("crosses_below(strength, 25)", "crosses_above(strength, 60)")


def test_a_later_message_replaces_only_what_it_speaks_of() -> None:
    whole = together([read_goal("RSI on BTC, hourly"), read_goal("rather ETH"), read_goal("thanks")])
    assert whole.family is not None
    assert (whole.family.id, whole.base, whole.timeframe) == ("reversion", "ETH", "1h")
    assert says_nothing(read_goal("thanks"))


@pytest.mark.parametrize("family", [family.id for family in FAMILIES])
def test_every_family_makes_a_document_that_the_engine_takes(family: str) -> None:
    (row,) = [row for row in FAMILIES if row.id == family]
    idea = together([read_goal(row.label)])
    made, problems = inspect(document(idea, symbol="BTC/USDT", timeframe="1h"))
    assert problems == []
    assert made is not None


@given(st.text(max_size=400))
def test_no_goal_breaks_the_reader(goal: str) -> None:
    idea = together([read_goal(goal)])
    if idea.family is not None:
        assert inspect(document(idea, symbol="BTC/USDT", timeframe="1h"))[1] == []
