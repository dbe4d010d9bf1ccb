"""Cuts of a span: recorded cuts of other programs, and that nothing of a test is near what was fitted on."""

import json
from collections.abc import Callable
from itertools import combinations, pairwise
from math import comb
from pathlib import Path
from typing import Literal, TypeVar

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from omc.engine.validation.splits import Split, combinatorial, purged_folds, walk_forward_cuts
from omc.kit.errors import Refusal

CASES = Path(__file__).parents[2] / "cases" / "validation"
SKFOLIO = json.loads((CASES / "splits_skfolio.json").read_text())
PURGEDCV = json.loads((CASES / "splits_purgedcv.json").read_text())


def bars_of(stretches: list[list[int]] | tuple[range, ...]) -> list[int]:
    return [bar for one in stretches for bar in (one if isinstance(one, range) else range(*one))]


@pytest.mark.parametrize("case", SKFOLIO["combinatorial"] + PURGEDCV["combinatorial"])
def test_combinatorial_splits_are_those_of_other_programs(case: dict) -> None:
    found = combinatorial(
        case["bars"], case["groups"], case["test_groups"], purge=case["purge"], embargo=case["embargo"]
    )
    assert len(found.splits) == len(case["splits"])
    for ours, (train, test) in zip(found.splits, case["splits"], strict=True):
        assert bars_of(ours.train) == bars_of(train)
        assert bars_of(ours.test) == bars_of(test)
    if "paths" in case:
        assert [list(path) for path in found.paths] == case["paths"]


@pytest.mark.parametrize("case", SKFOLIO["walk_forward"])
def test_walk_forward_cuts_are_those_of_skfolio(case: dict) -> None:
    found = walk_forward_cuts(
        case["bars"], train=case["train"], test=case["test"], kind=case["kind"], purge=case["purge"]
    )
    # skfolio starts with the first bar and leaves bars at the end, we end with the last: the same where none are left.
    left = (case["bars"] - case["train"] - case["purge"]) % case["test"]
    assert len(found) == len(case["splits"])
    for ours, (train, test) in zip(found, case["splits"], strict=True):
        moved = [[0 if case["kind"] == "anchored" else start + left, end + left] for start, end in train]
        assert bars_of(ours.train) == bars_of(moved)
        assert bars_of(ours.test) == [bar + left for bar in bars_of(test)]


def test_ten_groups_with_eight_under_test_make_45_splits_and_36_paths() -> None:
    found = combinatorial(1_000, 10, 8)
    assert (len(found.splits), len(found.paths)) == (45, 36)


Made = TypeVar("Made")


def unless_refused(cut: Callable[[], Made]) -> Made | None:
    """What was cut, or None where there is too little history for it; no other refusal is expected."""
    try:
        return cut()
    except Refusal as refused:
        if refused.code != "not_enough_history":
            raise
        return None


@st.composite
def cuts(draw: st.DrawFn) -> tuple[int, int, int, int, int]:
    groups = draw(st.integers(2, 8))
    bars = draw(st.integers(groups, 150))
    near = st.integers(0, min(4, bars))
    return bars, groups, draw(st.integers(1, groups - 1)), draw(near), draw(near)


def keeps_its_distance(split: Split, purge: int, embargo: int) -> None:
    """Bar by bar, by the definition: a label reaches `purge` ahead, and a test echoes `embargo` longer."""
    test, train = set(bars_of(split.test)), set(bars_of(split.train))
    assert not test & train
    for stretches in (split.train, split.test):
        assert all(one.stop < other.start for one, other in pairwise(stretches)), "neighbours are one stretch"
    for bar in train:
        assert not test & set(range(bar, bar + purge + 1)), "a fitted label reaches into a test"
        assert not test & set(range(bar - purge - embargo, bar)), "a test reaches into what is fitted"


