"""Where a call goes: vetted addresses only, checked at connect, pinned; and how much it takes in."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from omc.vault import outbound
from omc.vault.addresses import IpAddress, Policy, address_problem, url_problem
from omc.vault.failures import FailureKind, from_sdk
from omc.vault.outbound import Limits, Refused, client, guarded_pool

PUBLIC = Policy(private=False)
OWN = Policy(private=True)
OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(autouse=True)
async def _closed() -> AsyncIterator[None]:
    yield
    await outbound.close()


@asynccontextmanager
async def listening(
    answer: bytes | Answer, *, tls: ssl.SSLContext | None = None
) -> AsyncGenerator[tuple[int, list[bytes]]]:
    """A server that answers each request on loopback; yields its port and the requests' heads."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            seen.append(await reader.readuntil(b"\r\n\r\n"))
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1], seen


async def kind_of(url: str, policy: Policy, **limits: float) -> FailureKind:
    """How a GET fails."""
    try:
        async with client(policy, Limits(**limits)) as http:  # ty: ignore[invalid-argument-type]
            await http.get(url)
    except httpx2.HTTPError as error:
        return from_sdk(error, now=datetime.now(UTC)).kind
    pytest.fail("it was answered")


async def test_a_server_on_loopback_is_reached_where_private_networks_are_allowed() -> None:
    async with listening(OK) as (port, seen), client(OWN, Limits()) as http:
        assert (await http.get(f"http://127.0.0.1:{port}/v1/models")).json() == {}
    assert seen[0].startswith(b"GET /v1/models HTTP/1.1")


HOSTILE = (
    "127.0.0.1",
    "localhost",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.1",
    "0x7f.1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::ffff:0:7f00:1]",
    "[2002:7f00:1::]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[fd12:3456::1]",
    "[fe80::1]",
    "[fec0::1]",
    "[fd00:ec2::254]",
    "[2001:0:7f00:1::]",
    "169.254.169.254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "100.64.0.1",
    "10.0.0.1",
    "172.16.5.4",
    "192.168.1.1",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "[ff02::1]",
    "198.18.0.1",
    "127.0.0.1.",
    "localhost.",
    "①②⑦.⓪.⓪.①",
    "localhost\u3002",
    "user:pass@127.0.0.1",
    "api.openai.com@127.0.0.1",
)


@pytest.mark.parametrize("host", HOSTILE)
async def test_a_hostile_host_is_refused_before_anything_is_sent(host: str) -> None:
    async with listening(OK) as (port, seen):
        try:
            kind = await kind_of(f"http://{host}:{port}/", PUBLIC)
        except httpx2.InvalidURL:
            kind = FailureKind.ADDRESS_REFUSED
    assert kind in {FailureKind.ADDRESS_REFUSED, FailureKind.UNREACHABLE}
    assert kind is FailureKind.ADDRESS_REFUSED or not host.isascii()
    assert seen == []


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://127.0.0.1/", "unix:///tmp/s", "http://127.0.0.1:22/", "//x"]
)
async def test_only_web_addresses_on_usual_ports_are_called(url: str) -> None:
    assert url_problem(url) is not None
    with pytest.raises((httpx2.HTTPError, httpx2.InvalidURL)):
        async with client(OWN, Limits()) as http:
            await http.get(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com/v1",
        "http://localhost:11434/v1",
        "http://[::1]:8080",
        "https://192.0.2.4:8443/v1/",
        "http://my_ollama:11434/v1",
        "https://xn--bcher-kva.example/v1",
    ],
)
def test_what_people_really_type_is_taken(url: str) -> None:
    assert url_problem(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.openai.com/v1",
        "https://",
        "https://exa mple.com",
        "https://example.com\\@evil.com",
        "https://example.com/v1?x=1",
        "https://example.com/#a",
        "https://k:v@example.com",
        "https://bücher.example",
        "https://example.com:99999/",
        "https://example.com:25/",
        "https://-x.com/",
        "https://a..b/",
        "https://" + "a" * 600,
    ],
)
def test_an_address_that_cannot_be_right_gets_a_sentence(url: str) -> None:
    assert (url_problem(url) or "").endswith(".")


