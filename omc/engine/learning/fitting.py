"""Owns the fit: the one file that reaches scikit-learn and LightGBM, and turns what they learn into a form of our own.

Both are an extra of the package and load with the first fit. One thread and one seed: the same fit again is the same
model.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import cast

import numpy as np

from omc.engine.learning.artifact import LEAF, MAX_NODES, Linear, Trees
from omc.engine.learning.spec import Boosting, Forest, Logistic, ModelSpec, Ridge
from omc.kit.errors import Refusal
from omc.ledgers.columns import Floats


def libraries(spec: ModelSpec) -> dict[str, str]:
    """Return the versions of what fits a model; raises Refusal `no_models` where it is not installed."""
    name = "lightgbm" if isinstance(spec.model, Boosting) else "sklearn"
    return {name: str(_library(name).__version__)}


@dataclass(frozen=True, slots=True)
class _Lesson:
    """Rows of features, their labels, and what each counts: one on average, or None where all count the same."""

    rows: Floats
    labels: Floats
    weights: Floats | None


def fit(spec: ModelSpec, rows: Floats, labels: Floats, weights: Floats | None = None) -> Linear | Trees:
    """Learn labels from rows of features, each of which counts as much as its weight says, the same without weights.

    Raises Refusal `too_large` where the trees come to too many nodes.
    """
    lesson = _Lesson(rows, labels, None if weights is None else weights / weights.mean())
    with _library("threadpoolctl").threadpool_limits(1):
        match spec.model:
            case Logistic() | Ridge() as model:
                return _linear(model, lesson)
            case Forest() as model:
                return _forest(model, spec, lesson)
            case Boosting() as model:
                return _boosting(model, spec, lesson)


def check_installed() -> None:
    """Refuse (`no_models`) where the libraries are not installed; loads neither."""
    if any(find_spec(one) is None for one in ("sklearn", "lightgbm")):
        text = "training needs two libraries that are not installed. Run: .venv/bin/pip install scikit-learn lightgbm"
        raise Refusal("no_models", 422, text)


def _library(name: str) -> ModuleType:
    check_installed()
    return import_module(name)


def _linear(model: Logistic | Ridge, lesson: _Lesson) -> Linear:
    means, spreads = lesson.rows.mean(axis=0), lesson.rows.std(axis=0)
    spreads = np.where(spreads > 0, spreads, 1.0)
    library = _library("sklearn.linear_model")
    if isinstance(model, Logistic):
        learner = library.LogisticRegression(C=1.0 / model.penalty, solver="newton-cholesky", max_iter=1_000)
    else:
        learner = library.Ridge(alpha=model.penalty, solver="cholesky")
    learner.fit((lesson.rows - means) / spreads, lesson.labels, sample_weight=lesson.weights)
    weights, bias = np.ravel(learner.coef_), float(np.ravel(learner.intercept_)[0])
    return Linear(
        kind="linear",
        bias=bias,
        weights=tuple(weights.tolist()),
        means=tuple(means.tolist()),
        spreads=tuple(spreads.tolist()),
    )


def _forest(model: Forest, spec: ModelSpec, lesson: _Lesson) -> Trees:
    library = _library("sklearn.ensemble")
    kind = library.RandomForestClassifier if spec.task == "classify" else library.RandomForestRegressor
    learner = kind(
        n_estimators=model.trees,
        max_depth=model.depth,
        min_samples_leaf=model.min_leaf,
        max_features=model.features_tried,
        random_state=spec.seed,
        n_jobs=1,
    )
    learner.fit(lesson.rows, lesson.labels, sample_weight=lesson.weights)
    grown = _Grown()
    for one in learner.estimators_:
        tree = one.tree_
        inner = tree.children_left >= 0
        grown.add(
            feature=np.where(inner, tree.feature, LEAF),
            threshold=np.where(inner, [_exact(at) for at in tree.threshold.tolist()], 0.0),
            left=tree.children_left,
            right=tree.children_right,
            value=np.where(inner, 0.0, tree.value[:, 0, -1]),
            cover=tree.weighted_n_node_samples,
        )
    return grown.trees()


def _exact(threshold: float) -> float:
    """The largest double that is at most `threshold` once rounded to single precision, in which forests compare."""
    single = np.float32(threshold)
    low = single if float(single) <= threshold else np.nextafter(single, np.float32(-np.inf))
    high = np.nextafter(low, np.float32(np.inf))
    middle = (float(low) + float(high)) / 2.0
    return middle if np.float32(middle) == low else float(np.nextafter(middle, -np.inf))


def _boosting(model: Boosting, spec: ModelSpec, lesson: _Lesson) -> Trees:
    library = _library("lightgbm")
    settings = {
        "objective": "binary" if spec.task == "classify" else "regression",
        "num_leaves": 2**model.depth,
        "max_depth": model.depth,
        "learning_rate": model.learning_rate,
        "min_data_in_leaf": model.min_leaf,
        "lambda_l2": model.penalty,
        "seed": spec.seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
    }
    taught = library.Dataset(lesson.rows, lesson.labels, weight=lesson.weights)
    learner = library.train(settings, taught, num_boost_round=model.trees)
    grown = _Grown()
    for one in learner.dump_model()["tree_info"]:
        grown.add(**_flat(one["tree_structure"], len(lesson.rows)))
    return grown.trees()


_Node = Mapping[str, object]


def _flat(root: _Node, bars: int) -> dict[str, Sequence[float]]:
    """A nested tree as arrays, each node before the nodes below it."""
    nodes = list(_walked(root))
    place = {id(node): at for at, node in enumerate(nodes)}
    inner = [node if "split_feature" in node else None for node in nodes]
    counts = [node.get("internal_count", node.get("leaf_count", bars)) for node in nodes]
    return {
        "feature": [LEAF if node is None else cast("int", node["split_feature"]) for node in inner],
        "threshold": [0.0 if node is None else cast("float", node["threshold"]) for node in inner],
        "left": [LEAF if node is None else place[id(node["left_child"])] for node in inner],
        "right": [LEAF if node is None else place[id(node["right_child"])] for node in inner],
        "value": [cast("float", node.get("leaf_value", 0.0)) for node in nodes],
        "cover": [float(cast("int", count)) for count in counts],
    }


def _walked(node: _Node) -> Iterator[_Node]:
    yield node
    if "split_feature" in node:
        yield from _walked(cast("_Node", node["left_child"]))
        yield from _walked(cast("_Node", node["right_child"]))


@dataclass(slots=True)
class _Grown:
    """Trees as they are put one after the other."""

    roots: list[int] = field(default_factory=list)
    feature: list[int] = field(default_factory=list)
    threshold: list[float] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    right: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    cover: list[float] = field(default_factory=list)

    def add(self, **tree: Sequence[float] | np.ndarray) -> None:
        begin = len(self.feature)
        self.roots.append(begin)
        self.feature += [int(one) for one in tree["feature"]]
        for name, nodes in (("left", self.left), ("right", self.right)):
            nodes += [LEAF if one < 0 else begin + int(one) for one in tree[name]]
        for name, numbers in (("threshold", self.threshold), ("value", self.value), ("cover", self.cover)):
            numbers += [float(one) for one in tree[name]]
        if len(self.feature) > MAX_NODES:
            text = f"the trees come to more than {MAX_NODES} nodes; ask for fewer trees, less depth or larger leaves"
            raise Refusal("too_large", 422, text, place="/model/trees")

    def trees(self) -> Trees:
        return Trees(
            kind="trees",
            roots=tuple(self.roots),
            feature=tuple(self.feature),
            threshold=tuple(self.threshold),
            left=tuple(self.left),
            right=tuple(self.right),
            value=tuple(self.value),
            cover=tuple(self.cover),
        )
