"""Owns the shape of an operator, and the rows that are not indicators: arithmetic, comparison, logic, lag, crossing.

An operator's column function gets finite arrays of one length (its inputs after their warm-up) or plain numbers, and
returns an array of that length whose first `warm_up` values are not used. Value i depends on inputs 0..i only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Values: TypeAlias = NDArray[np.float64]
Conditions: TypeAlias = NDArray[np.bool_]
Column: TypeAlias = NDArray[np.float64] | NDArray[np.bool_]

MAX_WINDOW = 100_000  # bars; more than eleven years of hours


class Kind(Enum):
    """What a value is: a number for each bar, or yes or no for each bar."""

    NUMBER = "a number"
    CONDITION = "a condition"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A fixed number that an operator is given, such as the length of a window."""

    name: str
    whole: bool = True
    low: float = 1
    high: float = MAX_WINDOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One row: what is applied to what, how it is computed, and what it promises.

    `column(*reads, *inputs, *settings)`; `warm_up(*settings)` is how many values at the front are not defined.
    `whole_arrays` says that plain numbers among the inputs must be spread to arrays first. `recursive` says that a
    value depends on all bars before it, ever more weakly, so that a later start gives slightly other numbers.
    """

    name: str
    column: Callable[..., Column]
    takes: tuple[Kind, ...] = ()
    settings: tuple[Setting, ...] = ()
    reads: tuple[str, ...] = ()
    gives: Kind = Kind.NUMBER
    warm_up: Callable[..., int] = lambda *_: 0
    whole_arrays: bool = False
    recursive: bool = False
    convention: str = ""


def _lag(values: Values, bars: float) -> Values:
    return shifted(values, int(bars))


def shifted(values: Values, bars: int) -> Values:
    """`values` moved `bars` later; the first `bars` are NaN."""
    moved = np.full(len(values), np.nan)
    moved[bars:] = values[:-bars] if bars else values
    return moved


def _crosses_above(left: Values, right: Values) -> Conditions:
    crossed = np.zeros(len(left), dtype=np.bool_)
    crossed[1:] = (left[1:] > right[1:]) & (left[:-1] <= right[:-1])
    return crossed


def _crosses_below(left: Values, right: Values) -> Conditions:
    return _crosses_above(right, left)


_NUMBER, _CONDITION = Kind.NUMBER, Kind.CONDITION
_TWO_NUMBERS, _TWO_CONDITIONS = (_NUMBER, _NUMBER), (_CONDITION, _CONDITION)


def _table(*rows: Operator) -> dict[str, Operator]:
    return {row.name: row for row in rows}


SIGNS = _table(
    Operator(name="+", column=np.add, takes=_TWO_NUMBERS),
    Operator(name="-", column=np.subtract, takes=_TWO_NUMBERS),
    Operator(name="*", column=np.multiply, takes=_TWO_NUMBERS),
    Operator(name="/", column=np.divide, takes=_TWO_NUMBERS),
    Operator(name="negative", column=np.negative, takes=(_NUMBER,)),
    Operator(name="<", column=np.less, takes=_TWO_NUMBERS, gives=_CONDITION),
    Operator(name="<=", column=np.less_equal, takes=_TWO_NUMBERS, gives=_CONDITION),
    Operator(name=">", column=np.greater, takes=_TWO_NUMBERS, gives=_CONDITION),
    Operator(name=">=", column=np.greater_equal, takes=_TWO_NUMBERS, gives=_CONDITION),
    Operator(name="==", column=np.equal, takes=_TWO_NUMBERS, gives=_CONDITION),
    Operator(name="!=", column=np.not_equal, takes=_TWO_NUMBERS, gives=_CONDITION),
    Operator(name="and", column=np.logical_and, takes=_TWO_CONDITIONS, gives=_CONDITION),
    Operator(name="or", column=np.logical_or, takes=_TWO_CONDITIONS, gives=_CONDITION),
    Operator(name="not", column=np.logical_not, takes=(_CONDITION,), gives=_CONDITION),
)

FUNCTIONS = _table(
    Operator(name="abs", column=np.abs, takes=(_NUMBER,), convention="the value without its sign"),
    Operator(name="min", column=np.minimum, takes=_TWO_NUMBERS, convention="the smaller of two values of one bar"),
    Operator(name="max", column=np.maximum, takes=_TWO_NUMBERS, convention="the larger of two values of one bar"),
    Operator(
        name="lag",
        column=_lag,
        takes=(_NUMBER,),
        settings=(Setting(name="bars"),),
        warm_up=int,
        whole_arrays=True,
        convention="the value so many bars earlier; bars that are missing are not counted",
    ),
    Operator(
        name="crosses_above",
        column=_crosses_above,
        takes=_TWO_NUMBERS,
        gives=_CONDITION,
        warm_up=lambda: 1,
        whole_arrays=True,
        convention="above now, and not above at the bar before",
    ),
    Operator(
        name="crosses_below",
        column=_crosses_below,
        takes=_TWO_NUMBERS,
        gives=_CONDITION,
        warm_up=lambda: 1,
        whole_arrays=True,
        convention="below now, and not below at the bar before",
    ),
)
