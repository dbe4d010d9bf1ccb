"""An account fed bar by bar does what the backtest's loop does in one go, also when it is written down in between."""

import json
from dataclasses import replace
from random import Random

import numpy as np
import pytest

from omc.engine import BarColumns
from omc.engine.account import Account, Execution, Order, Outcome
from omc.engine.decision import signals
from omc.engine.document import StrategyDocument
from omc.engine.market import market_of
from omc.engine.portfolio import simulate_together
from omc.engine.running import run
from omc.engine.tape import Tape, read_tape
from omc.engine.terms import FUNDING_DUE
from tests.engine.builders import a_document, a_traded_market, bars_of

Filled = list[tuple[int, float, float, float]]

BTC = "BTC/USDT"

FREE = {"fee_bps": "0", "slippage_bps": "0"}


def distance(random: Random) -> dict[str, str] | None:
    kind = random.choice(["percent", "atr", None])
    return None if kind is None else {"kind": kind, "value": f"{random.uniform(0.5, 3):.2f}"}


def a_random_document(random: Random) -> StrategyDocument:
    """Conditions that trade often, with any mixture of orders, stops, costs, sizing and limits; longs and shorts."""
    stops: dict[str, object] = {name: distance(random) for name in ("stop", "target", "trailing")}
    stops |= {"max_bars": random.choice([None, 3, 12]), "cooldown_bars": random.choice([0, 0, 2])}
    kind = random.choice(["market", "market", "limit", "stop", "stop_limit"])
    order: dict[str, object] = {"kind": kind}
    if kind != "market":
        order |= {"offset_bps": random.choice(["0", "20"]), "valid_bars": random.choice([1, 4])}
    if kind == "stop_limit":
        order["band_bps"] = "30"
    costs = {
        "fee_bps": "10",
        "slippage_bps": "5",
        "maker_fee_bps": random.choice(["2", None]),
        "impact_bps": random.choice(["0", "40"]),
        "participation": random.choice([None, "0.5"]),
        "tick": random.choice(["0", "0.01"]),
        "lot": random.choice(["0", "0.5"]),
        "min_notional": random.choice(["0", "900"]),
        "latency_bars": random.choice([0, 0, 1, 3]),
        "funding": random.choice([None, {"kind": "series"}]),
    }
    sizing = random.choice(
        [
            {"kind": "fraction", "fraction": "0.1"},
            {"kind": "fixed", "amount": "1500"},
            {"kind": "kelly", "most": "1", "start": "0.2", "after": 4},
            {"kind": "volatility_target", "target": "0.5", "window": 24},
        ]
    )
    limits = {
        "max_daily_loss": random.choice([None, "0.01"]),
        "max_drawdown": random.choice([None, "0.2"]),
        "max_notional": random.choice([None, "800"]),
        "max_share": random.choice([None, "0.05"]),
        "max_gross_exposure": random.choice([None, "0.12"]),
    }
    changes: dict[str, object] = {
        "stops": {name: value for name, value in stops.items() if value is not None},
        "order": order,
        "costs": {name: value for name, value in costs.items() if value is not None},
        "sizing": sizing,
        "limits": {name: value for name, value in limits.items() if value is not None},
    }
    if random.random() < 0.5:
        changes |= {"short_entry": "crosses_below(fast, slow)", "short_exit": "crosses_above(fast, slow)"}
    if random.random() < 0.3:
        changes["margin"] = {"leverage": "5"}
    return a_document(**changes)


def a_market(seed: int) -> BarColumns:
    """Bars with funding that falls due every eighth of them."""
    bars = a_traded_market(600, seed=seed)
    due = np.where(np.arange(len(bars)) % 8 == 0, 0.0003, 0.0)
    return replace(bars, more={FUNDING_DUE: due})


def bar_by_bar(document: StrategyDocument, tape: Tape, *, forgetful: bool = False) -> Filled:
    """What each bar from the first that decides on fills; a forgetful account is read from text before each bar."""
    account, done = Account(document, capital=float(document.capital)), []
    for row in range(tape.first, len(tape)):
        if forgetful:
            text = json.dumps(account.kept())
            account = Account(document, capital=0.0).restore(json.loads(text))
        worked, _ = account.work(tape, row)
        done += [(row - tape.first, *one) for one in map(numbers, worked + account.guard(tape, row))]
        account.close(tape, row)
    return done


