"""What models cost is in the books: once a call, balanced, by strategy and session, never mixed into another money."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omc.books import service
from omc.books.bills import ModelBill, post_model_bill
from omc.books.figures import Figure
from omc.books.tables import LegRow
from omc.core.ids import FactId
from omc.core.order import Fill, Side
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.kit.ids import new_id
from tests.books.builders import START, a_fill

DOLLARS = replace(a_fill("a").instrument, symbol="BTC/USD", quote="USD")


@pytest.fixture
async def session(database: Database, workspace: UUID) -> AsyncIterator[AsyncSession]:
    async with database.session(workspace) as session:
        yield session


def a_bill(cost: str = "0.0025695", *, served: UUID | None = None, strategy: str | None = None) -> ModelBill:
    return ModelBill(
        call_id=new_id(),
        cost=Decimal(cost),
        ts=START,
        session_id=served,
        strategy=strategy,
        provider="openai",
        model="gpt-6.1-sol",
    )


async def posted(session: AsyncSession, bill: ModelBill) -> FactId | None:
    return await post_model_bill(session, bill, learned_ts=START)


async def traded(session: AsyncSession, *fills: Fill) -> None:
    for fill in fills:
        await service.post_fill(session, fill, account="paper", strategy="cross", venue="paper", learned_at=START)


async def test_a_bill_is_an_expense_paid_in_cash_to_the_last_digit(session: AsyncSession) -> None:
    await posted(session, a_bill("0.00000000000000000000001"))

    legs = [(row.kind, row.asset, row.amount) for row in (await session.execute(select(LegRow))).scalars()]

    tiny = Decimal("1E-23")
    assert sorted(legs) == [("cash", "USD", -tiny), ("expense", "USD", tiny)]


async def test_a_call_is_billed_once(session: AsyncSession) -> None:
    bill = a_bill()

    assert await posted(session, bill) == await posted(session, bill)
    assert len(await service.facts(session)) == 1


async def test_a_call_cannot_be_billed_again_with_another_amount(session: AsyncSession) -> None:
    bill = a_bill()
    await posted(session, bill)

    with pytest.raises(Refusal, match="other content"):
        await posted(session, replace(bill, cost=Decimal(1)))


async def test_a_call_that_cost_nothing_is_no_fact(session: AsyncSession) -> None:
    assert await posted(session, a_bill("0")) is None
    assert not await service.facts(session)


async def test_a_bill_lowers_the_profit_of_books_in_dollars(session: AsyncSession) -> None:
    bought, sold = a_fill("a"), a_fill("b", Side.SELL, price="130", hour=1)
    await traded(session, replace(bought, instrument=DOLLARS), replace(sold, instrument=DOLLARS, fee_asset="USD"))
    await posted(session, a_bill("0.5"))

    figures = (await service.summary(session)).figures

    assert (figures.net, figures.model_costs, figures.net_after_models) == (30, Decimal("0.5"), Decimal("29.5"))


async def test_a_bill_stands_beside_the_profit_of_books_in_another_money(session: AsyncSession) -> None:
    await traded(session, a_fill("a"), a_fill("b", Side.SELL, price="130", hour=1))
    for _ in range(5):
        await posted(session, a_bill("0.1"))

    picture = await service.summary(session)

    assert (picture.scope.currency, picture.currencies) == ("USDT", ["USDT", "USD"])
    assert (picture.figures.net, picture.figures.model_costs) == (30, Decimal("0.5"))
    assert picture.figures.net_after_models is None


async def test_books_without_a_bill_are_net_of_nothing(session: AsyncSession) -> None:
    await traded(session, a_fill("a"), a_fill("b", Side.SELL, price="130", hour=1))

    figures = (await service.summary(session)).figures

    assert (figures.model_costs, figures.net_after_models) == (0, 30)


async def test_bills_are_parted_by_strategy_and_by_session(session: AsyncSession) -> None:
    first, second = new_id(), new_id()
    await posted(session, a_bill("0.1", served=first))
    await posted(session, a_bill("0.2", served=first, strategy="cross"))
    await posted(session, a_bill("0.4", served=second, strategy="hold"))
    await posted(session, a_bill("0.8"))

    picture = await service.summary(session)
    one = await service.summary(session, strategy="cross")

    assert picture.figures.model_costs == Decimal("1.5")
    assert {name: part.model_costs for name, part in picture.by_strategy.items()} == {
        "cross": Decimal("0.2"),
        "hold": Decimal("0.4"),
    }
    assert {key: sum(amounts) for key, amounts in picture.model_costs_by_session.items()} == {
        str(first): Decimal("0.3"),
        str(second): Decimal("0.4"),
        None: Decimal("0.8"),
    }
    assert one.figures.model_costs == Decimal("0.2")


async def test_a_bill_is_of_no_asset(session: AsyncSession) -> None:
    await traded(session, a_fill("a"))
    await posted(session, a_bill("0.5"))

    assert (await service.summary(session, asset="BTC")).figures.model_costs == 0


async def test_what_models_cost_is_explained_by_their_calls(session: AsyncSession) -> None:
    await traded(session, a_fill("a"))
    bills = [a_bill("0.1"), a_bill("0.2")]
    for bill in bills:
        await posted(session, bill)

    scope, lines = await service.explanation(session, Figure.MODEL_COSTS)

    assert scope.currency == "USD"
    assert [(line.call, line.amount) for line in lines] == [(str(bill.call_id), bill.cost) for bill in bills]
    assert lines[0].what == "call of gpt-6.1-sol at openai"


async def test_the_answers_name_the_money_and_the_calls(client: httpx.AsyncClient, database: Database) -> None:
    served, bill = new_id(), a_bill("0.000125")
    async with database.session(UUID(client.headers["x-workspace"])) as session:
        await traded(session, a_fill("a"))
        await posted(session, replace(bill, session_id=served))

    summary = (await client.get("/api/v1/books/summary")).json()
    explained = (await client.get("/api/v1/books/explain", params={"figure": "model_costs"})).json()

    assert (summary["model_costs"], summary["models_currency"], summary["net_after_models"]) == (
        "0.000125",
        "USD",
        None,
    )
    assert summary["models_by_session"] == [{"session_id": str(served), "cost": "0.000125", "calls": 1}]
    assert (explained["total"], explained["currency"]) == ("0.000125", "USD")
    assert explained["lines"][0]["call_id"] == str(bill.call_id)
