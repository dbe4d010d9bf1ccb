"""What a provider's error answer says, in the shapes of the four protocols and of the servers that imitate them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeGuard

from omc.vault.failure_kinds import FailureKind

MAX_DETAILS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An error's words: for a person, for a program (`codes`, lower case), and the wait it asks for."""

    message: str = ""
    codes: frozenset[str] = frozenset()
    wait_s: float | None = None
    page: bool = False
    known: bool = False


def read_error(body: str) -> Told:
    """Read an error body: JSON in any of the usual envelopes, a web page (never quoted), or plain words."""
    try:
        data: object = json.loads(body)
    except (ValueError, RecursionError):
        return Told(message="" if _is_page(body) else body, page=_is_page(body))
    if isinstance(data, list) and data:
        data = data[0]
    if not _is_object(data):
        return Told(message=data if isinstance(data, str) else "")
    inner = data.get("error")
    error = inner if _is_object(inner) else data
    message = next((text for text in _texts(error, data, inner)), "")
    known = any(name in error for name in ("type", "code", "status")) or isinstance(inner, str)
    return Told(message=message, codes=frozenset(_codes(error, data)), wait_s=_wait(error, message), known=known)


def _texts(error: Mapping[str, object], data: Mapping[str, object], inner: object) -> Iterator[str]:
    for said in (error.get("message"), inner, data.get("detail"), data.get("message")):
        if isinstance(said, str) and said and not _is_page(said):
            yield said


def _codes(error: Mapping[str, object], data: Mapping[str, object]) -> Iterator[str]:
    for said in (error.get("code"), error.get("type"), error.get("status"), data.get("type")):
        if isinstance(said, str):
            yield said.lower()
    for detail in _details(error):
        if isinstance(reason := detail.get("reason"), str):
            yield reason.lower()
        violations = detail.get("violations")
        if isinstance(violations, list) and any("PerDay" in str(violation) for violation in violations[:MAX_DETAILS]):
            yield "daily_quota"


def _details(error: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    details = error.get("details")
    if isinstance(details, list):
        yield from (detail for detail in details[:MAX_DETAILS] if _is_object(detail))


def _is_page(text: str) -> bool:
    return text.lstrip()[:1] == "<"


def _is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, dict)


_SECONDS = re.compile(r"(\d{1,6}(?:\.\d{1,9})?)s")
_TRY_AGAIN = re.compile(r"try again in (?:(\d{1,4})m)?(\d{1,6}(?:\.\d{1,6})?)(ms|s)\b", re.IGNORECASE)


def _wait(error: Mapping[str, object], message: str) -> float | None:
    """Seconds from Gemini's `retryDelay` ("14s"), or from OpenAI's words ("Please try again in 1m3.89s")."""
    for detail in _details(error):
        delay = detail.get("retryDelay")
        if isinstance(delay, str) and (found := _SECONDS.fullmatch(delay)):
            return float(found[1])
    if (said := _TRY_AGAIN.search(message)) is None:
        return None
    seconds = float(said[2]) / (1_000 if said[3].lower() == "ms" else 1)
    return 60 * int(said[1] or 0) + seconds


@dataclass(frozen=True, slots=True)
class _Sign:
    """A row: the codes or the words that mean a kind; the first row that fits is taken."""

    kind: FailureKind
    codes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


_SIGNS: tuple[_Sign, ...] = (
    _Sign(
        FailureKind.REGION,
        ("unsupported_country_region_territory",),
        (
            "user location is not supported",
            "country, region, or territory not supported",
            "not available in your country",
        ),
    ),
    _Sign(
        FailureKind.NO_CREDIT,
        (
            "insufficient_quota",
            "billing_hard_limit_reached",
            "billing_error",
            "billing_not_active",
            "credit_balance_exhausted",
            "organization_spend_limit_exceeded",
            "project_spend_limit_exceeded",
            "organization_usage_limit_exceeded",
            "exceeded_current_quota_error",
            "daily_quota",
        ),
        ("credit balance is too low", "insufficient credits", "insufficient balance", "enable billing"),
    ),
    _Sign(
        FailureKind.BAD_KEY,
        ("api_key_invalid", "invalid_api_key", "authentication_error", "unauthenticated", "account_deactivated"),
        ("api key not valid", "api key expired", "invalid api key", "incorrect api key", "reported as leaked"),
    ),
    _Sign(
        FailureKind.CONTEXT_TOO_LONG,
        ("context_length_exceeded", "exceed_context_size_error", "request_too_large"),
        (
            "maximum context length",
            "prompt is too long",
            "input token count",
            "number of tokens allowed",
            "reduce the length of the messages",
            "exceeds the available context size",
            "exceeds the context window",
        ),
    ),
    _Sign(
        FailureKind.REFUSED,
        ("content_filter", "content_policy_violation", "responsibleaipolicyviolation", "invalid_prompt"),
        ("content management policy", "content filtering policy", "flagged by moderation", "prompt was flagged"),
    ),
    _Sign(FailureKind.MODEL_UNKNOWN, ("model_not_found", "deploymentnotfound"), ()),
    _Sign(FailureKind.OVERLOADED, ("overloaded_error", "overloaded", "server_is_overloaded"), ()),
)

_BY_STATUS: Mapping[int, FailureKind] = {
    401: FailureKind.BAD_KEY,
    402: FailureKind.NO_CREDIT,
    403: FailureKind.FORBIDDEN,
    405: FailureKind.NOT_AN_API,
    408: FailureKind.TIMEOUT,
    413: FailureKind.CONTEXT_TOO_LONG,
    429: FailureKind.RATE_LIMITED,
    451: FailureKind.REGION,
    503: FailureKind.OVERLOADED,
    529: FailureKind.OVERLOADED,
}


def kind_of(status: int, told: Told) -> FailureKind:
    """Return what an error answer means: what its codes and words say, else what its status says."""
    said = told.message.lower()
    for sign in _SIGNS:
        if not told.codes.isdisjoint(sign.codes) or any(word in said for word in sign.words):
            return sign.kind
    if status == 404:
        return FailureKind.MODEL_UNKNOWN if told.known or "model" in said else FailureKind.NOT_AN_API
    if status in (400, 422) and "model" in said and ("not found" in said or "does not exist" in said):
        return FailureKind.MODEL_UNKNOWN
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if told.page and status < 500:
        return FailureKind.NOT_AN_API
    if status >= 500:
        return FailureKind.OVERLOADED if "overloaded" in said else FailureKind.SERVER_ERROR
    return FailureKind.REJECTED if 400 <= status < 500 else FailureKind.UNKNOWN
