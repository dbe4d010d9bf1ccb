"""Owns the loops that turn a row of features into a model's score: trees, a weighted sum, and the logistic curve.

Rows stand one after the other in one sequence, `width` numbers each.
"""

import math
from collections.abc import MutableSequence, Sequence

Nodes = tuple[Sequence[int], ...]
Numbers = tuple[Sequence[float], ...]

_MOST = 700.0  # beyond it the logistic curve is 0 or 1 in every digit


def grown(rows: Sequence[float], width: int, nodes: Nodes, numbers: Numbers, out: MutableSequence[float]) -> None:
    """Write for each row the sum of what the trees say, in their order.

    Nodes: roots, feature, left, right; numbers: threshold, value. Trees stand one after the other: a node asks whether
    its feature is at most its threshold and goes on at its left or right; a leaf has feature -1 and adds its value.
    """
    roots, feature, left, right = nodes
    threshold, value = numbers
    for row in range(len(out)):
        begin, total = row * width, 0.0
        for root in roots:
            node = root
            asked = feature[node]
            while asked >= 0:
                node = left[node] if rows[begin + asked] <= threshold[node] else right[node]
                asked = feature[node]
            total += value[node]
        out[row] = total


def weighed(rows: Sequence[float], width: int, _: Nodes, numbers: Numbers, out: MutableSequence[float]) -> None:
    """Write for each row the bias and the weighted features, each less its mean and over its spread.

    Numbers: weights, means, spreads, and the bias alone.
    """
    weights, means, spreads, bias = numbers
    for row in range(len(out)):
        total = bias[0]
        for at in range(width):
            total += weights[at] * ((rows[row * width + at] - means[at]) / spreads[at])
        out[row] = total


def divided(out: MutableSequence[float], divisor: float) -> None:
    """Divide each score."""
    for at in range(len(out)):
        out[at] /= divisor


def logistic(out: MutableSequence[float]) -> None:
    """Put each score on the logistic curve: a probability."""
    for at in range(len(out)):
        out[at] = 1.0 / (1.0 + exponential(-out[at]))


def exponential(x: float) -> float:
    """Return e to the power x, cut to +-700, from operations that give the same bits on every machine.

    Libraries differ in the last bit. Reduction by powers of two and a rational function, as in the Cephes library
    (Moshier 1989); off by one unit in the last place at most.
    """
    x = min(max(x, -_MOST), _MOST)
    power = math.floor(1.4426950408889634 * x + 0.5)
    x -= power * 0.693145751953125
    x -= power * 1.4286068203094172e-06
    square = x * x
    above = x * ((1.2617719307481059e-04 * square + 3.0299440770744196e-02) * square + 1.0)
    below = ((3.001985051386645e-06 * square + 2.5244834034968410e-03) * square + 2.2726554820815503e-01) * square + 2.0
    return math.ldexp(1.0 + 2.0 * (above / (below - above)), int(power))
