"""What identity decides: scopes, lifetimes, what an address and a password must be, how a proof is stored."""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from omc.core.ids import PersonId, WorkspaceId
from omc.core.reason import Reason

SESSION_LIFE = timedelta(days=30)
SESSION_IDLE = timedelta(days=7)
SESSION_TOUCH = timedelta(minutes=10)
LINK_LIFE = timedelta(minutes=30)
LINK_CLAIMS = timedelta(hours=1)
TOKEN_LIFE_DAYS = 90
MAX_TOKEN_LIFE_DAYS = 366
MAX_TOKENS = 100
MIN_PASSWORD = 10
MAX_PASSWORD = 200
MAX_EMAIL = 254
TOKEN_PREFIX = "omc_"  # noqa: S105 - how a token begins, so that scanners of leaked secrets can find it

_EMAIL = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+")


class Scope(StrEnum):
    """What a caller may do."""

    READ = "read"
    WRITE = "write"
    TRADE = "trade"
    ADMIN = "admin"


# What each scope brings along. Trading is never implied by writing: research cannot trade.
IMPLIED = {
    Scope.READ: frozenset({Scope.READ}),
    Scope.WRITE: frozenset({Scope.READ, Scope.WRITE}),
    Scope.TRADE: frozenset({Scope.READ, Scope.TRADE}),
    Scope.ADMIN: frozenset(Scope),
}


class Role(StrEnum):
    """What a person is in a workspace."""

    OWNER = "owner"
    VIEWER = "viewer"


ROLE_SCOPES = {Role.OWNER: frozenset(Scope), Role.VIEWER: frozenset({Scope.READ})}


class OpenedBy(StrEnum):
    """How a browser's session began."""

    LINK = "link"
    PASSWORD = "password"  # noqa: S105 - the word, not one


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, proven. `claims_account`: came by a one-time link just now, so may set a new password."""

    person_id: PersonId
    workspace_id: WorkspaceId
    scopes: frozenset[Scope]
    by_cookie: bool
    claims_account: bool = False


def with_implied(scopes: Iterable[Scope]) -> frozenset[Scope]:
    """Return the scopes and all that they bring along."""
    return frozenset().union(*(IMPLIED[scope] for scope in scopes))


def stored_form(proof: str) -> str:
    """Return what is stored of a session, token or link: SHA-256, for each has 256 random bits of its own."""
    return hashlib.sha256(proof.encode()).hexdigest()


def csrf_value(session_proof: str) -> str:
    """Return the CSRF value bound to a session: a page reads it from the API, another site's page cannot."""
    mac = hmac.new(session_proof.encode(), b"omc csrf", hashlib.sha256).digest()
    return urlsafe_b64encode(mac).rstrip(b"=").decode()


def same_text(given: str, expected: str) -> bool:
    """Compare in a time that does not depend on where they differ."""
    return hmac.compare_digest(given.encode(), expected.encode())


def session_is_alive(now: datetime, *, seen_at: datetime, expires_at: datetime) -> bool:
    """Tell whether a browser's session still counts."""
    return now < expires_at and now - seen_at < SESSION_IDLE


def claims_account(now: datetime, *, opened_by: str, created_at: datetime) -> bool:
    """Tell whether a session may set the account's password: it was opened by a link, a short while ago."""
    return opened_by == OpenedBy.LINK and now - created_at < LINK_CLAIMS


def normal_email(text: str) -> str | Reason:
    """Return the address as it is stored and compared."""
    email = text.strip().lower()
    if len(email) > MAX_EMAIL or not _EMAIL.fullmatch(email):
        return Reason(code="not_an_email", text="Write an email address, like name@example.org.", place="/email")
    return email


def check_password(password: str, *, email: str) -> Reason | None:
    """Return why a new password is refused: length is what counts, composition rules are not asked for."""
    if len(password) < MIN_PASSWORD:
        text = f"Choose a password of at least {MIN_PASSWORD} characters; several words are good."
        return Reason(code="short_password", text=text, place="/password")
    if len(password) > MAX_PASSWORD:
        text = f"Choose a password of at most {MAX_PASSWORD} characters."
        return Reason(code="long_password", text=text, place="/password")
    if password.lower() in {email, email.partition("@")[0]} or len(set(password)) < 4:
        text = "Choose a password that is not your address or one repeated letter."
        return Reason(code="weak_password", text=text, place="/password")
    return None
