"""Owns the columns of a document's models in a walk-forward: in each window what models say that never saw its test."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeAlias

import numpy as np

from omc.engine.market import Market
from omc.ledgers.columns import Floats


class Learning(Protocol):
    """The models of a document, as they are trained anew; columns are by the names of the inputs, one value a bar."""

    def beginnings(self) -> Mapping[str, Floats]:
        """Return columns that are NaN as long as a model has nothing to be told, and a number from then on."""
        ...

    def columns(self, train: range, /) -> Mapping[str, Floats]:
        """Train on the bars of `train` and return what that says of each bar.

        Of a bar that was learned from it is what a model says that was not told that bar. Raises Refusal.
        """
        ...


Teaching: TypeAlias = Learning | Mapping[str, Learning]
"""How the models of one symbol are trained anew, or of each by its name."""


def taught(market: Market, learning: Teaching | None) -> Mapping[str, Learning]:
    """Return how the models of each symbol are trained anew; nothing where there is nothing to train."""
    if learning is None or isinstance(learning, Mapping):
        return learning or {}
    return dict.fromkeys(market.bars, learning)


def beside(market: Market, columns: Mapping[str, Mapping[str, Floats]]) -> Market:
    """Return the bars of each symbol with these columns in place of those of the same name."""
    if not columns:
        return market
    more = {symbol: {**bars.more, **columns.get(symbol, {})} for symbol, bars in market.bars.items()}
    return replace(market, bars={symbol: replace(bars, more=more[symbol]) for symbol, bars in market.bars.items()})


def chained(views: Sequence[Market], tests: Sequence[range]) -> Market:
    """Return bars whose columns are, in each test, those of its own view; before the first test they are its view's."""
    first = views[0]
    if all(view is first for view in views):
        return first
    found: dict[str, dict[str, Floats]] = {}
    for symbol, bars in first.bars.items():
        found[symbol] = {name: np.array(column) for name, column in bars.more.items()}
        for name, column in found[symbol].items():
            for view, test in zip(views, tests, strict=True):
                inside = slice(view.bar(symbol, test.start), view.bar(symbol, test.stop))
                column[inside] = view.bars[symbol].more[name][inside]
    return beside(first, found)


def said_of(learned: Collection[str]) -> dict[str, str]:
    """Return what a result assumes of inputs that were learned anew; nothing where none was."""
    words = "trained anew in each window, on its training bars only; what the stored model says is not used"
    return {"models": f"{', '.join(sorted(learned))}: {words}"} if learned else {}
