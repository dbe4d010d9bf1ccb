"""Serving the real application on loopback in a thread, and signing people in to it."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn

from omc.app import Server, create_app
from omc.identity.service import Membership, issue_link, open_workspace
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.settings import Settings

START_TIMEOUT_S = 20
STREAM_PATIENCE_S = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running application."""

    url: str
    data_dir: Path
    server: Server


@contextmanager
def serving(app_url: str, data_dir: Path, *, public_url: str | None = None) -> Iterator[Served]:
    """Run the application on a free port of loopback until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = create_app(Settings(data_dir=data_dir, public_url=public_url), app_url)
    server = Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=3))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), name="served")
    thread.start()
    deadline = time.monotonic() + START_TIMEOUT_S
    while not server.started and thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.started, "the application does not start"
    try:
        yield Served(url=url, data_dir=data_dir, server=server)
    finally:
        server.should_exit = True
        thread.join()


async def new_owner(database: Database) -> tuple[Membership, str]:
    """Make a workspace; return its owner and a one-time link's proof."""
    async with database.session(None) as session:
        owner = await open_workspace(session, name="Test", owner_name="Owner", now=utc_now())
        return owner, await issue_link(session, owner.person_id, now=utc_now())


@asynccontextmanager
async def signed_in(served: Served, database: Database) -> AsyncGenerator[httpx.AsyncClient]:
    """Sign the owner of a fresh workspace in; the client carries cookie, CSRF header and, for tests, `x-workspace`."""
    owner, proof = await new_owner(database)
    async with httpx.AsyncClient(base_url=served.url, timeout=STREAM_PATIENCE_S) as client:
        answer = await client.post("/api/v1/identity/link", json={"token": proof})
        assert answer.status_code == 200, answer.text
        client.headers["x-omc-csrf"] = answer.json()["csrf"]
        client.headers["x-workspace"] = str(owner.workspace_id)
        yield client
