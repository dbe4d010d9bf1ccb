"""Owns the loop that shares the score of one row out among its features."""

from collections.abc import MutableSequence, Sequence

from omc.engine.kernels.trees import Nodes, Numbers


def shared(
    row: Sequence[float],
    nodes: Nodes,
    numbers: Numbers,
    scratch: tuple[MutableSequence[float], ...],
    out: MutableSequence[float],
) -> None:
    """Add to `out` what each feature adds to the sum of the trees: Shapley values (Lundberg et al. 2020, algorithm 2).

    Nodes: feature, left, right, and the parent of each (-1 at a root); numbers: threshold, value, cover. A coalition
    knows some features of the row; where a tree asks for another one, both answers count as often as bars went that
    way. The way to a leaf asks for m features; one that is known lets the leaf through or not (`one`, 1 or 0), one that
    is not lets a share of the bars through (`zero`). The leaf's worth for all coalitions of k others is the coefficient
    of t^k in the product of (zero + one t) over the others; Shapley's weight of each is k! (m - k - 1)! / m!.
    """
    feature, left, right, parent = nodes
    threshold, value, cover = numbers
    names, zero, one, whole, part = scratch
    for leaf in range(len(feature)):
        if feature[leaf] >= 0:
            continue
        many, node = 0, leaf
        while parent[node] >= 0:
            above = parent[node]
            asked = feature[above]
            goes = left[above] if row[asked] <= threshold[above] else right[above]
            at = 0
            while at < many and names[at] != asked:
                at += 1
            if at == many:
                names[at], zero[at], one[at] = float(asked), 1.0, 1.0
                many += 1
            zero[at] *= cover[node] / cover[above]
            if goes != node:
                one[at] = 0.0
            node = above
        _multiplied(zero, one, many, whole)
        for at in range(many):
            _without(whole, zero[at], one[at], many, part)
            weight, worth = 1.0 / many, 0.0
            for others in range(many):
                worth += weight * part[others]
                if others < many - 1:
                    weight *= (others + 1.0) / (many - 1.0 - others)
            out[int(names[at])] += value[leaf] * (one[at] - zero[at]) * worth


def _multiplied(zero: Sequence[float], one: Sequence[float], many: int, whole: MutableSequence[float]) -> None:
    """Write the coefficients of the product of (zero + one t)."""
    whole[0] = 1.0
    for at in range(many):
        whole[at + 1] = 0.0
        for power in range(at + 1, 0, -1):
            whole[power] = whole[power] * zero[at] + whole[power - 1] * one[at]
        whole[0] *= zero[at]


def _without(whole: Sequence[float], zero: float, one: float, many: int, part: MutableSequence[float]) -> None:
    """Write the coefficients of the product divided by (zero + one t), from the highest, so that errors do not grow."""
    if one == 0.0:
        for power in range(many):
            part[power] = whole[power] / zero
        return
    above = 0.0
    for power in range(many, 0, -1):
        above = whole[power] - zero * above
        part[power - 1] = above
