"""Many combinations at once have the figures of each run by itself, bit for bit, by every way they are computed."""

from collections.abc import Callable, Sequence
from random import Random

import numpy as np
import pytest

from omc.engine import BarColumns, Settings, StrategyDocument, kernels, read, simulate
from omc.engine.grid import Side, equities, figures
from omc.engine.kernels import conditions as bits
from omc.engine.kernels import lanes
from omc.engine.market import market_of
from omc.engine.metrics import daily
from omc.engine.reading import compiled_each
from omc.engine.runs import warm_up_of
from omc.engine.terms import terms_of
from omc.kit.errors import Refusal
from tests.engine.builders import a_document, a_traded_market, a_walk, a_wild_market
from tests.engine.generated import documents, with_inputs

CROSS = {
    "parameters": {"fast": 3, "slow": 12},
    "features": {"one": "sma(close, fast)", "two": "sma(close, slow)"},
    "entry": "crosses_above(one, two)",
    "exit": "crosses_below(one, two)",
}
SHORT: dict[str, object] = {
    "short_entry": "one < two - 0.2 * atr(5)",
    "short_exit": "not (one < two) or rsi(close, slow) < 20",
}
GRID = [{"fast": float(fast), "slow": float(slow)} for fast in (2, 3, 5, 12) for slow in (5, 12, 30)]

PLAIN: list[dict[str, object]] = [
    {},
    SHORT,
    {"sizing": {"kind": "fixed", "amount": "700"}},
    {"sizing": {"kind": "fraction", "fraction": "0.1"}, "costs": {"fee_bps": "0", "slippage_bps": "0"}},
    {"sizing": {"kind": "volatility_target", "target": "0.4", "window": 20}, **SHORT},
    {"costs": {"fee_bps": "10", "slippage_bps": "5", "tick": "0.5", "lot": "0.3", "min_notional": "60"}},
    {"costs": {"fee_bps": "10", "slippage_bps": "5", "latency_bars": 7}, **SHORT},
    {"limits": {"max_notional": "500"}},
    {"limits": {"max_share": "0.4"}},
    {"limits": {"max_gross_exposure": "0.3"}},
]
NOT_PLAIN: list[dict[str, object]] = [
    {"stops": {"stop": {"kind": "atr", "value": "1"}, "max_bars": 9}},
    {"costs": {"fee_bps": "10", "slippage_bps": "5", "participation": "0.1", "impact_bps": "10"}},
    {"limits": {"max_drawdown": "0.03"}},
    {"sizing": {"kind": "kelly", "most": "1", "start": "0.5", "after": 3}},
    {"order": {"kind": "limit", "offset_bps": "10", "valid_bars": 3}},
    {"costs": {"fee_bps": "1", "slippage_bps": "0", "funding_bps_per_day": "10"}},
]


def alone(document: StrategyDocument, bars: BarColumns, choice: dict[str, float], span: tuple[int, int]) -> Side | None:
    """What a whole run says, or None where it refuses."""
    try:
        run = simulate(document, bars.slice(0, span[1]), Settings(parameters=choice, start=span[0]))
    except Refusal:
        return None
    return Side(
        sharpe=run.metric("sharpe"),
        total_return=run.metric("total_return") or 0.0,
        max_drawdown=run.metric("max_drawdown") or 0.0,
        closed_positions=int(run.metric("closed_positions") or 0),
    )


def both(kernel: Callable[..., None]) -> tuple[Callable[..., None], Callable[..., None]]:
    """A kernel as it is written, and compiled."""
    quick = kernels.chosen(kernel, kernels.PATIENCE)
    assert kernels.is_compiled(quick)
    return kernel, quick


