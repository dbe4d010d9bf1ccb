"""The doors of the simulator: a listener that can refuse or keep silent, and connections that can be cut."""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from functools import partial

import uvicorn
from starlette.requests import Request
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LOOPBACK = "127.0.0.1"
FILLERS = 4
MOMENT_S = 0.05


class Transports:
    """The open connections, by the client's address."""

    def __init__(self) -> None:
        self.closing = False
        self._open: dict[tuple[str, int], asyncio.Transport] = {}

    def add(self, transport: asyncio.Transport) -> None:
        self._open = {place: known for place, known in self._open.items() if not known.is_closing()}
        # The loop does this only for sockets that name their protocol; without it an answer waits 40 ms for an ACK.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        host, port = transport.get_extra_info("peername")[:2]
        self._open[host, port] = transport

    def abort(self, request: Request) -> None:
        """Cut the connection of a request."""
        assert request.client is not None
        if transport := self._open.get((request.client.host, request.client.port)):
            transport.abort()

    def abort_all(self) -> None:
        """Cut every connection."""
        for transport in self._open.values():
            transport.abort()


class _Protocol(HttpToolsProtocol):
    """A connection that the transports know."""

    transports: Transports

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transports.add(transport)
        super().connection_made(transport)


class Front(uvicorn.Server):
    """A server whose own sockets serve the control, and beside them the wire's door, which opens and closes."""

    def __init__(self, app: ASGIApp, transports: Transports, port: int = 0) -> None:
        bound = type("Protocol", (_Protocol,), {"transports": transports})
        super().__init__(
            uvicorn.Config(
                app, http=bound, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
            )
        )
        self.transports = transports
        self.port = port
        self._door: asyncio.Server | None = None
        self._silent: list[socket.socket] = []
        self._moving: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def url(self) -> str:
        """The address of the wire."""
        return f"http://{LOOPBACK}:{self.port}"

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await self.open()
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.transports.closing = True
        await self.refuse()
        await super().shutdown(sockets)

    async def open(self) -> None:
        """Accept connections."""
        await self._close()
        protocol = partial(self.config.http_protocol_class, self.config, self.server_state, {})
        listener = socket.create_server((LOOPBACK, self.port))
        self.port = listener.getsockname()[1]
        self._door = await asyncio.get_running_loop().create_server(protocol, sock=listener)

    async def refuse(self) -> None:
        """Refuse connections, and cut those that are open: down until `open`."""
        await self._close()
        self.transports.abort_all()

    async def silence(self) -> None:
        """Let connections hang before they are made: a listener that never accepts, with its queue full."""
        await self.refuse()
        listener = socket.create_server((LOOPBACK, self.port), backlog=0)
        self._silent.append(listener)
        for _ in range(FILLERS):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex((LOOPBACK, self.port))
            self._silent.append(filler)

    async def _close(self) -> None:
        for quiet in self._silent:
            quiet.close()
        self._silent = []
        if self._door is not None:
            self._door.close()
            self._door = None

    def soon(self, verb: Callable[[], Coroutine[None, None, None]]) -> None:
        """Move the door in a moment."""

        async def later() -> None:
            await asyncio.sleep(MOMENT_S)
            await verb()

        self._moving = asyncio.get_running_loop().create_task(later(), name="door")

    def from_outside(self, verb: str) -> None:
        """Run `open`, `refuse` or `silence` from another thread."""
        assert self._loop is not None
        verbs = {"open": self.open, "refuse": self.refuse, "silence": self.silence}
        asyncio.run_coroutine_threadsafe(verbs[verb](), self._loop).result(10)
