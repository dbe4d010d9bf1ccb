"""The kinds of model a session can use, one row each: what a person must give, and who builds and probes the model."""

from dataclasses import dataclass
from enum import StrEnum


class ModelKind(StrEnum):
    """What answers: rules that we wrote, or a language model. Only the second may ever be called AI."""

    RULES = "rules"
    LANGUAGE = "language"


class Pricing(StrEnum):
    """Where the price of a call comes from; `FREE` is a declaration, never a guess about an unknown model."""

    FREE = "free"
    LISTED = "listed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input of a provider's form; a secret one is sealed and never shown again."""

    name: str
    label: str
    secret: bool = False
    required: bool = True
    placeholder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedModel:
    """A model that is known without asking the provider."""

    id: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One row: `key_shape` is a regular expression for the key, `key_page` where a person gets one.

    `build` and `probe` name functions as `module:function`, imported when first used: provider libraries are heavy.
    A built-in provider has neither: its models stand in the lab itself and need no network.
    """

    id: str
    label: str
    kind: ModelKind
    pricing: Pricing
    builtin: bool = False
    fields: tuple[Field, ...] = ()
    key_shape: str | None = None
    key_page: str | None = None
    build: str | None = None
    probe: str | None = None
    models: tuple[OfferedModel, ...] = ()


PROVIDERS: tuple[Provider, ...] = (
    Provider(
        id="builtin",
        label="Built in",
        kind=ModelKind.RULES,
        pricing=Pricing.FREE,
        builtin=True,
        models=(OfferedModel(id="analyst", label="Analyst (built in, no key)"),),
    ),
)


def provider(provider_id: str) -> Provider | None:
    """Return the row with this id, or None."""
    return next((row for row in PROVIDERS if row.id == provider_id), None)


def provider_of(model_id: str) -> Provider | None:
    """Return the row that offers the model with this id without being asked, or None."""
    return next((row for row in PROVIDERS if any(model.id == model_id for model in row.models)), None)
