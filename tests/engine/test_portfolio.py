"""Several symbols on one account: the cash is shared, and one symbol alone is what a run on it would be."""

import numpy as np
import pytest

from omc.engine import BarColumns, Settings, simulate
from omc.engine.clauses import Limits
from omc.engine.decision import signals
from omc.engine.kernels import compiled
from omc.engine.kernels import portfolio as kernel
from omc.engine.market import market_of
from omc.engine.portfolio import Portfolio, account_together, simulate_together
from omc.engine.reading import compile_document
from omc.engine.runs import decided_by, traded
from omc.engine.simulate import account
from omc.kit.errors import Refusal
from tests.engine.builders import HOUR_MS, START_MS, a_document, a_walk, bars_of

FREE = {"fee_bps": "0", "slippage_bps": "0"}
PAIR = ["BTC/USDT", "ETH/USDT"]


def bits(run: Portfolio) -> list[bytes]:
    """All that the account did."""
    found = [run.equity.tobytes()]
    for one in run.holdings.values():
        found += [column.tobytes() for column in (one.fills.quantity, one.fills.price, one.fills.fee, one.fills.ts)]
    return found


@pytest.mark.parametrize(
    "change",
    [{}, {"stops": {"stop": {"kind": "atr", "value": "1"}, "max_bars": 9}}, {"limits": {"max_drawdown": "0.03"}}],
    ids=str,
)
def test_one_symbol_alone_is_a_run_on_that_symbol(change: dict[str, object]) -> None:
    document, bars = a_document(**change), a_walk(500, seed=4)
    alone, together = simulate(document, bars), simulate_together(document, {"BTC/USDT": bars})
    assert together.equity.tobytes() == alone.equity.tobytes()
    fills = together.holdings["BTC/USDT"].fills
    assert fills.quantity.tobytes() == alone.fills.quantity.tobytes()
    assert {one.name: one.value for one in together.metrics} == {one.name: one.value for one in alone.metrics}


@pytest.mark.parametrize("plain", [True, False])
def test_an_account_that_is_told_to_be_flat_is_that_of_one_symbol_alone(*, plain: bool) -> None:
    document, bars = a_document(stops={"stop": {"kind": "percent", "value": "3"}}), a_walk(500, seed=4)
    decided, rows = signals(document, bars), [100, 230, 231, 400]
    alone = account(document, bars, decided, settings=Settings(), resets=rows)
    one = {"BTC/USDT": bars}
    resets = bars.ts[rows].tolist()
    together = account_together(document, one, {"BTC/USDT": decided}, settings={}, resets=resets, plain=plain)
    assert together.equity.tobytes() == alone.equity.tobytes()
    assert together.holdings["BTC/USDT"].wanted.tolist() == alone.wanted.tolist()
    assert alone.equity.tolist() != simulate(document, bars).equity.tolist()


def test_entries_at_one_open_share_the_cash_in_the_order_of_the_universe() -> None:
    document = a_document(
        universe=PAIR,
        features={},
        entry="close > 0",
        exit="false",
        costs=FREE,
        sizing={"kind": "fraction", "fraction": "0.6"},
    )
    flat = bars_of([100.0] * 4)
    run = simulate_together(document, {"ETH/USDT": flat, "BTC/USDT": flat})
    assert list(run.holdings) == PAIR
    bought = [one.fills.quantity.tolist() for one in run.holdings.values()]
    assert bought == [[60.0], [pytest.approx(24.0)]]
    assert run.equity[-1] == pytest.approx(10_000)


def test_no_more_positions_are_held_than_the_limit_says() -> None:
    document = a_document(
        universe=PAIR, features={}, entry="close > 0", exit="false", costs=FREE, limits={"max_positions": 1}
    )
    flat = bars_of([100.0] * 6)
    run = simulate_together(document, dict.fromkeys(PAIR, flat))
    assert [len(one.fills.ts) for one in run.holdings.values()] == [1, 0]


