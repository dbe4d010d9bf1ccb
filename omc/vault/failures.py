"""What a failed model call is told as: one exception, without the request, the SDK's own exception or a key in it.

Light on purpose: no SDK is imported. `from_sdk` reads an allow-list of fields of whatever was raised and lets the rest
go, so that no request, header or key hangs on what leaves this module.
"""

import json
import ssl
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import ceil, isfinite
from typing import TYPE_CHECKING

from omc.kit.secret import Secret
from omc.vault.failure_kinds import FACTS, Facts, FailureKind
from omc.vault.failure_signs import kind_of, read_error
from omc.vault.redacting import plain, redacted

if TYPE_CHECKING:
    from omc.vault.prices import Usage

__all__ = ["FACTS", "Facts", "FailureKind", "ModelFailure", "classify", "from_sdk"]

MAX_SAID = 300
MAX_WAIT_S = 3_600
MAX_CHAIN = 12
MAX_BODY = 64_000

GATEWAY = (502, 504)
"""A gateway that lost its upstream: the work behind it may have been done, and charged."""


class ModelFailure(Exception):  # noqa: N818 - the house's word: a failure that has its sentence
    """A model call that did not give a usable answer. It carries no other exception, no request and no key.

    `text` is what went wrong, `next_step` how to mend it, `retryable` whether the same call may succeed later.
    `maybe_billed` is True when the provider may have charged for it; `usage` is what it charged for, where it told.
    """

    def __init__(
        self,
        kind: FailureKind,
        *,
        said: str = "",
        status: int | None = None,
        retry_after_s: int | None = None,
        maybe_billed: bool | None = None,
        usage: "Usage | None" = None,
    ) -> None:
        """Make a failure; `said` are the provider's own words, already redacted and bounded."""
        facts = FACTS[kind]
        self.kind = kind
        self.text = f"{facts.says} It said: “{said}”" if said else facts.says
        self.next_step = facts.mend
        self.retryable = facts.retry
        self.retry_after_s = retry_after_s
        self.maybe_billed = facts.billed if maybe_billed is None else maybe_billed
        self.status = status
        self.usage = usage
        super().__init__(kind.value, self.text)


def classify(
    status: int,
    headers: Mapping[str, str],
    body: str,
    *,
    now: datetime,
    hide: Sequence[Secret] = (),
    in_stream: bool = False,
) -> ModelFailure:
    """Return what an HTTP error answer means; `hide` are keys that must not show in what the provider said."""
    told = read_error(body)
    kind = kind_of(status, told)
    wait = _header_wait(headers, now)
    if wait is None:
        wait = told.wait_s
    return ModelFailure(
        kind,
        said=plain(redacted(told.message, hide), limit=MAX_SAID),
        status=status,
        retry_after_s=min(ceil(wait), MAX_WAIT_S) if wait is not None and FACTS[kind].retry else None,
        maybe_billed=in_stream or status in GATEWAY or (kind is FailureKind.UNKNOWN),
    )


def from_sdk(error: BaseException, *, now: datetime, hide: Sequence[Secret] = ()) -> ModelFailure:
    """Return what an exception of pydantic-ai, an SDK or httpx2 means; raise the result outside the `except` block."""
    chain = tuple(_chain(error))
    for link in chain:
        if isinstance(link, ModelFailure):
            return link
        if isinstance(kind := getattr(link, "kind", None), FailureKind):
            said = getattr(link, "said", "")
            return ModelFailure(kind, said=plain(redacted(str(said), hide), limit=MAX_SAID))
    for link in chain:
        if isinstance(status := getattr(link, "status_code", None), int):
            headers, body = getattr(link, "headers", None), getattr(link, "body", None)
            return classify(
                status,
                headers if isinstance(headers, Mapping) else {},
                _dumped(body),
                now=now,
                hide=hide,
                in_stream=getattr(link, "in_stream", False) is True,
            )
    return _by_name(chain, hide)


