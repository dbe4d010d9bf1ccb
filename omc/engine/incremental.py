"""Owns the running of a program bar by bar, as live trading needs it, with the same bits and refusals as the columns.

A kernel is the very loop of its column, called for one more bar with the state that it left. What kernels reach back to
is kept in plain lists, which all begin at one bar and are cut from time to time.
"""

from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite, nan
from typing import TypeAlias

from omc.engine.begun import NEVER, begun_at
from omc.engine.coarse import opening
from omc.engine.evaluation import refused, time_text
from omc.engine.expression import BAR_COLUMNS
from omc.engine.operators import Finite, Kind
from omc.engine.program import Inner, Program, Step

SPARE = 1_024
"""Bars kept beyond those that a kernel can still reach, so that lists are seldom cut."""

Bar: TypeAlias = tuple[float, ...]
"""Open, high, low, close, volume, and the program's inputs as they are known at the bar's close, in their order."""

_History: TypeAlias = list[float]
_Advance: TypeAlias = Callable[[int], None]  # given the place of the new bar in the lists

_CONDITIONS = ("entry", "exit", "short_entry", "short_exit")
_NEVER: _History = [False]


@dataclass(frozen=True, slots=True)
class Decided:
    """The conditions at the close of a bar; one that the document leaves out is never true.

    `warm` says that there were enough bars for all of them. Before that a condition may be false for want of history.
    """

    entry: bool
    exit: bool
    short_entry: bool
    short_exit: bool
    warm: bool


class Incremental:
    """A program fed one closed bar at a time: after n bars it says what `conditions` says in row n - 1 of them.

    `value` is the newest value of a step, by its slot. After a Refusal it is of no more use.
    """

    def __init__(self, program: Program) -> None:
        """Make it for one series, from its first bar on."""
        self._begins = dict.fromkeys(program.inputs, NEVER)
        self._program, self._seen, self._at = begun_at(program, self._begins), 0, 0
        steps = (step for step in program.steps if not step.is_input)
        self._reach = 2 + max((step.warm_up - _first(program, step) for step in steps), default=0)
        self._coarse = [_Coarse(step, step.inner) for step in program.steps if step.inner is not None]
        self._names = (*BAR_COLUMNS, *program.inputs, *(one.name for one in self._coarse))
        self._bars: list[_History] = [[] for _ in self._names]
        self._values = [self._list(step) for step in program.steps]
        self._begin: dict[int, list[int]]
        self._warm: dict[int, list[int]]
        self._unknown: list[str]
        self._running: list[_Advance] = []
        self._places: dict[int, int] = {}
        self._checked: list[tuple[int, _History]] = []
        for slot, step in enumerate(program.steps):
            if step.constant is None:
                self._plan(slot, step)
        self._schedule()
        slots = [program.conditions.get(name) for name in _CONDITIONS]
        self._asked = [_NEVER if slot is None else self._values[slot] for slot in slots]

    def update(self, bar: Bar, ts: int = 0) -> Decided:
        """Take the next closed bar, whose opening time in milliseconds UTC is told in a refusal, and decide.

        Features of longer bars need that time.

        Raises Refusal `division_by_zero` or `not_finite` with the place in the document and the time of the bar.
        """
        long = [one.update(bar, ts) for one in self._coarse]
        for column, value in zip(self._bars, (*bar, *long), strict=True):
            column.append(value)
        if self._unknown and self._now_known(bar):
            self._schedule()
        if self._begin or self._warm:
            self._start()
        for advance in self._running:
            advance(self._at)
        self._check(ts)
        self._seen += 1
        self._at += 1
        if self._at == self._reach + SPARE:
            self._cut()
        entry, out, short_entry, short_exit = self._asked
        warm = self._seen > self._warm_up
        return Decided(bool(entry[-1]), bool(out[-1]), bool(short_entry[-1]), bool(short_exit[-1]), warm)

    def value(self, slot: int) -> float:
        """The newest value of a step; NaN or False inside its warm-up."""
        return self._values[slot][-1]

    def newest(self, slot: int, count: int) -> list[float]:
        """The newest values of a step, at most `SPARE` of them, oldest first."""
        values = self._values[slot]
        return values[-count:] if self._program.steps[slot].constant is None else values[:count]

    @property
    def kept(self) -> int:
        """How many numbers are remembered, states of kernels apart."""
        return sum(len(values) for values in [*self._bars, *self._values])

    def _plan(self, slot: int, step: Step) -> None:
        if not _is_column(step):
            self._places[slot] = len(self._running)
            self._running.append(_waiting(self._values[slot], _blank(step)))

    def _now_known(self, bar: Bar) -> bool:
        """Whether an input is known for the first time, so that what uses it can be told when to begin."""
        known = [name for name in self._unknown if isfinite(bar[self._names.index(name)])]
        if known:
            self._begins |= dict.fromkeys(known, self._seen)
            self._program = begun_at(self._program, self._begins)
        return bool(known)

    def _schedule(self) -> None:
        """Note for each step that has not begun at which bar it does, and from which on it is checked."""
        self._unknown = [name for name, begins in self._begins.items() if begins == NEVER]
        self._warm_up, self._begin, self._warm = self._program.warm_up, {}, {}
        for slot, step in enumerate(self._program.steps):
            if (first := _first(self._program, step)) >= self._seen and slot in self._places:
                self._begin.setdefault(first, []).append(slot)
            checked = step.constant is None and step.operator.gives is Kind.NUMBER
            if checked and step.operator.finite is not Finite.ALWAYS and step.warm_up >= self._seen:
                self._warm.setdefault(step.warm_up, []).append(slot)

    def _start(self) -> None:
        """Let the steps run whose inputs have a value from this bar on, and check those that have one themselves."""
        for slot in self._begin.pop(self._seen, ()):
            self._running[self._places[slot]] = self._advance(self._program.steps[slot], self._values[slot])
        for slot in self._warm.pop(self._seen, ()):
            insort(self._checked, (slot, self._values[slot]), key=lambda one: one[0])

    def _list(self, step: Step) -> _History:
        if step.constant is not None:
            return [step.constant] * (self._reach + SPARE)  # as long as any list grows, so that it needs no care
        return self._bars[self._names.index(step.operator.reads[0])] if _is_column(step) else []

    def _advance(self, step: Step, out: _History) -> _Advance:
        inputs = [self._values[slot] for slot in step.inputs]
        operator = step.operator
        if operator.scalar is not None:
            return _scalar(operator.scalar, inputs, out)
        assert operator.kernel is not None
        reads = [self._bars[self._names.index(name)] for name in operator.reads]
        state = [0.0] * operator.room(*step.settings)
        kernel, settings, given, append, blank = (
            operator.kernel,
            step.settings,
            (*reads, *inputs),
            out.append,
            _blank(step),
        )

        def advance(at: int) -> None:
            append(blank)
            kernel(given, settings, state, out, at, at + 1)

        return advance

    def _refused(self, slot: int, ts: int) -> Exception:
        step = self._program.steps[slot]
        return refused(step, time_text(ts), [self._values[one][-1] for one in step.inputs])

    def _check(self, ts: int) -> None:
        for slot, values in self._checked:
            if not isfinite(values[-1]):
                raise self._refused(slot, ts)

    def _cut(self) -> None:
        for values in [*self._bars, *(self._values[slot] for slot in self._places)]:
            del values[: -self._reach]
        self._at = self._reach


