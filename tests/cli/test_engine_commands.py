"""The commands that test a document, as processes on this test run's own PostgreSQL."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import psycopg
import pytest

from omc.kit.postgres import ServerUrls
from tests.cli.commands import installation, json_of, omc

DOCUMENT: dict[str, object] = {
    "schema": "omc-strategy/1",
    "name": "Crossover",
    "universe": ["BTC/USDT"],
    "timeframe": "1h",
    "parameters": {"fast": 20, "slow": 50},
    "features": {"quick": "sma(close, fast)", "slower": "sma(close, slow)"},
    "entry": "crosses_above(quick, slower)",
    "exit": "crosses_below(quick, slower)",
    "sizing": {"kind": "fraction", "fraction": "0.5"},
    "costs": {"fee_bps": "10", "slippage_bps": "5"},
}
RANGE = ("--timerange", "20230110-20230401")


@pytest.fixture
def env(own_database: ServerUrls, tmp_path: Path) -> Mapping[str, str]:
    """An installation with half a year of made-up hours."""
    made = installation(tmp_path / "data", own_database)
    assert omc("data", "synthetic", "--end", "2023-06-01", "--seed", "11", env=made).returncode == 0
    return made


def a_file(folder: Path, name: str = "document.json", **changes: object) -> str:
    file = folder / name
    file.write_text(json.dumps({**DOCUMENT, **changes}))
    return str(file)


def trials(database: ServerUrls) -> list[tuple[str, int, str | None]]:
    statement = (
        "SELECT tried.kind, tried.combinations, ended.outcome FROM engine_trial AS tried"
        " LEFT JOIN engine_trial_end AS ended ON ended.trial_id = tried.id ORDER BY tried.created_at"
    )
    with psycopg.connect(database.superuser) as connection:
        return [(str(kind), int(count), outcome) for kind, count, outcome in connection.execute(statement)]


def test_a_backtest_takes_the_flags_of_freqtrade(
    env: Mapping[str, str], own_database: ServerUrls, tmp_path: Path
) -> None:
    done = omc("backtest", "-s", a_file(tmp_path), "-p", "BTC/USDT", "-i", "1h", *RANGE, "--json", env=env)
    assert done.returncode == 0, done.stderr
    ts = cast("dict[str, list[int]]", json_of(done)["equity"])["ts"]
    assert ts[0] == 1_673_308_800_000, "the 10th of January: the days before only warm up"
    assert ts[-1] < 1_680_307_200_000
    assert trials(own_database) == [("backtest", 1, "done")]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--timerange", "20230110"), "20220101-20230601"),
        (("--timerange", "-"), "20220101-20230601"),
        (("--timerange", "20231399-"), "20220101-20230601"),
        (("--timerange", "20230110-", "--start", "2023-01-10"), "give one of them"),
        (("-s", "{file}"), "Name one DOCUMENT"),
    ],
)
def test_wrong_usage_says_how_it_is_written(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    file = a_file(tmp_path)
    done = omc("backtest", file, *(one.format(file=file) for one in arguments), env={"OMC_DATA_DIR": str(tmp_path)})
    assert (done.returncode, says in done.stderr) == (2, True), done.stderr


def test_a_command_without_a_document_says_so(tmp_path: Path) -> None:
    done = omc("lookahead", env={"OMC_DATA_DIR": str(tmp_path)})
    assert (done.returncode, "Name one DOCUMENT" in done.stderr) == (2, True)


def test_an_empty_span_and_another_market_are_refused(env: Mapping[str, str], tmp_path: Path) -> None:
    file = a_file(tmp_path)
    done = omc("lookahead", file, "--timerange", "20230301-20230201", env=env)
    assert (done.returncode, "must start before it ends" in done.stderr) == (1, True)
    done = omc("sweep", file, "--set", "fast=5,10", "-p", "ETH/USDT", env=env)
    assert (done.returncode, "not in the document's universe" in done.stderr) == (1, True), done.stderr


def test_a_sweep_shows_both_sides_is_counted_and_goes_on_where_it_was(
    env: Mapping[str, str], own_database: ServerUrls, tmp_path: Path
) -> None:
    command = ("sweep", a_file(tmp_path), "--set", "fast=0:20:10", "--set", "slow=50,60", *RANGE)
    done = omc(*command, "--json", env=env)
    assert done.returncode == 0, done.stderr
    found = json_of(done)
    rows = cast("list[dict[str, dict[str, object]]]", found["rows"])
    assert len(rows) == 4
    assert all("sharpe" in row["train"] and "sharpe" in row["test"] for row in rows)
    assert len(cast("list[object]", found["refused"])) == 2
    assert trials(own_database) == [("sweep", 6, "done")]
    assert "sweep: 6 of 6" in done.stderr
    again = omc(*command, "--json", env=env)
    assert "6 of 6 combinations are in" in again.stderr
    assert json_of(again) == found
    shown = omc(*command, "--fresh", "--top", "2", env=env)
    assert "combinations are in" not in shown.stderr
    assert "train Sharpe" in shown.stdout
    assert "and 2 more" in shown.stdout


def test_a_sweep_that_is_gone_on_with_is_not_counted_again(
    env: Mapping[str, str], own_database: ServerUrls, tmp_path: Path
) -> None:
    command = ("sweep", a_file(tmp_path), "--set", "fast=10,20", *RANGE)
    for _ in range(2):
        done = omc(*command, env=env)
        assert "no worker is up, so this process does it alone" in done.stderr
    assert trials(own_database) == [("sweep", 2, "done")]
    assert omc(*command, "--here", "--fresh", env=env).returncode == 0
    assert omc("sweep", a_file(tmp_path), "--set", "fast=10,20", *RANGE, "--train", "0.5", env=env).returncode == 0
    assert trials(own_database) == [("sweep", 2, "done")] * 3


def test_a_sweep_that_learns_tries_no_more_than_it_was_allowed(
    env: Mapping[str, str], own_database: ServerUrls, tmp_path: Path
) -> None:
    wide = ("sweep", a_file(tmp_path), "--set", "fast=2:200:1", "--set", "slow=201:400:1", *RANGE)
    refused = omc(*wide, env=env)
    assert (refused.returncode, "--optuna" in refused.stderr) == (1, True)
    done = omc(*wide, "--optuna", "10", "--json", env=env)
    assert done.returncode == 0, done.stderr
    rows = cast("list[dict[str, dict[str, object]]]", json_of(done)["rows"])
    assert (len(rows), len({tuple(row["parameters"].values()) for row in rows})) == (10, 10)
    again = omc(*wide, "--optuna", "10", "--json", env=env)
    assert json_of(again)["rows"] == rows
    assert trials(own_database) == [("sweep", 10, "done")]


def test_while_a_worker_is_up_a_sweep_is_done_by_it_and_kept(
    env: Mapping[str, str], own_database: ServerUrls, tmp_path: Path
) -> None:
    command = ("sweep", a_file(tmp_path), "--set", "fast=10,20", "--set", "slow=50,60", *RANGE, "--json")
    alone = json_of(omc(*command, "--here", env=env))
    worker = subprocess.Popen([sys.executable, "-m", "omc.cli", "work"], env=dict(env), stderr=subprocess.DEVNULL)
    try:
        until_a_worker_is_up(own_database)
        done = omc(*command, env=env)
        again = omc(*command, env=env)
    finally:
        worker.kill()
        worker.wait()
    assert done.returncode == 0, done.stderr
    found = json_of(done)
    figures = [
        [(row["parameters"], row["train"], row["test"]) for row in cast("list[dict[str, object]]", one["rows"])]
        for one in (alone, found)
    ]
    assert figures[0] == figures[1]
    assert json_of(again)["sweep"] == found["sweep"]
    assert "4 of 4 combinations are known already" in again.stderr
    assert trials(own_database) == [("sweep", 4, "done")] * 2


def until_a_worker_is_up(database: ServerUrls) -> None:
    with psycopg.connect(database.superuser, autocommit=True) as connection:
        for _ in range(600):
            if connection.execute("SELECT count(*) FROM procrastinate_workers").fetchone() != (0,):
                return
            time.sleep(0.1)
    raise AssertionError("no worker came up")


def test_a_refused_backtest_ends_its_trial_and_a_look_for_leaks_is_none(
    env: Mapping[str, str], own_database: ServerUrls, tmp_path: Path
) -> None:
    late: dict[str, object] = {"parameters": {"fast": 20, "slow": 90_000}}
    assert omc("backtest", a_file(tmp_path, "late.json", **late), *RANGE, env=env).returncode == 1
    assert trials(own_database) == [("backtest", 1, "failed")]
    assert omc("lookahead", a_file(tmp_path), *RANGE, "--cuts", "12", env=env).returncode == 0
    assert trials(own_database) == [("backtest", 1, "failed")]


def test_a_sweep_of_a_parameter_that_is_not_there_names_those_that_are(env: Mapping[str, str], tmp_path: Path) -> None:
    done = omc("sweep", a_file(tmp_path), "--set", "quick=1:5:1", env=env)
    assert (done.returncode, "it has: fast, slow" in done.stderr) == (1, True)
    done = omc("sweep", a_file(tmp_path), "--set", "fast=5:1", env=env)
    assert (done.returncode, "fast=10:50:5" in done.stderr) == (1, True)


def test_a_walk_forward_takes_its_plan_from_the_flags(
    env: Mapping[str, str], own_database: ServerUrls, tmp_path: Path
) -> None:
    flags = ("--windows", "3", "--kind", "rolling", "--train", "0.5", "--purge", "5", "--embargo", "2")
    done = omc("walk-forward", a_file(tmp_path), *flags, *RANGE, "--json", env=env)
    assert done.returncode == 0, done.stderr
    windows = cast("list[dict[str, int]]", json_of(done)["windows"])
    assert len(windows) == 3
    assert {window["test_start"] - window["train_end"] for window in windows} == {7 * 3_600_000}
    assert trials(own_database) == [("walk_forward", 1, "done")]
    shown = omc("walk-forward", a_file(tmp_path), *RANGE, env=env).stdout
    assert "out of sample return" in shown


def test_a_walk_forward_fits_the_values_that_it_is_given(env: Mapping[str, str], tmp_path: Path) -> None:
    done = omc("walk-forward", a_file(tmp_path), "--set", "fast=4:6:1", "--windows", "3", *RANGE, "--json", env=env)
    assert done.returncode == 0, done.stderr
    found = json_of(done)
    assert found["trials"] == 3
    fitted = cast("list[dict[str, dict[str, float]]]", found["windows"])
    assert {window["parameters"]["fast"] for window in fitted} <= {4.0, 5.0, 6.0}
    wrong = omc("walk-forward", a_file(tmp_path), "--set", "quick=4:6:1", *RANGE, env=env)
    assert wrong.returncode == 1
    assert "has no parameter `quick`" in wrong.stderr


def test_an_honest_document_passes_and_a_warm_up_too_short_is_found(env: Mapping[str, str], tmp_path: Path) -> None:
    done = omc("lookahead", a_file(tmp_path), *RANGE, "--cuts", "12", "--json", env=env)
    assert done.returncode == 0, done.stderr
    found = json_of(done)
    assert cast("dict[str, object]", found["look_ahead"])["ok"] is True
    assert cast("dict[str, object]", found["warm_up"])["ok"] is True
    slow: dict[str, object] = {
        "parameters": {},
        "features": {"slow": "ema(close, 40)"},
        "entry": "close > slow",
        "exit": "close < slow",
    }
    found_out = omc("lookahead", a_file(tmp_path, "slow.json", **slow), *RANGE, "--cuts", "12", env=env)
    assert found_out.returncode == 1
    assert "`/features/slow:1` is not settled after 39 bars" in found_out.stdout
    assert '"warm_up_bars": ' in found_out.stdout


def test_validation_runs_every_check_and_ends_with_a_verdict_that_is_kept(
    env: Mapping[str, str], own_database: ServerUrls, tmp_path: Path
) -> None:
    done = omc("validate", a_file(tmp_path), *RANGE, "--json", env=env)
    found = json_of(done)
    outcome = cast("dict[str, str]", found["verdict"])["outcome"]
    assert outcome in {"pass", "weak", "fail"}
    assert done.returncode == (1 if outcome == "fail" else 0), done.stderr
    figures = cast("dict[str, object]", found["figures"])
    assert {
        "look_ahead_found",
        "warm_up_stable",
        "out_of_sample_return",
        "cost_break_even",
        "trials",
        "random_entry_p",
    } <= set(figures)
    assert figures["trials"] == 1
    assert found["reasons"]
    with psycopg.connect(own_database.superuser) as connection:
        assert connection.execute("SELECT outcome FROM engine_verdict").fetchall() == [(outcome,)]
    again = omc("validate", a_file(tmp_path), *RANGE, env=env).stdout
    assert "Verdict: " in again
    assert "Robustness: " in again


def test_documents_and_kept_runs_are_compared_on_the_same_bars_only(env: Mapping[str, str], tmp_path: Path) -> None:
    one, other = a_file(tmp_path), a_file(tmp_path, "other.json", parameters={"fast": 10, "slow": 50})
    done = omc("compare", one, other, *RANGE, "--json", env=env)
    assert done.returncode == 0, done.stderr
    found = json_of(done)
    assert found["same_data"] is True
    assert found["differences"] == {"parameters": [{"fast": 20.0, "slow": 50.0}, {"fast": 10.0, "slow": 50.0}]}
    assert len(cast("list[object]", found["runs"])) == 2
    shown = omc("compare", one, other, *RANGE, env=env).stdout
    assert "total_return" in shown
    assert omc("compare", one, env=env).returncode == 2
    missing = omc("compare", one, "nowhere.json", *RANGE, env=env)
    assert (missing.returncode, "neither the id of a backtest nor a file" in missing.stderr) == (1, True)


def test_runs_of_other_bars_are_shown_and_not_called_comparable(
    env: Mapping[str, str], own_database: ServerUrls, tmp_path: Path
) -> None:
    for span in ("20230110-20230201", "20230110-20230301"):
        assert omc("backtest", a_file(tmp_path), "--timerange", span, env=env).returncode == 0
    with psycopg.connect(own_database.superuser) as connection:
        ids = [str(row[0]) for row in connection.execute("SELECT id FROM engine_backtest ORDER BY created_at")]
    done = omc("compare", *ids, env=env)
    assert done.returncode == 1
    assert "made from different bars" in done.stdout
