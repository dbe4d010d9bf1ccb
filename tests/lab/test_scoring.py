"""Shares and means with their intervals, against published values."""

from dataclasses import replace
from decimal import Decimal

import pytest

from omc.lab.scoring import RunFacts, mean, score, share


def test_wilsons_interval_as_published() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    for successes, n, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (1, 29, 0.0061, 0.1718)):
        found = share(successes, n)
        assert found is not None
        assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
    none = share(0, 20)
    assert none is not None
    assert (none.low, none.high) == (0.0, pytest.approx(0.1611, abs=5e-5))


def test_students_interval() -> None:
    found = mean([1.0, 2.0, 3.0])
    assert found is not None
    assert (found.value, found.low, found.high) == (
        2.0,
        pytest.approx(-0.4841, abs=1e-4),
        pytest.approx(4.4841, abs=1e-4),
    )
    one = mean([5.0])
    assert one is not None
    assert (one.value, one.low, one.high, one.n) == (5.0, None, None, 1)


def test_nothing_gives_no_estimate() -> None:
    empty = score([])
    assert (empty.reported, empty.tool_success, empty.cost, empty.cost_total) == (None, None, None, Decimal(0))


def test_a_run_without_a_report_counts_against_its_model() -> None:
    good = RunFacts(
        state="done",
        verdict="yes",
        figures=9,
        unverified=1,
        tool_calls=4,
        tool_failures=1,
        steps=9,
        seconds=2.0,
        cost=Decimal("0.01"),
    )
    bad = replace(good, state="failed", verdict=None, figures=0, unverified=0)
    found = score([good, good, bad])
    assert found.reported is not None
    assert found.evidence_validity is not None
    assert (found.reported.value, found.evidence_validity.value) == (pytest.approx(2 / 3), 0.9)
    assert found.verdicts == {"yes": 2}
    assert found.states == {"done": 2, "failed": 1}
    assert found.cost_total == Decimal("0.03")
