"""Entries at random that trade as much as the strategy, and what cash and holding would have earned."""

import json
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omc.engine.validation import benchmarks
from omc.engine.validation.benchmarks import cash_return, holding_return, random_entries
from omc.kit.errors import Refusal
from omc.ledgers.columns import BarColumns, bar_columns

DAY_MS = 86_400_000
WANTED = st.lists(st.sampled_from([-1, 0, 0, 1]), min_size=4, max_size=60)


def market(closes: np.ndarray) -> BarColumns:
    opened = np.concatenate((closes[:1], closes[:-1]))
    return bar_columns(
        ts=DAY_MS * np.arange(len(closes)),
        open=opened,
        high=np.maximum(opened, closes),
        low=np.minimum(opened, closes),
        close=closes,
        volume=np.ones(len(closes)),
        timeframe_ms=DAY_MS,
    )


def walk(bars: int, seed: int = 1, spread: float = 0.02) -> BarColumns:
    return market(100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, spread, bars))))


def positions(values: list[int]) -> np.ndarray:
    return np.array(values, dtype=np.int8)


def traded(wanted: np.ndarray) -> int:
    """Units bought or sold, both ends flat."""
    return int(np.abs(np.diff(wanted, prepend=0, append=0)).sum())


def stretches(wanted: np.ndarray) -> list[tuple[int, int]]:
    edges = [0, *(np.flatnonzero(np.diff(wanted)) + 1).tolist(), len(wanted)]
    return [(int(wanted[a]), b - a) for a, b in pairwise(edges) if wanted[a]]


@settings(deadline=None)
@given(WANTED, st.integers(0, 2**32))
def test_a_random_run_trades_as_much_and_holds_as_long(values: list[int], seed: int) -> None:
    wanted = positions(values)
    holdings = benchmarks._Holdings.of(wanted)
    generator = np.random.Generator(np.random.PCG64(seed))
    for starts, lengths in benchmarks._layouts(holdings, generator, 20):
        for row, sizes in zip(starts, lengths, strict=True):
            placed = np.zeros(len(wanted), dtype=np.int8)
            for side, start, length in zip(holdings.sides, row, sizes, strict=True):
                assert not placed[start : start + length].any()
                placed[start : start + length] = side
            assert traded(placed) == traded(wanted)
            assert sorted(stretches(placed)) == sorted(stretches(wanted))


@given(WANTED, st.floats(0, 0.01))
def test_what_positions_earn_is_what_a_ledger_by_hand_says(values: list[int], cost: float) -> None:
    wanted, bars = positions(values), walk(len(values))
    cash, side, units = 1.0, 0, 0.0
    for bar in range(len(bars)):
        last = bar == len(bars) - 1
        price = bars.close[-1] if last else bars.open[bar + 1]
        target = 0 if last else wanted[bar]
        if target != side:
            cash += units * price - cost * abs(units) * price
            side, units = target, target * cash / price
            cash -= units * price + cost * abs(units) * price
    found = random_entries(bars, wanted, cost=cost, seed=1, runs=100)
    assert found.own == pytest.approx(cash - 1, abs=1e-9)
    assert found.positions == len(stretches(wanted[:-1]))
    assert found.bars_held == np.count_nonzero(wanted[:-1])


def test_a_seed_gives_the_same_runs_and_another_gives_others() -> None:
    bars = walk(300)
    wanted = positions(np.random.default_rng(2).integers(-1, 2, 300).tolist())
    one, again, other = (random_entries(bars, wanted, cost=0.001, seed=seed).returns for seed in (3, 3, 4))
    assert one.tobytes() == again.tobytes()
    assert one.tobytes() != other.tobytes()


def test_these_runs_are_drawn_on_every_python() -> None:
    wanted = positions([1, 1, 0, 0, -1, 0, 1, 0, 0, 0] * 3)
    found = random_entries(market(100 + 10 * np.sin(np.arange(30.0))), wanted, cost=0.001, seed=5, runs=100)
    assert found.p_value == pytest.approx(P_VALUE)
    assert found.returns[:3] == pytest.approx(FIRST, rel=1e-9)


P_VALUE = 37 / 101
FIRST = [-0.440940367297734, 0.17848552489040137, -0.19933681583359875]


