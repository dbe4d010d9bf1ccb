"""What a result bears: late entries, higher costs, parameters a little beside; each against a run done by hand."""

import numpy as np
import pytest

from omc.engine import Settings, simulate
from omc.engine.validation.robustness import DELAYS, MAX_MULTIPLE, MULTIPLIERS, robustness
from omc.engine.watch import Watch
from omc.kit.errors import Refusal
from tests.engine.builders import a_document, a_walk, bars_of

SWING = np.tile(np.concatenate((np.linspace(100, 130, 40), np.linspace(130, 100, 40))), 12)
TREND = {
    "parameters": {"n": 10},
    "features": {"before": "lag(close, n)"},
    "entry": "close > before",
    "exit": "close < before",
}


def test_a_late_entry_pays_the_open_of_as_many_bars_later() -> None:
    bars = bars_of(SWING.tolist())
    document = a_document(**TREND)
    own = simulate(document, bars)
    found = robustness(document, bars)
    assert [one.bars for one in found.delays] == list(DELAYS)
    gained = [own.metric("total_return") or 0, *(one.total_return or 0 for one in found.delays)]
    assert gained == sorted(gained, reverse=True), "each bar of a rise that is missed costs"
    assert len(set(gained)) == 4
    assert {one.closed_positions for one in found.delays} == {len(own.closed.pnl)}


def test_an_entry_whose_exit_came_meanwhile_is_left_out() -> None:
    closes = [100.0] * 20 + [101, 100] * 20
    document = a_document(features={}, entry="close > lag(close, 1)", exit="close < lag(close, 1)")
    assert len(simulate(document, bars_of(closes)).fills.ts) > 0
    found = robustness(document, bars_of(closes))
    assert [one.closed_positions for one in found.delays] == [0, 0, 0]


def test_the_surface_holds_the_returns_at_multiples_of_the_costs() -> None:
    document, bars = a_document(**TREND), bars_of(SWING.tolist())
    surface = robustness(document, bars).costs
    assert (surface.fees, surface.slippages) == (MULTIPLIERS, MULTIPLIERS)
    double = a_document(**TREND, costs={"fee_bps": "20", "slippage_bps": "2.5"})
    at = surface.returns[MULTIPLIERS.index(2.0)][MULTIPLIERS.index(0.5)]
    assert at == simulate(double, bars).metric("total_return")
    flat = [value for row in surface.returns for value in row if value is not None]
    assert max(flat) == surface.returns[0][0]
    assert min(flat) == surface.returns[-1][-1]


def test_at_the_break_even_nothing_is_left_and_a_little_beyond_it_something_is_lost() -> None:
    bars = bars_of((SWING[:400] + np.random.default_rng(1).normal(0, 3, 400)).tolist())
    surface = robustness(a_document(**TREND), bars).costs
    for even, fee, slippage in (
        (surface.break_even, 10, 5),
        (surface.fee_break_even, 10, 0),
        (surface.slippage_break_even, 0, 5),
    ):
        assert even is not None
        assert even > 0
        sides = []
        for beside in (0.99, 1.01):
            fees = fee * even * beside if fee else 10
            slipped = slippage * even * beside if slippage else 5
            costs = {"fee_bps": f"{fees:.6f}", "slippage_bps": f"{slipped:.6f}"}
            sides.append(simulate(a_document(**TREND, costs=costs), bars).metric("total_return"))
        assert sides[0] is not None
        assert sides[1] is not None
        assert sides[0] > 0 > sides[1]


def test_what_loses_without_costs_breaks_even_at_none_of_them() -> None:
    losing = {"entry": "close < before", "exit": "close > before"}
    surface = robustness(a_document(**TREND | losing), bars_of(SWING.tolist())).costs
    assert (surface.break_even, surface.fee_break_even, surface.slippage_break_even) == (0.0, 0.0, 0.0)


def test_a_strategy_that_never_trades_or_pays_nothing_has_no_break_even() -> None:
    idle = a_document(features={}, entry="close > 1000000", exit="close < 0")
    assert robustness(idle, a_walk(200)).costs.break_even is None
    free = a_document(**TREND, costs={"fee_bps": "0", "slippage_bps": "5"})
    surface = robustness(free, bars_of(SWING.tolist())).costs
    assert surface.fee_break_even is None
    assert surface.slippage_break_even == MAX_MULTIPLE, "a swing of 30 % bears any slippage that is tried"


def test_neighbours_are_ten_and_twenty_percent_beside_and_whole_numbers_stay_whole() -> None:
    document = a_document(
        parameters={"n": 20, "few": 3, "width": 0.5}, features={"a": "sma(close, n)", "b": "sma(close, few)"},
        entry="b > a * (1 + width / 1000)", exit="b < a",
    )  # fmt: skip
    plateau = robustness(document, bars_of(SWING.tolist())).plateau
    by_name = {name: [one.value for one in plateau.neighbours if one.parameter == name] for name in document.parameters}
    assert by_name == {"n": [16, 18, 22, 24], "few": [2, 4], "width": [0.4, 0.45, 0.55, 0.6]}
    for one in plateau.neighbours:
        settings = Settings(parameters={one.parameter: one.value})
        assert one.sharpe == simulate(document, bars_of(SWING.tolist()), settings).metric("sharpe")
        assert one.kept == (one.sharpe is not None and plateau.sharpe is not None and one.sharpe >= plateau.sharpe / 2)
    assert plateau.share == sum(one.kept for one in plateau.neighbours) / 10


def test_a_peak_that_stands_alone_keeps_little_and_a_loss_has_no_plateau() -> None:
    plateau = robustness(a_document(**TREND), bars_of(SWING.tolist())).plateau
    assert plateau.share == 1.0
    losing = {"entry": "close < before", "exit": "close > before"}
    assert robustness(a_document(**TREND | losing), bars_of(SWING.tolist())).plateau.share is None


def test_a_neighbour_that_is_refused_counts_as_lost() -> None:
    document = a_document(parameters={"n": 1}, features={"a": "sma(close, n)"}, entry="close >= a", exit="close < 0")
    refused = [one for one in robustness(document, a_walk(300, drift=0.001)).plateau.neighbours if one.refused]
    assert [(one.value, one.kept) for one in refused] == [(0, False)]


def test_windows_stand_for_parameters_where_a_document_names_none() -> None:
    plateau = robustness(a_document(), a_walk(400)).plateau
    assert plateau.lifted
    assert {one.parameter for one in plateau.neighbours} == {"window_1", "window_2"}


def test_it_is_plain_tells_how_far_it_is_and_stops() -> None:
    told: list[tuple[int, int]] = []
    found = robustness(a_document(), a_walk(400), watch=Watch(told=lambda done, total, _: told.append((done, total))))
    assert told[-1] == (found.runs, found.runs)
    assert all(done <= total for done, total in told)
    assert set(found.plain()) == {"delays", "costs", "plateau", "runs", "variants"}
    with pytest.raises(Refusal, match="stopped after 0 of 81 steps of the robustness check"):
        robustness(a_document(), a_walk(400), watch=Watch(stopped=lambda: True))
