"""The error answers of each wire, after the recordings where there are any."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from tests.sims.models.faults import Fault, Wire
from tests.sims.models.talk import JSON

OpenAIRow: TypeAlias = tuple[int, str, str, str | None, str | None]
Row = TypeVar("Row", bound=tuple[object, ...])
Words: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Refused:
    """An error answer."""

    status: int
    body: JSON
    headers: Mapping[str, str]


RETRY_AFTER_S = 2
_OPENAI: Mapping[Fault, OpenAIRow] = {
    Fault.INVALID_KEY: (
        401,
        (
            "Incorrect API key provided: sk-XG6GW***************************************wlmi. You can find "
            "your API key at https://platform.openai.com/account/api-keys."
        ),
        "invalid_request_error",
        None,
        "invalid_api_key",
    ),
    Fault.FORBIDDEN: (
        403,
        "Country, region, or territory not supported",
        "request_forbidden",
        None,
        "unsupported_country_region_territory",
    ),
    Fault.NO_MODEL: (
        404,
        "The model `{model}` does not exist or you do not have access to it.",
        "invalid_request_error",
        None,
        "model_not_found",
    ),
    Fault.RATE_LIMIT: (
        429,
        (
            "Rate limit reached for {model} in organization org-SCRUBBED on tokens per min (TPM): Limit 30000, Used "
            "28039, Requested 3906. Please try again in 3.89s. Visit "
            "https://platform.openai.com/account/rate-limits to learn more."
        ),
        "tokens",
        None,
        "rate_limit_exceeded",
    ),
    Fault.QUOTA: (
        429,
        (
            "You exceeded your current quota, please check your plan and billing details. For more information on this "
            "error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors."
        ),
        "insufficient_quota",
        None,
        "insufficient_quota",
    ),
    Fault.PAYMENT: (402, "Insufficient credits. Add more to go on.", "insufficient_quota", None, "402"),
    Fault.INTERNAL: (
        500,
        "The server had an error while processing your request. Sorry about that!",
        "server_error",
        None,
        None,
    ),
    Fault.BAD_GATEWAY: (502, "Bad gateway", "server_error", None, None),
    Fault.UNAVAILABLE: (
        503,
        "The engine is currently overloaded, please try again later",
        "server_error",
        None,
        "server_overloaded",
    ),
    Fault.OVERLOADED: (529, "Overloaded", "server_error", None, None),
    Fault.CONTEXT: (
        400,
        (
            "This model's maximum context length is 8192 tokens. However, your messages resulted in 14837 tokens. "
            "Please reduce the length of the messages."
        ),
        "invalid_request_error",
        "messages",
        "context_length_exceeded",
    ),
    Fault.PROMPT_BLOCKED: (
        400,
        "Invalid prompt: your prompt was flagged as potentially violating our usage policy.",
        "invalid_request_error",
        None,
        "invalid_prompt",
    ),
    Fault.ECHO_KEY: (401, "Incorrect API key provided: {key}.", "invalid_request_error", None, "invalid_api_key"),
}
_RESPONSES = {
    **_OPENAI,
    Fault.NO_MODEL: (
        400,
        "The requested model '{model}' does not exist.",
        "invalid_request_error",
        "model",
        "model_not_found",
    ),
    Fault.CONTEXT: (
        400,
        "Your input exceeds the context window of this model. Please adjust your input and try again.",
        "invalid_request_error",
        "input",
        "context_length_exceeded",
    ),
}
_ANTHROPIC: Mapping[Fault, tuple[int, str, str]] = {
    Fault.INVALID_KEY: (401, "authentication_error", "invalid x-api-key"),
    Fault.FORBIDDEN: (403, "permission_error", "Your API key does not have permission to use the specified resource."),
    Fault.NO_MODEL: (404, "not_found_error", "model: {model}"),
    Fault.RATE_LIMIT: (
        429,
        "rate_limit_error",
        (
            "This request would exceed the rate limit for your organization of 20,000 input tokens per minute. "
            "For details, refer to: https://docs.anthropic.com/en/api/rate-limits. You can see the response headers "
            "for current usage. Please reduce the prompt length or the maximum tokens requested, or try again later. "
            "You may also contact sales at https://www.anthropic.com/contact-sales to discuss your options for a rate "
            "limit increase."
        ),
    ),
    Fault.QUOTA: (
        400,
        "invalid_request_error",
        (
            "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or "
            "purchase credits."
        ),
    ),
    Fault.PAYMENT: (402, "billing_error", "There is an issue with your billing or payment information."),
    Fault.INTERNAL: (500, "api_error", "Internal server error"),
    Fault.BAD_GATEWAY: (502, "api_error", "Bad gateway"),
    Fault.UNAVAILABLE: (503, "api_error", "Service unavailable"),
    Fault.OVERLOADED: (529, "overloaded_error", "Overloaded"),
    Fault.CONTEXT: (400, "invalid_request_error", "prompt is too long: 208423 tokens > 200000 maximum"),
    Fault.PROMPT_BLOCKED: (400, "invalid_request_error", "Output blocked by content filtering policy"),
    Fault.ECHO_KEY: (401, "authentication_error", "invalid x-api-key: {key}"),
}
_QUOTA_WORDS = (
    "You exceeded your current quota, please check your plan and billing details. For more information on this error, "
    "head to: https://ai.google.dev/gemini-api/docs/rate-limits."
)
_GEMINI: Mapping[Fault, tuple[int, str, str]] = {
    Fault.INVALID_KEY: (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
    Fault.UNAUTHORIZED: (
        401,
        "UNAUTHENTICATED",
        (
            "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
            "valid authentication credential."
        ),
    ),
    Fault.FORBIDDEN: (403, "PERMISSION_DENIED", "Permission denied: Consumer has been suspended."),
    Fault.NO_MODEL: (
        404,
        "NOT_FOUND",
        (
            "models/{model} is not found for API version v1beta, or is not supported for generateContent. Call "
            "ListModels to see the list of available models and their supported methods."
        ),
    ),
    Fault.RATE_LIMIT: (429, "RESOURCE_EXHAUSTED", _QUOTA_WORDS),
    Fault.QUOTA: (429, "RESOURCE_EXHAUSTED", _QUOTA_WORDS),
    Fault.PAYMENT: (402, "FAILED_PRECONDITION", "This project has no active billing account."),
    Fault.INTERNAL: (
        500,
        "INTERNAL",
        (
            "An internal error has occurred. Please retry or report in "
            "https://developers.generativeai.google/guide/troubleshooting"
        ),
    ),
    Fault.BAD_GATEWAY: (502, "UNAVAILABLE", "Bad gateway"),
    Fault.UNAVAILABLE: (503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
    Fault.OVERLOADED: (529, "UNAVAILABLE", "The model is overloaded. Please try again later."),
    Fault.CONTEXT: (
        400,
        "INVALID_ARGUMENT",
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
    ),
    Fault.ECHO_KEY: (400, "INVALID_ARGUMENT", "API key not valid: {key}. Please pass a valid API key."),
}
_SAID_AS = {Fault.UNAUTHORIZED: Fault.INVALID_KEY, Fault.RATE_LIMIT_WAIT: Fault.RATE_LIMIT}


def refused(fault: Fault, wire: Wire, *, model: str, key: str, request_id: str) -> Refused | None:
    """The error answer of a fault on a wire, or None for a fault that is no error answer there."""
    words = {"model": model, "key": key}
    match wire:
        case Wire.CHAT:
            return _openai(_OPENAI, fault, words)
        case Wire.RESPONSES:
            return _openai(_RESPONSES, fault, words)
        case Wire.ANTHROPIC:
            return _anthropic(fault, words, request_id)
        case Wire.GEMINI:
            return _gemini(fault, words)


def _row(rows: Mapping[Fault, Row], fault: Fault) -> Row | None:
    return rows.get(fault) or rows.get(_SAID_AS.get(fault, fault))


def _openai(
    rows: Mapping[Fault, tuple[int, str, str, str | None, str | None]], fault: Fault, words: Words
) -> Refused | None:
    if (row := _row(rows, fault)) is None:
        return None
    status, message, kind, param, code = row
    said = {"message": message.format(**words), "type": kind, "param": param, "code": code}
    return Refused(status, {"error": said}, _openai_headers(fault))


def _anthropic(fault: Fault, words: Words, request_id: str) -> Refused | None:
    if (row := _row(_ANTHROPIC, fault)) is None:
        return None
    status, kind, message = row
    said = {"type": kind, "message": message.format(**words)}
    body: JSON = {"type": "error", "error": said, "request_id": f"req_{request_id}"}
    return Refused(status, body, _anthropic_headers(fault))


def _gemini(fault: Fault, words: Words) -> Refused | None:
    if (row := _row(_GEMINI, fault)) is None:
        return None
    status, code, message = row
    error: JSON = {"code": status, "message": message.format(**words), "status": code}
    if details := _gemini_details(fault, words["model"]):
        error["details"] = details
    return Refused(status, {"error": error}, {})


def _openai_headers(fault: Fault) -> Mapping[str, str]:
    if fault not in {Fault.RATE_LIMIT, Fault.RATE_LIMIT_WAIT}:
        return {}
    shown = {"x-ratelimit-limit-tokens": "30000", "x-ratelimit-remaining-tokens": "1961"}
    wait = {"retry-after": str(RETRY_AFTER_S), "retry-after-ms": str(RETRY_AFTER_S * 1000)}
    return {**shown, **(wait if fault is Fault.RATE_LIMIT_WAIT else {})}


def _anthropic_headers(fault: Fault) -> Mapping[str, str]:
    match fault:
        case Fault.RATE_LIMIT_WAIT:
            return {"retry-after": str(RETRY_AFTER_S), "anthropic-ratelimit-input-tokens-remaining": "0"}
        case Fault.OVERLOADED:
            return {"x-should-retry": "true"}
        case _:
            return {}


def _gemini_details(fault: Fault, model: str) -> list[JSON]:
    rpc = "type.googleapis.com/google.rpc"
    if fault is Fault.INVALID_KEY:
        return [{"@type": f"{rpc}.ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"}]
    if fault not in {Fault.RATE_LIMIT_WAIT, Fault.QUOTA}:
        return []
    window = "Day" if fault is Fault.QUOTA else "Minute"
    link = {
        "description": "Learn more about Gemini API quotas",
        "url": "https://ai.google.dev/gemini-api/docs/rate-limits",
    }
    violation = {
        "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_input_token_count",
        "quotaId": f"GenerateContentInputTokensPerModelPer{window}-FreeTier",
        "quotaDimensions": {"location": "global", "model": model},
        "quotaValue": "250000",
    }
    details: list[JSON] = [
        {"@type": f"{rpc}.QuotaFailure", "violations": [violation]},
        {"@type": f"{rpc}.Help", "links": [link]},
    ]
    if fault is Fault.RATE_LIMIT_WAIT:
        details.append({"@type": f"{rpc}.RetryInfo", "retryDelay": f"{RETRY_AFTER_S}s"})
    return details