def hold(document: StrategyDocument, bars: BarColumns, choices: Sequence[dict[str, float]]) -> int:
    """Compare every way, and return how many figures there were."""
    programs = [program for program, _ in compiled_each(document, choices) if program is not None]
    assert len(programs) == len(choices)
    first = warm_up_of(document, programs, market_of(document, bars))
    spans = [(first, len(bars) // 2), (first, len(bars)), (len(bars) // 2 + 3, len(bars))]
    expected = [[alone(document, bars, choice, span) for span in spans] for choice in choices]
    longer = any(step.inner is not None for step in programs[0].steps)  # computed one program after the other
    for shared in {not longer, False}:
        found = list(figures(document, bars, programs, spans, shared=shared))
        for sides, known in zip(found, expected, strict=True):
            # A step that is not finite somewhere fails every span: a run by itself may have ended before.
            assert sides in (known, [None] * 3)
    return sum(side is not None for sides in expected for side in sides)


@pytest.mark.parametrize("change", PLAIN, ids=str)
def test_a_plain_account_has_the_figures_of_a_whole_run(change: dict[str, object]) -> None:
    document = a_document(**CROSS, **change)
    assert lanes.is_plain(terms_of(document).tolist())
    assert hold(document, a_traded_market(3_000), GRID) > 30
    assert hold(document, a_wild_market(1_500), GRID) > 20


@pytest.mark.parametrize("change", NOT_PLAIN, ids=str)
def test_any_other_account_has_them_too(change: dict[str, object]) -> None:
    document = a_document(**CROSS, **change)
    assert not lanes.is_plain(terms_of(document).tolist())
    assert hold(document, a_traded_market(1_000), GRID) > 30


@pytest.mark.parametrize("change", [PLAIN[1], NOT_PLAIN[0]], ids=str)
def test_the_equity_at_the_ends_of_days_is_that_of_a_whole_run(change: dict[str, object]) -> None:
    document, bars = a_document(**CROSS, **change), a_traded_market(3_000)
    programs = [program for program, _ in compiled_each(document, GRID) if program is not None]
    curves = equities(document, bars, programs, (40, 2_000))
    for choice, curve in zip(GRID, curves, strict=True):
        run = simulate(document, bars.slice(0, 2_000), Settings(parameters=choice, start=40))
        assert curve is not None
        assert curve.tobytes() == daily(run.ts, run.equity).tobytes()


def test_generated_documents_have_the_figures_of_a_whole_run() -> None:
    random, held = Random(5), 0
    for seed, raw in enumerate(documents(seed=11, count=40)):
        bars = a_wild_market(random.choice([400, 1_000]), seed=seed)
        held += hold(read(raw), bars, [{"window_1": float(window)} for window in (5, 2, 9)])
    assert held > 100


def test_documents_with_inputs_and_longer_bars_have_them_too() -> None:
    held = 0
    for seed, raw in enumerate(documents(seed=13, count=25, beside=True)):
        bars = with_inputs(a_wild_market(1_600, seed=seed), seed=seed)
        held += hold(read(raw), bars, [{"window_1": float(window)} for window in (5, 2)])
    assert held > 60


def test_a_series_of_several_blocks_has_the_same_figures() -> None:
    document, bars = a_document(**CROSS, **SHORT), a_walk(70_000)
    choices = [{"fast": float(fast), "slow": 40.0} for fast in (2, 3, 4)]
    assert hold(document, bars, choices) == 9


def test_plain_python_gives_the_bits_of_compiled_code() -> None:
    random = np.random.default_rng(4)
    numbers = np.round(random.normal(0, 1, (3, 900)), 1)
    steps = np.asarray(
        [(bits.COMPARE, 2, 0, 1, 0), (bits.COMPARE, 4, 1, 2, 0)]
        + [(operation, 5 + operation, 2, 4, 100 * operation) for operation in range(1, 5)]
    )
    rows, kept = np.arange(2, 10), [np.zeros((8, 40), np.int64) for _ in range(2)]
    for decide, keep, target in zip(both(bits.decide), both(bits.keep), kept, strict=True):
        words = np.zeros((10, 26), dtype=np.int64)
        decide(numbers, words, steps, 20, 320, 25)
        keep(words, rows, target, 10, 25)
    assert kept[0].any(axis=1).all()
    assert kept[0].tobytes() == kept[1].tobytes()


def test_a_plain_account_in_plain_python_has_the_bits_of_the_compiled_one() -> None:
    bars = a_wild_market(640)
    random = np.random.default_rng(8)
    conditions = tuple(random.integers(0, 2**32, (3, 20)) & random.integers(0, 2**32, (3, 20)) for _ in range(4))
    ahead = np.lib.stride_tricks.sliding_window_view(bars.close, lanes.STRIDE)
    extremes = ahead.max(axis=1), ahead.min(axis=1)
    market = (bars.open, bars.close, *extremes)
    spans, days = np.asarray([(7, 333, 0, 2), (100, 640, 2, 5)]), np.asarray([50, 332, 111, 300, 639])
    terms = np.asarray(terms_of(a_document(**PLAIN[5])))
    ways = []
    for trade in both(lanes.trade):
        found, curves = np.zeros((3, 2 * lanes.FIGURES)), np.zeros((3, 5))
        stretches = np.zeros(700, np.int64), np.full(700, 10_000.0), np.zeros(700), np.zeros(700, np.int64)
        trade(market, conditions, spans, days, np.asarray([0.3]), terms, stretches, found, curves)
        ways.append(found.tobytes() + curves.tobytes())
    assert found[:, lanes.CLOSED].min() > 5
    assert ways[0] == ways[1]
