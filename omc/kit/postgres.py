"""The embedded PostgreSQL: one real server per data directory, started, adopted, watched and stopped by us."""

import json
import os
import secrets
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from omc.kit.postgres_install import (
    SUPERUSER,
    Account,
    PostgresError,
    check_room,
    database_account,
    disk_full_text,
    find_binaries,
    initialise,
    reachable,
    spawn,
)
from omc.kit.process import FileLock, process_state, wait_until, working_directory_is

DATABASE = "omc"
OWNER_ROLE = "omc_owner"
APP_ROLE = "omc_app"
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0
# The kernel allows 104 to 108 bytes for a socket's path; a longer one falls back to a loopback port.
SOCKET_PATH_LIMIT = 100
SOCKET_PORT = 5432
LOG_LIMIT_BYTES = 16 * 1024 * 1024

# A server may outlive the object that started it, when others use it; kept here, it is reaped and not reported as lost.
_STARTED: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerUrls:
    """Addresses of one database for the three roles; they carry passwords, so they never print."""

    superuser: str = field(repr=False)
    owner: str = field(repr=False)
    app: str = field(repr=False)


class EmbeddedPostgres:
    """The server of one data directory. Many processes may use it at once; the last one to leave stops it."""

    def __init__(
        self,
        data_dir: Path,
        *,
        options: Mapping[str, str] | None = None,
        say: Callable[[str], None] = lambda _text: None,
    ) -> None:
        """Name the place; nothing is touched before `start` or `adopt_or_start`. Options are server settings."""
        self._home = data_dir.resolve() / "postgres"
        self._data = self._home / "data"
        self._run = self._home / "run"
        self._log = self._home / "server.log"
        self._options = {"max_connections": "200", **(options or {})}
        self._say = say
        self._child: subprocess.Popen[bytes] | None = None
        self._users = FileLock(self._home / "users.lock")
        self._passwords: dict[str, str] = {}

    def start(self) -> ServerUrls:
        """Start a server where none runs; refuse when one does."""
        with self._changing():
            if self._server_pid() is not None:
                raise PostgresError("already_running", f"A PostgreSQL already runs on {self._home}.")
            return self._up()

    def adopt_or_start(self) -> ServerUrls:
        """Use the running server if there is one, and start one if not: the usual way in."""
        with self._changing():
            return self._up()

    def ensure(self) -> bool:
        """Bring a dead server back; True when it was dead. Call it from a loop to supervise."""
        if self._child is not None:
            self._child.poll()
        if self._server_pid() is not None:
            return False
        with self._changing():
            self._up()
        return True

    def is_running(self) -> bool:
        """Whether a server lives on this directory, ours or another process's."""
        return self._server_pid() is not None

    def stop(self) -> None:
        """Leave the server; stop it when nobody else uses it. Harmless when nothing runs."""
        if not self._home.exists():
            return
        with self._changing():
            if self._users.take():
                self._shut_down()
            self._users.release()

    def urls(self, database: str = DATABASE) -> ServerUrls:
        """Addresses for a database on this server."""
        return ServerUrls(
            superuser=self._url(SUPERUSER, database),
            owner=self._url(OWNER_ROLE, database),
            app=self._url(APP_ROLE, database),
        )

    def _changing(self) -> FileLock:
        """One process at a time starts or stops the server."""
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(self._home / "change.lock")
        if not lock.take(timeout_s=START_TIMEOUT_S):
            raise PostgresError(
                "busy", f"Another process has been starting or stopping the database in {self._home} for a minute."
            )
        return lock

    def _up(self) -> ServerUrls:
        self._passwords = self._load_passwords()
        account = database_account()
        if self._server_pid() is None:
            self._prepare(account)
            self._launch(account)
        self._await_answer()
        self._users.take(shared=True, timeout_s=STOP_TIMEOUT_S)
        _create_roles(self._url, self._passwords)
        return self.urls()

    def _load_passwords(self) -> dict[str, str]:
        path = self._home / "passwords.json"
        with suppress(FileNotFoundError):
            return dict(json.loads(path.read_text(encoding="utf-8")))
        if self._data.exists():
            raise PostgresError(
                "passwords_missing",
                f"{path} is missing, so the database in {self._data} cannot be opened. Put it back from a backup.",
            )
        fresh = {role: secrets.token_urlsafe(32) for role in (SUPERUSER, OWNER_ROLE, APP_ROLE)}
        partial = path.with_suffix(".new")
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(fresh), encoding="utf-8")
        partial.replace(path)
        return fresh

    def _prepare(self, account: Account) -> None:
        self._run.mkdir(mode=0o700, exist_ok=True)
        os.chown(self._run, account.uid, account.gid)
        if not self._data.exists():
            self._say("Creating the database")
            password = self._passwords[SUPERUSER]
            initialise(self._data, binaries=find_binaries(account), password=password, account=account)
        if self._data.stat().st_uid != account.uid:
            raise PostgresError(
                "other_owner",
                f"{self._data} belongs to user {self._data.stat().st_uid}, but the server would run as {account.uid}. "
                "Start OMC as the user that created the data, or choose another OMC_DATA_DIR.",
            )
        check_room(self._data)
        self._clear_stale_locks()

    def _launch(self, account: Account) -> None:
        self._say("Starting the database")
        if self._log.exists() and self._log.stat().st_size > LOG_LIMIT_BYTES:
            self._log.replace(self._log.with_suffix(".log.old"))
        binaries = find_binaries(account)
        places = {"data": self._data, "run": self._run}
        with reachable(places, account) as (names, kept), self._log.open("ab") as log:
            command = [str(binaries / "postgres"), "-D", names["data"]]
            for name, value in (*self._options.items(), *self._address_options(names["run"])):
                command += ["-c", f"{name}={value}"]
            self._child = spawn(command, account, keep=kept, output=log.fileno())
        _STARTED[:] = [process for process in _STARTED if process.poll() is None] + [self._child]

    def _address_options(self, run_name: str) -> list[tuple[str, str]]:
        if self._uses_socket():
            place = [("unix_socket_directories", run_name), ("port", str(SOCKET_PORT))]
            return [("listen_addresses", ""), ("unix_socket_permissions", "0700"), *place]
        port = self._free_port()
        return [("listen_addresses", "127.0.0.1"), ("unix_socket_directories", ""), ("port", str(port))]

    def _free_port(self) -> int:
        """The port of the last start where it is free: whoever has the address of a server that died finds it again."""
        remembered = self._home / "port"
        last = int(remembered.read_text(encoding="utf-8")) if remembered.exists() else 0
        for wanted in (last, 0):
            with suppress(OSError), socket.create_server(("127.0.0.1", wanted)) as free:
                port = int(free.getsockname()[1])
                remembered.write_text(str(port), encoding="utf-8")
                return port
        raise PostgresError("no_port", "No loopback port is free for the database. End other programs and start again.")

    def _uses_socket(self) -> bool:
        return len(str(self._run / f".s.PGSQL.{SOCKET_PORT}").encode()) <= SOCKET_PATH_LIMIT

    def _url(self, role: str, database: str) -> str:
        password = quote(self._passwords[role], safe="")
        if self._uses_socket():
            host = quote(str(self._run), safe="")
            return f"postgresql://{role}:{password}@/{database}?host={host}&port={SOCKET_PORT}"
        lines = self._pid_file_lines()
        port = lines[3] if len(lines) > 3 else "0"
        return f"postgresql://{role}:{password}@127.0.0.1:{port}/{database}"

    def _await_answer(self) -> None:
        """Wait until the server takes our password: a probe that no zombie and no stranger's process can pass."""
        log_start = self._log.stat().st_size if self._log.exists() else 0
        if not wait_until(lambda: self._answers(log_start), timeout_s=START_TIMEOUT_S):
            raise PostgresError(
                "no_answer",
                f"PostgreSQL in {self._home} did not answer for {START_TIMEOUT_S:.0f} s. Its log: {self._log}.",
            )

    def _answers(self, log_start: int) -> bool:
        try:
            psycopg.connect(self._url(SUPERUSER, "postgres"), connect_timeout=3).close()
        except psycopg.OperationalError as error:
            if "authentication failed" in str(error):
                raise PostgresError(
                    "wrong_password", f"The server in {self._home} refuses the passwords in {self._home}."
                ) from None
        else:
            return True
        if self._child is not None and self._child.poll() is not None:
            raise self._diagnosis(log_start)
        return False

    def _diagnosis(self, log_start: int) -> PostgresError:
        """Turn the server's last words into a text that says what to do."""
        said = self._log.read_bytes()[min(log_start, self._log.stat().st_size) :].decode(errors="replace")
        if not said:
            said = self._log.read_bytes()[-2000:].decode(errors="replace")
        if "No space left on device" in said:
            return PostgresError("disk_full", disk_full_text(self._home))
        if "Address already in use" in said or "could not bind" in said:
            return PostgresError("port_taken", "The database's address is already in use. Start again.")
        if "database files are incompatible" in said:
            return PostgresError(
                "other_version",
                f"{self._data} was made by another PostgreSQL version. Use the OMC release it came from.",
            )
        return PostgresError("did_not_start", f"PostgreSQL did not start. {self._log} ends: {said[-600:].strip()}")

    def _pid_file_lines(self) -> list[str]:
        try:
            return (self._data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except (FileNotFoundError, PermissionError):
            return []

    def _server_pid(self) -> int | None:
        """The living server's process id; a zombie or a stranger that got the old number does not count."""
        lines = self._pid_file_lines()
        if not lines or not lines[0].lstrip("-").isdigit():
            return None
        state = process_state(abs(int(lines[0])))
        if state is None or not state.program.startswith("postgres"):
            return None
        return None if working_directory_is(state.pid, self._data) is False else state.pid

    def _clear_stale_locks(self) -> None:
        """Remove a dead server's lock files, which would stop a new one when a zombie or a stranger has its number.

        PostgreSQL's own guard against leftover backends reads the shared memory's id from that file, so we first wait
        until nobody is attached to it.
        """
        lines = self._pid_file_lines()
        if not lines:
            return
        shared_memory = lines[6].split() if len(lines) > 6 else []
        if shared_memory and not wait_until(lambda: _attached(shared_memory[-1]) == 0, timeout_s=START_TIMEOUT_S):
            raise PostgresError("leftovers", f"Processes of a killed server still work in {self._data}. End them.")
        for leftover in (self._data / "postmaster.pid", *self._run.glob(".s.PGSQL.*")):
            leftover.unlink(missing_ok=True)

    def _shut_down(self) -> None:
        pid = self._server_pid()
        if pid is None:
            return
        for how, patience_s in ((signal.SIGINT, STOP_TIMEOUT_S), (signal.SIGQUIT, STOP_TIMEOUT_S)):
            with suppress(ProcessLookupError):
                os.kill(pid, how)
            if wait_until(lambda: self._is_gone(pid), timeout_s=patience_s):
                return
        raise PostgresError("did_not_stop", f"PostgreSQL (process {pid}) does not stop.")

    def _is_gone(self, pid: int) -> bool:
        if self._child is not None and self._child.pid == pid and self._child.poll() is not None:
            self._child = None
            return True
        return process_state(pid) is None


def _attached(shared_memory_id: str) -> int:
    """Count processes attached to a System V segment; 0 when it is gone or this system has no such list."""
    with suppress(OSError):
        for line in Path("/proc/sysvipc/shm").read_text(encoding="utf-8").splitlines()[1:]:
            columns = line.split()
            if columns[1] == shared_memory_id:
                return int(columns[6])
    return 0


def _create_roles(url: Callable[[str, str], str], passwords: Mapping[str, str]) -> None:
    """Make the two roles and the database where they are missing: omc_owner owns, omc_app may only use."""
    with psycopg.connect(url(SUPERUSER, "postgres"), autocommit=True) as connection:
        known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        for role in (OWNER_ROLE, APP_ROLE):
            if role not in known:
                # The server only ever sees the SCRAM verifier, so no log can hold the password.
                verifier = connection.pgconn.encrypt_password(
                    passwords[role].encode(), role.encode(), b"scram-sha-256"
                ).decode()
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD {}").format(
                        sql.Identifier(role), sql.Literal(verifier)
                    )
                )
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone():
            name, owner = sql.Identifier(DATABASE), sql.Identifier(OWNER_ROLE)
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, owner))
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
            app = sql.Identifier(APP_ROLE)  # imports are staged in temporary tables
            connection.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(name, app))
