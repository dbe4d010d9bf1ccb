"""Planted keys through every door of a real installation, on every way a call ends: none is found but sealed."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psycopg
import pytest

from omc.identity.service import ensure_local_owner, issue_link
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.postgres import ServerUrls
from omc.kit.process import wait_until
from tests.planted.doors import Visitor, all_doors
from tests.planted.installation import Installation, Place, installed
from tests.planted.searching import Searcher
from tests.planted.sessions import SOME_TIME_S, begin_to_hang, look_at_everything, research
from tests.sims.models.fixture import ModelServer

CONTROL = {
    "plain": ("p1q2r3s4t", "p1q2r3s4t"),
    "hex": ("h1i2g3f4e", "683169326733663465"),
    "base64": ("b1c2d3e4f", "YjFjMmQzZTRm"),
    "JSON": ('j1"j2"j3"', 'j1\\"j2\\"j3\\"'),
    "URL": ("u1+u2+u3+", "u1%2Bu2%2Bu3%2B"),
}
"""Secrets as short as the shortest part of a key that is sought, each written in one dress only. They must be found.

They stand in a name, which may not look random: so the hexadecimal one is made of digits.
"""
LABEL = " ".join(written for _, written in CONTROL.values())

SEEN = {"answer", "stream", "command", "prompt", "export", "surroundings", "logs", "data", "temporary"}
SEEN |= {"dump", "table", "database file", "server's log", "activity"}


async def sign_in(client: httpx.AsyncClient, urls: ServerUrls) -> None:
    """Come in as the owner, by a one-time link."""
    database = Database(urls.app)
    async with database.session(None) as session:
        owner = await ensure_local_owner(session, now=utc_now())
        proof = await issue_link(session, owner.person_id, now=utc_now())
    await database.close()
    answer = await client.post("/api/v1/identity/link", json={"token": proof})
    client.headers["x-omc-csrf"] = answer.json()["csrf"]


async def visited(installation: Installation, server: ModelServer) -> Visitor:
    """Go through all doors, research on every kind of provider, look at every page, and end with a crash."""
    async with httpx.AsyncClient(base_url=installation.url, timeout=SOME_TIME_S) as client:
        visitor = Visitor(client, server, installation.env)
        await sign_in(client, installation.urls)
        async with asyncio.TaskGroup() as group:
            group.create_task(all_doors(visitor, LABEL))
            group.create_task(research(visitor, f"Does it pay? {LABEL}"))
        await look_at_everything(visitor)
        await begin_to_hang(visitor)
        await asyncio.to_thread(crash_the_worker, installation)
    return visitor


def crash_the_worker(installation: Installation) -> None:
    """End the worker in the middle of two calls, as a fault of a library would; it writes down where it was."""
    limits = Path(f"/proc/{installation.worker.pid}/limits").read_text()
    (core,) = (line.split()[4:6] for line in limits.splitlines() if line.startswith("Max core file size"))
    assert core == ["0", "0"], "a dump of the memory would hold keys"
    os.kill(installation.worker.pid, signal.SIGABRT)
    log = installation.home / "logs" / "work"
    assert wait_until(lambda: "Fatal Python error: Aborted" in log.read_text(), timeout_s=SOME_TIME_S)


@contextmanager
def control_in_the_open(installation: Installation) -> Generator[None]:
    """Write the control where only a fault would bring a key, and into a statement that fails."""
    for folder in ("data", "temporary"):
        (installation.home / folder / "forgotten").write_text(LABEL)
    with (installation.home / "logs" / "work").open("a") as log:
        log.write(LABEL)
    with psycopg.connect(installation.urls.superuser, autocommit=True) as connection:
        with suppress(psycopg.errors.DivisionByZero):
            connection.execute(f"SELECT 1 / 0 -- {LABEL}".encode())
        yield


def everywhere(installation: Installation, visitor: Visitor) -> Iterator[Place]:
    """All that anybody could see: answers, what the models got, processes, files, the database."""
    yield from visitor.answers
    yield from (
        (f"prompt: {seen.wire}", f"{seen.path} {json.dumps(seen.body)}".encode()) for seen in visitor.server.seen
    )
    yield from installation.surroundings()
    yield from installation.files()
    yield from installation.stored()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
async def test_a_planted_key_is_found_nowhere_but_sealed(
    tmp_path: Path, own_database: ServerUrls, model_server: ModelServer
) -> None:
    with installed(tmp_path, own_database, LABEL=LABEL) as installation:
        visitor = await visited(installation, model_server)
        searcher = Searcher(visitor.planted.keys | {dress: secret for dress, (secret, _) in CONTROL.items()})
        with control_in_the_open(installation):
            places = everywhere(installation, visitor)
            hits = {hit for place, content in places for hit in searcher.search(place, content)}
    found = {(hit.place.partition(":")[0], hit.planted) for hit in hits if hit.planted in CONTROL}
    assert found == {(kind, dress) for kind in SEEN for dress in CONTROL}
    sent = {request.key for request in model_server.seen}
    assert sent >= visitor.good, "a key that works was never used"
    assert [seen for seen in model_server.seen if seen.wire == "elsewhere"] == []
    assert sorted({(hit.place, hit.planted) for hit in hits if hit.planted not in CONTROL}) == []
