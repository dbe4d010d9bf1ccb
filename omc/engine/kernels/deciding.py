"""What is wanted after each close: long, flat or short, by the conditions that are true there."""

from collections.abc import MutableSequence, Sequence
from typing import TypeAlias

Flags: TypeAlias = Sequence[int]
"""The conditions of each bar as the sum of those that are true."""

LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT = 1, 2, 4, 8


def decided(side: int, flag: int, may_enter: bool) -> int:
    """Return the position wanted after a close: 1 long, 0 flat, -1 short.

    An exit wins over the entry of its own side. Entries of both sides at once contradict each other and are left out.
    """
    if (side == 1 and flag & LONG_EXIT) or (side == -1 and flag & SHORT_EXIT):
        side = 0
    if side == 0 and may_enter:
        up = flag & LONG_ENTRY and not flag & LONG_EXIT
        down = flag & SHORT_ENTRY and not flag & SHORT_EXIT
        if up and not down:
            side = 1
        elif down and not up:
            side = -1
    return side


def wanted_positions(flags: Flags, wanted: MutableSequence[int]) -> None:
    """Write the position wanted after each bar where no account tells otherwise."""
    side = 0
    for bar in range(len(wanted)):
        side = decided(side, flags[bar], True)  # noqa: FBT003 - a kernel knows no keywords
        wanted[bar] = side
