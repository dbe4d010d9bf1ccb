"""Running the real `omc` command in tests: its own process, its own environment.

Half of what a short command costs is imports. So each is forked from a process that has made them already.
"""

import json
import multiprocessing
import os
import socket
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess

from omc.cli import main
from omc.kit.postgres import ServerUrls

TIMEOUT_S = 120

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.cli.warm"])


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """The variables of a command: ours, without any OMC setting of the machine that runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OMC_")}
    return {**kept, "OMC_DATA_DIR": str(data_dir), **{f"OMC_{name.upper()}": text for name, text in settings.items()}}


def installation(data_dir: Path, database: ServerUrls, **settings: str) -> dict[str, str]:
    """The variables of a command on a database of the tests' server."""
    return environment(data_dir, database_url=database.app, database_owner_url=database.owner, **settings)


def omc(*arguments: str, env: Mapping[str, str], given: str = "") -> CompletedProcess[str]:
    """Run one command to its end; `given` is what it reads from its standard input."""
    with tempfile.TemporaryDirectory() as place:
        read, said, complained = (Path(place) / name for name in ("read", "said", "complained"))
        read.write_text(given)
        process = _FORKS.Process(target=_command, args=(arguments, dict(env), (read, said, complained)))
        process.start()
        process.join(TIMEOUT_S)
        process.kill()
        assert process.exitcode is not None, f"still running after {TIMEOUT_S} s: {arguments}"
        return CompletedProcess(arguments, process.exitcode, said.read_text(), complained.read_text())


def _command(arguments: Sequence[str], env: Mapping[str, str], streams: Sequence[Path]) -> None:
    os.environ.clear()
    os.environ.update(env)
    for number, path in enumerate(streams):
        opened = os.open(path, os.O_RDWR | os.O_CREAT)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, closefd=False)
    main(arguments)


def json_of(done: CompletedProcess[str]) -> dict[str, object]:
    """The JSON object that a command printed last."""
    answered = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(answered, dict)
    return answered


def free_port() -> int:
    """A port that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
