"""What a process needs to work with keys, made once at its door: the roots, where calls may go, how often to try."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sqlalchemy import select

from omc.kit.db import Database
from omc.kit.errors import InstallationError
from omc.vault.addresses import IpNetwork, Policy
from omc.vault.kms import KmsRoots
from omc.vault.recent import Recent
from omc.vault.roots import FileRoots, ensure_roots
from omc.vault.sealing import Keyring, RootAwayError, Roots, UnknownRootError
from omc.vault.tables import RootRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """The door's own tools: never a key, only what seals and opens them."""

    keyring: Keyring
    outbound: Policy
    key_changes_per_hour: int = 10
    key_tests_per_hour: int = 20
    recent: Recent = field(default_factory=Recent)


class Choices(Protocol):
    """What an operator chose about keys; the settings have it."""

    @property
    def root_keys(self) -> Path:
        """The root key file."""

    @property
    def kms_key_id(self) -> str | None:
        """A key of AWS KMS that is the root instead."""

    @property
    def calls_private_models(self) -> bool:
        """Whether this machine and private networks may be called."""

    @property
    def model_networks(self) -> tuple[IpNetwork, ...]:
        """Private networks that may be called all the same."""

    @property
    def key_changes_per_hour(self) -> int:
        """By one person."""

    @property
    def key_tests_per_hour(self) -> int:
        """By one person."""


def open_vault(chosen: Choices) -> Vault:
    """Make the vault's tools; makes the root key file where that is the root and there is none yet.

    With a key of AWS KMS new keys are sealed under that; what a file's root sealed before still opens.
    """
    roots: Roots = FileRoots(chosen.root_keys)
    if chosen.kms_key_id is None:
        ensure_roots(chosen.root_keys)
    else:
        roots = KmsRoots(chosen.kms_key_id, before=roots)
    return Vault(
        keyring=Keyring(roots=roots),
        outbound=Policy(private=chosen.calls_private_models, networks=chosen.model_networks),
        key_changes_per_hour=chosen.key_changes_per_hour,
        key_tests_per_hour=chosen.key_tests_per_hour,
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
