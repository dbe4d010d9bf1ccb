"""Loops over resampled returns and reshuffled positions: one pass for return, moments and the deepest drawdown."""

from collections.abc import MutableSequence, Sequence

Numbers = Sequence[float]


CHUNK = 32
"""Bars whose highest and lowest equity are known, so that most are passed over without a look at each."""


def resampled(
    equity: Numbers,
    bounds: tuple[Numbers, Numbers],
    sums: tuple[Numbers, Numbers],
    starts: Sequence[int],
    lengths: Sequence[int],
) -> tuple[float, float, float, float]:
    """Chain blocks of a series, wrapping around its end, until it is as long as the series.

    `equity` is what 1 grew to before and after each return, `bounds` the highest and lowest of each `CHUNK` of it,
    `sums` the sums of returns and of their squares up to each. Gives what 1 grows to, the lowest ratio to the highest
    before it, and both sums.
    """
    bars = len(equity) - 1
    level, peak, worst, total, square = 1.0, 1.0, 1.0, 0.0, 0.0
    left = bars
    for block in range(len(starts)):
        start = starts[block]
        length = min(lengths[block], left)
        left -= length
        while length > 0:
            stop = min(start + length, bars)
            length -= stop - start
            total += sums[0][stop] - sums[0][start]
            square += sums[1][stop] - sums[1][start]
            # Within a block all is compared on the scale of `equity` itself.
            scale = level / equity[start]
            before = peak / scale
            top, worst = lowest(equity, bounds, start, stop, before, worst)
            level = scale * equity[stop]
            if top > before:
                peak = scale * top
            start = 0
    return level, worst, total, square


def lowest(
    equity: Numbers, bounds: tuple[Numbers, Numbers], start: int, stop: int, top: float, worst: float
) -> tuple[float, float]:
    """Carry the highest value and the lowest ratio to it from bar `start`, which is not looked at, to bar `stop`."""
    floor = top * worst
    bar = start + 1
    while bar <= stop:
        chunk = bar // CHUNK
        end = min(chunk * CHUNK + CHUNK, stop + 1)
        if bounds[0][chunk] > top or bounds[1][chunk] < floor:
            for at in range(bar, end):
                value = equity[at]
                if value > top:
                    top = value
                    floor = top * worst
                elif value < floor:
                    floor = value
                    worst = value / top
        bar = end
    return top, worst


def shuffled(growth: MutableSequence[float], draws: Numbers) -> float:
    """Bring factors of growth into a random order, in place, and return the lowest ratio to the highest before it.

    `draws` has as many values from 0 to 1 as there are factors (Fisher and Yates 1938).
    """
    for last in range(len(growth) - 1, 0, -1):
        pick = int(draws[last] * (last + 1))
        kept = growth[last]
        growth[last] = growth[pick]
        growth[pick] = kept
    level, peak, worst = 1.0, 1.0, 1.0
    for at in range(len(growth)):
        level *= growth[at]
        peak = max(peak, level)
        worst = min(worst, level / peak)
    return worst


def drawn(growth: Numbers, draws: Numbers) -> float:
    """Return the product of as many factors as there are, each drawn anew from all of them."""
    level = 1.0
    for at in range(len(growth)):
        level *= growth[int(draws[at] * len(growth))]
    return level
