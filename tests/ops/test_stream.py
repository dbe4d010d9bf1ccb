"""The live stream over the running server: nothing lost or repeated, isolation, outage, its end."""

import asyncio
import json
import random
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from omc.kit import events
from omc.kit.db import Database
from omc.kit.follow import BEAT_S, RECHECK_S, parse_position, position_text
from omc.kit.ids import new_id
from tests.serving import ANSWER_TIMEOUT_S, Cable, Served, serving, signed_in

STREAM = "/api/v1/stream"
CUTS = 100
EVENTS = 5_000
BATCH = 25
LOOKS = 20


@dataclass
class Reader:
    """A browser's EventSource: remembers the last id, and reconnects with it."""

    client: httpx.AsyncClient
    topics: tuple[str, ...]
    last_id: str = ""

    async def read(self) -> AsyncGenerator[dict[str, object]]:
        headers = {"last-event-id": self.last_id} if self.last_id else {}
        query = {"topics": ",".join(self.topics)}
        async with self.client.stream("GET", STREAM, params=query, headers=headers) as answer:
            assert answer.status_code == 200
            assert answer.headers["x-accel-buffering"] == "no"
            kind = data = ""
            async for line in answer.aiter_lines():
                field, _, value = line.partition(": ")
                if field == "event":
                    kind = value
                elif field == "data":
                    data = value
                elif field == "id":
                    self.last_id = value
                elif not line and kind == "event":
                    yield json.loads(data)
                    kind = ""


async def write(database: Database, workspace: UUID, topic: str, first: int, count: int) -> None:
    async with database.session(workspace) as session:
        await events.append_many(session, topic, [("tick", {"number": first + index}) for index in range(count)])


def workspace_of(client: httpx.AsyncClient) -> UUID:
    return UUID(client.headers["x-workspace"])


def two_topics() -> tuple[str, str]:
    return f"session:{new_id()}", f"deployment:{new_id()}"


