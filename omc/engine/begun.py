"""Owns where a program begins on certain bars: what uses an input waits until the input is known for the first time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from omc.engine.program import Program, Step
from omc.kit.errors import Refusal
from omc.ledgers.columns import BarColumns

NEVER = 1 << 40
"""The bar at which an input begins that is not known yet; more than there can be."""


def begun(program: Program, bars: BarColumns) -> Program:
    """Return the program with the warm-up that it has on these bars; without inputs it is the same on all bars.

    Raises Refusal `input_missing` where an input is used that the bars do not bring.
    """
    if not program.inputs:
        return program
    for name in program.inputs:
        if name not in bars.more:
            text = f"the document reads the input `{name}`, and these bars do not bring it; give it with the bars"
            raise Refusal("input_missing", 422, text, place=f"/inputs/{name}")
    return begun_at(program, {name: _first_known(bars, name) for name in program.inputs})


def begun_each(programs: Sequence[Program], bars: BarColumns) -> list[Program]:
    """Return the same of programs that share their steps, at least one; where they begin is found once."""
    if not programs[0].inputs:
        return list(programs)
    steps = begun(replace(programs[0], features={}, conditions={}), bars).steps
    return [replace(program, steps=steps) for program in programs]


def begun_at(program: Program, begins: Mapping[str, int]) -> Program:
    """Return the program with the warm-up that it has when each input is known from that bar on."""
    steps: list[Step] = []
    for step in program.steps:
        own = step.warm_up - _first(program.steps, step)
        warm_up = begins[step.word] if step.is_awaited else _first(steps, step) + own
        steps.append(replace(step, warm_up=warm_up))
    return replace(program, steps=tuple(steps))


def _first(steps: Sequence[Step], step: Step) -> int:
    """The first bar at which all that a step is made of has a value."""
    return max((steps[slot].warm_up for slot in step.inputs), default=0)


def _first_known(bars: BarColumns, name: str) -> int:
    known = np.isfinite(bars.more[name])
    return int(np.argmax(known)) if known.any() else NEVER
