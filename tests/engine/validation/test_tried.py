"""The choice out of what was really tried: each set once, in its own document, and a search of luck is called one."""

import numpy as np
import pytest

from omc.engine.gate import Figures, judge
from omc.engine.metrics import daily, returns
from omc.engine.simulate import Settings, simulate
from omc.engine.validation.overfitting import overfitting
from omc.engine.validation.tried import LEAST_TRIED, Searched, Tried, judge_choice
from omc.engine.watch import Watch
from omc.kit.errors import Refusal
from tests.engine.builders import a_walk, bars_of
from tests.engine.validation.followers import DAYS, SWING, a_follower

LAGS = tuple({"n": float(lag)} for lag in range(2, 40, 3))


def tried(*searched: Searched) -> Tried:
    return Tried(searched=searched, total=sum(len(one.values) for one in searched))


def test_it_is_the_overfitting_of_whole_runs_from_one_bar_on() -> None:
    bars, document = a_walk(DAYS * 24), a_follower()
    found = judge_choice(document, bars, tried(Searched(document=document, values=LAGS)), first=100)
    runs = [simulate(document, bars, Settings(parameters=one, start=100)) for one in (document.parameters, *LAGS[:6])]
    runs += [
        simulate(document, bars, Settings(parameters=one, start=100)) for one in LAGS[7:]
    ]  # the seventh is its own
    expected = overfitting(np.column_stack([returns(daily(run.ts, run.equity)) for run in runs]))
    assert (found.sets, found.lost, found.overfitting.trials) == (len(LAGS), 0, len(LAGS))
    assert found.overfitting.logits.tobytes() == expected.logits.tobytes()
    assert found.overfitting.outside.tobytes() == expected.outside.tobytes()


def test_a_name_or_a_universe_makes_no_set_another_one_but_its_size_does() -> None:
    bars, document = a_walk(DAYS * 24), a_follower()
    renamed = a_follower(name="Another", universe=["ETH/USDT"])
    smaller = a_follower(sizing={"kind": "fraction", "fraction": "0.5"})
    searched = [Searched(document=one, values=LAGS) for one in (document, renamed, smaller)]
    assert judge_choice(document, bars, tried(*searched)).sets == 2 * len(LAGS)


def test_the_best_of_much_luck_is_overfitted_and_what_the_market_was_made_for_is_not() -> None:
    asked = tried(Searched(document=a_follower(), values=LAGS))
    lucky = [judge_choice(a_follower(), a_walk(DAYS * 24, seed=seed), asked).overfitting for seed in range(6)]
    true = judge_choice(a_follower(), bars_of(SWING.tolist()), asked).overfitting
    assert (true.pbo, true.loss_probability) == (0.0, 0.0)
    assert np.mean([one.pbo for one in lucky]) > 0.2
    assert min(one.loss_probability for one in lucky) > 0.05


def test_a_set_whose_windows_take_too_many_of_the_days_is_left_out() -> None:
    bars, document = a_walk(DAYS * 24), a_follower()
    longer = (*LAGS, {"n": 1_000.0}, {"n": -1.0})
    found = judge_choice(document, bars, tried(Searched(document=document, values=longer)))
    assert (found.sets, found.lost) == (len(LAGS) + 2, 2)


def test_too_small_a_search_is_refused() -> None:
    few = Searched(document=a_follower(), values=LAGS[: LEAST_TRIED - 1])
    with pytest.raises(Refusal, match="9 parameter sets"):
        judge_choice(a_follower(), a_walk(DAYS * 24), tried(few))


def test_it_stops_when_told() -> None:
    with pytest.raises(Refusal, match="stopped"):
        asked = tried(Searched(document=a_follower(), values=LAGS))
        judge_choice(a_follower(), a_walk(DAYS * 24), asked, watch=Watch(stopped=lambda: True))


def test_a_sample_is_said_in_the_reason() -> None:
    figures = Figures(pbo=0.3, pbo_loss=0.4, pbo_sets=1_001, pbo_tried=12_000)
    text = next(one.text for one in judge(figures).reasons if one.figure == "pbo")
    assert "among 12,000 parameter sets that searches tried, judged on a fixed sample of 1,001, is 30.0 %" in text
