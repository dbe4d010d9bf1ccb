"""Owns the way into the account's kernel and out of it: arrays for the compiled one, lists for the plain one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from omc.engine.decision import Positions, summed
from omc.engine.document import StrategyDocument
from omc.engine.kernels import chosen, is_compiled
from omc.engine.kernels import simulation as kernel
from omc.engine.kernels.deciding import Flags
from omc.engine.operators import Conditions, Values
from omc.engine.positions import Fills
from omc.engine.terms import ranges_of, rates_of, sizes_of, terms_of
from omc.ledgers.columns import BarColumns, Stamps

Loop: TypeAlias = Callable[
    [
        kernel.Market,
        Sequence[int],
        Flags,
        Sequence[int],
        kernel.Paths,
        kernel.Numbers,
        kernel.Book,
    ],
    int,
]
"""The kernel's `run`, plain or compiled."""

_NO_ROOM = -2
_NEVER = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What an account went through; `at` is the bar of each fill, `state` what the kernel carried at the end.

    `lost_at` is the bar at which it was worth nothing, None when it never was.
    """

    state: Sequence[float]
    wanted: Positions
    equity: Values
    at: NDArray[np.int64]
    fills: Fills
    lost_at: int | None

    @property
    def closed_count(self) -> int:
        """How many positions ended."""
        return int(self.state[kernel.NUMBER]) - (self.state[kernel.HELD] != 0.0)


def run(
    document: StrategyDocument,
    columns: BarColumns,
    flags: Sequence[Conditions],
    *,
    first: int,
    resets: Sequence[int] = (),
    loop: Loop | None = None,
) -> Ran:
    """Run the document's account over the bars from `first` on, given its four conditions at each bar of `columns`.

    `loop` is the kernel; without it the compiled one where there are many bars.
    """
    every = (sizes_of(document, columns), ranges_of(document, columns), rates_of(document, columns, first))
    return run_given(
        columns.slice(first, len(columns)),
        summed(flags)[first:],
        [path[first:] if len(path) > 1 else path for path in every],
        terms_of(document),
        capital=float(document.capital),
        resets=[reset - first for reset in resets],
        loop=loop,
    )


def run_given(
    bars: BarColumns,
    flags: NDArray[np.uint8],
    given_paths: Sequence[Values],
    terms_given: Values,
    *,
    capital: float,
    resets: Sequence[int] = (),
    clock: Stamps | None = None,
    loop: Loop | None = None,
) -> Ran:
    """Run an account over bars, given the sum of its conditions at each, its paths and its terms.

    `clock` is when the limits on losses look at the account, below 0 not at that bar; left out, at each.
    """
    count = len(bars)
    loop = loop or chosen(kernel.run, count)
    given = _Given(plain=not is_compiled(loop))
    market = tuple(given.numbers(column) for column in (bars.open, bars.high, bars.low, bars.close, bars.volume))
    paths = tuple(given.numbers(path) for path in given_paths)
    starts = given.whole(np.asarray(resets, dtype=np.int64))
    terms, room = given.numbers(terms_given), count // 16 + 1_024
    while True:
        book = given.book(capital, count, room)
        ended = loop(
            cast("kernel.Market", market),
            given.whole(bars.ts if clock is None else clock),
            given.flags(flags),
            starts,
            cast("kernel.Paths", paths),
            terms,
            book,
        )
        if ended != _NO_ROOM:
            return _read(bars, book, ended)
        room *= 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """How a kernel is given its columns."""

    plain: bool

    def numbers(self, column: Values) -> Sequence[float]:
        return column.tolist() if self.plain else cast("Sequence[float]", column)

    def whole(self, column: NDArray[np.int64]) -> Sequence[int]:
        return column.tolist() if self.plain else cast("Sequence[int]", column)

    def flags(self, column: NDArray[np.uint8]) -> Sequence[int]:
        return column.tolist() if self.plain else cast("Sequence[int]", column)

    def book(self, capital: float, count: int, room: int) -> kernel.Book:
        state = np.zeros(kernel.STATE)
        state[kernel.CASH], state[kernel.DAY] = capital, -1.0
        wanted, equity = np.zeros(count, dtype=np.int8), np.empty(count)
        written = (state, wanted, equity, np.empty(room * kernel.FILL))
        return cast("kernel.Book", tuple(column.tolist() for column in written) if self.plain else written)


def _read(bars: BarColumns, book: kernel.Book, ended: int) -> Ran:
    state, wanted, equity, written = book
    at, fills = fills_of(written, int(state[kernel.COUNT]), bars.ts)
    return Ran(
        state=[float(value) for value in state],
        wanted=np.asarray(wanted, dtype=np.int8),
        equity=np.asarray(equity),
        at=at,
        fills=fills,
        lost_at=None if ended == _NEVER else ended,
    )


def fills_of(written: Sequence[float], count: int, ts: Stamps) -> tuple[NDArray[np.int64], Fills]:
    """Return the bar of each of the `count` fills that a kernel wrote, and the fills as columns."""
    rows = np.asarray(written[: count * kernel.FILL]).reshape(count, kernel.FILL)
    at = rows[:, 0].astype(np.int64)
    quantity, price, fee = (np.ascontiguousarray(rows[:, column]) for column in (1, 2, 3))
    return at, Fills(
        ts=ts[at],
        quantity=quantity,
        price=price,
        fee=fee,
        cause=rows[:, 4].astype(np.int8),
        position=rows[:, 5].astype(np.int64),
    )
