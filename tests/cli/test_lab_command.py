"""`omc lab` as processes of their own: a session is found, stopped, changed, forked and kept from a terminal."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from omc.kit.postgres import ServerUrls
from tests.cli.commands import free_port, installation, json_of, omc

GOAL = "What shall I ask?"


@pytest.fixture
def env(own_database: ServerUrls, tmp_path: Path) -> Mapping[str, str]:
    return installation(tmp_path / "data", own_database, port=str(free_port()))


@pytest.mark.slow
def test_a_session_lives_its_life_from_a_terminal(env: Mapping[str, str], tmp_path: Path) -> None:
    asked = omc("research", GOAL, "--json", env=env)
    assert (asked.returncode, bool(asked.stdout)) == (1, True), asked.stderr
    session = str(json.loads(asked.stdout.splitlines()[-1])["session"])
    listed = json_of(omc("lab", "list", "--json", env=env))["sessions"]
    assert isinstance(listed, list)
    assert [(one["id"], one["state"]) for one in listed] == [(session, "waiting")]
    assert "waiting" in omc("lab", "search", "SHALL", env=env).stdout
    assert omc("lab", "search", "nothing-of-it", env=env).returncode == 1
    refused = omc("lab", "pause", session, env=env)
    assert (refused.returncode, "waits for your answer" in refused.stderr) == (1, True)
    assert omc("lab", "rerun", session, "--message", "1", env=env).returncode == 2
    changed = omc("lab", "rerun", session, "--message", "1", "--text", "Does momentum pay on BTC?", env=env)
    assert ("queued" in changed.stdout, "omc work" in changed.stderr) == (True, True)
    assert json_of(omc("lab", "pause", session, "--json", env=env))["state"] == "paused"
    assert "stale" in omc("lab", "show", session, env=env).stdout
    assert json_of(omc("lab", "say", session, "On 4-hour bars.", "--json", env=env))["advice"]
    assert json_of(omc("lab", "pause", session, "--json", env=env))["state"] == "paused"
    assert json_of(omc("lab", "resume", session, "--json", env=env))["state"] == "queued"
    fork = json_of(omc("lab", "fork", session, "--json", env=env))
    assert fork["id"] != session
    assert json_of(omc("lab", "cancel", session, "--json", env=env))["state"] == "cancelled"
    keep(session, tmp_path / "session.json", env)


def keep(session: str, file: Path, env: Mapping[str, str]) -> None:
    """Name a session, put it away, take it out again and export it."""
    assert "Mine" in omc("lab", "rename", session, "Mine", env=env).stdout
    assert json_of(omc("lab", "archive", session, "--json", env=env))["archived"]
    assert session not in omc("lab", "list", env=env).stdout
    assert json_of(omc("lab", "unarchive", session, "--json", env=env))["archived"] is False
    assert omc("lab", "export", session, "--to", str(file), env=env).returncode == 0
    kept = json.loads(file.read_text("utf-8"))
    assert (kept["schema"], kept["session"]["id"]) == ("omc-session/1", session)
    assert omc("lab", "export", session, "--to", str(file), env=env).returncode == 1
    nobody = omc("lab", "show", "00000000-0000-7000-8000-000000000000", env=env)
    assert (nobody.returncode, "no such session" in nobody.stderr) == (1, True)


@pytest.mark.slow
def test_a_question_is_asked_again_on_a_schedule_from_a_terminal(env: Mapping[str, str]) -> None:
    added = json_of(omc("lab", "schedule", "add", GOAL, "--at", "06:00", "--weekday", "monday", "--json", env=env))
    schedule = str(added["id"])
    assert (added["every"], added["at"]) == ("week", "06:00")
    assert "monday 06:00" in omc("lab", "schedule", "list", env=env).stdout
    assert "paused" in omc("lab", "schedule", "pause", schedule, env=env).stdout
    assert json_of(omc("lab", "schedule", "resume", schedule, "--json", env=env))["next_at"] == added["next_at"]
    assert json_of(omc("lab", "schedule", "run", schedule, "--json", env=env))["session"]
    assert omc("lab", "schedule", "add", GOAL, "--at", "25:00", env=env).returncode == 2
    assert omc("lab", "schedule", "delete", schedule, env=env).returncode == 0
    gone = omc("lab", "schedule", "delete", schedule, env=env)
    assert (gone.returncode, "no such schedule" in gone.stderr) == (1, True)
