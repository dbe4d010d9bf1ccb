"""Predictions without the libraries that trained: the same as theirs, and the same bits plain and compiled."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.engine.kernels import ENOUGH, compiled
from omc.engine.kernels import trees as kernel
from omc.engine.learning import fitting
from omc.engine.learning.artifact import Trees
from omc.engine.learning.explaining import explained
from omc.engine.learning.predicting import Predictor, Scorer
from omc.engine.learning.spec import ModelSpec
from omc.engine.learning.training import train
from omc.ledgers.columns import Floats
from tests.engine.learning.specs import FEATURES, a_spec, a_trending_market, library

WIDTH = len(FEATURES)
MODELS = [
    ("logistic", "classify"),
    ("ridge", "regress"),
    ("forest", "classify"),
    ("forest", "regress"),
    ("boosting", "classify"),
    ("boosting", "regress"),
]
SMALL = {"logistic": {}, "ridge": {}, "forest": {"trees": 15, "depth": 6}, "boosting": {"trees": 25, "depth": 4}}


def a_problem(task: str, *, seed: int = 1) -> tuple[Floats, Floats]:
    """Rows that hold ties, jumps and values that single precision cannot tell apart, and labels made of them."""
    random = np.random.default_rng(seed)
    rows = random.normal(size=(900, WIDTH))
    rows[:, 1] = np.round(rows[:, 1], 1)
    rows[:, 2] = 1.0 + rows[:, 2] * 1e-7
    value = rows[:, 0] * rows[:, 1] + (rows[:, 2] > 1.0) + random.normal(size=900) * 0.3
    return rows, (value > 0.4).astype(np.float64) if task == "classify" else value


def a_learner_spec(kind: str, task: str) -> ModelSpec:
    return a_spec(task=task, model={"kind": kind, "min_leaf": 10} | SMALL[kind] if SMALL[kind] else {"kind": kind})


def theirs(spec: ModelSpec, rows: Floats, labels: Floats, asked: Floats) -> Floats:
    """What the library itself predicts, fitted as `fitting` does it."""
    model, classify = spec.model, spec.task == "classify"
    match model.kind:
        case "boosting":
            package = library("lightgbm")
            settings = {"objective": "binary" if classify else "regression", "num_leaves": 2**model.depth}
            settings |= {"max_depth": model.depth, "learning_rate": model.learning_rate, "seed": spec.seed}
            settings |= {"min_data_in_leaf": model.min_leaf, "deterministic": True, "force_row_wise": True}
            settings |= {"num_threads": 1, "verbosity": -1}
            return package.train(settings, package.Dataset(rows, labels), num_boost_round=model.trees).predict(asked)
        case "forest":
            package = library("sklearn.ensemble")
            kind = package.RandomForestClassifier if classify else package.RandomForestRegressor
            learner = kind(
                n_estimators=model.trees,
                max_depth=model.depth,
                min_samples_leaf=model.min_leaf,
                max_features=model.features_tried,
                random_state=spec.seed,
            )
        case "logistic":
            linear, scaled = library("sklearn.linear_model"), library("sklearn.preprocessing")
            learner = library("sklearn.pipeline").make_pipeline(
                scaled.StandardScaler(), linear.LogisticRegression(C=1 / model.penalty, solver="newton-cholesky")
            )
        case "ridge":
            linear, scaled = library("sklearn.linear_model"), library("sklearn.preprocessing")
            learner = library("sklearn.pipeline").make_pipeline(
                scaled.StandardScaler(), linear.Ridge(alpha=model.penalty)
            )
    learner.fit(rows, labels)
    return learner.predict_proba(asked)[:, 1] if classify else learner.predict(asked)


@pytest.mark.parametrize(("kind", "task"), MODELS)
def test_predictions_are_those_of_the_library(kind: str, task: str) -> None:
    spec, (rows, labels) = a_learner_spec(kind, task), a_problem(task)
    asked, _ = a_problem(task, seed=2)
    ours = Scorer(spec, fitting.fit(spec, rows, labels)).predictions(asked)
    assert np.ptp(ours) > 0.1
    # The curve and the linear algebra may differ in the last digits; which leaf a row reaches may not.
    np.testing.assert_allclose(ours, theirs(spec, rows, labels, asked), rtol=1e-13 if kind != "logistic" else 1e-6)


@given(st.floats(-3.4e38, 3.4e38, allow_nan=False), st.integers(-2, 2))
def test_a_forest_s_threshold_parts_doubles_as_single_precision_does(threshold: float, steps: int) -> None:
    exact = fitting._exact(threshold)
    near = exact
    for _ in range(abs(steps)):
        near = math.nextafter(near, math.copysign(math.inf, steps))
    with np.errstate(over="ignore"):
        assert (near <= exact) == (float(np.float32(near)) <= threshold)


def test_a_model_that_reads_an_input_says_nothing_before_the_input_is_known() -> None:
    """Two features use it: a number, and a condition, which would be false and not unknown."""
    fear = {"kind": "series", "series": "fear_greed:value", "max_age": "3d"}
    features = {"calm": "sma(fear, 5)", "greedy": "fear > 50", "momentum": "close / lag(close, 5) - 1"}
    spec, bars = a_spec(features=features, inputs={"fear": fear}), a_trending_market(900)
    known = 50 + 40 * np.sin(np.arange(900) / 9)
    past = replace(bars.slice(0, 500), more={"fear": known[:500]})
    predictor = Predictor(train(spec, past, symbol="BTC/USDT"))
    known[:600] = np.nan
    column = predictor.column(replace(bars, more={"fear": known}))
    assert np.isnan(column[:604]).all()
    assert np.isfinite(column[604:]).all()


@pytest.mark.parametrize(("kind", "task"), MODELS)
def test_compiled_and_plain_predictions_have_the_same_bits(kind: str, task: str) -> None:
    spec, (rows, labels) = a_learner_spec(kind, task), a_problem(task)
    scorer = Scorer(spec, fitting.fit(spec, rows, labels))
    few = [scorer.predictions(rows[at : at + 5]) for at in range(0, 50, 5)]
    many = scorer.predictions(np.tile(rows, (ENOUGH // len(rows) + 1, 1)))
    np.testing.assert_array_equal(np.concatenate(few), many[:50])


@given(st.floats(-1e3, 1e3))
def test_the_exponential_is_right_to_the_last_place_and_the_same_compiled(x: float) -> None:
    exact = math.exp(min(max(x, -700.0), 700.0))
    assert abs(kernel.exponential(x) - exact) <= math.ulp(exact)
    assert compiled(kernel.__name__)["exponential"](x) == kernel.exponential(x)  # ty: ignore[not-callable]


def test_a_probability_beyond_every_digit_is_0_or_1() -> None:
    out = [-1e9, 0.0, 1e9]
    kernel.logistic(out)
    assert out == pytest.approx([0.0, 0.5, 1.0], abs=1e-300)


@pytest.mark.parametrize(("kind", "task"), MODELS)
def test_contributions_sum_to_the_score(kind: str, task: str) -> None:
    spec, (rows, labels) = a_learner_spec(kind, task), a_problem(task)
    form = fitting.fit(spec, rows, labels)
    scores = Scorer(spec, form).scores(rows[:30])
    for row, score in zip(rows[:30], scores.tolist(), strict=True):
        shares = explained(spec, form, row)
        assert shares.base + sum(shares.contributions.values()) == pytest.approx(score, abs=1e-10)


@pytest.mark.parametrize("task", ["classify", "regress"])
def test_contributions_of_boosted_trees_are_those_of_lightgbm(task: str) -> None:
    spec, (rows, labels) = a_learner_spec("boosting", task), a_problem(task)
    settings: dict[str, Any] = {"objective": "binary" if task == "classify" else "regression", "num_leaves": 16}
    settings |= {"max_depth": 4, "learning_rate": 0.05, "min_data_in_leaf": 10, "seed": 7, "deterministic": True}
    settings |= {"force_row_wise": True, "num_threads": 1, "verbosity": -1}
    package = library("lightgbm")
    learner = package.train(settings, package.Dataset(rows, labels), num_boost_round=25)
    form = fitting.fit(spec, rows, labels)
    for row, wanted in zip(rows[:20], learner.predict(rows[:20], pred_contrib=True), strict=True):
        shares = explained(spec, form, row)
        np.testing.assert_allclose([*shares.contributions.values(), shares.base], wanted, atol=1e-12)


def test_contributions_are_shapley_values_by_their_definition() -> None:
    """A tree of two questions, with every coalition of its features written out."""
    spec = a_spec(features={"a": "close", "b": "open"}, model={"kind": "boosting"})
    form = Trees(
        kind="trees",
        roots=(0,),
        feature=(0, 1, -1, -1, -1),
        threshold=(0.0, 0.0, 0.0, 0.0, 0.0),
        left=(1, 2, -1, -1, -1),
        right=(4, 3, -1, -1, -1),
        value=(0.0, 0.0, 1.0, 5.0, 20.0),
        cover=(10.0, 6.0, 2.0, 4.0, 4.0),
    )
    none = 0.6 * (1 / 3 * 1 + 2 / 3 * 5) + 0.4 * 20
    first, second, both = 1 / 3 * 1 + 2 / 3 * 5, 0.6 * 1 + 0.4 * 20, 1.0
    shares = explained(spec, form, np.array([-1.0, -1.0]))
    assert shares.base == pytest.approx(none)
    assert shares.contributions["a"] == pytest.approx(((first - none) + (both - second)) / 2)
    assert shares.contributions["b"] == pytest.approx(((second - none) + (both - first)) / 2)
