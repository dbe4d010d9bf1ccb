"""Owns the loops over moving windows that neither grow with the window nor drift with time.

Time is cut into blocks as long as the window. A window is the end of the block before and the beginning of this one:
the sums over every such end are taken once, when a block begins, and the sum over the beginning is carried on. So
nothing is ever subtracted, and a price long gone leaves no trace (van Herk 1992 does so for extremes). Values are
taken as distances from the first one of this block, which lies in every window that ends in it: the squared mean of
such distances is at most window times their variance, which bounds what cancels. Kernels are as `columns` says; the
first two numbers of a state are the place in the block and whether a block came before.
"""

import math
from collections.abc import Sequence

from omc.engine.kernels.columns import Inputs, Out, Settings, State


def total(inputs: Inputs, settings: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Sum of the window. State: place, before, sum, then the sums of the last 0, 1, ... values of the last block."""
    values, n = inputs[0], int(settings[0])
    place, before, own = int(state[0]), state[1], state[2]
    for at in range(begin, end):
        if place == 0:
            own = 0.0
            if before:
                older = 0.0
                for back in range(1, n):
                    older += values[at - back]
                    state[3 + back] = older
        own += values[at]
        place += 1
        if before or place == n:
            out[at] = own + state[3 + n - place]
        if place == n:
            place, before = 0, 1.0
    state[0], state[1], state[2] = place, before, own


def highest(inputs: Inputs, settings: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Largest of the window."""
    _extreme(inputs[0], (settings[0], 1.0), state, out, begin, end)


def lowest(inputs: Inputs, settings: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Smallest of the window."""
    _extreme(inputs[0], (settings[0], -1.0), state, out, begin, end)


def _extreme(values: Sequence[float], terms: tuple[float, float], state: State, out: Out, begin: int, end: int) -> None:
    n, sign = int(terms[0]), terms[1]
    place, before, best = int(state[0]), state[1], state[2]
    for at in range(begin, end):
        value = sign * values[at]
        if place == 0:
            best = value
            if before:
                _reach_back(values, terms, state, at)
        best = max(best, value)
        place += 1
        if before or place == n:
            older = state[3 + n - place]
            top = older if place < n and older > best else best
            out[at] = sign * top + 0.0  # no negative zero: which of two zeros is larger is nobody's choice
        if place == n:
            place, before = 0, 1.0
    state[0], state[1], state[2] = place, before, best


def _reach_back(values: Sequence[float], terms: tuple[float, float], state: State, at: int) -> None:
    older = terms[1] * values[at - 1]
    for back in range(1, int(terms[0])):
        value = terms[1] * values[at - back]
        older = max(older, value)
        state[3 + back] = older


def since_highest(inputs: Inputs, settings: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Bars since the largest of the last window + 1 values, the later of equals."""
    _since_extreme(inputs[0], (settings[0] + 1.0, 1.0), state, out, begin, end)


def since_lowest(inputs: Inputs, settings: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Bars since the smallest of the last window + 1 values, the later of equals."""
    _since_extreme(inputs[0], (settings[0] + 1.0, -1.0), state, out, begin, end)


def _since_extreme(
    values: Sequence[float], terms: tuple[float, float], state: State, out: Out, begin: int, end: int
) -> None:
    """State: place, before, best, its place, then the best of each end of the block before and how far back it is."""
    n, sign = int(terms[0]), terms[1]
    place, before, best, held = int(state[0]), state[1], state[2], int(state[3])
    for at in range(begin, end):
        value = sign * values[at]
        if place == 0:
            best, held = value, 0
            if before:
                _reach_back_for_place(values, terms, state, at)
        elif value >= best:
            best, held = value, place
        place += 1
        if before or place == n:
            since = float(place - 1 - held)
            if place < n and state[4 + n - place] > best:
                since = place - 1 + state[4 + 2 * n - place]
            out[at] = since
        if place == n:
            place, before = 0, 1.0
    state[0], state[1], state[2], state[3] = place, before, best, held


def _reach_back_for_place(values: Sequence[float], terms: tuple[float, float], state: State, at: int) -> None:
    n, older, held = int(terms[0]), terms[1] * values[at - 1], 1
    for back in range(1, n):
        value = terms[1] * values[at - back]
        if value > older:
            older, held = value, back
        state[4 + back] = older
        state[4 + n + back] = held


def stdev(inputs: Inputs, settings: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Population deviation. State: place, before, anchor, sum, squares, then sums and squares of the block before."""
    values, n = inputs[0], int(settings[0])
    place, before, anchor, own, squares = int(state[0]), state[1], state[2], state[3], state[4]
    for at in range(begin, end):
        if place == 0:
            anchor, own, squares = values[at], 0.0, 0.0
            if before:
                older, older_squares = 0.0, 0.0
                for back in range(1, n):
                    distance = values[at - back] - anchor
                    older += distance
                    older_squares += distance * distance
                    state[5 + back] = older
                    state[5 + n + back] = older_squares
        distance = values[at] - anchor
        own += distance
        squares += distance * distance
        place += 1
        if before or place == n:
            both = own + state[5 + n - place]
            spread = squares + state[5 + 2 * n - place] - both * both / n
            out[at] = math.sqrt(spread / n) if spread > 0.0 else spread * 0.0 + 0.0
        if place == n:
            place, before = 0, 1.0
    state[0], state[1], state[2], state[3], state[4] = place, before, anchor, own, squares


def wma(inputs: Inputs, settings: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Mean with weights 1, 2, ... window, the newest heaviest."""
    n = settings[0]
    _weighted(inputs[0], (n, -n, 2.0 / (n * (n + 1.0)), 1.0), state, out, begin, end)


def slope(inputs: Inputs, settings: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Slope of the least-squares line through the window, in units a bar."""
    n = settings[0]
    _weighted(inputs[0], (n, -(n - 1.0) / 2.0, 12.0 / (n * (n * n - 1.0)), 0.0), state, out, begin, end)


def _weighted(
    values: Sequence[float], terms: tuple[float, float, float, float], state: State, out: Out, begin: int, end: int
) -> None:
    """`terms`: window, where the weights are zero counted from the newest bar, their scale, how much of the anchor."""
    n, zero, scale, level = int(terms[0]), terms[1], terms[2], terms[3]
    place, before, anchor, own, weighted = int(state[0]), state[1], state[2], state[3], state[4]
    for at in range(begin, end):
        if place == 0:
            anchor, own, weighted = values[at], 0.0, 0.0
            if before:
                older, older_weighted = 0.0, 0.0
                for back in range(1, n):
                    distance = values[at - back] - anchor
                    older += distance
                    older_weighted -= back * distance
                    state[5 + back] = older
                    state[5 + n + back] = older_weighted
        distance = values[at] - anchor
        own += distance
        weighted += place * distance
        if before or place == n - 1:
            both = own + state[4 + n - place]
            both_weighted = weighted + state[4 + 2 * n - place]
            out[at] = level * anchor + scale * (both_weighted - (place + zero) * both)
        place += 1
        if place == n:
            place, before = 0, 1.0
    state[0], state[1], state[2], state[3], state[4] = place, before, anchor, own, weighted


def correlation(inputs: Inputs, settings: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Pearson's correlation of two values, 0 where one does not move. State: place, before, anchors, five sums each."""
    left, right, n = inputs[0], inputs[1], int(settings[0])
    place, before = int(state[0]), state[1]
    for at in range(begin, end):
        if place == 0:
            state[2], state[3] = left[at], right[at]
            for which in range(4, 9):
                state[which] = 0.0
            if before:
                _add_back(left, right, state, n, at)
        x, y = left[at] - state[2], right[at] - state[3]
        state[4] += x
        state[5] += y
        state[6] += x * x
        state[7] += y * y
        state[8] += x * y
        place += 1
        if before or place == n:
            out[at] = _correlated(state, n, 9 + 5 * (n - place))
        if place == n:
            place, before = 0, 1.0
    state[0], state[1] = place, before


def _add_back(left: Sequence[float], right: Sequence[float], state: State, n: int, at: int) -> None:
    for back in range(1, n):
        x, y, row = left[at - back] - state[2], right[at - back] - state[3], 9 + 5 * back
        state[row] = state[row - 5] + x
        state[row + 1] = state[row - 4] + y
        state[row + 2] = state[row - 3] + x * x
        state[row + 3] = state[row - 2] + y * y
        state[row + 4] = state[row - 1] + x * y


def _correlated(state: State, n: int, row: int) -> float:
    x, y = state[4] + state[row], state[5] + state[row + 1]
    spread_x = state[6] + state[row + 2] - x * x / n
    spread_y = state[7] + state[row + 3] - y * y / n
    together = state[8] + state[row + 4] - x * y / n
    if spread_x <= 0.0 or spread_y <= 0.0:
        return 0.0
    found = together / (math.sqrt(spread_x) * math.sqrt(spread_y))
    if found > 1.0:
        return 1.0
    return max(found, -1.0)
