"""A model of pydantic-ai for each protocol, over the official SDKs, and the one place that maps settings onto it.

Built for one call and dropped after it (0.1 to 0.6 ms), because it holds the key. No SDK retries, none reads the
operator's environment for a key, and what it logs or traces is off.
"""

from collections.abc import Callable, Mapping
from functools import cache

import httpx2
from anthropic import AsyncAnthropic
from google.genai import Client as GoogleClient
from google.genai.types import HttpOptions, HttpRetryOptions
from openai import AsyncOpenAI
from pydantic_ai.models import Model
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.profiles import ModelProfile
from pydantic_ai.profiles.anthropic import ANTHROPIC_THINKING_BUDGET_MAP
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.settings import ModelSettings, ThinkingEffort

from omc.vault.connection import Connection
from omc.vault.outbound import system_trust
from omc.vault.providers import Protocol, Provider, provider

NO_KEY = "none"
"""What the SDKs send where a server asks for no key: they refuse to be built without one."""

EFFORTS: Mapping[str, ThinkingEffort] = {"minimal": "minimal", "low": "low", "medium": "medium", "high": "high"}


def row_of(connection: Connection) -> Provider:
    """Return the connection's row; a connection to a provider that has none is a bug."""
    row = provider(connection.provider)
    assert row is not None, "a connection names a row of PROVIDERS"
    return row


def build(connection: Connection, http: httpx2.AsyncClient) -> Model:
    """Return the model that `connection` names, speaking through `http`; the caller closes `http`."""
    row = row_of(connection)
    assert row.protocol is not None, "a built-in model is not called over the network"
    base_url = connection.base_url or row.base_url
    assert base_url is not None, "a row without an address takes one"
    key = connection.key.reveal() if connection.key is not None else NO_KEY
    return _BUILDERS[row.protocol](connection.model, base_url, key, http)


def settings(
    row: Provider,
    profile: ModelProfile,
    *,
    max_tokens: int,
    temperature: float | None,
    top_p: float | None,
    effort: str | None,
    timeout_s: float,
    first_event_s: float,
) -> tuple[ModelSettings, tuple[str, ...]]:
    """Return what is sent, and the names of the settings that this model does not take and that were left out."""
    sent = ModelSettings(
        max_tokens=max_tokens, max_retries=0, request_timeout=timeout_s, first_event_timeout=first_event_s
    )
    left_out = []
    thinking = EFFORTS.get(effort or "")
    if thinking is not None and _takes_effort(row, profile, thinking, max_tokens):
        sent["thinking"] = thinking
    elif effort is not None:
        left_out.append("effort")
    sampled = _takes_sampling(profile, thinks="thinking" in sent)
    if temperature is not None and sampled:
        sent["temperature"] = temperature
    if top_p is not None and sampled:
        sent["top_p"] = top_p
    asked = {"temperature": temperature, "top_p": top_p}
    return sent, (*left_out, *(name for name, value in asked.items() if value is not None and not sampled))


def _takes_effort(row: Provider, profile: ModelProfile, effort: ThinkingEffort, max_tokens: int) -> bool:
    if not row.capabilities.effort or not (
        profile.get("supports_thinking", False) or profile.get("thinking_always_enabled", False)
    ):
        return False
    by_budget = row.protocol is Protocol.ANTHROPIC and not profile.get("anthropic_supports_adaptive_thinking", False)
    return not by_budget or ANTHROPIC_THINKING_BUDGET_MAP[effort] < max_tokens


def _takes_sampling(profile: ModelProfile, *, thinks: bool) -> bool:
    """Models that think refuse temperature and top-p, at OpenAI and Anthropic; Gemini takes them."""
    if profile.get("anthropic_disallows_sampling_settings", False):
        return False
    if "google_supports_thinking_level" in profile or not profile.get("supports_thinking", False):
        return True
    always = profile.get("thinking_always_enabled", False) or profile.get("thinking_enabled_by_default", False)
    return not (thinks or always)


def _openai(base_url: str, key: str, http: httpx2.AsyncClient) -> AsyncOpenAI:
    client = AsyncOpenAI(api_key=key, base_url=base_url, http_client=http, max_retries=0)
    client.organization = client.project = None
    return client


def _responses(model: str, base_url: str, key: str, http: httpx2.AsyncClient) -> Model:
    return OpenAIResponsesModel(model, provider=OpenAIProvider(openai_client=_openai(base_url, key, http)))


def _chat(model: str, base_url: str, key: str, http: httpx2.AsyncClient) -> Model:
    client = _openai(base_url, key, http)
    return OpenAIChatModel(model, provider=OpenAICompatibleProvider("openai-compatible", openai_client=client))


def _anthropic(model: str, base_url: str, key: str, http: httpx2.AsyncClient) -> Model:
    client = AsyncAnthropic(api_key=key, base_url=base_url, http_client=http, max_retries=0)
    return AnthropicModel(model, provider=AnthropicProvider(anthropic_client=client))


def _google(model: str, base_url: str, key: str, http: httpx2.AsyncClient) -> Model:
    trust = {"verify": system_trust()}
    options = HttpOptions(
        base_url=base_url,
        httpx_async_client=http,
        httpx_client=_never(),
        # Ours speaks; these spare the SDK from reading the system's certificates anew for each call (58 ms).
        client_args=trust,
        async_client_args={**trust, "ssl": system_trust()},
        retry_options=HttpRetryOptions(attempts=1),
    )
    client = GoogleClient(vertexai=False, api_key=key, http_options=options)
    return GoogleModel(model, provider=GoogleProvider(client=client))


@cache
def _never() -> httpx2.Client:
    """A blocking client that the Google SDK wants to hold; nothing is sent through it."""
    return httpx2.Client(transport=_Nowhere(), trust_env=False)


class _Nowhere(httpx2.BaseTransport):
    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        raise httpx2.UnsupportedProtocol("no blocking request is ever sent", request=request)


_BUILDERS: Mapping[Protocol, Callable[[str, str, str, httpx2.AsyncClient], Model]] = {
    Protocol.OPENAI_RESPONSES: _responses,
    Protocol.OPENAI_CHAT: _chat,
    Protocol.ANTHROPIC: _anthropic,
    Protocol.GOOGLE: _google,
}
