"""Owns the decision: what position a document wants after each bar, the same code for a backtest and for live trading.

`decide` is `signals` on the bars so far, its last value: there is no second path that could disagree.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from omc.core.market import Timeframe
from omc.engine.begun import begun
from omc.engine.document import StrategyDocument
from omc.engine.evaluation import conditions
from omc.engine.kernels import deciding as kernel
from omc.engine.operators import Conditions
from omc.engine.program import Program
from omc.engine.reading import compile_document
from omc.engine.terms import history_of
from omc.kit.errors import Refusal
from omc.ledgers.columns import BarColumns

Positions: TypeAlias = NDArray[np.int8]
Wish: TypeAlias = Literal["long", "flat", "short"]

WISHES: dict[int, Wish] = {1: "long", 0: "flat", -1: "short"}
NAMES = ("entry", "exit", "short_entry", "short_exit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """The four conditions of a document at each bar.

    `first` is the first bar that may decide: the warm-up is over there, and it is not before what was asked for.
    """

    flags: tuple[Conditions, ...]
    first: int
    program: Program

    @property
    def wanted(self) -> Positions:
        """What is wanted after each bar's close, 1 long, 0 flat, -1 short, as long as nothing else ends a position."""
        return wanted_from(self.flags, self.first)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """The decision at the close of the newest bar; `ready` is False while there is too little history to decide."""

    bar_ts: int
    decided_ts: int
    wanted: Wish
    changed: bool
    ready: bool


def signals(
    document: StrategyDocument,
    columns: BarColumns,
    *,
    start: int = 0,
    parameters: Mapping[str, float] | None = None,
    program: Program | None = None,
) -> Decisions:
    """Return what the document wants after each bar; no bar before `start` decides.

    `program` is the document's, where it was compiled before.
    Raises Refusal: a document that does not compile, another timeframe, a value that is not finite, a price of zero.
    """
    check_bars(document, columns)
    program = begun(program or compile_document(document, parameters), columns)
    first = max(history_of(document, program).bars, start)
    flags = tuple(conditions(program, columns, NAMES))
    return Decisions(flags=flags, first=first, program=program)


def decide(document: StrategyDocument, columns: BarColumns, *, start: int = 0) -> Signal:
    """Return the decision at the close of the last bar of `columns`, which are all bars up to now."""
    if len(columns) == 0:
        raise Refusal("no_bars", 422, "there are no bars to decide on")
    decisions = signals(document, columns, start=start)
    wanted, last = decisions.wanted, int(columns.ts[-1])
    before = int(wanted[-2]) if len(wanted) > 1 else 0
    return Signal(
        bar_ts=last,
        decided_ts=last + columns.timeframe_ms,
        wanted=WISHES[int(wanted[-1])],
        changed=int(wanted[-1]) != before,
        ready=len(columns) > decisions.first,
    )


def wanted_from(flags: Sequence[Conditions], first: int) -> Positions:
    """Carry positions through the bars at which any condition is true; before `first` nothing is wanted."""
    every = summed(flags)
    wanted = np.zeros(len(every), dtype=np.int8)
    events = np.flatnonzero(every)
    events = events[events >= first]
    if len(events) == 0:
        return wanted
    states = [0] * len(events)
    kernel.wanted_positions(every[events].tolist(), states)
    lengths = np.diff(events, append=len(wanted))
    wanted[events[0] :] = np.repeat(np.asarray(states, dtype=np.int8), lengths)
    return wanted


def summed(flags: Sequence[Conditions]) -> NDArray[np.uint8]:
    """The four conditions of each bar in one number, as the account's kernel reads them."""
    every = np.zeros(len(flags[0]), dtype=np.uint8)
    bits = (kernel.LONG_ENTRY, kernel.LONG_EXIT, kernel.SHORT_ENTRY, kernel.SHORT_EXIT)
    for flag, bit in zip(flags, bits, strict=True):
        if flag.any():  # two of four are never true where nothing is sold short
            every |= flag.view(np.uint8) * np.uint8(bit)
    return every


def check_bars(document: StrategyDocument, columns: BarColumns) -> None:
    """Refuse bars that the document is not about: another timeframe, or a price that is not above zero."""
    if Timeframe.parse(document.timeframe).milliseconds != columns.timeframe_ms:
        given = f"{columns.timeframe_ms // 1000} s"
        text = f"the document is for bars of {document.timeframe}, and these bars are {given} long"
        raise Refusal("wrong_timeframe", 422, text, place="/timeframe")
    if len(columns) == 0:
        return
    for name, lowest in zip(("open", "close"), columns.cheapest, strict=True):
        if lowest <= 0:
            raise Refusal(
                "bad_price", 422, f"a bar has a price of zero or less in its column {name}; repair the data first"
            )
