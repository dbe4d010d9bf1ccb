"""Owns the figures and daily equities of many combinations of one document, over spans of the same bars.

They are those of a whole run on each span, bit for bit, without the rest of a run. Steps that combinations share
are computed once, and plain accounts are led side by side; any other account runs by itself. Combinations come in
groups, so that memory does not grow with their number.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

import numpy as np

from omc.engine import kernels
from omc.engine.begun import begun_each
from omc.engine.blocks import reach_of
from omc.engine.decision import NAMES
from omc.engine.document import StrategyDocument
from omc.engine.evaluation import conditions
from omc.engine.kernels import conditions as bits
from omc.engine.kernels import lanes as kernel
from omc.engine.kernels import simulation
from omc.engine.metrics import DAYS_A_YEAR, daily, deepest, ends_of_days, returns, sharpe, sharpes, total_return
from omc.engine.operators import Conditions, Values
from omc.engine.program import Program
from omc.engine.running import run
from omc.engine.terms import sizes_of, terms_of
from omc.engine.truths import Truths, alone, can_share, room_of, truths_of, used_by
from omc.kit.errors import Refusal
from omc.ledgers.columns import BarColumns, Stamps

ROOM = 64 * 1024 * 1024
"""Bytes of conditions held at once."""

MOST = 512
"""Combinations in a group: more would save nothing, and keep a search from being stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The figures of one span: the Sharpe ratio a year, fractions of the equity, and closed positions."""

    sharpe: float | None
    total_return: float
    max_drawdown: float
    closed_positions: int


@dataclass(frozen=True, slots=True)
class Figured:
    """What is found of a combination on one span; `daily` is the equity at the start and at the end of each day."""

    side: Side
    daily: Values


Span: TypeAlias = tuple[int, int]
"""The first bar that decides, and the bar after the last one."""

Sides: TypeAlias = list[Side | None]
"""The figures on each span; None where a whole run would refuse: all was lost, or a value is not finite."""


def figures(
    document: StrategyDocument,
    columns: BarColumns,
    programs: Sequence[Program],
    spans: Sequence[Span],
    *,
    shared: bool | None = None,
) -> Iterator[Sides]:
    """Return the figures of each program of the document, which share their steps, as `compiled_each` makes them.

    `shared` says whether steps are computed for all programs at once; left out, the amount of work does.
    """
    for found in _runs(document, columns, programs, spans, shared):
        yield [None if one is None else one.side for one in found]


def equities(
    document: StrategyDocument, columns: BarColumns, programs: Sequence[Program], span: Span
) -> Iterator[Values | None]:
    """Return the equity of each program at the start of a span and at the end of each of its UTC days, as `daily` does.

    None where a whole run would refuse. No more than a group is held at once.
    """
    for (found,) in _runs(document, columns, programs, [span], None):
        yield None if found is None else found.daily


def _runs(
    document: StrategyDocument,
    columns: BarColumns,
    programs: Sequence[Program],
    spans: Sequence[Span],
    shared: bool | None,  # noqa: FBT001 - as `figures` was asked
) -> Iterator[list[Figured | None]]:
    if not programs:
        return
    programs = begun_each(programs, columns)
    if shared is None:
        shared = can_share(programs[0], len(columns) * len(programs))
    if not shared:
        yield from (_alone(document, columns, program, spans) for program in programs)
        return
    plain, size = kernel.is_plain(terms_of(document).tolist()), _group(document, columns, programs)
    for first in range(0, len(programs), size):
        group = programs[first : first + size]
        truths = truths_of(group, columns, NAMES)
        found = _lanes if plain else _each
        yield from found(document, columns, truths, spans, len(group))


def _group(document: StrategyDocument, columns: BarColumns, programs: Sequence[Program]) -> int:
    each = len(columns) // bits.BARS * 8 * len(document.conditions())
    size = max(1, min(MOST, len(programs), ROOM // max(each, 1)))
    reach = reach_of(programs[0])
    while size > 1 and room_of(len(used_by(programs[:size])), reach) > ROOM:
        size //= 2
    return size


def _alone(
    document: StrategyDocument, columns: BarColumns, program: Program, spans: Sequence[Span]
) -> list[Figured | None]:
    """One program by itself, where there is too little to do for compiled code."""
    try:
        flags = conditions(alone(program), columns, NAMES)
    except Refusal:
        return [None] * len(spans)
    return [_by_account(document, columns, flags, span) for span in spans]


def _each(
    document: StrategyDocument, columns: BarColumns, truths: Truths, spans: Sequence[Span], count: int
) -> Iterator[list[Figured | None]]:
    for one in range(count):
        if one in truths.failed:
            yield [None] * len(spans)
            continue
        flags = [truths.of(one, name, len(columns)) for name in NAMES]
        yield [_by_account(document, columns, flags, span) for span in spans]


def _by_account(
    document: StrategyDocument, columns: BarColumns, flags: Sequence[Conditions], span: Span
) -> Figured | None:
    """Run the whole account, of which only the figures and the ends of days are kept."""
    begin, end = span
    # The bars before the span are handed over too: sizes and stops are measured on them.
    try:
        ran = run(document, columns.slice(0, end), [flag[:end] for flag in flags], first=begin)
    except Refusal:
        return None
    if ran.lost_at is not None:
        return None
    return figured(columns.ts[begin:end], ran.equity, ran.closed_count)


def figured(ts: Stamps, equity: Values, closed_positions: int) -> Figured:
    """Return what is found of an account that was led through all of its bars."""
    curve = daily(ts, equity)
    side = Side(
        sharpe=sharpe(returns(curve), DAYS_A_YEAR),
        total_return=total_return(equity),
        max_drawdown=deepest(equity),
        closed_positions=closed_positions,
    )
    return Figured(side, curve)


def _lanes(
    document: StrategyDocument, columns: BarColumns, truths: Truths, spans: Sequence[Span], count: int
) -> Iterator[list[Figured | None]]:
    """Plain accounts, led side by side by the kernel."""
    # The start of a span stands before the ends of its days: an account is worth its capital there.
    ends = [begin + np.append(0, ends_of_days(columns.ts[begin:end])) for begin, end in spans]
    places = np.cumsum([0, *map(len, ends)])
    found, curves = np.zeros((count, kernel.FIGURES * len(spans))), np.zeros((count, places[-1]))
    starts = np.asarray([(*span, *places[at : at + 2]) for at, span in enumerate(spans)], dtype=np.int64)
    stretches = tuple(np.zeros(len(columns) + 2, kind) for kind in (np.int64, np.float64, np.float64, np.int64))
    stretches[1][0] = float(document.capital)
    trade = kernels.chosen(kernel.trade, kernels.ENOUGH)
    trade(
        cast("kernel.Market", (columns.open, columns.close, *_extremes(columns.close))),
        cast("kernel.Conditions", tuple(truths.words[name] for name in NAMES)),
        cast("kernel.Spans", starts),
        cast("Sequence[int]", np.concatenate(ends)),
        cast("simulation.Numbers", sizes_of(document, columns)),
        cast("simulation.Numbers", terms_of(document)),
        cast("kernel.Stretches", stretches),
        cast("kernel.Found", found),
        cast("kernel.Curves", curves),
    )
    sides = [curves[:, places[at] : places[at + 1]] for at in range(len(spans))]
    ratios = [sharpes(side) for side in sides]
    for one, row in enumerate(found.tolist()):
        each = [row[kernel.FIGURES * at : kernel.FIGURES * (at + 1)] for at in range(len(spans))]
        whole = one not in truths.failed
        yield [
            _led(figured, ratio[one], side[one]) if whole else None
            for figured, ratio, side in zip(each, ratios, sides, strict=True)
        ]


def _led(found: list[float], ratio: float | None, curve: Values) -> Figured | None:
    total, fall, closed, lost = found
    if lost:
        return None
    side = Side(sharpe=ratio, total_return=total, max_drawdown=fall, closed_positions=int(closed))
    return Figured(side, curve)


def _extremes(close: Values) -> tuple[Values, Values]:
    """The highest and the lowest close of a stride of bars from each one on; of those that there are at the end."""
    high, low, width = close.copy(), close.copy(), 1
    while width < min(kernel.STRIDE, len(close)):
        np.maximum(high[:-width], high[width:], out=high[:-width])
        np.minimum(low[:-width], low[width:], out=low[:-width])
        width *= 2
    return high, low
