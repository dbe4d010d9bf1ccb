"""Root keys in a file: made once, readable by its owner alone, replaced whole, and followed while it changes.

The file is JSON, `{"current": id, "keys": {id: base64 of 32 bytes}}`. Every process that seals looks at it again each
time, so that a rotation reaches all of them without a restart; whoever opens looks again when it meets an unknown id.
"""

import json
import os
import secrets
import stat
from base64 import b64decode, b64encode
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from omc.kit.errors import InstallationError
from omc.kit.process import FileLock
from omc.vault.sealing import KEY_BYTES, LocalRoot, RootAwayError, UnknownRootError

FILE_MODE = 0o600
MAX_FILE_BYTES = 64 * 1024
ID_BYTES = 6
LOCK_PATIENCE_S = 10.0
_Signature = tuple[int, int, int]


class RootFileError(InstallationError):
    """The root key file cannot be used; the text says what to do."""

    def __init__(self, text: str) -> None:
        """Explain."""
        super().__init__("root_key", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class RootFile:
    """What the file holds."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)


class FileRoots:
    """The roots of one file, kept in memory and read again when the file has changed."""

    def __init__(self, path: Path) -> None:
        """Follow the file at `path`; it is made when it is first needed."""
        self.path = path
        self._signature: _Signature | None = None
        self._current = ""
        self._roots: dict[str, LocalRoot] = {}

    async def current(self) -> LocalRoot:
        """Return the root that new keys are sealed under, as the file says at this moment."""
        self._follow()
        return self._roots[self._current]

    async def find(self, root_id: str) -> LocalRoot:
        """Return the root with this id."""
        if root_id not in self._roots:
            self._follow()
        try:
            return self._roots[root_id]
        except KeyError:
            raise UnknownRootError(root_id) from None

    def _follow(self) -> None:
        try:
            signature = _signature(self.path)
            if signature == self._signature:
                return
            found = read_roots(self.path)
        except (OSError, RootFileError) as error:
            text = error.text if isinstance(error, RootFileError) else f"{self.path} cannot be read."
            raise RootAwayError(f"The root key file is not usable: {text}") from None
        self._roots = {name: LocalRoot(name, AESGCM(key)) for name, key in found.keys.items()}
        self._current, self._signature = found.current, signature


def ensure_roots(path: Path) -> None:
    """Make the file with a first key when there is none, then check that it can be used; many may do so at once."""
    if not path.exists():
        made = _new_key()
        try:
            if not path.parent.is_dir():
                path.parent.mkdir(mode=0o700, parents=True)
            with suppress(FileExistsError):
                _write(path, RootFile(current=made[0], keys=dict([made])), replace=False)
        except OSError as error:
            raise RootFileError(
                f"The root key file {path} cannot be made ({error.strerror}). Set OMC_ROOT_KEY_FILE to a place "
                "that can be written, outside the data directory."
            ) from None
    read_roots(path)


def read_roots(path: Path) -> RootFile:
    """Return what the file holds; refuses one that others may read."""
    try:
        with path.open("rb") as file:
            _check_mode(path, os.fstat(file.fileno()).st_mode)
            text = file.read(MAX_FILE_BYTES)
    except FileNotFoundError:
        raise RootFileError(f"The root key file {path} is missing. Put it back: without it no key opens.") from None
    except OSError as error:
        raise RootFileError(f"The root key file {path} cannot be read ({error.strerror}).") from None
    try:
        value = json.loads(text)
        keys = {str(name): b64decode(key, validate=True) for name, key in value["keys"].items()}
        found = RootFile(current=str(value["current"]), keys=keys)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RootFileError(f"The root key file {path} is damaged. Put back a copy of it.") from None
    if found.current not in keys or any(len(key) != KEY_BYTES for key in keys.values()):
        raise RootFileError(f"The root key file {path} is damaged. Put back a copy of it.")
    return found


def add_root(path: Path) -> str:
    """Make a new key and let it be the current one; the others stay. Returns its id."""
    with _changing(path):
        found = read_roots(path)
        name, key = _new_key()
        _write(path, RootFile(current=name, keys={**found.keys, name: key}), replace=True)
        return name


def drop_roots(path: Path, *, still_used: frozenset[str]) -> list[str]:
    """Forget every key that nothing is sealed under any more, never the current one; returns the ids dropped."""
    with _changing(path):
        found = read_roots(path)
        kept = {name: key for name, key in found.keys.items() if name in still_used or name == found.current}
        dropped = sorted(set(found.keys) - set(kept))
        if dropped:
            _write(path, RootFile(current=found.current, keys=kept), replace=True)
        return dropped


@contextmanager
def _changing(path: Path) -> Generator[None]:
    with FileLock(path.with_name(f"{path.name}.lock")) as lock:
        if not lock.take(timeout_s=LOCK_PATIENCE_S):
            raise RootFileError(f"Another command is changing {path}. Wait until it has ended.")
        yield


def _write(path: Path, content: RootFile, *, replace: bool) -> None:
    """Put a whole new file in the old one's place: after a crash there is one or the other, never half of either."""
    keys = {name: b64encode(key).decode() for name, key in content.keys.items()}
    text = json.dumps({"current": content.current, "keys": keys}, indent=2) + "\n"
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(ID_BYTES)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        if replace:
            fresh.replace(path)
        else:
            path.hardlink_to(fresh)
        _sync_directory(path.parent)
    finally:
        with suppress(FileNotFoundError):
            fresh.unlink()


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _signature(path: Path) -> _Signature:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size


def _check_mode(path: Path, mode: int) -> None:
    if stat.S_IMODE(mode) & 0o077:
        raise RootFileError(
            f"The root key file {path} may be read by others (mode {stat.S_IMODE(mode):04o}). Run: chmod 600 {path}"
        )


def _new_key() -> tuple[str, bytes]:
    return f"file-{secrets.token_hex(ID_BYTES)}", secrets.token_bytes(KEY_BYTES)
