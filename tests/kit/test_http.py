"""The edge on a really served small application: problems, shield, page, limits."""

import errno
import gzip
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated

import httpx
import psycopg
import pytest
from fastapi import Body, FastAPI
from pydantic import BaseModel, Field
from sqlalchemy.exc import OperationalError

from omc.kit.errors import Refusal
from omc.kit.http import PROBLEM_TYPE, Edge, Shield, install_page, install_problems
from omc.kit.outage import outage
from omc.kit.shield import Knock, refuse
from tests.serving import ANSWER_TIMEOUT_S, running_plain

LIMIT = 10_000


class Order(BaseModel):
    quantity: Annotated[int, Field(gt=0)]


class Basket(BaseModel):
    orders: list[Order]


def small_application(page: Path) -> FastAPI:
    app = Edge(max_body_size=LIMIT)

    @app.get("/api/refused")
    async def refused() -> None:
        raise Refusal("nothing_left", 409, "Come back tomorrow.", place="/basket", retry_after_s=7)

    @app.get("/api/broken")
    async def broken() -> None:
        raise ValueError("the password is hunter2")

    @app.get("/api/machine")
    async def machine(number: int) -> None:
        raise OSError(number, "hunter2")

    @app.get("/api/away")
    async def away() -> None:
        raise OperationalError("SELECT secret", {}, psycopg.OperationalError("connection refused"))

    @app.post("/api/basket")
    async def basket(basket: Annotated[Basket, Body()]) -> int:
        return len(basket.orders)

    install_problems(app)
    install_page(app, page)
    app.add_middleware(Shield, allowed_hosts=frozenset({"omc.example"}))
    return app


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("static")
    (root / "assets").mkdir()
    (root / "index.html").write_text('<meta nonce="__OMC_NONCE__"><script src="/assets/app-1a2b.js"></script>')
    (root / "mark.svg").write_text("<svg/>")
    (root / "assets" / "app-1a2b.js").write_text("plain")
    (root / "assets" / "app-1a2b.js.br").write_bytes(b"packed")
    (root / "assets" / "app-1a2b.js.gz").write_bytes(gzip.compress(b"plain"))
    (root.parent / "secret.txt").write_text("secret")
    (root / "out").symlink_to(root.parent / "secret.txt")
    return root


@pytest.fixture(scope="module")
def address(page: Path) -> Iterator[str]:
    with running_plain(small_application(page)) as address:
        yield address


@pytest.fixture
async def browser(address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=address, timeout=ANSWER_TIMEOUT_S) as client:
        yield client


async def test_a_refusal_is_a_problem_with_code_place_and_patience(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/api/refused")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "7"
    assert answer.json() == {
        "type": "urn:omc:problem:nothing_left",
        "title": "Conflict",
        "status": 409,
        "detail": "Come back tomorrow.",
        "code": "nothing_left",
        "place": "/basket",
    }


async def test_a_bug_is_named_but_not_shown(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/api/broken")
    assert answer.status_code == 500
    assert len(answer.json()["id"]) == 32
    assert "hunter2" not in answer.text
    assert "ValueError" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_database_that_is_away_says_when_to_come_back(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/api/away")
    assert (answer.status_code, answer.json()["code"]) == (503, "database_away")
    assert int(answer.headers["retry-after"]) > 0
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [(errno.ENOSPC, 507, "disk_full"), (errno.EDQUOT, 507, "disk_full"), (errno.EIO, 500, "unexpected")],
)
async def test_a_full_disk_says_what_to_do_and_any_other_fault_of_the_machine_is_a_bug(
    browser: httpx.AsyncClient, number: int, status: int, code: str
) -> None:
    answer = await browser.get("/api/machine", params={"number": number})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "hunter2" not in answer.text


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (psycopg.errors.DiskFull, "disk_full"),
        (psycopg.errors.TooManyConnections, "database_busy"),
        (psycopg.errors.SerializationFailure, "database_busy"),
        (psycopg.errors.AdminShutdown, "database_away"),
    ],
)
def test_what_the_database_says_decides_what_is_told(state: type[psycopg.Error], code: str) -> None:
    assert outage(OperationalError("", {}, state())).code == code


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b'{"orders": [{"quantity": 1}, {"quantity": 0}]}', "/orders/1/quantity"),
        (b'{"orders": ', "/11"),
        (b"[]", "/"),
        (b"", "/"),
        (b'{"orders": "\\ud800"}', "/orders"),
    ],
)
async def test_wrong_input_names_its_place(browser: httpx.AsyncClient, body: bytes, place: str) -> None:
    answer = await browser.post("/api/basket", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid_input"
    assert answer.json()["place"] == place
    assert answer.json()["problems"][0]["place"] == place


async def test_a_body_that_is_too_large_is_refused_announced_or_not(browser: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 1_000

    headers = {"content-type": "application/json"}
    announced = await browser.post("/api/basket", content=b" " * (LIMIT + 1), headers=headers)
    streamed = await browser.post("/api/basket", content=chunks(), headers=headers)
    assert announced.status_code == streamed.status_code == 413
    for refused in (announced, streamed):
        assert refused.json()["code"] == "too_large"
        assert refused.headers["content-type"] == PROBLEM_TYPE
        assert refused.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "omc.example.evil.example",
        "",
        "[::1",
        "localhost.evil.example:80",
        "evil@localhost",
        "localhost#evil",
        "localhost/evil",
    ],
)
async def test_a_foreign_name_is_not_served(browser: httpx.AsyncClient, host: str) -> None:
    answer = await browser.get("/api/refused", headers={"host": host})
    assert answer.status_code == 400


