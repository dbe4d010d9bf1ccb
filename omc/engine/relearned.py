"""Owns the columns of a document's models in a walk-forward: in each window what models say that never saw its test."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

import numpy as np

from omc.engine.market import Market
from omc.kit.errors import Refusal
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


_TOO_LITTLE = ("not_enough_history", "one_label")
"""Why a symbol that is listed late, or not for long, cannot be learned from."""

Teaching: TypeAlias = Learning | Mapping[str, Learning]
"""How the models of one symbol are trained anew, or of each by its name."""


def taught(market: Market, learning: Teaching | None) -> Mapping[str, Learning]:
    """Return how the models of each symbol are trained anew; nothing where there is nothing to train."""
    if learning is None or isinstance(learning, Mapping):
        return learning or {}
    return dict.fromkeys(market.bars, learning)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What models say of each symbol's bars; those of the symbols in `untaught` had too little to learn from."""

    columns: Mapping[str, Mapping[str, Floats]]
    untaught: tuple[str, ...]


def learned_from(market: Market, teaching: Mapping[str, Learning], trainings: Mapping[str, range]) -> Learned:
    """Train the models of each symbol on its own bars; those of a symbol with too few of them say nothing.

    Raises Refusal with the symbol that it is about; for want of bars where no symbol has enough.
    """
    columns: dict[str, Mapping[str, Floats]] = {}
    few: dict[str, Refusal] = {}
    for symbol, one in teaching.items():
        try:
            with market.told_of(symbol):
                columns[symbol] = one.columns(trainings[symbol])
        except Refusal as refusal:
            if refusal.code not in _TOO_LITTLE:
                raise
            few[symbol] = refusal
            columns[symbol] = {name: np.full(len(column), np.nan) for name, column in one.beginnings().items()}
    if few and len(few) == len(teaching):
        raise next(iter(few.values()))
    return Learned(columns=columns, untaught=tuple(few))


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


def said_of(market: Market, learned: Sequence[Learned]) -> dict[str, str]:
    """Return what a result assumes of inputs that were learned anew in each window; nothing where none was."""
    names = {name for one in learned for columns in one.columns.values() for name in columns}
    if not names:
        return {}
    words = "trained anew in each window, on its training bars only; what the stored model says is not used"
    untaught = Counter(symbol for one in learned for symbol in one.untaught)
    few = [f"{symbol} in {untaught[symbol]}" for symbol in market.bars if symbol in untaught]
    lacking = f"; wants nothing for want of bars to train on: {', '.join(few)} of {len(learned)} windows"
    return {"models": f"{', '.join(sorted(names))}: {words}{lacking if few else ''}"}
