"""`omc models` and `omc vault` as processes of their own: the key comes by a pipe and shows nowhere."""

from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess

import psycopg
import pytest

from omc.kit.postgres import ServerUrls
from tests.cli.commands import free_port, installation, json_of, omc
from tests.sims.models.fixture import KEY, ModelServer

WRONG_KEY = "sk-wrong-0123456789abcdefghij"


@pytest.fixture
def env(own_database: ServerUrls, tmp_path: Path) -> Mapping[str, str]:
    return installation(tmp_path / "data", own_database, port=str(free_port()))


def piped(*arguments: str, key: str, env: Mapping[str, str]) -> CompletedProcess[str]:
    """Run one command with a key on its standard input."""
    done = omc(*arguments, env=env, given=key)
    assert key.strip() not in done.stdout + done.stderr
    return done


@pytest.fixture
def stored(env: Mapping[str, str], model_server: ModelServer) -> Mapping[str, str]:
    done = piped(
        *("models", "add", "--provider", "openai-compatible", "--base-url", model_server.openai_url, "--name", "Sim"),
        *("--key-stdin", "--json", "--default"),
        key=f"{KEY}\n",
        env=env,
    )
    assert done.returncode == 0, done.stderr
    answer = json_of(done)
    credential = answer["credential"]
    assert isinstance(credential, dict)
    assert (credential["state"], credential["is_default"]) == ("working", True)
    return env


@pytest.mark.slow
def test_a_key_lives_its_life_from_a_terminal(stored: Mapping[str, str], model_server: ModelServer) -> None:
    listed = json_of(omc("models", "list", "--json", env=stored))["items"]
    assert isinstance(listed, list)
    assert [row["name"] for row in listed] == ["Sim"]
    assert omc("models", "test", "sim", env=stored).returncode == 0
    assert "Our server" in omc("models", "rename", "Sim", "Our server", env=stored).stdout
    refused = piped("models", "rotate", "Our server", "--key-stdin", key=WRONG_KEY, env=stored)
    assert (refused.returncode, "does not accept this key" in refused.stderr) == (1, True)
    assert piped("models", "rotate", "Our server", "--key-stdin", key=KEY, env=stored).returncode == 0
    model_server.fail("quota", times=20)
    failed = omc("models", "test", "Our server", env=stored)
    assert (failed.returncode, "no credit" in failed.stdout) == (1, True)
    assert "analyst" in omc("models", "default", "--none", env=stored).stdout
    unsure = omc("models", "remove", "Our server", env=stored)
    assert (unsure.returncode, "--yes" in unsure.stderr) == (1, True)
    assert omc("models", "remove", "Our server", "--yes", env=stored).returncode == 0
    assert "No key is stored yet" in omc("models", "list", env=stored).stdout


@pytest.mark.slow
def test_what_is_refused_says_what_to_do(env: Mapping[str, str]) -> None:
    base = ("models", "add", "--name", "X")
    said = piped(*base, "--provider", "openai", "--key-stdin", key="sk-ant-api03-0123456789abcdef0123", env=env)
    assert (said.returncode, "This looks like an Anthropic key." in said.stderr) == (1, True)
    said = omc(*base, "--provider", "openai", env=env)
    assert (said.returncode, "--key-stdin < key.txt" in said.stderr) == (1, True)
    said = omc(*base, "--provider", "openai", "--key", "sk-1", env=env)
    assert said.returncode == 2, "there is no such option: an argument is seen by every user of the machine"
    said = omc(*base, "--provider", "openai-compatible", "--base-url", "http://127.0.0.1:1025/v1", env=env)
    assert (said.returncode, "Nothing answers" in said.stderr) == (1, True)
    said = omc("models", "test", "nobody", env=env)
    assert (said.returncode, "There is: none yet" in said.stderr) == (1, True)


@pytest.mark.slow
def test_the_root_key_changes_and_a_lost_one_is_explained(
    stored: Mapping[str, str], tmp_path: Path, own_database: ServerUrls
) -> None:
    file = tmp_path / "data" / "root-key.json"
    changed = json_of(omc("vault", "rotate", "--json", env=stored))
    assert (changed["rewrapped"], changed["ok"]) == (1, True)
    assert json_of(omc("vault", "verify", "--json", env=stored))["opened"] == 1
    file.chmod(0o644)
    assert "chmod 600" in omc("models", "list", env=stored).stderr
    doctor = omc("doctor", env=stored)
    assert (doctor.returncode, "chmod 600" in doctor.stdout) == (3, True)
    file.chmod(0o600)
    assert "inside the data directory" in omc("doctor", env=stored).stdout
    file.unlink()
    for command in ("serve", "work", "up"):
        said = omc(command, env=stored)
        assert (said.returncode, "omc vault forget file-" in said.stderr) == (3, True), said.stderr
    broken = omc("vault", "verify", env=stored)
    assert (broken.returncode, "does not have" in broken.stdout) == (1, True)
    root_id = str(changed["root_id"])
    assert omc("vault", "forget", root_id, env=stored).returncode == 1
    assert "1 keys removed" in omc("vault", "forget", root_id, "--yes", env=stored).stdout
    assert omc("models", "list", env=stored).returncode == 0
    with psycopg.connect(own_database.owner) as connection:
        assert connection.execute("SELECT count(*) FROM vault_root").fetchone() == (0,)
