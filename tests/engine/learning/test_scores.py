"""Figures of skill, held to scikit-learn and SciPy."""

import numpy as np
import pytest

from omc.engine.learning.scores import auc, log_loss, loss, r2, rank_correlation, scored
from tests.engine.learning.specs import library


@pytest.mark.parametrize("seed", range(5))
def test_figures_are_those_of_the_libraries(seed: int) -> None:
    random = np.random.default_rng(seed)
    labels = (random.random(300) < 0.3).astype(np.float64)
    said = np.round(np.clip(random.random(300) * 0.6 + labels * 0.2, 0.01, 0.99), 1)  # with ties
    metrics = library("sklearn.metrics")
    assert auc(labels, said) == pytest.approx(metrics.roc_auc_score(labels, said))
    assert log_loss(labels, said) == pytest.approx(metrics.log_loss(labels, said))
    values = random.normal(size=300)
    wanted = library("scipy.stats").spearmanr(values, said).statistic
    assert rank_correlation(values, said) == pytest.approx(wanted)
    assert r2(values, said, float(values.mean())) == pytest.approx(metrics.r2_score(values, said))


def test_a_figure_without_meaning_is_none() -> None:
    ones, spread = np.ones(5), np.arange(5.0)
    assert auc(ones, spread) is None
    assert r2(ones, spread, 1.0) is None
    assert rank_correlation(spread, ones) is None


def test_a_sure_error_costs_much_and_not_everything() -> None:
    assert 30 < log_loss(np.array([1.0]), np.array([0.0])) < 40


def test_a_classifier_is_told_beside_always_saying_the_base_rate() -> None:
    labels, said = np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.2, 0.7, 0.9, 0.1])
    found = scored(labels, said, classify=True, base=0.5)
    assert found.base_log_loss == pytest.approx(np.log(2))
    assert found.log_loss == pytest.approx(-np.mean(np.log([0.8, 0.7, 0.9, 0.9])))
    assert (found.r2, found.ic) == (None, None)


def test_the_loss_of_a_return_is_in_units_of_its_variance() -> None:
    labels = np.array([1.0, 2.0, 3.0])
    assert loss(labels, np.full(3, 2.0), classify=False) == pytest.approx(1.0)
    assert loss(labels, labels, classify=False) == 0.0
