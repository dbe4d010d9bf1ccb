"""The verbs of a credential's life: add, change, make the default, rotate, remove; each is written to the audit trail.

An entry says who did what to which credential, by its hint only. Nothing here opens a key: see `opening`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from omc.kit import events
from omc.kit.errors import Refusal
from omc.kit.ids import new_id
from omc.kit.secret import Secret
from omc.vault import rules
from omc.vault.desk import Vault
from omc.vault.rules import KeyState
from omc.vault.sealing import Place, Sealed, SealError
from omc.vault.tables import BudgetRow, CredentialRow, RootRow

ROOTS_LOCK = 6_120_443_871
"""Held shared by whoever seals a key until it is stored, and alone by whoever lets an old root go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A credential to add, checked and cleaned; `key` None for a server that asks for none."""

    provider: str
    name: str
    base_url: str | None
    key: Secret | None
    hint: str
    free: bool = False
    monthly_budget: Decimal | None = None
    default_model: str | None = None
    make_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a test of a credential leaves on its row."""

    state: KeyState
    note: str
    passed: bool
    latency_ms: int
    models: tuple[str, ...] = ()
    model: str | None = None
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What a key cost this month and what is reserved for calls under way, in US dollars."""

    spent: Decimal
    reserved: Decimal


# --- reading ----------------------------------------------------------------------------------------------------------


async def list_credentials(session: AsyncSession) -> list[CredentialRow]:
    """Return the workspace's credentials, oldest first; at most MAX_CREDENTIALS exist."""
    query = select(CredentialRow).where(CredentialRow.removed_at.is_(None)).order_by(CredentialRow.id)
    return list(await session.scalars(query))


async def get_credential(session: AsyncSession, credential_id: UUID) -> CredentialRow:
    """Return one credential that was not removed."""
    row = await session.scalar(
        select(CredentialRow).where(CredentialRow.id == credential_id, CredentialRow.removed_at.is_(None))
    )
    if row is None:
        raise no_such()
    return row


def state_of(row: CredentialRow, now: datetime) -> KeyState:
    """Return a credential's state as it is at `now`."""
    passed = row.verified_at is not None
    return rules.state_at(KeyState(row.state), until=row.limited_until, passed_once=passed, now=now)


def no_such() -> Refusal:
    """Return the refusal of an id that is no credential of this workspace."""
    return Refusal("no_such_credential", 404, "There is no such key. Look at Provider keys.")


async def find_by_name(session: AsyncSession, name: str) -> CredentialRow:
    """Return the credential that a person calls by its name or its id."""
    rows = await list_credentials(session)
    for row in rows:
        if row.name.lower() == name.strip().lower() or str(row.id) == name:
            return row
    known = ", ".join(f"“{row.name}”" for row in rows) or "none yet"
    raise Refusal("no_such_credential", 404, f"There is no key called {name[: rules.MAX_NAME]!r}. There is: {known}.")


async def spending(session: AsyncSession, *, now: datetime) -> Mapping[UUID, Spending]:
    """Return what each key has cost in this month (UTC)."""
    month = f":{now:%Y-%m}"
    query = select(BudgetRow).where(BudgetRow.scope.like("key:%"), BudgetRow.scope.endswith(month))
    return {
        UUID(row.scope.split(":")[1]): Spending(spent=row.spent, reserved=row.reserved)
        for row in await session.scalars(query)
    }


async def check_room(session: AsyncSession, name: str, *, besides: UUID | None = None) -> None:
    """Refuse a name that is taken, or one credential too many: asked before a key is sent anywhere."""
    taken = select(CredentialRow.id).where(
        func.lower(CredentialRow.name) == name.lower(), CredentialRow.removed_at.is_(None)
    )
    found = await session.scalar(taken)
    if found is not None and found != besides:
        raise _name_taken(name)
    if besides is None:
        count = select(func.count()).select_from(CredentialRow).where(CredentialRow.removed_at.is_(None))
        if (await session.scalar(count) or 0) >= rules.MAX_CREDENTIALS:
            raise Refusal("too_many_credentials", 409, f"There are {rules.MAX_CREDENTIALS} keys. Remove one first.")