@given(cuts())
def test_nothing_of_a_test_is_fitted_on_and_no_more_is_left_out_than_must_be(
    given_cut: tuple[int, int, int, int, int],
) -> None:
    bars, groups, test_groups, purge, embargo = given_cut
    found = unless_refused(lambda: combinatorial(bars, groups, test_groups, purge=purge, embargo=embargo))
    assume(found)
    assert found
    for split in found.splits:
        keeps_its_distance(split, purge, embargo)
        test, train = set(bars_of(split.test)), set(bars_of(split.train))
        for bar in set(range(bars)) - test - train:
            assert test & set(range(bar - purge - embargo, bar + purge + 1)), "a bar was left out for nothing"


@given(cuts())
def test_each_path_tests_each_group_once_and_no_test_is_used_twice(given_cut: tuple[int, int, int, int, int]) -> None:
    bars, groups, test_groups, _, _ = given_cut
    found = combinatorial(bars, groups, test_groups)
    assert bars_of(found.groups) == list(range(bars))
    assert [split.groups for split in found.splits] == list(combinations(range(groups), test_groups))
    assert len(found.paths) == comb(groups - 1, test_groups - 1)
    used = [(split, group) for path in found.paths for group, split in enumerate(path)]
    assert len(set(used)) == len(used) == len(found.splits) * test_groups
    assert all(group in found.splits[split].groups for split, group in used)


@given(st.integers(2, 10), st.integers(0, 3), st.integers(0, 3))
def test_folds_test_every_bar_once(folds: int, purge: int, embargo: int) -> None:
    found = purged_folds(101, folds, purge=purge, embargo=embargo)
    assert [bar for split in found for bar in bars_of(split.test)] == list(range(101))
    for split in found:
        keeps_its_distance(split, purge, embargo)


@given(
    st.integers(10, 300),
    st.integers(1, 50),
    st.integers(1, 50),
    st.sampled_from(["anchored", "rolling"]),
    st.integers(0, 5),
    st.integers(0, 5),
)
def test_a_walk_fits_only_on_the_past_and_ends_with_the_last_bar(
    bars: int, train: int, test: int, kind: Literal["anchored", "rolling"], purge: int, embargo: int
) -> None:
    found = unless_refused(
        lambda: walk_forward_cuts(bars, train=train, test=test, kind=kind, purge=purge, embargo=embargo)
    )
    assert bool(found) == (bars >= train + purge + embargo + test)
    if not found:
        return
    tested = [bar for split in found for bar in bars_of(split.test)]
    assert tested == list(range(tested[0], bars))
    for split in found:
        (fitted,), (tried,) = split.train, split.test
        assert tried.start - fitted.stop == purge + embargo
        assert len(tried) == test
        assert fitted.start >= 0
        assert len(fitted) == train if kind == "rolling" else fitted.start == 0
    assert len(found[0].train[0]) >= train
    assert len(found[0].train[0]) < train + test or kind == "rolling"


@pytest.mark.parametrize(
    ("code", "ask"),
    [
        ("bad_count", lambda: purged_folds(1, 2)),
        ("bad_count", lambda: purged_folds(10, 1)),
        ("bad_count", lambda: purged_folds(10, 2, purge=-1)),
        ("bad_count", lambda: combinatorial(10, 4, 4)),
        ("bad_count", lambda: combinatorial(100, 40, 20)),
        ("bad_count", lambda: walk_forward_cuts(10, train=0, test=1, kind="rolling")),
        ("not_enough_history", lambda: purged_folds(3, 4)),
        ("not_enough_history", lambda: purged_folds(10, 2, purge=5)),
        ("not_enough_history", lambda: walk_forward_cuts(10, train=6, test=5, kind="rolling")),
    ],
)
def test_cuts_that_cannot_be_are_refused_with_a_sentence(code: str, ask: Callable[[], object]) -> None:
    with pytest.raises(Refusal) as refused:
        ask()
    assert refused.value.code == code
    assert len(refused.value.text.split()) > 5
