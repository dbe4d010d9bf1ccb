"""The gate: evidence that is good passes, thin or missing evidence is weak, evidence against fails, in sentences."""

import json
import math
from dataclasses import replace

import pytest

from omc.engine.gate import THRESHOLDS, Figures, Grade, Threshold, judge, plain

GOOD = Figures(
    closed_positions=120,
    out_of_sample_return=0.4,
    out_of_sample_sharpe=1.4,
    sharpe_low=0.2,
    sharpe_high=2.6,
    lost_paths=0.0,
    deflated_sharpe=0.97,
    trials=25,
    clusters=1,
    pbo=0.1,
    track_record_met=True,
    look_ahead_found=False,
    warm_up_stable=True,
    cost_break_even=3.0,
    plateau_share=0.8,
    random_entry_p=0.01,
    out_in_ratio=0.7,
    exam_return=0.1,
    exam_sharpe=0.9,
)
NEEDED = [one.name for one in THRESHOLDS if not one.optional] + [
    "sharpe_low",
    "track_record_met",
    "look_ahead_found",
    "warm_up_stable",
]


def test_good_evidence_passes_with_a_reason_for_every_figure() -> None:
    verdict = judge(GOOD)
    assert verdict.outcome == "pass"
    assert {one.figure for one in verdict.reasons} == {one.name for one in THRESHOLDS} | set(NEEDED)
    assert all(one.text.endswith(".") and one.grade == "pass" for one in verdict.reasons)


def test_what_is_optional_may_be_left_out() -> None:
    assert judge(replace(GOOD, pbo=None, exam_return=None, exam_sharpe=None)).outcome == "pass"


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_figure_is_weak_and_says_so(name: str) -> None:
    verdict = judge(replace(GOOD, **{name: None}))
    assert verdict.outcome == "weak"
    assert verdict.reasons[0].figure == name
    assert verdict.reasons[0].text.startswith("Not measured: ")


def test_nothing_known_is_weak_never_a_pass() -> None:
    verdict = judge(Figures())
    assert verdict.outcome == "weak"
    assert {one.figure for one in verdict.reasons} == set(NEEDED)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", ["deflated_sharpe", "cost_break_even", "out_in_ratio"])
def test_a_number_that_is_none_is_missing(name: str, value: float) -> None:
    figures = replace(GOOD, **{name: value})
    assert judge(figures).outcome == "weak"
    assert name not in json.loads(json.dumps(plain(figures), allow_nan=False))


def outcomes(threshold: Threshold, *values: float) -> list[Grade]:
    return [judge(replace(GOOD, **{threshold.name: value})).outcome for value in values]


@pytest.mark.parametrize("threshold", THRESHOLDS, ids=lambda one: one.name)
def test_a_figure_fails_at_bad_passes_at_good_and_is_weak_between(threshold: Threshold) -> None:
    assert outcomes(threshold, threshold.bad, threshold.good) == ["fail", "pass"]
    between = math.nextafter(threshold.bad, threshold.good)
    if between != threshold.good:
        assert outcomes(threshold, between, math.nextafter(threshold.good, threshold.bad)) == ["weak", "weak"]


@pytest.mark.parametrize("threshold", THRESHOLDS, ids=lambda one: one.name)
def test_a_failed_figure_comes_first_and_says_why(threshold: Threshold) -> None:
    far = -1.0 if not threshold.low_is_good else 1.0
    verdict = judge(replace(GOOD, track_record_met=False, **{threshold.name: far}))
    first = verdict.reasons[0]
    assert (verdict.outcome, first.figure, first.grade) == ("fail", threshold.name, "fail")
    assert threshold.what in first.text
    assert threshold.why in first.text


@pytest.mark.parametrize(
    ("low", "high", "outcome", "says"),
    [
        (0.1, 2.0, "pass", "between 0.10 and 2.00"),
        (0.0, 2.0, "weak", "zero is among them"),
        (-0.5, 2.0, "weak", "between \u22120.50 and 2.00"),
        (-2.0, -0.1, "fail", "not by bad luck"),
        (-2.0, 0.0, "weak", "zero is among them"),
    ],
)
def test_an_interval_with_zero_in_it_is_weak_and_one_below_fails(
    low: float, high: float, outcome: str, says: str
) -> None:
    verdict = judge(replace(GOOD, sharpe_low=low, sharpe_high=high))
    reasons = {one.figure: one for one in verdict.reasons}
    assert (verdict.outcome, reasons["sharpe_low"].grade) == (outcome, outcome)
    assert says in reasons["sharpe_low"].text


def test_overfitting_does_no_harm_only_where_what_was_chosen_hardly_ever_lost() -> None:
    assert judge(replace(GOOD, pbo=0.7, pbo_loss=None)).outcome == "fail"
    assert judge(replace(GOOD, pbo=0.7, pbo_loss=0.06)).outcome == "fail"
    alike = judge(replace(GOOD, pbo=0.7, pbo_loss=0.05))
    assert alike.outcome == "pass"
    assert "70.0 %" in {one.figure: one.text for one in alike.reasons}["pbo"]


def test_the_deflated_figure_names_the_number_of_trials() -> None:
    reasons = {one.figure: one.text for one in judge(replace(GOOD, trials=431)).reasons}
    assert "97.0 % after 431 tried parameter sets" in reasons["deflated_sharpe"]


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"look_ahead_found": True}, "fail"),
        ({"warm_up_stable": False}, "fail"),
        ({"track_record_met": False}, "weak"),
        ({"exam_repeated": True}, "weak"),
        ({"exam_seen_before": True}, "weak"),
    ],
)
def test_what_is_not_a_number_counts_as_well(change: dict[str, bool], outcome: str) -> None:
    verdict = judge(replace(GOOD, **change))
    assert (verdict.outcome, verdict.reasons[0].figure) == (outcome, next(iter(change)))


def test_a_repeated_exam_never_passes_however_good() -> None:
    excellent = replace(GOOD, exam_return=9.0, exam_sharpe=9.0, exam_repeated=True)
    assert judge(excellent).outcome == "weak"


def test_one_pass_among_failures_does_not_mend_them() -> None:
    assert judge(replace(GOOD, deflated_sharpe=0.1, exam_sharpe=5.0)).outcome == "fail"
