"""Several symbols on one account: the cash is shared, and one symbol alone is what a run on it would be."""

import numpy as np
import pytest

from omc.engine import BarColumns, simulate
from omc.engine.kernels import compiled
from omc.engine.kernels import portfolio as kernel
from omc.engine.portfolio import Portfolio, simulate_together
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