class _Coarse:
    """A feature of longer bars, fed the short ones: what `evaluation` makes of resampled columns, one bar at a time."""

    def __init__(self, step: Step, inner: Inner) -> None:
        self.name = step.operator.reads[0]
        self._inner, self._running = inner, Incremental(inner.program)
        self._blank, self._value = step.warm_up, nan
        self._opens: int | None = None
        self._bar: list[float] = []

    def update(self, bar: Bar, ts: int) -> float:
        """Take the next short bar and return the value of the newest long bar that is over at its close."""
        opens = opening(ts, self._inner.length_ms)
        begins = self._opens is not None or opens == ts
        if self._bar and opens != self._opens:
            self._close()
        if opens != self._opens:
            self._opens, self._bar = opens, [bar[0], bar[1], bar[2], bar[3], 0.0] if begins else []
        if self._bar:
            self._bar[1], self._bar[2] = max(self._bar[1], bar[1]), min(self._bar[2], bar[2])
            self._bar[3], self._bar[4] = bar[3], self._bar[4] + bar[4]
            if ts + self._inner.base_ms >= opens + self._inner.length_ms:
                self._close()
        self._blank -= 1
        return nan if self._blank >= 0 else self._value

    def _close(self) -> None:
        assert self._opens is not None
        self._running.update(tuple(self._bar), self._opens)
        self._value, self._bar = float(self._running.value(self._inner.slot)), []


def _first(program: Program, step: Step) -> int:
    """The first bar at which all inputs of a step have a value."""
    return max((program.steps[slot].warm_up for slot in step.inputs), default=0)


def _is_column(step: Step) -> bool:
    return step.operator.kernel is None and bool(step.operator.reads)


def _blank(step: Step) -> float:
    return nan if step.operator.gives is Kind.NUMBER else False


def _waiting(out: _History, blank: float) -> _Advance:
    return lambda _: out.append(blank)


def _scalar(function: Callable[..., float], inputs: list[_History], out: _History) -> _Advance:
    append = out.append
    match inputs:
        case [x]:
            return lambda _: append(function(x[-1]))
        case [x, y]:
            return lambda _: append(function(x[-1], y[-1]))
        case _:
            return lambda _: append(function(*[one[-1] for one in inputs]))
