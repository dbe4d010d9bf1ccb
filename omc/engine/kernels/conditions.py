"""Owns the conditions of many combinations over one block of bars, as bits: 32 bars in a word, the first one lowest.

A call works through a list of steps, so that thousands of short loops cost one call. Two values are compared once,
whichever way round and by whatever sign a document compares them: bits say where the first is below the second, and
where it is above. All signs, crossings and logic are made of these, a word at a time. Values are finite, so that what
is not below is above or equal.
"""

from collections.abc import MutableSequence, Sequence
from typing import TypeAlias

Numbers: TypeAlias = Sequence[Sequence[float]]
"""A row of values for each number, all beginning at one bar."""

Words: TypeAlias = Sequence[MutableSequence[int]]
"""A row of words for each condition, an array, a slice of which is the same memory.

The first word of a row is the last one of the block before."""

Steps: TypeAlias = Sequence[Sequence[int]]
"""One row a step: operation, row written, the two rows read, and its warm-up, inside which it is false."""

COMPARE, OR, AND, NEITHER, RISES = range(5)
"""What is read: of `COMPARE` two numbers, and it writes its row and the next; of the others rows of words."""

BARS, FULL = 32, 0xFFFFFFFF
CHUNK = 32
"""Words that every comparison goes over before the next chunk: 4,096 bars of dozens of numbers stay in the cache."""


def decide(numbers: Numbers, words: Words, steps: Steps, place: int, bar: int, count: int) -> None:
    """Write `count` words of every step; the first bar is `bar`, and stands at `place` of its row of numbers.

    All comparisons come first, whatever their place among the steps: they read numbers only.
    """
    for begin in range(0, count, CHUNK):
        for one in range(len(steps)):
            operation, written, left, right, _ = steps[one]
            if operation == COMPARE:
                end = min(count, begin + CHUNK)
                _compare(numbers[left], numbers[right], words[written], words[written + 1], place, begin, end)
    for one in range(len(steps)):
        operation, written, left, right, warm_up = steps[one]
        if operation != COMPARE:
            _combine(operation, words[left], words[right], words[written], count)
            _wait(words[written], warm_up - bar, count)


def _compare(
    left: Sequence[float],
    right: Sequence[float],
    below: MutableSequence[int],
    above: MutableSequence[int],
    place: int,
    begin: int,
    end: int,
) -> None:
    for word in range(begin, end):
        first = place + word * BARS
        one, other = left[first : first + BARS], right[first : first + BARS]
        less, more = 0, 0
        for bar in range(BARS):
            less |= (one[bar] < other[bar]) << bar
            more |= (one[bar] > other[bar]) << bar
        below[word + 1], above[word + 1] = less, more


def _combine(operation: int, left: Sequence[int], right: Sequence[int], out: MutableSequence[int], count: int) -> None:
    # A loop each, counted from nought: so compiled code does several words at once.
    before, one, other, written = left[:count], left[1 : count + 1], right[1 : count + 1], out[1 : count + 1]
    if operation == OR:
        for word in range(len(written)):
            written[word] = one[word] | other[word]
    elif operation == AND:
        for word in range(len(written)):
            written[word] = one[word] & other[word]
    elif operation == NEITHER:
        for word in range(len(written)):
            written[word] = FULL ^ (one[word] | other[word])
    else:
        for word in range(len(written)):
            written[word] = one[word] & (FULL ^ (one[word] << 1 & FULL | before[word] >> (BARS - 1)))


def _wait(out: MutableSequence[int], bars: int, count: int) -> None:
    """Make the first `bars` of the block false."""
    for word in range(min(count, (bars + BARS - 1) // BARS)):
        out[word + 1] &= (FULL << min(BARS, bars - word * BARS)) & FULL


def keep(words: Words, rows: Sequence[int], kept: Words, to: int, count: int) -> None:
    """Write `count` words of each of the `rows` into its row of `kept` from word `to` on."""
    for one in range(len(rows)):
        source, target = words[rows[one]][1 : count + 1], kept[one][to : to + count]
        for word in range(count):
            target[word] = source[word]
