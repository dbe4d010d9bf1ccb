"""The only way to a plain key: opened for one named purpose, written to the audit trail, gone with the step that asked.

Who may import this module is a contract (`opening` in pyproject.toml).
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from omc.kit import events
from omc.kit.db import Database, fetch
from omc.kit.errors import Refusal
from omc.kit.secret import Secret
from omc.vault.connection import Connection
from omc.vault.desk import Vault
from omc.vault.sealing import Place, RootAwayError, SealError
from omc.vault.service import no_such
from omc.vault.tables import CredentialRow

TOUCH = timedelta(minutes=1)

_READ = """
SELECT workspace_id, provider, name, base_url, hint, sealed, version, free, default_model, last_used_at, removed_at
FROM vault_credential WHERE workspace_id = current_setting('omc.workspace')::uuid AND id = %(id)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An open credential: `connection` holds the plain key, the rest is what the credential's row says besides."""

    connection: Connection
    name: str
    version: int
    free: bool
    default_model: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A credential as it is stored."""

    workspace_id: UUID
    provider: str
    name: str
    base_url: str | None
    hint: str
    sealed: bytes | None = field(repr=False)
    version: int
    free: bool
    default_model: str | None
    last_used_at: datetime | None
    removed_at: datetime | None


async def stored_key(session: AsyncSession, credential_id: UUID) -> Stored:
    """Return a credential as it is stored; refused when there is none."""
    found = await fetch(session, Stored, _READ, {"id": credential_id})
    if not found:
        raise no_such()
    return found[0]


async def open_key(
    session: AsyncSession,
    vault: Vault,
    credential_id: UUID,
    *,
    purpose: str,
    stored: Stored | None = None,
    model: str | None = None,
    by: UUID | None = None,
    now: datetime | None = None,
) -> Opened:
    """Open a credential of the session's workspace for `purpose` ("session", "test", "bake-off"…), audited.

    `model` is what will be called; without one, the credential's default. `by` is the person, where one asked himself.
    With `now` the credential is marked as used, once a minute at most. `stored` is what this transaction has read.
    A refusal is written to the audit trail too: it stays there when the caller lets his transaction commit (`opened`
    does). An opening's entry is written with the commit, as it holds up the workspace's other entries until then.
    """
    row = stored or await stored_key(session, credential_id)
    facts = {
        "credential": str(credential_id),
        "name": row.name,
        "hint": row.hint,
        "purpose": purpose,
        "by": None if by is None else str(by),
    }
    if row.removed_at is not None:
        said = f"The key “{row.name}” was removed. Choose another under Provider keys."
        raise await _refused(session, facts, Refusal("credential_removed", 409, said))
    key: Secret | None = None
    if row.sealed is not None:
        place = Place(workspace_id=row.workspace_id, credential_id=credential_id)
        try:
            key = await vault.keyring.open(row.sealed, place)
        except SealError as error:
            refusal = _unopened(row.name, error)
            raise await _refused(session, facts, refusal) from None
    events.append_at_end(session, events.AUDIT, [("credential.opened", facts)])
    if now is not None and (row.last_used_at is None or now - row.last_used_at > TOUCH):
        used = update(CredentialRow).where(CredentialRow.id == credential_id)
        await session.execute(used.values(last_used_at=now))
    connection = Connection(
        provider=row.provider, model=model or row.default_model or "", base_url=row.base_url, key=key
    )
    return Opened(
        connection=connection, name=row.name, version=row.version, free=row.free, default_model=row.default_model
    )


async def opened(
    database: Database,
    vault: Vault,
    credential_id: UUID,
    *,
    workspace: UUID,
    purpose: str,
    model: str | None = None,
    by: UUID | None = None,
    now: datetime | None = None,
) -> Opened:
    """Open a credential in a transaction of its own, so that the entry in the audit trail stays whatever follows."""
    refusal: Refusal | None = None
    async with database.session(workspace) as session:
        try:
            return await open_key(session, vault, credential_id, purpose=purpose, model=model, by=by, now=now)
        except Refusal as error:
            refusal = error
    raise refusal


async def _refused(session: AsyncSession, facts: dict[str, str | None], refusal: Refusal) -> Refusal:
    await events.audit(session, "credential.refused", {**facts, "code": refusal.code})
    return refusal


def _unopened(name: str, error: SealError) -> Refusal:
    if isinstance(error, RootAwayError):
        return Refusal("root_key_away", 503, f"The key “{name}” cannot be opened now. {error}", retry_after_s=5)
    said = f"The key “{name}” cannot be opened. {error} Enter it again with Rotate, or run `omc vault verify`."
    return Refusal("key_not_openable", 409, said)
