"""The document about injection carries the table of the cases that are played."""

from collections import Counter

from tests.lab.adversary.listed import CASES
from tests.lab.adversary.named import NAMED, OPEN
from tests.lab.adversary.table import DOCUMENT, written

NEEDED = 60


def test_the_score_table_is_current() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert document == written(document), "run `python -m tests.lab.adversary.table`"


def test_there_are_enough_cases_of_all_classes_and_each_is_named_once() -> None:
    names = Counter(row.id for row in (*CASES, *NAMED))
    assert len(names) >= NEEDED
    assert max(names.values()) == 1
    assert {number for row in (*CASES, *NAMED) for number in row.classes} == set(range(1, 46))
    assert set(OPEN) <= set(names)
