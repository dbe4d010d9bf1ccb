"""Both forms of a program's steps as comparable values: whole columns, and one bar at a time."""

from collections.abc import Sequence

import numpy as np

from omc.engine import BarColumns
from omc.engine.evaluation import evaluate
from omc.engine.incremental import SPARE, Bar, Incremental
from omc.engine.operators import Kind
from omc.engine.program import Program
from omc.kit.errors import Refusal

Found = tuple[list[bytes], list[str]]
"""The bits of every step, or the refusal."""


def in_columns(program: Program, bars: BarColumns) -> Found:
    """The bits of every step, and the refusal where there is one."""
    try:
        return [column.tobytes() for column in evaluate(program, bars, range(len(program.steps)))], []
    except Refusal as refused:
        return [], [refused.code, refused.place, refused.text]


def bar_by_bar(program: Program, bars: BarColumns) -> Found:
    """The same from one bar at a time."""
    running, seen = Incremental(program), 0
    values: list[list[float]] = [[] for _ in program.steps]
    try:
        for ts, bar in rows(bars, program.inputs):
            running.update(bar, ts)
            seen += 1
            if seen % SPARE == 0 or seen == len(bars):
                for slot, column in enumerate(values):
                    column.extend(running.newest(slot, seen - len(column)))
    except Refusal as refused:
        return [], [refused.code, refused.place, refused.text]
    kinds = [np.bool_ if step.operator.gives is Kind.CONDITION else np.float64 for step in program.steps]
    return [np.asarray(column, kind).tobytes() for column, kind in zip(values, kinds, strict=True)], []


def rows(bars: BarColumns, inputs: Sequence[str] = ()) -> list[tuple[int, Bar]]:
    columns = (bars.open, bars.high, bars.low, bars.close, bars.volume, *(bars.more[name] for name in inputs))
    return list(zip(bars.ts.tolist(), zip(*(column.tolist() for column in columns), strict=True), strict=True))