def test_knowing_the_future_is_told_from_chance() -> None:
    bars = walk(400)
    filled = benchmarks._prices(bars)
    seer = positions((np.diff(filled, append=filled[-1]) > 0).astype(int).tolist())
    found = random_entries(bars, seer, cost=0.0, seed=1)
    assert found.p_value == pytest.approx(1 / 1_001)
    told = json.loads(json.dumps(found.plain(), allow_nan=False))
    assert (told["own"], told["runs"]) == (found.own, 1_000)
    assert told["returns"]["p50"] == np.median(found.returns)
    fool = random_entries(bars, 1 - seer, cost=0.0, seed=1)
    assert fool.p_value == 1.0


def test_entries_without_skill_look_like_chance() -> None:
    """Of strategies that enter at random, one in ten is among the best tenth."""
    bars = walk(400)
    low = 0
    for seed in range(200):
        blocks = np.random.default_rng(seed).integers(0, 2, 40)
        found = random_entries(bars, positions(np.repeat(blocks, 10).tolist()), cost=0.001, seed=seed, runs=200)
        assert found.p_value is not None
        low += found.p_value <= 0.1
    assert 8 <= low <= 34


def test_a_rising_market_is_no_proof_of_timing() -> None:
    """Being long in a rise earns, and so does being long at random: what counts is when."""
    bars = market(100 * 1.01 ** np.arange(300.0))
    found = random_entries(bars, positions(([1] * 7 + [0] * 8) * 20), cost=0.001, seed=1)
    assert found.own > 1
    assert found.p_value is not None
    assert found.p_value > 0.9


@pytest.mark.parametrize("values", [[0] * 50, [0] * 49 + [1], [1] * 50, [-1] * 50, [1, -1] * 25])
def test_positions_that_cannot_be_elsewhere_have_no_p_value_but_a_sentence(values: list[int]) -> None:
    found = random_entries(walk(50), positions(values), cost=0.001, seed=1)
    assert found.p_value is None
    assert len(found.note.split()) > 8
    assert found.returns == pytest.approx(np.full(1_000, found.own))


def test_a_short_that_loses_more_than_all_ends_with_nothing() -> None:
    bars = market(np.array([100.0, 100, 100, 100, 500, 500]))
    assert random_entries(bars, positions([-1, -1, -1, -1, 0, 0]), cost=0.0, seed=1).own == -1.0


def test_holding_pays_both_fills_and_cash_its_rate() -> None:
    bars = market(np.array([100.0, 110, 120, 150]))
    assert holding_return(bars, cost=0.0) == pytest.approx(0.5)  # bought at the second open, 100
    assert holding_return(bars, cost=0.01) == pytest.approx(0.5 - 0.01 - 0.015)
    year = market(np.full(365, 100.0))
    assert cash_return(year, 0.04) == pytest.approx(0.04)
    assert cash_return(year) == 0.0
    assert holding_return(year, cost=0.0) == 0.0


FLAT = positions([0, 1, 0, 1, 0])
FIVE = walk(5)
JUMPS = market(10.0 ** (12 * (np.arange(160) // 2 % 2)))


def with_close(price: float) -> BarColumns:
    return BarColumns(
        ts=FIVE.ts,
        open=FIVE.open,
        high=FIVE.high,
        low=FIVE.low,
        close=np.array([100.0, 100.0, price, 100.0, 100.0]),
        volume=FIVE.volume,
        timeframe_ms=DAY_MS,
    )


@pytest.mark.parametrize(
    ("code", "ask"),
    [
        ("too_few_values", lambda: random_entries(walk(1), FLAT[:1], cost=0.0, seed=1)),
        ("not_finite", lambda: random_entries(with_close(float("nan")), FLAT, cost=0.0, seed=1)),
        ("not_finite", lambda: random_entries(JUMPS, positions([0, 1, 0, 0] * 40), cost=0.0, seed=1)),
        ("bad_price", lambda: holding_return(with_close(0.0), cost=0.0)),
        ("bad_positions", lambda: random_entries(FIVE, 2 * FLAT, cost=0.0, seed=1)),
        ("bad_cost", lambda: random_entries(FIVE, FLAT, cost=-0.1, seed=1)),
        ("bad_cost", lambda: holding_return(FIVE, cost=float("nan"))),
        ("bad_count", lambda: random_entries(FIVE, FLAT, cost=0.0, seed=1, runs=1)),
        ("bad_rate", lambda: cash_return(FIVE, -1.0)),
    ],
)
def test_bad_input_is_refused_with_a_sentence(code: str, ask: Callable[[], object]) -> None:
    with pytest.raises(Refusal) as refused:
        ask()
    assert refused.value.code == code
    assert len(refused.value.text.split()) > 5
