"""The document's form, its hash, and its schema."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.engine import INDICATORS, DocumentRefused, document_hash, json_schema, plain, read, read_text
from tests.engine.builders import a_document, a_raw_document


def test_a_document_read_from_its_own_text_has_the_same_hash() -> None:
    document = a_document(parameters={"n": 5}, features={"fast": "sma(close, n)", "slow": "ema(close, 8)"})
    assert document_hash(read_text(json.dumps(plain(document)))) == document_hash(document)


def test_the_order_of_keys_does_not_change_the_hash() -> None:
    raw = a_raw_document()
    backwards = dict(reversed(raw.items()))
    assert document_hash(read(backwards)) == document_hash(read(raw))


@pytest.mark.parametrize("written", ["0.10", 0.1, "0.1", "1e-1"])
def test_a_fraction_written_otherwise_is_the_same_document(written: object) -> None:
    one = a_document(sizing={"kind": "fraction", "fraction": written})
    assert document_hash(one) == document_hash(a_document(sizing={"kind": "fraction", "fraction": "0.1"}))


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Another"},
        {"universe": ["ETH/USDT"]},
        {"timeframe": "5m"},
        {"entry": "fast > slow"},
        {"sizing": {"kind": "fraction", "fraction": "0.5"}},
        {"costs": {"fee_bps": "11", "slippage_bps": "5"}},
        {"costs": {"fee_bps": "10", "slippage_bps": "6"}},
        {"capital": "5000"},
        {"warm_up_bars": 50},
        {"parameters": {"unused": 1}},
        {"short_entry": "fast < slow", "short_exit": "fast > slow"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_other_setting_is_another_version(change: dict[str, object]) -> None:
    assert document_hash(a_document(**change)) != document_hash(a_document())


def test_the_hash_of_a_document_stays_what_it_was() -> None:
    assert document_hash(a_document()) == "71ae035db1ff5785d17b103e86595c054f2cf998c8cac4f667017c060ca55a00"


@pytest.mark.parametrize("value", [True, "abc", "NaN", "Infinity", -1, 0, "1e30", None, [], {}])
def test_capital_that_is_no_amount_is_refused_at_its_place(value: object) -> None:
    raw = a_raw_document() | {"capital": value}
    with pytest.raises(DocumentRefused) as refused:
        read(raw)
    assert refused.value.place == "/capital"


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=8,
    ),
    st.sampled_from(sorted(a_raw_document(capital="1", parameters={}, short_entry="true", short_exit="true"))),
)
def test_anything_at_all_in_a_setting_gives_a_document_or_a_refusal(value: object, setting: str) -> None:
    try:
        read(a_raw_document() | {setting: value})
    except DocumentRefused as refused:
        assert refused.reasons  # noqa: PT017 - either outcome is right


def test_the_schema_knows_every_setting_and_forbids_others() -> None:
    schema = json_schema()
    assert schema["additionalProperties"] is False
    assert {"schema", "entry", "exit", "costs", "sizing"} <= set(schema["properties"])  # ty: ignore[invalid-argument-type]


def test_the_schema_lists_every_indicator_with_its_convention() -> None:
    language = json.loads(json.dumps(json_schema()))["x-language"]
    listed = {one["usage"].split("(")[0]: one["meaning"] for one in language["functions"]}
    assert set(INDICATORS) < set(listed)
    assert all(listed.values())
