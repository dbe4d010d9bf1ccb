"""The main job from the command line, on this test run's own PostgreSQL: candles in, a backtest, a report."""

import json
from pathlib import Path

import pytest

from omc.kit.postgres import ServerUrls
from tests.cli.commands import installation, json_of, omc

DOCUMENT = {
    "schema": "omc-strategy/1",
    "name": "Crossover",
    "universe": ["BTC/USDT"],
    "timeframe": "1h",
    "features": {"fast": "sma(close, 20)", "slow": "sma(close, 50)"},
    "entry": "crosses_above(fast, slow)",
    "exit": "crosses_below(fast, slow)",
    "sizing": {"kind": "fraction", "fraction": "0.5"},
    "costs": {"fee_bps": "10", "slippage_bps": "5"},
    "capital": "10000",
}
GOAL = "Does a moving-average crossover beat holding BTC on hourly bars?"


@pytest.fixture
def env(own_database: ServerUrls, tmp_path: Path) -> dict[str, str]:
    """The environment of a command on a database of the test's own."""
    return installation(tmp_path, own_database)


def test_synthetic_markets_are_made_once_and_labelled(env: dict[str, str]) -> None:
    made = json_of(omc("data", "synthetic", "--end", "2023-02-01", "--seed", "11", "--json", env=env))["items"]
    again = json_of(omc("data", "synthetic", "--end", "2023-02-01", "--seed", "11", "--json", env=env))["items"]
    assert made == again
    assert isinstance(made, list)
    assert all(series["origin"] == "synthetic" and "SYNTHETIC" in series["label"] for series in made)


def test_a_file_is_imported_and_one_that_is_no_candles_refused_beside_it(env: dict[str, str], tmp_path: Path) -> None:
    good = tmp_path / "kraken_XRP-USDT_1h.csv"
    rows = [f"2024-01-01T{hour:02}:00:00Z,1,2,0.5,1.5,10" for hour in range(24)]
    good.write_text("\n".join(["ts,open,high,low,close,volume", *rows]))
    bad = tmp_path / "holiday.csv"
    bad.write_text("a,b\n1,2\n")
    done = omc("data", "import", str(good), str(bad), str(tmp_path / "missing.csv"), "--json", env=env)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["status"] for answer in answers] == ["kept", "refused", "refused"]
    assert answers[0]["rows_kept"] == 24
    assert done.returncode == 1


def test_a_file_that_does_not_name_its_market_is_refused_with_the_option_that_does(
    env: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "candles.csv"
    file.write_text("ts,open,high,low,close,volume\n2024-01-01T00:00:00Z,1,2,0.5,1.5,10\n")
    refused = omc("data", "import", str(file), env=env)
    assert refused.returncode == 1
    assert "--symbol BTC/USDT" in refused.stdout
    assert "line 0" not in refused.stdout
    refused = omc("data", "import", str(file), "--symbol", "XLM/USDT", env=env)
    assert "--timeframe 1h" in refused.stdout
    done = omc("data", "import", str(file), "--symbol", "XLM/USDT", "--timeframe", "1h", env=env)
    assert (done.returncode, "1 rows kept" in done.stdout) == (0, True)


def test_a_bad_file_keeps_its_good_part_and_names_each_bad_row(env: dict[str, str], tmp_path: Path) -> None:
    hours = [0, 1, 1, 3, 2, 4, 5, 6, 7]
    rows = [f"2024-01-01T{hour:02}:00:00Z,1,2,0.5,1.5,10" for hour in hours]
    rows += ["2024-01-01T08:00:00Z,1,2,-0.5,1.5,10", "2024-01-01T09:00:00Z,1,2,0.5,NaN,10"]
    rows += ["2099-01-01T00:00:00Z,1,2,0.5,1.5,10"]
    file = tmp_path / "kraken_DASH-USDT_1h.csv"
    file.write_text("\n".join(["ts,open,high,low,close,volume", *rows]))
    done = omc("data", "import", str(file), "--json", env=env)
    told = json_of(done)
    assert (done.returncode, told["status"], told["rows_kept"], told["rows_quarantined"]) == (0, "partly", 8, 4)
    codes = {problem["line"]: problem["code"] for problem in told["problems"]}  # ty: ignore[not-iterable]
    assert codes == {
        4: "duplicate_row",
        6: "out_of_order",
        11: "price_not_positive",
        12: "not_a_number",
        13: "time_in_future",
    }
    shown = omc("data", "import", str(file), env=env).stdout
    assert "line 11: a price is zero or negative" in shown


def test_a_document_is_tested_and_its_assumptions_are_printed(env: dict[str, str], tmp_path: Path) -> None:
    omc("data", "synthetic", "--seed", "12", env=env)
    file = tmp_path / "document.json"
    file.write_text(json.dumps(DOCUMENT))
    done = omc("backtest", str(file), "--venue", "synthetic", "--start", "2023-06-01", "--json", env=env)
    assert done.returncode == 0, done.stderr
    found = json_of(done)
    assert found["metrics"]
    assert "10 bps" in json.dumps(found["assumptions"])


def test_a_document_with_faults_is_refused_with_the_place_of_each(env: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "document.json"
    file.write_text(json.dumps({**DOCUMENT, "entry": "crosses_above(fast, nowhere)", "colour": "red"}))
    done = omc("backtest", str(file), env=env)
    assert done.returncode == 1
    assert "/entry" in done.stderr
    assert "/colour" in done.stderr


def check_report(lines: list[str]) -> None:
    events = [json.loads(line) for line in lines]
    *steps, last = events
    assert [event["seq"] for event in steps] == list(range(1, len(steps) + 1))
    assert steps[-1]["kind"] == "session.state"
    assert steps[-1]["data"]["state"] in {"done", "waiting"}
    assert last["kind"] == "report"
    assert last["report"]["unverified"] == 0
    numbers = {proof["number"] for proof in last["evidence"]}
    assert {line["number"] for line in last["report"]["evidence"]} <= numbers


def test_research_streams_its_steps_and_ends_with_the_report_and_its_evidence(env: dict[str, str]) -> None:
    omc("data", "synthetic", env=env)
    done = omc("research", GOAL, "--symbol", "BTC/USDT", "--json", env=env)
    assert done.returncode == 0, done.stderr
    check_report(done.stdout.splitlines())


def test_research_works_on_real_hourly_candles(env: dict[str, str], shared_data: Path) -> None:
    real = shared_data / "bars" / "binance_ADA-USDT_1h_2018-04_2022-06.parquet"
    assert omc("data", "import", str(real), env=env).returncode == 0
    done = omc(
        "research", "Does a moving-average crossover beat holding ADA?", "--symbol", "ADA/USDT", "--json", env=env
    )
    assert done.returncode == 0, done.stderr
    check_report(done.stdout.splitlines())


def test_research_that_must_ask_closes_with_the_question_and_where_to_answer(env: dict[str, str]) -> None:
    done = omc("research", "What is it worth?", "--json", env=env)
    assert done.returncode == 1, done.stderr
    last = json_of(done)
    assert (last["kind"], last["state"], last["error"]) == ("end", "waiting", None)
    assert "What shall I test?" in str(last["question"])
    assert f"/research/{last['session']}" in str(last["advice"])


def test_an_unknown_model_is_refused_with_the_known_ones(env: dict[str, str]) -> None:
    done = omc("research", GOAL, "--model", "oracle", env=env)
    assert done.returncode == 1
    assert "analyst" in done.stderr
