"""From conditions to the position wanted, where no account tells otherwise: what a plain long/flat strategy trades."""

from collections.abc import MutableSequence, Sequence

Flags = Sequence[bool]


def wanted_positions(
    long_entry: Flags, long_exit: Flags, short_entry: Flags, short_exit: Flags, wanted: MutableSequence[int]
) -> None:
    """Write the position wanted after each bar: 1 long, 0 flat, -1 short.

    An exit wins over the entry of its own side. Entries of both sides at once contradict each other and are left out.
    """
    state = 0
    for bar in range(len(wanted)):
        if (state == 1 and long_exit[bar]) or (state == -1 and short_exit[bar]):
            state = 0
        if state == 0:
            up = long_entry[bar] and not long_exit[bar]
            down = short_entry[bar] and not short_exit[bar]
            if up and not down:
                state = 1
            elif down and not up:
                state = -1
        wanted[bar] = state
