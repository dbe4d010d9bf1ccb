"""Owns the proof against look-ahead: a strategy replayed on bars that it cannot have known otherwise must do the same.

Three replays at each of many bars, random ones and those around decisions, as leaks show where something is done:

- *cut*: the bars end there. What was decided, filled and computed up to there must be as it was.
- *other future*: the bars go on otherwise. The same must hold; this finds what looks only at bars that are there.
- *moved close*: only the last bar's close differs, inside its range. What was filled during that bar was filled before
  anyone knew its close, so it must be as it was: this finds orders that fill at the very close that made them.

Besides, the same bars twice must give the same, and no fill may be better than its bar's range. What no replay can see
is a constant that somebody fitted on these bars beforehand; a walk-forward is the answer to that one.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import numpy as np

from omc.engine.decision import NAMES, Decisions, Positions
from omc.engine.document import StrategyDocument
from omc.engine.evaluation import evaluate
from omc.engine.market import Bars, Market, market_of
from omc.engine.operators import Column, Conditions
from omc.engine.positions import Fills
from omc.engine.program import Program
from omc.engine.reading import compile_document
from omc.engine.runs import decided_by, fills_by, fills_of, traded
from omc.engine.simulate import Settings
from omc.engine.validation.replays import (
    CUTS,
    Difference,
    LookAhead,
    MarketRunner,
    Namer,
    Trace,
    check_market,
    first_difference,
)
from omc.engine.watch import UNWATCHED, Watch
from omc.ledgers.columns import BarColumns

MAX_VALUES = 20_000_000  # feature values held for comparing: 160 MB


def look_ahead(
    document: StrategyDocument,
    bars: Bars,
    *,
    settings: Settings | None = None,
    count: int = CUTS,
    seed: int = 0,
    watch: Watch = UNWATCHED,
) -> LookAhead:
    """Replay a document; raises Refusal for what the document itself is refused for, and for too few bars."""
    market, settings = market_of(document, bars), settings or Settings()
    program = compile_document(document, settings.parameters)
    decided = decided_by(document, market, program, settings.start)
    kept = len(program.features) * market.count <= MAX_VALUES
    fills = fills_of(market, traded(document, market, decided, settings))
    return check_market(
        _replayer(document, decided, work=3 * count * market.count, kept=kept),
        market,
        full={
            symbol: _trace(one.wanted, fills.get(symbol), _values(one.program, market.bars[symbol], kept=kept))
            for symbol, one in decided.items()
        },
        warm_up=min(market.row(symbol, one.first) for symbol, one in decided.items()),
        count=count,
        seed=seed,
        namers={symbol: _step_namer(one.program) for symbol, one in decided.items()},
        watch=watch,
    )


def _replayer(document: StrategyDocument, decided: Mapping[str, Decisions], *, work: int, kept: bool) -> MarketRunner:
    """What a run does, compiled once and without the statistics that nobody compares.

    That it does the same is among what is checked: its trace of the same bars is held against that of a run.
    """

    def run_on(market: Market) -> dict[str, Trace]:
        values = {symbol: _values(decided[symbol].program, bars, kept=kept) for symbol, bars in market.bars.items()}
        again = {symbol: _again(decided[symbol], values[symbol], len(bars)) for symbol, bars in market.bars.items()}
        fills = fills_by(document, market, again, shared=len(decided) > 1, work=work)
        return {symbol: _trace(one.wanted, fills.get(symbol), values[symbol]) for symbol, one in again.items()}

    return run_on


def _again(decided: Decisions, values: Mapping[str, Column], count: int) -> Decisions:
    never = np.zeros(count, dtype=np.bool_)
    return replace(decided, flags=tuple(cast("Conditions", values.get(f"/{name}", never)) for name in NAMES))


def _trace(wanted: Positions, fills: Fills | None, values: Mapping[str, Column]) -> Trace:
    if fills is None:
        return Trace(wanted=wanted, values=values)
    return Trace(wanted=wanted, fill_ts=fills.ts, fill_quantity=fills.quantity, fill_price=fills.price, values=values)


def _values(program: Program, columns: BarColumns, *, kept: bool) -> dict[str, Column]:
    """The conditions by their places, and the features where they are `kept`."""
    named = {f"/{name}": slot for name, slot in program.conditions.items()}
    if kept:
        named = {f"/features/{name}": slot for name, slot in program.features.items()} | named
    return dict(zip(named, evaluate(program, columns, named.values()), strict=True))


def _step_namer(program: Program) -> Namer:
    """Name the first step that differs, in the order of use: what is built on it differs only because of it."""

    def name(columns: BarColumns, other: BarColumns, rows: int) -> Difference | None:
        for slot, step in enumerate(program.steps):
            full, replayed = (evaluate(program, bars, [slot])[0] for bars in (columns, other))
            if (row := first_difference(full, replayed, rows, 0.0)) is not None:
                place = step.place or step.operator.name
                return Difference(place=place, row=row, full=float(full[row]), replayed=float(replayed[row]))
        return None

    return name
