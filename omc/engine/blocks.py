"""Owns the compiled running of a program over many bars: block after block, so that what is between stays in the cache.

Every step runs over one block before the next block begins. A kernel goes on from the state that it left; what kernels
read stands in buffers that keep, before each block, as many values as any kernel reaches back. Only what is asked for
becomes a whole column.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

import numpy as np

from omc.engine import kernels
from omc.engine.kernels import columns
from omc.engine.kernels.columns import Inputs, Out, State
from omc.engine.operators import Column, Finite, Kind
from omc.engine.program import Program, Step
from omc.ledgers.columns import BarColumns

BLOCK = 32_768
"""Bars: buffers stay in the cache, and a block's calls cost little beside its work."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A step that has no finite value at a bar, and what it was made from there."""

    step: Step
    bar: int
    inputs: list[float]


@dataclass(frozen=True, slots=True)
class Span:
    """The bars in view: `begin` to `end` are new, those from `start` on are only read."""

    start: int
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Store:
    """Where the values of a step stand: by bar when `whole`, else from the start of the view on. `read` is read-only.

    numba compiles anew for what may be written, so that all that is read must be of one kind.
    """

    values: Column
    read: Column
    whole: bool

    def seen(self, span: Span) -> Column:
        """All in view, to be read."""
        return self.read[span.start : span.end] if self.whole else self.read[: span.end - span.start]

    def written(self, span: Span) -> Column:
        """All in view, to be written."""
        return self.values[span.start : span.end] if self.whole else self.values[: span.end - span.start]


Run: TypeAlias = Callable[[Span], None]
"""A step over the new bars of a span."""


def serves(program: Program, count: int) -> bool:
    """Say whether blocks are the way: compiled code is to be had, and no window is longer than a block."""
    return kernels.is_compiled(kernels.chosen(columns.sma, count)) and reach_of(program) <= BLOCK


def in_blocks(program: Program, bars: BarColumns, asked: Sequence[int]) -> list[Column] | Failed:
    """Return the column of each slot asked for, or the first step without a finite value in the first such block."""
    count, reach = len(bars), reach_of(program)
    stores = _stores(program, bars, asked, min(count, reach + BLOCK))
    runs = [run_of(program, slot, stores, bars) for slot in range(len(program.steps))]
    kept = [store.values for step, store in zip(program.steps, stores, strict=True) if not store.whole and _moves(step)]
    for begin in range(0, count, BLOCK):
        span = Span(max(0, begin - reach), begin, min(begin + BLOCK, count))
        for slot, run in enumerate(runs):
            run(span)
            bad = bad_at(program.steps[slot], stores[slot], span)
            if bad is not None:
                inputs = [float(stores[one].seen(span)[bad - span.start]) for one in program.steps[slot].inputs]
                return Failed(program.steps[slot], bad, inputs)
        left = max(0, span.end - reach) - span.start
        for values in kept:
            values[: span.end - span.start - left] = values[left : span.end - span.start]
    return [stores[slot].values for slot in asked]


def first_of(program: Program, step: Step) -> int:
    """The first bar at which all inputs of a step have a value."""
    return max((program.steps[slot].warm_up for slot in step.inputs), default=0)


def reach_of(program: Program) -> int:
    """How many bars before a block any kernel of a program may read."""
    steps, most = program.steps, 0
    for step in steps:  # one loop without calls: a grid has thousands of steps
        first = 0
        for slot in step.inputs:
            first = max(first, steps[slot].warm_up)
        if not step.is_input:
            most = max(most, step.warm_up - first)
    return 2 + most


def _moves(step: Step) -> bool:
    return step.constant is None


def is_column(step: Step) -> bool:
    """Say whether a step only hands on a column of the bars."""
    return step.operator.kernel is None and bool(step.operator.reads)


def _stores(program: Program, bars: BarColumns, asked: Sequence[int], room: int) -> list[Store]:
    stores = []
    for slot, step in enumerate(program.steps):
        if is_column(step):
            values: Column = bars.column(step.operator.reads[0])
            stores.append(Store(values, read_only(values), whole=True))
            continue
        whole = slot in asked
        condition = step.operator.gives is Kind.CONDITION
        values = (
            np.empty(len(bars) if whole else room, np.bool_) if condition else np.empty(len(bars) if whole else room)
        )
        values[: step.warm_up] = False if condition else np.nan
        if step.constant is not None:
            values[:] = step.constant
        stores.append(Store(values, read_only(values), whole=whole))
    return stores


def read_only(values: Column) -> Column:
    """A view that cannot be written."""
    view = values.view()
    view.flags.writeable = False
    return view


def run_of(program: Program, slot: int, stores: Mapping[int, Store] | Sequence[Store], bars: BarColumns) -> Run:
    """What computes a step over one block, reading and writing the stores of its slots."""
    step, store = program.steps[slot], stores[slot]
    if step.constant is not None or is_column(step):
        return lambda _: None
    reads = [Store(bars.column(name), read_only(bars.column(name)), whole=True) for name in step.operator.reads]
    given = [*reads, *(stores[one] for one in step.inputs)]
    first = first_of(program, step)
    if step.operator.kernel is None or step.operator.local:
        none: list[float | None] = [None] * len(reads)  # what looks back wants arrays, not constants
        constants = [None if step.operator.local else program.steps[one].constant for one in step.inputs]
        return _applied(step, none + constants, given, store, first)
    kernel, settings = kernels.chosen(step.operator.kernel, kernels.ENOUGH), step.settings
    state = cast("State", np.zeros(step.operator.room(*settings)))

    def run(span: Span) -> None:
        begin = max(span.begin, first) - span.start
        if begin < span.end - span.start:
            inputs = cast("Inputs", tuple(one.seen(span) for one in given))
            kernel(inputs, settings, state, cast("Out", store.written(span)), begin, span.end - span.start)

    return run


def _applied(step: Step, constants: list[float | None], given: list[Store], store: Store, first: int) -> Run:
    vector, back = step.operator.vector, step.operator.warm_up(*step.settings)
    assert vector is not None

    def run(span: Span) -> None:
        end, low = span.end - span.start, max(span.begin - back, first) - span.start
        if low + back >= end:
            return
        pairs = zip(given, constants, strict=True)
        inputs = [one.seen(span)[low:] if constant is None else constant for one, constant in pairs]
        out = store.written(span)[low + back :]
        if isinstance(vector, np.ufunc):
            vector(*inputs, out=out)
        else:
            out[:] = vector(*inputs, *step.settings)[back:]

    return run


def bad_at(step: Step, store: Store, span: Span) -> int | None:
    """Return the first new bar after the warm-up whose value is not finite."""
    begin = max(span.begin, step.warm_up)
    never = step.operator.finite is Finite.ALWAYS or step.operator.gives is Kind.CONDITION or step.constant is not None
    if never or begin >= span.end:
        return None
    values = store.seen(span)[begin - span.start :]
    if step.operator.finite is Finite.CARRIED and np.isfinite(values[-1]):
        return None
    finite = np.isfinite(values)
    return None if finite.all() else begin + int(np.argmin(finite))
