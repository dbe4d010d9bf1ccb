"""Wake-ups between processes over LISTEN/NOTIFY: payloads are keys, and losing one never loses data.

A key is `<workspace>/<topic>`. Whoever waits re-reads its rows when woken, and after a reconnect everybody is woken.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Self

import psycopg
import structlog

from omc.kit.db import CONNECT_TIMEOUT_S

CHANNEL = "omc"
RECONNECT_S = 0.5
KEEPALIVE_IDLE_S = 10

log = structlog.get_logger(__name__)


class Bus:
    """One LISTEN connection a process, shared by all its waiting streams. Use as an async context manager."""

    def __init__(self, url: str) -> None:
        """Prepare to listen on the database at `url`."""
        self._url = url
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start listening in the background."""
        self._task = asyncio.get_running_loop().create_task(self._listen(), name="bus")
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

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

    async def _listen(self) -> None:
        """Listen through every outage. A cancellation that meets one may come out as that outage only."""
        me = asyncio.current_task()
        assert me is not None
        connected = True
        while not me.cancelling():
            try:
                async with await self._connect() as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    if not connected:
                        log.info("bus.connected")
                    connected = True
                    self._wake_all()
                    async for notification in connection.notifies():
                        self._wake(notification.payload)
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

    def _wake(self, key: str) -> None:
        for woken in self._waiting.get(key, ()):
            woken.set()

    def _wake_all(self) -> None:
        for events in self._waiting.values():
            for woken in events:
                woken.set()
