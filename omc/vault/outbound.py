"""The only door to the network for model calls: an httpx2 client that connects to vetted addresses and bounds answers.

Resolved once, refused if any address is not allowed, connected to exactly the address that was vetted: a name that
changes its mind has no second lookup to use. Checked at every connect. Redirects are never followed and the
environment's proxies never used. The libraries that do this (drawbridge, safehttpx, advocate) wrap httpx or requests
and not the httpx2 that the providers' SDKs speak, so this stands on httpcore2's public seam for a network backend.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Final
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import httpcore2
import httpx2

from omc.vault.addresses import IpAddress, Policy, address_problem, host_problem, literal, url_problem
from omc.vault.failures import FailureKind
from omc.vault.redacting import plain

__all__ = ["Limits", "Policy", "Refused", "client", "close", "guarded_pool", "pool", "system_trust"]

CHATTY: Final = ("openai", "anthropic", "google_genai", "pydantic_ai", "httpx2", "httpcore2")
MAX_CONNECTIONS: Final = 100
MAX_IDLE: Final = 20
IDLE_S: Final = 30.0
MAX_ADDRESSES: Final = 20
MAX_PLACE: Final = 200

SENT: Final = frozenset(
    (
        *(b"host", b"content-type", b"content-length", b"transfer-encoding", b"accept", b"user-agent"),
        *(b"authorization", b"x-api-key", b"x-goog-api-key"),
        *(b"anthropic-version", b"anthropic-beta", b"openai-beta"),
    )
)
"""The headers that go out: not what an SDK reads from the operator's environment, nor what it tells of this machine."""

Resolve = Callable[[str, int], Awaitable[list[IpAddress]]]
SocketOptions = Iterable[tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one call may take: seconds to connect, seconds of silence, bytes of an answer as they come on the wire."""

    connect_s: float = 10.0
    silence_s: float = 180.0
    max_bytes: int = 16_000_000

    def timeouts(self) -> dict[str, float]:
        """Return them as httpcore2 reads them."""
        connect = min(self.connect_s, self.silence_s)
        return {"connect": connect, "pool": connect, "write": self.silence_s, "read": self.silence_s}


class Refused(httpx2.TransportError):
    """A call that this door did not make, or broke off: its kind, and a word for a person."""

    def __init__(self, kind: FailureKind, said: str) -> None:
        """Make a refusal."""
        super().__init__(said)
        self.kind = kind
        self.said = said


def client(
    policy: Policy, limits: Limits, *, through: httpcore2.AsyncConnectionPool | None = None
) -> httpx2.AsyncClient:
    """Return a client for one call. It is thin: closing it leaves the connections to the next call of this loop."""
    _quiet()
    transport = _Transport(through or pool(policy), limits)
    timeout = httpx2.Timeout(limits.silence_s, connect=limits.connect_s, pool=limits.connect_s)
    return httpx2.AsyncClient(transport=transport, timeout=timeout, trust_env=False, follow_redirects=False)


@cache
def _quiet() -> None:
    """Silence what speaks through a client: at DEBUG it writes requests and answers, and a server can echo a key."""
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def pool(policy: Policy) -> httpcore2.AsyncConnectionPool:
    """Return this event loop's connections under `policy`; they hold no key, only open sockets to vetted addresses."""
    here = _POOLS.setdefault(asyncio.get_running_loop(), {})
    if policy not in here:
        here[policy] = guarded_pool(policy)
    return here[policy]


def guarded_pool(
    policy: Policy, *, trust: ssl.SSLContext | None = None, resolve: Resolve | None = None
) -> httpcore2.AsyncConnectionPool:
    """Make connections that go to vetted addresses only; `trust` None is the system's certificates."""
    return httpcore2.AsyncConnectionPool(
        ssl_context=trust or system_trust(),
        network_backend=_Guard(policy, resolve or _resolve),
        max_connections=MAX_CONNECTIONS,
        max_keepalive_connections=MAX_IDLE,
        keepalive_expiry=IDLE_S,
        retries=0,
    )


@cache
def system_trust() -> ssl.SSLContext:
    """Return the certificates of this system (or of `SSL_CERT_FILE`), read once."""
    return httpcore2.default_ssl_context()


async def close() -> None:
    """Close this loop's connections; call it when the process ends."""
    for opened in _POOLS.pop(asyncio.get_running_loop(), {}).values():
        await opened.aclose()


_POOLS: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Policy, httpcore2.AsyncConnectionPool]] = WeakKeyDictionary()


