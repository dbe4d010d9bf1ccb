"""What the lab knows of keys: the models that a form offers, what sessions like one cost, and who uses a key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, select
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import SessionId
from omc.kit.events import append_many
from omc.lab import rules
from omc.lab.choosing import Fallback
from omc.lab.rules import SessionState
from omc.lab.service import end, topic
from omc.lab.tables import SessionRow
from omc.vault import service as vault
from omc.vault.prices import price_of
from omc.vault.providers import PROVIDERS, ModelKind, provider
from omc.vault.tables import CredentialRow
from omc.vault.tariff import overrides, quoted

MAX_COMPARED = 200
SHARE_OUTSIDE = 10
"""One in so many sessions may lie below an estimate's range, and as many above it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """A model as a form offers it."""

    id: str
    label: str
    provider: str
    provider_label: str
    kind: ModelKind
    credential_id: UUID | None = None
    credential: str | None = None
    state: str | None = None
    is_default: bool = False
    price_known: bool = True
    free: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The middle 80 % of what `n` ended sessions like this one cost and took."""

    n: int
    cost: tuple[Decimal, Decimal] | None = None
    minutes: tuple[float, float] | None = None


async def offered(session: AsyncSession, *, now: datetime) -> list[ModelChoice]:
    """Return every model that a session can use: the built-in ones first, then those of each key that may be used."""
    built_in = [
        ModelChoice(id=model.id, label=model.label, provider=row.id, provider_label=row.label, kind=row.kind)
        for row in PROVIDERS
        for model in row.models
    ]
    own = await overrides(session)
    found: list[ModelChoice] = []
    for key in await vault.list_credentials(session):
        row = provider(key.provider)
        assert row is not None
        for model in models_of(key):
            known = own.get((key.id, model))
            price = price_of(key.provider, key.base_url, model, override=known, free=key.free, at=now)
            found.append(
                ModelChoice(
                    id=model,
                    label=model,
                    provider=row.id,
                    provider_label=row.label,
                    kind=row.kind,
                    credential_id=key.id,
                    credential=key.name,
                    state=vault.state_of(key, now),
                    is_default=key.is_default and model == key.default_model,
                    price_known=price is not None,
                    free=price is not None and price.free,
                )
            )
    return built_in + found


def models_of(key: CredentialRow) -> list[str]:
    """Return a key's models, its default first."""
    listed = [str(model) for model in key.models]
    first = [] if key.default_model is None else [key.default_model]
    return first + [model for model in listed if model != key.default_model]


async def estimate(session: AsyncSession, credential_id: UUID | None, model: str) -> Estimate:
    """Return what this model's ended sessions cost and took: with this key, or else with any."""
    same_key = SessionRow.credential_id.is_not_distinct_from(credential_id)
    rows = await _ended(session, model, same_key) or await _ended(session, model)
    if not rows:
        return Estimate(n=0)
    costs = sorted(row.cost for row in rows)
    minutes = sorted((row.ended_at - row.created_at).total_seconds() / 60 for row in rows if row.ended_at)
    outside = len(rows) // SHARE_OUTSIDE
    return Estimate(
        n=len(rows), cost=(costs[outside], costs[-1 - outside]), minutes=(minutes[outside], minutes[-1 - outside])
    )


async def using(session: AsyncSession, credential_id: UUID) -> Sequence[SessionRow]:
    """Return the sessions under way that use a key: as their first choice, as their fallback or for a role."""
    fallback = SessionRow.fallback["credential_id"].astext == str(credential_id)
    role = cast(SessionRow.roles, Text).contains(str(credential_id))
    query = (
        select(SessionRow)
        .where(SessionRow.state.in_(rules.UNFINISHED), (SessionRow.credential_id == credential_id) | fallback | role)
        .order_by(SessionRow.id)
        .with_for_update()
    )
    return (await session.execute(query)).scalars().all()


async def remove(
    session: AsyncSession, credential_id: UUID, *, reassign: Fallback | None, by: UUID, now: datetime
) -> tuple[list[UUID], list[UUID]]:
    """Erase a key; its sessions go on with another model or end, their transcripts stay. Returns the ended, the moved.

    All in one transaction. A session whose call is under way when the key goes gets that call's answer still.
    """
    row = await vault.get_credential(session, credential_id)
    if reassign is not None:
        await quoted(session, reassign.credential_id, reassign.model, now=now)
    ended: list[UUID] = []
    moved: list[UUID] = []
    for one in await using(session, credential_id):
        if one.fallback is not None and one.fallback["credential_id"] == str(credential_id):
            one.fallback = None
        if one.roles is not None:
            one.roles = _roles_without(one.roles, credential_id, reassign)
        if one.credential_id != credential_id:
            continue
        if reassign is not None:
            one.credential_id, one.model = reassign.credential_id, reassign.model
            told = {"step": 0, "model": reassign.model, "failure": "key_removed", "text": _moved_words(row, reassign)}
            await append_many(session, topic(one.id), [("model.fallback", told)])
            moved.append(one.id)
            continue
        words = f"The key {row.name} was removed, so this session ended. Open a new one with another model."
        await end(session, SessionId(one.id), SessionState.FAILED, words, now)
        ended.append(one.id)
    await vault.remove(session, credential_id, by=by, now=now)
    return ended, moved


def _roles_without(
    roles: Mapping[str, object], credential_id: UUID, reassign: Fallback | None
) -> dict[str, object] | None:
    """A role whose key goes has the other model, or none of its own: then the session's answers."""
    other = None if reassign is None else {"credential_id": str(reassign.credential_id), "model": reassign.model}
    own = {name: other if _is_of(role, credential_id) else role for name, role in roles.items()}
    return {name: role for name, role in own.items() if role is not None} or None


def _is_of(role: object, credential_id: UUID) -> bool:
    return isinstance(role, Mapping) and role["credential_id"] == str(credential_id)


def _moved_words(row: CredentialRow, reassign: Fallback) -> str:
    return f"The key {row.name} was removed. The session goes on with {reassign.model}, as you chose."


async def _ended(session: AsyncSession, model: str, *conditions: ColumnElement[bool]) -> Sequence[SessionRow]:
    query = (
        select(SessionRow)
        .where(SessionRow.model == model, SessionRow.state == SessionState.DONE, *conditions)
        .order_by(SessionRow.id.desc())
        .limit(MAX_COMPARED)
    )
    return (await session.execute(query)).scalars().all()