def test_a_symbol_that_is_delisted_keeps_its_last_price_and_one_listed_later_joins() -> None:
    document = a_document(
        universe=PAIR,
        features={},
        entry="close > 0",
        exit="false",
        costs=FREE,
        sizing={"kind": "fraction", "fraction": "0.5"},
    )
    early = bars_of([100, 100, 110, 120])
    late = bars_of([50.0] * 6 + [60, 70], missing=range(4))
    run = simulate_together(document, {"BTC/USDT": early, "ETH/USDT": late})
    assert len(run.ts) == 8
    first, second = run.holdings.values()
    assert (first.fills.ts[0] - START_MS) // HOUR_MS == 1
    assert (second.fills.ts[0] - START_MS) // HOUR_MS == 5
    # 50 coins bought at 100 are worth 120 each to the end; 50 coins bought at 50 are worth 70.
    assert run.equity[-1] == pytest.approx(10_000 + 50 * 20 + 50 * 20)


def test_equity_is_cash_and_what_is_held_over_all_symbols() -> None:
    document = a_document(universe=PAIR, sizing={"kind": "fraction", "fraction": "0.4"})
    walks = {symbol: a_walk(800, seed=seed) for seed, symbol in enumerate(PAIR)}
    run = simulate_together(document, walks)
    cash = float(document.capital)
    held = 0.0
    for one in run.holdings.values():
        cash -= float(np.sum(one.fills.quantity * one.fills.price + one.fills.fee))
        held += 0.0 if one.open is None else one.open.value
    assert run.equity[-1] == pytest.approx(cash + held)


def test_compiled_and_plain_give_the_same_bits() -> None:
    document = a_document(universe=PAIR, stops={"stop": {"kind": "percent", "value": "2"}, "cooldown_bars": 4})
    walks: dict[str, BarColumns] = {symbol: a_walk(700, seed=seed + 9) for seed, symbol in enumerate(PAIR)}
    assert "run_many" in compiled(kernel.__name__)
    plain = bits(simulate_together(document, walks, plain=True))
    assert bits(simulate_together(document, walks, plain=False)) == plain


def test_a_symbol_outside_of_the_universe_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        simulate_together(a_document(), {"DOGE/USDT": a_walk(100)})
    assert refused.value.place == "/universe"


def test_what_the_symbols_gained_is_what_the_account_gained() -> None:
    costs = {"fee_bps": "10", "slippage_bps": "5", "funding_bps_per_day": "30"}
    document = a_document(universe=PAIR, sizing={"kind": "fraction", "fraction": "0.4"}, costs=costs)
    run = simulate_together(document, {symbol: a_walk(800, seed=seed) for seed, symbol in enumerate(PAIR)})
    gains = [one.gain for one in run.holdings.values()]
    assert all(one.counts.funding > 0 for one in run.holdings.values())
    assert sum(gains) == pytest.approx(run.equity[-1] - float(document.capital))
    assert sum(one.fees for one in run.holdings.values()) == pytest.approx(run.metric("fees"))


def test_a_symbol_without_a_bar_where_holding_buys_is_bought_at_its_next_one() -> None:
    document = a_document(universe=PAIR, features={}, entry="close > 0", exit="false", costs=FREE)
    whole, gap = bars_of([100.0] * 6), bars_of([50, 50, 50, 50, 50, 75], missing=[1, 2])
    run = simulate_together(document, {"BTC/USDT": whole, "ETH/USDT": gap})
    assert run.hold.tolist() == [10_000.0] * 5 + [12_500.0]