async def test_a_hundred_random_cuts_lose_and_repeat_nothing(client: httpx.AsyncClient, database: Database) -> None:
    topics = two_topics()
    chance = random.Random(2)
    reader = Reader(client, topics)
    seen: dict[str, list[int]] = {topic: [] for topic in topics}

    async def produce() -> None:
        for first in range(0, EVENTS // 2, BATCH):
            for topic in topics:
                await write(database, workspace_of(client), topic, first, BATCH)

    async with asyncio.TaskGroup() as group:
        group.create_task(produce())
        cuts = 0
        while sum(map(len, seen.values())) < EVENTS:
            patience = chance.randrange(1, EVENTS // CUTS) if cuts < CUTS else EVENTS
            cuts += 1
            async for event in reader.read():
                seen[str(event["topic"])].append(int(str(event["seq"])))
                patience -= 1
                if patience <= 0 or sum(map(len, seen.values())) == EVENTS:
                    break
    assert cuts > CUTS
    assert seen == {topic: list(range(1, EVENTS // 2 + 1)) for topic in topics}


async def test_an_event_arrives_by_its_commit_and_not_by_looking_again(
    client: httpx.AsyncClient, database: Database
) -> None:
    topic, _ = two_topics()
    stream = Reader(client, (topic,)).read()
    async with asyncio.timeout(LOOKS * RECHECK_S / 2):  # whoever only looked again would need twice as long
        for number in range(LOOKS):
            arriving = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0.05)
            await write(database, workspace_of(client), topic, number, 1)
            await arriving
    await stream.aclose()


async def test_a_first_visit_begins_where_the_page_says(client: httpx.AsyncClient, database: Database) -> None:
    topic, _ = two_topics()
    await write(database, workspace_of(client), topic, 0, 10)
    query = {"topics": topic, "after": f"{topic}=7"}
    async with client.stream("GET", STREAM, params=query) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                assert json.loads(line[6:])["seq"] == 8
                break


async def test_a_neighbours_events_never_arrive(client: httpx.AsyncClient, served: Served, database: Database) -> None:
    topic, _ = two_topics()
    await write(database, workspace_of(client), topic, 0, 3)
    async with signed_in(served, database) as neighbour:
        reader = Reader(neighbour, (topic,))
        stream = reader.read()
        arriving = asyncio.ensure_future(anext(stream))
        await write(database, workspace_of(client), topic, 3, 3)
        done, _ = await asyncio.wait([arriving], timeout=1.0)
        assert not done
        await write(database, workspace_of(neighbour), topic, 100, 1)
        assert (await arriving)["data"] == {"number": 100}
        await stream.aclose()


async def test_a_quiet_stream_beats_for_those_who_watch_for_a_dead_line(client: httpx.AsyncClient) -> None:
    topic, _ = two_topics()
    said = []
    async with (
        asyncio.timeout(BEAT_S + ANSWER_TIMEOUT_S),
        client.stream("GET", STREAM, params={"topics": topic}) as answer,
    ):
        async for line in answer.aiter_lines():
            said.append(line)
            if said[-3:-1] == ["event: beat", "data: {}"]:
                break
    assert not any(line.startswith("id:") for line in said)


async def test_signing_out_ends_the_stream(client: httpx.AsyncClient, database: Database) -> None:
    topic, _ = two_topics()
    await write(database, workspace_of(client), topic, 0, 1)
    stream = Reader(client, (topic,)).read()
    await anext(stream)
    assert (await client.post("/api/v1/identity/logout")).status_code == 204
    assert await asyncio.wait_for(anext(stream, None), RECHECK_S + ANSWER_TIMEOUT_S) is None


async def test_a_server_that_stops_ends_its_streams_first(app_url: str, database: Database, tmp_path: Path) -> None:
    topic, _ = two_topics()
    with serving(app_url, tmp_path) as served:
        async with signed_in(served, database) as client:
            await write(database, workspace_of(client), topic, 0, 1)
            stream = Reader(client, (topic,)).read()
            await anext(stream)
            ending = asyncio.ensure_future(anext(stream, None))
            served.server.should_exit = True
            assert await asyncio.wait_for(ending, ANSWER_TIMEOUT_S) is None


async def test_a_database_that_goes_away_is_waited_for(app_url: str, database: Database, tmp_path: Path) -> None:
    cable = Cable(app_url)
    await cable.plug()
    topic, _ = two_topics()
    with serving(cable.url, tmp_path) as served:
        async with signed_in(served, database) as client:
            stream = Reader(client, (topic,)).read()
            await write(database, workspace_of(client), topic, 0, 1)
            assert (await anext(stream))["seq"] == 1
            await cable.unplug()
            away = await client.get("/api/v1/ops/status")
            unready = await client.get("/readyz")
            await write(database, workspace_of(client), topic, 1, 1)
            await cable.plug()
            assert (await asyncio.wait_for(anext(stream), ANSWER_TIMEOUT_S))["seq"] == 2
            back = await client.get("/api/v1/ops/status")
            await stream.aclose()
    await cable.unplug()
    assert (away.status_code, away.json()["code"]) == (503, "database_away")
    assert int(away.headers["retry-after"]) > 0
    assert unready.status_code == 503
    assert back.status_code == 200


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"topics": "everything"}, "no_such_topic"),
        ({"topics": "session:1"}, "no_such_topic"),
        ({"topics": ""}, "invalid_input"),
        ({"topics": "audit,", "after": ""}, "no_such_topic"),
        ({"topics": "audit", "after": "audit"}, "not_a_position"),
        ({"topics": "audit", "after": "audit=-1"}, "not_a_position"),
        ({"topics": "audit", "after": "audit=99999999999999999999"}, "not_a_position"),
        ({"topics": ",".join(f"session:{new_id()}" for _ in range(40))}, "too_many_topics"),
        ({"topics": "audit", "words": f"session:{new_id()}"}, "not_followed"),
    ],
)
async def test_a_wrong_wish_is_refused_before_the_stream_begins(
    client: httpx.AsyncClient, query: dict[str, str], code: str
) -> None:
    answer = await client.get(STREAM, params=query)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_stranger_follows_nothing(served: Served) -> None:
    async with httpx.AsyncClient(base_url=served.url, timeout=ANSWER_TIMEOUT_S) as stranger:
        assert (await stranger.get(STREAM, params={"topics": "audit"})).status_code == 401


def test_a_position_reads_as_it_was_written() -> None:
    position = {"audit": 3, f"session:{new_id()}": 2**40}
    assert parse_position(position_text(position)) == position
