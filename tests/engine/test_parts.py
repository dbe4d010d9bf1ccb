"""An entry that is filled in parts keeps to its budget and to every limit, at whatever prices the parts are bought."""

import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import NamedTuple

import numpy as np
import pytest

from omc.engine import BarColumns, simulate, simulate_together
from omc.engine.account import Account, Outcome
from omc.engine.clauses import FixedSizing, FractionSizing
from omc.engine.document import StrategyDocument
from omc.engine.positions import Fills
from omc.engine.tape import read_tape
from tests.engine.builders import a_document, a_traded_market, bars_of

ROUNDING = 1 + 1e-8
SYMBOLS = ("BTC/USDT", "ETH/USDT")


class Bought(NamedTuple):
    """A purchase as its fills tell it: what all parts cost, the cash before, the share of the account after each."""

    cost: float
    cash: float
    shares: list[float]


def a_random_document(random: Random, **changes: object) -> StrategyDocument:
    """Entries and exits that follow each other while the one before is still being filled."""
    order: dict[str, object] = {"kind": random.choice(["market", "limit"])}
    if order["kind"] == "limit":
        order |= {"offset_bps": "10", "valid_bars": 3}
    impact = random.choice(["0", "40"])
    sizing = {"kind": "fraction", "fraction": random.choice(["0.3", "1"])}
    return a_document(
        entry="close > fast",
        exit="close < fast",
        order=order,
        sizing=sizing if random.random() < 0.7 else {"kind": "fixed", "amount": "2500"},
        costs={"fee_bps": "10", "slippage_bps": "5", "participation": "0.2", "impact_bps": impact},
        limits={"max_share": random.choice(["0.1", "0.5"]), "max_notional": random.choice(["900", "4000"])},
        **changes,
    )


def purchases(fills: Fills, bars: BarColumns, capital: float) -> Iterator[Bought]:
    """The purchases of one symbol that has the account to itself; a sale ends each."""
    opens = dict(zip(bars.ts.tolist(), bars.open.tolist(), strict=True))
    cash, held, now = capital, 0.0, Bought(0.0, capital, [])
    for ts, quantity, price, fee in zip(fills.ts, fills.quantity, fills.price, fills.fee, strict=True):
        if quantity < 0.0 and now.shares:
            yield now
        if quantity < 0.0:
            now = Bought(0.0, 0.0, [])
        elif not now.shares:
            now = Bought(0.0, cash, [])
        cash, held = cash - quantity * price - fee, held + quantity
        if quantity > 0.0:
            worth = held * min(opens[int(ts)], price)
            share = worth / (cash + worth)
            now = Bought(now.cost + quantity * price + fee, now.cash, [*now.shares, share])


def budget_of(document: StrategyDocument, cash: float) -> float:
    sizing, most = document.sizing, document.limits.max_notional
    if isinstance(sizing, FixedSizing):
        wanted = float(sizing.amount)
    else:
        assert isinstance(sizing, FractionSizing)
        wanted = float(sizing.fraction) * cash
    return min(wanted, cash, float(most or cash))


@pytest.mark.parametrize("seed", range(5))
def test_no_purchase_costs_more_than_its_budget_and_none_passes_its_share(seed: int) -> None:
    random, bars, in_parts = Random(seed), a_traded_market(500, seed=seed), 0
    for _ in range(10):
        document = a_random_document(random)
        for one in purchases(simulate(document, bars).fills, bars, float(document.capital)):
            in_parts += len(one.shares) > 1
            assert one.cost <= budget_of(document, one.cash) * ROUNDING, document
            assert max(one.shares) <= float(document.limits.max_share or 0) * ROUNDING, document
    assert in_parts > 100


@pytest.mark.parametrize("seed", range(3))
def test_of_several_symbols_no_purchase_costs_more_than_it_may(seed: int) -> None:
    random, in_parts = Random(seed), 0
    markets = {symbol: a_traded_market(500, seed=seed + at * 10) for at, symbol in enumerate(SYMBOLS)}
    for _ in range(10):
        document = a_random_document(random, universe=list(SYMBOLS))
        for symbol, holding in simulate_together(document, markets).holdings.items():
            for one in purchases(holding.fills, markets[symbol], float(document.capital)):
                in_parts += len(one.shares) > 1
                assert one.cost <= float(document.limits.max_notional or 0) * ROUNDING, document
    assert in_parts > 100