@pytest.mark.parametrize("host", ["localhost:8420", "127.0.0.1", "[::1]:8420", "OMC.example", "192.0.2.7:80"])
async def test_own_names_and_addresses_are_served(browser: httpx.AsyncClient, host: str) -> None:
    assert (await browser.get("/api/refused", headers={"host": host})).status_code == 409


@pytest.mark.parametrize(
    ("origin", "fetch_site", "turned_away"),
    [
        ("http://localhost:8420", "same-origin", False),
        ("", "", False),
        ("", "none", False),
        ("http://localhost:5173", "", True),
        ("http://localhost:8420.evil.example", "", True),
        ("", "cross-site", True),
    ],
)
def test_unsafe_verbs_come_from_the_own_page_only(origin: str, fetch_site: str, *, turned_away: bool) -> None:
    knock = Knock(method="POST", host="localhost:8420", origin=origin, fetch_site=fetch_site)
    assert (refuse(knock, frozenset()) is not None) == turned_away


async def test_the_index_is_fresh_with_a_nonce_of_its_own(browser: httpx.AsyncClient) -> None:
    first, second = await browser.get("/"), await browser.get("/research/7?step=3")
    assert first.headers["cache-control"] == "no-store"
    nonce = first.text.split('"')[1]
    assert f"'nonce-{nonce}'" in first.headers["content-security-policy"]
    assert "unsafe" not in first.headers["content-security-policy"]
    assert second.status_code == 200
    assert second.text.split('"')[1] != nonce


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip, br;q=1", "br"), ("gzip", "gzip"), ("identity", None)])
async def test_assets_are_kept_for_ever_and_sent_packed(
    browser: httpx.AsyncClient, accepted: str, encoding: str | None
) -> None:
    async with browser.stream("GET", "/assets/app-1a2b.js", headers={"accept-encoding": accepted}) as answer:
        assert answer.headers.get("content-encoding") == encoding
        assert answer.headers["content-type"].startswith("text/javascript")
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["vary"] == "accept-encoding"


async def test_other_files_are_asked_for_again(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/mark.svg")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    "path", ["/assets/gone.js", "/assets/", "/api/v1/gone", "/api", "/assets/%2e%2e/secret.txt", "/assets/%2e%2e/%00"]
)
async def test_what_is_not_there_is_not_found(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path)
    assert answer.status_code == 404
    assert "secret" not in answer.text


@pytest.mark.parametrize("path", ["/out", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/..%5csecret.txt", "/index.html"])
async def test_no_path_leads_out_of_the_page(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path)
    assert "secret" not in answer.text
    assert "__OMC_NONCE__" not in answer.text


async def test_an_unbuilt_page_says_how_to_build_it(tmp_path: Path) -> None:
    with running_plain(small_application(tmp_path)) as address:
        async with httpx.AsyncClient(base_url=address) as browser:
            answer = await browser.get("/")
    assert answer.status_code == 404
    assert "omc web build" in answer.text
