"""Planted secrets through every way of signing in, right and wrong, at debug level: none comes out anywhere."""

import base64
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import httpx
import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy.engine import make_url

from omc.kit.db import Database
from omc.kit.ids import new_id
from omc.kit.postgres import ServerUrls
from omc.kit.process import wait_until
from tests.cli.commands import free_port, installation
from tests.serving import ANSWER_TIMEOUT_S, cookie_name, new_owner

IDENTITY = "/api/v1/identity"
LABEL = "a label that is no secret"


@dataclass
class Traces:
    """What was planted, and every place where it must not be found."""

    planted: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def plant(self, name: str, secret: str) -> str:
        """Remember a secret."""
        self.planted[name] = secret
        return secret

    def found(self) -> list[tuple[str, str]]:
        """Return (secret, place) of whatever came out, plain or in another dress."""
        return [
            (name, place)
            for name, secret in self.planted.items()
            for place, content in self.places.items()
            if any(dress in content for dress in dresses(secret))
        ]


def dresses(secret: str) -> set[str]:
    raw = secret.encode()
    return {secret, quote(secret, safe=""), raw.hex(), base64.b64encode(raw).decode().rstrip("=")}


@contextmanager
def chatty(urls: ServerUrls, directory: Path) -> Generator[tuple[str, Path]]:
    """`omc serve` that logs all it can; yields its address and its log."""
    port, log = free_port(), directory / "log"
    more = {"port": str(port), "log_level": "debug", "log_format": "json"}
    env = installation(directory, urls, **more)
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-m", "omc.cli", "serve"], env=env, stdout=output, stderr=output)
    address = f"http://127.0.0.1:{port}"
    try:
        assert wait_until(lambda: alive(address), timeout_s=ANSWER_TIMEOUT_S), log.read_text()
        yield address, log
    finally:
        process.terminate()
        process.wait()


def alive(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz").status_code == 200
    except httpx.TransportError:
        return False


def everything_stored(superuser_url: str) -> str:
    with psycopg.connect(superuser_url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rows = [connection.execute(SQL("SELECT t::text FROM {} AS t").format(Identifier(name))) for (name,) in tables]
        return "\n".join(str(text) for table in rows for (text,) in table)


async def sign_in_every_way(client: httpx.AsyncClient, database: Database, traces: Traces) -> None:
    """Sign in rightly and wrongly by link, form, password, cookie and token."""
    _, proof = await new_owner(database)
    traces.plant("link", proof)
    right = traces.plant("password", f"Right {new_id()} words")
    wrong = traces.plant("wrong password", f"Wrong {new_id()} words")
    email = f"{new_id()}@example.org"

    async def post(path: str, body: object, **headers: str) -> httpx.Response:
        answer = await client.post(f"{IDENTITY}/{path}", json=body, headers=headers)
        if answer.is_error:
            traces.places[f"answer of {path} {len(traces.places)}"] = answer.text
        return answer

    await post("link", {"token": proof})
    form = {"email": email, "password": right, "name": "Ada"}
    await post("setup", {**form, "token": proof})
    csrf = traces.plant("csrf", (await client.get(f"{IDENTITY}/me")).json()["csrf"])
    assert (await post("setup", form, **{"x-omc-csrf": csrf})).status_code == 200
    for body in (
        {"email": email, "password": wrong},
        {"email": 7, "password": wrong},
        {"email": email, "passwort": wrong},
    ):
        assert (await post("login", body)).is_error
    csrf = traces.plant("second csrf", (await post("login", {"email": email, "password": right})).json()["csrf"])
    traces.plant("session", client.cookies[cookie_name(client)])
    wish = {"name": LABEL, "scopes": ["read"]}
    token = (await post("tokens", wish, **{"x-omc-csrf": csrf})).json()["token"]
    bearing = {"authorization": f"Bearer {traces.plant('token', token)}"}
    assert (await client.get(f"{IDENTITY}/me", headers=bearing)).status_code == 200
    assert (await post("tokens", wish, **bearing)).status_code == 403
    guess = traces.plant("guessed token", f"omc_{new_id().hex}")
    answer = await client.get(f"{IDENTITY}/me", headers={"authorization": f"Bearer {guess}"})
    traces.places["answer to a guess"] = answer.text
    assert (
        await client.get("/api/v1/nowhere", headers={"cookie": f"{cookie_name(client)}={guess}"})
    ).status_code == 404


@pytest.mark.slow
async def test_no_secret_is_found_in_logs_answers_or_the_database(own_database: ServerUrls, tmp_path: Path) -> None:
    traces = Traces()
    traces.plant("database password", make_url(own_database.app).password or "")
    traces.plant("owner's database password", make_url(own_database.owner).password or "")
    with chatty(own_database, tmp_path) as (address, log):
        async with httpx.AsyncClient(base_url=address, timeout=ANSWER_TIMEOUT_S) as client:
            database = Database(own_database.app)
            await sign_in_every_way(client, database, traces)
            await database.close()
    traces.places |= {"the log": log.read_text(), "the database": everything_stored(own_database.superuser)}
    assert "login.refused" in traces.places["the log"], "the log is not written, so this proves nothing"
    assert LABEL in traces.places["the database"]
    assert "$argon2id$" in traces.places["the database"]
    assert len(traces.places) > 6
    assert len(traces.planted) == 10
    assert all(len(secret) > 8 for secret in traces.planted.values())
    assert traces.found() == []
