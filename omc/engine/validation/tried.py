"""Owns what a choice out of all that was really tried is worth: searched documents with their values, run side by side.

The returns are those of whole accounts that trade on the same days, one column a parameter set, the judged document's
own the first (Bailey, Borwein, Lopez de Prado and Zhu 2017, section 2: the matrix holds every configuration tried).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from omc.engine.document import StrategyDocument, document_hash
from omc.engine.market import Bars, Market, market_of
from omc.engine.metrics import returns
from omc.engine.program import Program
from omc.engine.reading import compiled_each
from omc.engine.runs import equities, rows_needed
from omc.engine.validation.overfitting import Overfitting, overfitting
from omc.engine.watch import UNWATCHED, Watch
from omc.kit.errors import Refusal
from omc.ledgers.columns import Floats

MOST_TRIED = 1_000
"""Parameter sets that are run again; of more a sample is. 10 years of their daily returns are 30 MB."""
LEAST_TRIED = 10
"""Parameter sets below which a search is too small to be judged by itself."""
LONGEST_WARM_UP = 0.25
"""Of the bars, the share that a set may wait for its windows; one that waits longer would take the days of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """A document that was searched, and values of its parameters that were tried."""

    document: StrategyDocument
    values: tuple[Mapping[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What was searched of one idea; `total` sets were tried, of which no more than MOST_TRIED are here."""

    searched: tuple[Searched, ...] = ()
    total: int = 0


NOTHING_TRIED = Tried()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The overfitting of the choice out of `tried` sets, of which `sets` were run again; `lost` of these could not."""

    overfitting: Overfitting
    tried: int
    sets: int
    lost: int

    def plain(self) -> dict[str, object]:
        """The same as plain JSON."""
        return {"tried": self.tried, "sets": self.sets, "lost": self.lost, **self.overfitting.plain()}


def judge_choice(
    document: StrategyDocument, bars: Bars, tried: Tried, *, first: int = 0, watch: Watch = UNWATCHED
) -> Choice:
    """Judge the choice of a document among what was tried; each set counts once, however often it was tried.

    No bar before row `first` decides. Raises Refusal `too_few_trials`, and whatever `overfitting` does.
    """
    market = market_of(document, bars)
    searched = _each_once(document, tried)
    count = sum(len(one.values) for one in searched)
    if count < LEAST_TRIED:
        text = f"{count} parameter sets of this idea were tried; a choice is judged among {LEAST_TRIED} or more"
        raise Refusal("too_few_trials", 422, text)
    latest = first + int((len(market) - first) * LONGEST_WARM_UP)
    ready = [(one.document, _compiled(one, market, latest)) for one in searched]
    begin = max([first, *(history for _, found in ready for _, history in found)])
    changes: list[Floats] = []
    for one, found in ready:
        for equity in equities(one, market, [program for program, _ in found], (begin, len(market))):
            watch.step(len(changes), count, "choice among what was tried")
            if equity is not None:
                changes.append(returns(equity))
    if not changes:
        raise Refusal("account_lost", 422, "every parameter set that was tried loses its account; use a smaller size")
    return Choice(
        overfitting=overfitting(np.column_stack(changes)), tried=tried.total, sets=count, lost=count - len(changes)
    )


def _each_once(document: StrategyDocument, tried: Tried) -> list[Searched]:
    """The document's own set first; names and universes make no set another one."""
    known: set[tuple[str, tuple[tuple[str, float], ...]]] = set()
    found = []
    for one in (Searched(document=document, values=({},)), *tried.searched):
        alike = {"name": document.name, "universe": document.universe, "parameters": {}}
        rules = document_hash(one.document.model_copy(update=alike))
        values = []
        for given in one.values:
            whole = {**one.document.parameters, **given}
            key = rules, tuple(sorted(whole.items()))
            if key not in known:
                known.add(key)
                values.append(whole)
        if values:
            found.append(Searched(document=one.document, values=tuple(values)))
    return found


def _compiled(one: Searched, market: Market, latest: int) -> list[tuple[Program, int]]:
    """The programs that can decide at row `latest`, and from which row on each can."""
    programs = [program for program, _ in compiled_each(one.document, one.values) if program is not None]
    if not programs:
        return []
    begins = rows_needed(one.document, programs, market)
    return [(program, begin) for program, begin in zip(programs, begins, strict=True) if begin <= latest]
