"""Fills with defaults, for tests of the books and of what stands on them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from omc.books.figures import Mark
from omc.books.rules import Place
from omc.core.ids import FillId, OrderId
from omc.core.market import Instrument
from omc.core.order import Fill, Side

START = datetime(2024, 1, 1, tzinfo=UTC)
SPACE = UUID(int=7)
BTC = Instrument(
    venue="paper",
    symbol="BTC/USDT",
    base="BTC",
    quote="USDT",
    price_step=Decimal("0.01"),
    quantity_step=Decimal("0.00000001"),
)


def a_fill(
    name: str,
    side: Side = Side.BUY,
    quantity: str = "1",
    price: str = "100",
    *,
    fee: str = "0",
    fee_asset: str = "USDT",
    hour: int = 0,
) -> Fill:
    return Fill(
        id=FillId(uuid5(SPACE, name)),
        order_id=OrderId(uuid5(SPACE, f"order {name}")),
        instrument=BTC,
        side=side,
        price=Decimal(price),
        quantity=Decimal(quantity),
        fee=Decimal(fee),
        fee_asset=fee_asset,
        ts=START + timedelta(hours=hour),
    )


def a_mark(price: str, *, account: str = "paper", hour: int = 24) -> Mark:
    ts = START + timedelta(hours=hour)
    place = Place(asset="BTC", currency="USDT", account=account)
    return Mark(place=place, price=Decimal(price), ts=ts, learned_ts=ts + timedelta(minutes=1), source="a test")
