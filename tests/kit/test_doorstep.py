"""A connection that sends no request, or one without an end, is shown out; all others are served as ever."""

import asyncio
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI, Request

from omc.kit.doorstep import MAX_HEAD_BYTES, Doorstep
from tests.serving import ANSWER_TIMEOUT_S, running_plain

PIECE = 8_192
MOST_PIECES = 10_000


class Hasty(Doorstep):
    """Waits as long as a test can."""

    head_timeout_s = 0.5
    body_timeout_s = 0.5


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    app = FastAPI()

    @app.post("/length")
    async def length(request: Request) -> int:
        return len(await request.body())

    @app.post("/later")
    async def later(request: Request) -> int:
        await asyncio.sleep(4 * Hasty.body_timeout_s)
        return len(await request.body())

    with running_plain(app, Hasty) as url:
        yield url


def connected(address: str) -> socket.socket:
    parts = urlsplit(address)
    assert parts.hostname is not None
    assert parts.port is not None
    return socket.create_connection((parts.hostname, parts.port), timeout=ANSWER_TIMEOUT_S)


def test_headers_without_end_are_cut_off_after_a_few_pieces(address: str) -> None:
    sent = 0
    with connected(address) as connection, pytest.raises(OSError, match=r"."):
        connection.sendall(b"GET / HTTP/1.1\r\nX-Long: ")
        while sent < MOST_PIECES * PIECE:
            connection.sendall(b"a" * PIECE)
            sent += PIECE
    assert sent < MOST_PIECES * PIECE


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: local",
        b"POST /length HTTP/1.1\r\nHost: local\r\nContent-Length: 10\r\n\r\n",
        b"POST /length HTTP/1.1\r\nHost: local\r\nContent-Length: 10\r\n\r\nabc",
        b"POST /length HTTP/1.1\r\nHost: local\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    ],
)
def test_a_request_that_does_not_come_to_its_point_is_told_so_and_ended(address: str, beginning: bytes) -> None:
    with connected(address) as connection:
        connection.sendall(beginning)
        said = b"".join(iter(lambda: connection.recv(PIECE), b""))
    assert said.startswith(b"HTTP/1.1 408 ")


def test_a_long_body_and_a_kept_connection_are_no_long_head(address: str) -> None:
    with httpx.Client(base_url=address, timeout=ANSWER_TIMEOUT_S) as client:
        for _ in range(3):
            assert client.post("/length", content=b"a" * (3 * MAX_HEAD_BYTES)).json() == 3 * MAX_HEAD_BYTES


def test_a_slow_body_that_goes_on_is_taken(address: str) -> None:
    with connected(address) as connection:
        connection.sendall(b"POST /length HTTP/1.1\r\nHost: local\r\nContent-Length: 8\r\n\r\n")
        for _ in range(8):
            time.sleep(Hasty.body_timeout_s / 5)
            connection.sendall(b"a")
        assert connection.recv(PIECE).startswith(b"HTTP/1.1 200 ")


def test_a_body_that_waits_for_us_is_not_blamed(address: str) -> None:
    with httpx.Client(base_url=address, timeout=ANSWER_TIMEOUT_S) as client:
        assert client.post("/later", content=b"a" * 20_000_000).json() == 20_000_000
