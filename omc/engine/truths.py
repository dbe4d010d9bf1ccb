"""Owns the conditions of many programs over the same bars: each step that they share is computed once.

Numbers run over blocks of bars as those of one program do. Their comparisons and all logic are computed on bits, by
one call for all programs. What is kept is one bit a bar and condition, so that memory grows with little else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from omc.engine import kernels
from omc.engine.blocks import BLOCK, Span, Store, bad_at, is_column, reach_of, read_only, run_of, serves
from omc.engine.kernels import conditions as kernel
from omc.engine.operators import Conditions, Kind
from omc.engine.program import Program, Step
from omc.ledgers.columns import BarColumns

Words: TypeAlias = NDArray[np.uint32]
_KernelStep: TypeAlias = tuple[int, int, int, int, int]

LEAST, USUAL = 2_048, 8_192
ROOM = 48 * 1024 * 1024
"""Bytes of numbers held at once, as long as a block has `LEAST` bars. It has `USUAL` unless more are looked back on:
rows of many programs that are still in the cache are worth more than fewer calls."""

_BELOW, _ABOVE = 0, 1
_COMPARED = {
    "<": (kernel.OR, _BELOW, _BELOW),
    ">": (kernel.OR, _ABOVE, _ABOVE),
    "<=": (kernel.NEITHER, _ABOVE, _ABOVE),
    ">=": (kernel.NEITHER, _BELOW, _BELOW),
    "==": (kernel.NEITHER, _BELOW, _ABOVE),
    "!=": (kernel.OR, _BELOW, _ABOVE),
    "crosses_above": (kernel.RISES, _ABOVE, _ABOVE),
    "crosses_below": (kernel.RISES, _BELOW, _BELOW),
}
_COMBINED = {"and": kernel.AND, "or": kernel.OR, "not": kernel.NEITHER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Truths:
    """Conditions as bits: `words` has, by name, a row for each program, or one row where none is ever true.

    All programs have the same conditions. `failed` are those in which a step has no finite value somewhere.
    """

    words: Mapping[str, Words]
    failed: frozenset[int]

    def of(self, program: int, name: str, count: int) -> Conditions:
        """One condition of one program at each of `count` bars."""
        rows = self.words[name]
        return bits_of(rows[program % len(rows)], count)


def can_share(program: Program, work: int) -> bool:
    """Say whether conditions can be computed so: by compiled code, none of a kind that bits are not made of."""
    known = all(
        step.operator.name in _COMPARED or step.operator.name in _COMBINED
        for step in program.steps
        if step.operator.gives is Kind.CONDITION and step.constant is None
    )
    longer = any(step.inner is not None for step in program.steps)  # computed over longer bars first
    return known and not longer and serves(program, work)


def truths_of(programs: Sequence[Program], bars: BarColumns, names: Sequence[str]) -> Truths:
    """Return the named conditions of programs over the same steps; one that a program leaves out is never true."""
    layout = _Layout(programs)
    running, keep = _Running(layout, bars), kernels.chosen(kernel.keep, kernels.ENOUGH)
    kept = {name: _rows(layout, programs, name) for name in names}
    words = {name: np.zeros((len(rows), -(-len(bars) // kernel.BARS)), dtype=np.uint32) for name, rows in kept.items()}
    with np.errstate(all="ignore"):
        for begin in range(0, len(bars), running.block):
            length = running.over(begin)
            for name, rows in kept.items():
                given = (running.words, rows, words[name])
                source, read, target = cast("tuple[kernel.Words, Sequence[int], kernel.Words]", given)
                keep(source, read, target, begin // kernel.BARS, length)
            if begin + running.block < len(bars):
                running.move(begin)
    bad = running.bad
    failed = (at for at, one in enumerate(programs) if bad and not bad.isdisjoint(used_by([one])))
    return Truths(words=words, failed=frozenset(failed))


def _rows(layout: "_Layout", programs: Sequence[Program], name: str) -> NDArray[np.int64]:
    """The row of a condition in each program; one row for all where no program has it."""
    rows = [layout.truths[one.conditions[name]] for one in programs if name in one.conditions]
    return np.asarray(rows or [FALSE], dtype=np.int64)


def used_by(programs: Sequence[Program]) -> set[int]:
    """Return every step that any of the programs needs, those of its features included."""
    steps = programs[0].steps
    used = {slot for one in programs for slot in (*one.conditions.values(), *one.features.values())}
    for slot in range(len(steps) - 1, -1, -1):  # each step is made of earlier ones
        if slot in used:
            used.update(steps[slot].inputs)
    return used


def alone(program: Program) -> Program:
    """Return a program of shared steps with its own steps only."""
    used = sorted(used_by([program]))
    place = {slot: at for at, slot in enumerate(used)}
    steps = [
        replace(program.steps[slot], inputs=tuple(place[one] for one in program.steps[slot].inputs)) for slot in used
    ]
    return Program(
        steps=tuple(steps),
        features={name: place[slot] for name, slot in program.features.items()},
        conditions={name: place[slot] for name, slot in program.conditions.items()},
    )


FALSE, TRUE = 0, 1
"""Rows of words that are the same at every bar."""


class _Layout:
    """Where each step's values stand, and in which order steps are run.

    `numbers` and `truths` are the rows of each step. At each of the `levels` numbers are computed, and then the
    conditions made of them, by the kernel's steps; what is computed from these is at the next level.
    """

    def __init__(self, programs: Sequence[Program]) -> None:
        """Lay out every step that one of the programs needs."""
        self.steps, used = programs[0].steps, sorted(used_by(programs))
        of_numbers = [slot for slot in used if self.steps[slot].operator.gives is Kind.NUMBER]
        self.numbers = {slot: row for row, slot in enumerate(of_numbers)}
        self.truths: dict[int, int] = {}
        self.rows = TRUE + 1
        self.levels: list[tuple[list[int], list[_KernelStep]]] = []
        self._pairs: dict[tuple[int, int], int] = {}
        self._level: dict[int, int] = {}
        for slot in used:
            self._add(slot)

    def _add(self, slot: int) -> None:
        step = self.steps[slot]
        waits = [self._level[one] + (slot in self.numbers and one in self.truths) for one in step.inputs]
        at = self._level[slot] = max(waits, default=0)
        if at == len(self.levels):
            self.levels.append(([], []))
        numbers, made = self.levels[at]
        if slot in self.numbers:
            numbers.append(slot)
        elif step.constant is not None:
            self.truths[slot] = TRUE if step.constant else FALSE
        else:
            operation, left, right = self._combined(step, made)
            self.truths[slot] = self._more(1)
            made.append((operation, self.truths[slot], left, right, step.warm_up))

    def _combined(self, step: Step, made: list[_KernelStep]) -> tuple[int, int, int]:
        """The operation and the rows that it reads; two numbers are compared first, unless they are already."""
        if step.operator.name in _COMBINED:
            return _COMBINED[step.operator.name], self.truths[step.inputs[0]], self.truths[step.inputs[-1]]
        operation, left, right = _COMPARED[step.operator.name]
        pair = min(step.inputs), max(step.inputs)
        if pair not in self._pairs:
            self._pairs[pair] = self._more(2)
            made.append((kernel.COMPARE, self._pairs[pair], self.numbers[pair[0]], self.numbers[pair[1]], 0))
        first, turned = self._pairs[pair], step.inputs[0] > step.inputs[1]
        return operation, first + (left ^ turned), first + (right ^ turned)

    def _more(self, rows: int) -> int:
        self.rows += rows
        return self.rows - rows


class _Running:
    """The rows of a layout, filled block after block."""

    def __init__(self, layout: _Layout, bars: BarColumns) -> None:
        """Make room for one block and for what is read before it."""
        program = Program(steps=layout.steps, features={}, conditions={})
        self._reach, self._layout, self._bars = reach_of(program), layout, bars
        self.block = min(block_of(len(layout.numbers), self._reach), -(-len(bars) // kernel.BARS) * kernel.BARS)
        self._numbers = np.full((len(layout.numbers), self._reach + self.block), np.nan)
        self.words = np.zeros((layout.rows, 1 + self.block // kernel.BARS), dtype=np.uint32)
        self.words[TRUE] = kernel.FULL
        self._read = {one for slot in layout.numbers for one in layout.steps[slot].inputs}.intersection(layout.truths)
        self._stores = {slot: self._number(slot) for slot in layout.numbers} | self._truths()
        self._runs = {slot: run_of(program, slot, self._stores, bars) for slot in layout.numbers}
        self._levels = [(slots, np.asarray(made, dtype=np.int64).reshape(-1, 5)) for slots, made in layout.levels]
        self._decide = kernels.chosen(kernel.decide, kernels.ENOUGH)
        self.bad: set[int] = set()

    def _number(self, slot: int) -> Store:
        step, row = self._layout.steps[slot], self._numbers[self._layout.numbers[slot]]
        if is_column(step):
            values = self._bars.column(step.operator.reads[0])
            return Store(values, read_only(values), whole=True)
        if step.constant is not None:
            row[:] = step.constant
        return Store(row, read_only(row), whole=False)

    def _truths(self) -> dict[int, Store]:
        """Conditions that numbers are made of, which are read as one value a bar."""
        found = {}
        for slot in self._read:
            values = np.zeros(self._reach + self.block, dtype=np.bool_)
            found[slot] = Store(values, read_only(values), whole=False)
        return found

    def over(self, begin: int) -> int:
        """Run over the block of bars from `begin` on; returns how many words it has."""
        span = Span(max(0, begin - self._reach), begin, min(begin + self.block, len(self._bars)))
        place, length = begin - span.start, -(-(span.end - begin) // kernel.BARS)
        for slots, made in self._levels:
            for slot in slots:
                self._compute(slot, span)
            given = (self._numbers, self.words, made)
            numbers, words, steps = cast("tuple[kernel.Numbers, kernel.Words, kernel.Steps]", given)
            self._decide(numbers, words, steps, place, begin, length)
            for slot in self._read:
                bits = bits_of(self.words[self._layout.truths[slot], 1 : 1 + length], span.end - begin)
                self._stores[slot].values[place : place + span.end - begin] = bits
        return length

    def _compute(self, slot: int, span: Span) -> None:
        store, step = self._stores[slot], self._layout.steps[slot]
        self._runs[slot](span)
        if store.whole:
            place, row = span.begin - span.start, self._numbers[self._layout.numbers[slot]]
            row[place : place + span.end - span.begin] = store.values[span.begin : span.end]
        if bad_at(step, store, span) is not None:
            self.bad.add(slot)

    def move(self, begin: int) -> None:
        """Make the end of the block from `begin` on the beginning of what the next one reads."""
        start, end = max(0, begin - self._reach), begin + self.block
        left = max(0, end - self._reach) - start
        self._numbers[:, : end - start - left] = self._numbers[:, left : end - start]
        self.words[:, 0] = self.words[:, -1]


def bits_of(words: Words, count: int) -> Conditions:
    """Return the condition at each of `count` bars from its words."""
    octets = words.astype("<u4", copy=False).view(np.uint8)
    return np.unpackbits(octets, count=count, bitorder="little").view(np.bool_)


def block_of(rows: int, reach: int) -> int:
    """Return the bars of a block of so many rows of numbers: fewer where many rows would take too much memory."""
    most = ROOM // (8 * max(rows, 1)) - reach
    return min(BLOCK, max(USUAL, 4 * reach // LEAST * LEAST), max(most // LEAST * LEAST, LEAST))


def room_of(rows: int, reach: int) -> int:
    """Return the bytes that so many rows of numbers take."""
    return 8 * rows * (reach + block_of(rows, reach))
