"""Owns the plain account of many combinations: nothing happens to it between two decisions, so that only they are seen.

A plain account (`is_plain`) enters and leaves by market orders of any size at once, and neither a stop nor a limit nor
funding touches what it holds. From one fill to the next its cash and its holding stand still, and its equity is
cash + holding * close. A multiplication and an addition never change the order of what they are given, even rounded.
So the equity of a stretch is highest and lowest where the close is, and both are found by the highest and lowest close
of `STRIDE` bars at a time. Its deepest fall needs a bar-by-bar look only where a new high and a possible new depth lie
in one stretch. The figures have the bits of `simulation.run` with the statistics of its curve. What costs most is a
branch that cannot be foreseen, so that there are few.
"""

from collections.abc import MutableSequence, Sequence
from typing import TypeAlias

from omc.engine.kernels.deciding import decided
from omc.engine.kernels.rounding import rounded, ticked
from omc.engine.kernels.simulation import (
    AMOUNT,
    DAY_LOSS,
    DEEPEST,
    DELAY,
    GROSS,
    IMPACT,
    KELLY,
    LARGEST,
    LEAST,
    LOT,
    MOST,
    SHARE,
    SLIPPAGE,
    TAKER,
    TICK,
    Numbers,
    is_guarded,
)
from omc.engine.kernels.sizing import room

STRIDE = 16
BARS = 32
"""Bars in a word of conditions, as `conditions` writes them."""

Words: TypeAlias = Sequence[Sequence[int]]
Conditions: TypeAlias = tuple[Words, Words, Words, Words]
"""Long entry, long exit, short entry, short exit: a row for each combination, or one row for all."""

Market: TypeAlias = tuple[Numbers, Numbers, Numbers, Numbers]
"""Open, close, and the highest and lowest close of the `STRIDE` bars from each one on, where there are so many."""

Spans: TypeAlias = Sequence[Sequence[int]]
"""One row a span: its first bar, the bar after its last, and its first and last place (half open) among the days."""

Found: TypeAlias = Sequence[MutableSequence[float]]
Curves: TypeAlias = Sequence[MutableSequence[float]]

Stretches: TypeAlias = tuple[MutableSequence[int], MutableSequence[float], MutableSequence[float], MutableSequence[int]]
"""Where each stretch of an account begins, its cash and its holding, and the words in which a condition is true; room
for one a bar, and for the end."""

RETURN, FALL, CLOSED, LOST = range(4)
FIGURES = 4
"""What is found of a span: last equity over capital less one, deepest fall, closed positions, if all was lost."""

# Places of the 37 that a power of two leaves over: so the lowest bit of a word is found without a loop.
PLACES = (-1, 0, 1, 26, 2, 23, 27, -1, 3, 16, 24, 30, 28, 11, -1, 13, 4, 7, 17, -1, 25, 22, 31, 15, 29, 10, 12)
PLACE_OF = (*PLACES, 6, -1, 21, 14, 9, 5, 20, 8, 19, 18)


def is_plain(terms: Numbers) -> bool:
    """Say whether nothing but its decisions changes an account, and each of them is done at one open."""
    limited = terms[DAY_LOSS] > 0.0 or terms[DEEPEST] > 0.0
    sized = terms[SHARE] > 0.0 or terms[IMPACT] > 0.0 or terms[KELLY] > 0.0
    return not is_guarded(terms) and not limited and not sized


def trade(
    market: Market,
    conditions: Conditions,
    spans: Spans,
    days: Sequence[int],
    sizes: Numbers,
    terms: Numbers,
    stretches: Stretches,
    found: Found,
    curves: Curves,
) -> None:
    """Write the figures of every span of every combination, and its equity at the bars in `days`, the ends of days.

    Each span begins flat, with the cash that stands first in `stretches`; it has `FIGURES` numbers in a row of `found`.
    """
    opens, closes, highs, lows = market
    enters, leaves, sells, covers = conditions
    capital = stretches[1][0]
    for one in range(len(found)):
        rows = enters[one], leaves[one], sells[one % len(sells)], covers[one % len(covers)]
        for span in range(len(spans)):
            begin, end, first, last = spans[span]
            count = lead(opens, rows, begin, end, sizes, terms, stretches)
            worst, lost = fall(closes, highs, lows, stretches, count)
            total = mark(closes, stretches, count, days[first:last], curves[one][first:last])
            closed = positions(stretches, count)
            place = span * FIGURES
            found[one][place + RETURN], found[one][place + FALL] = total / capital - 1.0, worst
            found[one][place + CLOSED], found[one][place + LOST] = closed, lost


