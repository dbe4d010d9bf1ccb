"""Sharpe ratios against luck: other programs' figures, the papers' examples, and what a search over noise finds."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from holdout import deflated as holdout
from hypothesis import given
from hypothesis import strategies as st
from trialgate.validation import deflated_sharpe_ratio as trialgate_deflated

from omc.engine.validation import significance
from omc.engine.validation.significance import Moments
from omc.kit.errors import Refusal

RECORDED = json.loads((Path(__file__).parents[2] / "cases" / "validation" / "significance.json").read_text())
MOVING = st.lists(st.floats(-0.2, 0.2).map(lambda value: round(value, 5)), min_size=3, max_size=120).filter(
    lambda values: len(set(values)) > 2
)
SHARPE = st.floats(-0.5, 0.5)
VARIANCE = st.floats(0, 0.05)
TRIALS = st.integers(1, 100_000)


@pytest.mark.parametrize("record", RECORDED["records"])
def test_a_record_is_judged_as_purgedcv_judges_it(record: dict) -> None:
    known = Moments(**{name: record[name] for name in ("sharpe", "count", "skewness", "kurtosis")})
    for benchmark, figure in record["probabilistic_sharpe"]:
        assert significance.probabilistic_sharpe(known, benchmark).value == pytest.approx(figure, rel=1e-12)
    for trials, variance, figure in record["deflated_sharpe"]:
        ours = significance.deflated_sharpe(known, trials=trials, variance=variance)
        assert ours.value == pytest.approx(figure, rel=1e-12)


def test_lengths_are_those_of_purgedcv() -> None:
    for sharpe, benchmark, doubt, skewness, kurtosis, periods in RECORDED["track_record"]:
        known = Moments(sharpe=sharpe, count=10, skewness=skewness, kurtosis=kurtosis)
        ours = significance.minimum_track_record(known, benchmark=benchmark, level=1 - doubt)
        assert ours.value == periods
    for trials, sharpe, years in RECORDED["backtest_length"]:
        assert significance.minimum_backtest_length(trials, sharpe).value == pytest.approx(years, rel=1e-12)


@given(MOVING, TRIALS, st.lists(SHARPE, min_size=2, max_size=20))
def test_deflation_agrees_with_two_other_programs(changes: list[float], trials: int, others: list[float]) -> None:
    returns = np.array(changes)
    known = significance.moments(returns)
    spread = significance.trial_variance(np.array(others)).value
    assert known is not None
    assert spread is not None
    ours = significance.deflated_sharpe(returns, trials=trials, variance=spread).value
    assert ours == pytest.approx(
        holdout.deflated_sharpe_ratio(
            known.sharpe,
            known.count,
            n_trials=trials,
            trials_variance=spread,
            skewness=known.skewness,
            kurtosis=known.kurtosis,
        ),
        abs=1e-12,
    )
    population = float(np.var(others))  # trialgate divides by the number of trials, we by one less
    ours = significance.deflated_sharpe(returns, trials=trials, variance=population).value
    theirs = trialgate_deflated(
        changes, trial_sharpes=others, periods_per_year=1, effective_trials=trials, autocorrelation="ignore"
    )
    assert ours == pytest.approx(theirs.deflated_sharpe_ratio, abs=1e-9)


def test_the_worked_example_of_the_paper() -> None:
    """Bailey and Lopez de Prado 2014: 100 trials, variance 1/2 a year, 2.5 annual over five years of days."""
    assert significance.expected_maximum_sharpe(100, 0.5 / 250) == pytest.approx(0.1132, abs=5e-5)
    best = Moments(sharpe=2.5 / 250**0.5, count=1250, skewness=-3, kurtosis=10)
    assert significance.deflated_sharpe(best, trials=100, variance=0.5 / 250).value == pytest.approx(0.9004, abs=5e-5)
    assert significance.deflated_sharpe(best, trials=46, variance=0.5 / 250).value == pytest.approx(0.9505, abs=5e-5)


def test_five_years_hold_no_more_than_45_trials() -> None:
    """Bailey, Borwein, Lopez de Prado and Zhu 2014, below theorem 2."""
    lengths = [significance.minimum_backtest_length(trials).value or 0 for trials in (45, 46)]
    assert lengths[0] < 5.0 < lengths[1] + 0.05


@given(SHARPE, st.integers(3, 5_000), VARIANCE, TRIALS, TRIALS)
def test_more_trials_never_make_a_result_more_credible(
    sharpe: float, count: int, variance: float, few: int, more: int
) -> None:
    few, more = sorted((few, more))
    known = Moments(sharpe=sharpe, count=count, skewness=-0.5, kurtosis=5)
    lenient, strict = (
        significance.deflated_sharpe(known, trials=trials, variance=variance).value for trials in (few, more)
    )
    assert lenient is not None
    assert strict is not None
    assert 0 <= strict <= lenient <= 1
    assert significance.deflated_sharpe(known, trials=1, variance=None) == significance.probabilistic_sharpe(known)


@given(st.floats(0.02, 0.5), st.floats(-2, 0), st.floats(0.6, 0.999))
def test_a_track_record_of_the_minimum_length_is_just_long_enough(sharpe: float, skewness: float, level: float) -> None:
    shape = {"sharpe": sharpe, "skewness": skewness, "kurtosis": 9.0}
    length = significance.minimum_track_record(Moments(count=9, **shape), level=level).value
    assert length is not None
    enough = significance.probabilistic_sharpe(Moments(count=max(2, int(length)), **shape)).value
    assert enough is not None
    assert enough >= level - 1e-12
    if length > 3:
        short = significance.probabilistic_sharpe(Moments(count=int(length) - 1, **shape)).value
        assert short is not None
        assert short < level


def noise(seed: int, periods: int = 250, trials: int = 100) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.01, (periods, trials))


def best_deflated(matrix: np.ndarray) -> float:
    """The deflated Sharpe ratio of the best column, deflated by all columns."""
    sharpes = matrix.mean(axis=0) / matrix.std(axis=0, ddof=1)
    spread = significance.trial_variance(sharpes).value
    best = significance.deflated_sharpe(matrix[:, sharpes.argmax()], trials=matrix.shape[1], variance=spread)
    assert best.value is not None
    return best.value


def test_the_best_of_100_tries_on_noise_is_deflated() -> None:
    figures = [best_deflated(noise(seed)) for seed in range(200)]
    naive = [significance.probabilistic_sharpe(noise(seed)[:, 0]).value or 0 for seed in range(200)]
    assert sum(figure < 0.95 for figure in figures) >= 190
    assert max(naive) > 0.95  # the same test without counting trials is fooled


def test_a_planted_edge_is_found_among_99_tries_on_noise() -> None:
    found = 0
    for seed in range(50):
        matrix = noise(seed, periods=500)
        matrix[:, 7] += 0.0025  # a Sharpe ratio of 0.25 a day
        found += best_deflated(matrix) >= 0.95
    assert found >= 45


def test_what_is_not_defined_is_none_with_a_sentence() -> None:
    for returns in (np.array([]), np.array([0.1, 0.2]), np.full(50, 0.01), np.full(7, 0.1), np.zeros(50)):
        for found in (
            significance.probabilistic_sharpe(returns),
            significance.deflated_sharpe(returns, trials=10, variance=0.01),
            significance.minimum_track_record(returns),
        ):
            assert found.value is None
            assert len(found.note.split()) > 5
    known = Moments(sharpe=-0.1, count=100)
    assert significance.minimum_track_record(known).value is None
    assert significance.deflated_sharpe(known, trials=2, variance=None).value is None
    assert significance.trial_variance(np.array([0.3])).value is None
    assert significance.minimum_backtest_length(10, 0.0).value is None
    two_values = Moments(sharpe=1.0, count=4, skewness=2.0, kurtosis=5.0)
    assert significance.probabilistic_sharpe(two_values).value is None


@pytest.mark.parametrize(
    ("code", "ask"),
    [
        ("not_finite", lambda: significance.probabilistic_sharpe(np.array([0.1, np.nan, 0.2]))),
        ("not_finite", lambda: significance.probabilistic_sharpe(Moments(sharpe=float("nan"), count=9))),
        ("not_finite", lambda: significance.probabilistic_sharpe(Moments(sharpe=0.1, count=9), float("inf"))),
        ("impossible_moments", lambda: significance.probabilistic_sharpe(Moments(sharpe=0.1, count=9, kurtosis=0))),
        ("bad_count", lambda: significance.deflated_sharpe(Moments(sharpe=0.1, count=9), trials=0, variance=0.1)),
        ("bad_variance", lambda: significance.expected_maximum_sharpe(10, -0.1)),
        ("bad_share", lambda: significance.minimum_track_record(Moments(sharpe=0.1, count=9), level=1.0)),
        ("bad_share", lambda: significance.minimum_track_record(Moments(sharpe=0.1, count=9), level=0.4)),
        ("too_few_values", lambda: significance.moments(np.array([0.1]))),
    ],
)
def test_bad_input_is_refused_with_a_sentence(code: str, ask: Callable[[], object]) -> None:
    with pytest.raises(Refusal) as refused:
        ask()
    assert refused.value.code == code
    assert len(refused.value.text.split()) > 5


def test_a_missing_number_is_refused_with_its_place() -> None:
    with pytest.raises(Refusal) as refused:
        significance.moments(np.array([0.1, 0.2, np.inf, np.nan]))
    assert refused.value.place == "/2"


def test_the_spread_of_trials_is_that_of_a_sample() -> None:
    assert significance.trial_variance(np.array([0.1, 0.3])).value == pytest.approx(0.02)


def test_what_luck_alone_spreads_is_what_noise_shows() -> None:
    matrix = noise(3, periods=250, trials=20_000)
    sharpes = matrix.mean(axis=0) / matrix.std(axis=0, ddof=1)
    assert significance.luck_variance(250) == pytest.approx(np.var(sharpes), rel=0.05)
