"""The search over parameters: train beside test, nothing tried twice, nothing refused in silence."""

import tracemalloc
from pathlib import Path

import pytest

from omc.engine import Settings, simulate
from omc.engine.sweep import MAX_COMBINATIONS, Search, combinations, plan, sweep, values_of
from omc.engine.sweep_file import kept_in, rows_in
from omc.engine.watch import Watch
from omc.kit.errors import Refusal
from tests.engine.builders import a_document, a_walk

CROSS = a_document(
    parameters={"fast": 3, "slow": 12}, features={"one": "sma(close, fast)", "two": "sma(close, slow)"},
    entry="crosses_above(one, two)", exit="crosses_below(one, two)",
)  # fmt: skip
GRID = Search(values={"fast": (2, 3, 4), "slow": (8, 12)})


@pytest.mark.parametrize(
    ("text", "name", "values"),
    [
        ("fast=10:50:20", "fast", (10, 30, 50)),
        ("fast=10:55:20", "fast", (10, 30, 50)),
        ("width = 0.1:0.3:0.1", "width", (0.1, 0.2, 0.3)),
        ("n=5,3,5", "n", (5, 3)),
        ("n=7", "n", (7,)),
    ],
)
def test_a_range_is_read_as_a_person_means_it(text: str, name: str, values: tuple[float, ...]) -> None:
    assert values_of(text) == (name, values)


@pytest.mark.parametrize(
    "text", ["fast", "fast=", "fast=1:2", "fast=9:1:1", "fast=1:9:0", "fast=a,b", "n=nan", "n=1:1e9:1"]
)
def test_what_is_no_range_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(Refusal, match="fast=10:50:5"):
        values_of(text)


def test_both_sides_are_what_a_run_on_each_part_finds() -> None:
    bars = a_walk(600)
    planned = plan(CROSS, bars, GRID)
    found = sweep(planned)
    assert (planned.first, planned.split) == (12, 12 + int(588 * 0.7))
    assert (found.trials, found.left, len(found.rows)) == (6, 0, 6)
    for row in found.rows:
        train = simulate(CROSS, bars.slice(0, planned.split), Settings(parameters=row.parameters, start=12))
        test = simulate(CROSS, bars, Settings(parameters=row.parameters, start=planned.split))
        assert row.train is not None
        assert row.test is not None
        assert (row.train.sharpe, row.test.sharpe) == (train.metric("sharpe"), test.metric("sharpe"))
        assert row.test.closed_positions == test.metric("closed_positions")
    sharpes = [row.test.sharpe for row in found.rows if row.test and row.test.sharpe is not None]
    assert sharpes == sorted(sharpes, reverse=True)


def test_what_happens_in_the_test_does_not_change_the_training() -> None:
    one = sweep(plan(CROSS, a_walk(600), GRID))
    two_walks = a_walk(600)
    two_walks.close.flags.writeable = True
    planned = plan(CROSS, two_walks, GRID)
    two_walks.close[planned.split :] *= 1.5
    other = sweep(planned)
    by_parameters = [{str(row.parameters): row.train for row in found.rows} for found in (one, other)]
    assert by_parameters[0] == by_parameters[1]
    assert {row.test for row in one.rows} != {row.test for row in other.rows}


def test_a_refused_combination_is_listed_with_its_reason() -> None:
    found = sweep(plan(CROSS, a_walk(600), Search(values={"fast": (0, 3)})))
    assert [dict(row.parameters) for row in found.rows] == [{"fast": 3}]
    assert [dict(row.parameters) for row in found.refused] == [{"fast": 0}]
    assert "/features/one" in found.refused[0].refused
    assert "must be a whole number from 1" in found.refused[0].refused
    assert found.trials == 2


def test_a_stopped_search_goes_on_where_it_was(tmp_path: Path) -> None:
    file, bars = tmp_path / "sweep.jsonl", a_walk(600)
    whole = sweep(plan(CROSS, bars, GRID))
    told: list[int] = []
    watch = Watch(told=lambda done, total, what: told.append(done), stopped=lambda: len(told) >= 2)
    with kept_in(file) as keep:
        part = sweep(plan(CROSS, bars, GRID), keep=keep, watch=watch)
    assert (part.trials, part.left) == (2, 4)
    with file.open("a") as torn:
        torn.write('{"key": "half a li')
    fresh: list[str] = []
    with kept_in(file) as keep:
        again = sweep(
            plan(CROSS, bars, GRID), known=rows_in(file), keep=lambda row: (fresh.append(row.key), keep(row))[1]
        )
    assert len(fresh) == 4
    assert again == whole
    assert set(rows_in(file)) == {row.key for row in whole.rows}


def test_rows_of_other_data_another_document_or_another_split_are_not_taken_over() -> None:
    keys = {
        row.key
        for planned in (
            plan(CROSS, a_walk(600), GRID),
            plan(CROSS, a_walk(600, seed=2), GRID),
            plan(CROSS, a_walk(600), Search(values=GRID.values, train=0.5)),
            plan(CROSS.model_copy(update={"exit": "close < one"}), a_walk(600), GRID),
        )
        for row in planned.tries
    }
    assert len(keys) == 4 * 6


def test_a_random_sample_is_part_of_the_grid_and_the_same_again_with_its_seed() -> None:
    values = {"fast": tuple(range(2, 40)), "slow": tuple(range(40, 90))}
    one, same, other = (combinations(CROSS, Search(values=values, sample=30, seed=seed)) for seed in (1, 1, 2))
    assert one == same != other
    assert len({tuple(row.items()) for row in one}) == 30
    grid = combinations(CROSS, Search(values=values))
    assert all(row in grid for row in one)


@pytest.mark.parametrize(
    ("search", "says"),
    [
        (Search(values={"quick": (1,)}), "it has: fast, slow"),
        (Search(values={}), "nothing is varied"),
        (Search(values={"fast": tuple(range(200)), "slow": tuple(range(200))}), "use larger steps or a sample"),
        (Search(values={"fast": (3,)}, sample=0), f"1 to {MAX_COMBINATIONS}"),
        (Search(values={"fast": (3,)}, train=0.99), "training and test need 20 bars each"),
        (Search(values={"fast": (0,)}), "no combination can run"),
    ],
)
def test_a_search_that_cannot_be_is_refused(search: Search, says: str) -> None:
    with pytest.raises(Refusal, match=says):
        plan(CROSS, a_walk(400), search)


def test_memory_does_not_grow_with_the_number_of_combinations() -> None:
    bars, peaks = a_walk(2_000), []
    for slows in (1, 30, 60):  # the first one loads what is loaded once
        values = {"fast": tuple(range(2, 32)), "slow": tuple(range(40, 40 + slows))}
        planned = plan(CROSS, bars, Search(values=values))
        tracemalloc.start()
        sweep(planned)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] - peaks[1] < 900 * 4_000, peaks