HOLDS = {"entry": "close > 0", "exit": "close < 0", "features": {}, "warm_up_bars": 1}
FREE = {"fee_bps": "0", "slippage_bps": "0"}


def test_a_part_at_a_higher_price_buys_what_is_left_of_the_budget() -> None:
    document = a_document(**HOLDS, costs=FREE | {"participation": "0.4"}, sizing={"kind": "fixed", "amount": "600"})
    for later, bought in ((100, 2), (160, 200 / 160), (50, 2)):
        fills = simulate(document, bars_of([100, 100, 100, later, later], opens=[100, 100, 100, later, later])).fills
        assert fills.quantity.tolist() == pytest.approx([4, bought])


def test_what_is_still_held_counts_towards_the_share_of_a_new_entry() -> None:
    rules = {"features": {}, "warm_up_bars": 1, "entry": "close > 100", "exit": "close < 100"}
    document = a_document(**rules, costs=FREE | {"participation": "0.5"}, limits={"max_share": "0.1"})
    bars = bars_of([101, 101, 101, 101, 99, 101, 101, 101, 101])
    thin = replace(bars, volume=np.asarray([10, 100, 100, 10, 10, 10, 100, 10, 10.0]))
    bought, sold, again = simulate(document, thin).fills.quantity.tolist()
    assert (bought, sold) == pytest.approx((1_000 / 101, -5))
    kept = bought + sold
    worth = 10_000 - 2 * 5  # five coins were sold two below what they were bought at
    assert (kept + again) * 101 == pytest.approx(worth * 0.1)


def test_an_account_says_when_nothing_more_of_an_entry_can_be_paid() -> None:
    document = a_document(
        **HOLDS, costs=FREE | {"participation": "0.5", "lot": "5"}, sizing={"kind": "fixed", "amount": "1000"}
    )
    tape = read_tape(document, bars_of([100, 100, 100, 150, 150], opens=[100, 100, 100, 150, 150]), start=0)
    account, outcomes = Account(document, capital=10_000.0), []
    for row in range(1, 4):
        outcomes.append(account.work(tape, row)[1].get("BTC/USDT"))
        account.close(tape, row)
    assert outcomes == [None, Outcome.WAITS, Outcome.SPENT]
    assert account.held("BTC/USDT") == 5.0


def test_a_sale_into_hardly_any_volume_still_brings_something() -> None:
    rules = {"features": {}, "warm_up_bars": 1, "entry": "close > 100", "exit": "close < 100"}
    document = a_document(**rules, costs=FREE | {"impact_bps": "5000", "tick": "0.5"})
    bars = bars_of([101, 101, 101, 99, 101, 101])
    thin = replace(bars, volume=np.asarray([1e9, 1e9, 1e9, 1e9, 0.001, 1e9]))
    result = simulate(document, thin)
    assert result.fills.price[1] == 0.5
    assert result.equity[-1] > 0


def test_an_entry_that_was_written_down_without_its_budget_goes_on_from_the_cash() -> None:
    document = a_document(**HOLDS, costs=FREE | {"participation": "0.4"}, sizing={"kind": "fixed", "amount": "1000"})
    tape, account = read_tape(document, bars_of([100] * 6), start=0), Account(document, capital=10_000.0)
    for row in (1, 2):
        account.work(tape, row)
        account.close(tape, row)
    kept = json.loads(json.dumps(account.kept()))
    of_one = kept["symbols"]["BTC/USDT"]
    del of_one["state"]["budget"]

    older = Account(document, capital=0.0).restore({"bars": kept["bars"], **of_one})

    assert [older.work(tape, row)[1]["BTC/USDT"] for row in (3, 4)] == [Outcome.WAITS, Outcome.FILLED]
    assert older.held("BTC/USDT") == pytest.approx(10)
