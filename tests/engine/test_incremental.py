"""Column and bar by bar are one: over the whole table, on generated documents, with the same bits and refusals."""

from tests.engine.agreement import bar_by_bar, in_columns
from tests.engine.builders import a_wild_market
from tests.engine.generated import compiled, documents

BARS = 600


def test_every_step_of_generated_documents_has_the_same_bits_bar_by_bar() -> None:
    bars, refused = a_wild_market(BARS), 0
    for raw in documents(seed=11, count=300):
        program = compiled(raw)
        found, expected = bar_by_bar(program, bars), in_columns(program, bars)
        assert found == expected, raw
        refused += bool(expected[1])
    assert 0 < refused < 150
