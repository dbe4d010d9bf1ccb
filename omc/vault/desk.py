"""What a process needs to work with keys, made once at its door: the roots, where calls may go, how often to try."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from omc.kit.db import Database
from omc.kit.errors import InstallationError
from omc.vault.addresses import Policy
from omc.vault.kms import KmsRoots
from omc.vault.roots import FileRoots, ensure_roots
from omc.vault.sealing import Keyring, RootAwayError, Roots, UnknownRootError
from omc.vault.tables import RootRow

FILE_NAME = "root-key.json"
KEY_CHANGES_PER_HOUR = 10
KEY_TESTS_PER_HOUR = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """The door's own tools: never a key, only what seals and opens them."""

    keyring: Keyring
    outbound: Policy
    key_changes_per_hour: int = KEY_CHANGES_PER_HOUR
    key_tests_per_hour: int = KEY_TESTS_PER_HOUR


def open_vault(
    *,
    root_file: Path,
    outbound: Policy,
    kms_key_id: str | None = None,
    key_changes_per_hour: int = KEY_CHANGES_PER_HOUR,
    key_tests_per_hour: int = KEY_TESTS_PER_HOUR,
) -> Vault:
    """Make the vault's tools; makes the root key file where that is the root and there is none yet.

    With `kms_key_id` new keys are sealed under that key of AWS KMS; what a file's root sealed before still opens.
    """
    roots: Roots = FileRoots(root_file)
    if kms_key_id is None:
        ensure_roots(root_file)
    else:
        roots = KmsRoots(kms_key_id, before=FileRoots(root_file))
    return Vault(
        keyring=Keyring(roots=roots),
        outbound=outbound,
        key_changes_per_hour=key_changes_per_hour,
        key_tests_per_hour=key_tests_per_hour,
    )


async def check_roots(vault: Vault, database: Database) -> None:
    """Refuse to start when a stored key was sealed under a root that is not here: better now than in mid-session."""
    async with database.session(None) as session:
        used = list(await session.scalars(select(RootRow.id).order_by(RootRow.first_used_at)))
    for root_id in used:
        try:
            await vault.keyring.roots.find(root_id)
        except (UnknownRootError, RootAwayError) as error:
            raise InstallationError(
                "root_key_unknown",
                f"Stored keys were sealed under the root key {root_id!r}, which is not here. {error} Put the root key "
                "file (or OMC_KMS_KEY_ID) back that was used with this database. If it is lost for good, "
                f"`omc vault forget {root_id}` removes the keys that nobody can open any more.",
            ) from None


def check_roots_now(vault: Vault, app_url: str) -> None:
    """Do the same from a door that has no event loop yet."""

    async def check() -> None:
        database = Database(app_url)
        try:
            await check_roots(vault, database)
        finally:
            await database.close()

    asyncio.run(check())
