"""What holding a perpetual costs is in the books: once, balanced, a part of what its place realized."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from omc.books import service
from omc.books.figures import Figure
from omc.books.funding import FundingPaid, post_funding
from omc.books.rules import Place
from omc.core.ids import FactId
from omc.core.order import Side
from omc.kit.db import Database
from omc.kit.errors import Refusal
from tests.books.builders import START, a_fill

PLACE = Place(asset="BTC", currency="USDT", account="paper", strategy="cross")


@pytest.fixture
async def session(database: Database, workspace: UUID) -> AsyncIterator[AsyncSession]:
    async with database.session(workspace) as session:
        yield session


async def paid(session: AsyncSession, amount: str, *, hour: int = 8) -> FactId | None:
    given = FundingPaid(place=PLACE, venue="paper", amount=Decimal(amount), ts=START + timedelta(hours=hour))
    return await post_funding(session, given, learned_ts=START)


async def traded(session: AsyncSession) -> None:
    for fill in (a_fill("a"), a_fill("b", Side.SELL, price="130", hour=20)):
        await service.post_fill(session, fill, account="paper", strategy="cross", venue="paper", learned_at=START)


async def test_funding_is_paid_in_cash_and_lowers_what_is_realized(session: AsyncSession) -> None:
    await traded(session)
    await paid(session, "0.75")
    await paid(session, "-0.25", hour=16)

    picture = await service.summary(session)

    assert (picture.figures.realized, picture.figures.net) == (Decimal("29.5"), Decimal("29.5"))
    assert picture.by_strategy["cross"].net == picture.by_asset["BTC"].net == Decimal("29.5")
    assert (await service.positions(session, "paper"))["USDT"] == Decimal("29.5")


async def test_the_same_funding_is_posted_once_and_none_is_no_fact(session: AsyncSession) -> None:
    assert await paid(session, "0.75") == await paid(session, "0.75")
    assert await paid(session, "0") is None
    with pytest.raises(Refusal, match="already in the books"):
        await paid(session, "0.76")


async def test_what_is_realized_is_explained_down_to_each_funding(session: AsyncSession) -> None:
    await traded(session)
    fact = await paid(session, "0.75")

    _, lines = await service.explanation(session, Figure.REALIZED)

    assert sum(line.amount for line in lines) == Decimal("29.25")
    assert [(line.fact_id, line.what, line.amount) for line in lines[1:]] == [
        (str(fact), "funding of BTC", Decimal("-0.75"))
    ]


async def test_the_curve_falls_when_funding_is_paid(session: AsyncSession) -> None:
    await traded(session)
    await paid(session, "0.75")

    _, points = await service.history(session)

    assert [(point.ts.hour, point.realized) for point in points] == [
        (0, Decimal(0)),
        (8, Decimal("-0.75")),
        (20, Decimal("29.25")),
    ]