class _Guard(httpcore2.AsyncNetworkBackend):
    """Connects to the addresses that a name has now, if every one of them is allowed."""

    def __init__(self, policy: Policy, resolve: Resolve) -> None:
        self._policy = policy
        self._resolve = resolve
        # The other half of the union stands where anyio is missing; here it is not.
        self._network: httpcore2.AsyncNetworkBackend = httpcore2.AnyIOBackend()  # ty: ignore[invalid-assignment]

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore2's signature
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        clock = asyncio.get_running_loop().time
        ends = clock() + (timeout or Limits().connect_s)
        addresses = await self._vetted(host, port, ends - clock())
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            share = max(ends - clock(), 0.001) / left
            try:
                return await self._network.connect_tcp(str(address), port, share, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if left == 1:
                    raise
        raise httpcore2.ConnectError("the name has no address")

    async def connect_unix_socket(self, *_args: object, **_options: object) -> httpcore2.AsyncNetworkStream:
        raise Refused(FailureKind.ADDRESS_REFUSED, "OMC does not connect to Unix sockets.")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _vetted(self, host: str, port: int, seconds: float) -> list[IpAddress]:
        if (problem := host_problem(host)) is not None:
            raise Refused(FailureKind.ADDRESS_REFUSED, problem)
        spelled = literal(host)
        try:
            async with asyncio.timeout(seconds):
                addresses = [spelled] if spelled is not None else await self._resolve(host, port)
        except TimeoutError:
            raise httpcore2.ConnectTimeout("the name could not be looked up in time") from None
        except OSError:
            raise Refused(FailureKind.UNREACHABLE, f"no host is named {plain(host, limit=MAX_PLACE)}") from None
        for address in addresses:
            if (problem := address_problem(address, self._policy)) is not None:
                raise Refused(FailureKind.ADDRESS_REFUSED, problem)
        return addresses[:MAX_ADDRESSES]


async def _resolve(host: str, port: int) -> list[IpAddress]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    texts = dict.fromkeys(str(address[4][0]) for address in found)
    return [address for address in map(literal, texts) if address is not None]


class _Transport(httpx2.AsyncBaseTransport):
    """Sends one request and bounds its answer; what is not an answer to a model call never reaches an SDK."""

    def __init__(self, through: httpcore2.AsyncConnectionPool, limits: Limits) -> None:
        self._pool = through
        self._limits = limits

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        if (problem := url_problem(f"{url.scheme}://{url.netloc.decode('ascii')}/")) is not None:
            raise Refused(FailureKind.ADDRESS_REFUSED, problem)
        # Asked for plain, so that the bytes counted are all there are: no small answer unfolds into a large one.
        headers = [pair for pair in request.headers.raw if pair[0].lower() in SENT]
        asked = httpcore2.Request(
            method=request.method,
            url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=[*headers, (b"accept-encoding", b"identity")],
            content=request.stream,
            extensions={**request.extensions, "timeout": self._limits.timeouts()},
        )
        with _as_httpx():
            answer = await self._pool.handle_async_request(asked)
        refused = _unwanted(answer.status, httpx2.Headers(answer.headers))
        if refused is not None:
            await answer.aclose()
            raise refused
        bounded = _Bounded(answer, self._limits.max_bytes)
        return httpx2.Response(answer.status, headers=answer.headers, stream=bounded, extensions=answer.extensions)

    async def aclose(self) -> None:
        """Leave the connections to the next call."""


def _unwanted(status: int, headers: httpx2.Headers) -> Refused | None:
    if 300 <= status < 400:
        place = urlsplit(headers.get("location", ""))
        shown = f"{place.scheme}://{place.hostname}" if place.hostname else "another path of this server"
        return Refused(FailureKind.REDIRECTED, f"It sends us to {plain(shown, limit=MAX_PLACE)}.")
    if headers.get("content-encoding", "identity").lower() not in {"", "identity"}:
        return Refused(FailureKind.MALFORMED, "It sends compressed answers to a client that asked for plain ones.")
    if 200 <= status < 300 and headers.get("content-type", "").lower().startswith("text/html"):
        return Refused(FailureKind.NOT_AN_API, "It answers with a web page.")
    return None


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, answer: httpcore2.Response, max_bytes: int) -> None:
        self._answer = answer
        self._left = max_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        stream = self._answer.stream
        assert isinstance(stream, AsyncIterable)
        with _as_httpx():
            async for part in stream:
                self._left -= len(part)
                if self._left < 0:
                    raise Refused(FailureKind.TOO_BIG, "")
                yield part

    async def aclose(self) -> None:
        await self._answer.aclose()


_SAME: Final[tuple[tuple[type[Exception], type[httpx2.TransportError]], ...]] = (
    (httpcore2.ConnectTimeout, httpx2.ConnectTimeout),
    (httpcore2.ReadTimeout, httpx2.ReadTimeout),
    (httpcore2.WriteTimeout, httpx2.WriteTimeout),
    (httpcore2.PoolTimeout, httpx2.PoolTimeout),
    (httpcore2.ConnectError, httpx2.ConnectError),
    (httpcore2.ReadError, httpx2.ReadError),
    (httpcore2.WriteError, httpx2.WriteError),
    (httpcore2.LocalProtocolError, httpx2.LocalProtocolError),
    (httpcore2.RemoteProtocolError, httpx2.RemoteProtocolError),
    (httpcore2.UnsupportedProtocol, httpx2.UnsupportedProtocol),
)


@contextmanager
def _as_httpx() -> Generator[None, None, None]:
    try:
        yield
    except Exception as error:
        for core, ours in _SAME:
            if isinstance(error, core):
                raise ours(str(error)) from error
        raise
