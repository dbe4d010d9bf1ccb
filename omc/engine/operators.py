"""Owns the shape of an operator, and the rows that are not indicators: arithmetic, comparison, logic, lag, crossing.

An operator is computed in one of three ways, and each gives a whole column and one bar at a time with the same bits:

- of one bar alone: `vector`, a numpy function on whole arrays, and `scalar`, the same on the numbers of one bar;
- by a kernel, one loop over bars that carries its state (`omc.engine.kernels.columns` has the protocol): a column
  is one call, a bar is one call; some have a `vector` too, for arrays that are too short to load compiled code for;
- by its `defined` text in the language itself, which is taken apart into the others.
"""

import math
import operator as of_python
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from omc.engine import kernels
from omc.engine.kernels import columns, paths
from omc.engine.kernels.columns import Inputs, Out, Settings, State

Values: TypeAlias = NDArray[np.float64]
Conditions: TypeAlias = NDArray[np.bool_]
Column: TypeAlias = NDArray[np.float64] | NDArray[np.bool_]
Kernel: TypeAlias = Callable[[Inputs, Settings, State, Out, int, int], None]

MAX_WINDOW = 100_000  # bars; more than eleven years of hours


class Kind(Enum):
    """What a value is: a number for each bar, or yes or no for each bar."""

    NUMBER = "a number"
    CONDITION = "a condition"


