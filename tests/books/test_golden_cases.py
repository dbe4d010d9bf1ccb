"""The golden cases, and what the case format refuses."""

import json
from pathlib import Path

import pytest

from omc.books.cases import CaseError, answer_case, answer_file

FILES = sorted((Path(__file__).parent.parent / "cases" / "books").glob("*.json"))
CASES = [case for file in FILES for case in json.loads(file.read_text())["cases"]]


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_answer_is_the_expected_one(case: dict[str, object]) -> None:
    expected = case["expected"]
    assert isinstance(expected, dict)

    answer = answer_case(case)

    assert {name: answer.get(name) for name in expected} == expected


def test_a_refused_case_stands_among_the_answers_in_the_order_asked() -> None:
    document = {
        "schema": "omc-pnl-case/1",
        "cases": [{"id": "x", "base": "USD", "events": []}, "nonsense", {"id": "z"}],
    }

    answers = answer_file(document)["cases"]

    assert isinstance(answers, list)
    assert [(answer["id"], answer.get("error")) for answer in answers] == [
        ("x", None),
        (None, "invalid"),
        ("z", "invalid"),
    ]


@pytest.mark.parametrize("document", [None, [], {}, {"schema": "omc-pnl-case/2", "cases": []}, {"cases": []}])
def test_a_file_of_another_kind_is_refused_with_a_sentence(document: object) -> None:
    with pytest.raises(CaseError, match="omc-pnl-case/1"):
        answer_file(document)
