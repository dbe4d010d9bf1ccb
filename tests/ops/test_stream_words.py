"""Words in passing over the running server: to who asks for them only, in his own workspace only, and readable."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx

from omc.kit import events
from omc.kit.bus import Bus
from omc.kit.db import Database
from omc.kit.ids import new_id
from tests.serving import ANSWER_TIMEOUT_S, Served, signed_in

STREAM = "/api/v1/stream"
HOSTILE = 'one\u2028two\u2029three\x85four\r\nfive\rsix "seven" \\ \U0001f600 data: eight\n\nevent: nine'


async def messages(answer: httpx.Response) -> AsyncIterator[list[str]]:
    """A stream's messages as a browser parts them: a line ends with CR, LF or both, and with nothing else."""
    rest = b""
    async for chunk in answer.aiter_bytes():
        rest += chunk
        assert b"\r" not in rest
        *whole, rest = rest.split(b"\n\n")
        for message in whole:
            yield message.decode().split("\n")


async def words_of(answer: httpx.Response) -> list[str]:
    """The next message that carries words."""
    async for lines in messages(answer):
        if "event: words" in lines:
            return lines
    raise AssertionError


async def overheard(bus: Bus, key: str) -> None:
    """Wait until it is known that somebody listens."""
    async with asyncio.timeout(ANSWER_TIMEOUT_S):
        while bus.listened_since(key) is None:
            await asyncio.sleep(0.01)


async def test_words_reach_one_workspaces_stream_and_read_as_they_were_said(
    client: httpx.AsyncClient, served: Served, database: Database, app_url: str
) -> None:
    topic = f"session:{new_id()}"
    query = {"topics": f"audit,{topic}", "words": topic}
    async with (
        Bus(app_url) as bus,
        signed_in(served, database) as neighbour,
        client.stream("GET", STREAM, params=query) as mine,
        neighbour.stream("GET", STREAM, params=query) as theirs,
    ):
        for one in (client, neighbour):
            await overheard(bus, events.key(one.headers["x-workspace"], topic))
        hearing, neighbours = asyncio.ensure_future(words_of(mine)), asyncio.ensure_future(words_of(theirs))
        said = json.dumps({"at": 0, "text": HOSTILE}, ensure_ascii=False)
        assert await bus.say(events.key(client.headers["x-workspace"], topic), said)
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            lines = await hearing
        assert not any(line.startswith("id:") for line in lines)
        (data,) = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
        assert json.loads(data) == {"topic": topic, "data": {"at": 0, "text": HOSTILE}}
        done, _ = await asyncio.wait([neighbours], timeout=1.0)
        assert not done
        neighbours.cancel()


async def test_who_follows_without_asking_for_words_overhears_nothing(client: httpx.AsyncClient, app_url: str) -> None:
    quiet, asked = f"session:{new_id()}", f"session:{new_id()}"
    query = {"topics": f"{quiet},{asked}", "words": asked}
    async with Bus(app_url) as bus, client.stream("GET", STREAM, params=query):
        await overheard(bus, events.key(client.headers["x-workspace"], asked))
        assert bus.listened_since(events.key(client.headers["x-workspace"], quiet)) is None
