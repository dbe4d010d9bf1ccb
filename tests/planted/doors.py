"""Every door through which a key comes in: the right ones, and those that people take by mistake."""

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import chain, product
from typing import TypeAlias, TypedDict, Unpack
from urllib.parse import quote
from uuid import uuid4

import httpx

from omc.vault.providers import mark_of
from tests.cli.commands import omc
from tests.planted.installation import Place
from tests.planted.keys import KINDS, Planted
from tests.sims.models.faults import Fault
from tests.sims.models.fixture import ModelServer

VAULT = "/api/v1/vault"
KEYS = f"{VAULT}/credentials"
SESSIONS = "/api/v1/lab/sessions"
MODEL = "sim-large"
AT_ONCE = 4
ALWAYS = 1_000
MANY = 2_000_000
JSON = "application/json"
KEPT = (Fault.HTML_502, Fault.REDIRECT, Fault.QUOTA, Fault.CUT)
"""Faults of a test whose words are stored; `test_calls` has all of them."""

Form: TypeAlias = dict[str, object]


class More(TypedDict, total=False):
    """What a request may have besides a JSON body."""

    params: dict[str, str]
    headers: dict[str, str]
    content: str
    data: dict[str, str]
    files: dict[str, bytes]


@dataclass(slots=True)
class Visitor:
    """A person with a browser and a terminal, who keeps every answer."""

    client: httpx.AsyncClient
    server: ModelServer
    env: Mapping[str, str]
    answers: list[Place] = field(default_factory=list)
    planted: Planted = field(default_factory=Planted)
    good: set[str] = field(default_factory=set)
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def ask(self, method: str, path: str, body: object = None, **more: Unpack[More]) -> httpx.Response:
        """Send a request and keep its answer, headers and body."""
        async with self._turns:
            answer = await self.client.request(method, path, json=body, **more)
        kind = "export" if "/export" in path else "answer"
        self.keep(f"{kind}: {method} {path[:80]} {answer.status_code}", answer)
        return answer

    def keep(self, place: str, answer: httpx.Response, content: bytes | None = None) -> None:
        """Remember an answer."""
        said = answer.content if content is None else content
        self.answers.append((place, repr(answer.headers.multi_items()).encode() + b"\n" + said))

    def key(self, kind: str, name: str, *, works: bool = True) -> str:
        """Make a key; one that works is taken by the model server."""
        made = self.planted.key(kind, name)
        if works:
            self.good.add(made)
            self.server.desk.keys = frozenset(self.good)
        return made

    def form(self, kind: str, key: str, **more: object) -> Form:
        """What is filled in to add a key."""
        base_url = self.server.openai_url if kind.startswith("openai") else self.server.url
        filled = {"provider": kind, "name": f"{kind} {uuid4()}", "base_url": base_url, "key": key}
        return {**filled, "free": True, "default_model": MODEL, **more}

    async def add(self, kind: str, key: str, **more: object) -> str:
        """Store a key; returns the credential's id."""
        answer = await self.ask("POST", KEYS, self.form(kind, key, **more))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["credential"]["id"])


async def all_doors(visitor: Visitor, label: str) -> None:
    """Go through all of them; `label` is what the terminal calls its key."""
    async with asyncio.TaskGroup() as group:
        group.create_task(terminal(visitor, label))
        for kind in KINDS:
            group.create_task(a_key_lives_its_life(visitor, kind))
        for kind, fault in chain(product(KINDS, [Fault.ECHO_KEY]), zip(KINDS, KEPT, strict=True)):
            group.create_task(a_test_fails(visitor, kind, fault))
        group.create_task(all_is_echoed(visitor))
        group.create_task(mistakes(visitor))


async def a_key_lives_its_life(visitor: Visitor, kind: str) -> None:
    """Tried, added, tested, made the default, exchanged for good and bad ones, saved anyway, removed."""
    ask, key = visitor.ask, visitor.key
    assert (await ask("POST", f"{KEYS}/test", visitor.form(kind, key(kind, "tried")))).json()["ok"]
    around = f"  Authorization: Bearer {key(kind, 'with words around it')}\n"
    row = await visitor.add(kind, around, make_default=True)
    assert (await ask("POST", f"{KEYS}/{row}/test")).json()["ok"]
    rotations = (
        ({"key": key(kind, "rotated, wrong", works=False)}, 422),
        ({"key": key(kind, "rotated")}, 200),
        ({"key": key(kind, "rotated, wrong, anyway", works=False), "save_anyway": True}, 200),
    )
    for body, status in rotations:
        assert (await ask("POST", f"{KEYS}/{row}/rotate", body)).status_code == status
    assert not (await ask("POST", f"{KEYS}/{row}/test")).json()["ok"]
    assert (await ask("POST", f"/api/v1/lab/credentials/{row}/remove", {"reassign": None})).status_code == 200


async def a_test_fails(visitor: Visitor, kind: str, fault: Fault) -> None:
    """A key whose test meets a fault, saved anyway, so that the failure's words are stored."""
    key = visitor.key(kind, f"test meets {fault}")
    visitor.server.fail(fault, times=ALWAYS, key=key)
    await visitor.add(kind, key, save_anyway=True)


