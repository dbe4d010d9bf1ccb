"""A whole installation, and loud: `omc serve` and `omc work` at debug level, and every place where they leave bytes.

A place is called `kind: which`, so that a control can be sought in each kind.
"""

import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TypeAlias

import httpx
import psycopg
from psycopg.sql import SQL, Identifier

from omc.kit.postgres import ServerUrls
from omc.kit.postgres_install import database_account, find_binaries
from omc.kit.process import process_state, wait_until
from tests.cli.commands import free_port, installation

PATIENCE_S = 120.0
STOP_S = 30.0

Place: TypeAlias = tuple[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Where it lives, in which environment, and its two processes."""

    home: Path
    urls: ServerUrls
    env: Mapping[str, str]
    url: str
    page: subprocess.Popen[bytes]
    worker: subprocess.Popen[bytes]

    def files(self) -> Iterator[Place]:
        """Every file that its processes keep, have left behind, or wrote as their log."""
        for path in sorted(self.home.rglob("*")):
            if path.is_file():
                yield f"{path.relative_to(self.home).parts[0]}: {path.name}", path.read_bytes()

    def surroundings(self) -> Iterator[Place]:
        """What others on the machine, and children, see of its processes: environment and arguments."""
        for pid in _descendants({self.page.pid, self.worker.pid}):
            for name in ("environ", "cmdline"):
                yield f"surroundings: {name} of {pid}", _read(Path(f"/proc/{pid}/{name}"))

    def stored(self) -> Iterator[Place]:
        """Everything in the database, the queue's tables too: as a dump, as raw values, and as the server's files."""
        dump = find_binaries(database_account()) / "pg_dump"
        done = subprocess.run([dump, "--inserts", self.urls.superuser], capture_output=True, check=True)
        yield "dump: whole", done.stdout
        with psycopg.connect(self.urls.superuser, autocommit=True) as connection:
            for schema, table in connection.execute(_TABLES).fetchall():
                copy = SQL("COPY {} TO STDOUT (FORMAT binary)").format(Identifier(schema, table))
                with connection.cursor().copy(copy) as raw:
                    yield f"table: {schema}.{table}", b"".join(map(bytes, raw))
            yield "activity: now", "\n".join(map(str, chain(*connection.execute(_ACTIVITY).fetchall()))).encode()
            connection.execute("CHECKPOINT")
            ((pid, number),) = connection.execute(_HOME).fetchall()
            data = Path(f"/proc/{pid}/cwd").resolve()
        yield "server's log: whole", (data.parent / "server.log").read_bytes()
        for path in sorted((data / "base" / str(number)).iterdir()):
            yield f"database file: {path.name}", path.read_bytes()


_TABLES = (
    "SELECT relnamespace::regnamespace::text, relname FROM pg_class "
    "WHERE relkind = 'r' AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)'"
)
_ACTIVITY = "SELECT * FROM pg_stat_activity WHERE datname = current_database()"
_HOME = "SELECT pg_backend_pid(), oid FROM pg_database WHERE datname = current_database()"


@contextmanager
def installed(home: Path, urls: ServerUrls, **variables: str) -> Generator[Installation]:
    """Run the page and a worker until the block ends; `variables` stand in their environment besides."""
    port = free_port()
    settings = {"log_level": "debug", "log_format": "json", "port": str(port)}
    limits = {"key_changes_per_hour": "10000", "key_tests_per_hour": "10000"}
    env = installation(home / "data", urls, **settings, **limits)
    env |= {"TMPDIR": str(home / "temporary"), "PYTHONFAULTHANDLER": "1", **variables}
    for folder in ("data", "temporary", "logs"):
        (home / folder).mkdir()
    page, worker = (_spawned(command, env, home / "logs" / command) for command in ("serve", "work"))
    made = Installation(home=home, urls=urls, env=env, url=f"http://127.0.0.1:{port}", page=page, worker=worker)
    try:
        assert wait_until(lambda: _is_ready(made), timeout_s=PATIENCE_S), dict(made.files())
        yield made
    finally:
        for process in (page, worker):
            process.terminate()
        for process in (page, worker):
            _end(process)


def _spawned(command: str, env: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen([sys.executable, "-m", "omc.cli", command], env=env, stdout=output, stderr=output)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(STOP_S)
    finally:
        process.kill()


def _is_ready(made: Installation) -> bool:
    assert made.page.poll() is None, dict(made.files())
    assert made.worker.poll() is None, dict(made.files())
    if "worker.started" not in (made.home / "logs" / "work").read_text():
        return False
    try:
        return httpx.get(f"{made.url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def _descendants(found: set[int]) -> set[int]:
    """These processes that live, with their children's children."""
    parents = {int(path.parent.name): _parent(path) for path in Path("/proc").glob("[0-9]*/stat")}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found = found | more
    return {pid for pid in found if process_state(pid) is not None}


def _parent(stat: Path) -> int:
    fields = _read(stat).rpartition(b")")[2].split()
    return int(fields[1]) if fields else 0


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
