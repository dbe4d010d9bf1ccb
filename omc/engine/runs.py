"""Owns how a document is run on a market: one symbol by an account of its own, several by the one that they share.

The only place that tells the two apart: what is asked and what comes back is the same for both.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from omc.engine import grid
from omc.engine.begun import begun, begun_each
from omc.engine.decision import NAMES, Decisions, Positions
from omc.engine.document import StrategyDocument
from omc.engine.evaluation import conditions
from omc.engine.grid import Figured, Sides, Span, figured
from omc.engine.kernels import ENOUGH, chosen
from omc.engine.kernels import simulation as kernel
from omc.engine.market import Bars, Market, market_of
from omc.engine.operators import Values
from omc.engine.portfolio import Portfolio, account_together, lead
from omc.engine.positions import Fills
from omc.engine.program import Program
from omc.engine.reading import compile_document
from omc.engine.running import run
from omc.engine.simulate import Result, Settings, account, check_history
from omc.engine.terms import history_of
from omc.engine.truths import alone
from omc.kit.errors import Refusal
from omc.ledgers.columns import BarColumns

Run: TypeAlias = Result | Portfolio
"""What a run on a market found."""


def run_on(document: StrategyDocument, bars: Bars, settings: Settings) -> Run:
    """Run a document on a market, from row `start` of the settings on; refused as `simulate` is.

    A symbol that has no two bars to trade on from there on is left out; refused is it where all are.
    """
    market = market_of(document, bars)
    program = compile_document(document, settings.parameters)
    return traded(document, market, decided_by(document, market, program, settings.start), settings)


def warm_up_of(document: StrategyDocument, programs: Sequence[Program], market: Market) -> int:
    """Return the first row at which some symbol has all that the programs, which share their steps, need."""
    rows = []
    for symbol, columns in market.bars.items():
        longest = max(begun_each(programs, columns), key=lambda one: one.warm_up)
        rows.append(market.row(symbol, history_of(document, longest).bars))
    return min(rows)


def rows_needed(document: StrategyDocument, programs: Sequence[Program], market: Market) -> list[int]:
    """Return for each program, which share their steps, the first row at which some symbol has all that it needs."""
    each = [
        [market.row(symbol, history_of(document, one).bars) for one in begun_each(programs, columns)]
        for symbol, columns in market.bars.items()
    ]
    return [min(rows) for rows in zip(*each, strict=True)]


def decided_by(document: StrategyDocument, market: Market, program: Program, start: int) -> dict[str, Decisions]:
    """Return what each symbol wants; none before row `start` decides."""
    found = {}
    for symbol, columns in market.bars.items():
        own = begun(program, columns)
        first = max(history_of(document, own).bars, market.bar(symbol, start))
        with market.told_of(symbol):
            found[symbol] = Decisions(flags=tuple(conditions(own, columns, NAMES)), first=first, program=own)
    return found


def traded(
    document: StrategyDocument,
    market: Market,
    decided: Mapping[str, Decisions],
    settings: Settings,
    resets: Sequence[int] = (),
) -> Run:
    """Simulate what was decided into a result; at the rows in `resets` flat is wanted anew."""
    decided = _able(document, market, decided)
    if market.only is not None:
        (one,) = decided.values()
        return account(document, market.only, one, settings=settings, resets=resets)
    told = {"start": settings.start, "parameters": dict(settings.parameters)}
    return account_together(
        document,
        {symbol: market.bars[symbol] for symbol in decided},
        decided,
        settings=told,
        ts=market.ts[_begin(market, decided) :],
        resets=market.ts[list(resets)].tolist(),
    )


def curve(
    document: StrategyDocument,
    market: Market,
    decided: Mapping[str, Decisions],
    span: Span,
    resets: Sequence[int] = (),
) -> Figured | None:
    """Return the figures of an account over a span of rows; None where all was lost.

    Raises Refusal where the account cannot be led, or nobody can trade in the span.
    """
    begin, end = span
    part = market.until(end)
    decided = _able(document, part, {symbol: _cut(decided[symbol], part, symbol, begin) for symbol in part.bars})
    if part.only is not None and market.only is not None:
        (one,) = decided.values()
        ran = run(document, part.only, one.flags, first=one.first, resets=resets)
        return None if ran.lost_at is not None else figured(part.ts[one.first :], ran.equity, ran.closed_count)
    bars = {symbol: part.bars[symbol] for symbol in decided}
    try:
        led = lead(document, bars, decided, ts=part.ts[begin:], resets=part.ts[list(resets)].tolist())
    except Refusal as refusal:
        if refusal.code == "account_lost":
            return None
        raise
    return figured(part.ts[begin:], led.equity, led.closed_count)


def fills_by(
    document: StrategyDocument, market: Market, decided: Mapping[str, Decisions], *, shared: bool, work: int
) -> dict[str, Fills]:
    """Return what each symbol fills, of an account that others share or not; nothing where it cannot trade.

    `work` values are run over in many such calls.
    """
    able = {symbol: one for symbol, one in decided.items() if one.first < len(market.bars[symbol])}
    if not shared:
        return {
            symbol: run(document, market.bars[symbol], one.flags, first=one.first, loop=chosen(kernel.run, work)).fills
            for symbol, one in able.items()
        }
    bars = {symbol: market.bars[symbol] for symbol in able}
    return lead(document, bars, able, plain=False if work >= ENOUGH else None).fills(bars) if bars else {}


def fills_of(market: Market, found: Run) -> dict[str, Fills]:
    """Return what each symbol filled in a run on the market."""
    if isinstance(found, Portfolio):
        return {symbol: one.fills for symbol, one in found.holdings.items()}
    return dict.fromkeys(market.bars, found.fills)


def wanted_of(market: Market, found: Run) -> dict[str, tuple[BarColumns, Positions]]:
    """Return the bars of each symbol in a run on the market, and what was wanted after each of them."""
    every = {symbol: columns.slice(_from(columns, found), len(columns)) for symbol, columns in market.bars.items()}
    if isinstance(found, Portfolio):
        held = {symbol: (every[symbol], one.wanted) for symbol, one in found.holdings.items()}
        return {symbol: (bars, wanted[np.searchsorted(found.ts, bars.ts)]) for symbol, (bars, wanted) in held.items()}
    return {symbol: (bars, found.wanted) for symbol, bars in every.items()}


def _from(columns: BarColumns, found: Run) -> int:
    return int(np.searchsorted(columns.ts, found.ts[0]))


def figures(
    document: StrategyDocument, market: Market, programs: Sequence[Program], spans: Sequence[Span]
) -> Iterator[Sides]:
    """Return the figures of each program over spans of rows, as `grid.figures` does on one symbol."""
    if market.only is not None:
        yield from grid.figures(document, market.only, programs, spans)
        return
    for program in programs:
        found = _figured(document, market, program, spans)
        yield [None if one is None else one.side for one in found]


def equities(
    document: StrategyDocument, market: Market, programs: Sequence[Program], span: Span
) -> Iterator[Values | None]:
    """Return the equity of each program at the start of a span of rows and at the end of each of its UTC days."""
    if market.only is not None:
        yield from grid.equities(document, market.only, programs, span)
        return
    for program in programs:
        (found,) = _figured(document, market, program, [span])
        yield None if found is None else found.daily


def _figured(
    document: StrategyDocument, market: Market, program: Program, spans: Sequence[Span]
) -> list[Figured | None]:
    """None for each span over which a whole run would be refused."""
    try:
        decided = decided_by(document, market, alone(program), 0)
    except Refusal:
        return [None] * len(spans)
    return [_or_none(document, market, decided, span) for span in spans]


def _or_none(
    document: StrategyDocument, market: Market, decided: Mapping[str, Decisions], span: Span
) -> Figured | None:
    try:
        return curve(document, market, decided, span)
    except Refusal:
        return None


def _cut(decided: Decisions, part: Market, symbol: str, begin: int) -> Decisions:
    """What was decided of the bars that a part of the market has, from a row on."""
    flags = tuple(flag[: len(part.bars[symbol])] for flag in decided.flags)
    return replace(decided, flags=flags, first=max(decided.first, part.bar(symbol, begin)))


def _able(document: StrategyDocument, market: Market, decided: Mapping[str, Decisions]) -> dict[str, Decisions]:
    """Those that have two bars to trade on; refused as the first symbol is where there are none."""
    able = {symbol: one for symbol, one in decided.items() if one.first + 2 <= len(market.bars[symbol])}
    if not able:
        symbol, one = next(iter(decided.items()))
        with market.told_of(symbol):
            check_history(document, one, market.bars[symbol])
    return able


def _begin(market: Market, decided: Mapping[str, Decisions]) -> int:
    return min(market.row(symbol, one.first) for symbol, one in decided.items())
