"""Several symbols through what one symbol goes through: searches, walk-forward, replays, each check of a verdict."""

from collections.abc import Mapping

import numpy as np
import pytest

from omc.engine import BarColumns, StrategyDocument, bar_columns, simulate_together
from omc.engine.market import market_of
from omc.engine.simulate import Settings, simulate
from omc.engine.sweep import Search, plan, sweep
from omc.engine.tpe import among
from omc.kit.errors import Refusal
from tests.engine.builders import HOUR_MS, START_MS, a_document, a_walk

PAIR = ("BTC/USDT", "ETH/USDT")
GRID = Search(values={"fast": (2, 3, 4), "slow": (8, 12)})


def a_cross(**changes: object) -> StrategyDocument:
    """A cross with parameters, of which two symbols share the cash."""
    return a_document(
        universe=PAIR,
        parameters={"fast": 3, "slow": 12},
        features={"one": "sma(close, fast)", "two": "sma(close, slow)"},
        entry="crosses_above(one, two)",
        exit="crosses_below(one, two)",
        sizing={"kind": "fraction", "fraction": "0.6"},
        **changes,
    )


def two_walks(count: int = 600, *, listed: int = 0, until: int | None = None) -> dict[str, BarColumns]:
    """Two random walks; the second one has bars from `listed` on, and before `until`."""
    second = a_walk(count, seed=2).slice(listed, until or count)
    return {"BTC/USDT": a_walk(count, seed=1), "ETH/USDT": second}


def cut_at(bars: Mapping[str, BarColumns], ts: int) -> dict[str, BarColumns]:
    """The bars before an instant."""
    return {symbol: one.slice(0, int(np.searchsorted(one.ts, ts))) for symbol, one in bars.items()}


def starts_at(bars: Mapping[str, BarColumns], ts: int) -> dict[str, int]:
    """The row of each symbol's first bar from an instant on."""
    return {symbol: int(np.searchsorted(one.ts, ts)) for symbol, one in bars.items()}


def test_rows_are_instants_at_which_any_symbol_has_a_bar() -> None:
    bars = {"BTC/USDT": a_walk(10).slice(0, 6), "ETH/USDT": a_walk(10).slice(4, 10)}
    market = market_of(a_cross(), bars)
    assert len(market) == 10
    assert [market.bar("ETH/USDT", row) for row in (0, 4, 7, 10, 12)] == [0, 0, 3, 6, 8]
    assert [market.row("BTC/USDT", bar) for bar in (0, 5, 6, 8)] == [0, 5, 10, 12]
    early = market.until(4)
    assert list(early.bars) == ["BTC/USDT"]
    assert (len(early), market.only, early.only is not None) == (4, None, True)


def test_bars_that_a_document_is_not_about_are_refused_by_their_symbol() -> None:
    daily = bar_columns(
        ts=START_MS + 24 * HOUR_MS * np.arange(3),
        open=np.ones(3),
        high=np.ones(3),
        low=np.ones(3),
        close=np.ones(3),
        volume=np.ones(3),
        timeframe_ms=24 * HOUR_MS,
    )
    with pytest.raises(Refusal, match="ETH/USDT: the document is for bars of 1h"):
        market_of(a_cross(), {"BTC/USDT": a_walk(9), "ETH/USDT": daily})
    with pytest.raises(Refusal, match="does not name XRP/USDT"):
        market_of(a_cross(), {"XRP/USDT": a_walk(9)})


def test_a_search_over_several_symbols_finds_what_their_account_finds_on_each_part() -> None:
    bars = two_walks(listed=40)
    planned = plan(a_cross(), bars, GRID)
    found = sweep(planned)
    assert (len(found.rows), found.trials) == (6, 6)
    begin, split = (int(planned.market.ts[row]) for row in (planned.first, planned.split))
    for row in found.rows:
        document = a_cross().model_copy(update={"parameters": dict(row.parameters)})
        train = simulate_together(document, cut_at(bars, split), starts=starts_at(bars, begin))
        test = simulate_together(document, bars, starts=starts_at(bars, split))
        assert row.train is not None
        assert row.test is not None
        assert (row.train.sharpe, row.train.total_return) == (train.metric("sharpe"), train.metric("total_return"))
        assert (row.test.sharpe, row.test.max_drawdown) == (test.metric("sharpe"), test.metric("max_drawdown"))
        assert row.test.closed_positions == test.metric("closed_positions")


def test_one_symbol_by_its_name_is_searched_as_ever() -> None:
    bars = a_walk(600)
    alone, named = (sweep(plan(a_cross(), given, GRID)) for given in (bars, {"BTC/USDT": bars}))
    assert alone == named
    row = alone.rows[0]
    assert row.test is not None
    split = int(np.searchsorted(bars.ts, alone.split_ts))
    whole = simulate(a_cross(), bars, Settings(parameters=row.parameters, start=split))
    assert row.test.sharpe == whole.metric("sharpe")


def test_a_symbol_that_is_not_listed_yet_trains_without_it_and_is_tested_with_it() -> None:
    bars = two_walks(listed=500)
    found = sweep(plan(a_cross(), bars, GRID))
    alone = sweep(plan(a_cross(), bars["BTC/USDT"], GRID))
    assert len(found.rows) == 6
    by_values = [{str(row.parameters): row for row in one.rows} for one in (found, alone)]
    assert all(by_values[0][at].train == by_values[1][at].train for at in by_values[0])
    assert any(by_values[0][at].test != by_values[1][at].test for at in by_values[0])


def test_rows_of_another_symbol_s_bars_are_not_taken_over() -> None:
    bars = two_walks()
    others = bars | {"ETH/USDT": a_walk(600, seed=8)}
    keys = [{row.key for row in plan(a_cross(), one, GRID).tries} for one in (bars, others, bars["BTC/USDT"])]
    assert len(set.union(*keys)) == 18


def test_what_a_search_lays_out_is_what_is_asked_for_alone() -> None:
    planned = plan(a_cross(), two_walks(), GRID)
    again = among(planned, [row.parameters for row in planned.tries])
    assert [row.key for row in again.tries] == [row.key for row in planned.tries]
    assert sweep(again).rows == sweep(planned).rows


def test_a_value_that_is_not_finite_refuses_the_combination_with_its_symbol() -> None:
    bars = two_walks()
    flat = bars["ETH/USDT"]
    flat.close.flags.writeable = True
    flat.close[300:340] = 100.0
    document = a_document(
        universe=PAIR, parameters={"n": 5}, features={"calm": "1 / stdev(close, n)"}, entry="calm > 1", exit="calm < 1"
    )
    found = sweep(plan(document, bars, Search(values={"n": (5, 60)})))
    assert [dict(row.parameters) for row in found.rows] == [{"n": 60}]
    assert "ETH/USDT: division by zero" in found.refused[0].refused
