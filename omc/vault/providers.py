"""The kinds of model a session can use, one row each: what a person gives, what it speaks, who calls and probes it."""

from dataclasses import dataclass, field
from enum import StrEnum


class ModelKind(StrEnum):
    """What answers: rules that we wrote, or a language model. Only the second may ever be called AI."""

    RULES = "rules"
    LANGUAGE = "language"


class Pricing(StrEnum):
    """Where the price of a call comes from; `FREE` is a declaration, never a guess about an unknown model."""

    FREE = "free"
    LISTED = "listed"


class Protocol(StrEnum):
    """What is spoken on the wire."""

    OPENAI_CHAT = "openai-chat"
    OPENAI_RESPONSES = "openai-responses"
    ANTHROPIC = "anthropic"
    GOOGLE = "google"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input of a provider's form; a secret one is sealed and never shown again."""

    name: str
    label: str
    secret: bool = False
    required: bool = True
    advanced: bool = False
    placeholder: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedModel:
    """A model that is known without asking the provider."""

    id: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a provider's models can do by their protocol; `effort`: how long to think can be chosen."""

    tools: bool = True
    streaming: bool = True
    effort: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One row: `key_shape` is a regular expression for the whole key, `key_page` where a person gets one.

    `base_url` is where it is when a person names no other address. `price_as` is its name in the bundled price data.
    `build` and `probe` name functions as `module:function`, imported when first used: provider libraries are heavy.
    A built-in provider has neither: its models stand in the lab itself and need no network.
    """

    id: str
    label: str
    kind: ModelKind
    pricing: Pricing
    builtin: bool = False
    protocol: Protocol | None = None
    base_url: str | None = None
    price_as: str | None = None
    needs_key: bool = True
    takes_base_url: bool = False
    capabilities: Capabilities = field(default_factory=Capabilities)
    fields: tuple[Field, ...] = ()
    key_shape: str | None = None
    key_prefixes: tuple[str, ...] = ()
    key_page: str | None = None
    help: str = ""
    build: str | None = None
    probe: str | None = None
    models: tuple[OfferedModel, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyMark:
    """How a known service's keys begin; `base_url` where one speaks OpenAI's protocol at an address of its own."""

    prefix: str
    service: str
    provider: str
    base_url: str | None = None


_ASK = "omc.vault.calling:ask"
_PROBE = "omc.vault.probing:probe"

_NAME = Field(name="name", label="Name", placeholder="Work account", help="How lists and bills call it.")
_GATEWAY = Field(
    name="base_url",
    label="Address",
    required=False,
    advanced=True,
    placeholder="https://gateway.example.com/v1",
    help="Only when your calls go through a gateway of your own.",
)


def _key(placeholder: str) -> Field:
    return Field(name="key", label="API key", secret=True, placeholder=placeholder, help="Sealed; never shown again.")


PROVIDERS: tuple[Provider, ...] = (
    Provider(
        id="builtin",
        label="Built in",
        kind=ModelKind.RULES,
        pricing=Pricing.FREE,
        builtin=True,
        needs_key=False,
        models=(OfferedModel(id="analyst", label="Analyst (built in, no key)"),),
    ),
    Provider(
        id="openai",
        label="OpenAI",
        kind=ModelKind.LANGUAGE,
        pricing=Pricing.LISTED,
        protocol=Protocol.OPENAI_RESPONSES,
        base_url="https://api.openai.com/v1",
        price_as="openai",
        takes_base_url=True,
        capabilities=Capabilities(effort=True),
        fields=(_NAME, _key("sk-proj-…"), _GATEWAY),
        key_shape=r"sk-[A-Za-z0-9_-]{16,}",
        key_prefixes=("sk-proj-", "sk-svcacct-", "sk-admin-", "sk-"),
        key_page="https://platform.openai.com/api-keys",
        help="A key that may write responses and read models is enough.",
        build=_ASK,
        probe=_PROBE,
    ),
    Provider(
        id="anthropic",
        label="Anthropic",
        kind=ModelKind.LANGUAGE,
        pricing=Pricing.LISTED,
        protocol=Protocol.ANTHROPIC,
        base_url="https://api.anthropic.com",
        price_as="anthropic",
        takes_base_url=True,
        capabilities=Capabilities(effort=True),
        fields=(_NAME, _key("sk-ant-…"), _GATEWAY),
        key_shape=r"sk-ant-[A-Za-z0-9_-]{16,}",
        key_prefixes=("sk-ant-",),
        key_page="https://console.anthropic.com/settings/keys",
        help="Make the key in a workspace of its own, and give that a spend limit.",
        build=_ASK,
        probe=_PROBE,
    ),
    Provider(
        id="google",
        label="Google (Gemini)",
        kind=ModelKind.LANGUAGE,
        pricing=Pricing.LISTED,
        protocol=Protocol.GOOGLE,
        base_url="https://generativelanguage.googleapis.com",
        price_as="google",
        takes_base_url=True,
        capabilities=Capabilities(effort=True),
        fields=(_NAME, _key("AIza…"), _GATEWAY),
        key_shape=r"(?:AIza|AQ\.)[A-Za-z0-9_.-]{16,}",
        key_prefixes=("AIza", "AQ."),
        key_page="https://aistudio.google.com/apikey",
        help="A key of the Gemini API, from AI Studio.",
        build=_ASK,
        probe=_PROBE,
    ),
    Provider(
        id="openai-compatible",
        label="OpenAI-compatible (Ollama, vLLM, LM Studio, OpenRouter…)",
        kind=ModelKind.LANGUAGE,
        pricing=Pricing.LISTED,
        protocol=Protocol.OPENAI_CHAT,
        needs_key=False,
        takes_base_url=True,
        fields=(
            _NAME,
            Field(
                name="base_url",
                label="Address",
                placeholder="http://localhost:11434/v1",
                help="Ollama: http://localhost:11434/v1. Most addresses end in /v1.",
            ),
            Field(
                name="key",
                label="API key",
                secret=True,
                required=False,
                help="Leave it empty when the server asks for none.",
            ),
        ),
        help="Any server that speaks OpenAI's chat protocol, on this machine or elsewhere.",
        build=_ASK,
        probe=_PROBE,
    ),
)

KEY_MARKS: tuple[KeyMark, ...] = (
    *(KeyMark(prefix=prefix, service=row.label, provider=row.id) for row in PROVIDERS for prefix in row.key_prefixes),
    KeyMark(
        prefix="sk-or-", service="OpenRouter", provider="openai-compatible", base_url="https://openrouter.ai/api/v1"
    ),
    KeyMark(prefix="gsk_", service="Groq", provider="openai-compatible", base_url="https://api.groq.com/openai/v1"),
    KeyMark(prefix="xai-", service="xAI", provider="openai-compatible", base_url="https://api.x.ai/v1"),
)
"""How known keys begin: the longest that fits says whose a key is."""


def provider(provider_id: str) -> Provider | None:
    """Return the row with this id, or None."""
    return next((row for row in PROVIDERS if row.id == provider_id), None)


def provider_of(model_id: str) -> Provider | None:
    """Return the row that offers the model with this id without being asked, or None."""
    return next((row for row in PROVIDERS if any(model.id == model_id for model in row.models)), None)


def mark_of(key: str) -> KeyMark | None:
    """Return whose key this is, by how it begins; None when no known service's keys begin so."""
    fitting = [mark for mark in KEY_MARKS if key.startswith(mark.prefix)]
    return max(fitting, key=lambda mark: len(mark.prefix), default=None)
