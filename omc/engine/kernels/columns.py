"""Owns the loops of the indicators that carry a few numbers from bar to bar: means, strength, range, trend.

A kernel is `kernel(inputs, settings, state, out, begin, end)`: it reads `inputs` (sequences of one length), writes
`out[begin:end]` and keeps in `state` what the next call needs, so that a whole column in one call and one bar at a time
run the same code on the same numbers. `state` starts as zeros. Value `at` is made from inputs up to `at`, reaching back
at most one bar more than the operator's warm-up; the values inside the warm-up are left as they are.
"""

from collections.abc import MutableSequence, Sequence

Inputs = tuple[Sequence[float], ...]
Settings = tuple[float, ...]
State = MutableSequence[float]
Out = MutableSequence[float]


def lag(inputs: Inputs, settings: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """The value so many bars earlier. State: values seen."""
    values, n, seen = inputs[0], int(settings[0]), state[0]
    for at in range(begin, end):
        if seen < n:
            seen += 1.0
        else:
            out[at] = values[at - n]
    state[0] = seen


def crosses_above(inputs: Inputs, _: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Above now, and not above at the bar before. State: whether a bar came before."""
    left, right = inputs[0], inputs[1]
    if begin < end and not state[0]:
        state[0] = 1.0
        begin += 1
    for at in range(begin, end):
        out[at] = (left[at] > right[at]) & (left[at - 1] <= right[at - 1])


def crosses_below(inputs: Inputs, settings: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Below now, and not below at the bar before. State: whether a bar came before."""
    crosses_above((inputs[1], inputs[0]), settings, state, out, begin, end)


def ratio(inputs: Inputs, _: Settings, __: State, out: Out, begin: int, end: int) -> None:
    """The first over the second, and the third where that is zero."""
    above, below, otherwise = inputs[0], inputs[1], inputs[2]
    for at in range(begin, end):
        divisor, instead = below[at], otherwise[at]
        quotient = above[at] / (divisor if divisor != 0.0 else 1.0)
        out[at] = quotient if divisor != 0.0 else instead


def choose(inputs: Inputs, _: Settings, __: State, out: Out, begin: int, end: int) -> None:
    """The second where the condition is true, else the third."""
    condition, chosen, otherwise = inputs[0], inputs[1], inputs[2]
    for at in range(begin, end):
        one, other = chosen[at], otherwise[at]  # both read first: a branch that cannot be foreseen costs more
        out[at] = one if condition[at] else other


def sma(inputs: Inputs, settings: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Mean of a window: the sum is carried on as sum + (new - old), which a constant leaves exact. State: seen, sum."""
    values, n = inputs[0], int(settings[0])
    seen, total = state[0], state[1]
    while begin < end and seen < n:
        total += values[begin]
        seen += 1.0
        if seen == n:
            out[begin] = total / n
        begin += 1
    for at in range(begin, end):
        total += values[at] - values[at - n]
        out[at] = total / n
    state[0], state[1] = seen, total


def ema(inputs: Inputs, settings: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Exponential mean of weight 2 / (window + 1), seeded with a simple mean. State: seen, mean."""
    _smoothed(inputs[0], (settings[0], 2.0 / (settings[0] + 1.0)), state, out, begin, end)


def wilder(inputs: Inputs, settings: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Wilder's mean of weight 1 / window, seeded with a simple mean. State: seen, mean."""
    _smoothed(inputs[0], (settings[0], 1.0 / settings[0]), state, out, begin, end)


def _smoothed(
    values: Sequence[float], terms: tuple[float, float], state: State, out: Out, begin: int, end: int
) -> None:
    n, weight = terms
    seen, mean = state[0], state[1]
    while begin < end and seen < n:
        mean += values[begin]
        seen += 1.0
        if seen == n:
            mean /= n
            out[begin] = mean
        begin += 1
    for at in range(begin, end):
        mean += weight * (values[at] - mean)
        out[at] = mean
    state[0], state[1] = seen, mean


def rsi(inputs: Inputs, settings: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Relative strength index, 0 to 100, 50 where nothing moved. State: values seen, mean gain, mean loss."""
    values, n, weight = inputs[0], settings[0], 1.0 / settings[0]
    seen, gained, lost = state[0], state[1], state[2]
    if begin < end and seen == 0.0:
        seen = 1.0
        begin += 1
    for at in range(begin, end):
        moved = values[at] - values[at - 1]
        gain, loss = (moved, 0.0) if moved > 0.0 else (0.0, -moved)
        if seen > n:
            gained += weight * (gain - gained)
            lost += weight * (loss - lost)
        else:
            gained += gain
            lost += loss
            seen += 1.0
            if seen > n:
                gained /= n
                lost /= n
        if seen > n:
            total = gained + lost
            out[at] = 100.0 * gained / total if total != 0.0 else 50.0
    state[0], state[1], state[2] = seen, gained, lost


def true_range(inputs: Inputs, _: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """From the lower of low and last close to the higher of high and last close. State: whether a bar came before."""
    high, low, close = inputs[0], inputs[1], inputs[2]
    if begin < end and state[0] == 0.0:
        state[0] = 1.0
        begin += 1
    for at in range(begin, end):
        before = close[at - 1]
        top = max(before, high[at])
        bottom = min(before, low[at])
        out[at] = top - bottom


def atr(inputs: Inputs, settings: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Wilder's mean of the true range from the second bar on. State: bars seen, mean."""
    high, low, close = inputs[0], inputs[1], inputs[2]
    n, weight = settings[0], 1.0 / settings[0]
    seen, mean = state[0], state[1]
    if begin < end and seen == 0.0:
        seen = 1.0
        begin += 1
    for at in range(begin, end):
        before = close[at - 1]
        top = max(before, high[at])
        bottom = min(before, low[at])
        if seen > n:
            mean += weight * (top - bottom - mean)
            out[at] = mean
        else:
            mean += top - bottom
            seen += 1.0
            if seen > n:
                mean /= n
                out[at] = mean
    state[0], state[1] = seen, mean


def obv(inputs: Inputs, _: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Volume added where the close rose and taken where it fell, from 0 at the first bar. State: seen, sum."""
    close, volume, total = inputs[0], inputs[1], state[1]
    for at in range(begin, end):
        if state[0] != 0.0:
            if close[at] > close[at - 1]:
                total += volume[at]
            elif close[at] < close[at - 1]:
                total -= volume[at]
        state[0] = 1.0
        out[at] = total
    state[1] = total


def adaptive(inputs: Inputs, _: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Mean that moves to each value by that bar's own weight, starting at the first value. State: seen, mean."""
    values, weights = inputs[0], inputs[1]
    mean = state[1]
    if begin < end and state[0] == 0.0:
        state[0], mean = 1.0, values[begin]
    for at in range(begin, end):
        mean += weights[at] * (values[at] - mean)
        out[at] = mean
    state[1] = mean


def bars_since(inputs: Inputs, settings: Settings, state: State, out: Out, begin: int, end: int) -> None:
    """Bars since the condition was last true, at most the limit. State: bars seen, bars since."""
    condition, limit = inputs[0], settings[0]
    seen, since = state[0], state[1]
    for at in range(begin, end):
        since = 0.0 if condition[at] else since + 1.0
        if seen < limit:
            seen += 1.0
        else:
            out[at] = min(limit, since)
    state[0], state[1] = seen, since