def numbers(one: Execution) -> tuple[float, float, float]:
    return one.quantity, one.price, one.fee


def in_one_go(document: StrategyDocument, tape: Tape) -> Filled:
    assert tape.market.only is not None
    ran = run(document, tape.market.only, signals(document, tape.market.only).flags, first=tape.first)
    columns = (ran.fills.quantity.tolist(), ran.fills.price.tolist(), ran.fills.fee.tolist())
    return list(zip(ran.at.tolist(), *columns, strict=True))


@pytest.mark.parametrize("seed", range(4))
def test_it_does_what_the_loop_does_bit_for_bit(seed: int) -> None:
    columns, random, traded = a_market(seed), Random(seed), 0
    for _ in range(60):
        document = a_random_document(random)
        tape = read_tape(document, columns, start=0)
        expected = in_one_go(document, tape)
        assert bar_by_bar(document, tape) == expected, document
        traded += len(expected)
    assert traded > 2_000


def test_written_down_between_bars_it_goes_on_the_same() -> None:
    columns, random = a_market(9), Random(9)
    for _ in range(20):
        document = a_random_document(random)
        tape = read_tape(document, columns, start=0)
        assert bar_by_bar(document, tape, forgetful=True) == bar_by_bar(document, tape)


BASKET = [BTC, "ETH/USDT", "SOL/USDT"]


def kept_rows(columns: BarColumns, rows: list[int]) -> BarColumns:
    """Only these rows, as if the others were missing."""
    names = ("ts", "open", "high", "low", "close", "volume")
    more = {name: column[rows] for name, column in columns.more.items()}
    return replace(columns, **{name: getattr(columns, name)[rows] for name in names}, more=more)


def a_basket(seed: int) -> dict[str, BarColumns]:
    """Markets of which one has gaps, one is listed late, and one is delisted."""
    random = Random(seed)
    rows = [[at for at in range(400) if random.random() > 0.1], list(range(100, 400)), list(range(300))]
    return {symbol: kept_rows(a_market(seed + at), rows[at]) for at, symbol in enumerate(BASKET)}


def a_shared_document(random: Random) -> StrategyDocument:
    """Long only or both ways, with limits that matter where the cash is shared."""
    document = a_random_document(random)
    limits = document.limits.model_copy(update={"max_positions": random.choice([None, 1, 2])})
    return document.model_copy(update={"universe": tuple(BASKET), "limits": limits, "margin": None})


def lived_together(document: StrategyDocument, bars: dict[str, BarColumns]) -> dict[str, Filled]:
    """What an account that is cut off the future and read from text before each bar fills of each symbol."""
    market = market_of(document, bars)
    done: dict[str, Filled] = {symbol: [] for symbol in BASKET}
    account = Account(document, capital=float(document.capital))
    tape = read_tape(document, market, start=0)
    for row in range(tape.first, len(tape)):
        if row % 25 == 0:  # what a step that ends here knows
            tape = read_tape(document, market.until(min(row + 25, len(market))), start=0)
        account = Account(document, capital=float(document.capital)).restore(json.loads(json.dumps(account.kept())))
        for one in account.work(tape, row)[0] + account.guard(tape, row):
            done[one.symbol].append((int(market.ts[row]), *numbers(one)))
        account.close(tape, row)
    return done


@pytest.mark.parametrize("seed", range(3))
def test_several_symbols_do_what_the_loop_does_with_them_bit_for_bit(seed: int) -> None:
    bars, random, traded = a_basket(seed), Random(seed), 0
    for _ in range(12):
        document = a_shared_document(random)
        lived = lived_together(document, bars)
        for symbol, one in simulate_together(document, bars).holdings.items():
            columns = (one.fills.ts, one.fills.quantity, one.fills.price, one.fills.fee)
            assert lived[symbol] == list(zip(*(column.tolist() for column in columns), strict=True)), document
            traded += len(lived[symbol])
    assert traded > 300


