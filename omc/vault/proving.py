"""Proving a key: one real call outside of any transaction, then what it showed is written; for page and terminal.

Whatever is refused on the way is written to the audit trail too, in a transaction of its own.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from omc.core.reason import Reason
from omc.kit.clock import Clock
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.kit.secret import Secret
from omc.vault import rules, service
from omc.vault.connection import Connection
from omc.vault.counting import Attempt, count
from omc.vault.desk import Vault
from omc.vault.failure_kinds import FailureKind
from omc.vault.failures import ModelFailure
from omc.vault.opening import opened
from omc.vault.probing import Probe, StepName, StepState, probe
from omc.vault.providers import PROVIDERS, Provider, provider
from omc.vault.rules import KeyState, PastedKey
from omc.vault.service import Tried, Wish
from omc.vault.tables import CredentialRow

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, where, and with what."""

    database: Database
    vault: Vault
    clock: Clock
    workspace: UUID
    person: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A credential as it was typed."""

    provider: str
    name: str
    base_url: str | None = None
    key: Secret | None = None
    free: bool = False
    monthly_budget: Decimal | None = None
    default_model: str | None = None
    make_default: bool = False
    save_anyway: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a test found, and what was changed about the input before it."""

    row: Provider
    probe: Probe
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A stored credential and the test that it was stored with."""

    credential: CredentialRow
    proof: Proof


class NotProven(Refusal):
    """A key that failed its test and was not stored; its test comes along, so that nobody makes another to see why."""

    def __init__(self, proof: Proof, failure: ModelFailure) -> None:
        """Say what failed, at which of the fields, and keep the test."""
        place = "/base_url" if state_after(failure.kind) is KeyState.UNREACHABLE else "/key"
        text = f"{failure.text} {failure.next_step}"
        super().__init__(failure.kind.value, 422, text, place=place, retry_after_s=failure.retry_after_s)
        self.proof = proof


def read_draft(draft: Draft) -> tuple[Provider, Wish, tuple[str, ...]]:
    """Check and clean what was typed; returns its provider's row, the wish, and notes on what was changed."""
    row = _provider(draft.provider)
    name = _taken(rules.clean_name(draft.name))
    address = _taken(rules.clean_address(draft.base_url, row))
    pasted = _pasted(draft.key, row, base_url=address.base_url, anyway=draft.save_anyway)
    reasons = (
        rules.check_budget(draft.monthly_budget),
        rules.check_model(draft.default_model),
        rules.check_free(free=draft.free, base_url=address.base_url),
        rules.key_outside(name, "/name", key=pasted.key),
        rules.key_outside(draft.default_model or "", "/default_model", key=pasted.key),
        rules.key_outside(address.base_url or "", "/base_url", key=pasted.key),
    )
    for reason in reasons:
        _pass(reason)
    wish = Wish(
        provider=row.id,
        name=name,
        base_url=address.base_url,
        key=Secret(pasted.key) if pasted.key else None,
        hint=rules.hint(pasted.key),
        free=draft.free,
        monthly_budget=draft.monthly_budget,
        default_model=draft.default_model,
        make_default=draft.make_default,
    )
    return row, wish, (*pasted.notes, *address.notes)


async def try_draft(asker: Asker, draft: Draft) -> Proof:
    """Test what was typed and save nothing; the audit trail keeps that it was tried."""
    async with _telling(asker, "test", _named(draft)):
        row, wish, notes = read_draft(draft)
        await _admit(asker, Attempt.TEST)
        proof = Proof(row=row, probe=await _probe(asker, wish), notes=notes)
        _remember(asker, wish, proof.probe)
        async with asker.database.session(asker.workspace) as session:
            await service.tell_trial(session, wish, tried_of(proof.probe), by=asker.person)
        return proof


async def add(asker: Asker, draft: Draft) -> Proven:
    """Test what was typed and store it; a failed test refuses it, unless the person saves it anyway."""
    async with _telling(asker, "add", _named(draft)):
        row, wish, notes = read_draft(draft)
        await _admit(asker, Attempt.CHANGE)
        async with asker.database.session(asker.workspace) as session:
            await service.check_room(session, wish.name)
        known = asker.vault.recent.take(
            asker.person, _connection(wish), failed_too=draft.save_anyway, now=asker.clock()
        )
        proof = Proof(row=row, probe=known or await _probe(asker, wish), notes=notes)
        if not proof.probe.ok:
            _remember(asker, wish, proof.probe)
        _require(proof, save_anyway=draft.save_anyway)
        async with asker.database.session(asker.workspace) as session:
            credential = await service.add(
                session,
                asker.vault,
                wish,
                tried_of(proof.probe),
                workspace=asker.workspace,
                by=asker.person,
                now=asker.clock(),
            )
        return Proven(credential=credential, proof=proof)


async def retest(asker: Asker, credential_id: UUID) -> Proof:
    """Test a stored credential and keep how it did."""
    async with _telling(asker, "test", ""):
        await _admit(asker, Attempt.TEST)
    stored = await opened(
        asker.database, asker.vault, credential_id, workspace=asker.workspace, purpose="test", by=asker.person
    )
    found = await probe(stored.connection, asker.vault.outbound)
    async with asker.database.session(asker.workspace) as session:
        await service.note_tested(session, credential_id, tried_of(found), by=asker.person, now=asker.clock())
    return Proof(row=_provider(stored.connection.provider), probe=found)


