"""Words in passing: they reach who overhears their key, and are not sent while nobody does."""

import asyncio
import time
from collections.abc import AsyncIterator

import psycopg
import pytest

from omc.kit.bus import RECONNECT_S, SEND_S, Bus, Ear
from omc.kit.ids import new_id
from tests.serving import Cable

PATIENCE_S = 10
TELL_EARS_S = 0.5


@pytest.fixture
async def here(app_url: str) -> AsyncIterator[Bus]:
    """A process's bus."""
    async with Bus(app_url, tell_ears_s=TELL_EARS_S) as bus:
        yield bus


@pytest.fixture
async def there(app_url: str) -> AsyncIterator[Bus]:
    """Another process's."""
    async with Bus(app_url, tell_ears_s=TELL_EARS_S) as bus:
        yield bus


async def known(bus: Bus, key: str, *, after: float = 0.0) -> float:
    """When the newest listener came, once one that came after this is known."""
    async with asyncio.timeout(PATIENCE_S):
        while (since := bus.listened_since(key)) is None or since <= after:
            await asyncio.sleep(0.01)
    return since


async def heard(ear: Ear) -> list[str]:
    """What comes next."""
    async with asyncio.timeout(PATIENCE_S):
        await ear.spoken.wait()
    return [words for _, words in ear.take()]


async def test_words_reach_who_overhears_their_key_in_another_process(here: Bus, there: Bus) -> None:
    mine, other = f"{new_id()}/session:1", f"{new_id()}/session:1"
    assert here.listened_since(mine) is None
    async with there.overhear([mine]) as ear:
        await known(here, mine)
        await here.say(other, "not for you")
        await here.say(mine, "one\ntwo")
        assert await heard(ear) == ["one\ntwo"]
        assert here.listened_since(other) is None


async def test_a_second_listener_is_told_apart_from_the_first(here: Bus, there: Bus) -> None:
    key = f"{new_id()}/session:1"
    async with there.overhear([key]):
        first = await known(here, key)
        async with there.overhear([key]):
            assert await known(here, key, after=first) > first


async def test_a_listener_is_told_of_as_long_as_it_listens_and_then_forgotten(app_url: str) -> None:
    key = f"{new_id()}/session:1"
    async with Bus(app_url, tell_ears_s=0.7) as here, Bus(app_url, tell_ears_s=0.7) as there:
        async with there.overhear([key]):
            since = await known(here, key)
            await asyncio.sleep(3.0)
            assert here.listened_since(key) == since
        async with asyncio.timeout(PATIENCE_S):
            while here.listened_since(key) is not None:
                await asyncio.sleep(0.01)


async def test_words_that_are_too_many_push_the_oldest_out(here: Bus, there: Bus) -> None:
    key = f"{new_id()}/session:1"
    async with there.overhear([key]) as ear:
        await known(here, key)
        for number in range(300):
            await here.say(key, str(number))
        async with asyncio.timeout(PATIENCE_S):
            while not ear.unheard or ear.unheard[-1] != (key, "299"):
                await asyncio.sleep(0.01)
        assert len(ear.take()) == ear.unheard.maxlen
        assert not ear.spoken.is_set()


async def test_words_that_meet_a_dead_line_go_over_a_new_one(here: Bus, there: Bus, superuser_url: str) -> None:
    key = f"{new_id()}/session:1"
    async with there.overhear([key]) as ear:
        await known(here, key)
        assert await here.say(key, "before")
        assert await heard(ear) == ["before"]
        await end_idle_lines(superuser_url)
        assert await here.say(key, "after")
        assert await heard(ear) == ["after"]


async def test_who_says_something_on_a_silent_line_waits_no_longer_than_promised(app_url: str) -> None:
    cable = Cable(app_url)
    await cable.plug()
    key = f"{new_id()}/session:1"
    async with Bus(cable.url) as bus:
        assert await bus.say(key, "one")
        cable.hush()
        began = time.monotonic()
        assert not await bus.say(key, "two")
        async with bus.overhear([key]):
            pass
        assert time.monotonic() - began < 2 * SEND_S, "a listener does not wait at all"
        cable.speak()
        async with asyncio.timeout(PATIENCE_S):
            while not await bus.say(key, "three"):
                await asyncio.sleep(RECONNECT_S)
    await cable.unplug()


async def test_a_bus_whose_line_is_silent_ends_at_once(app_url: str) -> None:
    cable = Cable(app_url)
    await cable.plug()
    async with Bus(cable.url) as bus:
        assert await bus.say("key", "one")
        cable.hush()
        saying = asyncio.ensure_future(bus.say("key", "two"))
        await asyncio.sleep(0.05)
        began = time.monotonic()
    assert time.monotonic() - began < SEND_S
    assert not await saying
    cable.speak()
    await cable.unplug()


async def end_idle_lines(superuser_url: str) -> None:
    """End the connections of the database that have spoken before and wait for nothing, as a restart would."""
    spoke = """
        SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE query LIKE 'SELECT pg_notify%' AND datname = current_database()
    """
    async with await psycopg.AsyncConnection.connect(superuser_url, autocommit=True) as connection:
        ended = await (await connection.execute(spoke)).fetchall()
    assert ended
