"""Wake-ups between processes over LISTEN/NOTIFY: payloads are keys, and losing one never loses data.

A key is `<workspace>/<topic>`. Whoever waits re-reads its rows when woken, and after a reconnect everybody is woken.

Beside the wake-ups go words that nobody keeps: what a model says while it says it. They are sent only while somebody,
in whatever process, overhears their key; each process tells of its listeners when they come and every TELL_EARS_S.
"""

import asyncio
import os
import socket
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import LiteralString, Self

import psycopg
import structlog

from omc.kit.db import CONNECT_TIMEOUT_S

CHANNEL = "omc"
WORDS_CHANNEL = "omc_words"
NEW_EARS_CHANNEL = "omc_new_ears"
EARS_CHANNEL = "omc_ears"
RECONNECT_S = 0.5
KEEPALIVE_IDLE_S = 10
TELL_EARS_S = 5.0
EARS_LAST = 2.5
"""A listener that is not told of again within so many times is gone: its process died, or stopped overhearing."""
SEND_S = 1.0
"""Whoever says something waits no longer: a line that is silent for so long is hung up."""
END_S = 0.3
MAX_UNHEARD = 200
"""Words that wait for a slow listener; the oldest go first."""

_NOTIFY = "SELECT pg_notify(%(channel)s, said) FROM unnest(%(payloads)s::text[]) AS said"
_AT_ONCE = "SET synchronous_commit = off"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ear:
    """What one listener has not taken yet; `spoken` is set while there is something."""

    spoken: asyncio.Event = field(default_factory=asyncio.Event)
    unheard: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=MAX_UNHEARD))

    def take(self) -> list[tuple[str, str]]:
        """Return the keys and words that came since."""
        self.spoken.clear()
        taken = list(self.unheard)
        self.unheard.clear()
        return taken


@dataclass(slots=True)
class _Listened:
    """Somebody overhears a key: until when that is known, and when the newest one came."""

    until: float
    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errand:
    """Something to notify; `sent` is told whether it was."""

    channel: str
    payloads: Sequence[str]
    sent: asyncio.Future[bool]


