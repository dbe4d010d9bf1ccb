"""Which addresses OMC connects to when a person types one: pure decisions about a URL, a host and an IP address."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network

MAX_URL = 500
MAX_HOST = 253
LOW_PORTS = (80, 443)
"""Below 1024 only these: a model is never served on the port of mail, of a shell or of a name server."""

NEVER: tuple[IpNetwork, ...] = tuple(
    ip_network(text)
    for text in (
        "169.254.0.0/16",  # link-local, with the metadata service of most clouds
        "fe80::/10",
        "fd00:ec2::/32",  # metadata: AWS
        "fd20:ce::/32",  # Google
        "100.100.100.200/32",  # Alibaba
        "192.0.0.192/32",  # Oracle
        "168.63.129.16/32",  # Azure, a public address
        "0.0.0.0/8",
        "::/128",
    )
)
"""Link-local and metadata services: refused even where private networks are allowed or listed."""

OWN: tuple[IpNetwork, ...] = tuple(
    ip_network(text) for text in ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)
"""What `Policy.private` allows: this machine and the networks that people own."""

WRAPPED: tuple[IpNetwork, ...] = tuple(
    ip_network(text)
    for text in (
        "::ffff:0:0/96",  # mapped
        "::ffff:0:0:0/96",  # translated
        "::/96",  # compatible
        "2002::/16",  # 6to4, with its relays
        "192.88.99.0/24",
        "2001::/32",  # Teredo
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",
    )
)
"""Addresses that hide an IPv4 address in IPv6 (RFC 4291, 3056, 4380, 6052): refused even where they are listed."""

GLOBAL_IPV6 = IPv6Network("2000::/3")
LOOPBACK_IPV6 = IPv6Address("::1")

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.IGNORECASE)
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\x9f\\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Where calls may go besides public addresses: `private` is this machine and its networks, `networks` a list."""

    private: bool
    networks: tuple[IpNetwork, ...] = ()


def url_problem(url: str) -> str | None:
    """Return why no call goes to `url` whatever it resolves to, in a sentence, or None."""
    if len(url) > MAX_URL:
        return f"An address has at most {MAX_URL} characters."
    if _UNSEEN.search(url):
        return "An address has no spaces, line breaks or backslashes."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "This is not an address. It looks like https://models.example.com/v1."
    return _form_problem(parts) or _port_problem(port) or host_problem(parts.hostname or "")


def _form_problem(parts: SplitResult) -> str | None:
    if parts.scheme.lower() not in {"http", "https"}:
        return "An address begins with https:// (or http:// inside your own network)."
    if "@" in parts.netloc:
        return "An address holds no user name or password; the key has its own field."
    if parts.query or parts.fragment:
        return "An address ends before any ? or #."
    return None


def _port_problem(port: int | None) -> str | None:
    if port is not None and (port == 0 or (port < 1024 and port not in LOW_PORTS)):
        return f"No model is served on port {port}."
    return None


def host_problem(host: str) -> str | None:
    """Return why a host is refused by its form alone, or None: odd spellings of numbers, dots and letters."""
    if not host.isascii():
        return "Write the host in plain letters (its xn-- form)."
    if host.endswith("."):
        return "Write the host without a dot at its end."
    if literal(host) is not None:
        return None
    labels = host.split(".")
    if not host or len(host) > MAX_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        return "This is not a host name."
    if _NUMBER.fullmatch(labels[-1]):
        return "Write an IP address as four decimal numbers, such as 192.168.1.20."
    return None


def literal(host: str) -> IpAddress | None:
    """Return the address that `host` spells out in its usual form, or None."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def address_problem(address: IpAddress, policy: Policy) -> str | None:
    """Return why no connection is made to `address`, in a sentence, or None."""
    if _within(address, NEVER):
        return "This address belongs to the machine's own network service; OMC never connects to it."
    if address != LOOPBACK_IPV6 and _within(address, WRAPPED):
        return "This address hides another one inside it. Enter the other one."
    if _within(address, policy.networks) or (policy.private and _within(address, OWN)):
        return None
    if _within(address, OWN):
        return (
            "This address is on a private network. The operator can allow private networks, or list this one, in the "
            "server's settings."
        )
    return None if _is_public(address) else "This is not a public address."


def _is_public(address: IpAddress) -> bool:
    if isinstance(address, IPv6Address) and address not in GLOBAL_IPV6:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _within(address: IpAddress, networks: tuple[IpNetwork, ...]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
