"""What only the paper venue promises: its exact prices and fees."""

from decimal import Decimal

from omc.core.order import OrderStatus, Side
from tests.venues.rigs import RIGS


async def test_a_fill_is_the_price_with_slippage_and_a_fee_on_its_value() -> None:
    rig = RIGS["paper"]()
    await rig.price("40000")
    order = await rig.order("a", quantity="0.1")
    await rig.venue.submit(order)
    await rig.price("40000")

    answer = await rig.venue.fetch(order.id)

    assert answer is not None
    assert [(fill.price, fill.fee, fill.fee_asset) for fill in answer.fills] == [
        (Decimal(40020), Decimal("4.002"), "USDT")
    ]


async def test_an_order_before_any_price_is_rejected() -> None:
    rig = RIGS["paper"]()

    answer = await rig.venue.submit(await rig.order("a", quantity="0.1"))

    assert answer.status is OrderStatus.REJECTED


async def test_a_budget_too_small_for_one_step_is_rejected_at_its_price() -> None:
    rig = RIGS["paper"]()
    await rig.price("40000")
    order = await rig.order("a", Side.BUY, budget="2")
    await rig.venue.submit(order)
    await rig.price("900000000")

    answer = await rig.venue.fetch(order.id)

    assert answer is not None
    assert answer.status is OrderStatus.REJECTED
