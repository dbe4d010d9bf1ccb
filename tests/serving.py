"""Serving the real application on loopback in a thread, signing people in, and a cable to unplug its database."""

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import structlog
import uvicorn
from fastapi import FastAPI
from sqlalchemy.engine import make_url

from omc.app import Server, create_app
from omc.identity.service import Membership, issue_link, open_workspace
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.doorstep import Doorstep
from omc.settings import Settings

# Patience for a busy machine; nothing here takes a second on an idle one.
START_TIMEOUT_S = 60
ANSWER_TIMEOUT_S = 60
LONGEST_STOP_S = 60
# Reading the machine's certificates takes 50 ms of work, and a client does it anew unless it is handed what was read.
TRUST = ssl.create_default_context()


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running application."""

    url: str
    data_dir: Path
    server: uvicorn.Server


@contextmanager
def serving(app_url: str, data_dir: Path, *, public_url: str | None = None) -> Generator[Served]:
    """Run the application on a free port of loopback until the block ends."""
    app = create_app(Settings(data_dir=data_dir, public_url=public_url), app_url)
    server = Server(uvicorn.Config(app, http=Doorstep, log_config=None, access_log=False, timeout_graceful_shutdown=3))
    with running(server) as url:
        yield Served(url=url, data_dir=data_dir, server=server)


@contextmanager
def running_plain(app: FastAPI, protocol: type[Doorstep] = Doorstep) -> Generator[str]:
    """Run a small application of a test's own."""
    with running(uvicorn.Server(uvicorn.Config(app, http=protocol, log_config=None, lifespan="off"))) as url:
        yield url


@contextmanager
def running(server: uvicorn.Server) -> Generator[str]:
    """Run a server in a thread; yields its address."""
    if not structlog.is_configured():  # the library's default paints local variables, which takes seconds
        structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()])
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), name="served")
    thread.start()
    deadline = time.monotonic() + START_TIMEOUT_S
    while not server.started and thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.started, "the application does not start"
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join(LONGEST_STOP_S)
        assert not thread.is_alive(), "the application does not stop"


async def new_owner(database: Database) -> tuple[Membership, str]:
    """Make a workspace; return its owner and a one-time link's proof."""
    async with database.session(None) as session:
        owner = await open_workspace(session, name="Test", owner_name="Owner", now=utc_now())
        return owner, await issue_link(session, owner.person_id, now=utc_now())


@asynccontextmanager
async def signed_in(served: Served, database: Database) -> AsyncGenerator[httpx.AsyncClient]:
    """Sign the owner of a fresh workspace in; the client carries cookie, CSRF header and, for tests, `x-workspace`."""
    owner, proof = await new_owner(database)
    async with httpx.AsyncClient(base_url=served.url, timeout=ANSWER_TIMEOUT_S, verify=TRUST) as client:
        answer = await client.post("/api/v1/identity/link", json={"token": proof})
        assert answer.status_code == 200, answer.text
        client.headers["x-omc-csrf"] = answer.json()["csrf"]
        client.headers["x-workspace"] = str(owner.workspace_id)
        yield client


def cookie_name(client: httpx.AsyncClient) -> str:
    """The name of the session's cookie at the address that the client asks."""
    return f"omc_session_{client.base_url.port}"


class Cable:
    """A wire to the database that a test can unplug: connections die and new ones are refused."""

    def __init__(self, url: str) -> None:
        """Lead to the database at `url`."""
        self._target = make_url(url)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._port = 0
        self._audible = asyncio.Event()
        self._audible.set()

    @property
    def url(self) -> str:
        """The database's address through the cable."""
        plugged = self._target.set(host="127.0.0.1", port=self._port, query={})
        return plugged.render_as_string(hide_password=False)

    async def plug(self) -> None:
        """Let connections through."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def unplug(self) -> None:
        """Cut all connections and refuse new ones."""
        assert self._server is not None
        self._server.close()
        for writer in tuple(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)  # to wait until it is closed is to wait for ever in Python 3.12.1

    def hush(self) -> None:
        """Let nothing through any more, without a word to either end."""
        self._audible.clear()

    def speak(self) -> None:
        """Let everything through again, and what was held back."""
        self._audible.set()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = self._target.host or str(self._target.query["host"]), self._target.port or 5432
        if host.startswith("/"):
            far_reader, far_writer = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        else:
            far_reader, far_writer = await asyncio.open_connection(host, port)
        self._writers |= {writer, far_writer}
        try:
            await asyncio.gather(self._pour(reader, far_writer), self._pour(far_reader, writer))
        finally:
            self._writers -= {writer, far_writer}

    async def _pour(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while data := await reader.read(65_536):
                await self._audible.wait()
                writer.write(data)
                await writer.drain()
        writer.transport.abort()
