"""Owns how a span of bars is cut into what is fitted on and what is tested, without one leaking into the other.

Everything is half-open ranges of bar numbers. `purge` is how many bars a label reaches ahead: what is known of bar i
only at i + purge. `embargo` is how many bars more are left out after a test, for what echoes through serial correlation
(Lopez de Prado 2018, sections 7.4 and 12.4). So a fit keeps `purge` bars before a test free, and `purge + embargo`
after it.
"""

from dataclasses import dataclass
from itertools import combinations, pairwise
from math import comb
from typing import Literal

from omc.engine.validation.inputs import whole
from omc.kit.errors import Refusal

MAX_GROUPS = 100
MAX_SPLITS = 20_000
MAX_BARS = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Bars to fit on and bars to test on, each as ranges in order of time that do not touch.

    `groups` are the numbers of the groups under test, where the span was cut into groups.
    """

    train: tuple[range, ...]
    test: tuple[range, ...]
    groups: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Combinatorial:
    """Every choice of test groups, and the paths that they make.

    `paths[p][g]` is the number of the split whose test of group g belongs to path p: each path is one complete
    out-of-sample history of the span, and each split's test of each group is used in exactly one.
    """

    groups: tuple[range, ...]
    splits: tuple[Split, ...]
    paths: tuple[tuple[int, ...], ...]


def purged_folds(bars: int, folds: int, *, purge: int = 0, embargo: int = 0) -> tuple[Split, ...]:
    """Cut `bars` into equal folds and test on each once, fitting on the others (Lopez de Prado 2018, section 7.4.1).

    The first folds are one bar longer where the cut is uneven. Raises Refusal `bad_count` and `not_enough_history`.
    """
    return combinatorial(bars, folds, 1, purge=purge, embargo=embargo).splits


def combinatorial(bars: int, groups: int, test_groups: int, *, purge: int = 0, embargo: int = 0) -> Combinatorial:
    """Test on every choice of `test_groups` of the groups: C(n, k) splits, C(n - 1, k - 1) paths.

    Combinatorial purged cross-validation (Lopez de Prado 2018, section 12.3); ten groups with eight under test are 45
    splits and 36 paths. Raises Refusal `bad_count`, and `not_enough_history` where a split keeps no bar to fit on.
    """
    _check(bars, purge, embargo)
    whole(groups, "the number of groups", 2, MAX_GROUPS)
    whole(test_groups, "the number of groups under test", 1, groups - 1)
    whole(comb(groups, test_groups), "the number of splits", 1, MAX_SPLITS)
    cuts = _groups(bars, groups)
    chosen = list(combinations(range(groups), test_groups))
    splits = tuple(_split(bars, cuts, one, purge, embargo) for one in chosen)
    return Combinatorial(groups=cuts, splits=splits, paths=_paths(chosen, groups))


def walk_forward_cuts(
    bars: int, *, train: int, test: int, kind: Literal["anchored", "rolling"], purge: int = 0, embargo: int = 0
) -> tuple[Split, ...]:
    """Fit on `train` bars and test on the `test` bars that follow, again and again up to the last bar.

    `anchored` fits on everything from bar 0 on, `rolling` on the newest `train` bars. The last `purge + embargo` bars
    before a test are not fitted on; `train` counts what is left after that. The tests join without a gap and end with
    the last bar, so bars that fill no test are at the beginning. Raises Refusal `bad_count` and `not_enough_history`.
    """
    _check(bars, purge, embargo)
    whole(train, "the number of bars to fit on", 1, MAX_BARS)
    whole(test, "the number of bars of a test", 1, MAX_BARS)
    gap = purge + embargo
    count = (bars - train - gap) // test
    if count < 1:
        text = f"{bars} bars hold no window; {train} to fit on, {gap} left out and {test} to test on need more"
        raise Refusal("not_enough_history", 422, text)
    whole(count, "the number of windows", 1, MAX_SPLITS)
    starts = range(bars - count * test, bars, test)
    reach = train + gap if kind == "rolling" else bars
    return tuple(
        Split(train=(range(max(0, start - reach), start - gap),), test=(range(start, start + test),))
        for start in starts
    )


def _check(bars: int, purge: int, embargo: int) -> None:
    whole(bars, "the number of bars", 2, MAX_BARS)
    whole(purge, "the purge", 0, bars)
    whole(embargo, "the embargo", 0, bars)


def _groups(bars: int, groups: int) -> tuple[range, ...]:
    if bars < groups:
        raise Refusal("not_enough_history", 422, f"{bars} bars cannot be cut into {groups} groups; give fewer groups")
    length, longer = divmod(bars, groups)
    starts = [length * at + min(at, longer) for at in range(groups + 1)]
    return tuple(range(start, end) for start, end in pairwise(starts))


def _split(bars: int, cuts: tuple[range, ...], chosen: tuple[int, ...], purge: int, embargo: int) -> Split:
    test = _joined([cuts[group] for group in chosen])
    free, train = 0, []
    for stretch in test:
        train.append(range(free, stretch.start - purge))
        free = stretch.stop + purge + embargo
    kept = tuple(stretch for stretch in (*train, range(free, bars)) if stretch)
    if not kept:
        text = f"a purge of {purge} and an embargo of {embargo} bars leave nothing to fit on; shorten them, or cut less"
        raise Refusal("not_enough_history", 422, text)
    return Split(train=kept, test=test, groups=chosen)


def _joined(stretches: list[range]) -> tuple[range, ...]:
    """Neighbours become one stretch."""
    joined: list[range] = []
    for stretch in stretches:
        if joined and joined[-1].stop == stretch.start:
            joined[-1] = range(joined[-1].start, stretch.stop)
        else:
            joined.append(stretch)
    return tuple(joined)


def _paths(chosen: list[tuple[int, ...]], groups: int) -> tuple[tuple[int, ...], ...]:
    """Path p takes of each group its p-th test."""
    tests = [[at for at, test in enumerate(chosen) if group in test] for group in range(groups)]
    return tuple(zip(*tests, strict=True))
