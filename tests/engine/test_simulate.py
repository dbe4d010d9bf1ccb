"""The simulated account: what a fill costs, what is conserved, what is refused, and that a result is pinned."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omc.engine import Result, Settings, StrategyDocument, signals, simulate
from omc.kit.errors import Refusal
from tests.engine.builders import HOUR_MS, START_MS, a_document, a_walk, bars_of
from tests.engine.documents import documents


def run(document: StrategyDocument, seed: int) -> Result | None:
    try:
        return simulate(document, a_walk(150, seed=seed))
    except Refusal as refused:
        assert refused.code in {"not_enough_history", "account_lost"}  # noqa: PT017 - either outcome is right
        return None


@settings(max_examples=50)
@given(documents(), st.integers(0, 2**32 - 1))
def test_equity_is_cash_in_minus_cash_out_plus_what_is_held(document: StrategyDocument, seed: int) -> None:
    result = run(document, seed)
    if result is None:
        return
    cash = float(document.capital) - float(np.sum(result.fills.quantity * result.fills.price + result.fills.fee))
    held = 0.0 if result.open is None else result.open.value
    assert result.equity[-1] == pytest.approx(cash + held, rel=1e-9)


@settings(max_examples=50)
@given(documents(), st.integers(0, 2**32 - 1))
def test_closed_positions_and_the_open_one_add_up_to_the_whole_gain(document: StrategyDocument, seed: int) -> None:
    result = run(document, seed)
    if result is None:
        return
    gain = float(result.closed.pnl.sum())
    if result.open is not None:
        signed = result.open.quantity if result.open.side == "long" else -result.open.quantity
        gain += result.open.value - signed * result.open.entry - float(result.fills.fee[-1])
    assert result.equity[-1] - float(document.capital) == pytest.approx(gain, rel=1e-9, abs=1e-6)


@settings(max_examples=50)
@given(documents(), st.integers(0, 2**32 - 1))
def test_the_account_wants_what_paper_and_live_trading_decide(document: StrategyDocument, seed: int) -> None:
    result = run(document, seed)
    if result is None:
        return
    decisions = signals(document, a_walk(150, seed=seed))
    assert result.wanted.tolist() == decisions.wanted[decisions.first :].tolist()


@settings(max_examples=50)
@given(documents(), st.integers(0, 2**32 - 1))
def test_the_same_run_twice_has_the_same_hash(document: StrategyDocument, seed: int) -> None:
    one, two = run(document, seed), run(document, seed)
    assert (one and one.result_hash) == (two and two.result_hash)


@settings(max_examples=50)
@given(documents(), st.integers(0, 2**32 - 1))
def test_higher_fees_never_leave_more(document: StrategyDocument, seed: int) -> None:
    cheap = run(document.model_copy(update={"costs": a_document(costs=_costs(0)).costs}), seed)
    dear = run(document.model_copy(update={"costs": a_document(costs=_costs(50)).costs}), seed)
    if cheap is not None and dear is not None:
        assert dear.equity[-1] <= cheap.equity[-1] * (1 + 1e-12)


def _costs(fee_bps: int) -> dict[str, object]:
    return {"fee_bps": fee_bps, "slippage_bps": 0}


ALWAYS = {"features": {}, "entry": "close > 0", "exit": "false"}


def test_an_order_fills_at_the_next_open_that_there_is_and_nowhere_inside_a_gap() -> None:
    document = a_document(features={}, entry="close > 10", exit="false", costs={"fee_bps": 0, "slippage_bps": 0})
    bars = bars_of([9, 11, 50, 50, 12], opens=[9, 9, 50, 50, 13], missing=[2, 3])
    result = simulate(document, bars)
    assert result.fills.ts.tolist() == [START_MS + 4 * HOUR_MS]
    assert result.fills.price.tolist() == [13]


def test_the_last_decision_stays_pending() -> None:
    document = a_document(features={}, entry="close > 10", exit="false")
    result = simulate(document, bars_of([9, 9, 9, 11]))
    assert (result.pending, len(result.fills.ts)) == ("long", 0)


def test_holding_equals_a_strategy_that_always_holds() -> None:
    result = simulate(a_document(**ALWAYS), a_walk(200))
    assert result.equity == pytest.approx(result.hold, rel=1e-12)


def test_no_trade_leaves_the_capital_and_says_why_figures_are_missing() -> None:
    result = simulate(a_document(features={}, entry="close < 0", exit="true"), a_walk(100))
    assert set(result.equity.tolist()) == {10_000.0}
    notes = {metric.name: metric.note for metric in result.metrics if metric.value is None}
    assert notes["win_rate"] == "no position was closed"
    assert notes["sharpe"] == "the daily equity did not move"


def test_a_constant_price_gives_figures_or_reasons_and_never_nan() -> None:
    result = simulate(a_document(**ALWAYS), bars_of([100.0] * 100))
    assert all(metric.value is not None or metric.note for metric in result.metrics)
    assert all(np.isfinite(metric.value) for metric in result.metrics if metric.value is not None)


def test_two_bars_are_enough_where_nothing_warms_up() -> None:
    assert len(simulate(a_document(**ALWAYS), bars_of([1.0, 2.0])).equity) == 2


def test_more_history_than_there_is_is_refused_at_the_hungriest_place() -> None:
    with pytest.raises(Refusal) as refused:
        simulate(a_document(features={"fast": "sma(close, 3)", "slow": "sma(close, 800)"}), a_walk(500))
    assert (refused.value.code, refused.value.place) == ("not_enough_history", "/features/slow:1")
    assert "800" in refused.value.text


def test_a_declared_warm_up_longer_than_the_data_is_refused_at_its_place() -> None:
    with pytest.raises(Refusal) as refused:
        simulate(a_document(warm_up_bars=1_000), a_walk(500))
    assert refused.value.place == "/warm_up_bars"


def test_a_short_that_loses_everything_is_refused_with_the_bar() -> None:
    sides = {"entry": "false", "exit": "true", "short_entry": "close > 0", "short_exit": "false"}
    with pytest.raises(Refusal) as refused:
        simulate(a_document(features={}, **sides), bars_of([10.0, 10.0, 15.0, 1e6]))
    assert refused.value.code == "account_lost"
    assert "03:00:00" in refused.value.text


def test_a_short_gains_when_the_price_falls() -> None:
    sides = {"entry": "false", "exit": "true", "short_entry": "close > 9", "short_exit": "close < 6"}
    free = {"fee_bps": 0, "slippage_bps": 0}
    result = simulate(a_document(features={}, costs=free, **sides), bars_of([10.0, 10.0, 8.0, 5.0, 5.0]))
    assert result.closed.side.tolist() == [-1]
    assert result.closed.pnl.tolist() == [pytest.approx(5_000)]


def test_bars_before_the_start_only_warm_up() -> None:
    bars = a_walk(300)
    late = simulate(a_document(), bars, Settings(start=200))
    assert late.ts[0] == bars.ts[200]
    assert late.equity[0] == 10_000


@pytest.mark.parametrize(
    "change",
    [
        {"entry": "fast > slow"},
        {"exit": "fast < slow - 1"},
        {"features": {"fast": "sma(close, 4)", "slow": "sma(close, 8)"}},
        {"sizing": {"kind": "fraction", "fraction": "0.5"}},
        {"costs": {"fee_bps": "20", "slippage_bps": "5"}},
        {"costs": {"fee_bps": "10", "slippage_bps": "20"}},
        {"capital": "5000"},
        {"warm_up_bars": 100},
        {"short_entry": "fast < slow", "short_exit": "fast > slow"},
    ],
    ids="+".join,
)
def test_every_setting_changes_the_result(change: dict[str, object]) -> None:
    bars = a_walk(300)
    plain, changed = simulate(a_document(), bars), simulate(a_document(**change), bars)
    assert changed.equity.tolist() != plain.equity.tolist()
    assert changed.result_hash != plain.result_hash


def test_parameters_of_the_run_replace_those_of_the_document_and_are_printed() -> None:
    document = a_document(parameters={"n": 8}, features={"fast": "sma(close, 3)", "slow": "sma(close, n)"})
    bars = a_walk(300)
    changed = simulate(document, bars, Settings(parameters={"n": 20}))
    assert changed.assumptions["parameters"] == "n = 20"
    assert changed.equity[-1] != simulate(document, bars).equity[-1]


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(Refusal, match="no parameter `m`"):
        simulate(a_document(), a_walk(300), Settings(parameters={"m": 20}))


def test_every_effective_assumption_is_printed() -> None:
    bars = bars_of(a_walk(100).close.tolist(), missing=[50, 51, 70])
    said = simulate(a_document(), bars).assumptions
    assert said["fee"].startswith("10 bps")
    assert said["slippage"].startswith("5 bps")
    assert said["missing"] == "3 bars are missing in 2 gaps, the longest of 2 bars"
    assert said["warm_up"].startswith("8 bars are needed")
    assert {"decision", "order", "stops", "funding", "liquidity", "end", "benchmark", "short", "capital"} <= set(said)


def test_a_span_after_the_end_of_the_data_is_refused_as_such() -> None:
    with pytest.raises(Refusal, match="fewer than two bars"):
        simulate(a_document(), a_walk(300), Settings(start=300))
