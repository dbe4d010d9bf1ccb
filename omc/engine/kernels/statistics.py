"""One pass over a curve: its deepest fall, and its longest wait for a new high."""

from collections.abc import Sequence

BLOCK = 64
"""Bars that are passed over at once where none of them brings a new high or a new depth, as most do not."""


def falls(ts: Sequence[int], values: Sequence[float], scale: float, first: float) -> tuple[float, int]:
    """Return the largest distance below the highest value so far, as a fraction, and the longest time below it in ms.

    The curve is `first`, and then `scale` times each of the values after the first one. The distance is zero or
    negative; the time is until a high is reached again, or until the end.
    """
    peak, worst, limit, since, longest = first, 0.0, first, ts[0], 0
    for begin in range(1, len(values), BLOCK):
        part, moved = values[begin : begin + BLOCK], 0
        for at in range(len(part)):
            value = scale * part[at]
            moved += (value >= peak) | (value < limit)
        if moved == 0:
            continue
        low, high = peak, peak
        for at in range(len(part)):
            value = scale * part[at]
            low = min(low, value)
            if value >= high:
                high, longest, since = value, max(longest, ts[begin + at] - since), ts[begin + at]
        if low < high * (1.0 + worst) * 1.000000000001:  # from a new high of this block too
            worst = deeper(part, scale, peak, worst) if high > peak else min(worst, low / peak - 1.0)
        peak = high
        limit = peak * (1.0 + worst) * 1.000000000001  # nothing above it can be deeper
    return worst, max(longest, ts[len(ts) - 1] - since)


def deeper(values: Sequence[float], scale: float, peak: float, worst: float) -> float:
    """Return the deepest fall so far after values among which is a new high."""
    for value in values:
        peak = max(peak, scale * value)
        worst = min(worst, scale * value / peak - 1.0)
    return worst
