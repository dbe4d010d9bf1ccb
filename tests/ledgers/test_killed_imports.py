"""An import that is killed outright leaves nothing of the file behind, and the same file comes in whole afterwards."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import LiteralString

import httpx
import psycopg
import pytest

from omc.kit.postgres import ServerUrls
from omc.kit.process import wait_until
from tests.cli.commands import free_port, installation, json_of, omc
from tests.ledgers.builders import START

ROWS = 120_000
PATIENCE_S = 60.0
COPYING = "SELECT count(*) FROM pg_stat_progress_copy WHERE datname = current_database() AND tuples_processed > 20000"
STORING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' "
    "AND query LIKE '%INSERT INTO ledgers_bar%' AND pid <> pg_backend_pid()"
)
OPEN = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND (query LIKE '%ledgers_bar%' OR query LIKE '%ledgers_incoming%') AND state <> 'idle'"
)
LEFT = """
SELECT (SELECT count(*) FROM ledgers_series WHERE symbol = %(symbol)s),
  (SELECT count(*) FROM ledgers_bar JOIN ledgers_series ON id = series_id WHERE symbol = %(symbol)s),
  (SELECT count(*) FROM ledgers_import WHERE name = %(name)s),
  (SELECT count(*) FROM pg_class WHERE relname = 'ledgers_incoming')
"""


class Looker:
    """Looks at the whole database from outside, past row security."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)

    def saw(self, query: LiteralString) -> bool:
        """Whether a query counts anything now."""
        found = self._connection.execute(query).fetchone()
        return found is not None and found[0] > 0

    def left(self, symbol: str, name: str) -> tuple[int, ...]:
        """How many series, bars, imports and staging tables there are of a file, once nobody works on it."""
        assert wait_until(lambda: not self.saw(OPEN), timeout_s=PATIENCE_S)
        found = self._connection.execute(LEFT, {"symbol": symbol, "name": name}).fetchone()
        assert found is not None
        return tuple(found)

    def close(self) -> None:
        """Leave."""
        self._connection.close()


@pytest.fixture
def looker(own_database: ServerUrls) -> Generator[Looker]:
    looker = Looker(own_database.superuser)
    yield looker
    looker.close()


@pytest.fixture
def env(own_database: ServerUrls, tmp_path: Path) -> dict[str, str]:
    return installation(tmp_path / "home", own_database, port=str(free_port()), host="127.0.0.1")


@pytest.fixture(scope="module")
def minutes() -> str:
    """The rows of three months of minutes, without a header."""
    first = int(START.timestamp())
    return "\n".join(f"{first + 60 * number},10,11,9,{10 + number % 7 / 10},2.5" for number in range(ROWS))


def written(path: Path, minutes: str) -> Path:
    path.write_text(f"ts,open,high,low,close,volume\n{minutes}\n")
    return path


@pytest.mark.parametrize(("moment", "base"), [(COPYING, "KILLA"), (STORING, "KILLB")], ids=["staging", "storing"])
def test_a_killed_command_leaves_nothing_and_the_same_command_then_takes_the_file_in(
    looker: Looker, env: dict[str, str], tmp_path: Path, minutes: str, moment: LiteralString, base: str
) -> None:
    file = written(tmp_path / f"binance_{base}-USDT_1m.csv", minutes)
    command = [sys.executable, "-m", "omc.cli", "data", "import", str(file), "--json"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE) as process:
        assert wait_until(lambda: looker.saw(moment), timeout_s=PATIENCE_S)
        process.kill()
        shown, _ = process.communicate()
    assert (process.returncode, shown) == (-signal.SIGKILL, b"")
    assert looker.left(f"{base}/USDT", file.name) == (0, 0, 0, 0)
    done = json_of(omc("data", "import", str(file), "--json", env=env))
    assert (done["status"], done["rows_kept"], done["rows_quarantined"]) == ("kept", ROWS, 0)
    assert looker.left(f"{base}/USDT", file.name) == (1, ROWS, 1, 0)
    again = json_of(omc("data", "import", str(file), "--json", env=env))
    assert (again["status"], again["rows_kept"], again["rows_unchanged"]) == ("unchanged", 0, ROWS)


@contextmanager
def serving(env: dict[str, str]) -> Generator[tuple[httpx.Client, subprocess.Popen[bytes]]]:
    """Run `omc serve` and sign its owner in."""
    command = [sys.executable, "-m", "omc.cli", "serve"]
    with (
        subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{env['OMC_PORT']}", timeout=PATIENCE_S) as client,
    ):
        try:
            assert wait_until(lambda: ready(client), timeout_s=PATIENCE_S)
            proof = omc("link", env=env).stdout.strip().rpartition("#")[2]
            answer = client.post("/api/v1/identity/link", json={"token": proof})
            client.headers["x-omc-csrf"] = answer.json()["csrf"]
            yield client, process
        finally:
            process.kill()


def ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def upload(client: httpx.Client, file: Path) -> dict[str, object]:
    with file.open("rb") as content:
        answer = client.post("/api/v1/ledgers/imports", files={"file": (file.name, content)})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_server_killed_in_an_upload_leaves_nothing_and_the_next_one_takes_the_file_in(
    looker: Looker, env: dict[str, str], tmp_path: Path, minutes: str
) -> None:
    file = written(tmp_path / "binance_KILLC-USDT_1m.csv", minutes)
    uploads = Path(env["OMC_DATA_DIR"]) / "uploads"
    broken: list[httpx.TransportError] = []

    def send(client: httpx.Client) -> None:
        try:
            upload(client, file)
        except httpx.TransportError as error:
            broken.append(error)

    with serving(env) as (client, process):
        sending = threading.Thread(target=send, args=(client,), name="upload")
        sending.start()
        assert wait_until(lambda: looker.saw(COPYING), timeout_s=PATIENCE_S)
        process.kill()
        sending.join(PATIENCE_S)
    assert len(broken) == 1
    assert looker.left("KILLC/USDT", file.name) == (0, 0, 0, 0)
    (left,) = uploads.iterdir()
    long_ago = left.stat().st_mtime - timedelta(days=1).total_seconds()
    os.utime(left, (long_ago, long_ago))
    with serving(env) as (client, _):
        done = upload(client, file)
        assert (done["status"], done["rows_kept"]) == ("kept", ROWS)
        assert upload(client, file)["status"] == "unchanged"
    assert looker.left("KILLC/USDT", file.name) == (1, ROWS, 1, 0)
    assert list(uploads.iterdir()) == []
