"""Which lots a sale takes from, one function and one row a method: lots in, matches out, nothing remembered.

Money is never divided to a unit price. A lot keeps its whole cost and quantity; a part of it gets
`floor(cost * cumulative taken / quantity)`, to the quantum, minus what earlier parts got. So every part is within one
quantum of its true value, and the parts of a lot add up to its cost exactly.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_FLOOR, Context, Decimal, DivisionByZero, InvalidOperation, Overflow

from omc.core.lot import Lot, Match
from omc.core.money import EXACT, QUANTUM

Method = Callable[[Sequence[Lot], Decimal], tuple[Match, ...]]
"""Open lots in the order they were acquired and a quantity in, matches out; they cover less when the lots hold less."""

_FLOOR = Context(prec=2 * EXACT.prec, rounding=ROUND_FLOOR, traps=[InvalidOperation, DivisionByZero, Overflow])
_ZERO = Decimal(0)


def fifo(lots: Sequence[Lot], quantity: Decimal) -> tuple[Match, ...]:
    """First in, first out: the oldest lot gives first."""
    matches: list[Match] = []
    wanted = quantity
    for lot in lots:
        if wanted <= 0:
            break
        match = take(lot, min(wanted, remaining(lot)))
        wanted = EXACT.subtract(wanted, match.quantity)
        matches.append(match)
    return tuple(matches)


METHODS: Mapping[str, Method] = {"fifo": fifo}
"""Every matching method by the name that rules and requests use."""


def take(lot: Lot, quantity: Decimal) -> Match:
    """Return the match of `quantity` out of what is left of the lot, with its share of the cost."""
    cumulative = EXACT.add(lot.taken, quantity)
    cost = EXACT.subtract(_released(lot, cumulative), _released(lot, lot.taken))
    return Match(lot=lot.id, quantity=quantity, cost=cost)


def after(lot: Lot, match: Match) -> Lot:
    """Return the lot with what the match took gone from it."""
    return replace(lot, taken=EXACT.add(lot.taken, match.quantity))


def remaining(lot: Lot) -> Decimal:
    """Return the quantity still held of the lot."""
    return EXACT.subtract(lot.quantity, lot.taken)


def open_cost(lot: Lot) -> Decimal:
    """Return the part of the lot's cost that no disposal has taken yet, exact."""
    return EXACT.subtract(lot.cost, _released(lot, lot.taken))


def _released(lot: Lot, taken: Decimal) -> Decimal:
    if taken == lot.quantity:
        return lot.cost
    if taken == _ZERO:
        return _ZERO
    share = _FLOOR.divide(_FLOOR.multiply(lot.cost, taken), lot.quantity)
    return share.quantize(QUANTUM, rounding=ROUND_FLOOR, context=_FLOOR)
