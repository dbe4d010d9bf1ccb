"""What answers in a session: a built-in model, or a model of the person's own key, its settings, its cap, its fallback.

A choice is checked when a session is opened and again before every call: a key can be removed, a price can change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.money import text as plain
from omc.kit.errors import Refusal
from omc.lab.roles import check_roles
from omc.lab.rules import MAX_MODEL_ID_CHARACTERS, Held, check_cap
from omc.vault import presets
from omc.vault import service as vault
from omc.vault.caps import Holding
from omc.vault.caps import caps as read_caps
from omc.vault.prices import Price
from omc.vault.providers import PROVIDERS, provider_of
from omc.vault.rules import KeyState
from omc.vault.tables import CredentialRow, PresetRow
from omc.vault.tariff import quoted

MAX_TOKENS = 8_192
"""Tokens of one answer, unless a preset says otherwise: what a reservation has to assume."""

DEFAULT = "default"
"""The model that a person may name to mean: my default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person asked for. Without a key, `model` is a built-in one, `default`, `MODEL` or `KEY NAME:MODEL`."""

    model: str
    credential_id: UUID | None = None
    preset_id: UUID | None = None
    cap: Decimal | None = None
    fallback: "Fallback | None" = None
    roles: Mapping[str, "RoleModel"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """What a session goes on with when its model fails."""

    credential_id: UUID
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleModel:
    """The model that a role has of its own."""

    credential_id: UUID
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a session is opened with, checked."""

    model: str
    credential_id: UUID | None = None
    preset: Mapping[str, object] | None = None
    cap: Decimal | None = None
    fallback: Mapping[str, object] | None = None
    roles: dict[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One way to a language model, with what a call of it costs and how it is asked."""

    credential_id: UUID
    name: str
    provider: str
    model: str
    price: Price
    holding: Holding
    working: bool = True
    max_tokens: int = MAX_TOKENS
    temperature: float | None = None
    top_p: float | None = None
    effort: str | None = None


async def choose(session: AsyncSession, wanted: Wanted, *, now: datetime) -> Choice:
    """Return the choice, or refuse it with what to do: an unknown model, a removed key, a price that nobody knows."""
    if wanted.cap is not None and (reason := check_cap(wanted.cap)):
        raise Refusal(reason.code, 422, reason.text, place=reason.place)
    check_roles(wanted.roles)
    if wanted.credential_id is None and provider_of(wanted.model) is not None:
        if wanted.roles:
            words = "The built-in analyst is one set of rules and has no roles. Choose a model of your own."
            raise Refusal("no_roles", 422, words, place="/roles")
        return Choice(model=wanted.model)
    preset = None if wanted.preset_id is None else await presets.get_preset(session, wanted.preset_id)
    credential, model = await _named(session, wanted)
    await quoted(session, credential.id, model, now=now)
    if wanted.fallback is not None:
        await quoted(session, wanted.fallback.credential_id, wanted.fallback.model, now=now)
    for role in wanted.roles.values():
        await quoted(session, role.credential_id, role.model, now=now)
    caps = await read_caps(session)
    return Choice(
        model=model,
        credential_id=credential.id,
        preset=None if preset is None else _settings(preset),
        cap=caps.per_session if wanted.cap is None else wanted.cap,
        fallback=None
        if wanted.fallback is None
        else {"credential_id": str(wanted.fallback.credential_id), "model": wanted.fallback.model},
        roles={
            name: {"credential_id": str(role.credential_id), "model": role.model} for name, role in wanted.roles.items()
        }
        or None,
    )


async def route_of(
    session: AsyncSession, held: Held, *, own: RoleModel | None, use_fallback: bool, now: datetime
) -> Route | None:
    """Return the way to the role's own model, else to the session's, or to what it goes on with when that fails.

    None when it has no fallback. Refuses when the key is gone.
    """
    assert held.credential_id is not None
    if use_fallback:
        next_one = held.fallback
        if next_one is None:
            return None
        return await _route(session, held, UUID(str(next_one["credential_id"])), str(next_one["model"]), now)
    if own is not None:
        return await _route(session, held, own.credential_id, own.model, now)
    return await _route(session, held, held.credential_id, held.model, now)


def role_model(roles: Mapping[str, object] | None, role: str | None) -> RoleModel | None:
    """Return the model that a role of a session has of its own; None: it answers by the session's."""
    chosen = (roles or {}).get(role or "")
    if not isinstance(chosen, Mapping):
        return None
    return RoleModel(credential_id=UUID(str(chosen["credential_id"])), model=str(chosen["model"]))


def others_of(fallback: Mapping[str, object] | None, roles: Mapping[str, object] | None) -> tuple[str, ...]:
    """Return the models besides a session's own that may answer in it."""
    chosen = [fallback, *(roles or {}).values()]
    return tuple(dict.fromkeys(str(one["model"]) for one in chosen if isinstance(one, Mapping)))


async def _route(session: AsyncSession, held: Held, credential_id: UUID, model: str, now: datetime) -> Route:
    settings = held.preset or {}
    quote = await quoted(session, credential_id, model, now=now)
    return Route(
        credential_id=credential_id,
        name=quote.name,
        provider=quote.provider,
        model=model,
        price=quote.price,
        holding=quote.holding,
        working=quote.state is KeyState.WORKING,
        max_tokens=int(str(settings.get("max_tokens") or MAX_TOKENS)),
        temperature=_number(settings.get("temperature")),
        top_p=_number(settings.get("top_p")),
        effort=None if settings.get("effort") is None else str(settings["effort"]),
    )


async def _named(session: AsyncSession, wanted: Wanted) -> tuple[CredentialRow, str]:
    if wanted.credential_id is not None:
        credential = await vault.get_credential(session, wanted.credential_id)
        return credential, _model_of(credential, wanted.model)
    usable = await vault.list_credentials(session)
    if wanted.model == DEFAULT:
        found = next((one for one in usable if one.is_default), None)
        if found is None:
            raise Refusal(
                "no_default_model", 422, "There is no default model yet. Choose one under Models.", place="/model"
            )
        return found, _model_of(found, "")
    return _by_text(usable, wanted.model)


async def fallback_named(session: AsyncSession, text: str) -> Fallback:
    """Return the fallback that a person wrote as `KEY NAME:MODEL`, or as a model that one key has."""
    credential, model = _by_text(await vault.list_credentials(session), text)
    return Fallback(credential_id=credential.id, model=model)


async def roles_named(session: AsyncSession, written: Sequence[str]) -> dict[str, RoleModel]:
    """Return the models of roles that a person wrote as `ROLE=KEY NAME:MODEL`, one each."""
    usable, found = await vault.list_credentials(session), dict[str, RoleModel]()
    for text in written:
        role, _, named = text.partition("=")
        check_roles([role])
        credential, model = _by_text(usable, named)
        found[role] = RoleModel(credential_id=credential.id, model=model)
    return found


def _by_text(usable: Sequence[CredentialRow], text: str) -> tuple[CredentialRow, str]:
    """Find `KEY NAME:MODEL`, or the one key that has this model."""
    for one in usable:
        if text.lower().startswith(f"{one.name.lower()}:"):
            return one, text[len(one.name) + 1 :]
    having = [one for one in usable if text in one.models or text == one.default_model]
    if len(having) == 1:
        return having[0], text
    shown = text[:MAX_MODEL_ID_CHARACTERS]
    if having:
        named = ", ".join(f"{one.name}:{shown}" for one in having)
        raise Refusal("model_ambiguous", 422, f"Several keys have {shown}. Say which: {named}.", place="/model")
    known = [model.id for row in PROVIDERS for model in row.models] + [f"{one.name}:…" for one in usable]
    words = f"There is no model {shown!r} here. Choose one of: {', '.join(known)}."
    raise Refusal("model_unknown", 422, words, place="/model")


def _model_of(credential: CredentialRow, model: str) -> str:
    found = model or credential.default_model
    if not found:
        words = f"Say which model of {credential.name} shall answer; it has no default."
        raise Refusal("model_missing", 422, words, place="/model")
    return found


def _settings(preset: PresetRow) -> dict[str, object]:
    """Return a preset as a session keeps it: what was chosen, whatever becomes of the preset."""
    chosen = {
        "temperature": preset.temperature,
        "max_tokens": preset.max_tokens,
        "top_p": preset.top_p,
        "effort": preset.effort,
    }
    kept = {name: plain(value) if isinstance(value, Decimal) else value for name, value in chosen.items()}
    return {"name": preset.name} | {name: value for name, value in kept.items() if value is not None}


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
