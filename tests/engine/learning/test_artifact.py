"""What is kept of a model: plain, canonical, and refused when somebody has been at it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from omc.engine import DocumentRefused
from omc.engine.learning.artifact import Artifact, artifact_hash, artifact_plain, artifact_text, read_artifact
from omc.engine.learning.training import train
from tests.engine.learning.specs import a_spec, a_trending_market

Plain = dict[str, Any]


def trained(kind: str) -> Artifact:
    model = {"kind": kind} if kind == "logistic" else {"kind": kind, "trees": 4, "depth": 2, "min_leaf": 20}
    return train(a_spec(model=model), a_trending_market(400), symbol="BTC/USDT")


@pytest.fixture(scope="module")
def forest() -> Artifact:
    return trained("forest")


@pytest.mark.parametrize("kind", ["logistic", "forest", "boosting"])
def test_a_model_read_from_its_own_text_is_the_same_model(kind: str) -> None:
    artifact = trained(kind)
    again = read_artifact(artifact_text(artifact))
    assert again == artifact
    assert artifact_hash(again) == artifact_hash(artifact)


def test_the_same_training_again_is_the_same_model_and_another_seed_another(forest: Artifact) -> None:
    assert artifact_hash(trained("forest")) == artifact_hash(forest)
    model = {"kind": "forest", "trees": 4, "depth": 2, "min_leaf": 20}
    other = train(a_spec(model=model, seed=8), a_trending_market(400), symbol="BTC/USDT")
    assert artifact_hash(other) != artifact_hash(forest)


def put(path: str, value: object) -> Callable[[Plain], None]:
    """Return what changes the value at a place of the plain form."""

    def change(raw: Plain) -> None:
        *steps, last = path.split("/")
        inside: Any = raw
        for step in steps:
            inside = inside[int(step)] if isinstance(inside, list) else inside[step]
        inside[int(last) if isinstance(inside, list) else last] = value

    return change


def cut(name: str) -> Callable[[Plain], None]:
    return lambda raw: raw["form"][name].pop()


HOSTILE = {
    "a circle": put("form/left/0", 0),
    "a way back": put("form/right/1", 0),
    "into the next tree": lambda raw: put("form/right/0", raw["form"]["roots"][1])(raw),
    "outside the array": put("form/right/0", 10**9),
    "a number too large for any array": put("form/left/0", 10**30),
    "before the array": put("form/left/0", -2),
    "two parents": lambda raw: put("form/right/0", raw["form"]["left"][0])(raw),
    "a leaf with a question": put("form/feature/0", -1),
    "a feature that is not there": put("form/feature/0", 4),
    "no trees": put("form/roots", []),
    "a root that is none": put("form/roots/1", 2),
    "a root outside": put("form/roots/3", 10**6),
    "short thresholds": cut("threshold"),
    "short covers": cut("cover"),
    "a cover of nothing": put("form/cover/1", 0.0),
    "covers that do not add up": put("form/cover/1", 1e6),
    "no number": put("form/value/2", float("nan")),
    "no end": put("form/threshold/0", float("inf")),
    "text for a number": put("form/threshold/0", "1"),
    "true for a number": put("form/feature/0", True),
    "trees for a weighted sum": put("spec/model", {"kind": "logistic"}),
    "another specification": put("spec/seed", 99),
    "an expression that reads ahead": put("spec/features/momentum", "next(close)"),
    "an unknown part": put("pickle", "gASVKAAAAAAAAACMCGJ1aWx0aW5z"),
    "an importance for nothing": put("importances/other", {"mean": 1.0, "spread": 0.0}),
    "no folds": put("folds", []),
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_what_was_tampered_with_is_refused(forest: Artifact, change: Callable[[Plain], None]) -> None:
    raw = json.loads(artifact_text(forest))
    change(raw)
    with pytest.raises(DocumentRefused):
        read_artifact(json.dumps(raw))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\x80\x04\x95",
        b"[" * 100_000,
        b'{"form": ' * 50_000,
        b" " * 24_000_001,
        b'{"start": 1e400}',
        b'{"start": ' + b"9" * 10_000 + b"}",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_what_is_no_model_is_refused(text: bytes) -> None:
    with pytest.raises(DocumentRefused):
        read_artifact(text)


def test_a_tree_too_deep_to_explain_is_refused(forest: Artifact) -> None:
    raw = artifact_plain(forest)
    deep = 40
    chain = {
        "kind": "trees",
        "roots": [0],
        "feature": [0, -1] * deep + [-1],
        "threshold": [0.0] * (2 * deep + 1),
        "left": [one for at in range(0, 2 * deep, 2) for one in (at + 1, -1)] + [-1],
        "right": [one for at in range(0, 2 * deep, 2) for one in (at + 2, -1)] + [-1],
        "value": [0.0] * (2 * deep + 1),
        "cover": [one for at in range(deep, 0, -1) for one in (at + 1.0, 1.0)] + [1.0],
    }
    with pytest.raises(DocumentRefused, match="32 deep"):
        read_artifact(json.dumps(raw | {"form": chain}))
