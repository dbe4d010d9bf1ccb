"""Several symbols on one account through every check of a verdict: cut together, fitted together, believed together."""

import json
from collections.abc import Mapping

import numpy as np
import pytest

from omc.engine import BarColumns, Plan, simulate_together, walk_forward
from omc.engine.market import Market, market_of
from omc.engine.portfolio import Portfolio
from omc.engine.runs import wanted_of
from omc.engine.validation.benchmarks import RandomEntries, random_entries
from omc.engine.validation.cross_validation import CrossValidated, cross_validate
from omc.engine.validation.evidence import check_all, figures_of
from omc.engine.validation.lookahead import look_ahead
from omc.engine.validation.replays import Trace, check_market
from omc.engine.validation.robustness import Robustness
from omc.engine.validation.told import kept, told
from omc.engine.validation.tried import Choice, Searched, Tried
from omc.engine.validation.warm_up import WarmUp, check_warm_up
from omc.engine.walk_forward import WalkForward
from omc.kit.errors import Refusal
from tests.engine.builders import a_document, a_walk
from tests.engine.test_market import PAIR, a_cross, two_walks

DAYS = 24 * 80
PLAN = Plan(windows=4, values={"fast": (2.0, 3.0, 4.0), "slow": (10.0, 14.0)})  # none that never trades


def test_windows_are_fitted_on_both_symbols_and_chained_into_one_account() -> None:
    bars = two_walks(2_000)
    tested = walk_forward(a_cross(), bars, PLAN)
    out, fixed = tested.out_of_sample, tested.fixed
    assert isinstance(out, Portfolio)
    assert all(len(one.fills.ts) for one in out.holdings.values())
    assert int(out.ts[0]) == tested.windows[0].test_start
    assert [window.test_end for window in tested.windows[:-1]] == [window.test_start for window in tested.windows[1:]]
    starts = {symbol: int(np.searchsorted(one.ts, out.ts[0])) for symbol, one in bars.items()}
    alone = simulate_together(a_cross(), bars, starts=starts)
    assert fixed.equity.tolist() == alone.equity.tolist()
    assert "fitted anew in each of 4 anchored windows" in out.assumptions["parameters"]


def test_what_happens_to_either_symbol_in_a_test_does_not_change_what_was_fitted_before_it() -> None:
    bars = two_walks(2_000)
    one = walk_forward(a_cross(), bars, PLAN)
    cut = int(np.searchsorted(bars["ETH/USDT"].ts, one.windows[-1].test_start))
    for symbol in PAIR:
        other = a_walk(2_000, seed=9)
        mixed = _then(bars[symbol], other, cut)
        again = walk_forward(a_cross(), bars | {symbol: mixed}, PLAN)
        assert [window.parameters for window in again.windows] == [window.parameters for window in one.windows]
        assert [window.train_sharpe for window in again.windows] == [window.train_sharpe for window in one.windows]
        assert again.windows[-1].test_return != one.windows[-1].test_return


def _then(bars: BarColumns, other: BarColumns, cut: int) -> BarColumns:
    """The bars before a row, and from there on those of another market."""
    for name in ("open", "high", "low", "close"):
        column = other.column(name)
        column.flags.writeable = True
        column[:cut] = bars.column(name)[:cut]
    return other


def test_a_symbol_that_is_listed_in_a_later_window_joins_then() -> None:
    bars = two_walks(2_000, listed=1_400)
    out = walk_forward(a_cross(), bars, PLAN).out_of_sample
    assert isinstance(out, Portfolio)
    second = out.holdings["ETH/USDT"].fills.ts
    assert len(second)
    assert second.min() > bars["ETH/USDT"].ts[0]
    gone = walk_forward(a_cross(), two_walks(2_000, until=700), PLAN).out_of_sample
    assert isinstance(gone, Portfolio)
    assert list(gone.holdings) == ["BTC/USDT"], "who has no bar in any test is not there"


