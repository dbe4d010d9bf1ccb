"""Commands: what they load, what they refuse, and what their exit code means."""

import subprocess
import sys
from pathlib import Path

import pytest

from omc.cli import COMMANDS, run
from tests.cli.commands import environment, json_of, omc

HEAVY = ("sqlalchemy", "psycopg", "fastapi", "pydantic", "numpy", "polars", "pydantic_ai", "procrastinate", "alembic")


def test_help_lists_every_command_and_loads_none(tmp_path: Path) -> None:
    asked = f"import sys; from omc.cli import run; run(['--help']); print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", asked], env=environment(tmp_path), capture_output=True, text=True, check=True
    )
    *shown, loaded = done.stdout.splitlines()
    assert loaded == "[]"
    for row in COMMANDS:
        assert any(line.split()[:1] == [row.name] and row.help in line for line in shown)


@pytest.mark.parametrize("name", [row.name for row in COMMANDS])
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0
    assert f"Usage: omc {name}" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["nonsense"], ["data", "import"], ["research"], ["serve", "--nonsense"]])
def test_a_wrong_call_ends_with_2_and_says_how_to_call(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    assert "Usage:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"nonsense": "1"}, "Unknown setting OMC_NONSENSE"),
        ({"port": "many"}, "port"),
        ({"database_url": "postgresql://nobody@127.0.0.1:1/none"}, "OMC_DATABASE_URL does not answer"),
    ],
)
def test_an_installation_that_cannot_work_ends_with_3_and_one_clear_line(
    settings: dict[str, str], said: str, tmp_path: Path
) -> None:
    done = omc("data", "list", env=environment(tmp_path, **settings))
    assert done.returncode == 3
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_data_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = omc("data", "list", env=environment(tmp_path / "file" / "inside"))
    assert done.returncode == 3
    assert "Set OMC_DATA_DIR" in done.stderr


def test_the_doctor_names_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    done = omc("doctor", "--json", env=environment(tmp_path, database_url="postgresql://nobody@127.0.0.1:1/none"))
    findings = json_of(done)["findings"]
    assert isinstance(findings, list)
    database = next(finding for finding in findings if finding["name"] == "database")
    assert done.returncode == 3
    assert database["verdict"] == "wrong"
    assert "does not answer" in database["text"]