def lead(
    opens: Numbers,
    rows: tuple[Sequence[int], Sequence[int], Sequence[int], Sequence[int]],
    begin: int,
    end: int,
    sizes: Numbers,
    terms: Numbers,
    stretches: Stretches,
) -> int:
    """Lead an account from one change of what is wanted to the next; write its stretches and return their number."""
    starts, cashes, helds, told = stretches
    enter, leave, sell, cover = rows
    delay, side, goal, count = int(terms[DELAY]) + 1, 0, 0, 1
    cash, held = cashes[0], 0.0
    starts[0], helds[0] = begin, held
    for at in range(telling(rows, begin, end, told)):
        word = told[at]
        one, two, three, four = int(enter[word]), int(leave[word]), int(sell[word]), int(cover[word])
        waiting = one | two | three | four
        while waiting != 0:
            lowest = waiting & -waiting
            waiting ^= lowest
            bar = word * BARS + PLACE_OF[lowest % 37]
            acting = bar + delay
            if bar < begin or acting >= end:
                continue
            flag = ((one & lowest) != 0) | ((two & lowest) != 0) << 1
            flag |= ((three & lowest) != 0) << 2 | ((four & lowest) != 0) << 3
            side = decided(side, flag, True)  # noqa: FBT003 - a kernel knows no keywords
            if side == goal:
                continue
            goal = side
            cash = left(opens[acting], cash, held, terms)
            cash, held = entered(opens[acting], side, sizes[bar % len(sizes)], cash, terms)
            starts[count], cashes[count], helds[count] = acting, cash, held
            count += 1
    starts[count] = end
    return count


def telling(
    rows: tuple[Sequence[int], Sequence[int], Sequence[int], Sequence[int]],
    begin: int,
    end: int,
    told: MutableSequence[int],
) -> int:
    """Write which words of the span have a condition that is true, and return their number."""
    enter, leave, sell, cover = rows
    count = 0
    for word in range(begin // BARS, (end + BARS - 1) // BARS):
        told[count] = word
        count += (enter[word] | leave[word] | sell[word] | cover[word]) != 0
    return count


def fall(closes: Numbers, highs: Numbers, lows: Numbers, stretches: Stretches, count: int) -> tuple[float, float]:
    """Return the deepest fall of an account's equity from its highest so far, and 1 if all was lost, else 0."""
    starts, cashes, helds, _ = stretches
    peak, worst, lost = cashes[0], 0.0, 0.0
    for one in range(count):
        cash, held, begin, end = cashes[one], helds[one], starts[one], starts[one + 1]
        most = least = cash
        if held != 0.0:
            high, low = reach(closes, highs, lows, begin, end)
            most, least = cash + held * high, cash + held * low
            if held < 0.0:
                most, least = least, most
        if least <= 0.0:
            lost = 1.0
        if most <= peak:
            worst = min(worst, least / peak - 1.0)
            continue
        if least < most * (1.0 + worst) * 1.000000000001:
            worst = deeper(closes, begin, end, cash, held, peak, worst)
        peak = most
    return worst, lost


def deeper(closes: Numbers, begin: int, end: int, cash: float, held: float, peak: float, worst: float) -> float:
    """Return the deepest fall so far after a stretch that has a new high, bar by bar."""
    for bar in range(begin, end):
        worth = cash + held * closes[bar]
        if worth >= peak:
            peak = worth
        elif worth < peak * (1.0 + worst) * 1.000000000001:
            worst = min(worst, worth / peak - 1.0)
    return worst


def reach(closes: Numbers, highs: Numbers, lows: Numbers, bar: int, end: int) -> tuple[float, float]:
    """Return the highest and the lowest close from a bar on: of the last stride, and of strides up to it."""
    last = end - STRIDE
    if last < bar:
        high = low = closes[bar]
        while bar < end:
            high, low = max(high, closes[bar]), min(low, closes[bar])
            bar += 1
        return high, low
    high, low = highs[last], lows[last]
    while bar < last:
        high, low = max(high, highs[bar]), min(low, lows[bar])
        bar += STRIDE
    return high, low


def mark(
    closes: Numbers, stretches: Stretches, count: int, days: Sequence[int], curve: MutableSequence[float]
) -> float:
    """Write the equity at the bars in `days`, which rise, and return the last one."""
    starts, cashes, helds, _ = stretches
    one = 0
    for day in range(len(days)):
        while starts[one + 1] <= days[day]:
            one += 1
        curve[day] = cashes[one] + helds[one] * closes[days[day]]
    return cashes[count - 1] + helds[count - 1] * closes[starts[count] - 1]


def positions(stretches: Stretches, count: int) -> int:
    """Return how many positions ended: each one is a stretch of its own, but the last may be held still."""
    helds, closed = stretches[2], 0
    for one in range(count - 1):
        closed += helds[one] != 0.0
    return closed


def left(opened: float, cash: float, held: float, terms: Numbers) -> float:
    """Return the cash after what is held was closed at the open."""
    if held == 0.0:
        return cash
    side = -1.0 if held > 0.0 else 1.0
    price = ticked(opened * (1.0 + terms[SLIPPAGE] * side), side, terms[TICK])
    return cash - (-held * price + abs(-held * price) * terms[TAKER])


def entered(opened: float, side: int, size: float, cash: float, terms: Numbers) -> tuple[float, float]:
    """Return cash and holding after an entry at the open; the venue's least value may leave it out."""
    if side == 0:
        return cash, 0.0
    rate = terms[TAKER]
    price = ticked(opened * (1.0 + terms[SLIPPAGE] * side), side, terms[TICK])
    budget = terms[AMOUNT] if terms[AMOUNT] > 0.0 else size * cash
    most = min(cash, terms[MOST]) if terms[MOST] > 0.0 else cash
    most = max(0.0, min(most, room(cash, 0.0, 0.0, terms[LARGEST], terms[GROSS])))
    quantity = rounded(side * (min(budget, most) / (price * (1.0 + rate))), terms[LOT])
    if abs(quantity) * price < terms[LEAST] or quantity == 0.0:
        return cash, 0.0
    return cash - (quantity * price + abs(quantity * price) * rate), quantity
