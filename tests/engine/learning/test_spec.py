"""The specification of a model: strict, with the place of everything that is wrong."""

import json

import pytest

from omc.engine import DocumentRefused
from omc.engine.learning.spec import ModelSpec, read_spec, read_spec_text, spec_hash, spec_plain
from tests.engine.learning.specs import a_raw_spec, a_spec


def test_a_specification_read_from_its_own_text_has_the_same_hash() -> None:
    spec = a_spec(model={"kind": "boosting", "trees": 20}, target={"kind": "forward_return", "bars": 4})
    assert spec_hash(read_spec_text(json.dumps(spec_plain(spec)))) == spec_hash(spec)


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        ({"modle": {}}, "/modle", "did you mean `model`"),
        ({"model": {"kind": "boosting", "tree": 3}}, "/model/tree", "did you mean `trees`"),
        ({"model": {"kind": "pickle"}}, "/model", "kind"),
        ({"model": {"kind": "forest", "depth": 40}}, "/model/depth", "less than or equal to 12"),
        ({"model": {"kind": "forest", "trees": True}}, "/model/trees", "integer"),
        ({"target": {"kind": "forward_return"}}, "/target/bars", "missing"),
        ({"target": {"kind": "forward_return", "bars": 0}}, "/target/bars", "greater"),
        ({"task": "guess"}, "/task", "classify"),
        ({"features": {}}, "/features", "at least 1"),
        ({"features": {"x": "next(close)"}}, "/features/x:1", "future"),
        ({"features": {"x": "close +"}}, "/features/x:8", "too early"),
        ({"features": {"x": "lag(close, -1)"}}, "/features/x:12", "future"),
        ({"seed": -1}, "/seed", "greater"),
        ({"timeframe": "1x"}, "/timeframe", "bar length"),
        ({"task": "regress"}, "/model/kind", "write ridge"),
        ({"model": {"kind": "ridge"}}, "/model/kind", "write logistic"),
        (
            {
                "task": "regress",
                "model": {"kind": "ridge"},
                "target": {"kind": "forward_return", "bars": 4, "threshold_bps": "5"},
            },
            "/target/threshold_bps",
            "leave threshold_bps out",
        ),
        ({"inputs": {"fear": {"kind": "model", "model": "a" * 64}}}, "/inputs/fear/series", "missing"),
        ({"inputs": {"close": {"kind": "series", "series": "a:b", "max_age": "3d"}}}, "/inputs/close", "meaning"),
        ({"cross_validation": {"folds": 1}}, "/cross_validation/folds", "greater"),
    ],
)
def test_what_is_wrong_is_refused_at_its_place(change: dict[str, object], place: str, words: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        read_spec(a_raw_spec(**change))
    told = {reason.place: reason.text for reason in refused.value.reasons}
    assert place in told, told
    assert words in told[place]


def test_form_and_expressions_are_told_together() -> None:
    with pytest.raises(DocumentRefused) as refused:
        read_spec(a_raw_spec(seed="x", features={"good": "close", "bad": "clse"}))
    assert [reason.place for reason in refused.value.reasons] == ["/seed", "/features/bad:1"]


@pytest.mark.parametrize("raw", [None, 3, "text", [], [[]], {"features": 3}, {"features": {"x": None}}])
def test_what_is_no_specification_is_refused(raw: object) -> None:
    with pytest.raises(DocumentRefused):
        read_spec(raw)


def test_every_setting_changes_the_hash_and_has_bounds() -> None:
    assert spec_hash(a_spec()) != spec_hash(a_spec(seed=8))
    schema = ModelSpec.model_json_schema(by_alias=True)
    for clause in schema["$defs"].values():
        for name, one in clause.get("properties", {}).items():
            if one.get("type") in ("integer", "number"):
                assert {"maximum", "exclusiveMaximum"} & set(one), name