class Finite(Enum):
    """Where a value that is not finite can come from, so that no more is looked at than must be.

    ALWAYS: finite inputs give finite values. CARRIED: after one such value all others are none either, so that the last
    one tells. UNSURE: any value may be one.
    """

    ALWAYS = "always"
    CARRIED = "carried"
    UNSURE = "unsure"


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

    `vector(*inputs, *settings)` and kernels get finite values of one length, the bar columns that `reads` names first;
    what they leave in the first `warm_up(*settings)` values is not used. Value i is made from inputs 0..i only.
    `room(*settings)` is how many numbers a kernel's state holds; `local` says that `vector` gives the same bits on the
    last `warm_up + 1` values alone. `recursive` says that a value depends on all bars
    before it, ever more weakly, so that a later start gives slightly other numbers. `names` are the inputs as people
    read them, and as `defined` calls them.
    """

    name: str
    takes: tuple[Kind, ...] = ()
    names: tuple[str, ...] = ("x", "y", "z")
    settings: tuple[Setting, ...] = ()
    reads: tuple[str, ...] = ()
    gives: Kind = Kind.NUMBER
    vector: Callable[..., Column] | None = None
    scalar: Callable[..., float] | None = None
    kernel: Kernel | None = None
    local: bool = False
    room: Callable[..., int] = lambda *_: 5
    defined: str = ""
    warm_up: Callable[..., int] = lambda *_: 0
    finite: Finite = Finite.UNSURE
    recursive: bool = False
    convention: str = ""

    def column(self, *given: Values | float) -> Column:
        """Return the column of one operator from its inputs (bar columns first) and its settings, NaN in the warm-up.

        One that is defined in the language has none of its own: it is computed as a program.
        """
        count = len(self.reads) + len(self.takes)
        inputs = [one for one in given[:count] if isinstance(one, np.ndarray)]
        settings = tuple(float(one) for one in given[count:] if not isinstance(one, np.ndarray))
        return computed(self, inputs, settings)


def computed(operator: Operator, inputs: Sequence[Column | float], settings: Settings) -> Column:
    """Return the column of an operator over inputs of one length; a kernel's must all be arrays.

    Compiled where there are many bars, as one numpy expression or as plain Python where there are few: the same bits.
    """
    if operator.kernel is None:
        assert operator.vector is not None
        return operator.vector(*inputs, *settings)
    arrays = [one for one in inputs if isinstance(one, np.ndarray)]
    count, warm_up = len(arrays[0]), operator.warm_up(*settings)
    condition = operator.gives is Kind.CONDITION
    blank = False if condition else math.nan
    if count <= warm_up:
        return np.full(count, blank)
    kernel = kernels.chosen(operator.kernel, count)
    column: Column
    if kernels.is_compiled(kernel):
        column = np.empty(count, np.bool_) if condition else np.empty(count)
        given = cast("Inputs", tuple(_read_only(one) for one in arrays))
        kernel(given, settings, cast("State", np.zeros(operator.room(*settings))), cast("Out", column), 0, count)
    elif operator.vector is not None:
        column = operator.vector(*arrays, *settings)
    else:
        values: list[float] = [blank] * count
        kernel(tuple(one.tolist() for one in arrays), settings, [0.0] * operator.room(*settings), values, 0, count)
        column = np.asarray(values)
    column[:warm_up] = blank
    return column


def _read_only(values: Column) -> Column:
    """A view of one kind, so that numba compiles a kernel once and not again for arrays that may be written."""
    view = values.view()
    view.flags.writeable = False
    return view


def _lag(values: Values, bars: float) -> Values:
    n, moved = int(bars), np.empty(len(values))
    moved[n:] = values[:-n]
    return moved


def _crosses_above(left: Values, right: Values) -> Conditions:
    above, crossed = left > right, np.zeros(len(left), dtype=np.bool_)
    np.greater(above[1:], above[:-1], out=crossed[1:])  # of finite values, what is not above is below or equal
    return crossed


def _crosses_below(left: Values, right: Values) -> Conditions:
    return _crosses_above(right, left)


def _ratio(above: Values, below: Values, otherwise: Values) -> Values:
    none = below == 0.0
    return np.where(none, otherwise, above / np.where(none, 1.0, below))


_NUMBER, _CONDITION = Kind.NUMBER, Kind.CONDITION
_TWO_NUMBERS, _TWO_CONDITIONS = (_NUMBER, _NUMBER), (_CONDITION, _CONDITION)


def table(*rows: Operator) -> dict[str, Operator]:
    """Rows by their names."""
    return {row.name: row for row in rows}


def _arithmetic(name: str, vector: Callable[..., Column], scalar: Callable[..., float]) -> Operator:
    return Operator(name=name, vector=vector, scalar=scalar, takes=_TWO_NUMBERS)


def _compared(name: str, vector: Callable[..., Column], scalar: Callable[..., float]) -> Operator:
    return Operator(name=name, vector=vector, scalar=scalar, takes=_TWO_NUMBERS, gives=_CONDITION)


def _logic(name: str, vector: Callable[..., Column], scalar: Callable[..., float]) -> Operator:
    return Operator(name=name, vector=vector, scalar=scalar, takes=_TWO_CONDITIONS, gives=_CONDITION)


def _of_one(name: str, vector: Callable[..., Column], scalar: Callable[..., float], convention: str = "") -> Operator:
    finite, takes = Finite.ALWAYS, (_NUMBER,)
    return Operator(name=name, vector=vector, scalar=scalar, takes=takes, finite=finite, convention=convention)


def _crossing(name: str, kernel: Kernel, vector: Callable[..., Column], convention: str) -> Operator:
    return Operator(
        name=name,
        kernel=kernel,
        vector=vector,
        local=True,
        takes=_TWO_NUMBERS,
        gives=_CONDITION,
        warm_up=lambda: 1,
        convention=convention,
    )


SIGNS = table(
    _arithmetic("+", np.add, of_python.add),
    _arithmetic("-", np.subtract, of_python.sub),
    _arithmetic("*", np.multiply, of_python.mul),
    _arithmetic("/", np.divide, lambda x, y: x / y if y != 0.0 else math.nan),
    _of_one("negative", np.negative, of_python.neg),
    _compared("<", np.less, of_python.lt),
    _compared("<=", np.less_equal, of_python.le),
    _compared(">", np.greater, of_python.gt),
    _compared(">=", np.greater_equal, of_python.ge),
    _compared("==", np.equal, of_python.eq),
    _compared("!=", np.not_equal, of_python.ne),
    _logic("and", np.logical_and, of_python.and_),
    _logic("or", np.logical_or, of_python.or_),
    Operator(name="not", vector=np.logical_not, scalar=of_python.not_, takes=(_CONDITION,), gives=_CONDITION),
)

# Which of two zeros is the smaller is nobody's choice: adding 0.0 makes both the positive one.
FUNCTIONS = table(
    _of_one("abs", np.abs, abs, "the value without its sign"),
    _of_one("floor", np.floor, lambda x: x // 1.0, "the whole number at or below the value"),
    Operator(
        name="min",
        vector=lambda x, y: np.minimum(x, y) + 0.0,
        scalar=lambda x, y: min(y, x) + 0.0,
        takes=_TWO_NUMBERS,
        finite=Finite.ALWAYS,
        convention="the smaller of two values of one bar",
    ),
    Operator(
        name="max",
        vector=lambda x, y: np.maximum(x, y) + 0.0,
        scalar=lambda x, y: max(y, x) + 0.0,
        takes=_TWO_NUMBERS,
        finite=Finite.ALWAYS,
        convention="the larger of two values of one bar",
    ),
    Operator(
        name="if",
        vector=np.where,
        kernel=columns.choose,
        scalar=lambda condition, x, y: x if condition else y,
        takes=(_CONDITION, _NUMBER, _NUMBER),
        names=("condition", "x", "y"),
        finite=Finite.ALWAYS,
        convention="x where the condition is true, else y; both are computed at every bar",
    ),
    Operator(
        name="ratio",
        vector=_ratio,
        kernel=columns.ratio,
        scalar=lambda x, y, z: x / y if y != 0.0 else z,
        takes=(_NUMBER, _NUMBER, _NUMBER),
        convention="x / y, and z where y is zero",
    ),
    Operator(
        name="sqrt",
        vector=np.sqrt,
        scalar=lambda x: math.sqrt(x) if x >= 0.0 else math.nan,
        takes=(_NUMBER,),
        convention="square root; refused below zero",
    ),
    Operator(
        name="log",
        kernel=paths.log,
        scalar=paths.log_of,
        takes=(_NUMBER,),
        convention="natural logarithm; refused at zero and below",
    ),
    Operator(
        name="exp",
        kernel=paths.exp,
        scalar=paths.exp_of,
        takes=(_NUMBER,),
        convention="e to the power of the value; refused where too large",
    ),
    Operator(
        name="lag",
        kernel=columns.lag,
        vector=_lag,
        local=True,
        takes=(_NUMBER,),
        settings=(Setting(name="bars"),),
        warm_up=int,
        finite=Finite.ALWAYS,
        convention="the value so many bars earlier; bars that are missing are not counted",
    ),
    Operator(
        name="bars_since",
        kernel=columns.bars_since,
        takes=(_CONDITION,),
        names=("condition",),
        settings=(Setting(name="limit"),),
        warm_up=int,
        finite=Finite.ALWAYS,
        convention="bars since the condition was last true, 0 when it is now, at most the limit",
    ),
    _crossing("crosses_above", columns.crosses_above, _crosses_above, "above now, and not above at the bar before"),
    _crossing("crosses_below", columns.crosses_below, _crosses_below, "below now, and not below at the bar before"),
)
