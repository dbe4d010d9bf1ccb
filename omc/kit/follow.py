"""Following the event log live: replay from a position, then wait; nothing is lost or repeated between the two.

A position names the last sequence number seen of each topic, as text `topic=seq,topic=seq`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from omc.kit import events
from omc.kit.bus import Bus, Ear
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.kit.events import Event
from omc.kit.outage import AWAY

MAX_TOPICS = 32
MAX_POSITION_TEXT = 4_096
MAX_SEQ = 2**62
PAGE = 200
RECHECK_S = 5.0
BEAT_S = 5.0
RETRY_S = 1.0

Presence = Callable[[], Awaitable[bool]]
"""Asks whether the one who follows is still signed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event, and the position that a reader has reached with it."""

    event: Event
    position: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """Words that were said on a topic just now, as JSON; they are in no log and have no position."""

    topic: str
    words: str


def parse_position(text: str) -> dict[str, int]:
    """Return the position written in `text`; refuses what is not one."""
    if len(text) > MAX_POSITION_TEXT:
        raise _not_a_position()
    position: dict[str, int] = {}
    for part in filter(None, text.split(",")):
        topic, equals, number = part.rpartition("=")
        if not (equals and topic and number.isascii() and number.isdigit()) or int(number) > MAX_SEQ:
            raise _not_a_position()
        position[topic] = int(number)
    return position


def position_text(position: Mapping[str, int]) -> str:
    """Return a position as text."""
    return ",".join(f"{topic}={seq}" for topic, seq in position.items())


async def follow(
    database: Database,
    bus: Bus,
    *,
    workspace: UUID,
    after: Mapping[str, int],
    present: Presence,
    closing: asyncio.Event,
) -> AsyncIterator[Delivery]:
    """Yield every event behind `after` (its keys are the topics) in order, for ever.

    Ends when `present` says no (asked every RECHECK_S) or when the process is closing.
    A database that goes away is waited for.
    """
    beating = follow_beating(database, bus, workspace=workspace, after=after, present=present, closing=closing)
    async for delivery in beating:
        if isinstance(delivery, Delivery):
            yield delivery


async def follow_beating(
    database: Database,
    bus: Bus,
    *,
    workspace: UUID,
    after: Mapping[str, int],
    present: Presence,
    closing: asyncio.Event,
    words: Sequence[str] = (),
) -> AsyncIterator[Delivery | Passing | None]:
    """Follow, and yield None every BEAT_S: a reader far away tells by it a quiet line from a dead one.

    What is said in passing on the topics `words` comes too; the log is not read again for it.
    """
    position = dict(after)
    keys = [events.key(workspace, topic) for topic in position]
    overheard = {events.key(workspace, topic): topic for topic in words}
    loop = asyncio.get_running_loop()
    recheck_at, beat_at = loop.time() + RECHECK_S, loop.time() + BEAT_S
    async with bus.watch(keys) as woken, bus.overhear(overheard) as ear:
        woken.set()
        while not closing.is_set():
            beats = loop.time() >= beat_at
            due = woken.is_set() or beats
            woken.clear()
            for aside in _asides(ear, overheard, beats=beats):
                yield aside
            beat_at = loop.time() + BEAT_S if beats else beat_at
            try:
                if loop.time() >= recheck_at:
                    if not await present():
                        return
                    recheck_at = loop.time() + RECHECK_S
                if due:
                    async for delivery in _catch_up(database, workspace, position):
                        yield delivery
            except AWAY:
                woken.set()
                await asyncio.sleep(RETRY_S)
                continue
            await _first_of(woken, ear.spoken, closing, timeout_s=min(recheck_at, beat_at) - loop.time())


def _asides(ear: Ear, topics: Mapping[str, str], *, beats: bool) -> list[Passing | None]:
    said: list[Passing | None] = [Passing(topic=topics[key], words=words) for key, words in ear.take()]
    return [*said, None] if beats else said


async def _catch_up(database: Database, workspace: UUID, position: dict[str, int]) -> AsyncIterator[Delivery]:
    behind = set(position)
    while behind:
        async with database.session(workspace) as session:
            pages = {topic: await events.read(session, topic, position[topic], PAGE) for topic in sorted(behind)}
        for topic, page in pages.items():
            for event in page:
                position[topic] = event.seq
                yield Delivery(event=event, position=position_text(position))
            if len(page) < PAGE:
                behind.discard(topic)


async def _first_of(*happenings: asyncio.Event, timeout_s: float) -> None:
    loop = asyncio.get_running_loop()
    waiters = [loop.create_task(happening.wait(), name="follow") for happening in happenings]
    try:
        await asyncio.wait(waiters, timeout=max(timeout_s, 0), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiter in waiters:
            waiter.cancel()


def _not_a_position() -> Refusal:
    return Refusal(
        "not_a_position", 422, "A position is written topic=number,topic=number; send one that was received."
    )