@pytest.mark.parametrize(
    "text",
    ["169.254.169.254", "fe80::1", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "::ffff:10.0.0.1", "0.0.0.0"],
)
def test_metadata_and_disguises_stay_refused_where_everything_is_listed(text: str) -> None:
    every = Policy(private=True, networks=(ip_network("0.0.0.0/0"), ip_network("::/0")))
    assert address_problem(ip_address(text), every) is not None


@pytest.mark.parametrize("text", ["8.8.8.8", "1.1.1.1", "2606:4700::1111"])
def test_public_addresses_are_allowed(text: str) -> None:
    assert address_problem(ip_address(text), PUBLIC) is None


def test_a_listed_network_is_allowed_and_its_neighbour_is_not() -> None:
    listed = Policy(private=False, networks=(ip_network("100.64.0.0/16"), ip_network("10.1.0.0/16")))
    allowed = [
        text
        for text in ("100.64.3.4", "10.1.2.3", "100.65.0.1", "10.2.0.1")
        if not address_problem(ip_address(text), listed)
    ]
    assert allowed == ["100.64.3.4", "10.1.2.3"]


def answering(*answers: str) -> tuple[Callable[[str, int], Awaitable[list[IpAddress]]], list[str]]:
    """A name server that changes its mind from one question to the next."""
    asked: list[str] = []

    async def resolve(host: str, _port: int) -> list[IpAddress]:
        asked.append(host)
        return [ip_address(text) for text in answers[min(len(asked), len(answers)) - 1].split()]

    return resolve, asked


async def test_a_name_is_resolved_once_and_its_address_pinned() -> None:
    resolve, asked = answering("127.0.0.1", "169.254.169.254")
    through = guarded_pool(OWN, resolve=resolve)
    async with listening(OK) as (port, seen), client(OWN, Limits(), through=through) as http:
        await http.get(f"http://rebinding.test:{port}/")
        assert asked == ["rebinding.test"]
        assert b"host: rebinding.test" in seen[0].lower()
    await through.aclose()


async def test_a_name_that_changes_its_mind_is_refused_at_the_next_connect() -> None:
    resolve, _ = answering("127.0.0.1", "10.0.0.1")
    listed = Policy(private=False, networks=(ip_network("127.0.0.1/32"),))
    through = guarded_pool(listed, resolve=resolve)
    closing = OK.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
    async with listening(closing) as (port, seen), client(listed, Limits(), through=through) as http:
        await http.get(f"http://rebinding.test:{port}/")
        with pytest.raises(Refused) as refused:
            await http.get(f"http://rebinding.test:{port}/")
    assert refused.value.kind is FailureKind.ADDRESS_REFUSED
    assert len(seen) == 1
    await through.aclose()


async def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    resolve, _ = answering("8.8.8.8 10.0.0.1")
    through = guarded_pool(PUBLIC, resolve=resolve)
    async with client(PUBLIC, Limits(), through=through) as http:
        with pytest.raises(Refused, match="private network"):
            await http.get("https://mixed.test/")
    await through.aclose()


async def test_the_second_address_is_tried_when_nothing_listens_at_the_first() -> None:
    resolve, _ = answering("127.0.0.2 127.0.0.1")
    through = guarded_pool(OWN, resolve=resolve)
    async with listening(OK) as (port, seen), client(OWN, Limits(), through=through) as http:
        await http.get(f"http://two.test:{port}/")
    assert len(seen) == 1
    await through.aclose()


