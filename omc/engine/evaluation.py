"""Owns the running of a program over bars: columns in, columns out, and no silent NaN.

Every step is checked: a value that is not a finite number refuses the run with the place and the bar.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import cast

import numpy as np

from omc.engine.expression import Program, Step
from omc.engine.operators import Column, Conditions, Kind
from omc.kit.errors import Refusal
from omc.ledgers.columns import BarColumns

_ALWAYS_FINITE = frozenset(
    ("open", "high", "low", "close", "volume", "negative", "abs", "min", "max", "lag", "highest", "lowest")
)


def evaluate(program: Program, bars: BarColumns, slots: Iterable[int]) -> list[Column]:
    """Return the column of each slot, one value a bar; its first `warm_up` values are NaN or False.

    Raises Refusal `division_by_zero` or `not_finite` with the place in the document and the time of the bar.
    """
    asked = list(slots)
    last_use = {slot: at for at, step in enumerate(program.steps) for slot in step.inputs}
    spent = {
        at: [slot for slot, last in last_use.items() if last == at and slot not in asked] for at in last_use.values()
    }
    done: list[Column | float] = []
    with np.errstate(all="ignore"):
        for at, step in enumerate(program.steps):
            done.append(_run(step, program, done, bars))
            for slot in spent.get(at, ()):  # a column of a million bars is 8 MB; keep only what is still to be read
                done[slot] = 0.0
    return [_spread(done[slot], program.steps[slot], len(bars)) for slot in asked]


def _run(step: Step, program: Program, done: list[Column | float], bars: BarColumns) -> Column | float:
    if step.constant is not None:
        return step.constant
    count = len(bars)
    if count <= step.warm_up:
        return _blank(step, count)
    first = max((program.steps[slot].warm_up for slot in step.inputs), default=0)
    inputs = [_input(done[slot], step, first, count) for slot in step.inputs]
    reads = [getattr(bars, name) for name in step.operator.reads]
    column = step.operator.column(*reads, *inputs, *step.settings)
    if first:
        fresh, column = column, _blank(step, count)
        column[step.warm_up :] = fresh[step.warm_up - first :]
    if step.operator.gives is Kind.NUMBER and step.operator.name not in _ALWAYS_FINITE:
        _check(step, column, done, bars)
    return column


def _input(value: Column | float, step: Step, first: int, count: int) -> Column | float:
    if isinstance(value, np.ndarray):
        return value[first:]
    return np.full(count - first, value) if step.operator.whole_arrays else value


def _blank(step: Step, count: int) -> Column:
    if step.operator.gives is Kind.CONDITION:
        return np.zeros(count, dtype=np.bool_)
    return np.full(count, np.nan)


def _spread(value: Column | float, step: Step, count: int) -> Column:
    if not isinstance(value, np.ndarray):
        value = np.full(count, value)
    return value.astype(np.bool_) if step.operator.gives is Kind.CONDITION else value


def _check(step: Step, column: Column, done: list[Column | float], bars: BarColumns) -> None:
    finite = np.isfinite(column[step.warm_up :])
    if finite.all():
        return
    bad = step.warm_up + int(np.argmin(finite))
    when = bar_time(bars, bad)
    if step.operator.name == "/":
        below = done[step.inputs[1]]
        if (below[bad] if isinstance(below, np.ndarray) else below) == 0:
            text = f"division by zero at the bar of {when}; keep the divisor from zero, for example with max(x, 0.01)"
            raise Refusal("division_by_zero", 422, text, place=step.place)
    text = f"`{step.operator.name}` has no finite value at the bar of {when}"
    raise Refusal("not_finite", 422, text, place=step.place)


def bar_time(bars: BarColumns, index: int) -> str:
    """The opening time of a bar as a person reads it."""
    return datetime.fromtimestamp(int(bars.ts[index]) / 1_000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def conditions(program: Program, bars: BarColumns, names: Iterable[str]) -> list[Conditions]:
    """Return the named conditions; one that the document leaves out is never true."""
    known = [name for name in names if name in program.conditions]
    columns = dict(zip(known, evaluate(program, bars, [program.conditions[name] for name in known]), strict=True))
    never = np.zeros(len(bars), dtype=np.bool_)
    return [cast("Conditions", columns.get(name, never)) for name in names]