class Bus:
    """One LISTEN connection a process, shared by all its waiting streams. Use as an async context manager."""

    def __init__(self, url: str, *, tell_ears_s: float = TELL_EARS_S) -> None:
        """Prepare to listen on the database at `url`."""
        self._url = url
        self._tell_ears_s = tell_ears_s
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._ears: dict[str, list[Ear]] = defaultdict(list)
        self._listened: dict[str, _Listened] = {}
        self._new_ears: set[str] = set()
        self._ears_came = asyncio.Event()
        self._mouth: psycopg.AsyncConnection | None = None
        self._errands: asyncio.Queue[_Errand] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Start listening in the background."""
        loop = asyncio.get_running_loop()
        work = {"bus": self._listen(), "ears": self._tell_ears(), "mouth": self._speak()}
        self._tasks = [loop.create_task(task, name=name) for name, task in work.items()]
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        """Stop listening. The driver waits for a silent server when it is cancelled once, but not twice."""
        while going := [task for task in self._tasks if not task.done()]:
            for task in going:
                task.cancel()
            await asyncio.wait(going, timeout=END_S)
        if self._mouth is not None:
            await self._mouth.close()

    @asynccontextmanager
    async def watch(self, keys: Iterable[str]) -> AsyncGenerator[asyncio.Event, None]:
        """Yield an event that is set whenever one of `keys` is notified; the waiter clears it before it reads."""
        watched = tuple(keys)
        woken = asyncio.Event()
        for key in watched:
            self._waiting[key].add(woken)
        try:
            yield woken
        finally:
            for key in watched:
                self._waiting[key].discard(woken)
                if not self._waiting[key]:
                    del self._waiting[key]

    @asynccontextmanager
    async def overhear(self, keys: Iterable[str]) -> AsyncGenerator[Ear, None]:
        """Yield an ear that hears what is said on `keys` from about now on; nobody waits until that is told."""
        listened, ear = tuple(keys), Ear()
        for key in listened:
            self._ears[key].append(ear)
        self._announce(listened)
        try:
            yield ear
        finally:
            for key in listened:
                self._ears[key].remove(ear)
                if not self._ears[key]:
                    del self._ears[key]

    def listened_since(self, key: str) -> float | None:
        """Return when the newest of those who overhear `key` came, by the loop's clock; None while nobody does."""
        known = self._listened.get(key)
        return known.since if known is not None and known.until > asyncio.get_running_loop().time() else None

    async def say(self, key: str, words: str) -> bool:
        """Send words to whoever overhears `key` now: with it, less than PostgreSQL's 8,000 bytes.

        Returns whether they were sent; what cannot be sent at once may be lost.
        """
        return await self._notify(WORDS_CHANNEL, [f"{key}\n{words}"])

    async def _notify(self, channel: str, payloads: Sequence[str]) -> bool:
        """Let the one task that speaks send it, so that whoever waits for it can be cancelled at once."""
        errand = _Errand(channel=channel, payloads=payloads, sent=asyncio.get_running_loop().create_future())
        self._errands.put_nowait(errand)
        try:
            async with asyncio.timeout(SEND_S):
                return await errand.sent
        except TimeoutError:
            return False

    async def _speak(self) -> None:
        """Run errands on a connection of its own, which waits for no disk: nothing of this outlives the moment."""
        me = asyncio.current_task()
        assert me is not None
        while not me.cancelling():
            errand = await self._errands.get()
            if errand.sent.done():
                continue
            sent = await self._send(errand)
            if not errand.sent.done():
                errand.sent.set_result(sent)

    async def _send(self, errand: _Errand) -> bool:
        """Send it; a line that broke while it rested is laid anew, once."""
        said = {"channel": errand.channel, "payloads": list(errand.payloads)}
        if self._mouth is not None and await _spoke(self._mouth, _NOTIFY, said):
            return True
        if self._mouth is not None and not self._mouth.closed:
            return False
        with suppress(psycopg.Error):
            self._mouth = await self._connect()
            return await _spoke(self._mouth, _AT_ONCE, {}) and await _spoke(self._mouth, _NOTIFY, said)
        return False

    def _announce(self, keys: Iterable[str]) -> None:
        self._new_ears.update(keys)
        if self._new_ears:
            self._ears_came.set()

    async def _tell_ears(self) -> None:
        """Tell of those who came at once, and now and then of all; whoever could not be told of comes again then."""
        loop = asyncio.get_running_loop()
        due = loop.time() + self._tell_ears_s
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._ears_came.wait()
            self._ears_came.clear()
            new, self._new_ears = self._new_ears & self._ears.keys(), set()
            if new and not await self._notify(NEW_EARS_CHANNEL, sorted(new)):
                self._new_ears |= new
            if loop.time() >= due:
                due = loop.time() + self._tell_ears_s
                if self._ears:
                    await self._notify(EARS_CHANNEL, list(self._ears))

    async def _listen(self) -> None:
        """Listen through every outage. A cancellation that meets one may come out as that outage only."""
        me = asyncio.current_task()
        assert me is not None
        connected = True
        while not me.cancelling():
            try:
                async with await self._connect() as connection:
                    for channel in (CHANNEL, WORDS_CHANNEL, NEW_EARS_CHANNEL, EARS_CHANNEL):
                        await connection.execute(f"LISTEN {channel}")
                    if not connected:
                        log.info("bus.connected")
                    connected = True
                    self._wake_all()
                    self._announce(self._ears)  # what was said meanwhile is told again
                    async for notification in connection.notifies():
                        self._notified(notification.channel, notification.payload)
            except psycopg.OperationalError as error:
                if connected:
                    log.warning("bus.disconnected", error=type(error).__name__)
                connected = False
            await asyncio.sleep(RECONNECT_S)

    async def _connect(self) -> psycopg.AsyncConnection:
        """Connect so that a peer which vanished without a word is noticed."""
        return await psycopg.AsyncConnection.connect(
            self._url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S, keepalives_idle=KEEPALIVE_IDLE_S
        )

    def _notified(self, channel: str, payload: str) -> None:
        if channel == CHANNEL:
            self._wake(payload)
        elif channel == WORDS_CHANNEL:
            key, _, words = payload.partition("\n")
            for ear in self._ears.get(key, ()):
                ear.unheard.append((key, words))
                ear.spoken.set()
        else:
            self._note_ear(payload, new=channel == NEW_EARS_CHANNEL)

    def _note_ear(self, key: str, *, new: bool) -> None:
        now = asyncio.get_running_loop().time()
        known = self._listened.get(key)
        if known is None:
            self._listened = {key: one for key, one in self._listened.items() if one.until > now}
            known = self._listened[key] = _Listened(until=now, since=now)
        if new or known.until <= now:
            known.since = now
        known.until = now + EARS_LAST * self._tell_ears_s

    def _wake(self, key: str) -> None:
        for woken in self._waiting.get(key, ()):
            woken.set()

    def _wake_all(self) -> None:
        for events in self._waiting.values():
            for woken in events:
                woken.set()


async def _spoke(mouth: psycopg.AsyncConnection, statement: LiteralString, parameters: Mapping[str, object]) -> bool:
    silent = asyncio.get_running_loop().call_later(SEND_S, _hang_up, mouth)
    try:
        await mouth.execute(statement, parameters)
    except psycopg.Error:
        return False
    finally:
        silent.cancel()
    return True


def _hang_up(mouth: psycopg.AsyncConnection) -> None:
    """Break a line: the driver's own way to give up asks the server first, and waits for it."""
    with suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(mouth.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
