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


def plus_di(inputs: Inputs, settings: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Wilder's +DI of high, low, close: the mean rise of the highs in percent of the mean range."""
    _directed(inputs, (settings[0], 1.0), state, out, begin, end)


def minus_di(inputs: Inputs, settings: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Wilder's -DI of high, low, close: the mean fall of the lows in percent of the mean range."""
    _directed(inputs, (settings[0], -1.0), state, out, begin, end)


def adx(inputs: Inputs, settings: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Wilder's mean of how far +DI and -DI are apart, in percent of their sum."""
    _directed(inputs, (settings[0], 0.0), state, out, begin, end)


def _directed(inputs: Inputs, terms: tuple[float, float], state: State, out: Out, begin: int, end: int) -> None:
    """`terms`: window, and 1 for +DI, -1 for -DI, 0 for ADX. State: seen, means of rise, fall, range; seen, ADX."""
    high, low, close, n, which = inputs[0], inputs[1], inputs[2], terms[0], terms[1]
    seen, rise, fall, reach = state[0], state[1], state[2], state[3]
    if begin < end and seen == 0.0:
        seen = 1.0
        begin += 1
    for at in range(begin, end):
        up, down, before = high[at] - high[at - 1], low[at - 1] - low[at], close[at - 1]
        rose = up if up > down and up > 0.0 else 0.0
        fell = down if down > up and down > 0.0 else 0.0
        wide = max(before, high[at]) - min(before, low[at])
        if seen > n:
            rise += (rose - rise) / n
            fall += (fell - fall) / n
            reach += (wide - reach) / n
        else:
            rise, fall, reach, seen = rise + rose, fall + fell, reach + wide, seen + 1.0
            if seen > n:
                rise, fall, reach = rise / n, fall / n, reach / n
        if seen > n:
            _write_direction((rise, fall, reach), (n, which), state, out, at)
    state[0], state[1], state[2], state[3] = seen, rise, fall, reach


def _write_direction(
    means: tuple[float, float, float], terms: tuple[float, float], state: State, out: Out, at: int
) -> None:
    rise, fall, reach = means
    n, which = terms
    if which != 0.0:
        out[at] = 100.0 * (rise if which > 0.0 else fall) / reach if reach != 0.0 else 0.0
        return
    both = rise + fall
    apart = 100.0 * abs(rise - fall) / both if both != 0.0 else 0.0
    if state[4] < n:
        state[4] += 1.0
        state[5] += apart / n
    else:
        state[5] += (apart - state[5]) / n
    if state[4] == n:
        out[at] = state[5]


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