# --- changing ---------------------------------------------------------------------------------------------------------


async def add(
    session: AsyncSession, vault: Vault, wish: Wish, tried: Tried, *, workspace: UUID, by: UUID, now: datetime
) -> CredentialRow:
    """Store a credential with its key sealed; one whose test failed is kept as not tested, and never the default."""
    await check_room(session, wish.name)
    row = CredentialRow(
        workspace_id=workspace,
        id=new_id(),
        provider=wish.provider,
        name=wish.name,
        base_url=wish.base_url,
        hint=wish.hint,
        sealed=None,
        root_id=None,
        version=1,
        state=KeyState.NOT_TESTED.value,
        note="",
        free=wish.free,
        is_default=False,
        default_model=wish.default_model,
        models=[],
        monthly_budget=wish.monthly_budget,
        created_by=by,
        created_at=now,
    )
    if wish.key is not None:
        _put(row, await _sealed(session, vault, wish.key, row, now=now))
    _note(row, tried, now=now, known=False)
    session.add(row)
    await _flush(session, wish.name)
    await _audit(session, "credential.added", row, by, provider=row.provider, state=row.state)
    if wish.make_default and tried.passed:
        await set_default(session, row.id, row.default_model, by=by)
    return row


async def note_tested(session: AsyncSession, credential_id: UUID, tried: Tried, *, by: UUID, now: datetime) -> None:
    """Keep what a test of a stored credential found."""
    row = await get_credential(session, credential_id)
    _note(row, tried, now=now, known=True)
    await session.flush()
    await _audit(session, "credential.tested", row, by, state=row.state, passed=tried.passed, note=tried.note)


async def note_state(
    session: AsyncSession,
    credential_id: UUID,
    state: KeyState,
    note: str,
    *,
    version: int,
    until: datetime | None = None,
) -> None:
    """Keep how a call in a session found the key (taken back by the provider, well again), unless it changed since."""
    found = update(CredentialRow).where(
        CredentialRow.id == credential_id, CredentialRow.version == version, CredentialRow.removed_at.is_(None)
    )
    await session.execute(found.values(state=state.value, note=note[: rules.MAX_NOTE], limited_until=until))


async def change(
    session: AsyncSession, credential_id: UUID, changes: Mapping[str, object], *, by: UUID
) -> CredentialRow:
    """Change a credential's name, monthly budget, declaration of being free, or its model; values are checked."""
    row = await get_credential(session, credential_id)
    before = {name: getattr(row, name) for name in changes}
    for name, value in changes.items():
        setattr(row, name, value)
    await _flush(session, str(changes.get("name", row.name)))
    changed = {name: _said(value) for name, value in changes.items() if before[name] != value}
    if changed:
        await _audit(session, "credential.changed", row, by, changed=changed)
    return row


async def set_default(session: AsyncSession, credential_id: UUID, model: str | None, *, by: UUID) -> CredentialRow:
    """Make a credential with one of its models what new sessions begin with."""
    row = await get_credential(session, credential_id)
    if reason := rules.may_be_default(KeyState(row.state), passed_once=row.verified_at is not None):
        raise Refusal(reason.code, 409, reason.text, place="/credential_id")
    if not (model or row.default_model):
        raise Refusal("model_missing", 422, "Say which model is the default.", place="/model")
    await session.execute(update(CredentialRow).where(CredentialRow.is_default).values(is_default=False))
    row.default_model = model or row.default_model
    row.is_default = True
    await session.flush()
    await _audit(session, "credential.default_set", row, by, model=row.default_model)
    return row


async def clear_default(session: AsyncSession, *, by: UUID) -> None:
    """Let new sessions begin with the built-in analyst again."""
    row = await session.scalar(select(CredentialRow).where(CredentialRow.is_default))
    if row is not None:
        row.is_default = False
        await session.flush()
        await _audit(session, "credential.default_cleared", row, by)


