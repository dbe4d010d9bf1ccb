"""`omc backtest` of several symbols on one account, as a process on this test run's own PostgreSQL."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import psycopg
import pytest

from omc.kit.postgres import ServerUrls
from tests.cli.commands import installation, json_of, omc
from tests.cli.test_engine_commands import DOCUMENT, RANGE

SYMBOLS = ["BTC/USDT", "ETH/USDT", "SOL/USDT"]


@pytest.fixture
def env(own_database: ServerUrls, tmp_path: Path) -> Mapping[str, str]:
    """An installation with five months of made-up hours of three symbols."""
    made = installation(tmp_path / "data", own_database)
    assert omc("data", "synthetic", "--end", "2023-06-01", "--seed", "11", env=made).returncode == 0
    return made


def a_file(folder: Path, **changes: object) -> str:
    file = folder / "document.json"
    file.write_text(json.dumps({**DOCUMENT, "universe": SYMBOLS, **changes}))
    return str(file)


def trials(database: ServerUrls) -> list[tuple[str, int, int]]:
    """Each trial with its combinations and how many series it looked at."""
    statement = "SELECT kind, combinations, 1 + cardinality(others) FROM engine_trial ORDER BY created_at"
    with psycopg.connect(database.superuser) as connection:
        return [(str(kind), int(count), int(series)) for kind, count, series in connection.execute(statement)]


def test_the_whole_universe_shares_an_account_and_is_one_trial(
    env: Mapping[str, str], own_database: ServerUrls, tmp_path: Path
) -> None:
    done = omc("backtest", a_file(tmp_path), "--together", *RANGE, "--json", env=env)
    assert done.returncode == 0, done.stderr
    found = json_of(done)
    rows = cast("list[dict[str, float]]", found["symbols"])
    equity = cast("dict[str, list[float]]", found["equity"])["equity"]
    assert [str(row["symbol"]) for row in rows] == SYMBOLS
    assert sum(row["gain"] for row in rows) == pytest.approx(equity[-1] - equity[0])
    assert len(cast("list[str]", found["every"])) == 3
    assert trials(own_database) == [("backtest", 1, 3)]
    assert json_of(omc("backtest", a_file(tmp_path), "--together", *RANGE, "--json", env=env)) == found


@pytest.mark.parametrize("flags", [("-p", "ETH/USDT,BTC/USDT"), ("-p", "BTC/USDT", "-p", "eth-usdt")], ids=str)
def test_symbols_named_with_a_comma_or_one_by_one_share_an_account(
    env: Mapping[str, str], tmp_path: Path, flags: tuple[str, ...]
) -> None:
    shown = omc("backtest", a_file(tmp_path), *flags, *RANGE, env=env)
    assert shown.returncode == 0, shown.stderr
    lines = shown.stdout.splitlines()
    table = lines.index(next(line for line in lines if line.startswith("symbol ")))
    assert [line.split()[0] for line in lines[table + 1 : table + 3]] == SYMBOLS[:2]
    assert lines[table + 3] == ""
    assert "2 symbols share the cash; exits at an open come first" in shown.stdout
    assert "data ETH/USDT: " in shown.stdout


def test_one_of_several_is_tested_alone_only_with_a_word_about_it(env: Mapping[str, str], tmp_path: Path) -> None:
    done = omc("backtest", a_file(tmp_path), *RANGE, env=env)
    told = "BTC/USDT alone of 3 symbols; --together tests all of them on one account"
    assert told in done.stderr
    assert "account: one symbol with all the cash; the universe names 3" in done.stdout
    named = omc("backtest", a_file(tmp_path), "-p", "ETH/USDT", *RANGE, env=env)
    assert "alone of" not in named.stderr
    assert told in omc("lookahead", a_file(tmp_path), *RANGE, "--cuts", "10", env=env).stderr


def test_a_symbol_without_candles_is_refused_with_what_to_import(
    env: Mapping[str, str], own_database: ServerUrls, tmp_path: Path
) -> None:
    done = omc("backtest", a_file(tmp_path, universe=[*SYMBOLS, "DOGE/USDT"]), "--together", env=env)
    assert done.returncode == 1
    assert "no candles of DOGE/USDT at 1h. Import them on the Data page or with `omc data import FILE`" in done.stderr
    assert trials(own_database) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("backtest", "{file}", "--together", "-p", "BTC/USDT"), "leave -p and --series out"),
        (("backtest", "{file}", "-p", "BTC/USDT,ETH/USDT", "--series", "0" * 32), "--series is one series"),
        (("sweep", "{file}", "--set", "fast=5,10", "--together", "-p", "ETH/USDT"), "leave -p and --series out"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_what_cannot_be_together_is_wrong_usage(
    env: Mapping[str, str], tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    file = a_file(tmp_path)
    done = omc(*(one.format(file=file) for one in arguments), env=env)
    assert (done.returncode, says in done.stderr) == (2, True), done.stderr


def test_what_is_searched_fitted_and_judged_together_is_counted_on_every_symbol(
    env: Mapping[str, str], own_database: ServerUrls, tmp_path: Path
) -> None:
    file = a_file(
        tmp_path,
        parameters={"quick": 10, "slow": 40},
        features={"one": "sma(close, quick)", "two": "sma(close, slow)"},
        entry="crosses_above(one, two)",
        exit="crosses_below(one, two)",
    )
    searched = omc("sweep", file, "--together", "--set", "quick=5,10", *RANGE, "--here", "--json", env=env)
    assert searched.returncode == 0, searched.stderr
    assert str(json_of(searched)["series"]).count(" + ") == 2
    again = omc("sweep", file, "--together", "--set", "quick=5,10", *RANGE, "--here", env=env)
    assert "2 of 2 combinations are in" in again.stderr
    walked = omc("walk-forward", file, "-p", "BTC/USDT,ETH/USDT", *RANGE, "--windows", "3", "--json", env=env)
    assert walked.returncode == 0, walked.stderr
    out = dict(cast("dict[str, object]", json_of(walked)["out_of_sample"]))
    assert [row["symbol"] for row in cast("list[dict[str, object]]", out["symbols"])] == SYMBOLS[:2]
    ahead = omc("lookahead", file, "--together", *RANGE, "--cuts", "10", "--json", env=env)
    assert cast("dict[str, object]", json_of(ahead)["look_ahead"])["findings"] == []
    judged = omc("validate", file, "--together", *RANGE, "--windows", "3", "--json", env=env)
    found = json_of(judged)
    assert judged.returncode in {0, 1}, judged.stderr
    assert cast("dict[str, object]", found["figures"])["trials"] == 2 + 1 + 1
    assert trials(own_database) == [("sweep", 2, 3), ("walk_forward", 1, 2), ("validation", 1, 3)]


def test_accounts_of_the_same_symbols_are_compared(env: Mapping[str, str], tmp_path: Path) -> None:
    file = a_file(tmp_path)
    other = tmp_path / "other.json"
    other.write_text(json.dumps({**DOCUMENT, "universe": SYMBOLS, "limits": {"max_positions": 1}}))
    done = omc("compare", file, str(other), "--together", *RANGE, "--json", env=env)
    assert done.returncode == 0, done.stderr
    found = json_of(done)
    assert found["same_data"] is True
    first, second = (dict_of(one) for one in cast("list[dict[str, object]]", found["runs"]))
    assert first["total_return"] != second["total_return"]


def dict_of(run: Mapping[str, object]) -> dict[str, object]:
    """The metrics of a run by name."""
    return {str(one["name"]): one["value"] for one in cast("list[dict[str, object]]", run["metrics"])}
