"""Running the real `omc` command in tests: its own process, its own environment."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from omc.kit.postgres import ServerUrls

TIMEOUT_S = 120


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """The variables of a command: ours, without any OMC setting of the machine that runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OMC_")}
    return {**kept, "OMC_DATA_DIR": str(data_dir), **{f"OMC_{name.upper()}": text for name, text in settings.items()}}


def installation(data_dir: Path, database: ServerUrls, **settings: str) -> dict[str, str]:
    """The variables of a command on a database of the tests' server."""
    return environment(data_dir, database_url=database.app, database_owner_url=database.owner, **settings)


def omc(*arguments: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    command = [sys.executable, "-m", "omc.cli", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)


def json_of(done: subprocess.CompletedProcess[str]) -> dict[str, object]:
    """The JSON object that a command printed last."""
    answered = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(answered, dict)
    return answered


def free_port() -> int:
    """A port that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