def test_a_row_at_which_flat_is_wanted_anew_is_no_bar_that_holding_could_buy() -> None:
    document = a_document(universe=PAIR, features={}, entry="close > 0", exit="false", costs=FREE)
    gap = bars_of([50, 50, 50, 50, 50, 75], missing=[1, 2, 3])
    market = market_of(document, {"BTC/USDT": bars_of([100.0] * 6), "ETH/USDT": gap})
    decided = decided_by(document, market, compile_document(document), 0)
    run = traded(document, market, decided, Settings(), resets=[0, 2])
    assert run.hold.tolist() == [10_000.0] * 5 + [12_500.0]


def test_bars_before_the_start_of_each_symbol_only_warm_up() -> None:
    document = a_document(universe=PAIR)
    bars = {symbol: a_walk(300, seed=seed) for seed, symbol in enumerate(PAIR)}
    starts = {"BTC/USDT": 100, "ETH/USDT": 120}
    run = simulate_together(document, bars, starts=starts)
    assert run.ts[0] == bars["BTC/USDT"].ts[100]
    second = run.holdings["ETH/USDT"].fills.ts
    assert len(second)
    assert second.min() > bars["ETH/USDT"].ts[120]
    assert run.manifest["settings"] == {"starts": starts}


def test_the_hash_is_of_the_data_of_every_symbol() -> None:
    document = a_document(universe=PAIR)
    bars = {symbol: a_walk(300, seed=seed) for seed, symbol in enumerate(PAIR)}
    found = simulate_together(document, bars)
    assert simulate_together(document, bars).result_hash == found.result_hash
    assert simulate_together(document, bars | {"ETH/USDT": a_walk(300, seed=8)}).result_hash != found.result_hash
    assert found.manifest["data"] == {symbol: one.data_hash for symbol, one in bars.items()}


@pytest.mark.parametrize("count", [0, 1, 9])
def test_a_symbol_with_too_few_bars_is_refused_by_its_name(count: int) -> None:
    with pytest.raises(Refusal, match="ETH/USDT: ") as refused:
        simulate_together(a_document(universe=PAIR), {"BTC/USDT": a_walk(300), "ETH/USDT": a_walk(300).slice(0, count)})
    assert refused.value.code == "not_enough_history"


def test_symbols_of_two_quote_assets_do_not_share_an_account() -> None:
    universe = ["BTC/USDT", "BTC/EUR"]
    with pytest.raises(Refusal, match="one quote asset") as refused:
        simulate_together(a_document(universe=universe), dict.fromkeys(universe, a_walk(100)))
    assert refused.value.place == "/universe/1"


def test_fifty_symbols_share_an_account() -> None:
    universe = [f"C{number}/USDT" for number in range(50)]
    document = a_document(universe=universe, sizing={"kind": "fraction", "fraction": "0.05"})
    bars = {symbol: a_walk(200, seed=seed).slice(seed, 200) for seed, symbol in enumerate(universe)}
    run = simulate_together(document, bars)
    assert sum(len(one.fills.ts) > 0 for one in run.holdings.values()) == 50
    assert np.isfinite(run.equity).all()
    assert np.isfinite(run.hold).all()


def test_every_symbol_tells_what_it_read() -> None:
    run = simulate_together(
        a_document(universe=PAIR), {"BTC/USDT": a_walk(100), "ETH/USDT": a_walk(100).slice(30, 100)}
    )
    assert run.assumptions["account"].startswith("2 symbols share the cash")
    assert run.assumptions["data BTC/USDT"].startswith("100 bars of 1h")
    assert run.assumptions["data ETH/USDT"].startswith("70 bars of 1h")
    assert "data" not in run.assumptions
    assert run.assumptions["inside a bar"] == "nothing happens inside of a bar"
    stopped = a_document(universe=PAIR, stops={"stop": {"kind": "percent", "value": "2"}})
    assert (
        "finer bars are not asked"
        in simulate_together(stopped, dict.fromkeys(PAIR, a_walk(100))).assumptions["inside a bar"]
    )


