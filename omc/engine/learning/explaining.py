"""Owns the explanation of one prediction: what each feature added to the score, exactly, and from which base.

For a weighted sum that is the feature's term; for trees its Shapley value over the ways that the training bars took
(Lundberg et al. 2020). Base and contributions sum to the score: log-odds for logistic and boosting that classify, else
the prediction itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np

from omc.engine import kernels
from omc.engine.kernels import shapley
from omc.engine.learning.artifact import LEAF, MAX_DEPTH, Linear, Trees
from omc.engine.learning.spec import ModelSpec
from omc.ledgers.columns import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """The score of a row that knows nothing, and what each feature adds to it."""

    base: float
    contributions: Mapping[str, float]


def explained(spec: ModelSpec, form: Linear | Trees, row: Floats) -> Shares:
    """Return what each feature of a row added to its score."""
    names = sorted(spec.features)
    match form:
        case Linear():
            terms = np.asarray(form.weights) * ((row - np.asarray(form.means)) / np.asarray(form.spreads))
            return Shares(base=form.bias, contributions=dict(zip(names, terms.tolist(), strict=True)))
        case Trees():
            divisor = len(form.roots) if spec.model.kind == "forest" else 1
            added = _shared(form, row) / divisor
            return Shares(base=_base(form) / divisor, contributions=dict(zip(names, added.tolist(), strict=True)))


def _base(form: Trees) -> float:
    """The mean of what the trees say over the bars that they were grown on."""
    feature, value, cover = (np.asarray(one) for one in (form.feature, form.value, form.cover))
    roots = np.asarray(form.roots)
    root = roots[np.searchsorted(roots, np.arange(len(feature)), side="right") - 1]
    leaf = feature == LEAF
    return float(np.sum(value[leaf] * cover[leaf] / cover[root[leaf]]))


def _shared(form: Trees, row: Floats) -> Floats:
    parent = np.full(len(form.feature), -1)
    for children in (np.asarray(form.left), np.asarray(form.right)):
        asking = np.flatnonzero(children != LEAF)
        parent[children[asking]] = asking
    nodes = [np.asarray(one, dtype=np.int64) for one in (form.feature, form.left, form.right, parent)]
    numbers = [np.asarray(one, dtype=np.float64) for one in (form.threshold, form.value, form.cover)]
    scratch, out = [np.zeros(MAX_DEPTH + 1) for _ in range(5)], np.zeros(len(row))
    loop = kernels.chosen(shapley.shared, len(form.feature) * _COSTLY)
    plain = not kernels.is_compiled(loop)
    given, written = (kernels.sequence(one, loop) for one in (row, out))
    loop(
        given,
        tuple(cast("list[int]", one.tolist() if plain else one) for one in nodes),
        tuple(kernels.sequence(one, loop) for one in numbers),
        tuple(kernels.sequence(one, loop) for one in scratch),
        written,
    )
    return np.asarray(written)


_COSTLY = 10
"""Steps that a node takes, about: from how many nodes on compiled code pays."""