NAMES: tuple[tuple[str, FailureKind], ...] = (
    ("ConnectTimeout", FailureKind.CONNECT_TIMEOUT),
    ("PoolTimeout", FailureKind.CONNECT_TIMEOUT),
    ("ReadTimeout", FailureKind.TIMEOUT),
    ("WriteTimeout", FailureKind.TIMEOUT),
    ("ReadError", FailureKind.CUT),
    ("WriteError", FailureKind.CUT),
    ("RemoteProtocolError", FailureKind.CUT),
    ("ConnectError", FailureKind.UNREACHABLE),
    ("InvalidURL", FailureKind.ADDRESS_REFUSED),
    ("ModelRequestTimeout", FailureKind.TIMEOUT),
    ("ModelTimeoutError", FailureKind.TIMEOUT),
    ("TimeoutError", FailureKind.TIMEOUT),
    ("ModelConnectionError", FailureKind.CUT),
    ("ModelContextWindowExceededError", FailureKind.CONTEXT_TOO_LONG),
    ("ModelQuotaExceededError", FailureKind.NO_CREDIT),
    ("ModelRateLimitError", FailureKind.RATE_LIMITED),
    ("ModelUnavailableError", FailureKind.OVERLOADED),
    ("ModelServerError", FailureKind.SERVER_ERROR),
    ("ModelAuthenticationError", FailureKind.BAD_KEY),
    ("ModelNotFoundError", FailureKind.MODEL_UNKNOWN),
    ("ModelRequestRejectedError", FailureKind.REJECTED),
    ("ContentFilterError", FailureKind.REFUSED),
    ("OutputTokenLimitExceeded", FailureKind.TOO_LONG),
    ("UserError", FailureKind.REJECTED),
    ("UnexpectedModelBehavior", FailureKind.MALFORMED),
    ("ModelAPIError", FailureKind.MALFORMED),
    # What an SDK trips over when an answer has not the shape that it expects.
    ("ValueError", FailureKind.MALFORMED),
    ("LookupError", FailureKind.MALFORMED),
    ("TypeError", FailureKind.MALFORMED),
    ("AttributeError", FailureKind.MALFORMED),
    ("AssertionError", FailureKind.MALFORMED),
)
"""What a class of exception means, the transport's own before the wrappers that SDKs put around it. By name: no SDK."""


def _by_name(chain: Sequence[BaseException], hide: Sequence[Secret]) -> ModelFailure:
    names = {parent.__name__ for link in chain for parent in type(link).__mro__}
    if "ConnectError" in names and any(isinstance(link, ssl.SSLError) for link in chain):
        return ModelFailure(FailureKind.TLS)
    if "RemoteProtocolError" in names and not any(_broke_off(str(link)) for link in chain):
        return ModelFailure(FailureKind.NOT_AN_API)
    kind = next((kind for name, kind in NAMES if name in names), FailureKind.UNKNOWN)
    streamed = next((link for link in chain if getattr(link, "in_stream", False) is True), None)
    if streamed is None:
        return ModelFailure(kind)
    if kind is FailureKind.MALFORMED:
        kind = FailureKind.SERVER_ERROR
    told = read_error(_dumped(getattr(streamed, "body", None)))
    return ModelFailure(kind, said=plain(redacted(told.message, hide), limit=MAX_SAID), maybe_billed=True)


def _broke_off(words: str) -> bool:
    return any(word in words.lower() for word in ("disconnected", "closed", "incomplete"))


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    for _ in range(MAX_CHAIN):
        if link is None:
            return
        yield link
        link = link.__cause__ or link.__context__


def _dumped(body: object) -> str:
    if isinstance(body, str):
        return body
    try:
        return json.dumps(body)[:MAX_BODY]
    except (TypeError, ValueError, RecursionError):
        return ""


def _header_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds from `retry-after-ms` or `retry-after`, which is a number or an HTTP date (RFC 9110, section 10.2.3)."""
    lowered = {name.lower(): value for name, value in headers.items()}
    if (exact := _number(lowered.get("retry-after-ms", ""))) is not None:
        return exact / 1_000
    written = lowered.get("retry-after", "")
    if (seconds := _number(written)) is not None:
        return seconds
    try:
        moment = parsedate_to_datetime(written)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) and number >= 0 else None
