"""What is decided about a request before anybody asks who sent it: host, origin, and the headers of every answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from omc.kit.errors import Refusal

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_BEYOND_A_HOST = frozenset("@/?#\\")
_OWN_FETCHES = frozenset({"same-origin", "none"})

_ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}
_TRANSPORT = {"strict-transport-security": "max-age=31536000"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """What a request shows at the door. An absent header is the empty text."""

    method: str
    host: str
    origin: str
    fetch_site: str


def refuse(knock: Knock, allowed_hosts: frozenset[str]) -> Refusal | None:
    """Return why the request is turned away: a foreign host name (DNS rebinding) or a foreign page's unsafe verb."""
    name = host_name(knock.host)
    if not (_is_address(name) or name == "localhost" or name in allowed_hosts):
        return Refusal(
            "host_refused", 400, "This name is not one of the server's. If it should be, set OMC_PUBLIC_URL to it."
        )
    if knock.method in SAFE_METHODS:
        return None
    if knock.fetch_site and knock.fetch_site not in _OWN_FETCHES:
        return _foreign_page()
    if knock.origin and urlsplit(knock.origin).netloc.lower() != knock.host.lower():
        return _foreign_page()
    return None


def answer_headers(scheme: str) -> Mapping[str, str]:
    """Return the headers that every answer carries unless its route has said otherwise."""
    return _ALWAYS | _TRANSPORT if scheme == "https" else _ALWAYS


def page_policy(nonce: str) -> str:
    """Return the content security policy of the page: own files only, style elements only with this answer's nonce."""
    return (
        "default-src 'self'; script-src 'self'; "
        f"style-src 'self' 'nonce-{nonce}'; "
        "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def host_name(host: str) -> str:
    """Return the name in a Host header, without port and brackets, in lower case; "" where it holds more than that."""
    if not _BEYOND_A_HOST.isdisjoint(host):
        return ""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _foreign_page() -> Refusal:
    return Refusal("foreign_page", 403, "Another site's page sent this request. Use OMC's own page, or an API token.")
