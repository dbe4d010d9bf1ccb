"""The embedded server, with real servers, real kills and real files."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from omc.kit.postgres import EmbeddedPostgres
from omc.kit.postgres_install import PostgresError, database_account, initialise
from omc.kit.process import process_state, wait_until

HOLDER = """
import sys, time
from pathlib import Path
from omc.kit.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), options={"fsync": "off"})
server.adopt_or_start()
print("up", flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data directory that these tests share, because making one takes a second."""
    directory = tmp_path_factory.mktemp("home")
    yield directory
    server = EmbeddedPostgres(directory)
    server.adopt_or_start()
    server.stop()
    assert not server.is_running(), "a test left the server in use"


@contextmanager
def running(place: Path) -> Generator[EmbeddedPostgres]:
    server = EmbeddedPostgres(place, options={"fsync": "off"})
    server.adopt_or_start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def another_process(place: Path) -> Generator[subprocess.Popen[str]]:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(place)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    with holder:
        assert holder.stdout.readline() == "up\n"
        yield holder
        holder.kill()


def server_pid(place: Path) -> int:
    return int((place / "postgres" / "data" / "postmaster.pid").read_text().split()[0])


def ask(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()  # ty: ignore[no-matching-overload]
    assert row is not None
    return row[0]


def run_sql(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)  # ty: ignore[no-matching-overload]


def test_the_app_role_owns_nothing_and_cannot_pass_row_security(place: Path) -> None:
    with running(place) as server:
        power = (
            "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
        )
        assert ask(server.urls().app, power) is False
        assert ask(server.urls().owner, power) is False
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            run_sql(server.urls().app, "CREATE TABLE mine (a int)")


def test_a_wrong_password_is_refused_even_to_the_same_user_of_this_machine(place: Path) -> None:
    with running(place) as server:
        password = json.loads((place / "postgres" / "passwords.json").read_text())["postgres"]
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(server.urls().superuser.replace(password, "wrong"))


def test_nobody_else_may_look_into_its_directories(place: Path) -> None:
    with running(place):
        for name in ("", "data", "run"):
            assert stat.S_IMODE((place / "postgres" / name).stat().st_mode) == 0o700
        assert stat.S_IMODE((place / "postgres" / "passwords.json").stat().st_mode) == 0o600


def test_its_urls_do_not_print(place: Path) -> None:
    with running(place) as server:
        assert "postgresql" not in repr(server.urls())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another user")
def test_started_by_root_it_runs_as_a_user_without_login_even_below_a_closed_home(place: Path) -> None:
    place.parent.chmod(0o700)
    with running(place):
        assert Path(f"/proc/{server_pid(place)}").stat().st_uid == database_account().uid != 0


def test_the_last_user_to_leave_stops_it(place: Path) -> None:
    first, second = EmbeddedPostgres(place), EmbeddedPostgres(place)
    first.adopt_or_start()
    second.adopt_or_start()
    first.stop()
    assert second.is_running()
    second.stop()
    assert not second.is_running()
    second.stop()


def test_starting_where_one_runs_is_refused(place: Path) -> None:
    with running(place), pytest.raises(PostgresError, match="already runs"):
        EmbeddedPostgres(place).start()


def test_a_server_that_outlived_its_killed_supervisor_is_adopted_and_then_stopped(place: Path) -> None:
    with another_process(place) as holder:
        with running(place) as server:
            run_sql(server.urls().owner, "CREATE TABLE kept AS SELECT 7 AS a")
        pid = server_pid(place)
        holder.kill()
        holder.wait()
    with running(place) as server:
        assert server_pid(place) == pid
        assert ask(server.urls().owner, "SELECT a FROM kept") == 7
        run_sql(server.urls().owner, "DROP TABLE kept")


def test_users_in_two_processes_share_one_server(place: Path) -> None:
    with another_process(place), running(place) as server:
        server.stop()
        assert server.is_running()


def test_many_starts_at_once_make_one_server(tmp_path: Path) -> None:
    servers = [EmbeddedPostgres(tmp_path, options={"fsync": "off"}) for _ in range(4)]
    with ThreadPoolExecutor(max_workers=4) as pool:
        urls = {pool.submit(server.adopt_or_start) for server in servers}
        assert len({one.result().app for one in urls}) == 1
    for server in servers:
        server.stop()
    assert not servers[0].is_running()


def test_killed_it_comes_back_with_every_committed_row(place: Path) -> None:
    with running(place) as server:
        run_sql(server.urls().owner, "CREATE TABLE rows AS SELECT generate_series(1, 1000) AS a")
        # Nobody reaps it before we look again: a zombie keeps its number and still is no server.
        os.kill(server_pid(place), signal.SIGKILL)
        assert wait_until(server.ensure, timeout_s=20)
        assert not server.ensure()
        assert ask(server.urls().owner, "SELECT count(*) FROM rows") == 1000
        run_sql(server.urls().owner, "DROP TABLE rows")


def test_a_zombie_is_not_taken_for_a_server_by_another_user_of_the_directory(place: Path) -> None:
    with running(place):
        pid = server_pid(place)
        os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: process_state(pid) is None, timeout_s=20)
        os.kill(pid, 0)  # the number is still taken: nobody has reaped it
        with running(place):
            assert server_pid(place) != pid


def test_a_stranger_that_got_the_old_number_is_not_taken_for_the_server(place: Path) -> None:
    with running(place):
        pid_file = (place / "postgres" / "data" / "postmaster.pid").read_text().splitlines()
        os.kill(int(pid_file[0]), signal.SIGKILL)
    stale = place / "postgres" / "data" / "postmaster.pid"
    stale.write_text("\n".join([str(os.getpid()), *pid_file[1:]]))
    with running(place):
        assert server_pid(place) != os.getpid()


def test_a_path_too_long_for_a_socket_gets_a_loopback_port(tmp_path: Path) -> None:
    with running(tmp_path / ("long" * 30)) as server:
        assert "@127.0.0.1:" in server.urls().app
        assert ask(server.urls().app, "SELECT current_user") == "omc_app"


def test_lost_passwords_are_explained_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "data").mkdir(parents=True)
    with pytest.raises(PostgresError, match=r"passwords\.json is missing"):
        EmbeddedPostgres(tmp_path).adopt_or_start()
    assert not (tmp_path / "postgres" / "passwords.json").exists()


def test_a_failed_creation_leaves_nothing_half_made(tmp_path: Path) -> None:
    with pytest.raises(PostgresError, match="could not make"):
        initialise(tmp_path / "data", binaries=tmp_path / "missing", password="x", account=database_account())
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 200 MB that a test can fill; only root may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", disk], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("only a user that may mount can try a full disk")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def test_a_full_disk_is_named_and_nothing_is_lost_once_there_is_room_again(small_disk: Path) -> None:
    filler = small_disk / "filler"
    with running(small_disk) as server:
        run_sql(server.urls().owner, "CREATE TABLE kept AS SELECT 7 AS a")
    free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free)
    with pytest.raises(PostgresError, match=r"disk that holds .* is full"):
        EmbeddedPostgres(small_disk).adopt_or_start()
    filler.unlink()
    with running(small_disk) as server:
        assert ask(server.urls().owner, "SELECT a FROM kept") == 7
