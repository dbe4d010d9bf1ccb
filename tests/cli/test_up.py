"""`omc up` as a whole: real processes, killed for real."""

import os
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from omc.cli.database import Place
from omc.cli.up import House as UpHouse
from omc.cli.up import _insist
from omc.kit.process import process_state, wait_until
from tests.cli.commands import environment, free_port, json_of, omc

PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Where an `omc up` lives."""

    env: dict[str, str]
    data_dir: Path
    port: int

    def answers(self) -> bool:
        """Whether the page is served and ready."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def await_ready(self) -> None:
        """Wait until the page is ready."""
        assert wait_until(self.answers, timeout_s=PATIENCE_S), self.logs()

    def logs(self) -> str:
        """The ends of all logs, for whoever reads a failure."""
        files = sorted(self.data_dir.rglob("*.log"))
        return "\n".join(f"--- {file.name}\n{file.read_text()[-2000:]}" for file in files)

    def processes(self, word: str) -> list[int]:
        """Living processes of this house whose command line has a word: found by the variable that names its data."""
        mark = f"OMC_DATA_DIR={self.data_dir}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or process_state(int(entry.name)) is None:
                continue
            try:
                if mark in (entry / "environ").read_bytes() and word in (entry / "cmdline").read_text().split("\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def server_pid(self) -> int:
        """The database's process as its own file says; 0 while there is no such file."""
        try:
            return int((self.data_dir / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError):
            return 0


@pytest.fixture
def house(tmp_path: Path) -> House:
    data_dir, port = tmp_path / "data", free_port()
    return House(env=environment(data_dir, port=str(port)), data_dir=data_dir, port=port)


@contextmanager
def up(house: House) -> Generator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "omc.cli", "up"]
    with subprocess.Popen(command, env=house.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()
            assert wait_until(lambda: not house.processes("omc.cli"), timeout_s=PATIENCE_S)


def replaced(house: House, word: str, killed: int) -> bool:
    return bool(set(house.processes(word)) - {killed})


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
def test_up_survives_the_death_of_each_part_and_stops_cleanly(house: House) -> None:
    with up(house) as process:
        house.await_ready()
        for word in ("serve", "work"):
            assert wait_until(lambda word=word: len(house.processes(word)) == 1, timeout_s=PATIENCE_S)
            (part,) = house.processes(word)
            os.kill(part, signal.SIGKILL)
            assert wait_until(lambda word=word, part=part: replaced(house, word, part), timeout_s=PATIENCE_S)
        house.await_ready()
        server = house.server_pid()
        os.kill(server, signal.SIGKILL)
        assert wait_until(lambda: house.server_pid() not in {server, 0}, timeout_s=PATIENCE_S), house.logs()
        house.await_ready()
        assert process_state(server) is None
        second = omc("up", env=house.env)
        assert second.returncode == 3
        assert "already runs" in second.stderr
        assert f"http://localhost:{house.port}" in second.stderr
        process.send_signal(signal.SIGINT)
        shown, progress = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, progress
        assert len(re.findall(rf"http://localhost:{house.port}/link#\S+", shown)) == 1
    assert not house.processes("omc.cli")
    assert not (house.data_dir / "postgres" / "data" / "postmaster.pid").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
def test_killed_outright_it_leaves_no_child_and_the_next_start_has_everything(house: House) -> None:
    with up(house) as process:
        house.await_ready()
        process.kill()
        process.wait()
        assert wait_until(lambda: not house.processes("omc.cli"), timeout_s=PATIENCE_S)
        with up(house) as again:
            house.await_ready()
            series = json_of(omc("data", "list", "--json", env=house.env))["items"]
            assert isinstance(series, list)
            assert len(series) == 3
            again.send_signal(signal.SIGTERM)
            assert again.wait(timeout=PATIENCE_S) == 0


def test_a_database_that_goes_away_during_the_start_delays_it_and_breaks_nothing() -> None:
    outages = [psycopg.OperationalError("gone"), psycopg.OperationalError("starting up")]

    def step() -> str:
        if outages:
            raise outages.pop()
        return "done"

    place = Place(app_url="postgresql://nobody@127.0.0.1:1/nowhere", owner_url=None)
    assert _insist(UpHouse(place=place), threading.Event(), step) == "done"


def test_a_port_in_use_is_named(house: House) -> None:
    taken = environment(house.data_dir, port=str(house.port), database_url="postgresql://x@127.0.0.1:1/x")
    holder = subprocess.Popen(
        [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(house.port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with holder:
        assert wait_until(lambda: _accepts(house.port), timeout_s=PATIENCE_S)
        done = omc("up", env=taken)
        holder.kill()
    assert done.returncode == 3
    assert f"Another program uses port {house.port}" in done.stderr
    assert "OMC_PORT" in done.stderr


def _accepts(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
