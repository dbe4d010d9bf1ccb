"""Intervals: another program's block lengths, the slow way of doing the same, and how often they hold the truth."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omc.engine import kernels, metrics
from omc.engine.kernels import resampling
from omc.engine.validation import bootstrap
from omc.engine.validation.block_length import block_length
from omc.engine.validation.bootstrap import Interval, intervals, reshuffled
from omc.kit.errors import Refusal

RECORDED = json.loads((Path(__file__).parents[2] / "cases" / "validation" / "block_length.json").read_text())
FACTORS = {"white": 0.0, "ar3": 0.3, "ar7": 0.7, "ar-5": -0.5, "ar95": 0.95}
GAINS = st.lists(st.floats(-0.3, 0.4).map(lambda value: round(value, 4)), min_size=10, max_size=150)
SEED = st.integers(0, 2**32)


def echoing(factor: float, bars: int, seed: int) -> np.ndarray:
    """An autoregression of the first order."""
    values = np.random.default_rng(seed).normal(0, 1, bars)
    for bar in range(1, bars):
        values[bar] += factor * values[bar - 1]
    return values


@pytest.mark.parametrize("row", RECORDED["blocks"])
def test_block_lengths_are_those_of_arch(row: list) -> None:
    name, bars, seed, length = row
    # arch lets a length fall below one bar, which no block can be.
    assert block_length(echoing(FACTORS[name], bars, seed)) == pytest.approx(max(1.0, length), abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(GAINS, SEED, st.floats(1, 10))
def test_a_resample_is_what_its_returns_give_when_they_are_written_out(
    changes: list[float], seed: int, block: float
) -> None:
    returns = np.array(changes)
    starts, lengths = bootstrap._blocks(bootstrap._generator(seed), len(returns), block)
    series = bootstrap._Series.of(returns)
    row = series.figures([(starts, lengths)], 0)
    bars = [(start + at) % len(returns) for start, length in zip(starts, lengths, strict=True) for at in range(length)]
    written = returns[bars[: len(returns)]]
    equity = np.concatenate(([1.0], np.cumprod(1 + written)))
    assert row[0, 0] - 1 == pytest.approx(metrics.total_return(equity), abs=1e-9, rel=1e-9)
    assert row[0, 1] - 1 == pytest.approx(metrics.drawdown(equity).min(), abs=1e-12)
    if np.ptp(written) > 0:
        assert series.sharpes(row)[0] == pytest.approx(metrics.sharpe(written, 1.0), rel=1e-6, abs=1e-9)


@given(SEED, st.integers(1, 400), st.floats(1, 50))
def test_blocks_fill_the_series_and_begin_anywhere(seed: int, bars: int, block: float) -> None:
    starts, lengths = bootstrap._blocks(bootstrap._generator(seed), bars, block)
    assert lengths.sum() >= bars
    assert lengths.min() >= 1
    assert 0 <= starts.min() <= starts.max() < bars


def test_blocks_have_the_length_asked_for() -> None:
    starts, lengths = bootstrap._blocks(bootstrap._generator(1), 1_000_000, 8.0)
    assert lengths.mean() == pytest.approx(8.0, rel=0.01)
    assert np.mean(lengths == 1) == pytest.approx(1 / 8, abs=0.005)  # geometric: one in eight ends at once
    assert starts.mean() == pytest.approx(500_000, rel=0.01)


@settings(max_examples=20, deadline=None)
@given(GAINS, SEED)
def test_compiled_and_plain_kernels_give_the_same_bits(changes: list[float], seed: int) -> None:
    shuffled, drawn = (kernels.chosen(one, kernels.PATIENCE) for one in (resampling.shuffled, resampling.drawn))
    assert kernels.is_compiled(shuffled)
    returns = np.array(changes)
    blocks = [bootstrap._blocks(bootstrap._generator(seed), len(returns), 3.0)]
    series = bootstrap._Series.of(returns)
    plain = series.figures(blocks, 0)
    quick = series.figures(blocks, kernels.ENOUGH)
    assert plain.tobytes() == quick.tobytes()
    draws = np.random.default_rng(seed).random(len(returns))
    lists, arrays = (
        [bootstrap._numbers(one, compiled=compiled) for one in (1 + returns, draws)] for compiled in (False, True)
    )
    assert resampling.shuffled(*lists) == shuffled(*arrays)
    assert list(lists[0]) == list(arrays[0])
    assert sorted(lists[0]) == sorted((1 + returns).tolist())
    assert resampling.drawn(*lists) == drawn(*arrays)


def test_a_long_series_takes_longer_blocks_rather_than_longer() -> None:
    assert bootstrap._affordable(1.0, 1_000_000, 2_000) == 100.0
    assert bootstrap._affordable(3.5, 730, 2_000) == 3.5


def figures(interval: Interval) -> list[float | None]:
    return [interval.low, interval.value, interval.high]


def test_a_seed_gives_these_figures_on_every_python() -> None:
    changes = np.round(np.random.default_rng(4).normal(0.001, 0.02, 365), 6)
    found = intervals(changes, seed=11, per_year=365, sampling="UTC day")
    assert found.block_length == pytest.approx(GOLDEN["block_length"], rel=1e-12)
    for name in ("total_return", "sharpe", "max_drawdown"):
        assert figures(getattr(found, name)) == pytest.approx(GOLDEN[name], rel=1e-9)
    orders = reshuffled(changes[:60], seed=11)
    assert figures(orders.max_drawdown) == pytest.approx(GOLDEN["orders"], rel=1e-9)
    assert figures(orders.total_return) == pytest.approx(GOLDEN["drawn"], rel=1e-9)


GOLDEN: dict = {
    "block_length": 2.307811,
    "total_return": [0.20793500344339505, 1.433273083594588, 3.819846905158824],
    "sharpe": [0.6945868199207669, 2.559330162069604, 4.424392348183099],
    "max_drawdown": [-0.34241684794784955, -0.1522228225642247, -0.10695953428734677],
    "orders": [-0.23756372567975698, -0.12430126957625853, -0.10098646504241698],
    "drawn": [-0.2883622058572965, -0.05289929937061599, 0.28161865489241183],
}


def test_the_middle_is_the_run_itself() -> None:
    changes = np.random.default_rng(5).normal(0.001, 0.02, 500)
    equity = np.concatenate(([1.0], np.cumprod(1 + changes)))
    found = intervals(changes, seed=1, per_year=365, sampling="UTC day", resamples=200)
    assert found.total_return.value == pytest.approx(metrics.total_return(equity))
    assert found.sharpe.value == pytest.approx(metrics.sharpe(changes, 365))
    assert found.max_drawdown.value == pytest.approx(metrics.drawdown(equity).min())
    assert found.sharpe.sampling == "UTC day"
    assert found.sharpe.level == 0.95


def holds_the_truth(factor: float, block: float | None, runs: int = 150) -> float:
    """How often the 90 % interval of the Sharpe ratio holds the true one."""
    held = 0
    true = 0.1 * np.sqrt(1 - factor**2)
    for seed in range(runs):
        changes = 0.01 * (echoing(factor, 600, seed)[100:] + 0.1)
        found = intervals(changes, seed=seed, per_year=1, sampling="bar", resamples=200, level=0.9, block=block).sharpe
        assert found.low is not None
        assert found.high is not None
        held += found.low <= true <= found.high
    return held / runs


def test_an_interval_holds_the_truth_as_often_as_it_says() -> None:
    assert 0.84 <= holds_the_truth(0.0, None) <= 0.96


def test_blocks_are_what_keeps_the_promise_where_returns_echo() -> None:
    assert holds_the_truth(0.6, 1.0) < 0.75
    assert holds_the_truth(0.6, None) > 0.8


@settings(max_examples=40, deadline=None)
@given(GAINS, SEED)
def test_intervals_are_in_order_and_never_nan(changes: list[float], seed: int) -> None:
    found = intervals(np.array(changes), seed=seed, per_year=365, sampling="UTC day", resamples=100)
    orders = reshuffled(np.array(changes), seed=seed, shuffles=100)
    for one in (found.total_return, found.max_drawdown, orders.total_return, orders.max_drawdown, found.sharpe):
        if one.low is None or one.high is None or one.value is None:
            assert (one is found.sharpe) == bool(one.note)
            continue
        assert one.low <= one.high
        assert np.isfinite([one.low, one.value, one.high]).all()
    assert -1 <= (found.max_drawdown.low or 0) <= 0
    assert -1 <= (orders.max_drawdown.low or 0) <= 0
    assert intervals(np.array(changes), seed=seed, per_year=365, sampling="UTC day", resamples=100) == found


def test_another_seed_gives_other_figures() -> None:
    changes = np.random.default_rng(5).normal(0.001, 0.02, 100)
    one, other = (intervals(changes, seed=seed, per_year=1, sampling="bar", resamples=100) for seed in (1, 2))
    assert one.sharpe.low != other.sharpe.low


def test_an_account_that_never_moved_has_no_sharpe_ratio_but_a_return() -> None:
    found = intervals(np.zeros(50), seed=1, per_year=365, sampling="UTC day", resamples=100)
    assert figures(found.total_return) == [0.0, 0.0, 0.0]
    assert figures(found.max_drawdown) == [0.0, 0.0, 0.0]
    assert figures(found.sharpe) == [None, None, None]
    assert "spread" in found.sharpe.note
    assert json.loads(json.dumps(found.plain(), allow_nan=False))["sharpe"]["value"] is None


def test_order_alone_changes_the_drawdown_and_not_the_end() -> None:
    gains = np.array([0.1, -0.05] * 20)
    found = reshuffled(gains, seed=3, shuffles=500)
    assert found.max_drawdown.value == pytest.approx(-0.05)
    assert found.max_drawdown.low is not None
    assert found.max_drawdown.low < -0.1
    assert found.max_drawdown.high is not None
    assert found.max_drawdown.high <= -0.05 + 1e-12  # one loss is the least of all orders
    assert 0 < found.lost < 0.1
    assert json.loads(json.dumps(found.plain(), allow_nan=False))["max_drawdown"]["value"] == found.max_drawdown.value
    only_gains = reshuffled(np.full(10, 0.01), seed=1, shuffles=100)
    assert figures(only_gains.max_drawdown) == [0.0, 0.0, 0.0]
    assert only_gains.lost == 0.0


@pytest.mark.parametrize(
    ("code", "place", "ask"),
    [
        ("too_few_values", "", lambda: intervals(np.array([0.1]), seed=1, per_year=1, sampling="bar")),
        ("not_finite", "/3", lambda: intervals(np.append([0.1] * 3, [np.nan] * 9), seed=1, per_year=1, sampling="bar")),
        ("equity_lost", "/9", lambda: intervals(np.append([0.1] * 9, -1.0), seed=1, per_year=1, sampling="bar")),
        ("not_finite", "", lambda: intervals(np.full(2_000, 9.0), seed=1, per_year=1, sampling="bar")),
        ("bad_share", "", lambda: intervals(np.ones(10), seed=1, per_year=1, sampling="bar", level=1.0)),
        ("bad_count", "", lambda: intervals(np.ones(10), seed=1, per_year=1, sampling="bar", resamples=10**9)),
        ("bad_count", "", lambda: intervals(np.ones(10), seed=-1, per_year=1, sampling="bar")),
        ("bad_count", "", lambda: intervals(np.ones(10), seed=1, per_year=1, sampling="bar", block=0.5)),
        ("bad_count", "", lambda: intervals(np.ones(10), seed=1, per_year=1, sampling="bar", block=float("nan"))),
        ("too_few_values", "", lambda: reshuffled(np.array([0.1]), seed=1)),
        ("equity_lost", "/0", lambda: reshuffled(np.append(-2.0, [0.1] * 9), seed=1)),
        ("not_finite", "/1", lambda: reshuffled(np.array([0.1, np.inf, 0.1, 0.1, 0.1]), seed=1)),
    ],
)
def test_bad_input_is_refused_with_a_sentence(code: str, place: str, ask: Callable[[], object]) -> None:
    with pytest.raises(Refusal) as refused:
        ask()
    assert (refused.value.code, refused.value.place) == (code, place)
    assert len(refused.value.text.split()) > 5
