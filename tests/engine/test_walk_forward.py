"""The walk-forward test: truly re-fitted, never on what it is tested on, chained into one account."""

import numpy as np
import pytest

from omc.engine import Plan, Settings, simulate, walk_forward
from omc.engine.lifting import lift
from omc.kit.errors import Refusal
from tests.engine.builders import a_document, a_raw_document, a_walk, bars_of

CROSS = {
    "parameters": {"fast_window": 6, "slow_window": 20},
    "features": {"fast": "sma(close, fast_window)", "slow": "sma(close, slow_window)"},
}


@pytest.mark.parametrize("kind", ["anchored", "rolling"])
def test_windows_tile_the_end_of_the_data_and_each_fit_ends_before_its_test(kind: str) -> None:
    bars = a_walk(2_000)
    tested = walk_forward(a_document(**CROSS), bars, Plan(windows=5, kind=kind))  # ty: ignore[invalid-argument-type]
    starts = [window.test_start for window in tested.windows]
    ends = [window.test_end for window in tested.windows]
    assert starts[1:] == ends[:-1]
    assert ends[-1] == int(bars.ts[-1]) + bars.timeframe_ms
    assert all(window.train_end < window.test_start for window in tested.windows)
    lengths = {window.train_end - window.train_start for window in tested.windows}
    assert (len(lengths) == 1) == (kind == "rolling")


def test_what_happens_in_a_test_does_not_change_what_was_fitted_before_it() -> None:
    closes = a_walk(2_000).close.tolist()
    one = walk_forward(a_document(**CROSS), bars_of(closes), Plan(windows=4))
    last = one.windows[-1]
    cut = int(np.searchsorted(bars_of(closes).ts, last.test_start))
    other = walk_forward(a_document(**CROSS), bars_of([*closes[:cut], *closes[cut:][::-1]]), Plan(windows=4))
    assert [window.parameters for window in other.windows] == [window.parameters for window in one.windows]
    assert [window.train_sharpe for window in other.windows] == [window.train_sharpe for window in one.windows]


def test_a_fit_finds_the_parameter_that_the_market_was_made_for() -> None:
    swing = np.tile(np.concatenate((np.linspace(100, 130, 40), np.linspace(130, 100, 40))), 30)
    document = a_document(
        parameters={"n": 20}, features={"before": "lag(close, n)"}, entry="close > before", exit="close < before"
    )
    tested = walk_forward(document, bars_of(swing.tolist()), Plan(windows=3))
    assert {window.parameters["n"] for window in tested.windows} == {10.0}
    assert tested.out_of_sample.equity[-1] > tested.fixed.equity[-1]


def test_the_headline_is_one_account_over_all_tests() -> None:
    tested = walk_forward(a_document(**CROSS), a_walk(2_000), Plan(windows=4))
    result = tested.out_of_sample
    assert result.ts[0] == tested.windows[0].test_start
    assert result.equity[0] == 10_000
    assert "fitted anew in each of 4 anchored windows" in result.assumptions["parameters"]


def test_a_document_without_parameters_has_its_windows_lifted() -> None:
    document = a_document(features={"fast": "sma(close, 5) + lag(close, 5)", "slow": "ema(sma(close, 5), 20)"})
    lifted = lift(document)
    assert set(lifted.parameters.values()) == {5.0, 20.0}
    assert str(lifted.features["fast"]).endswith("lag(close, 5)")
    bars = a_walk(400)
    assert simulate(lifted, bars).equity.tolist() == simulate(document, bars).equity.tolist()


def test_every_parameter_set_that_was_tried_is_counted() -> None:
    assert walk_forward(a_document(**CROSS), a_walk(2_000)).trials == 25


def test_too_little_data_is_refused_with_what_would_do() -> None:
    with pytest.raises(Refusal) as refused:
        walk_forward(a_document(**CROSS), a_walk(150))
    assert refused.value.code == "not_enough_history"
    assert "need about" in refused.value.text


@pytest.mark.parametrize(
    "plan", [Plan(windows=0), Plan(windows=1_000), Plan(train=0), Plan(train=1), Plan(gap_bars=-1)]
)
def test_a_plan_that_cannot_be_is_refused(plan: Plan) -> None:
    with pytest.raises(Refusal, match="a plan has"):
        walk_forward(a_document(**CROSS), a_walk(500), plan)


def test_a_document_without_any_number_to_vary_is_its_own_only_candidate() -> None:
    raw = a_raw_document(features={}, entry="close > open", exit="close < open")
    assert walk_forward(a_document(**raw), a_walk(500)).trials == 1


def test_a_fit_has_the_history_that_sizes_and_stops_are_measured_on() -> None:
    measured = {
        "sizing": {"kind": "volatility_target", "target": "0.5", "window": 120},
        "stops": {"stop": {"kind": "atr", "value": "3"}, "atr_window": 150},
    }
    bars = a_walk(2_000)
    tested = walk_forward(a_document(**CROSS, **measured), bars, Plan(windows=4))
    assert all(np.isfinite(window.train_return) for window in tested.windows)
    assert any(window.train_sharpe for window in tested.windows)
    assert tested.windows[0].train_start == int(bars.ts[150])


def test_a_grid_of_values_is_fitted_instead_of_the_neighbourhood() -> None:
    values = {"fast_window": (2, 3, 5), "slow_window": (8, 12, 30, 40)}
    tested = walk_forward(a_document(**CROSS), a_walk(2_000), Plan(windows=4, values=values))
    assert tested.trials == 12
    assert all(window.parameters["fast_window"] in values["fast_window"] for window in tested.windows)
    plan = tested.out_of_sample.manifest["plan"]
    assert isinstance(plan, dict)
    assert plan["values"] == values
    alone = simulate(a_document(**CROSS), a_walk(2_000), Settings(start=len(a_walk(2_000)) - len(tested.fixed.ts)))
    assert tested.fixed.equity.tolist() == alone.equity.tolist()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"quick": (1.0,)}, "it has: fast_window, slow_window"),
        ({"fast_window": tuple(range(1, 60)), "slow_window": tuple(range(60, 120))}, "at most 2000"),
        ({"fast_window": (0.0,)}, "must be a whole number from 1"),
    ],
)
def test_a_grid_that_cannot_be_is_refused(values: dict[str, tuple[float, ...]], says: str) -> None:
    with pytest.raises(Refusal, match=says):
        walk_forward(a_document(**CROSS), a_walk(2_000), Plan(windows=4, values=values))
