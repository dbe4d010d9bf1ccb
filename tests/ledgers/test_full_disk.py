"""A disk that really fills up during an import: a sentence says so, nothing is half-stored, room is all it takes."""

import os
import subprocess
import tempfile
from collections.abc import AsyncIterator, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg.sql import SQL, Identifier, Literal
from sqlalchemy.engine import make_url

from omc.kit.db import Database
from omc.kit.ids import new_id
from omc.kit.postgres import EmbeddedPostgres
from omc.kit.postgres_install import database_account
from omc.kit.process import wait_until
from tests.cli.commands import environment, omc
from tests.ledgers.builders import START
from tests.serving import Served, serving, signed_in

MB = 1_000_000
ROWS = 100_000
INSTALLATION_MB = 260
TABLESPACE_MB = 60
NO_ROOM_TO_STAGE_MB, NO_ROOM_TO_STORE_MB = 4, 24
PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Disk:
    """A small file system of its own."""

    path: Path

    def fill(self, *, leave_mb: int) -> None:
        """Take all but some of the free room."""
        free = os.statvfs(self.path)
        with self._ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - leave_mb * MB)

    def make_room(self) -> None:
        """Give the room back."""
        self._ballast.unlink()

    @property
    def _ballast(self) -> Path:
        return self.path / "ballast"


@contextmanager
def mounted(*, size_mb: int) -> Generator[Disk]:
    """Mount a file system of a few megabytes; skips where that is not allowed."""
    path = Path(tempfile.mkdtemp(prefix="omc-disk-"))
    command = ["mount", "-t", "tmpfs", "-o", f"size={size_mb * MB},mode=755", "tmpfs", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("no mount command on this machine")
    if done.returncode:
        path.rmdir()
        pytest.skip(f"this user may not mount a small disk: {done.stderr.strip()}")
    try:
        yield Disk(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)
        path.rmdir()


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of two months of minutes."""
    first = int(START.timestamp())
    lines = "\n".join(f"{first + 60 * number},10,11,9,10.5,2.5" for number in range(ROWS))
    path = tmp_path_factory.mktemp("candles") / "binance_FULL-USDT_1m.csv"
    path.write_text(f"ts,open,high,low,close,volume\n{lines}\n")
    return path


@pytest.fixture
def small_home() -> Generator[tuple[Disk, dict[str, str]]]:
    """An installation on a small disk with its database running, as under `omc up`."""
    with mounted(size_mb=INSTALLATION_MB) as disk:
        env = environment(disk.path / "home")
        server = EmbeddedPostgres(disk.path / "home")
        (disk.path / "home").mkdir(mode=0o700)
        server.adopt_or_start()
        try:
            assert omc("data", "list", env=env).returncode == 0
            yield disk, env
        finally:
            server.stop()


def test_a_command_on_a_full_disk_says_so_and_succeeds_once_there_is_room(
    small_home: tuple[Disk, dict[str, str]], candles: Path
) -> None:
    disk, env = small_home
    for leave_mb in (NO_ROOM_TO_STAGE_MB, NO_ROOM_TO_STORE_MB):
        disk.fill(leave_mb=leave_mb)
        done = omc("data", "import", str(candles), env=env)
        said = done.stdout + done.stderr
        assert done.returncode in {1, 3}, said
        assert "disk is full" in said
        assert "ree some space" in said
        assert "Traceback" not in said
        disk.make_room()
    # Without room for its own journal the server goes down and comes back by itself.
    assert wait_until(lambda: "There are no candles yet" in omc("data", "list", env=env).stdout, timeout_s=PATIENCE_S)
    again = omc("data", "import", str(candles), env=env)
    assert again.returncode == 0, again.stderr
    assert f"kept; {ROWS} rows kept, 0 left out" in again.stdout


@pytest.fixture
def small_database(superuser_url: str) -> Generator[tuple[Disk, str]]:
    """A database whose tables lie on a small disk, and its owner's name for it."""
    name = f"small_{new_id().hex}"
    with (
        mounted(size_mb=TABLESPACE_MB) as disk,
        closing(psycopg.connect(superuser_url, autocommit=True)) as connection,
    ):
        place = disk.path / "tables"
        place.mkdir()
        account = database_account()
        os.chown(place, account.uid, account.gid)
        connection.execute(SQL("CREATE TABLESPACE {} LOCATION {}").format(Identifier(name), Literal(str(place))))
        create = SQL("CREATE DATABASE {0} TEMPLATE omc_template TABLESPACE {0} OWNER omc_owner")
        connection.execute(create.format(Identifier(name)))
        try:
            yield disk, name
        finally:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))
            connection.execute(SQL("DROP TABLESPACE {}").format(Identifier(name)))


@pytest.fixture
async def small_server(
    small_database: tuple[Disk, str], app_url: str
) -> AsyncIterator[tuple[Disk, httpx.AsyncClient, Served]]:
    """The application with database and data directory on a small disk, and its owner signed in."""
    disk, name = small_database
    url = make_url(app_url).set(database=name).render_as_string(hide_password=False)
    (disk.path / "home").mkdir()
    database = Database(url)
    with serving(url, disk.path / "home") as served:
        async with signed_in(served, database) as client:
            yield disk, client, served
    await database.close()


@pytest.mark.parametrize("leave_mb", [1, 8, 20], ids=["spooling", "staging", "storing"])
async def test_an_upload_to_a_full_disk_says_so_and_succeeds_once_there_is_room(
    small_server: tuple[Disk, httpx.AsyncClient, Served], candles: Path, leave_mb: int
) -> None:
    disk, client, served = small_server
    disk.fill(leave_mb=leave_mb)
    answer = await upload(client, candles)
    assert (answer.status_code, answer.json()["code"]) == (507, "disk_full"), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "disk" in answer.json()["detail"]
    assert "ree some space" in answer.json()["detail"]
    assert (await client.get("/api/v1/ledgers/series")).json()["items"] == []
    assert (await client.get("/api/v1/ledgers/imports")).json()["items"] == []
    assert list((served.data_dir / "uploads").iterdir()) == []
    disk.make_room()
    done = (await upload(client, candles)).json()
    assert (done["status"], done["rows_kept"], done["series"][0]["bars"]) == ("kept", ROWS, ROWS)


async def upload(client: httpx.AsyncClient, file: Path) -> httpx.Response:
    """Send a file as the page does."""
    content = file.read_bytes()
    return await client.post("/api/v1/ledgers/imports", files={"file": (file.name, content)})
