"""Owns the loops that follow a path or look at each value of a window: stops that trail, ranks, logarithms.

Kernels are as `columns` says. Those that look at each value of the window do work that grows with it.
"""

import math

from omc.engine.kernels.columns import Inputs, Out, Settings, State

LARGEST_EXPONENT = 709.782712893384  # exp of more is no finite number


def sar(inputs: Inputs, settings: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Parabolic stop and reverse of high and low (Wilder 1978); it starts long unless the first low fell further.

    A short is a long in a mirror: prices times `side`. State: bars seen, side, stop, extreme, acceleration.
    """
    high, low, step, limit = inputs[0], inputs[1], settings[0], settings[1]
    seen, side, stop, extreme, speed = state[0], state[1], state[2], state[3], state[4]
    for at in range(begin, end):
        seen += 1.0
        if seen == 1.0:
            continue
        last = at - 1
        if seen == 2.0:
            fell = low[last] - low[at]
            side = -1.0 if fell > 0.0 and fell > high[at] - high[last] else 1.0
            stop, extreme = (low[last], high[at]) if side > 0.0 else (-high[last], -low[at])
            speed, last = step, at
        near, far = (low[at], high[at]) if side > 0.0 else (-high[at], -low[at])
        near_before, far_before = (low[last], high[last]) if side > 0.0 else (-high[last], -low[last])
        if near <= stop:
            side, near, far, near_before = -side, -far, -near, -far_before
            stop, extreme, speed = min(-extreme, near_before, near), far, step
            out[at] = side * stop
        else:
            out[at] = side * stop
            if far > extreme:
                extreme, speed = far, min(speed + step, limit)
        stop = min(stop + speed * (extreme - stop), near_before, near)
    state[0], state[1], state[2], state[3], state[4] = seen, side, stop, extreme, speed


def supertrend(inputs: Inputs, settings: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """The band that trails the close, of high, low, close and a range; it starts above. State: seen, bands, side."""
    high, low, close, reach, width = inputs[0], inputs[1], inputs[2], inputs[3], settings[0]
    seen, upper, lower, side = state[0], state[1], state[2], state[3]
    for at in range(begin, end):
        middle = (high[at] + low[at]) / 2.0
        above, below = middle + width * reach[at], middle - width * reach[at]
        if seen == 0.0:
            seen, upper, lower, side = 1.0, above, below, -1.0
        else:
            before = close[at - 1]
            if above < upper or before > upper:
                upper = above
            if below > lower or before < lower:
                lower = below
            if side < 0.0 and close[at] > upper:
                side = 1.0
            elif side > 0.0 and close[at] < lower:
                side = -1.0
        out[at] = lower if side > 0.0 else upper
    state[0], state[1], state[2], state[3] = seen, upper, lower, side


def percent_rank(inputs: Inputs, settings: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Percent of the values before, as many as the window, that are not above this one. State: values seen."""
    values, n = inputs[0], int(settings[0])
    for at in range(begin, end):
        if state[0] < n:
            state[0] += 1.0
            continue
        newest, below = values[at], 0
        for back in range(1, n + 1):
            if values[at - back] <= newest:
                below += 1
        out[at] = 100.0 * below / n


def mean_deviation(inputs: Inputs, settings: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Mean distance of the window's values from their mean. State: values seen."""
    values, n = inputs[0], int(settings[0])
    for at in range(begin, end):
        state[0] += 1.0
        if state[0] < n:
            continue
        anchor, total, distance = values[at], 0.0, 0.0
        for back in range(n):
            total += values[at - back] - anchor
        mean = total / n
        for back in range(n):
            distance += abs(values[at - back] - anchor - mean)
        out[at] = distance / n


def log(inputs: Inputs, _: Settings, __: State, out: Out, begin: int, end: int) -> None:
    """Natural logarithm."""
    values = inputs[0]
    for at in range(begin, end):
        out[at] = log_of(values[at])


def exp(inputs: Inputs, _: Settings, __: State, out: Out, begin: int, end: int) -> None:
    """The exponential function."""
    values = inputs[0]
    for at in range(begin, end):
        out[at] = exp_of(values[at])


def log_of(value: float) -> float:
    """Natural logarithm by the C library, as numpy's own differs from it by machine; NaN where there is none."""
    return math.log(value) if value > 0.0 else math.nan


def exp_of(value: float) -> float:
    """The exponential function by the C library; infinite where the result is too large."""
    return math.exp(value) if value <= LARGEST_EXPONENT else math.inf
