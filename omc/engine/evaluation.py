"""Owns the running of a program over bars: columns in, columns out, and no silent NaN.

Every step is checked: a value that is not a finite number refuses the run with the place and the bar.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

import numpy as np

from omc.engine.begun import begun
from omc.engine.blocks import Failed, first_of, in_blocks, serves
from omc.engine.coarse import resampled
from omc.engine.operators import Column, Conditions, Finite, Kind, Values, computed
from omc.engine.program import Program, Step
from omc.kit.errors import Refusal
from omc.ledgers.columns import BarColumns


def evaluate(program: Program, bars: BarColumns, slots: Iterable[int]) -> list[Column]:
    """Return the column of each slot, one value a bar; its first `warm_up` values are NaN or False.

    Raises Refusal `division_by_zero` or `not_finite` with the place in the document and the time of the first such bar.
    """
    program, asked = begun(program, bars), list(slots)
    whole, lost = _with_coarse(program, bars)
    if lost is not None:
        evaluate(program, bars.slice(0, lost[0]), ())
        raise lost[1]
    found = _run_through(program, whole, asked)
    if isinstance(found, Failed):
        evaluate(program, bars.slice(0, found.bar), ())  # a later step may refuse an earlier bar, as it would live
        raise refused(found.step, bar_time(bars, found.bar), found.inputs)
    return found


def _run_through(program: Program, bars: BarColumns, asked: Sequence[int]) -> list[Column] | Failed:
    with np.errstate(all="ignore"):
        return in_blocks(program, bars, asked) if serves(program, len(bars)) else in_wholes(program, bars, asked)


def _with_coarse(program: Program, bars: BarColumns) -> tuple[BarColumns, tuple[int, Refusal] | None]:
    """The bars with a column for each feature of longer bars; or the row at which one is refused first, and why."""
    more: dict[str, Values] = {}
    lost: list[tuple[int, Refusal]] = []
    for step, inner in [(step, step.inner) for step in program.steps if step.inner is not None]:
        coarse = resampled(bars, inner.length_ms)
        found = _run_through(inner.program, coarse.bars, [inner.slot])
        while isinstance(found, Failed):
            failed, found = found, _run_through(inner.program, coarse.bars.slice(0, found.bar), [])
            if not isinstance(found, Failed):
                why = refused(failed.step, bar_time(coarse.bars, failed.bar), failed.inputs)
                lost.append((int(coarse.known[failed.bar]), why))
        if not lost:
            column = coarse.spread(found[0].astype(np.float64), len(bars))
            column[: step.warm_up] = np.nan
            more[step.operator.reads[0]] = column
    if lost:
        return bars, min(lost, key=lambda one: one[0])
    return (replace(bars, more={**bars.more, **more}) if more else bars), None


def in_wholes(program: Program, bars: BarColumns, asked: Sequence[int]) -> list[Column] | Failed:
    """The same as `in_blocks` without compiled code, a whole column at a time."""
    last_use = {slot: at for at, step in enumerate(program.steps) for slot in step.inputs}
    spent = {
        at: [slot for slot, last in last_use.items() if last == at and slot not in asked] for at in last_use.values()
    }
    done: list[Column | float] = []
    for at, step in enumerate(program.steps):
        done.append(_run(step, program, done, bars))
        bad = _bad(step, done[at])
        if bad is not None:
            return Failed(step, bad, [_at(done[slot], bad) for slot in step.inputs])
        for slot in spent.get(at, ()):  # a column of a million bars is 8 MB; keep only what is still to be read
            done[slot] = 0.0
    return [_spread(done[slot], program.steps[slot], len(bars)) for slot in asked]


def _run(step: Step, program: Program, done: list[Column | float], bars: BarColumns) -> Column | float:
    if step.constant is not None:
        return step.constant
    count = len(bars)
    if count <= step.warm_up:
        return _blank(step, count)
    first = first_of(program, step)
    reads = [bars.column(name) for name in step.operator.reads]
    inputs = [_input(done[slot], step, first, count) for slot in step.inputs]
    if not first:
        return computed(step.operator, [*reads, *inputs], step.settings)
    column = _blank(step, count)
    column[first:] = computed(step.operator, [*(one[first:] for one in reads), *inputs], step.settings)
    return column


def _input(value: Column | float, step: Step, first: int, count: int) -> Column | float:
    if isinstance(value, np.ndarray):
        return value[first:]
    return value if step.operator.kernel is None else np.full(count - first, value)


def _blank(step: Step, count: int) -> Column:
    if step.operator.gives is Kind.CONDITION:
        return np.zeros(count, dtype=np.bool_)
    return np.full(count, np.nan)


def _spread(value: Column | float, step: Step, count: int) -> Column:
    if not isinstance(value, np.ndarray):
        value = np.full(count, value)
    return value.astype(np.bool_, copy=False) if step.operator.gives is Kind.CONDITION else value


def _bad(step: Step, column: Column | float) -> int | None:
    """The first bar after the warm-up whose value is not finite."""
    never = step.operator.finite is Finite.ALWAYS or step.operator.gives is Kind.CONDITION
    if never or not isinstance(column, np.ndarray) or len(column) <= step.warm_up:
        return None
    if step.operator.finite is Finite.CARRIED and np.isfinite(column[-1]):
        return None
    finite = np.isfinite(column[step.warm_up :])
    return None if finite.all() else step.warm_up + int(np.argmin(finite))


def _at(value: Column | float, bar: int) -> float:
    return float(value[bar]) if isinstance(value, np.ndarray) else value


def refused(step: Step, when: str, inputs: list[float]) -> Refusal:
    """The refusal of a value that is not finite, from its step, the time of its bar, and what it was made from."""
    if step.word == "/" and inputs[1] == 0:
        text = f"division by zero at the bar of {when}; keep the divisor from zero, for example with max(x, 0.01)"
        return Refusal("division_by_zero", 422, text, place=step.place)
    if step.is_input:
        text = f"the input `{step.word}` was known before and is not at the bar of {when}: nothing as young as its"
        return Refusal("input_missing", 422, f"{text} `max_age` says was seen; end the span earlier", place=step.place)
    return Refusal("not_finite", 422, f"`{step.word}` has no finite value at the bar of {when}", place=step.place)


def bar_time(bars: BarColumns, index: int) -> str:
    """The opening time of a bar as a person reads it."""
    return time_text(int(bars.ts[index]))


def time_text(ts: int) -> str:
    """Milliseconds UTC as a person reads them."""
    return datetime.fromtimestamp(ts / 1_000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def conditions(program: Program, bars: BarColumns, names: Iterable[str]) -> list[Conditions]:
    """Return the named conditions; one that the document leaves out is never true."""
    known = [name for name in names if name in program.conditions]
    columns = dict(zip(known, evaluate(program, bars, [program.conditions[name] for name in known]), strict=True))
    never = np.zeros(len(bars), dtype=np.bool_)
    return [cast("Conditions", columns.get(name, never)) for name in names]
