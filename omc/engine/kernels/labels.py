"""Owns the loop that finds which barrier a price meets first after each bar."""

from collections.abc import MutableSequence, Sequence

Prices = tuple[Sequence[float], Sequence[float], Sequence[float], Sequence[float]]  # open, high, low, close


def barriers(
    prices: Prices,
    up: Sequence[float],
    down: Sequence[float],
    bars: int,
    outcome: MutableSequence[float],
    gained: MutableSequence[float],
    met: MutableSequence[float],
) -> None:
    """Write for each bar what happened within `bars` after the next open, where there are as many.

    `up` and `down` are distances from the entry, as fractions of it. `outcome` is 1 for the gain, -1 for the loss (also
    where both are met in one bar), 0 for the end; `gained` the return there, `met` the bar. The rest is left as it is.
    """
    opened, high, low, close = prices
    for at in range(len(close) - bars):
        entry = opened[at + 1]
        top, bottom = entry * (1.0 + up[at]), entry * (1.0 - down[at])
        outcome[at], gained[at], met[at] = 0.0, close[at + bars] / entry - 1.0, float(at + bars)
        for ahead in range(at + 1, at + bars + 1):
            if low[ahead] <= bottom:
                outcome[at], gained[at], met[at] = -1.0, -down[at], float(ahead)
                break
            if high[ahead] >= top:
                outcome[at], gained[at], met[at] = 1.0, up[at], float(ahead)
                break
