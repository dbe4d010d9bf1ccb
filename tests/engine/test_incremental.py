"""Column and bar by bar are one: over the whole table, on generated documents, with the same bits and refusals."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from omc.engine import BarColumns
from omc.engine.evaluation import conditions
from omc.engine.incremental import SPARE, Incremental
from omc.engine.reading import compile_document
from tests.engine.agreement import bar_by_bar, in_columns, rows
from tests.engine.builders import a_document, a_wild_market, bars_of
from tests.engine.generated import compiled, documents, with_inputs

BARS = 600


def test_every_step_of_generated_documents_has_the_same_bits_bar_by_bar() -> None:
    bars, refused = with_inputs(a_wild_market(BARS)), 0
    for raw in [*documents(seed=11, count=60), *documents(seed=11, count=120, beside=True)]:
        program = compiled(raw)
        found, expected = bar_by_bar(program, bars), in_columns(program, bars)
        assert found == expected, raw
        refused += bool(expected[1])
    assert 0 < refused < 90


def test_no_value_changes_when_later_bars_are_cut_or_changed() -> None:
    bars = with_inputs(a_wild_market(BARS))
    other = with_inputs(a_wild_market(BARS, seed=4), seed=7)
    for raw in [*documents(seed=12, count=50), *documents(seed=12, count=100, beside=True)]:
        program = compiled(raw)
        whole = in_columns(program, bars)
        cut = Random(str(raw)).randint(1, BARS - 1)
        begun = in_columns(program, bars.slice(0, cut))
        if begun[1]:
            assert whole == begun, raw  # what is refused early is refused the same with all that came later
            continue
        changed = in_columns(program, spliced(bars, other, cut))
        for one in (whole, changed):
            kept = [(column[: len(head)], head) for column, head in zip(one[0], begun[0], strict=False)]
            assert all(left == right for left, right in kept), raw


def spliced(bars: BarColumns, other: BarColumns, cut: int) -> BarColumns:
    """The first `cut` bars of one market, and then those of another."""
    names = ("open", "high", "low", "close", "volume")
    columns = {name: np.concatenate((getattr(bars, name)[:cut], getattr(other, name)[cut:])) for name in names}
    more = {name: np.concatenate((bars.more[name][:cut], other.more[name][cut:])) for name in bars.more}
    return replace(bars, **columns, more=more)


def test_the_conditions_are_those_of_the_columns_and_warm_when_all_have_a_value() -> None:
    document = a_document(entry="crosses_above(fast, slow)", exit="close < lowest(low, 30) * 1.05")
    program, bars = compile_document(document), a_wild_market(2 * SPARE)
    running = Incremental(program)
    decided = [running.update(bar, ts) for ts, bar in rows(bars)]
    names = ("entry", "exit", "short_entry", "short_exit")
    for name, column in zip(names, conditions(program, bars, names), strict=True):
        assert [getattr(one, name) for one in decided] == column.tolist()
    assert [one.warm for one in decided].index(True) == program.warm_up
    assert any(one.entry for one in decided)
    assert any(one.exit for one in decided)


def test_a_long_life_keeps_no_more_than_its_windows_need() -> None:
    program = compile_document(a_document(entry="close > lag(highest(high, 50), 20)"))
    running, bars = Incremental(program), rows(a_wild_market(3 * SPARE))
    for ts, bar in bars:
        running.update(bar, ts)
    assert running.kept <= (len(program.steps) + 5) * (SPARE + 60)


@pytest.mark.parametrize(
    "written", ["sma(close, 50)", "lag(close, 50)", "stdev(close, 50)", "rsi(close, 50)", "atr(50)"]
)
def test_a_value_reaches_back_as_far_after_the_lists_are_cut(written: str) -> None:
    program = compile_document(a_document(entry=f"{written} > close", exit="close < 0", features={}))
    bars = a_wild_market(3 * SPARE)
    assert bar_by_bar(program, bars) == in_columns(program, bars)


@pytest.mark.parametrize(
    ("entry", "closes", "code", "place"),
    [
        ("1 / (close - 3) > 0", [1.0, 2.0, 3.0, 4.0], "division_by_zero", "/entry:3"),
        ("close * 1e308 > 0", [1.0, 1.0, 50.0], "not_finite", "/entry:7"),
        ("sma(close * 1e307, 2) > 0", [1.0, 10.0, 17.0], "not_finite", "/entry:1"),
        ("log(close - 2) > 0", [5.0, 4.0, 2.0, 7.0], "not_finite", "/entry:1"),
        ("sqrt(close - 2) > 0", [5.0, 4.0, 1.0, 7.0], "not_finite", "/entry:1"),
        ("exp(close) > 0", [5.0, 4.0, 710.0, 7.0], "not_finite", "/entry:1"),
        ("roc(close - 1, 1) > 0", [5.0, 1.0, 7.0, 7.0], "not_finite", "/entry:1"),
    ],
)
def test_a_value_that_is_not_finite_is_refused_live_as_in_the_backtest(
    entry: str, closes: list[float], code: str, place: str
) -> None:
    program, bars = compile_document(a_document(entry=entry, features={}, exit="close < 0")), bars_of(closes)
    expected = in_columns(program, bars)[1]
    assert expected[:2] == [code, place]
    assert "02:00:00" in expected[2]
    assert bar_by_bar(program, bars)[1] == expected
