"""One pass each over a curve: its deepest fall, its longest wait for a new high."""

from collections.abc import Sequence


def deepest(values: Sequence[float]) -> float:
    """Return the largest distance below the highest value so far, as a fraction, zero or negative."""
    peak, worst = values[0], 0.0
    for value in values:
        if value >= peak:
            peak = value
        # A division costs as much as all the rest; it is made only where it can matter.
        elif value < peak * (1.0 + worst) * 1.000000000001:
            worst = min(worst, value / peak - 1.0)
    return worst


def longest_below(ts: Sequence[int], values: Sequence[float]) -> int:
    """Return the longest time in ms from a high until it is reached again, or until the end."""
    peak, since, longest = values[0], ts[0], 0
    for bar in range(len(values)):
        if values[bar] >= peak:
            peak = values[bar]
            longest = max(longest, ts[bar] - since)
            since = ts[bar]
    return max(longest, ts[len(ts) - 1] - since)
