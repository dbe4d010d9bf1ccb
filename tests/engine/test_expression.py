"""What the small language accepts, what it refuses, and where it says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.engine import DocumentRefused, check, inspect, read_text
from omc.engine.expression import CALLABLE, compile_program
from omc.engine.reading import compile_document
from omc.engine.syntax import MAX_TEXT, Unreadable, parse
from tests.engine.builders import a_document, a_raw_document

REFUSED = [
    ("smaa(close, 20) > 1", "/entry:1", "unknown_indicator", "did you mean `sma`"),
    ("sma(close, 20) > clse", "/entry:18", "unknown_name", "did you mean `close`"),
    ("lag(close, -1) > close", "/entry:12", "reads_future", "future"),
    ("lag(close, 0) > close", "/entry:12", "out_of_range", "whole number from 1"),
    ("next(close) > close", "/entry:1", "reads_future", "future"),
    ("lead(close, 1) > close", "/entry:1", "reads_future", "lag(x, n)"),
    ("close > future_close", "/entry:9", "reads_future", "future"),
    ("close / 0 > 1", "/entry:9", "division_by_zero", "always zero"),
    ("close / (2 - 2) > 1", "/entry:12", "division_by_zero", "always zero"),
    ("sma(close, close) > 1", "/entry:12", "not_fixed", "fixed number"),
    ("sma(close, 2.5) > 1", "/entry:12", "out_of_range", "2.5"),
    ("sma(close) > 1", "/entry:1", "wrong_arguments", "sma(x, window)"),
    ("sma > 1", "/entry:1", "needs_brackets", "sma(x, window)"),
    ("sma(close, 20)", "/entry", "not_a_condition", "condition"),
    ("close and true", "/entry:1", "wrong_kind", "condition"),
    ("sma(close > 1, 3) > 1", "/entry:11", "wrong_kind", "number"),
    ("close[1] > 2", "/entry:6", "unreadable_expression", "lag(close, 1)"),
    ("close > 1 && true", "/entry:11", "unreadable_expression", "write `and`"),
    ("1 < close < 3", "/entry:11", "unreadable_expression", "two things at a time"),
    ("close >", "/entry:8", "unreadable_expression", "too early"),
    ("(close > 1", "/entry:11", "unreadable_expression", "not closed"),
    ("close $ 1", "/entry:7", "unreadable_expression", "no meaning"),
    ("1e999 > close", "/entry:1", "unreadable_expression", "too large"),
    ("1e300 * 1e300 > close", "/entry:7", "not_finite", "too large"),
    ("   ", "/entry:1", "unreadable_expression", "empty"),
]


@pytest.mark.parametrize(
    ("entry", "place", "code", "words"), REFUSED, ids=[row[0].strip() or "blank" for row in REFUSED]
)
def test_a_wrong_expression_is_refused_with_its_place(entry: str, place: str, code: str, words: str) -> None:
    _, reasons = inspect(a_raw_document(entry=entry))
    assert [(reason.place, reason.code) for reason in reasons] == [(place, code)]
    assert words in reasons[0].text


def test_every_problem_of_a_document_is_told_at_once() -> None:
    _, reasons = inspect(
        a_raw_document(
            features={"fast": "sma(close, 3)", "slow": "nma(close, 8)"},
            entry="next(close) > 1 and lag(close, -2) > 1",
            exit="fast",
            timeframe="hourly",
            costs={"fee_bps": "-1", "slippage_bps": "0"},
            entrie="x",
        )
    )
    assert {reason.place for reason in reasons} == {
        "/features/slow:1",
        "/entry:1",
        "/entry:32",
        "/exit",
        "/timeframe",
        "/costs/fee_bps",
        "/entrie",
    }


def test_an_unknown_setting_names_the_nearest_known_one() -> None:
    _, reasons = inspect(a_raw_document(warm_up=5))
    assert reasons[0].code == "unknown_setting"
    assert "`warm_up_bars`" in reasons[0].text


@pytest.mark.parametrize("missing", ["entry", "exit", "costs", "sizing", "universe", "timeframe", "schema", "name"])
def test_what_must_be_said_is_missed_by_name(missing: str) -> None:
    _, reasons = inspect(a_raw_document(**{missing: None}))
    assert [(reason.code, reason.place) for reason in reasons] == [("missing", f"/{missing}")]


def test_features_may_stand_in_any_order() -> None:
    document = a_document(
        features={"gap": "fast - slow", "fast": "sma(close, 3)", "slow": "sma(close, 8)"}, entry="gap > 0"
    )
    assert check(document) == []


def test_features_that_depend_on_each_other_are_refused() -> None:
    _, reasons = inspect(a_raw_document(features={"a": "b + 1", "b": "a + 1"}, entry="a > 0", exit="true"))
    assert [(reason.code, reason.place) for reason in reasons] == [("circle", "/features/a"), ("circle", "/features/b")]


def test_a_name_without_brackets_is_the_documents_own_though_an_operator_has_it_too() -> None:
    own = a_document(features={"sma": "sma(close, lag) - momentum", "momentum": "momentum(close, 5)"},
                     parameters={"lag": 3}, entry="lag(sma, 1) > lag", exit="false")  # fmt: skip
    other = a_document(features={"mean": "sma(close, n) - change", "change": "momentum(close, 5)"},
                       parameters={"n": 3}, entry="lag(mean, 1) > n", exit="false")  # fmt: skip
    mine, plain = compile_document(own), compile_document(other)
    assert [(one.operator.name, one.inputs, one.settings, one.constant) for one in mine.steps] == [
        (one.operator.name, one.inputs, one.settings, one.constant) for one in plain.steps
    ]


@pytest.mark.parametrize("name", ["close", "volume", "true", "and", "next", "future"])
def test_a_name_that_means_something_by_itself_cannot_be_taken(name: str) -> None:
    _, reasons = inspect(a_raw_document(features={name: "close"}, entry="close > 1", exit="true"))
    assert ("name_taken", f"/features/{name}") in [(reason.code, reason.place) for reason in reasons]


def test_short_entry_and_short_exit_go_together() -> None:
    _, reasons = inspect(a_raw_document(short_entry="close < 1"))
    assert reasons[0].place == "/short_exit"


@pytest.mark.parametrize(
    "text",
    ["(" * 1_000, "-" * 3_000 + "1", "not " * 900 + "true", "1+" * 1_500 + "1", "sma(" * 900, "1" * (MAX_TEXT + 1)],
    ids=["brackets", "minus", "not", "sum", "calls", "long"],
)
def test_an_expression_nested_a_thousand_deep_gets_a_sentence(text: str) -> None:
    with pytest.raises(Unreadable) as refused:
        parse(text)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[" * 100_000, "too_deep"),
        ('{"a":' * 1_000 + "1" + "}" * 1_000, "too_deep"),
        ("x" * 1_000_000, "too_large"),
        ('{"name": "a", "name": "b"}', "not_json"),
        ('{"capital": NaN}', "not_json"),
        ("not json", "not_json"),
        ("[]", "model_type"),
    ],
    ids=["brackets", "objects", "one megabyte", "twins", "nan", "prose", "a list"],
)
def test_a_text_that_is_no_document_gets_a_sentence(text: str, code: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        read_text(text)
    assert refused.value.code == code
    assert len(refused.value.text) < 300


@pytest.mark.parametrize("name", ["a\x00b", "\ud800", " ", ""])
def test_a_name_that_cannot_be_stored_is_refused(name: str) -> None:
    _, reasons = inspect(a_raw_document(name=name))
    assert [reason.place for reason in reasons] == ["/name"]


def test_a_place_that_cannot_be_encoded_still_makes_an_answer() -> None:
    _, reasons = inspect(a_raw_document(features={"\ud800" * 300: "close ) 1"}))
    assert all(reason.place.encode() and len(reason.place) <= 200 for reason in reasons)


@given(st.text(max_size=60))
def test_any_text_gives_a_tree_or_a_sentence(text: str) -> None:
    program, reasons = compile_program(features={}, conditions={"entry": text}, parameters={})
    assert (program is None) == bool(reasons)


@given(st.text(alphabet="closema(),0123456789.+-*/<>=! andortlg", max_size=60))
def test_any_text_of_the_language_gives_a_tree_or_a_sentence(text: str) -> None:
    program, reasons = compile_program(features={}, conditions={"entry": text}, parameters={})
    assert (program is None) == bool(reasons)


def test_no_operator_of_the_language_looks_ahead_by_its_settings() -> None:
    assert all(setting.low > 0 for operator in CALLABLE.values() for setting in operator.settings)


def test_a_document_that_computes_too_much_is_refused() -> None:
    features = {f"f{at}": " + ".join(f"lag(close, {at * 100 + n + 1})" for n in range(60)) for at in range(20)}
    _, reasons = inspect(a_raw_document(features=features, entry="f1 > 0", exit="true"))
    assert [reason.code for reason in reasons] == ["too_complex"]