HOLDS = {"entry": "close > 0", "exit": "close < 0", "features": {}, "warm_up_bars": 1}
LEAVES = HOLDS | {"exit": "close >= 103", "entry": "close < 103"}


def asked(account: Account, tape: Tape, rows: range, *, refuse: Order | None = None) -> list[Order | None]:
    """What each close asks for, where every order of a kind is taken back."""
    found = []
    for row in rows:
        account.work(tape, row)
        account.guard(tape, row)
        found.append(account.close(tape, row).get(BTC))
        if refuse is not None and found[-1] is refuse:
            account.take_back(BTC)
    return found


def rising(count: int) -> BarColumns:
    return bars_of([100.0 + at for at in range(count)])


def test_an_entry_that_is_taken_back_is_not_asked_for_again() -> None:
    document = a_document(**HOLDS)
    tape, account = read_tape(document, rising(6), start=0), Account(document, capital=1_000.0)

    assert asked(account, tape, range(1, 6), refuse=Order.ENTRY) == [Order.ENTRY, None, None, None, None]
    assert account.held(BTC) == 0.0


def test_an_exit_that_is_taken_back_is_asked_for_at_each_close_until_it_goes_out() -> None:
    document = a_document(**LEAVES)
    tape, account = read_tape(document, rising(9), start=0), Account(document, capital=1_000.0)

    assert asked(account, tape, range(1, 6), refuse=Order.EXIT) == [Order.ENTRY, None, *[Order.EXIT] * 3]
    assert account.held(BTC) > 0.0
    assert asked(account, tape, range(6, 8)) == [Order.EXIT, None]
    assert account.held(BTC) == 0.0


@pytest.mark.parametrize(
    ("changes", "outcomes"),
    [
        ({}, [Outcome.FILLED]),
        ({"costs": FREE | {"participation": "0.4"}}, [Outcome.WAITS, Outcome.WAITS, Outcome.FILLED]),
        ({"costs": FREE | {"min_notional": "2000"}}, [Outcome.TOO_SMALL]),
        (
            {"order": {"kind": "limit", "offset_bps": "500", "valid_bars": 2}},
            [Outcome.WAITS, Outcome.WAITS, Outcome.EXPIRED],
        ),
    ],
    ids=["at the market", "in parts", "too small", "a limit that is not reached"],
)
def test_it_says_what_became_of_the_order_that_waits(changes: dict[str, object], outcomes: list[Outcome]) -> None:
    document = a_document(**(HOLDS | changes))
    tape, account = read_tape(document, rising(8), start=0), Account(document, capital=1_000.0)
    assert account.close(tape, 1) == {BTC: Order.ENTRY}
    found = []
    for row in range(2, 2 + len(outcomes)):
        found.append(account.work(tape, row)[1][BTC])
        account.close(tape, row)
    assert found == outcomes


def test_a_venues_steps_count_where_they_are_the_coarser() -> None:
    document = a_document(**HOLDS, costs=FREE | {"lot": "0.5"})
    tape = read_tape(document, rising(4), start=0)
    held = []
    for lot in (0.1, 2.0):
        account = Account(document, capital=1_000.0, lot=lot)
        asked(account, tape, range(1, 3))
        held.append(account.held(BTC))
    assert held == [9.5, 8.0]


def test_it_names_the_prices_at_which_a_position_ends() -> None:
    stops = {"stop": {"kind": "percent", "value": "5"}, "target": {"kind": "percent", "value": "50"}}
    document = a_document(**HOLDS, costs=FREE, stops=stops | {"trailing": {"kind": "percent", "value": "2"}})
    tape, account = read_tape(document, rising(6), start=0), Account(document, capital=1_000.0)
    assert account.protection(BTC) == (0.0, 0.0)

    asked(account, tape, range(1, 6))

    best, entry = tape.bar(BTC, 5)[1], tape.bar(BTC, 2)[0]
    assert account.protection(BTC) == pytest.approx((best * 0.98, entry * 1.5))