async def terminal(visitor: Visitor, label: str) -> None:
    """The same from a terminal, where the key comes by a pipe."""
    given = ("--provider", "openai", "--base-url", visitor.server.openai_url, "--key-stdin", "--json")
    key = visitor.key("openai", "piped")
    done = await asyncio.to_thread(omc, "models", "add", "--name", label, *given, env=visitor.env, given=f"{key}\n")
    assert done.returncode == 0, done.stderr
    visitor.answers.append(("command: add", (done.stdout + done.stderr).encode()))


@asynccontextmanager
async def parrot() -> AsyncGenerator[str]:
    """A server that says back all it hears, in the headers and in the body of a refusal."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard = (await reader.readuntil(b"\r\n\r\n")).rstrip().split(b"\r\n")[1:]
        headers = [b"x-heard-" + line for line in heard] + [b"connection: close"]
        writer.write(b"\r\n".join([b"HTTP/1.1 401 Unauthorized", *headers, b"", *heard]))
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def all_is_echoed(visitor: Visitor) -> None:
    """A key of each kind goes to a server that sends it back where it can."""
    async with parrot() as address:
        for kind in KINDS:
            key = visitor.key(kind, "echoed", works=False)
            await visitor.add(kind, key, base_url=address, save_anyway=True)


async def mistakes(visitor: Visitor) -> None:
    """A key where it does not belong: what is refused must not repeat it."""
    known = [visitor.key(kind, "by mistake", works=False) for kind in KINDS[:3]]
    unknown = visitor.key("openai-compatible", "by mistake", works=False)
    right = visitor.form("openai-compatible", visitor.key("openai-compatible", "refused", works=False))
    right["save_anyway"] = True
    bodies = [*_in_the_open(right, known), *_misfiled(right, known[0]), *_misfiled(right, unknown)]
    bodies += [{**right, "key": unknown, name: unknown} for name in ("name", "default_model")]
    bodies += [{**right, "key": known[1], "provider": "openai", "base_url": None}]
    requests = [visitor.ask("POST", KEYS, body) for body in bodies]
    for key in (known[0], unknown):
        half = f'{{"provider": "openai", "key": {json.dumps(key)}, '
        requests += [
            visitor.ask("POST", KEYS, content=half, headers={"content-type": kind}) for kind in (JSON, "text/plain")
        ]
        requests += [visitor.ask("POST", KEYS, **sent) for sent in _not_json(key)]
        requests += [visitor.ask("GET", KEYS, headers={name: key}) for name in ("x-api-key", "authorization", "cookie")]
        requests += [visitor.ask(method, path, body) for method, path, body in _elsewhere(key)]
    await asyncio.gather(*requests)


def _in_the_open(right: Form, keys: Sequence[str]) -> Iterator[Form]:
    """Keys of a known look in fields that are shown."""
    for key in keys:
        for name in ("name", "default_model", "base_url", "monthly_budget"):
            yield {**right, name: key}
        for around in ("my key {}", "KEY={}", '"{}"', "{}."):
            yield {**right, "name": around.format(key)}
        for around in ("{}?key={}", "{}#{}", "{}/{}"):
            yield {**right, "base_url": around.format(right["base_url"], key)}
        for url in (f"http://me:{key}@127.0.0.1:1025/v1", f"http://{key}.example/v1"):
            yield {**right, "base_url": url}


def _misfiled(right: Form, key: str) -> Iterator[object]:
    """Bodies that are no form, and keys that are no key."""
    yield from ({**right, name: key} for name in ("provider", "api_key", "free"))
    yield from ({**right, "key": wrong} for wrong in ([key], {"key": key}, {key: key}, key * 200))
    yield from ({**right, "key": wrong} for wrong in (f"{key[:20]} {key[20:]}", f"é{key}", f"{key}\n.\n{key}"))
    yield from ({**right, key: True}, key, [key])


def _not_json(key: str) -> Sequence[More]:
    return (
        *(More(params=params) for params in ({"key": key}, {key: "1"})),
        *(More(data={"key": key}), More(files={"key": key.encode()}), More(content=key + "x" * MANY)),
    )


def _elsewhere(key: str) -> Iterator[tuple[str, str, object]]:
    """Addresses that take no key."""
    yield from (("PATCH", f"{KEYS}/{quote(key)}", {"name": "X"}), ("DELETE", f"{KEYS}/{quote(key)}", None))
    yield "PUT", f"{VAULT}/default", {"credential_id": key, "model": "x"}
    yield "POST", "/api/v1/identity/login", {"email": key, "password": key}
    yield "POST", "/api/v1/identity/link", {"token": key}
    yield "POST", SESSIONS, {"goal": "Does it pay?", "model": "analyst", "credential_id": key}
    if mark_of(key):
        yield "POST", f"{VAULT}/presets", {"name": key, "model": "x"}
        yield "POST", f"{VAULT}/presets", {"name": "Mine", "model": key}
        yield "PUT", f"{VAULT}/prices", {"credential_id": str(uuid4()), "model": key, "input": "1", "output": "2"}
        yield "POST", SESSIONS, {"goal": "Does it pay?", "model": key}
        other = {"credential_id": str(uuid4()), "model": key}
        yield "POST", SESSIONS, {"goal": "Does it pay?", "model": "analyst", "fallback": other}
        yield "POST", SESSIONS, {"goal": "Does it pay?", "model": "analyst", "symbol": key}
        yield "POST", SESSIONS, {"goal": f"Does it pay with {key}?", "model": "analyst"}
