"""Our statistics against empyrical's, and at the edges where it would answer NaN."""

import warnings
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.engine import kernels, metrics
from omc.engine.kernels import statistics as kernel

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import empyrical

RETURNS = st.lists(st.floats(-0.2, 0.2).map(lambda value: round(value, 6)), min_size=3, max_size=300)
DAY_MS = metrics.DAY_MS


def equity_of(changes: list[float]) -> np.ndarray:
    return 10_000 * np.concatenate(([1.0], np.cumprod(1 + np.asarray(changes))))


@given(RETURNS)
def test_statistics_agree_with_empyrical(changes: list[float]) -> None:
    equity = equity_of(changes)
    returned = metrics.returns(equity)
    assert metrics.total_return(equity) == pytest.approx(empyrical.cum_returns_final(returned), abs=1e-12)
    assert metrics.drawdown(equity).min() == pytest.approx(empyrical.max_drawdown(returned), abs=1e-12)
    assert metrics.volatility(returned, 365) == pytest.approx(empyrical.annual_volatility(returned, annualization=365))
    grown = metrics.annual_growth(metrics.total_return(equity), len(returned) / 365)
    if grown is not None:
        assert grown == pytest.approx(empyrical.annual_return(returned, annualization=365), rel=1e-6, abs=1e-9)


@given(RETURNS)
def test_ratios_agree_with_empyrical(changes: list[float]) -> None:
    returned = np.asarray(changes)
    sharpe, sortino = metrics.sharpe(returned, 365), metrics.sortino(returned, 365)
    if sharpe is not None:
        assert sharpe == pytest.approx(empyrical.sharpe_ratio(returned, annualization=365), rel=1e-9, abs=1e-9)
    if sortino is not None:
        assert sortino == pytest.approx(empyrical.sortino_ratio(returned, annualization=365), rel=1e-9, abs=1e-9)


def test_calmar_agrees_with_empyrical() -> None:
    returned = np.random.default_rng(3).normal(0.001, 0.02, 365)
    equity = equity_of(returned.tolist())
    growth = metrics.annual_growth(metrics.total_return(equity), 1)
    ours = metrics.calmar(growth, float(metrics.drawdown(equity).min()))
    assert ours == pytest.approx(empyrical.calmar_ratio(returned, annualization=365))


def test_what_is_not_defined_is_none_and_never_nan() -> None:
    still, nothing = np.zeros(10), np.array([])
    assert metrics.sharpe(still, 365) is None
    assert metrics.sortino(np.full(10, 0.01), 365) is None
    assert metrics.volatility(nothing, 365) is None
    assert metrics.win_rate(nothing) is None
    assert metrics.profit_factor(np.array([1.0, 2.0])) is None
    assert metrics.calmar(0.1, 0.0) is None
    assert metrics.annual_growth(0.5, 0) is None
    assert metrics.annual_growth(0.5, 0.0001) is None


def test_a_day_ends_with_its_last_bar_and_a_day_without_bars_repeats_the_one_before() -> None:
    ts = np.array([0, DAY_MS // 2, DAY_MS, 3 * DAY_MS], dtype=np.int64)
    assert metrics.daily(ts, np.array([10.0, 11.0, 12.0, 13.0])).tolist() == [10, 11, 12, 12, 13]


def test_win_rate_and_profit_factor_count_closed_positions() -> None:
    pnl = np.array([3.0, -1.0, 0.0, -1.0])
    assert metrics.win_rate(pnl) == 0.25
    assert metrics.profit_factor(pnl) == 1.5


def test_the_longest_drawdown_runs_to_the_end_when_it_is_not_recovered() -> None:
    ts = np.arange(5, dtype=np.int64) * DAY_MS
    curve = metrics.curve_of(np.array([10.0, 11.0, 9.0, 9.0, 10.0]))
    assert metrics.falls(ts, curve) == (9.0 / 11.0 - 1.0, 3 * DAY_MS)


@pytest.mark.parametrize("drift", [-0.002, 0.0, 0.0002, 0.0015, 0.004])
@pytest.mark.parametrize("spread", [0.001, 0.01, 0.03])
def test_falls_from_a_new_high_are_found_wherever_they_lie(drift: float, spread: float) -> None:
    random, compiled = np.random.default_rng(7), kernels.compiled(kernel.__name__)["falls"]
    assert callable(compiled)
    for bars in (2, 3, 64, 65, 66, 130, *random.integers(2, 900, 40).tolist()):
        values = 100.0 * np.exp(np.cumsum(random.normal(drift, spread, bars)))
        first = float(random.choice([values[0], 50.0, 200.0]))
        ts, curve = 60_000 * np.arange(bars) ** 2, metrics.Curve(values=values, scale=1.0, first=first)
        tops = np.maximum.accumulate(curve.whole)
        highs = [int(at) for at in range(bars) if curve.whole[at] == tops[at]]
        waits = [int(ts[then] - ts[at]) for at, then in pairwise([*highs, bars - 1])]
        by_definition = (min(value / top - 1.0 for value, top in zip(curve.whole, tops, strict=True)), max(waits))
        assert kernel.falls(ts.tolist(), values.tolist(), curve.scale, curve.first) == by_definition
        assert compiled(ts, values, curve.scale, curve.first) == by_definition
        assert metrics.falls(ts, curve) == by_definition


@given(st.lists(st.floats(0.5, 1.5), min_size=2, max_size=400), st.integers(1, 40), st.floats(0.9, 1.1))
def test_falls_of_blocks_are_those_of_every_bar(steps: list[float], copies: int, first: float) -> None:
    values = np.tile(np.cumprod(np.repeat(np.asarray(steps), 3)) % 7.0 + 0.1, copies)
    ts, curve = 60_000 * np.arange(len(values)) ** 2, metrics.Curve(values=values, scale=0.3, first=first)
    in_blocks = kernel.falls(ts.tolist(), values.tolist(), curve.scale, curve.first)
    assert in_blocks == metrics.falls(ts, curve)
    assert in_blocks[0] == metrics.drawdown(curve.whole).min()
