"""`omc train` as a process: a model is trained, listed, shown, and used by a document."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest

from omc.kit.postgres import ServerUrls
from tests.cli.commands import installation, json_of, omc
from tests.cli.test_engine_commands import DOCUMENT, trials
from tests.engine.learning.specs import a_raw_spec

UNTIL = ("--timerange", "-20230401")


@pytest.fixture
def env(own_database: ServerUrls, tmp_path: Path) -> Mapping[str, str]:
    """An installation with half a year of made-up hours."""
    made = installation(tmp_path / "data", own_database)
    assert omc("data", "synthetic", "--end", "2023-06-01", "--seed", "11", env=made).returncode == 0
    return made


def a_file(folder: Path, raw: Mapping[str, object]) -> str:
    file = folder / "file.json"
    file.write_text(json.dumps(raw))
    return str(file)


def test_a_model_is_trained_listed_shown_and_used(
    env: Mapping[str, str], own_database: ServerUrls, tmp_path: Path
) -> None:
    done = omc("train", a_file(tmp_path, a_raw_spec()), "-p", "BTC/USDT", *UNTIL, "--json", env=env)
    assert done.returncode == 0, done.stderr
    assert trials(own_database) == [("train", 1, "done")]
    found = json_of(done)
    hash_ = str(found["hash"])
    folds = cast("list[dict[str, dict[str, float]]]", found["folds"])
    assert all({"auc", "log_loss"} <= set(fold[side]) for fold in folds for side in ("train", "test"))
    assert "form" not in found

    listed = cast("list[dict[str, object]]", json_of(omc("train", "list", "--json", env=env))["models"])
    assert [one["hash"] for one in listed] == [hash_]
    assert hash_[:12] in omc("train", "list", env=env).stdout

    shown = omc("train", "show", hash_[:10], env=env)
    assert shown.returncode == 0, shown.stderr
    for words in (hash_, "Out of fold AUC", "fitted", "momentum", "2023-05-31 23:00", "2023-04-01 00:00"):
        assert words in shown.stdout

    inputs = {"p_up": {"kind": "model", "model": hash_}}
    raw = DOCUMENT | {"inputs": inputs, "parameters": {}, "features": {}, "entry": "p_up > 0.5", "exit": "p_up < 0.5"}
    tested = omc("backtest", a_file(tmp_path, raw), "--timerange", "20230201-20230601", "--json", env=env)
    assert tested.returncode == 0, tested.stderr
    assert json_of(tested)["result_hash"]

    walked = omc("walk-forward", a_file(tmp_path, raw), "--timerange", "20230101-20230601", "--json", env=env)
    assert walked.returncode == 0, walked.stderr
    windows = cast("list[dict[str, int]]", json_of(walked)["windows"])
    learned_until = 1_680_307_200_000  # the end of March, up to which the stored model says nothing
    assert sum(window["test_start"] < learned_until for window in windows) >= 2


def test_several_symbols_are_wrong_usage_and_nothing_is_trained(
    env: Mapping[str, str], own_database: ServerUrls, tmp_path: Path
) -> None:
    done = omc("train", a_file(tmp_path, a_raw_spec()), "-p", "BTC/USDT,ETH/USDT", env=env)
    assert (done.returncode, "one symbol" in done.stderr) == (2, True), done.stderr
    assert trials(own_database) == []


def test_a_specification_with_faults_is_told_with_every_place(env: Mapping[str, str], tmp_path: Path) -> None:
    raw = a_raw_spec(seed=-1, features={"x": "clse"})
    done = omc("train", a_file(tmp_path, raw), env=env)
    assert done.returncode == 1
    assert "/seed:" in done.stderr
    assert "/features/x:1: there is no name `clse`; did you mean `close`?" in done.stderr


def test_what_is_refused_counts_as_a_trial_that_failed(
    env: Mapping[str, str], own_database: ServerUrls, tmp_path: Path
) -> None:
    done = omc("train", a_file(tmp_path, a_raw_spec()), "--timerange", "20230101-20230105", env=env)
    assert (done.returncode, "a longer span" in done.stderr) == (1, True), done.stderr
    assert trials(own_database) == [("train", 1, "failed")]
    assert "no trained model yet" in omc("train", "list", env=env).stdout
    assert omc("train", "show", "abc", env=env).returncode == 1
