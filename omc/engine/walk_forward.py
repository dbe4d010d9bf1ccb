"""Owns the walk-forward test: parameters fitted anew in each window on its past only, then traded on what follows.

The out-of-sample windows are chained into one account: positions wanted are joined and simulated once, so that every
change of parameters pays its real fees. A window's fit sees bars up to `gap_bars` before its test, never the test.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import product
from typing import Literal

import numpy as np

from omc.engine.begun import begun
from omc.engine.decision import NAMES, Decisions
from omc.engine.document import StrategyDocument
from omc.engine.grid import Side, Sides
from omc.engine.lifting import lift
from omc.engine.market import Bars, Market, market_of
from omc.engine.metrics import DAYS_A_YEAR, daily, returns, sharpe, total_return
from omc.engine.program import Program
from omc.engine.reading import DocumentRefused, compile_document, compiled_each
from omc.engine.relearned import Learned, Learning, Teaching, beside, chained, learned_from, said_of, taught
from omc.engine.runs import Run, decided_by, figures, traded, warm_up_of
from omc.engine.simulate import Settings
from omc.engine.sweep import Search, combinations, grid_size
from omc.engine.terms import history_of
from omc.engine.watch import UNWATCHED, Watch
from omc.kit.errors import Refusal

MAX_WINDOWS = 50
MAX_COMBINATIONS = 2_000
MAX_NEIGHBOURS = 64
MIN_TEST_BARS = 20
_SCALES = (1.0, 0.5, 0.75, 1.5, 2.0)
_FEWER_SCALES = (1.0, 0.5, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How the span is cut: the first `train` of it is only fitted on; the rest is `windows` equal tests.

    `anchored` fits on everything before a test, `rolling` on a stretch as long as the first fit. `values` are those to
    try, by parameter; without them a small neighbourhood of the document's own is tried.
    """

    windows: int = 6
    train: float = 0.4
    kind: Literal["anchored", "rolling"] = "anchored"
    gap_bars: int = 1
    values: Mapping[str, Sequence[float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One fit and its test, as opening times in milliseconds (half open), with the figures of both sides."""

    train_start: int
    train_end: int
    test_start: int
    test_end: int
    parameters: Mapping[str, float]
    train_sharpe: float | None
    train_return: float
    test_sharpe: float | None
    test_return: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkForward:
    """The chained out-of-sample result, which is the headline, and what was fitted where.

    `trials` is how many different parameter sets were tried; `fixed` is how the document's own parameters do on the
    same bars without any fitting.
    """

    out_of_sample: Run
    fixed: Run
    windows: tuple[Window, ...]
    trials: int
    parameters: tuple[str, ...]


_DEFAULT = Plan()


def walk_forward(
    document: StrategyDocument,
    bars: Bars,
    plan: Plan = _DEFAULT,
    *,
    learning: Teaching | None = None,
    watch: Watch = UNWATCHED,
) -> WalkForward:
    """Fit and test window by window over a small neighbourhood of the document's parameters.

    Where a document names no parameters, the windows of its indicators are taken as such. `learning` trains its models
    anew; a symbol that has too little to train on wants nothing in that window. Raises Refusal: a plan that cannot be,
    too little history, and whatever the document itself is refused for.
    """
    market = market_of(document, bars)
    compile_document(document)
    teaching = taught(market, learning)
    market = beside(market, {symbol: one.beginnings() for symbol, one in teaching.items()})
    document = document if document.parameters else lift(document)
    tried = candidates(document, plan.values)
    own = compile_document(document)
    programs = [program for _, program in tried]
    first = max(warm_up_of(document, programs, market), warm_up_of(document, [own], market))
    cuts = _cuts(document, len(market), first, plan)
    learned = list(_learned(market, teaching, cuts, watch))
    views = [beside(market, one.columns) for one in learned]
    chosen = _fits(document, views, tried, cuts, watch)
    parameters = [tried[best][0] for best, _ in chosen]
    settings, resets = Settings(start=cuts[0].test), [cut.test for cut in cuts]
    undecided = _undecided(document, market, cuts[0].test)
    market = chained(views, [range(cut.test, cut.end) for cut in cuts])
    said = said_of(market, learned)
    fitted = _chained(document, undecided, views, cuts, parameters)
    headline = _fitted(traded(document, market, fitted, settings, resets), document, plan, said)
    unchanged = _chained(document, undecided, views, cuts, [document.parameters] * len(cuts))
    unfitted = traded(document, market, unchanged, settings)
    unfitted = replace(unfitted, assumptions=dict(unfitted.assumptions) | said)
    windows = tuple(
        _window(market, cut, values, train, headline)
        for cut, values, (_, train) in zip(cuts, parameters, chosen, strict=True)
    )
    return WalkForward(
        out_of_sample=headline,
        fixed=unfitted,
        windows=windows,
        trials=len(tried),
        parameters=tuple(document.parameters),
    )


@dataclass(frozen=True, slots=True)
class _Cut:
    train: int
    train_end: int
    test: int
    end: int


def _learned(market: Market, teaching: Mapping[str, Learning], cuts: Sequence[_Cut], watch: Watch) -> Iterator[Learned]:
    """What models say that learned from the training bars of each window."""
    for at, cut in enumerate(cuts):
        if teaching:
            watch.step(at, len(cuts), "training anew")
        trainings = {
            symbol: range(market.bar(symbol, cut.train), market.bar(symbol, cut.train_end)) for symbol in teaching
        }
        yield learned_from(market, teaching, trainings)


def _cuts(document: StrategyDocument, bars: int, first: int, plan: Plan) -> list[_Cut]:
    if not 1 <= plan.windows <= MAX_WINDOWS or not 0 < plan.train < 1 or plan.gap_bars < 0:
        text = f"a plan has 1 to {MAX_WINDOWS} windows, a train share between 0 and 1, and no negative gap"
        raise Refusal("bad_plan", 422, text)
    usable = bars - first
    train = int(usable * plan.train)
    length = (usable - train) // plan.windows
    if length < MIN_TEST_BARS or train <= plan.gap_bars + 2:
        least = int(MIN_TEST_BARS * plan.windows / (1 - plan.train)) + first + 1
        text = f"{bars} bars are too few: {plan.windows} windows after a warm-up of {first} bars need about {least}"
        raise Refusal("not_enough_history", 422, text, place=compile_document(document).hungriest().place)
    starts = [bars - length * left for left in range(plan.windows, 0, -1)]
    return [
        _Cut(first if plan.kind == "anchored" else start - train, start - plan.gap_bars, start, start + length)
        for start in starts
    ]


def tries_of(document: StrategyDocument, plan: Plan) -> int:
    """Return how many parameter sets a plan fits in each window; refuses as the test itself."""
    if plan.values:
        _check_size(document, plan.values)
        return grid_size(document, Search(values=plan.values))
    compile_document(document)
    return len(candidates(document if document.parameters else lift(document)))


def _check_size(document: StrategyDocument, values: Mapping[str, Sequence[float]]) -> None:
    count = grid_size(document, Search(values=values))
    if count > MAX_COMBINATIONS:
        text = f"this would fit {count} combinations in each window; at most {MAX_COMBINATIONS}: use larger steps"
        raise Refusal("too_many", 422, text, place="/values")


def candidates(
    document: StrategyDocument, values: Mapping[str, Sequence[float]] | None = None
) -> list[tuple[dict[str, float], Program]]:
    """Return what is fitted: the combinations of `values`, else the document's own parameters and their neighbours.

    Programs share their steps; what does not compile is no candidate. Raises Refusal where `values` make no grid of at
    most MAX_COMBINATIONS, or nothing of it compiles.
    """
    if values:
        _check_size(document, values)
        choices = combinations(document, Search(values=values))
    else:
        choices = list({tuple(one.values()): one for one in _neighbours(dict(document.parameters))}.values())
    compiled = compiled_each(document, choices)
    found = [
        (dict(document.parameters) | choice, program)
        for choice, (program, _) in zip(choices, compiled, strict=True)
        if program is not None
    ]
    if not found:
        raise DocumentRefused(compiled[0][1])
    return found


def _neighbours(own: dict[str, float]) -> list[dict[str, float]]:
    for scales in (_SCALES, _FEWER_SCALES):
        if len(scales) ** len(own) <= MAX_NEIGHBOURS:
            choices = [[_scaled(value, scale) for scale in scales] for value in own.values()]
            return [dict(zip(own, values, strict=True)) for values in product(*choices)]
    single = [own | {name: _scaled(value, scale)} for name, value in own.items() for scale in _FEWER_SCALES[1:]]
    return [own, *single][:MAX_NEIGHBOURS]


def _scaled(value: float, scale: float) -> float:
    """Whole numbers stay whole, as windows must; 1.0 leaves a value as it is."""
    scaled = value * scale
    return max(1.0, float(round(scaled))) if value == int(value) and value >= 1 else scaled


@dataclass(frozen=True, slots=True)
class _Fit:
    score: float
    sharpe: float | None
    total: float


def _fits(
    document: StrategyDocument,
    views: Sequence[Market],
    tried: Sequence[tuple[dict[str, float], Program]],
    cuts: Sequence[_Cut],
    watch: Watch,
) -> list[tuple[int, _Fit]]:
    """The candidate with the highest Sharpe ratio in each training, the first of equals winning; its figures."""
    programs = [program for _, program in tried]
    fits = []
    for (values, _), sides in zip(tried, _sides(document, views, programs, cuts, watch), strict=True):
        for view in {id(view): view for view, side in zip(views, sides, strict=True) if side is None}.values():
            # The account was lost there, unless a value is not finite, which is refused here.
            decided_by(document, view, compile_document(document, values), 0)
        fits.append([_fit(side) for side in sides])
    best = [max(range(len(fits)), key=lambda one: (fits[one][at].score, -one)) for at in range(len(cuts))]
    return [(one, fits[one][at]) for at, one in enumerate(best)]


def _sides(
    document: StrategyDocument,
    views: Sequence[Market],
    programs: Sequence[Program],
    cuts: Sequence[_Cut],
    watch: Watch,
) -> Iterator[Sides]:
    """The figures of each program in each training; where all are on the same bars, they share what they compute."""
    spans = [(cut.train, cut.train_end) for cut in cuts]
    if all(view is views[0] for view in views):
        return _told(figures(document, views[0], programs, spans), 0, len(programs), watch)
    total = len(programs) * len(views)
    each = [  # one after the other: what the figures on one view are made of is not kept for those on the next
        list(_told(figures(document, view, programs, [span]), at * len(programs), total, watch))
        for at, (view, span) in enumerate(zip(views, spans, strict=True))
    ]
    return ([side for (side,) in row] for row in zip(*each, strict=True))


def _told(found: Iterator[Sides], before: int, total: int, watch: Watch) -> Iterator[Sides]:
    """The same figures, each of which is a step."""
    for at, sides in enumerate(found, before):
        watch.step(at, total, "walk-forward")
        yield sides


def _fit(side: Side | None) -> _Fit:
    if side is None:
        return _Fit(float("-inf"), None, -1.0)
    return _Fit(side.sharpe or 0.0, side.sharpe, side.total_return)


def _undecided(document: StrategyDocument, market: Market, start: int) -> dict[str, Decisions]:
    """Nothing wanted of any symbol, from the row on and from where all is there that it reads in some window."""
    program, found = compile_document(document), {}
    for symbol, columns in market.bars.items():
        own = begun(program, columns)
        first = max(history_of(document, own).bars, market.bar(symbol, start))
        never = tuple(np.zeros(len(columns), dtype=np.bool_) for _ in NAMES)
        found[symbol] = Decisions(flags=never, first=first, program=own)
    return found


def _chained(
    document: StrategyDocument,
    undecided: Mapping[str, Decisions],
    views: Sequence[Market],
    cuts: Sequence[_Cut],
    parameters: Sequence[Mapping[str, float]],
) -> dict[str, Decisions]:
    """What each symbol decides by each window's own parameters on its own view, one window after the other."""
    joined = {symbol: replace(one, flags=tuple(map(np.copy, one.flags))) for symbol, one in undecided.items()}
    sides = list(zip(cuts, views, parameters, strict=True))
    for view, values in {(id(view), tuple(own.values())): (view, own) for _, view, own in sides}.values():
        decided = decided_by(document, view, compile_document(document, values), 0)
        for cut in (cut for cut, seen, own in sides if seen is view and own == values):
            for symbol, one in decided.items():
                inside = slice(view.bar(symbol, cut.test), view.bar(symbol, cut.end))
                for whole, flag in zip(joined[symbol].flags, one.flags, strict=True):
                    whole[inside] = flag[inside]
    return joined


def _fitted(result: Run, document: StrategyDocument, plan: Plan, more: Mapping[str, str]) -> Run:
    """Say in the assumptions and the manifest that the parameters change from window to window."""
    names = ", ".join(document.parameters) or "none"
    said = f"{names}: fitted anew in each of {plan.windows} {plan.kind} windows for the highest daily Sharpe"
    return replace(
        result,
        assumptions=dict(result.assumptions) | {"parameters": said} | dict(more),
        manifest=dict(result.manifest) | {"plan": {name: one for name, one in asdict(plan).items() if one != {}}},
    )


def _window(market: Market, cut: _Cut, parameters: Mapping[str, float], train: _Fit, chained: Run) -> Window:
    edges = np.searchsorted(chained.ts, market.ts[[cut.test, cut.end - 1]])
    stretch = slice(int(edges[0]), int(edges[1]) + 1)
    ts, equity = chained.ts[stretch], chained.equity[stretch]
    return Window(
        train_start=int(market.ts[cut.train]),
        train_end=int(market.ts[cut.train_end - 1]) + market.timeframe_ms,
        test_start=int(ts[0]),
        test_end=int(ts[-1]) + market.timeframe_ms,
        parameters=parameters,
        train_sharpe=train.sharpe,
        train_return=train.total,
        test_sharpe=sharpe(returns(daily(ts, equity)), DAYS_A_YEAR),
        test_return=total_return(equity),
    )
