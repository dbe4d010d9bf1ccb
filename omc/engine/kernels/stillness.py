"""Bars at which nothing can happen to an account: how far they go, and what it is worth at each of their closes."""

from collections.abc import MutableSequence, Sequence


def still_until(
    bar: int,
    until: int,
    flags: Sequence[int],
    guarded: bool,
    lows: Sequence[float],
    highs: Sequence[float],
    low: float,
    high: float,
) -> int:
    """Return the first bar from `bar` on at which something may happen, `until` when there is none before it.

    A condition is true there, or, where what is held is guarded, it is as low as `low` or as high as `high`.
    """
    while bar < until and flags[bar] == 0 and not (guarded and (lows[bar] <= low or highs[bar] >= high)):
        bar += 1
    return bar


def stand(
    begin: int,
    end: int,
    closes: Sequence[float],
    cash: float,
    held: float,
    side: int,
    wanted: MutableSequence[int],
    equity: MutableSequence[float],
) -> int:
    """Write what is wanted and the equity of bars at which nothing happens; return the bar after the last.

    That is `end`, or a bar at which all is lost. What is wanted begins as zeros. A loop each: so compiled code does
    several bars at once.
    """
    if side != 0:
        for bar in range(begin, end):
            wanted[bar] = side
    if held == 0.0:
        for bar in range(begin, end):
            equity[bar] = cash
        return end
    lost = 0
    for bar in range(begin, end):
        worth = cash + held * closes[bar]
        equity[bar] = worth
        lost += worth <= 0.0
    if lost == 0:
        return end
    while equity[begin] > 0.0:
        begin += 1
    return begin
