"""The proof against look-ahead: every planted leak is found, and nothing honest is taken for one."""

from collections.abc import Iterator
from itertools import count

import numpy as np
import pytest
from numpy.typing import NDArray

from omc.engine import BarColumns, read
from omc.engine.expression import CALLABLE
from omc.engine.operators import Kind, Operator, Values
from omc.engine.validation.lookahead import look_ahead
from omc.engine.validation.replays import CUTS, Runner, Trace, check_replays
from omc.engine.watch import Watch
from omc.kit.errors import Refusal
from tests.engine.builders import a_document, a_traded_market
from tests.engine.generated import documents, with_inputs
from tests.engine.validation.leaks import HONEST, LEAKS, a_market, at_next_open, clean_documents


def test_there_are_forty_leaks() -> None:
    assert len(LEAKS) == 40


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS.keys())
def test_a_planted_leak_is_found(leak: Runner) -> None:
    assert not check_replays(leak, a_market(), warm_up=30).ok


@pytest.mark.parametrize("honest", HONEST.values(), ids=HONEST.keys())
def test_an_honest_strategy_is_not_accused(honest: Runner) -> None:
    assert check_replays(honest, a_market(), warm_up=30).findings == ()


FEWER_CUTS = 15  # of 200 documents: three thousand cuts


@pytest.mark.slow
def test_two_hundred_clean_documents_raise_no_alarm() -> None:
    bars = a_market(260)
    accused = {}
    for at, document in enumerate(clean_documents(seed=1, count=200)):
        found = look_ahead(document, bars, seed=at, count=FEWER_CUTS)
        assert found.replays > 2 * FEWER_CUTS
        if not found.ok:
            accused[at] = [finding.text for finding in found.findings]
    assert accused == {}


def test_generated_documents_with_inputs_and_longer_bars_do_not_look_ahead() -> None:
    replayed = 0
    for seed, raw in enumerate(documents(seed=21, count=16, beside=True)):
        try:
            found = look_ahead(read(raw), with_inputs(a_traded_market(400, seed=seed), seed=seed), count=6)
        except Refusal:  # a value that is not finite, an account that is lost, too long a warm-up
            continue
        assert found.ok, raw
        replayed += found.replays
    assert replayed > 60


@pytest.fixture
def peeking() -> Iterator[None]:
    """An indicator that reads one bar ahead, which the language would never have."""

    def column(values: Values) -> Values:
        return np.concatenate((values[1:], values[-1:]))

    CALLABLE["peeking"] = Operator(name="peeking", vector=column, takes=(Kind.NUMBER,))
    yield
    del CALLABLE["peeking"]


def test_a_finding_names_the_expression_the_bar_and_both_values(peeking: None) -> None:
    features = {"slow": "sma(close, 8)", "cheat": "slow - sma(peeking(close), 3)"}
    document = a_document(features=features, entry="close > cheat + slow", exit="close < slow")
    bars = a_market()
    found = look_ahead(document, bars)
    first = next(finding for finding in found.findings if finding.probe == "cut")
    assert first.place == "/features/cheat:12"
    assert first.bar == first.cut - 1
    assert first.ts == bars.ts[first.bar]
    assert (first.full, first.replayed) == (bars.close[first.bar + 1], bars.close[first.bar])
    assert "/features/cheat:12" in first.text
    assert found.plain()["ok"] is False


def test_a_leak_in_a_few_of_six_hundred_bars_is_found_where_it_acts() -> None:
    """Random cuts alone would miss it: decisions are cut at, too."""

    def rule(bars: BarColumns) -> NDArray[np.bool_]:
        soon = np.concatenate((bars.close[1:] / bars.close[:-1] - 1, [0.0]))
        return soon > 0.032

    trace = at_next_open(rule)(a_market())
    assert 0 < np.count_nonzero(trace.wanted) <= 8
    assert not check_replays(at_next_open(rule), a_market(), warm_up=30, count=20).ok


def test_the_same_seed_cuts_at_the_same_bars_and_another_does_not() -> None:
    one, same, other = (look_ahead(a_document(), a_market(), seed=seed) for seed in (1, 1, 2))
    assert one == same
    assert one.cuts != other.cuts
    assert len(one.cuts) == CUTS


def test_a_strategy_that_answers_differently_to_the_same_bars_is_found() -> None:
    answers = count()
    found = check_replays(at_next_open(lambda bars: np.full(len(bars), next(answers) % 2 == 0)), a_market())
    assert "same bars" in {finding.probe for finding in found.findings}


def test_rounding_that_depends_on_the_length_is_forgiven_only_when_asked() -> None:
    def run(bars: BarColumns) -> Trace:
        values = {"noisy": bars.close * (1 + 1e-14 * (len(bars) % 7))}
        return Trace(wanted=np.zeros(len(bars), dtype=np.int8), values=values)

    assert not check_replays(run, a_market()).ok
    assert check_replays(run, a_market(), tolerance=1e-9).ok


def test_too_few_bars_to_cut_are_refused() -> None:
    with pytest.raises(Refusal, match="a proof needs 21 bars"):
        look_ahead(a_document(), a_market().slice(0, 15))


def test_a_trace_of_another_length_is_refused() -> None:
    with pytest.raises(Refusal, match="one value for each"):
        check_replays(lambda bars: Trace(wanted=np.zeros(3, dtype=np.int8)), a_market())


def test_it_stops_when_it_shall() -> None:
    with pytest.raises(Refusal, match="stopped after 0 of 50 steps of the look-ahead check"):
        look_ahead(a_document(), a_market(), watch=Watch(stopped=lambda: True))


def test_it_tells_how_far_it_is() -> None:
    told: list[int] = []
    look_ahead(a_document(), a_market(), count=12, watch=Watch(told=lambda done, total, what: told.append(done)))
    assert told == list(range(13))