async def rotate(asker: Asker, credential_id: UUID, key: Secret, *, save_anyway: bool = False) -> Proven:
    """Test a new key and put it in the old one's place; while it fails, the old one stays."""
    async with asker.database.session(asker.workspace) as session:
        stored = await service.get_credential(session, credential_id)
    async with _telling(asker, "rotate", stored.name):
        row = _provider(stored.provider)
        pasted = _pasted(key, row, base_url=stored.base_url, anyway=save_anyway)
        if not pasted.key:
            raise Refusal("key_missing", 422, "Paste the new key.", place="/key")
        await _admit(asker, Attempt.CHANGE)
        fresh = Secret(pasted.key)
        connection = Connection(provider=row.id, model=stored.default_model or "", base_url=stored.base_url, key=fresh)
        proof = Proof(row=row, probe=await probe(connection, asker.vault.outbound), notes=pasted.notes)
        _require(proof, save_anyway=save_anyway)
        async with asker.database.session(asker.workspace) as session:
            credential = await service.rotate(
                session,
                asker.vault,
                credential_id,
                key=fresh,
                hint=rules.hint(pasted.key),
                tried=tried_of(proof.probe),
                by=asker.person,
                now=asker.clock(),
            )
        return Proven(credential=credential, proof=proof)


def tried_of(found: Probe) -> Tried:
    """Return what a test leaves on the credential."""
    failure = found.failure
    if found.ok or failure is None:
        state, note = KeyState.WORKING, " ".join(found.notes)
    else:
        state, note = state_after(failure.kind), f"{failure.text} {failure.next_step}"
    if state is KeyState.NOT_TESTED and _accepted(found):
        state = KeyState.WORKING
    return Tried(
        state=state,
        note=note,
        passed=found.ok,
        latency_ms=found.latency_ms,
        models=found.models,
        model=found.model,
        retry_after_s=None if failure is None else failure.retry_after_s,
    )


def state_after(kind: FailureKind) -> KeyState:
    """Return what a failure says of the key; NOT_TESTED where it says nothing of it."""
    return _STATES.get(kind, KeyState.NOT_TESTED)


_STATES = {
    FailureKind.BAD_KEY: KeyState.REJECTED,
    FailureKind.FORBIDDEN: KeyState.REJECTED,
    FailureKind.NO_CREDIT: KeyState.NO_CREDIT,
    FailureKind.RATE_LIMITED: KeyState.RATE_LIMITED,
    FailureKind.REGION: KeyState.UNREACHABLE,
    FailureKind.OVERLOADED: KeyState.UNREACHABLE,
    FailureKind.SERVER_ERROR: KeyState.UNREACHABLE,
    FailureKind.CONNECT_TIMEOUT: KeyState.UNREACHABLE,
    FailureKind.TIMEOUT: KeyState.UNREACHABLE,
    FailureKind.CUT: KeyState.UNREACHABLE,
    FailureKind.UNREACHABLE: KeyState.UNREACHABLE,
    FailureKind.TLS: KeyState.UNREACHABLE,
    FailureKind.ADDRESS_REFUSED: KeyState.UNREACHABLE,
    FailureKind.REDIRECTED: KeyState.UNREACHABLE,
    FailureKind.NOT_AN_API: KeyState.UNREACHABLE,
}


# --- below ------------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _telling(asker: Asker, what: str, about: str) -> AsyncGenerator[None]:
    try:
        yield
    except Refusal as refusal:
        async with asker.database.session(asker.workspace) as session:
            await service.tell_refusal(session, what, refusal, by=asker.person, about=about)
        raise


async def _admit(asker: Asker, attempt: Attempt) -> None:
    vault = asker.vault
    allowed = vault.key_changes_per_hour if attempt is Attempt.CHANGE else vault.key_tests_per_hour
    async with asker.database.session(asker.workspace) as session:
        await count(session, attempt, person=asker.person, allowed=allowed, now=asker.clock())


async def _probe(asker: Asker, wish: Wish) -> Probe:
    return await probe(_connection(wish), asker.vault.outbound)


def _remember(asker: Asker, wish: Wish, found: Probe) -> None:
    asker.vault.recent.keep(asker.person, _connection(wish), found, now=asker.clock())


def _connection(wish: Wish) -> Connection:
    return Connection(provider=wish.provider, model=wish.default_model or "", base_url=wish.base_url, key=wish.key)


def _require(proof: Proof, *, save_anyway: bool) -> None:
    failure = proof.probe.failure
    if failure is not None and not save_anyway:
        raise NotProven(proof, failure)


def _accepted(found: Probe) -> bool:
    return any(step.name is StepName.ACCEPT_KEY and step.state is StepState.OK for step in found.steps)


def _named(draft: Draft) -> str:
    row = provider(draft.provider)
    return "" if row is None else row.id


def _provider(provider_id: str) -> Provider:
    row = provider(provider_id)
    if row is None or row.builtin:
        known = ", ".join(row.id for row in PROVIDERS if not row.builtin)
        raise Refusal("provider_unknown", 422, f"There is no such provider. Choose one of: {known}.", place="/provider")
    return row


def _pasted(key: Secret | None, row: Provider, *, base_url: str | None, anyway: bool) -> PastedKey:
    return _taken(rules.clean_key("" if key is None else key.reveal(), row, base_url=base_url, anyway=anyway))


def _taken(value: Value | Reason) -> Value:
    if isinstance(value, Reason):
        raise Refusal(value.code, 422, value.text, place=value.place)
    return value


def _pass(reason: Reason | None) -> None:
    if reason is not None:
        raise Refusal(reason.code, 422, reason.text, place=reason.place)
