"""What the vault's routes take and give, as JSON. No answer has a field for a key."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from omc.core.money import parse_decimal
from omc.core.money import text as plain
from omc.kit.http import ProblemDetails
from omc.vault import rules
from omc.vault.failure_kinds import FailureKind
from omc.vault.probing import Step, StepName, StepState
from omc.vault.providers import KEY_MARKS, PROVIDERS, ModelKind, Provider, provider
from omc.vault.providers import Protocol as WireProtocol
from omc.vault.proving import Proof, Proven
from omc.vault.rules import KeyState
from omc.vault.service import Spending, state_of
from omc.vault.tables import CredentialRow, PresetRow

MAX_AMOUNT = 40
# Long enough that a text which is no key gets its own sentence from the rules.
MAX_TYPED = 1_000

_HELP_KINDS = frozenset({FailureKind.BAD_KEY, FailureKind.FORBIDDEN, FailureKind.NO_CREDIT})


def _amount(written: str) -> str:
    parse_decimal(written)
    return written


Amount = Annotated[str, Field(max_length=MAX_AMOUNT, examples=["25"]), AfterValidator(_amount)]
Typed = Annotated[str, Field(max_length=MAX_TYPED)]
Effort = Literal["minimal", "low", "medium", "high"]


class Wanted(BaseModel):
    """Base of what clients send: nothing unknown, nothing coerced."""

    model_config = ConfigDict(extra="forbid", strict=True)


# --- what clients send ------------------------------------------------------------------------------------------------


class CredentialWish(Wanted):
    """A key to add, as it was typed or pasted."""

    provider: Typed = Field(examples=["anthropic"])
    name: Typed = Field(examples=["Work account"])
    base_url: Typed | None = Field(default=None, examples=["http://localhost:11434/v1"])
    key: SecretStr | None = Field(default=None, description="Sealed at once; no answer ever contains it")
    monthly_budget: Amount | None = Field(default=None, description="US dollars a month; empty for none")
    free: bool = Field(default=False, description="A declaration: calls to this server cost nothing")
    default_model: Typed | None = None
    make_default: bool = False
    save_anyway: bool = Field(default=False, description="Keep it marked as not tested when its test fails")


class CredentialChange(Wanted):
    """What may be changed about a key without entering it again; what is left out stays."""

    name: Typed | None = None
    monthly_budget: Amount | None = None
    free: bool | None = None
    default_model: Typed | None = None


class Rotation(Wanted):
    """A new key for a credential."""

    key: SecretStr
    save_anyway: bool = False


class DefaultWish(Wanted):
    """What new sessions begin with."""

    credential_id: Annotated[UUID, Field(strict=False)]
    model: Typed


class PresetSettings(Wanted):
    """A preset's settings; null leaves one to the provider, or the model to the session."""

    credential_id: Annotated[UUID, Field(strict=False)] | None = None
    model: Typed | None = None
    temperature: Amount | None = Field(default=None, examples=["0.2"])
    max_tokens: int | None = Field(default=None, ge=1, le=rules.MAX_OUTPUT_TOKENS)
    top_p: Amount | None = Field(default=None, examples=["0.9"])
    effort: Effort | None = None


class PresetWish(PresetSettings):
    """A preset to save."""

    name: Typed = Field(examples=["Careful"])


class PresetChange(PresetSettings):
    """What to change about a preset; what is left out stays."""

    name: Typed | None = None


# --- what they get ----------------------------------------------------------------------------------------------------


class FieldAnswer(BaseModel):
    """One input of a provider's form."""

    model_config = ConfigDict(from_attributes=True)
    name: str
    label: str
    secret: bool
    required: bool
    advanced: bool = Field(description="Shown only when asked for")
    placeholder: str
    help: str


class CapabilitiesAnswer(BaseModel):
    """What a provider's models can do by their protocol."""

    model_config = ConfigDict(from_attributes=True)
    tools: bool
    streaming: bool
    effort: bool


class ProviderAnswer(BaseModel):
    """One kind of provider; its form is drawn from `fields`."""

    model_config = ConfigDict(from_attributes=True)
    id: str = Field(examples=["anthropic"])
    label: str
    kind: ModelKind
    builtin: bool
    protocol: WireProtocol | None
    base_url: str | None = Field(description="Where it is when no other address is given")
    needs_key: bool
    takes_base_url: bool
    capabilities: CapabilitiesAnswer
    fields: list[FieldAnswer]
    key_shape: str | None = Field(description="A regular expression for a whole key; advice only at an own address")
    key_prefixes: list[str]
    key_page: str | None = Field(description="Where a person gets a key")
    help: str


class KeyMarkAnswer(BaseModel):
    """How a known service's keys begin: the longest prefix that fits says which provider to choose."""

    model_config = ConfigDict(from_attributes=True)
    prefix: str = Field(examples=["sk-ant-"])
    service: str
    provider: str
    base_url: str | None


class Providers(BaseModel):
    """Every kind of provider, how keys are recognised, and whether private addresses may be called here."""

    items: list[ProviderAnswer]
    marks: list[KeyMarkAnswer]
    private_addresses: bool
    next: str | None = None


