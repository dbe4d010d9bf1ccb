"""Bars at which nothing can happen to an account: how far they go, and what it is worth at each of their closes."""

from collections.abc import MutableSequence, Sequence


def stand(
    begin: int,
    until: int,
    flags: Sequence[int],
    closes: Sequence[float],
    cash: float,
    held: float,
    side: int,
    wanted: MutableSequence[int],
    equity: MutableSequence[float],
) -> int:
    """Write what is wanted and the equity while no condition is true, from `begin` on; return the bar after the last.

    That is a bar at which something may happen: a condition is true there, or all is lost, or it is `until`.
    """
    end, lost = begin, 0
    while end < until and flags[end] == 0:
        end += 1
    for bar in range(begin, end):
        worth = cash + held * closes[bar]
        lost += worth <= 0.0
        equity[bar], wanted[bar] = worth, side
    if lost == 0:
        return end
    while equity[begin] > 0.0:
        begin += 1
    return begin