async def rotate(
    session: AsyncSession,
    vault: Vault,
    credential_id: UUID,
    *,
    key: Secret,
    hint: str,
    tried: Tried,
    by: UUID,
    now: datetime,
) -> CredentialRow:
    """Put a new key in the old one's place; sessions under way open the new one at their next call."""
    row = await get_credential(session, credential_id)
    old = row.hint
    _put(row, await _sealed(session, vault, key, row, now=now))
    row.hint = hint
    row.version += 1
    row.is_default = row.is_default and tried.passed
    row.verified_at = None
    _note(row, tried, now=now, known=False)
    await session.flush()
    await _audit(session, "credential.rotated", row, by, before=old, version=row.version, state=row.state)
    return row


async def remove(session: AsyncSession, credential_id: UUID, *, by: UUID, now: datetime) -> CredentialRow:
    """Erase a credential's key; its row stays for the sessions and bills that name it."""
    row = await get_credential(session, credential_id)
    row.sealed = row.root_id = None
    row.is_default = False
    row.removed_at = now
    await session.flush()
    await _audit(session, "credential.removed", row, by)
    return row


async def tell_trial(session: AsyncSession, wish: Wish, tried: Tried, *, by: UUID) -> None:
    """Write to the audit trail that a key was tested which is not stored."""
    facts = {"by": str(by), "provider": wish.provider, "hint": wish.hint, "state": tried.state.value}
    await events.audit(session, "credential.tried", {**facts, "passed": tried.passed})


async def tell_refusal(session: AsyncSession, what: str, refusal: Refusal, *, by: UUID, about: str) -> None:
    """Write to the audit trail that something about keys was refused; `about` is never what a person typed."""
    facts = {"by": str(by), "what": what, "code": refusal.code, "about": about}
    await events.audit(session, "credential.refused", facts)


# --- below ------------------------------------------------------------------------------------------------------------


async def _sealed(session: AsyncSession, vault: Vault, key: Secret, row: CredentialRow, *, now: datetime) -> Sealed:
    """Seal under the root that is current while the lock is held: no rotation can let that root go before we commit."""
    await session.execute(text("SELECT pg_advisory_xact_lock_shared(:lock)"), {"lock": ROOTS_LOCK})
    place = Place(workspace_id=row.workspace_id, credential_id=row.id)
    try:
        made = await vault.keyring.seal(key, place)
    except SealError as error:
        raise Refusal("root_key_away", 503, f"The key cannot be sealed now. {error}", retry_after_s=5) from None
    await session.execute(insert(RootRow).values(id=made.root_id, first_used_at=now).on_conflict_do_nothing())
    return made


def _put(row: CredentialRow, made: Sealed) -> None:
    row.sealed, row.root_id = made.sealed, made.root_id


def _note(row: CredentialRow, tried: Tried, *, now: datetime, known: bool) -> None:
    """A key that never passed is not tested, whatever it failed of; one that was `known` says what is wrong now."""
    kept = KeyState(row.state) if tried.state is KeyState.NOT_TESTED else tried.state
    row.state = (tried.state if tried.passed else kept if known else KeyState.NOT_TESTED).value
    row.note = tried.note[: rules.MAX_NOTE]
    row.limited_until = rules.limited_until(KeyState(row.state), retry_after_s=tried.retry_after_s, now=now)
    row.latency_ms = tried.latency_ms
    if tried.models:
        row.models = list(tried.models)
    if tried.passed:
        row.verified_at = now
        row.default_model = row.default_model or tried.model


async def _flush(session: AsyncSession, name: str) -> None:
    try:
        await session.flush()
    except IntegrityError:
        raise _name_taken(name) from None


def _name_taken(name: str) -> Refusal:
    return Refusal("name_taken", 409, f"There is a key called “{name}” already. Give another name.", place="/name")


async def _audit(session: AsyncSession, kind: str, row: CredentialRow, by: UUID, **facts: object) -> None:
    known = {"by": str(by), "credential": str(row.id), "name": row.name, "hint": row.hint}
    await events.audit(session, kind, known | facts)


def _said(value: object) -> object:
    return format(value, "f") if isinstance(value, Decimal) else value
