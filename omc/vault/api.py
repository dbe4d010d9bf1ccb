"""Routes of the vault: providers, keys, their tests, the default, presets. No answer contains a key."""

from collections.abc import Awaitable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.money import parse_decimal
from omc.core.reason import Reason
from omc.identity.api import Admin, Reader, Signed, Tx, Writer
from omc.kit.errors import Refusal
from omc.kit.http import Wired
from omc.kit.secret import Secret
from omc.vault import presets, proving, rules, service
from omc.vault.answers import (
    CredentialAnswer,
    CredentialChange,
    Credentials,
    CredentialWish,
    DefaultWish,
    NotStored,
    PresetAnswer,
    PresetChange,
    Presets,
    PresetWish,
    Providers,
    Rotation,
    Stored,
    TestAnswer,
    credential_answer,
    preset_answer,
    providers_answer,
    stored_answer,
    test_answer,
)
from omc.vault.desk import Vault
from omc.vault.proving import Asker, Draft, NotProven, Proven
from omc.vault.tables import CredentialRow

router = APIRouter(prefix="/vault", tags=["vault"])


def desk(request: Request) -> Vault:
    """Dependency: this process's tools for keys, made at its door."""
    found = request.app.state.vault
    assert isinstance(found, Vault)
    return found


Desk = Annotated[Vault, Depends(desk)]


def asking(caller: Signed, wired: Wired, vault: Desk) -> Asker:
    """Dependency: who asks with what, for flows that call a provider between two transactions."""
    return Asker(
        database=wired.database,
        vault=vault,
        clock=wired.clock,
        workspace=caller.workspace_id,
        person=caller.person_id,
    )


Asking = Annotated[Asker, Depends(asking)]


# --- keys -------------------------------------------------------------------------------------------------------------


@router.get("/providers")
async def list_providers(_caller: Reader, vault: Desk) -> Providers:
    """List every kind of provider, with the form to draw."""
    return providers_answer(private_addresses=vault.outbound.private)


@router.get("/credentials")
async def list_credentials(_caller: Reader, session: Tx, wired: Wired) -> Credentials:
    """List the workspace's keys: hints, never keys."""
    now = wired.clock()
    spent = await service.spending(session, now=now)
    rows = await service.list_credentials(session)
    return Credentials(items=[credential_answer(row, spent.get(row.id), now=now) for row in rows])


@router.post("/credentials", status_code=201, responses={422: {"model": NotStored}})
async def add_credential(body: CredentialWish, _caller: Admin, asker: Asking) -> Stored:
    """Test a key and store it sealed; one that fails is refused with its test, unless it is saved anyway."""
    return await _stored(asker, proving.add(asker, _draft(body)))


@router.post("/credentials/test")
async def try_draft(body: CredentialWish, _caller: Writer, asker: Asking) -> TestAnswer:
    """Test a key and save nothing."""
    return test_answer(await proving.try_draft(asker, _draft(body)))


@router.post("/credentials/{credential_id}/test")
async def try_credential(credential_id: UUID, _caller: Writer, asker: Asking) -> TestAnswer:
    """Test a stored key with one cheap real call, and keep how it did."""
    return test_answer(await proving.retest(asker, credential_id))


@router.patch("/credentials/{credential_id}")
async def change_credential(
    credential_id: UUID, body: CredentialChange, caller: Admin, session: Tx, wired: Wired
) -> CredentialAnswer:
    """Rename a key, or change its budget, its model, or whether its server is free."""
    row = await service.get_credential(session, credential_id)
    changed = await service.change(session, credential_id, _changes(body, row), by=caller.person_id)
    return await _shown(session, changed, wired)


@router.post("/credentials/{credential_id}/rotate", responses={422: {"model": NotStored}})
async def rotate_credential(credential_id: UUID, body: Rotation, _caller: Admin, asker: Asking) -> Stored:
    """Put a new key in the old one's place, once it passed its test; running sessions take it at their next call."""
    key = Secret(body.key.get_secret_value())
    return await _stored(asker, proving.rotate(asker, credential_id, key, save_anyway=body.save_anyway))


@router.put("/default")
async def set_default(body: DefaultWish, caller: Admin, session: Tx, wired: Wired) -> CredentialAnswer:
    """Choose the key and model that new sessions begin with."""
    _refuse(rules.check_model(body.model, "/model"))
    row = await service.set_default(session, body.credential_id, body.model, by=caller.person_id)
    return await _shown(session, row, wired)


