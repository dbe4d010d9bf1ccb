"""Every failure has its sentence, is read from what providers really say, and carries no key away."""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import quote

import httpx2
import pytest
from pydantic_ai.exceptions import ModelHTTPError

from omc.kit.secret import Secret
from omc.vault.failures import FACTS, MAX_SAID, MAX_WAIT_S, FailureKind, ModelFailure, classify, from_sdk
from omc.vault.redacting import HIDDEN, plain, redacted
from tests.conftest import SHARED_DATA

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEY = 'sk-proj-Q7+/x"é zZ0123456789abcdefABCDEF'
RECORDED = {
    "anthropic_400_prompt_too_long": FailureKind.CONTEXT_TOO_LONG,
    "anthropic_401_invalid_key": FailureKind.BAD_KEY,
    "anthropic_429_rate_limit": FailureKind.RATE_LIMITED,
    "anthropic_529_overloaded": FailureKind.OVERLOADED,
    "gemini_400_invalid_key": FailureKind.BAD_KEY,
    "gemini_429_free_tier_tokens": FailureKind.RATE_LIMITED,
    "openai_400_context_length": FailureKind.CONTEXT_TOO_LONG,
    "openai_401_invalid_api_key": FailureKind.BAD_KEY,
    "openai_429_insufficient_quota": FailureKind.NO_CREDIT,
    "openai_429_tpm": FailureKind.RATE_LIMITED,
}


@pytest.mark.parametrize("kind", FailureKind)
def test_every_kind_has_its_sentences(kind: FailureKind) -> None:
    facts = FACTS[kind]
    for sentence in (facts.says, facts.mend):
        assert re.fullmatch(r"[A-Z].{15,160}\.", sentence), sentence
    assert ModelFailure(kind).maybe_billed is facts.billed


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_a_recorded_error_is_read_for_what_it_is(name: str) -> None:
    file = SHARED_DATA / "wire" / "llm" / "errors" / f"{name}.json"
    if not file.exists():
        pytest.skip("the shared recordings are not here")
    told = json.loads(file.read_text())
    failure = classify(told["status"], told["response_headers"], json.dumps(told["response_body"]), now=NOW)
    assert failure.kind is RECORDED[name]
    waits = {"anthropic_429_rate_limit": 31, "openai_429_tpm": 4}
    if name in waits:
        assert failure.retry_after_s == waits[name]


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (403, '{"error":{"code":"unsupported_country_region_territory","message":"x"}}', FailureKind.REGION),
        (400, '{"error":{"message":"User location is not supported for the API use."}}', FailureKind.REGION),
        (400, '{"error":{"message":"Your credit balance is too low to access the API"}}', FailureKind.NO_CREDIT),
        (402, "", FailureKind.NO_CREDIT),
        (403, '{"error":{"message":"You may not"}}', FailureKind.FORBIDDEN),
        (
            404,
            '{"error":{"message":"The model `x` does not exist","code":"model_not_found"}}',
            FailureKind.MODEL_UNKNOWN,
        ),
        (404, '{"error":"model \'llama9\' not found"}', FailureKind.MODEL_UNKNOWN),
        (404, '{"detail":"Not Found"}', FailureKind.NOT_AN_API),
        (404, "404 page not found", FailureKind.NOT_AN_API),
        (404, "<!doctype html><title>Nothing</title>", FailureKind.NOT_AN_API),
        (405, "", FailureKind.NOT_AN_API),
        (400, '{"error":{"type":"exceed_context_size_error","message":"too much"}}', FailureKind.CONTEXT_TOO_LONG),
        (400, '{"error":{"code":"content_filter","message":"no"}}', FailureKind.REFUSED),
        (422, '{"detail":[{"msg":"temperature"}]}', FailureKind.REJECTED),
        (500, "", FailureKind.SERVER_ERROR),
        (502, "<html>Bad gateway</html>", FailureKind.SERVER_ERROR),
        (503, "[]", FailureKind.OVERLOADED),
        (599, "[" * 100_000, FailureKind.SERVER_ERROR),
        (418, "null", FailureKind.REJECTED),
        (302, "7", FailureKind.UNKNOWN),
    ],
)
def test_an_answer_is_classified_by_its_words_then_by_its_status(status: int, body: str, kind: FailureKind) -> None:
    assert classify(status, {}, body, now=NOW).kind is kind


