"""How much of a label is its own, and that a fit counts it by that."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.engine.learning import fitting
from omc.engine.learning.labels import Labels, labels_of, uniqueness_of
from omc.engine.learning.predicting import Scorer
from omc.engine.learning.training import train
from omc.ledgers.columns import Floats
from tests.engine.learning.specs import a_spec, a_trending_market, library

SPANS = st.lists(st.one_of(st.none(), st.integers(1, 9)), min_size=1, max_size=60)


def labelled(spans: list[int | None]) -> Labels:
    """Labels that reach so many bars ahead; None is a bar without one, and so is one that would reach beyond."""
    count = len(spans)
    there = [span is not None and at + span < count for at, span in enumerate(spans)]
    known = np.array([at + (span or 1) for at, span in enumerate(spans)], dtype=np.int64)
    return Labels(values=np.where(there, 1.0, np.nan), known=known)


@given(SPANS)
def test_it_is_the_mean_over_a_label_s_bars_of_one_over_how_many_labels_they_make(spans: list[int | None]) -> None:
    """Lopez de Prado 2018, sections 4.3 and 4.4, written out."""
    labels = labelled(spans)
    there = np.flatnonzero(np.isfinite(labels.values)).tolist()
    made_of = {at: range(at + 1, int(labels.known[at]) + 1) for at in there}
    found = uniqueness_of(labels)
    for at, bars in made_of.items():
        shares = [1 / sum(bar in others for others in made_of.values()) for bar in bars]
        assert found[at] == pytest.approx(sum(shares) / len(shares))
        assert 0 < found[at] <= 1 + 1e-12
    assert np.isnan(np.delete(found, there)).all()


def test_labels_that_do_not_touch_are_their_own_and_those_of_many_bars_share_them() -> None:
    assert uniqueness_of(labelled([2, None, 2, None, 1, 1]))[[0, 2, 4]].tolist() == [1.0, 1.0, 1.0]
    whole = uniqueness_of(labelled([4] * 40))
    assert whole[10:25] == pytest.approx(0.25)
    assert whole[0] == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4)


def test_a_barrier_that_is_met_early_leaves_a_label_more_of_its_own() -> None:
    near = {"kind": "percent", "value": "0.3"}
    far = {"kind": "percent", "value": "30"}
    bars, means = a_trending_market(600), []
    for reach in (near, far):
        target = {"kind": "triple_barrier", "up": reach, "down": reach, "bars": 20}
        means.append(float(np.nanmean(uniqueness_of(labels_of(a_spec(target=target), bars)))))
    assert means[0] > 0.5
    assert means[1] == pytest.approx(1 / 20, rel=0.1)


# --- in a fit ---------------------------------------------------------------------------------------------------------


def a_problem() -> tuple[Floats, Floats, Floats]:
    random = np.random.default_rng(3)
    rows = random.normal(size=(900, 4))
    return rows, rows[:, 0] * rows[:, 1] + random.normal(size=900), random.uniform(0.05, 1.0, size=900)


def test_what_counts_less_pulls_less_as_the_libraries_define_it() -> None:
    rows, labels, weights = a_problem()
    scaled = weights / weights.mean()
    ridge = library("sklearn.pipeline").make_pipeline(
        library("sklearn.preprocessing").StandardScaler(), library("sklearn.linear_model").Ridge(alpha=1.0)
    )
    ridge.fit(rows, labels, ridge__sample_weight=scaled)
    forest = library("sklearn.ensemble").RandomForestRegressor(
        n_estimators=10, max_depth=5, min_samples_leaf=10, max_features=0.5, random_state=7
    )
    forest.fit(rows, labels, sample_weight=scaled)
    settings = {"objective": "regression", "num_leaves": 8, "max_depth": 3, "learning_rate": 0.05, "seed": 7}
    settings |= {"min_data_in_leaf": 50, "deterministic": True, "force_row_wise": True, "verbosity": -1}
    package = library("lightgbm")
    boosting = package.train(settings | {"num_threads": 1}, package.Dataset(rows, labels, weight=scaled), 100)
    models = {"ridge": {}, "forest": {"trees": 10, "depth": 5, "min_leaf": 10}, "boosting": {}}
    for (kind, more), theirs in zip(models.items(), (ridge, forest, boosting), strict=True):
        spec = a_spec(task="regress", model={"kind": kind} | more)
        ours, plain = (Scorer(spec, fitting.fit(spec, rows, labels, one)).predictions(rows) for one in (weights, None))
        np.testing.assert_allclose(ours, theirs.predict(rows), rtol=1e-9, atol=1e-12)
        assert np.abs(ours - plain).max() > 1e-3


def test_a_training_counts_labels_by_their_uniqueness_unless_it_is_told_otherwise() -> None:
    """Barriers are met sooner and later, so that labels differ in how much of them is their own."""
    near = {"kind": "percent", "value": "1"}
    target = {"kind": "triple_barrier", "up": near, "down": near, "bars": 12}
    bars = a_trending_market(600)
    usual, named, equal = (
        train(a_spec(target=target, weights=one), bars, symbol="BTC/USDT") for one in (None, "uniqueness", "equal")
    )
    assert usual.form == named.form != equal.form
    own = uniqueness_of(labels_of(a_spec(target=target), bars))
    assert usual.label_uniqueness == pytest.approx(np.mean(own[13:][np.isfinite(own[13:])]), rel=0.02)