class StepAnswer(BaseModel):
    """One step of a test."""

    model_config = ConfigDict(from_attributes=True)
    name: StepName
    state: StepState
    latency_ms: int
    text: str


class FailureAnswer(BaseModel):
    """What went wrong, why, and how to mend it."""

    kind: FailureKind
    text: str
    next: str
    link: str | None = Field(description="The provider's page where it can be mended")
    retry_after_s: int | None


class TestAnswer(BaseModel):
    """One cheap real call, step by step."""

    ok: bool
    steps: list[StepAnswer]
    failure: FailureAnswer | None
    models: list[str]
    latency_ms: int
    notes: list[str]


class CredentialAnswer(BaseModel):
    """A stored key, as far as it may be shown."""

    id: UUID
    provider: str
    provider_label: str
    name: str
    base_url: str | None
    hint: str = Field(description="How keys of its kind begin, and its last four characters", examples=["sk-ant-…9fQ2"])
    state: KeyState
    is_default: bool
    default_model: str | None
    free: bool
    monthly_budget: str | None
    spent_this_month: str
    reserved: str
    models: list[str]
    last_used_at: datetime | None
    verified_at: datetime | None
    latency_ms: int | None
    note: str
    created_at: datetime


class Credentials(BaseModel):
    """The workspace's keys, oldest first."""

    items: list[CredentialAnswer]
    next: str | None = None


class Stored(BaseModel):
    """A key that was stored, and its test."""

    credential: CredentialAnswer
    test: TestAnswer
    notes: list[str] = Field(description="What was changed about the input")


class NotStored(ProblemDetails):
    """The problem of a key that failed its test and was not stored, with that test."""

    test: TestAnswer | None = Field(default=None, description="Where one was made")


class PresetAnswer(BaseModel):
    """A model with its settings, under a name."""

    id: UUID
    name: str
    credential_id: UUID | None
    model: str | None
    temperature: str | None
    max_tokens: int | None
    top_p: str | None
    effort: str | None
    created_at: datetime


class Presets(BaseModel):
    """The workspace's presets, by name."""

    items: list[PresetAnswer]
    next: str | None = None


# --- made from ours ---------------------------------------------------------------------------------------------------


def providers_answer(*, private_addresses: bool) -> Providers:
    """Return the table of providers."""
    return Providers(
        items=[_provider_answer(row) for row in PROVIDERS],
        marks=[KeyMarkAnswer.model_validate(mark) for mark in KEY_MARKS],
        private_addresses=private_addresses,
    )


def _provider_answer(row: Provider) -> ProviderAnswer:
    return ProviderAnswer.model_validate(row)


def test_answer(proof: Proof) -> TestAnswer:
    """Return a test as it is shown; the provider's page is linked where the key or its account is at fault."""
    found, failure = proof.probe, proof.probe.failure
    shown = None
    if failure is not None:
        shown = FailureAnswer(
            kind=failure.kind,
            text=failure.text,
            next=failure.next_step,
            link=proof.row.key_page if failure.kind in _HELP_KINDS else None,
            retry_after_s=failure.retry_after_s,
        )
    return TestAnswer(
        ok=found.ok,
        steps=[_step(step) for step in found.steps],
        failure=shown,
        models=list(found.models),
        latency_ms=found.latency_ms,
        notes=[*proof.notes, *found.notes],
    )


def _step(step: Step) -> StepAnswer:
    return StepAnswer.model_validate(step)


def credential_answer(row: CredentialRow, spent: Spending | None, *, now: datetime) -> CredentialAnswer:
    """Return a credential's row as it is shown at `now`."""
    state = state_of(row, now)
    kind = provider(row.provider)
    return CredentialAnswer(
        id=row.id,
        provider=row.provider,
        provider_label=row.provider if kind is None else kind.label,
        name=row.name,
        base_url=row.base_url,
        hint=row.hint,
        state=state,
        is_default=row.is_default,
        default_model=row.default_model,
        free=row.free,
        monthly_budget=_money(row.monthly_budget),
        spent_this_month="0" if spent is None else plain(spent.spent),
        reserved="0" if spent is None else plain(spent.reserved),
        models=[str(model) for model in row.models],
        last_used_at=row.last_used_at,
        verified_at=row.verified_at,
        latency_ms=row.latency_ms,
        note=row.note if state == row.state else "",
        created_at=row.created_at,
    )


def stored_answer(proven: Proven, spent: Spending | None, *, now: datetime) -> Stored:
    """Return a stored key and its test as they are shown."""
    return Stored(
        credential=credential_answer(proven.credential, spent, now=now),
        test=test_answer(proven.proof),
        notes=list(proven.proof.notes),
    )


def preset_answer(row: PresetRow) -> PresetAnswer:
    """Return a preset's row as it is shown."""
    return PresetAnswer(
        id=row.id,
        name=row.name,
        credential_id=row.credential_id,
        model=row.model,
        temperature=_money(row.temperature),
        max_tokens=row.max_tokens,
        top_p=_money(row.top_p),
        effort=row.effort,
        created_at=row.created_at,
    )


def _money(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
