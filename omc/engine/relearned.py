"""Owns the columns of a document's models in a walk-forward: in each window what models say that never saw its test."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from omc.ledgers.columns import BarColumns, Floats


class Learning(Protocol):
    """The models of a document, as they are trained anew; columns are by the names of the inputs, one value a bar."""

    def beginnings(self) -> Mapping[str, Floats]:
        """Return columns that are NaN as long as a model has nothing to be told, and a number from then on."""
        ...

    def columns(self, train: range) -> Mapping[str, Floats]:
        """Train on the bars of `train` and return what that says of each bar.

        Of a bar that was learned from it is what a model says that was not told that bar. Raises Refusal.
        """
        ...


def beside(bars: BarColumns, columns: Mapping[str, Floats]) -> BarColumns:
    """Return bars with these columns in place of those of the same name."""
    return replace(bars, more={**bars.more, **columns})


def chained(views: Sequence[BarColumns], tests: Sequence[range]) -> BarColumns:
    """Return bars whose columns are, in each test, those of its own view; before the first test they are its view's."""
    first = views[0]
    if all(view is first for view in views):
        return first
    more = {name: np.array(column) for name, column in first.more.items()}
    for name, column in more.items():
        for view, test in zip(views, tests, strict=True):
            column[test.start : test.stop] = view.more[name][test.start : test.stop]
    return replace(first, more=more)


def said_of(learned: Collection[str]) -> dict[str, str]:
    """Return what a result assumes of inputs that were learned anew; nothing where none was."""
    words = "trained anew in each window, on its training bars only; what the stored model says is not used"
    return {"models": f"{', '.join(sorted(learned))}: {words}"} if learned else {}
