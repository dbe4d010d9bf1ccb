"""Facts are posted once, balanced and kept apart; every figure is read back from them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from omc.books import posting, service
from omc.books.figures import Figure
from omc.core.ids import FactId
from omc.core.order import Fill, Side
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.kit.events import read
from omc.kit.ids import new_id
from tests.books.builders import START, a_fill, a_mark


@pytest.fixture
async def session(database: Database, workspace: UUID) -> AsyncIterator[AsyncSession]:
    async with database.session(workspace) as session:
        yield session


async def post(session: AsyncSession, fill: Fill, *, account: str = "paper", strategy: str = "cross") -> FactId:
    learned = START + timedelta(days=1)
    return await service.post_fill(session, fill, account=account, strategy=strategy, venue="paper", learned_at=learned)


async def test_the_same_fill_twice_is_one_fact(session: AsyncSession) -> None:
    first = await post(session, a_fill("a"))
    again = await post(session, a_fill("a"))

    assert first == again
    assert len(await service.facts(session)) == 1
    assert await service.positions(session, "paper") == {"BTC": Decimal(1), "USDT": Decimal(-100)}


async def test_the_same_id_with_other_content_is_refused(session: AsyncSession) -> None:
    await post(session, a_fill("a"))

    with pytest.raises(Refusal, match="other content") as refused:
        await post(session, a_fill("a", price="101"))

    assert (refused.value.code, refused.value.status) == ("client_id_reused", 409)


async def test_one_client_id_may_be_used_by_two_accounts(session: AsyncSession) -> None:
    assert await post(session, a_fill("a"), account="one") != await post(session, a_fill("a"), account="two")


async def test_positions_count_fees_in_the_asset_in_which_they_were_paid(session: AsyncSession) -> None:
    await post(session, a_fill("a", quantity="2", price="100.5", fee="0.2"))
    await post(session, a_fill("b", quantity="1", price="10", fee="0.001", fee_asset="BTC"))

    held = await service.positions(session, "paper")

    assert held == {"BTC": Decimal("2.999"), "USDT": Decimal("-211.2")}


async def test_the_database_refuses_legs_that_do_not_balance(database: Database, workspace: UUID) -> None:
    async with database.session(workspace) as session:
        fact = await post(session, a_fill("a"))
    statement = text(
        "INSERT INTO books_leg VALUES (current_setting('omc.workspace')::uuid, :fact, 9, 'paper', 'coin', 'BTC', 1)"
    )
    with pytest.raises(DBAPIError, match="sum to zero"):
        async with database.session(workspace) as session:
            await session.execute(statement, {"fact": fact})


@pytest.mark.parametrize(
    "verb", ["DELETE FROM books_fact", "UPDATE books_fact SET strategy = 'x'", "DELETE FROM books_leg"]
)
async def test_the_app_cannot_change_what_was_posted(database: Database, workspace: UUID, verb: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with database.session(workspace) as session:
            await session.execute(text(verb))


async def test_another_workspace_sees_none_of_it(database: Database, workspace: UUID) -> None:
    async with database.session(workspace) as session:
        await post(session, a_fill("a"))
    async with database.session(new_id()) as session:
        assert not await service.facts(session)
        assert await service.positions(session, "paper") == {}


async def test_the_parts_of_a_summary_add_up_to_it(session: AsyncSession) -> None:
    await post(session, a_fill("a", quantity="2", fee="1"))
    await post(session, a_fill("b", Side.SELL, price="130", fee="1", hour=1))
    await post(session, a_fill("c", hour=2), account="other", strategy="hold")
    await service.post_mark(session, a_mark("120"))
    await service.post_mark(session, a_mark("90", account="other"))

    picture = await service.summary(session)

    figures = picture.figures
    assert (figures.realized, figures.unrealized, figures.fees) == (Decimal("28.5"), Decimal("9.5"), Decimal(2))
    assert {name: part.net for name, part in picture.by_strategy.items()} == {
        "cross": Decimal(48),
        "hold": Decimal(-10),
    }
    assert picture.held == {"BTC": (Decimal(2), Decimal("200.5"))}
    assert picture.currencies == ["USDT"]


async def test_a_summary_without_a_mark_is_unvalued(session: AsyncSession) -> None:
    await post(session, a_fill("a"))

    figures = (await service.summary(session)).figures

    assert (figures.unrealized, figures.net, figures.unvalued) == (None, None, ("BTC",))


async def test_empty_books_are_zero(session: AsyncSession) -> None:
    figures = (await service.summary(session)).figures

    assert (figures.realized, figures.unrealized, figures.net) == (0, 0, 0)


async def test_a_fill_that_arrives_late_is_folded_at_its_own_time(session: AsyncSession) -> None:
    await post(session, a_fill("sale", Side.SELL, price="150", hour=5))
    await post(session, a_fill("buy", hour=1))

    picture = await service.summary(session)

    assert picture.figures.realized == 50
    assert not picture.suspense


async def test_a_figure_is_explained_down_to_the_fill_and_its_lots(session: AsyncSession) -> None:
    bought = await post(session, a_fill("a", quantity="3", price="100"))
    sold = await post(session, a_fill("b", Side.SELL, quantity="1", price="130", hour=1))

    _, lines = await service.explanation(session, Figure.REALIZED)

    line = lines[0]
    assert (line.fact_id, line.amount, line.price) == (str(sold), Decimal(30), Decimal(130))
    assert [(match.lot, match.quantity, match.cost) for match in line.lots] == [(str(bought), Decimal(1), Decimal(100))]


async def test_the_curve_has_a_point_for_every_fill_and_mark(session: AsyncSession) -> None:
    await post(session, a_fill("a"))
    await service.post_mark(session, a_mark("110", hour=1))
    await post(session, a_fill("b", Side.SELL, price="125", hour=2))

    _, points = await service.history(session)

    assert [(point.realized, point.unrealized) for point in points] == [(0, None), (0, 10), (25, 0)]


async def test_posting_wakes_who_watches_the_books(session: AsyncSession) -> None:
    fact = await post(session, a_fill("a"))

    assert [event.data["fact_id"] for event in await read(session, posting.TOPIC)] == [str(fact)]
