"""Owns the prediction: what a trained model says of each bar.

Needs none of the libraries that trained it.
"""

from collections.abc import Callable, MutableSequence
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from omc.engine import kernels
from omc.engine.begun import begun
from omc.engine.evaluation import evaluate
from omc.engine.kernels import trees as kernel
from omc.engine.learning.artifact import Artifact, Linear, Trees
from omc.engine.learning.spec import ModelSpec, program_of
from omc.engine.program import Program
from omc.ledgers.columns import BarColumns, Floats

_COSTLY = 100
"""Questions and sums that a row takes, about: from how many rows on compiled code pays."""

_Loop: TypeAlias = Callable[[MutableSequence[float], int, kernel.Nodes, kernel.Numbers, MutableSequence[float]], None]


def warm_up_of(program: Program) -> int:
    """Bars at the front for which not every feature has a value."""
    return max(program.steps[slot].warm_up for slot in program.features.values())


def rows_of(program: Program, bars: BarColumns) -> Floats:
    """The features of each bar, one row a bar, in the order of their names; NaN where one has no value yet."""
    columns = evaluate(program, bars, [program.features[name] for name in sorted(program.features)])
    rows = np.column_stack([column.astype(np.float64) for column in columns])
    rows[: warm_up_of(begun(program, bars))] = np.nan  # a condition is false there for want of history
    return rows


class Scorer:
    """What was learned, made ready to be asked."""

    def __init__(self, spec: ModelSpec, form: Linear | Trees) -> None:
        """Make it from a form of the kind that the specification asks for."""
        kind = spec.model.kind
        self._curved = kind == "logistic" or (kind == "boosting" and spec.task == "classify")
        self._divisor = float(len(form.roots)) if isinstance(form, Trees) and kind == "forest" else 1.0
        self._loop: _Loop = kernel.grown if isinstance(form, Trees) else kernel.weighed
        nodes, numbers = _arrays(form)
        self._fast = cast("tuple[kernel.Nodes, kernel.Numbers]", (nodes, numbers))
        self._plain = tuple(one.tolist() for one in nodes), tuple(one.tolist() for one in numbers)

    def scores(self, rows: Floats) -> Floats:
        """The score of each row: what contributions add up to."""
        return self._asked(rows, curved=False)

    def predictions(self, rows: Floats) -> Floats:
        """The probability of label 1, or the expected return, of each row."""
        return self._asked(rows, curved=self._curved)

    def _asked(self, rows: Floats, *, curved: bool) -> Floats:
        count, width = rows.shape
        loop = kernels.chosen(self._loop, count * _COSTLY)
        fast = kernels.is_compiled(loop)
        flat, out = np.ascontiguousarray(rows).reshape(-1), np.zeros(count)
        given, written = (kernels.sequence(one, loop) for one in (flat, out))
        nodes, numbers = self._fast if fast else self._plain
        loop(given, width, nodes, numbers, written)
        divided, logistic = (
            (kernels.chosen(kernel.divided, kernels.ENOUGH), kernels.chosen(kernel.logistic, kernels.ENOUGH))
            if fast
            else (kernel.divided, kernel.logistic)
        )
        if self._divisor != 1.0:
            divided(written, self._divisor)
        if curved:
            logistic(written)
        return np.asarray(written)


def _arrays(form: Linear | Trees) -> tuple[tuple[NDArray[np.int64], ...], tuple[Floats, ...]]:
    """The form as loops take it: whole numbers, and others."""
    match form:
        case Linear():
            nodes: tuple[tuple[int, ...], ...] = ()
            numbers: tuple[tuple[float, ...], ...] = (form.weights, form.means, form.spreads, (form.bias,))
        case Trees():
            nodes, numbers = (form.roots, form.feature, form.left, form.right), (form.threshold, form.value)
    return (
        tuple(np.asarray(one, dtype=np.int64) for one in nodes),
        tuple(np.asarray(one, dtype=np.float64) for one in numbers),
    )


class Predictor:
    """A trained model made ready for bars."""

    def __init__(self, artifact: Artifact) -> None:
        """Make it from what is kept."""
        self._known_until = artifact.known_until
        self.program = program_of(artifact.spec)
        self.warm_up = warm_up_of(self.program)
        self.scorer = Scorer(artifact.spec, artifact.form)

    def column(self, bars: BarColumns) -> Floats:
        """The prediction at the close of each bar, NaN where it could have been learned from that bar or has no value.

        A bar that closes when the model's knowledge ends, or before, is one that it could have been learned from.
        """
        found = np.full(len(bars), np.nan)
        later = int(np.searchsorted(bars.ts + bars.timeframe_ms, self._known_until, side="right"))
        if later < len(bars):
            rows = rows_of(self.program, bars)
            first = max(later, warm_up_of(begun(self.program, bars)))
            found[first:] = self.scorer.predictions(rows[first:])
        return found
