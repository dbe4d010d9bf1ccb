"""Every indicator: against a plain reading of its definition, on cut data, and at its edges."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.engine.evaluation import evaluate
from omc.engine.expression import compile_program
from omc.engine.indicators import INDICATORS
from omc.engine.operators import Column, Kind, Operator
from omc.engine.program import Program
from omc.kit.errors import Refusal
from tests.engine.builders import a_walk, a_wild_market, bars_of
from tests.engine.generated import call

SMALL = {"slow": 6, "signal": 4, "smooth": 3, "width": 2, "step": 0.02, "limit": 0.2, "short": 3, "long": 8}


def written(operator: Operator, over: str) -> str:
    """How the indicator is written over one expression, with small settings."""
    return call(operator, [over] * len(operator.takes), lambda one: str(SMALL.get(one.name, 5)))


def program_of(expression: str) -> Program:
    wanted = expression if expression.startswith(("rising", "falling")) else "x > 0"
    program, reasons = compile_program(features={"x": expression}, conditions={"entry": wanted}, parameters={})
    assert program is not None, reasons
    return program


def column_of(expression: str, closes: Sequence[float]) -> Column:
    program = program_of(expression)
    return evaluate(program, bars_of(closes), [program.features["x"]])[0]


def mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def deviation(values: Sequence[float]) -> float:
    return math.sqrt(mean([(value - mean(values)) ** 2 for value in values]))


WINDOWED: dict[str, Callable[[Sequence[float]], float]] = {
    "sma(close, 5)": mean,
    "highest(close, 5)": max,
    "lowest(close, 5)": min,
    "stdev(close, 5)": deviation,
    "bollinger_upper(close, 5, 2)": lambda values: mean(values) + 2 * deviation(values),
    "bollinger_middle(close, 5)": mean,
    "bollinger_lower(close, 5, 2)": lambda values: mean(values) - 2 * deviation(values),
}


@pytest.mark.parametrize("expression", WINDOWED)
def test_a_windowed_indicator_is_its_definition_on_each_window(expression: str) -> None:
    closes = a_walk(60).close.tolist()
    expected = [WINDOWED[expression](closes[at - 4 : at + 1]) for at in range(4, 60)]
    found = column_of(expression, closes)
    assert np.isnan(found[:4].astype(float)).all()
    assert found[4:] == pytest.approx(expected, rel=1e-12, abs=1e-9)


def test_ema_starts_at_the_simple_mean_and_moves_by_its_weight() -> None:
    closes = [1.0, 2.0, 3.0, 10.0, 4.0]
    assert column_of("ema(close, 3)", closes).tolist()[2:] == [2.0, 6.0, 5.0]


def test_rsi_of_a_textbook_row() -> None:
    closes = [44.34, 44.09, 44.15, 43.61, 44.33, 44.83, 45.10, 45.42, 45.84, 46.08, 45.89, 46.03, 45.61, 46.28, 46.28]
    assert column_of("rsi(close, 14)", closes)[-1] == pytest.approx(70.46, abs=0.01)


def test_rsi_is_50_where_nothing_moved_and_100_where_nothing_fell() -> None:
    assert column_of("rsi(close, 3)", [5.0] * 6)[-1] == 50
    assert column_of("rsi(close, 3)", [1.0, 2.0, 3.0, 4.0, 5.0])[-1] == 100


def test_atr_is_wilders_mean_of_true_ranges() -> None:
    bars = a_walk(30)
    program = program_of("atr(5)")
    ranges = [
        max(bars.high[at], bars.close[at - 1]) - min(bars.low[at], bars.close[at - 1]) for at in range(1, len(bars))
    ]
    expected = mean(ranges[:5])
    for reach in ranges[5:]:
        expected += (reach - expected) / 5
    assert evaluate(program, bars, [program.features["x"]])[0][-1] == pytest.approx(expected, rel=1e-12)


def test_macd_histogram_is_line_minus_signal() -> None:
    closes = a_walk(80).close.tolist()
    line, signal = column_of("macd(close, 12, 26)", closes), column_of("macd_signal(close, 12, 26, 9)", closes)
    histogram = column_of("macd_histogram(close, 12, 26, 9)", closes)
    assert histogram[33:] == pytest.approx((line - signal)[33:])
    assert signal[33] == pytest.approx(mean(line[25:34].tolist()))


def test_roc_is_in_percent() -> None:
    assert column_of("roc(close, 2)", [100.0, 5.0, 110.0]).tolist()[2] == pytest.approx(10)


@pytest.mark.parametrize("name", INDICATORS)
def test_an_indicator_has_values_exactly_from_its_warm_up_on(name: str) -> None:
    program, bars = program_of(written(INDICATORS[name], "close")), a_wild_market(60)
    column = evaluate(program, bars, [program.features["x"]])[0].astype(float)
    if INDICATORS[name].gives is Kind.NUMBER:
        assert np.flatnonzero(np.isfinite(column))[0] == program.warm_up


@pytest.mark.parametrize("name", INDICATORS)
def test_an_indicator_on_cut_data_has_the_same_bits(name: str) -> None:
    program, bars = program_of(written(INDICATORS[name], "close")), a_wild_market(200)
    slot = [program.features["x"]]
    whole = evaluate(program, bars, slot)[0]
    for cut in (1, 4, 5, 6, 17, 100, 199):
        assert evaluate(program, bars.slice(0, cut), slot)[0].tobytes() == whole[:cut].tobytes()


@pytest.mark.parametrize("name", [name for name, row in INDICATORS.items() if row.takes])
def test_an_indicator_of_an_indicator_waits_for_both(name: str) -> None:
    alone = program_of(written(INDICATORS[name], "close")).warm_up
    assert program_of(written(INDICATORS[name], "ema(close, 7)")).warm_up == alone + 6


@given(st.floats(0.0001, 1e6), st.sampled_from(sorted(WINDOWED)))
def test_a_constant_price_makes_constant_averages(price: float, expression: str) -> None:
    column = column_of(expression, [price] * 50)[4:]
    assert len(set(column.tolist())) == 1
    assert column[0] == pytest.approx(0.0 if expression.startswith("stdev") else price)


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=60), st.integers(1, 70))
def test_highest_and_lowest_hold_every_value_of_their_window(closes: list[float], window: int) -> None:
    high = column_of(f"highest(close, {window})", closes)
    low = column_of(f"lowest(close, {window})", closes)
    for at in range(window - 1, len(closes)):
        seen = closes[at - window + 1 : at + 1]
        assert (high[at], low[at]) == (max(seen), min(seen))


def test_a_jump_of_a_million_leaves_averages_right() -> None:
    closes = [1.0] * 30 + [1e6] + [1.0] * 30
    assert column_of("sma(close, 5)", closes)[-1] == pytest.approx(1.0, rel=1e-9)
    assert column_of("stdev(close, 5)", closes)[-1] == 0


def test_division_by_zero_is_refused_with_place_and_bar() -> None:
    with pytest.raises(Refusal) as refused:
        column_of("1 / (close - 3)", [1.0, 2.0, 3.0, 4.0])
    assert (refused.value.code, refused.value.place) == ("division_by_zero", "/features/x:3")
    assert "2024-01-01 02:00:00 UTC" in refused.value.text


def test_an_overflow_is_refused_with_place_and_bar() -> None:
    with pytest.raises(Refusal) as refused:
        column_of("close * 1e308", [1.0, 1.0, 50.0])
    assert (refused.value.code, refused.value.place) == ("not_finite", "/features/x:7")
    assert "02:00:00" in refused.value.text
