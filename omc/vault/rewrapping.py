"""Changing the root key while everything runs: every stored key is wrapped anew, then the old root is let go.

Killed at any point, the same command goes on where it was: the database lists the roots that are in use, and the old
root stays in its file until nothing is sealed under it. Keys themselves are not opened, but by `verify`.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import delete, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from omc.kit import events
from omc.kit.clock import Clock
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.vault.desk import Vault
from omc.vault.roots import add_root, drop_roots, read_roots
from omc.vault.sealing import Place, SealError
from omc.vault.service import ROOTS_LOCK
from omc.vault.tables import CredentialRow, RootRow

BATCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A sealed key of any workspace."""

    workspace_id: UUID
    credential_id: UUID
    name: str
    hint: str
    root_id: str
    sealed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A stored key that cannot be opened, and why."""

    workspace_id: UUID
    credential_id: UUID
    name: str
    hint: str
    root_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """What a rotation did: `resumed` when it finished one that had been interrupted."""

    root_id: str
    resumed: bool
    rewrapped: int
    dropped: tuple[str, ...]
    left: tuple[Trouble, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """How many stored keys open, and which do not."""

    opened: int
    troubles: tuple[Trouble, ...]
    roots: tuple[str, ...]


async def rotate_root(
    database: Database, vault: Vault, root_file: Path | None, *, clock: Clock, say: Callable[[str], None]
) -> Rotated:
    """Make a new root key and wrap every stored key with it; `root_file` None: the root is KMS, and only re-wraps.

    An interrupted rotation is finished instead of beginning another one.
    """
    resumed = await _is_under_way(database, vault, root_file)
    if root_file is not None and not resumed:
        add_root(root_file)
    current = (await vault.keyring.roots.current()).id
    say(f"{'Going on with' if resumed else 'Changing to'} the root key {current}")
    # Whoever began to seal under an old root has stored it when we get the lock; whoever begins later sees the new one.
    await _alone(database)
    moved, left = 0, list[Trouble]()
    for root_id in await _roots(database):
        if root_id != current:
            async for trouble in _move(database, vault, root_id, now=clock()):
                moved += trouble is None
                if trouble is not None:
                    left.append(trouble)
                elif moved % BATCH == 0:
                    say(f"{moved} keys wrapped anew")
            await _let_go(database, root_id)
    used = frozenset(await _roots(database))
    dropped = () if root_file is None else tuple(drop_roots(root_file, still_used=used))
    return Rotated(root_id=current, resumed=resumed, rewrapped=moved, dropped=dropped, left=tuple(left))


async def verify(database: Database, vault: Vault) -> Verified:
    """Open every stored key of every workspace, in memory and one at a time, and say which cannot be opened."""
    opened, troubles = 0, []
    roots = await _roots(database)
    for root_id in roots:
        async for stored in _stored(database, root_id):
            place = Place(workspace_id=stored.workspace_id, credential_id=stored.credential_id)
            try:
                await vault.keyring.open(stored.sealed, place)
                opened += 1
            except SealError as error:
                troubles.append(_trouble(stored, error))
    return Verified(opened=opened, troubles=tuple(troubles), roots=tuple(roots))


async def forget_root(database: Database, root_id: str, *, now: datetime) -> int:
    """Remove every credential whose key was sealed under a root that is lost; returns how many."""
    if root_id not in await _roots(database):
        raise Refusal("no_such_root", 404, f"Nothing is sealed under a root key {root_id!r}. See `omc vault verify`.")
    gone = 0
    async for stored in _stored(database, root_id):
        async with database.session(stored.workspace_id) as session:
            removed = update(CredentialRow).where(
                CredentialRow.id == stored.credential_id, CredentialRow.root_id == root_id
            )
            await session.execute(removed.values(sealed=None, root_id=None, is_default=False, removed_at=now))
            facts = {"credential": str(stored.credential_id), "name": stored.name, "hint": stored.hint, "by": None}
            await events.audit(session, "credential.removed", {**facts, "why": "its root key was lost"})
        gone += 1
    await _let_go(database, root_id)
    return gone


# --- below ------------------------------------------------------------------------------------------------------------


async def _is_under_way(database: Database, vault: Vault, root_file: Path | None) -> bool:
    current = (await vault.keyring.roots.current()).id
    if any(root_id != current for root_id in await _roots(database)):
        return True
    return root_file is not None and len(read_roots(root_file).keys) > 1


async def _roots(database: Database) -> list[str]:
    async with database.session(None) as session:
        return list(await session.scalars(select(RootRow.id).order_by(RootRow.first_used_at, RootRow.id)))


async def _stored(database: Database, root_id: str) -> AsyncGenerator[Stored]:
    """Yield what is sealed under a root, of every workspace: whoever presents the root's id may see these rows."""
    last: tuple[UUID, UUID] | None = None
    columns = (
        CredentialRow.workspace_id,
        CredentialRow.id.label("credential_id"),
        CredentialRow.name,
        CredentialRow.hint,
        CredentialRow.root_id,
        CredentialRow.sealed,
    )
    key = (CredentialRow.workspace_id, CredentialRow.id)
    while True:
        query = select(*columns).where(CredentialRow.root_id == root_id).order_by(*key).limit(BATCH)
        if last is not None:
            query = query.where(tuple_(*key) > last)
        async with database.presenting(root_id) as session:
            page = [Stored(**row) for row in (await session.execute(query)).mappings()]
        for stored in page:
            yield stored
        if len(page) < BATCH:
            return
        last = (page[-1].workspace_id, page[-1].credential_id)


async def _move(database: Database, vault: Vault, root_id: str, *, now: datetime) -> AsyncGenerator[Trouble | None]:
    """Wrap what is sealed under a root with the current one; yields for each key what stands in the way, or None.

    A key that was rotated or removed meanwhile is sealed under the current root already, or not at all.
    """
    async for stored in _stored(database, root_id):
        place = Place(workspace_id=stored.workspace_id, credential_id=stored.credential_id)
        try:
            made = await vault.keyring.rewrap(stored.sealed, place)
        except SealError as error:
            yield _trouble(stored, error)
            continue
        async with database.session(stored.workspace_id) as session:
            await session.execute(insert(RootRow).values(id=made.root_id, first_used_at=now).on_conflict_do_nothing())
            same = update(CredentialRow).where(
                CredentialRow.id == stored.credential_id, CredentialRow.sealed == stored.sealed
            )
            await session.execute(same.values(sealed=made.sealed, root_id=made.root_id))
        yield None


async def _let_go(database: Database, root_id: str) -> None:
    """Strike a root from the list, unless a key is still sealed under it."""
    with suppress(IntegrityError):
        async with database.session(None) as session:
            await session.execute(delete(RootRow).where(RootRow.id == root_id))


async def _alone(database: Database) -> None:
    async with database.session(None) as session:
        await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ROOTS_LOCK})


def _trouble(stored: Stored, error: SealError) -> Trouble:
    return Trouble(
        workspace_id=stored.workspace_id,
        credential_id=stored.credential_id,
        name=stored.name,
        hint=stored.hint,
        root_id=stored.root_id,
        text=str(error),
    )