def certificate(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """(a server that is `name`, a client that trusts it)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, plain, none) + made.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cadata=made.public_bytes(serialization.Encoding.PEM).decode())


async def test_tls_is_checked_against_the_name_and_not_the_pinned_address(tmp_path: Path) -> None:
    server, trust = certificate("models.test", tmp_path)
    resolve, _ = answering("127.0.0.1")
    through = guarded_pool(OWN, trust=trust, resolve=resolve)
    async with listening(OK, tls=server) as (port, seen), client(OWN, Limits(), through=through) as http:
        assert (await http.get(f"https://models.test:{port}/")).is_success
        with pytest.raises(httpx2.ConnectError) as failed:
            await http.get(f"https://other.test:{port}/")
    assert from_sdk(failed.value, now=datetime.now(UTC)).kind is FailureKind.TLS
    assert len(seen) == 1
    await through.aclose()


async def test_a_certificate_that_nobody_vouches_for_is_a_tls_failure(tmp_path: Path) -> None:
    server, _ = certificate("localhost", tmp_path)
    async with listening(OK, tls=server) as (port, _seen):
        assert await kind_of(f"https://localhost:{port}/", OWN) is FailureKind.TLS


async def test_https_to_a_plain_server_is_a_tls_failure() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await kind_of(f"https://127.0.0.1:{port}/", OWN) is FailureKind.TLS


async def test_a_redirect_is_told_and_never_followed() -> None:
    moved = b"HTTP/1.1 307 Moved\r\nlocation: https://evil.example/x?k=1\r\ncontent-length: 0\r\n\r\n"
    async with listening(moved) as (port, seen), client(OWN, Limits()) as http:
        with pytest.raises(Refused, match=r"https://evil\.example\.$") as refused:
            await http.get(f"http://127.0.0.1:{port}/", follow_redirects=True)
    assert refused.value.kind is FailureKind.REDIRECTED
    assert len(seen) == 1


async def test_proxies_of_the_environment_and_headers_of_the_machine_stay_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with listening(OK) as (port, seen), client(OWN, Limits()) as http:
        await http.get(f"http://127.0.0.1:{port}/", headers={"OpenAI-Organization": "org-x", "cookie": "a=b"})
    assert b"org-x" not in seen[0]
    assert b"cookie" not in seen[0].lower()
    assert b"accept-encoding: identity" in seen[0].lower()


async def _pour(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
    while True:
        writer.write(b" " * 65_536)
        await writer.drain()


async def _pour_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"x-more: " + b"y" * 8_000 + b"\r\n")
        await writer.drain()


async def _drip_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    await asyncio.sleep(30)


async def _hang_up(_writer: asyncio.StreamWriter) -> None:
    return


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (_pour, FailureKind.TOO_BIG),
        (_pour_headers, FailureKind.NOT_AN_API),
        (_drip_headers, FailureKind.TIMEOUT),
        (_hang_up, FailureKind.CUT),
        (b"SSH-2.0-OpenSSH_9.9\r\n\r\n", FailureKind.NOT_AN_API),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{}", FailureKind.CUT),
        (b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 0\r\n\r\n", FailureKind.NOT_AN_API),
        (b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 0\r\n\r\n", FailureKind.MALFORMED),
    ],
    ids=["endless", "headers", "drip", "hang-up", "ssh", "short", "page", "gzip"],
)
async def test_a_hostile_answer_is_bounded(answer: bytes | Answer, kind: FailureKind) -> None:
    async with listening(answer) as (port, _seen):
        assert await kind_of(f"http://127.0.0.1:{port}/", OWN, silence_s=0.3, max_bytes=1_000_000) is kind


async def test_nothing_listening_and_an_unknown_name_are_unreachable() -> None:
    async with listening(OK) as (port, _seen):
        pass
    assert await kind_of(f"http://127.0.0.1:{port}/", OWN) is FailureKind.UNREACHABLE
    resolve, _ = answering("")

    async def nobody(host: str, port: int) -> list[IpAddress]:
        raise OSError(host, port)

    for answers in (resolve, nobody):
        through = guarded_pool(OWN, resolve=answers)
        async with client(OWN, Limits(), through=through) as http:
            with pytest.raises(httpx2.TransportError) as failed:
                await http.get("http://no-such-host.test/")
        assert from_sdk(failed.value, now=datetime.now(UTC)).kind is FailureKind.UNREACHABLE
        await through.aclose()


async def test_a_name_server_that_never_answers_is_a_connect_timeout() -> None:
    async def never(_host: str, _port: int) -> list[IpAddress]:
        await asyncio.sleep(30)
        return []

    through = guarded_pool(OWN, resolve=never)
    async with client(OWN, Limits(connect_s=0.1), through=through) as http:
        with pytest.raises(httpx2.ConnectTimeout):
            await http.get("http://slow.test/")
    await through.aclose()


async def test_a_connection_is_used_again_by_the_next_call() -> None:
    peers: list[object] = []

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peers.append(writer.get_extra_info("peername"))
        while await reader.readline():
            while (await reader.readline()).strip():
                pass
            writer.write(OK)
        writer.close()

    server = await asyncio.start_server(count, "127.0.0.1", 0)
    async with server:
        for _ in range(3):
            async with client(OWN, Limits()) as http:
                await http.get(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        await outbound.close()
    assert len(peers) == 1
