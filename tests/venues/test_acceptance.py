"""What every venue must do. A new venue gets a row in `VENUES` and a rig in `rigs.py`, and passes this unchanged."""

from decimal import Decimal

import pytest

from omc.core.ids import OrderId
from omc.core.order import OrderStatus, Side
from omc.kit.ids import new_id
from omc.venues import VENUES
from tests.venues.rigs import RIGS, SYMBOL, Rig


@pytest.fixture(params=list(VENUES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def rig(name: str) -> Rig:
    return RIGS[name]()


async def filled(rig: Rig, name: str, side: Side, quantity: str, price: str = "40000") -> None:
    await rig.price(price)
    await rig.venue.submit(await rig.order(name, side, quantity=quantity))
    await rig.price(price)


def test_every_venue_has_a_rig() -> None:
    assert set(RIGS) == set(VENUES)


async def test_an_instrument_states_its_assets_and_positive_steps(rig: Rig) -> None:
    instrument = await rig.venue.instrument(SYMBOL)

    assert (instrument.symbol, instrument.base, instrument.quote) == (SYMBOL, "BTC", "USDT")
    assert instrument.price_step > 0
    assert instrument.quantity_step > 0
    assert instrument.min_notional > 0


@pytest.mark.parametrize("symbol", ["", "BTC", "BTC/", "btc/usdt/x"])
async def test_a_symbol_that_is_not_traded_is_a_lookup_error(rig: Rig, symbol: str) -> None:
    with pytest.raises(LookupError):
        await rig.venue.instrument(symbol)


async def test_a_market_order_waits_for_the_next_price(rig: Rig) -> None:
    await rig.price("40000")
    order = await rig.order("a", quantity="0.1")

    assert (await rig.venue.submit(order)).status is OrderStatus.ACCEPTED
    await rig.price("41000")

    answer = await rig.venue.fetch(order.id)
    assert answer is not None
    assert answer.status is OrderStatus.FILLED
    assert sum(fill.quantity for fill in answer.fills) == Decimal("0.1")
    assert all(fill.price >= 41_000 for fill in answer.fills)


@pytest.mark.parametrize("side", list(Side))
async def test_slippage_and_fee_never_favour_us(rig: Rig, side: Side) -> None:
    await filled(rig, "a", side, "0.1")

    answer = await rig.venue.fetch((await rig.order("a", quantity="1")).id)

    assert answer is not None
    for fill in answer.fills:
        assert (fill.price >= 40_000) if side is Side.BUY else (fill.price <= 40_000)
        assert fill.fee >= 0
        assert fill.side is side


async def test_sending_an_order_twice_executes_it_once(rig: Rig) -> None:
    await rig.price("40000")
    order = await rig.order("a", quantity="0.1")
    await rig.venue.submit(order)
    await rig.price("40000")
    first = await rig.venue.fetch(order.id)

    again = await rig.venue.submit(order)
    await rig.price("40000")

    assert again == first
    assert await rig.venue.fetch(order.id) == first
    assert (await rig.venue.balances())["BTC"] == Decimal("0.6")


async def test_fills_account_for_every_change_of_the_balances(rig: Rig) -> None:
    before = await rig.venue.balances()
    await filled(rig, "a", Side.BUY, "0.1")
    await filled(rig, "b", Side.SELL, "0.25", "42000")

    moved = dict(before)
    for name in ("a", "b"):
        answer = await rig.venue.fetch((await rig.order(name, quantity="1")).id)
        assert answer is not None
        for fill in answer.fills:
            sign = 1 if fill.side is Side.BUY else -1
            moved["BTC"] += sign * fill.quantity
            moved["USDT"] -= sign * fill.notional
            moved[fill.fee_asset] -= fill.fee

    assert await rig.venue.balances() == moved


async def test_a_purchase_by_budget_spends_no_more_than_it_with_the_fee_inside(rig: Rig) -> None:
    await rig.price("40000")
    order = await rig.order("a", budget="1000")
    await rig.venue.submit(order)
    await rig.price("50000")

    answer = await rig.venue.fetch(order.id)

    assert answer is not None
    spent = sum(fill.notional + fill.fee for fill in answer.fills)
    assert Decimal(999) < spent <= Decimal(1000)


async def test_quantities_are_multiples_of_the_step(rig: Rig) -> None:
    await rig.price("40000")
    order = await rig.order("a", quantity="0.123456789123")
    await rig.venue.submit(order)
    await rig.price("40000")

    answer = await rig.venue.fetch(order.id)

    assert answer is not None
    step = order.instrument.quantity_step
    assert all(fill.quantity % step == 0 for fill in answer.fills)
    assert 0 <= Decimal("0.123456789123") - sum(fill.quantity for fill in answer.fills) < step


async def test_an_order_below_the_smallest_notional_is_rejected_with_a_reason(rig: Rig) -> None:
    await rig.price("40000")

    answer = await rig.venue.submit(await rig.order("a", quantity="0.00000001"))

    assert answer.status is OrderStatus.REJECTED
    assert answer.reason
    assert not answer.fills


@pytest.mark.parametrize(("side", "quantity"), [(Side.BUY, "1"), (Side.SELL, "0.6")])
async def test_an_order_beyond_the_balance_is_rejected_and_moves_nothing(rig: Rig, side: Side, quantity: str) -> None:
    before = await rig.venue.balances()
    await rig.price("40000")

    answer = await rig.venue.submit(await rig.order("a", side, quantity=quantity))
    await rig.price("40000")

    assert answer.status is OrderStatus.REJECTED
    assert await rig.venue.balances() == before


async def test_a_price_that_rises_out_of_reach_never_overdraws_the_account(rig: Rig) -> None:
    await rig.price("40000")
    await rig.venue.submit(await rig.order("a", quantity="0.24"))
    await rig.price("60000")

    assert min((await rig.venue.balances()).values()) >= 0


async def test_a_waiting_order_can_be_cancelled_and_stays_cancelled(rig: Rig) -> None:
    before = await rig.venue.balances()
    await rig.price("40000")
    order = await rig.order("a", quantity="0.1")
    await rig.venue.submit(order)

    assert (await rig.venue.cancel(order.id)).status is OrderStatus.CANCELED
    await rig.price("40000")

    assert (await rig.venue.submit(order)).status is OrderStatus.CANCELED
    assert await rig.venue.balances() == before


async def test_cancelling_a_filled_order_answers_that_it_is_filled(rig: Rig) -> None:
    await filled(rig, "a", Side.BUY, "0.1")

    assert (await rig.venue.cancel((await rig.order("a", quantity="1")).id)).status is OrderStatus.FILLED


async def test_an_order_that_never_arrived_is_none_and_cannot_be_cancelled(rig: Rig) -> None:
    unknown = OrderId(new_id())

    assert await rig.venue.fetch(unknown) is None
    with pytest.raises(LookupError):
        await rig.venue.cancel(unknown)


async def test_the_same_prices_and_orders_give_the_same_fills(name: str, rig: Rig) -> None:
    answers = []
    for run in (rig, RIGS[name]()):
        await filled(run, "a", Side.BUY, "0.1")
        answers.append(await run.venue.fetch((await run.order("a", quantity="1")).id))

    assert answers[0] == answers[1]
