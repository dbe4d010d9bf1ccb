"""What the floor's rules allow, deny and ask for."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.core.order import Side
from omc.floor.exact import budget_of
from omc.floor.rules import (
    Halt,
    Intent,
    Standing,
    Stop,
    batch_size,
    check_limits,
    check_order,
    check_sizing,
    check_waiting,
    halted_further,
    replay_speed,
)
from tests.floor.builders import limits

FLAT = Standing(
    cash=Decimal(1_000),
    position=Decimal(0),
    price=Decimal(100),
    day_equity=Decimal(1_000),
    orders_today=0,
)
LONG = replace(FLAT, cash=Decimal(0), position=Decimal(10))
BUY = Intent(side=Side.BUY, budget=Decimal(1_000))
SELL = Intent(side=Side.SELL, quantity=Decimal(10))


def denial(standing: Standing, intent: Intent, **changes: Decimal | int) -> str | None:
    reason = check_order(limits(**changes), standing, intent)
    return reason.code if reason else None


def test_an_order_within_every_limit_goes_out() -> None:
    assert denial(FLAT, BUY) is None


@pytest.mark.parametrize("intent", [BUY, SELL])
def test_a_thrown_switch_denies_every_order(intent: Intent) -> None:
    assert denial(replace(LONG, halt=Halt.ALL), intent) == "kill_switch"


def test_paused_entries_deny_a_purchase_and_let_a_position_go() -> None:
    assert denial(replace(FLAT, halt=Halt.ENTRIES), BUY) == "entries_paused"
    assert denial(replace(LONG, halt=Halt.ENTRIES), SELL) is None


@pytest.mark.parametrize(
    ("present", "stop", "after"),
    [
        (Halt.NOTHING, Stop.ENTRIES, Halt.ENTRIES),
        (Halt.ENTRIES, Stop.ENTRIES, Halt.ENTRIES),
        (Halt.ALL, Stop.ENTRIES, Halt.ALL),
        (Halt.NOTHING, Stop.ALL, Halt.ALL),
        (Halt.ENTRIES, Stop.CLOSE, Halt.ALL),
    ],
)
def test_a_stop_never_takes_an_earlier_one_back(present: Halt, stop: Stop, after: Halt) -> None:
    assert halted_further(present, stop) is after


def test_an_entry_beyond_the_cash_is_denied() -> None:
    assert denial(FLAT, Intent(side=Side.BUY, budget=Decimal("1000.01"))) == "capital"


def test_an_entry_beyond_the_allowed_share_is_denied() -> None:
    assert denial(FLAT, BUY, max_position_fraction=Decimal("0.99")) == "max_position_fraction"


@pytest.mark.parametrize(
    ("wanted", "spends"),
    [("500.0000000001", "500"), ("499.9999999999", "499.9999999999"), ("500.01", "500.01")],
    ids=["beyond by its rounding", "below by its rounding", "beyond"],
)
def test_a_budget_that_rounding_alone_puts_beyond_the_allowed_share_is_cut_to_it(wanted: str, spends: str) -> None:
    half = limits(max_position_fraction=Decimal("0.5"))
    assert budget_of(float(wanted), half, FLAT) == Decimal(spends)


def test_the_order_after_the_last_allowed_one_of_the_day_is_denied() -> None:
    assert denial(replace(FLAT, orders_today=1), BUY, max_orders_per_day=2) is None
    assert denial(replace(FLAT, orders_today=2), BUY, max_orders_per_day=2) == "max_orders_per_day"


def test_after_the_allowed_loss_of_the_day_nothing_is_opened() -> None:
    lost = replace(FLAT, day_equity=Decimal(1_100))

    assert denial(lost, BUY, max_daily_loss=Decimal(101)) is None
    assert denial(lost, BUY, max_daily_loss=Decimal(100)) == "max_daily_loss"


def test_no_limit_traps_a_position() -> None:
    spent = replace(LONG, orders_today=99, day_equity=Decimal(10_000))

    assert denial(spent, SELL, max_orders_per_day=1, max_daily_loss=Decimal(1)) is None


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"capital": Decimal(0)}, "/limits/capital"),
        ({"max_position_fraction": Decimal("1.01")}, "/limits/max_position_fraction"),
        ({"max_orders_per_day": 0}, "/limits/max_orders_per_day"),
        ({"max_daily_loss": Decimal(-1)}, "/limits/max_daily_loss"),
    ],
)
def test_limits_out_of_range_are_refused_with_their_place(changes: dict[str, Decimal | int], place: str) -> None:
    reason = check_limits(limits(**changes))

    assert reason is not None
    assert reason.place == place


def test_a_limit_that_would_deny_every_entry_is_refused() -> None:
    assert check_sizing(limits(max_position_fraction=Decimal("0.5")), Decimal("0.6")) is not None
    assert check_sizing(limits(max_position_fraction=Decimal("0.6")), Decimal("0.6")) is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"halt": Halt.ALL}, "kill_switch"),
        ({"halt": Halt.ENTRIES}, "entries_paused"),
        ({"day_equity": Decimal(11_000)}, "max_daily_loss"),
        ({"orders_today": 10_000}, None),
    ],
)
def test_an_entry_that_waits_is_withdrawn_where_it_might_not_go_out_any_more(
    changes: dict[str, Any], code: str | None
) -> None:
    reason = check_waiting(limits(), replace(FLAT, **changes))

    assert (reason.code if reason else None) == code


@given(bars=st.integers(1, 9_000), waited=st.floats(0, 1e6))
def test_a_replay_always_moves_and_never_jumps(bars: int, waited: float) -> None:
    speed = replay_speed(bars)

    assert 1 <= batch_size(speed, waited) <= max(1, 3 * speed)
