"""The books over HTTP: exact text, null for what has no price, and every figure down to its fills."""

from datetime import timedelta
from uuid import UUID

import httpx

from omc.books import service
from omc.core.order import Side
from omc.kit.db import Database
from tests.books.builders import START, a_fill, a_mark


async def filled(client: httpx.AsyncClient, database: Database, *, marked: bool = True) -> None:
    learned = START + timedelta(days=1)
    fills = [a_fill("a", quantity="3", fee="0.3"), a_fill("b", Side.SELL, price="130", fee="0.13", hour=1)]
    async with database.session(UUID(client.headers["x-workspace"])) as session:
        for fill in fills:
            await service.post_fill(session, fill, account="paper", strategy="cross", venue="paper", learned_at=learned)
        if marked:
            await service.post_mark(session, a_mark("120"))


async def test_the_summary_is_exact_and_says_where_its_mark_is_from(
    client: httpx.AsyncClient, database: Database
) -> None:
    await filled(client, database)

    answer = (await client.get("/api/v1/books/summary")).json()

    assert (answer["realized"], answer["unrealized"], answer["net"]) == ("29.77", "39.8", "69.57")
    assert (answer["fees"], answer["currency"]) == ("0.43", "USDT")
    assert answer["mark"]["source"] == "a test"
    assert answer["mark"]["age_s"] > 0
    assert answer["by_strategy"][0]["strategy"] == "cross"
    assert answer["by_asset"][0]["mark"]["price"] == "120"
    assert answer["by_asset"][0]["quantity"] == "2"


async def test_what_has_no_price_is_null(client: httpx.AsyncClient, database: Database) -> None:
    await filled(client, database, marked=False)

    answer = (await client.get("/api/v1/books/summary")).json()

    assert (answer["unrealized"], answer["net"], answer["unvalued"]) == (None, None, ["BTC"])


async def test_empty_books_answer_zero(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/api/v1/books/summary")).json()

    assert (answer["realized"], answer["net"], answer["currency"], answer["mark"]) == ("0", "0", "", None)


async def test_each_figure_is_the_sum_of_its_lines(client: httpx.AsyncClient, database: Database) -> None:
    await filled(client, database)
    summary = (await client.get("/api/v1/books/summary")).json()

    for figure in ("realized", "unrealized", "fees", "net"):
        answer = (await client.get("/api/v1/books/explain", params={"figure": figure})).json()
        assert answer["total"] == summary[figure]
        assert answer["lines"]


async def test_a_line_names_facts_that_can_be_listed(client: httpx.AsyncClient, database: Database) -> None:
    await filled(client, database)
    line = (await client.get("/api/v1/books/explain", params={"figure": "realized"})).json()["lines"][0]

    first = (await client.get("/api/v1/books/facts", params={"limit": 1})).json()
    second = (await client.get("/api/v1/books/facts", params={"limit": 1, "cursor": first["next"]})).json()

    ids = [first["items"][0]["id"], second["items"][0]["id"]]
    assert [line["lots"][0]["lot"], line["fact_id"]] == ids


async def test_the_curve_ends_at_the_summary(client: httpx.AsyncClient, database: Database) -> None:
    await filled(client, database)

    answer = (await client.get("/api/v1/books/curve")).json()

    assert (answer["net"][-1], answer["points"]) == ("69.57", 3)


async def test_a_strategy_that_is_not_there_has_no_figures(client: httpx.AsyncClient, database: Database) -> None:
    await filled(client, database)

    answer = (await client.get("/api/v1/books/summary", params={"strategy": "none"})).json()

    assert (answer["realized"], answer["by_asset"]) == ("0", [])


async def test_a_figure_that_is_not_one_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/books/explain", params={"figure": "luck"})).status_code == 422
