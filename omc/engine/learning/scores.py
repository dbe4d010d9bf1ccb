"""Owns the figures of skill: how well probabilities and returns were predicted. None where a figure has no meaning."""

import numpy as np

from omc.engine.learning.artifact import Scores
from omc.ledgers.columns import Floats

_SURE = 1e-15
"""A probability is taken to be no nearer than this to 0 and 1, so that one sure error does not cost everything."""


def scored(labels: Floats, predicted: Floats, *, classify: bool, base: float) -> Scores:
    """Return the scores of predictions; `base` is the mean label of the bars that were fitted."""
    if classify:
        return Scores(
            auc=auc(labels, predicted),
            log_loss=log_loss(labels, predicted),
            base_log_loss=log_loss(labels, np.full(len(labels), base)),
        )
    return Scores(r2=r2(labels, predicted, base), ic=rank_correlation(labels, predicted))


def loss(labels: Floats, predicted: Floats, *, classify: bool) -> float:
    """What importance is measured in: the log loss, or the squared error over the variance of the labels."""
    if classify:
        return log_loss(labels, predicted)
    spread = float(np.var(labels))
    return float(np.mean((labels - predicted) ** 2)) / spread if spread > 0 else 0.0


def log_loss(labels: Floats, predicted: Floats) -> float:
    """The mean of -log p of what happened."""
    sure = np.clip(predicted, _SURE, 1 - _SURE)
    return float(-np.mean(labels * np.log(sure) + (1 - labels) * np.log(1 - sure)))


def auc(labels: Floats, predicted: Floats) -> float | None:
    """The chance that a bar labelled 1 is given more than one labelled 0; ties count half (Mann and Whitney 1947)."""
    ones = int(labels.sum())
    zeros = len(labels) - ones
    if not ones or not zeros:
        return None
    return float((ranks(predicted)[labels == 1].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def r2(labels: Floats, predicted: Floats, base: float) -> float | None:
    """The share of the squared error of always saying `base` that the predictions save; below 0 they are worse."""
    whole = float(np.sum((labels - base) ** 2))
    return 1.0 - float(np.sum((labels - predicted) ** 2)) / whole if whole > 0 else None


def rank_correlation(labels: Floats, predicted: Floats) -> float | None:
    """Spearman's correlation of ranks: the information coefficient."""
    left, right = ranks(labels), ranks(predicted)
    if np.ptp(left) == 0 or np.ptp(right) == 0:
        return None
    return float(np.corrcoef(left, right)[0, 1])


def ranks(values: Floats) -> Floats:
    """The rank of each value from 1 on; equal values share the mean of theirs."""
    _, at, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((ends - counts + 1 + ends) / 2)[at]