@pytest.mark.parametrize(
    ("headers", "body", "wait"),
    [
        ({"Retry-After": "31"}, "", 31),
        ({"retry-after-ms": "1200", "retry-after": "9"}, "", 2),
        ({"retry-after": format_datetime(NOW + timedelta(seconds=90), usegmt=True)}, "", 90),
        ({"retry-after": format_datetime(NOW - timedelta(seconds=90), usegmt=True)}, "", 0),
        ({"retry-after": "86400"}, "", MAX_WAIT_S),
        ({"retry-after": "inf"}, "", None),
        ({"retry-after": "-3"}, "", None),
        ({"retry-after": "soon"}, "", None),
        ({}, '{"error":{"details":[{"@type":"RetryInfo","retryDelay":"14.2s"}]}}', 15),
        ({}, '{"error":{"message":"Please try again in 1m3.5s."}}', 64),
        ({}, '{"error":{"message":"Please try again in 120ms."}}', 1),
    ],
)
def test_the_wait_that_a_provider_asks_for_is_kept(headers: dict[str, str], body: str, wait: int | None) -> None:
    assert classify(429, headers, body, now=NOW).retry_after_s == wait


def test_a_wait_is_not_kept_where_waiting_does_not_help() -> None:
    assert classify(401, {"retry-after": "5"}, "", now=NOW).retry_after_s is None


def test_only_a_gateway_or_a_begun_stream_may_have_been_billed() -> None:
    billed = {status: classify(status, {}, "", now=NOW).maybe_billed for status in (401, 429, 500, 502, 503, 504, 529)}
    assert {status for status, maybe in billed.items() if maybe} == {502, 504}
    assert classify(529, {}, "", now=NOW, in_stream=True).maybe_billed


def _echoes() -> list[str]:
    raw = KEY.encode()
    return [
        KEY,
        KEY.upper(),
        json.dumps(KEY),
        json.dumps({"nested": json.dumps(KEY)}),
        raw.hex(),
        raw.hex().upper(),
        quote(KEY),
        quote(KEY, safe=""),
        *(b64encode(b"user"[:size] + raw + b"tail"[:more]).decode() for size in range(4) for more in range(4)),
        *(urlsafe_b64encode(b"user"[:size] + raw).decode() for size in range(4)),
    ]


@pytest.mark.parametrize("echo", _echoes())
def test_a_key_that_a_server_echoes_is_hidden_in_every_form(echo: str) -> None:
    said = redacted(f"before {echo} after", [Secret(KEY)])
    assert HIDDEN in said
    assert said.startswith("before")
    middle = said.replace(HIDDEN, "")
    assert "0123456789abcdef" not in middle.lower()
    assert b64encode(KEY.encode())[8:28].decode() not in middle
    assert KEY.encode().hex()[8:28] not in middle.lower()


def test_words_without_a_key_are_left_alone() -> None:
    assert (
        redacted("The model sk is busy, try again in 3 s.", [Secret(KEY)]) == "The model sk is busy, try again in 3 s."
    )
    assert redacted("short abc", [Secret("abc")]) == "short abc"


def test_what_a_provider_says_is_one_bounded_line_without_hidden_characters() -> None:
    assert plain("a\x00b\n\u202ec\u200b" + "x" * 900, limit=20) == "a b c " + "x" * 13 + "…"
    body = json.dumps({"error": {"message": "no\x1b[31m " + "y" * 5_000}})
    said = classify(400, {}, body, now=NOW).text
    assert len(said) < MAX_SAID + 100
    assert "\x1b" not in said


def _raised() -> BaseException:
    request = httpx2.Request("POST", "http://x/", headers={"authorization": f"Bearer {KEY}"[:20]})
    try:
        try:
            raise httpx2.ReadError("no", request=request)
        except httpx2.ReadError as error:
            raise ModelHTTPError(401, "m", {"error": {"message": f"bad {KEY}"}}, headers={"x-echo": KEY}) from error
    except ModelHTTPError as error:
        return error


def test_what_leaves_carries_no_other_exception_and_no_key() -> None:
    failure = from_sdk(_raised(), now=NOW, hide=[Secret(KEY)])
    assert failure.kind is FailureKind.BAD_KEY
    assert (failure.__cause__, failure.__context__, failure.__traceback__) == (None, None, None)
    assert KEY not in repr(vars(failure)) + repr(failure) + str(failure.args)
    assert all(value is None or isinstance(value, str | int | bool) for value in vars(failure).values())


def test_an_exception_that_nobody_foresaw_is_unknown_and_maybe_billed() -> None:
    failure = from_sdk(RuntimeError(KEY), now=NOW)
    assert (failure.kind, failure.maybe_billed, KEY in failure.text) == (FailureKind.UNKNOWN, True, False)