@router.delete("/default", status_code=204)
async def clear_default(caller: Admin, session: Tx) -> None:
    """Let new sessions begin with the built-in analyst."""
    await service.clear_default(session, by=caller.person_id)


# --- presets ----------------------------------------------------------------------------------------------------------


@router.get("/presets")
async def list_presets(_caller: Reader, session: Tx) -> Presets:
    """List the workspace's presets."""
    return Presets(items=[preset_answer(row) for row in await presets.list_presets(session)])


@router.post("/presets", status_code=201)
async def add_preset(body: PresetWish, caller: Writer, session: Tx, wired: Wired) -> PresetAnswer:
    """Save a model with its settings under a name."""
    row = await presets.add_preset(
        session, _settings(body), workspace=caller.workspace_id, by=caller.person_id, now=wired.clock()
    )
    return preset_answer(row)


@router.patch("/presets/{preset_id}")
async def change_preset(preset_id: UUID, body: PresetChange, caller: Writer, session: Tx) -> PresetAnswer:
    """Change a preset; sessions that took it keep what they took."""
    return preset_answer(await presets.change_preset(session, preset_id, _settings(body), by=caller.person_id))


@router.delete("/presets/{preset_id}", status_code=204)
async def delete_preset(preset_id: UUID, caller: Writer, session: Tx) -> None:
    """Delete a preset."""
    await presets.delete_preset(session, preset_id, by=caller.person_id)


# --- below ------------------------------------------------------------------------------------------------------------


def _draft(body: CredentialWish) -> Draft:
    return Draft(
        provider=body.provider,
        name=body.name,
        base_url=body.base_url,
        key=None if body.key is None else Secret(body.key.get_secret_value()),
        free=body.free,
        monthly_budget=None if body.monthly_budget is None else parse_decimal(body.monthly_budget),
        default_model=body.default_model or None,
        make_default=body.make_default,
        save_anyway=body.save_anyway,
    )


def _changes(body: CredentialChange, row: CredentialRow) -> dict[str, object]:
    """Return the fields that were sent, checked; null takes a budget or a model away and leaves the others alone."""
    sent: dict[str, object] = body.model_dump(exclude_unset=True)
    if sent.get("name", "") is None:
        del sent["name"]
    if sent.get("free", False) is None:
        del sent["free"]
    if body.name is not None:
        sent["name"] = _taken(rules.clean_name(body.name))
    if body.monthly_budget is not None:
        amount = parse_decimal(body.monthly_budget)
        _refuse(rules.check_budget(amount))
        sent["monthly_budget"] = amount
    if body.free is not None:
        _refuse(rules.check_free(free=body.free, base_url=row.base_url))
    _refuse(rules.check_model(body.default_model))
    return sent


def _settings(body: PresetWish | PresetChange) -> dict[str, object]:
    sent: dict[str, object] = body.model_dump(exclude_unset=True)
    if body.name is not None:
        sent["name"] = _taken(rules.clean_name(body.name))
    elif "name" in sent:
        del sent["name"]
    for name in ("temperature", "top_p"):
        if isinstance(written := sent.get(name), str):
            sent[name] = parse_decimal(written)
    return sent


async def _stored(asker: Asker, attempt: Awaitable[Proven]) -> Stored:
    try:
        proven = await attempt
    except NotProven as refusal:
        refusal.more = {"test": test_answer(refusal.proof).model_dump(mode="json")}
        raise
    now = asker.clock()
    async with asker.database.session(asker.workspace) as session:
        spent = await service.spending(session, now=now)
    return stored_answer(proven, spent.get(proven.credential.id), now=now)


async def _shown(session: AsyncSession, row: CredentialRow, wired: Wired) -> CredentialAnswer:
    now = wired.clock()
    spent = await service.spending(session, now=now)
    return credential_answer(row, spent.get(row.id), now=now)


def _taken(value: str | Reason) -> str:
    if isinstance(value, Reason):
        raise _refusal(value)
    return value


def _refuse(reason: Reason | None) -> None:
    if reason is not None:
        raise _refusal(reason)


def _refusal(reason: Reason) -> Refusal:
    return Refusal(reason.code, 422, reason.text, place=reason.place)
