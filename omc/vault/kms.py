"""Root keys in AWS KMS: data keys are wrapped and unwrapped there, bound to their place as the encryption context.

The client library is an optional extra (`aws`) and loads when the first key is wrapped. Credentials and region
come from where that library looks for them (a role of the machine, as a rule).
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Protocol, cast

from omc.kit.errors import InstallationError
from omc.vault.sealing import BrokenSealError, Place, Root, RootAwayError, Roots, UnknownRootError

PREFIX = "kms:"
TIMEOUT_S = 5
_WRONG = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})
_UNKNOWN = frozenset({"NotFoundException"})


class Client(Protocol):
    """The two calls of a KMS client that are used, as boto3 spells them."""

    def encrypt(
        self,
        *,
        KeyId: str,  # noqa: N803 - the service's own names
        Plaintext: bytes,  # noqa: N803
        EncryptionContext: Mapping[str, str],  # noqa: N803
    ) -> Mapping[str, object]:
        """Wrap."""

    def decrypt(
        self,
        *,
        KeyId: str,  # noqa: N803
        CiphertextBlob: bytes,  # noqa: N803
        EncryptionContext: Mapping[str, str],  # noqa: N803
    ) -> Mapping[str, object]:
        """Unwrap."""


def connect() -> Client:
    """Return a client for the machine's region and role."""
    try:
        boto3, config = import_module("boto3"), import_module("botocore.config")
    except ImportError:
        raise InstallationError(
            "no_aws", "OMC_KMS_KEY_ID is set, but AWS's library is not installed. Run: .venv/bin/pip install boto3"
        ) from None
    # At debug level the library logs what it sends and gets, and that is data keys.
    for name in ("botocore", "boto3", "urllib3"):
        logging.getLogger(name).setLevel(logging.WARNING)
    made = config.Config(connect_timeout=TIMEOUT_S, read_timeout=TIMEOUT_S, retries={"total_max_attempts": 2})
    return cast("Client", boto3.client("kms", config=made))


@dataclass(slots=True)
class _Lazy:
    make: Callable[[], Client]
    made: Client | None = None

    def __call__(self) -> Client:
        if self.made is None:
            self.made = self.make()
        return self.made


@dataclass(frozen=True, slots=True, kw_only=True)
class KmsRoot:
    """One key of KMS as a root; it never leaves the service."""

    id: str
    client: Callable[[], Client] = field(repr=False)

    async def wrap(self, data_key: bytes, place: Place) -> bytes:
        """Encrypt the data key there."""

        def call() -> Mapping[str, object]:
            return self.client().encrypt(KeyId=self._key, Plaintext=data_key, EncryptionContext=place.facts())

        return _bytes((await self._ask(call))["CiphertextBlob"])

    async def unwrap(self, wrapped: bytes, place: Place) -> bytes:
        """Decrypt the data key there."""

        def call() -> Mapping[str, object]:
            return self.client().decrypt(KeyId=self._key, CiphertextBlob=wrapped, EncryptionContext=place.facts())

        return _bytes((await self._ask(call))["Plaintext"])

    @property
    def _key(self) -> str:
        return self.id.removeprefix(PREFIX)

    async def _ask(self, call: Callable[[], Mapping[str, object]]) -> Mapping[str, object]:
        failed = ""
        try:
            return await asyncio.to_thread(call)
        except InstallationError:
            raise
        except Exception as error:  # noqa: BLE001 - the library's classes exist only where it is installed
            failed = _code(error)
        if failed in _WRONG:
            raise BrokenSealError
        if failed in _UNKNOWN:
            raise UnknownRootError(self.id)
        raise RootAwayError(f"AWS KMS did not answer for the root key ({failed}).")


class KmsRoots:
    """One key of KMS for what is sealed now, any other key of it for what was, and a file's roots from before."""

    def __init__(self, key_id: str, *, before: Roots | None = None, client: Callable[[], Client] = connect) -> None:
        """Take a key's id, ARN or alias; nothing is called yet."""
        self._client = _Lazy(client)
        self._current = f"{PREFIX}{key_id}"
        self._before = before

    async def current(self) -> Root:
        """Return the key that new keys are sealed under."""
        return KmsRoot(id=self._current, client=self._client)

    async def find(self, root_id: str) -> Root:
        """Return the root with this id, here or in the file."""
        if root_id.startswith(PREFIX):
            return KmsRoot(id=root_id, client=self._client)
        if self._before is None:
            raise UnknownRootError(root_id)
        return await self._before.find(root_id)


def _code(error: Exception) -> str:
    """The service's name for what went wrong, else the exception's class; never its text, which may quote a request."""
    response = getattr(error, "response", None)
    if isinstance(response, dict) and isinstance(inner := response.get("Error"), dict):
        return str(inner.get("Code", type(error).__name__))
    return type(error).__name__


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes), "KMS answers with bytes"
    return value
