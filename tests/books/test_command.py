"""`omc books pnl FILE`: every case answered in order, exit codes that mean something, sentences with the file."""

import json
from pathlib import Path

import pytest

from omc.cli import run

GOLDEN = Path(__file__).parent.parent / "cases" / "books" / "fifo.json"


def a_file(folder: Path, content: str) -> str:
    path = folder / "cases.json"
    path.write_text(content, encoding="utf-8")
    return str(path)


def test_every_case_of_a_file_is_answered_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["books", "pnl", str(GOLDEN), "--json"])

    answered = json.loads(capsys.readouterr().out)["cases"]
    asked = json.loads(GOLDEN.read_text())["cases"]
    assert [case["id"] for case in answered] == [case["id"] for case in asked]
    assert code == 1


def test_a_file_whose_cases_are_all_answered_exits_with_zero(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = [json.loads(GOLDEN.read_text())["cases"][0]]

    code = run(["books", "pnl", a_file(tmp_path, json.dumps({"schema": "omc-pnl-case/1", "cases": cases})), "--json"])

    assert code == 0
    assert json.loads(capsys.readouterr().out)["cases"][0]["total_gain"] == "935.25"


def test_a_number_written_without_quotes_is_read_as_it_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    event = {"id": "a", "time": "2024-01-01T00:00:00Z", "type": "buy", "asset": "BTC", "qty": "1", "total": "?"}
    case = {"schema": "omc-pnl-case/1", "cases": [{"id": "x", "base": "USD", "events": [event]}]}

    run(["books", "pnl", a_file(tmp_path, json.dumps(case).replace('"?"', "0.1000000000000000000001")), "--json"])

    assert json.loads(capsys.readouterr().out)["cases"][0]["open"] == {"BTC": ["1", "0.1000000000000000000001"]}


@pytest.mark.parametrize("content", ["", "not json", "[]", '{"schema": "other"}', "[" * 100_000])
def test_a_file_of_another_kind_is_refused_with_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    code = run(["books", "pnl", a_file(tmp_path, content)])

    assert code == 1
    assert "cases.json: " in capsys.readouterr().err


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["books", "pnl", str(tmp_path / "none.json")]) == 2
    assert "none.json' does not exist" in capsys.readouterr().err


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    assert run(["books", "pnl", a_file(tmp_path, '\ufeff{"schema": "omc-pnl-case/1", "cases": []}')]) == 0
