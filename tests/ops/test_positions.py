"""Where topics stand, so that a page can follow from now on."""

from uuid import UUID

import httpx

from omc.kit.db import Database
from omc.kit.events import append

ADDRESS = "/api/v1/stream/positions"


async def test_each_topic_says_its_last_number_and_an_empty_one_zero(
    client: httpx.AsyncClient, database: Database
) -> None:
    async with database.session(UUID(client.headers["x-workspace"])) as session:
        for _ in range(3):
            last = await append(session, "books", "test", {})

    answer = (await client.get(ADDRESS, params={"topics": "books,imports"})).json()

    assert answer == {"positions": {"books": last, "imports": 0}}


async def test_what_is_no_topic_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.get(ADDRESS, params={"topics": "books,secrets"})

    assert (answer.status_code, answer.json()["code"]) == (422, "no_such_topic")