def test_an_entry_for_which_others_left_no_cash_is_left_out_and_counted() -> None:
    up = bars_of([100.0, 101, 101, 101, 99, 99, 99])
    document = a_document(universe=PAIR, features={}, entry="crosses_above(close, 100)", exit="close < 100", costs=FREE)
    run = simulate_together(document, dict.fromkeys(PAIR, up))
    first, second = run.holdings.values()
    assert len(first.fills.ts) == 2
    assert len(second.fills.ts) == 0
    assert (first.counts.too_small, second.counts.too_small) == (0, 1)


def test_an_entry_that_was_left_out_waits_for_its_next_signal() -> None:
    document = a_document(
        universe=PAIR,
        features={},
        entry="crosses_above(close, 100)",
        exit="crosses_below(close, 100)",
        costs=FREE,
        limits={"max_positions": 1},
    )
    first = bars_of([99.0, 101, 101, 99, 99, 99, 99, 99])
    second = bars_of([99.0, 101, 101, 101, 101, 99, 101, 101])
    run = simulate_together(document, {"BTC/USDT": first, "ETH/USDT": second})
    assert [(int(ts) - START_MS) // HOUR_MS for ts in run.holdings["ETH/USDT"].fills.ts] == [7]


def test_what_is_left_of_an_entry_is_cut_to_the_cash_that_others_left() -> None:
    thin = bars_of([100.0, 101, 101, 101, 101, 101, 101])  # ten coins a bar, of which an entry takes half
    costs = {**FREE, "participation": "0.5"}
    document = a_document(universe=PAIR, features={}, entry="close > 100", exit="false", costs=costs, capital="1500")
    run = simulate_together(document, dict.fromkeys(PAIR, thin))
    spent = sum(float(one.fills.quantity @ one.fills.price) for one in run.holdings.values())
    assert spent == pytest.approx(1_500)


def test_a_position_that_turns_round_is_closed_before_any_entry_and_entered_in_its_turn() -> None:
    document = a_document(
        universe=PAIR,
        features={},
        entry="close > 100",
        exit="close < 100",
        short_entry="close < 100",
        short_exit="close > 100",
        costs=FREE,
    )
    turns = bars_of([101.0, 101, 99, 99, 99])
    alone = simulate(document, turns)
    together = simulate_together(document, {"BTC/USDT": turns})
    assert together.equity.tobytes() == alone.equity.tobytes()
    assert together.holdings["BTC/USDT"].fills.quantity.tolist() == alone.fills.quantity.tolist()
    assert len(alone.fills.ts) == 3


LIMITS = [
    {"max_notional": "500"},
    {"max_positions": 1},
    {"max_share": "0.2"},
    {"max_gross_exposure": "0.6"},
    {"max_daily_loss": "0.01"},
    {"max_drawdown": "0.02"},
]


@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_every_limit_of_the_document_changes_what_the_account_does(limits: dict[str, object]) -> None:
    assert {name for one in LIMITS for name in one} == set(Limits.model_fields)
    half = {"universe": PAIR, "sizing": {"kind": "fraction", "fraction": "0.5"}}
    walks = {symbol: a_walk(600, seed=seed + 4) for seed, symbol in enumerate(PAIR)}
    free, held = (simulate_together(a_document(**half, **more), walks) for more in ({}, {"limits": limits}))
    assert free.equity.tobytes() != held.equity.tobytes()
    assert free.assumptions["limits"] != held.assumptions["limits"]


@pytest.mark.parametrize("limits", LIMITS, ids=str)
@pytest.mark.parametrize("more", [{}, {"participation": "0.2"}], ids=str)
def test_every_limit_gives_the_same_bits_compiled_and_plain(limits: dict[str, object], more: dict[str, object]) -> None:
    sides = {"short_entry": "crosses_below(fast, slow)", "short_exit": "crosses_above(fast, slow)"}
    costs = {"fee_bps": "10", "slippage_bps": "5", **more}
    document = a_document(universe=PAIR, limits=limits, costs=costs, capital="3000", **sides)
    walks = {symbol: a_walk(600, seed=seed + 4) for seed, symbol in enumerate(PAIR)}
    plain = bits(simulate_together(document, walks, plain=True))
    assert bits(simulate_together(document, walks, plain=False)) == plain


def test_the_share_of_one_symbol_is_of_what_the_whole_account_is_worth() -> None:
    document = a_document(
        universe=PAIR, features={}, entry="close > 99", exit="false", costs=FREE, limits={"max_share": "0.4"}
    )
    first = bars_of([100.0, 100, 100, 150, 150, 150], opens=[100.0, 100, 100, 150, 150, 150])
    second = bars_of([90.0, 90, 90, 100, 100, 100])
    run = simulate_together(document, {"BTC/USDT": first, "ETH/USDT": second})
    bought = [one.fills.quantity.tolist() for one in run.holdings.values()]
    # 40 coins of the first one at 100; they are worth 6,000 of 12,000 when the second one is entered at 100.
    assert bought == [[40.0], [pytest.approx(48.0)]]


def test_what_all_symbols_hold_stays_below_a_multiple_of_the_equity_whatever_its_side() -> None:
    document = a_document(
        universe=[*PAIR, "SOL/USDT"],
        features={},
        entry="close > 50",
        exit="false",
        short_entry="close < 50",
        short_exit="false",
        costs=FREE,
        sizing={"kind": "fraction", "fraction": "0.5"},
        limits={"max_gross_exposure": "0.8"},
    )
    dear, cheap = bars_of([100.0] * 5), bars_of([10.0] * 5)
    run = simulate_together(document, {"BTC/USDT": cheap, "ETH/USDT": dear, "SOL/USDT": dear})
    short, long, none = (one.fills for one in run.holdings.values())
    assert short.quantity.tolist() == [-500.0]
    assert long.quantity.tolist() == [pytest.approx(30.0)]
    assert len(none.ts) == 0
    assert run.holdings["SOL/USDT"].counts.too_small > 0


def test_an_entry_in_parts_is_cut_where_all_symbols_together_would_pass_the_limit() -> None:
    thin = bars_of([100.0, 101, 101, 101, 101, 101, 101, 101, 101])  # ten coins a bar, of which an entry takes half
    costs = {**FREE, "participation": "0.5"}
    limits = {"max_gross_exposure": "0.5"}
    document = a_document(
        universe=PAIR, features={}, entry="close > 100", exit="false", costs=costs, capital="4000", limits=limits
    )
    run = simulate_together(document, dict.fromkeys(PAIR, thin))
    held = sum(float(one.fills.quantity.sum()) for one in run.holdings.values())
    assert held * 101 == pytest.approx(2_000)


def test_margin_is_refused_where_several_symbols_would_share_it() -> None:
    document = a_document(universe=PAIR, margin={"leverage": "2"})
    walks = {symbol: a_walk(200, seed=seed) for seed, symbol in enumerate(PAIR)}
    with pytest.raises(Refusal, match="liquidat") as refused:
        simulate_together(document, walks)
    assert refused.value.place == "/margin"
    assert simulate_together(document, {"BTC/USDT": walks["BTC/USDT"]}).metrics


def test_an_account_that_falls_to_nothing_while_nothing_is_decided_is_refused_as_a_run_on_one_symbol_is() -> None:
    document = a_document(features={}, entry="false", exit="false", short_entry="close < 100", short_exit="false")
    rising = bars_of([99.0, 100, 100, 100, 150, 250, 300])
    refusals = []
    for run in (lambda: simulate(document, rising), lambda: simulate_together(document, {"BTC/USDT": rising})):
        with pytest.raises(Refusal) as refused:
            run()
        refusals.append(refused.value.code)
    assert refusals == ["account_lost", "account_lost"]
    assert simulate(document, rising.slice(0, 5)).equity[-1] > 0
