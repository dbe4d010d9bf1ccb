"""Sealing a key: a data key of its own, wrapped by a root key, both bound to one workspace, credential and purpose.

A sealed key is: version, length and id of its root, length and bytes of the wrapped data key, nonce, ciphertext with
tag (AES-256-GCM, NIST SP 800-38D, both layers). In another place, or with one bit changed, it does not open.
"""

import secrets
import struct
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from omc.kit.secret import Secret

PRODUCT = "omc"
FORMAT = 1
PROVIDER_KEY = "provider-key"
KEY_BYTES = 32
NONCE_BYTES = 12
MAX_ROOT_ID = 255

_HEAD = struct.Struct(">BB")
_LENGTH = struct.Struct(">H")


class SealError(Exception):
    """Sealed bytes cannot be opened; the text says why and never holds any of them."""


class UnknownRootError(SealError):
    """The bytes were sealed under a root key that this installation does not have."""

    def __init__(self, root_id: str) -> None:
        """Name the root."""
        super().__init__(f"It was sealed under the root key {root_id!r}, which this installation does not have.")
        self.root_id = root_id


class RootAwayError(SealError):
    """The root key cannot be reached just now: its file or its service does not answer."""


class BrokenSealError(SealError):
    """The bytes are not what was sealed here: changed, cut, or copied from another workspace or credential."""

    def __init__(self) -> None:
        """Explain."""
        super().__init__("Its sealed bytes were changed, or belong to another workspace or credential.")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a key belongs; both layers are bound to it. `purpose` is what the bytes are, for other secrets to come."""

    workspace_id: UUID
    credential_id: UUID
    purpose: str = PROVIDER_KEY

    def facts(self) -> dict[str, str]:
        """The place as a root outside this process binds it (an encryption context)."""
        return {
            "product": PRODUCT,
            "format": str(FORMAT),
            "workspace": str(self.workspace_id),
            "credential": str(self.credential_id),
            "purpose": self.purpose,
        }

    def bound(self, layer: str) -> bytes:
        """The place as associated data of one layer; no part can run into the next, as none holds a zero byte."""
        return f"{self._stem}\0{layer}".encode()

    @cached_property
    def _stem(self) -> str:
        return f"{PRODUCT}\0{FORMAT}\0{self.workspace_id}\0{self.credential_id}\0{self.purpose}"


class Root(Protocol):
    """A root key: what wraps data keys. It may stand in this process or behind a network."""

    @property
    def id(self) -> str:
        """Its name, at most MAX_ROOT_ID bytes."""

    async def wrap(self, data_key: bytes, place: Place) -> bytes:
        """Return the data key as only this root can unwrap it, at this place."""

    async def unwrap(self, wrapped: bytes, place: Place) -> bytes:
        """Return the data key; raises BrokenSealError."""


class Roots(Protocol):
    """Every root key that an installation has, and which of them new keys are sealed under, at this moment."""

    async def current(self) -> Root:
        """The root that new keys are sealed under."""

    async def find(self, root_id: str) -> Root:
        """The root with this id; raises UnknownRootError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Sealed bytes and the id of the root that wrapped them."""

    sealed: bytes
    root_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """Seals and opens keys with an installation's roots."""

    roots: Roots

    async def seal(self, key: Secret, place: Place) -> Sealed:
        """Seal a key under the current root, for this place only."""
        data_key = secrets.token_bytes(KEY_BYTES)
        nonce = secrets.token_bytes(NONCE_BYTES)
        body = nonce + AESGCM(data_key).encrypt(nonce, key.reveal().encode(), place.bound("key"))
        root = await self.roots.current()
        return Sealed(sealed=_packed(root.id, await root.wrap(data_key, place), body), root_id=root.id)

    async def open(self, sealed: bytes, place: Place) -> Secret:
        """Return the key; raises SealError when this is not it, or not its place."""
        root_id, wrapped, body = _unpacked(sealed)
        root = await self.roots.find(root_id)
        data_key = await root.unwrap(wrapped, place)
        try:
            plain = AESGCM(data_key).decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], place.bound("key"))
        except (InvalidTag, ValueError):
            raise BrokenSealError from None
        return Secret(plain.decode())

    async def rewrap(self, sealed: bytes, place: Place) -> Sealed:
        """Return the same sealed key with its data key wrapped by the current root; the key itself is not opened."""
        root_id, wrapped, body = _unpacked(sealed)
        old, new = await self.roots.find(root_id), await self.roots.current()
        data_key = await old.unwrap(wrapped, place)
        return Sealed(sealed=_packed(new.id, await new.wrap(data_key, place), body), root_id=new.id)


@dataclass(frozen=True, slots=True)
class LocalRoot:
    """A root key in this process's memory."""

    id: str
    cipher: AESGCM

    async def wrap(self, data_key: bytes, place: Place) -> bytes:
        """Encrypt the data key."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self.cipher.encrypt(nonce, data_key, self._bound(place))

    async def unwrap(self, wrapped: bytes, place: Place) -> bytes:
        """Decrypt the data key."""
        try:
            return self.cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], self._bound(place))
        except (InvalidTag, ValueError):
            raise BrokenSealError from None

    def _bound(self, place: Place) -> bytes:
        return place.bound(f"data-key\0{self.id}")


def root_of(sealed: bytes) -> str:
    """Return the id of the root that sealed bytes name; raises BrokenSealError."""
    return _unpacked(sealed)[0]


def _packed(root_id: str, wrapped: bytes, body: bytes) -> bytes:
    named = root_id.encode()
    assert len(named) <= MAX_ROOT_ID, "a root's id is short"
    return _HEAD.pack(FORMAT, len(named)) + named + _LENGTH.pack(len(wrapped)) + wrapped + body


def _unpacked(sealed: bytes) -> tuple[str, bytes, bytes]:
    try:
        version, named = _HEAD.unpack_from(sealed)
        root_id = sealed[_HEAD.size : _HEAD.size + named].decode()
        (length,) = _LENGTH.unpack_from(sealed, _HEAD.size + named)
    except (struct.error, UnicodeDecodeError):
        raise BrokenSealError from None
    start = _HEAD.size + named + _LENGTH.size
    if version != FORMAT or len(sealed) < start + length + NONCE_BYTES:
        raise BrokenSealError
    return root_id, sealed[start : start + length], sealed[start + length :]
