"""How many streams one caller may hold open: the limit is each person's own, and a closed stream makes room."""

import asyncio
from contextlib import AsyncExitStack
from http import HTTPStatus

import httpx

from omc.identity.api import MAX_STREAMS
from omc.kit.db import Database
from tests.serving import ANSWER_TIMEOUT_S, Served, signed_in

STREAM = "/api/v1/stream"
TOPICS = {"topics": "audit"}
LOOK_S = 0.05


async def test_a_person_holds_so_many_streams_and_no_more(
    client: httpx.AsyncClient, served: Served, database: Database
) -> None:
    async with AsyncExitStack() as held, signed_in(served, database) as neighbour:
        for _ in range(MAX_STREAMS):
            answer = await held.enter_async_context(client.stream("GET", STREAM, params=TOPICS))
            assert answer.status_code == HTTPStatus.OK
        refused = await client.get(STREAM, params=TOPICS)
        assert refused.status_code == HTTPStatus.TOO_MANY_REQUESTS
        assert refused.json()["code"] == "too_many_streams"
        assert refused.headers["retry-after"]
        async with neighbour.stream("GET", STREAM, params=TOPICS) as theirs:
            assert theirs.status_code == HTTPStatus.OK
    async with asyncio.timeout(ANSWER_TIMEOUT_S):
        while await status(client) != HTTPStatus.OK:
            await asyncio.sleep(LOOK_S)


async def status(client: httpx.AsyncClient) -> int:
    async with client.stream("GET", STREAM, params=TOPICS) as answer:
        return answer.status_code
