"""A connection that sends no request, or one without an end, is shown out; all others are served as ever."""

import socket
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


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    app = FastAPI()

    @app.post("/length")
    async def length(request: Request) -> int:
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


@pytest.mark.parametrize("beginning", [b"", b"GET / HTTP/1.1\r\nHost: local"])
def test_a_request_that_does_not_come_to_its_point_is_told_so_and_ended(address: str, beginning: bytes) -> None:
    with connected(address) as connection:
        connection.sendall(beginning)
        said = b"".join(iter(lambda: connection.recv(PIECE), b""))
    assert said.startswith(b"HTTP/1.1 408 ")


def test_a_long_body_and_a_kept_connection_are_no_long_head(address: str) -> None:
    with httpx.Client(base_url=address, timeout=ANSWER_TIMEOUT_S) as client:
        for _ in range(3):
            assert client.post("/length", content=b"a" * (3 * MAX_HEAD_BYTES)).json() == 3 * MAX_HEAD_BYTES