@pytest.mark.parametrize(
    "change",
    [{}, {"costs": {"fee_bps": "10", "slippage_bps": "5", "participation": "0.3"}, "capital": "3000"}],
    ids=["plain", "in parts"],
)
@pytest.mark.parametrize("listed", [0, 180])
def test_an_honest_document_replays_the_same_on_both_symbols(change: Mapping[str, object], listed: int) -> None:
    stops = {"stop": {"kind": "percent", "value": "4"}, "trailing": {"kind": "atr", "value": "5"}}
    document = a_cross(stops=stops, limits={"max_positions": 1}, **change)
    found = look_ahead(document, two_walks(400, listed=listed), count=20)
    assert found.findings == ()
    assert (found.bars, found.skipped) == (400, 0)
    assert found.fills > 20


def test_one_symbol_that_reads_the_future_of_the_other_is_found_and_named() -> None:
    bars = two_walks(300)

    def leaking(market: Market) -> dict[str, Trace]:
        first = market.bars["BTC/USDT"].close
        ahead = np.append(first[1:] > first[:-1], [False])
        traces = {"BTC/USDT": np.zeros(len(first), dtype=np.int8), "ETH/USDT": ahead.astype(np.int8)}
        return {symbol: Trace(wanted=wanted) for symbol, wanted in traces.items()}

    found = check_market(leaking, market_of(a_cross(), bars), namers={})
    assert not found.ok
    assert all(finding.text.startswith("ETH/USDT: ") for finding in found.findings)


def test_the_warm_up_is_that_of_each_symbol_and_one_with_too_few_bars_is_named() -> None:
    document = a_document(universe=PAIR, features={"fast": "ema(close, 5)", "slow": "ema(close, 40)"})
    found = check_warm_up(document, two_walks(2_000), seed=2)
    assert not found.ok
    assert {finding.text.split(": ")[0] for finding in found.findings} <= set(PAIR)
    alone = [check_warm_up(document, bars, seed=2) for bars in two_walks(2_000).values()]
    assert found.starts == sum(one.starts for one in alone)
    assert found.suggested_bars == max(one.suggested_bars or 0 for one in alone)
    short = check_warm_up(document, two_walks(2_000, listed=1_900), seed=2)
    assert short.left_out == ("ETH/USDT",)
    with pytest.raises(Refusal, match="BTC/USDT: 5 times the warm-up"):
        check_warm_up(document, two_walks(150))


def test_cross_validation_and_its_overfitting_are_of_the_account_that_both_share() -> None:
    both = cross_validate(a_cross(), two_walks(DAYS))
    alone = cross_validate(a_cross(), two_walks(DAYS)["BTC/USDT"])
    assert (both.splits, both.days, len(both.paths)) == (alone.splits, alone.days, len(alone.paths))
    assert {path.sharpe for path in both.paths}.isdisjoint(path.sharpe for path in alone.paths)


def test_chance_places_the_positions_of_each_symbol_in_its_own_bars() -> None:
    bars = two_walks(DAYS)
    checked = check_all(a_cross(), bars, windows=3)
    assert isinstance(checked.chance, RandomEntries)
    held = wanted_of(market_of(a_cross(), bars), checked.result).values()
    each = [random_entries(one, wanted, cost=0.0015, seed=at) for at, (one, wanted) in enumerate(held)]
    assert checked.chance.own == np.mean([one.own for one in each])
    assert checked.chance.positions == sum(one.positions for one in each)
    assert checked.chance.returns[0] == np.mean([one.returns[0] for one in each])


def test_every_check_is_made_of_both_and_the_gate_is_told() -> None:
    searched = Searched(document=a_cross(), values=tuple({"fast": fast, "slow": 20.0} for fast in range(2, 14)))
    tried = Tried(searched=(searched,), total=12)
    checked = check_all(a_cross(), two_walks(DAYS), windows=3, tried=tried)
    assert isinstance(checked.result, Portfolio)
    assert checked.ahead.ok
    assert isinstance(checked.warm_up, WarmUp)
    assert isinstance(checked.walked, WalkForward)
    assert isinstance(checked.crossed, CrossValidated)
    assert isinstance(checked.choice, Choice)
    assert checked.choice.sets == 13
    assert isinstance(checked.bears, Robustness)
    assert not [one.refused for one in checked.bears.delays if one.refused]
    figures = figures_of(checked, trials=20, clusters=1, variance=None)
    assert figures.closed_positions == checked.walked.out_of_sample.closed_count
    assert "unchecked" not in {one.state for one in told(checked)}
    json.dumps(kept(checked), allow_nan=False)
