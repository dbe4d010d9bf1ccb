"""Owns the check of the warm-up: decisions after one, two and five times the declared one must be the same.

Recursive averages forget their seed only slowly (an ema of n has 13 % of it left after n bars), so that a strategy that
starts to decide too early decides by where its data happens to begin. Decisions are compared, not values: what differs
in the eighth digit and decides the same is settled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from omc.engine.begun import begun
from omc.engine.decision import Positions, signals
from omc.engine.document import StrategyDocument
from omc.engine.evaluation import bar_time, evaluate
from omc.engine.market import Bars, Market, market_of
from omc.engine.reading import compile_document
from omc.engine.simulate import Settings
from omc.engine.watch import UNWATCHED, Watch
from omc.kit.errors import Refusal
from omc.ledgers.columns import BarColumns

MULTIPLES = (1, 2, 5)
LADDER = (1, 2, 3, 5, 8, 12, 20, 40)
"""The multiples among which a warm-up that does is looked for."""
STARTS = 12
MIN_COMPARED = 100  # bars after each start, at least, and twice the warm-up, at most MAX_COMPARED
MAX_COMPARED = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled:
    """A decision that depends on where the data begins: after `multiple` warm-ups, and after the longest."""

    place: str
    ts: int
    multiple: int
    wanted: int
    settled: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmUp:
    """What was found from `starts` places in the data, `declared` being the bars the document waits for.

    `agrees_from` is the multiple from which on all longer ones decide the same, `suggested_bars` the `warm_up_bars`
    that it amounts to; None when nothing was found or no tested multiple does. Of several symbols it is what does for
    all; `left_out` are those with too few bars to be looked at.
    """

    declared: int
    starts: int
    longest: int
    findings: tuple[Unsettled, ...]
    agrees_from: int | None = None
    suggested_bars: int | None = None
    left_out: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether all decided the same."""
        return not self.findings

    def plain(self) -> dict[str, object]:
        """The same as plain JSON."""
        return asdict(self) | {"ok": self.ok, "findings": [asdict(one) for one in self.findings]}


def check_warm_up(
    document: StrategyDocument,
    bars: Bars,
    *,
    settings: Settings | None = None,
    seed: int = 0,
    watch: Watch = UNWATCHED,
) -> WarmUp:
    """Decide from several random places on, each after warm-ups of different lengths, and compare.

    Each symbol is looked at by itself, as it decides by itself. Raises Refusal `not_enough_history` where none has five
    times the warm-up and MIN_COMPARED bars more.
    """
    market, parameters = market_of(document, bars), (settings or Settings()).parameters
    found: dict[str, WarmUp] = {}
    short: list[Refusal] = []
    for symbol, columns in market.bars.items():
        try:
            with market.told_of(symbol):
                found[symbol] = _checked(document, columns, parameters, seed, watch)
        except Refusal as refusal:
            if refusal.code != "not_enough_history":
                raise
            short.append(refusal)
    if not found:
        raise short[0]
    return _together(market, found)


def _together(market: Market, found: Mapping[str, WarmUp]) -> WarmUp:
    each = list(found.values())
    moved = [one for one in each if one.findings]
    multiples, bars = ([getattr(one, name) for one in moved] for name in ("agrees_from", "suggested_bars"))
    return WarmUp(
        declared=max(one.declared for one in each),
        starts=sum(one.starts for one in each),
        longest=min(one.longest for one in each),
        findings=tuple(
            replace(finding, text=market.named(symbol, finding.text))
            for symbol, one in found.items()
            for finding in one.findings
        ),
        agrees_from=None if None in multiples else max(multiples, default=None),
        suggested_bars=None if None in bars else max(bars, default=None),
        left_out=tuple(symbol for symbol in market.bars if symbol not in found),
    )


def _checked(
    document: StrategyDocument, columns: BarColumns, parameters: Mapping[str, float], seed: int, watch: Watch
) -> WarmUp:
    columns = _known(document, columns, parameters)
    declared = signals(document, columns, parameters=parameters).first
    if declared == 0:
        return WarmUp(declared=0, starts=0, longest=0, findings=())
    needed = MULTIPLES[-1] * declared + MIN_COMPARED
    if len(columns) < needed:
        text = f"{MULTIPLES[-1]} times the warm-up of {declared} bars and {MIN_COMPARED} more need {needed} bars"
        raise Refusal("not_enough_history", 422, f"{text}, and there are {len(columns)}; use a longer span")
    starts = _starts(len(columns), declared, seed)
    longest = [multiple for multiple in LADDER if multiple * declared <= starts[0]]
    case = _Case(document=document, columns=columns, parameters=parameters, declared=declared)
    found: list[tuple[int, Unsettled]] = []
    for at, start in enumerate(starts):
        watch.step(at, len(starts), "warm-up check")
        found += case.unsettled(start, longest)
    watch.told(len(starts), len(starts), "warm-up check")
    tested = [one for multiple, one in found if multiple in MULTIPLES]
    agrees = max((multiple for multiple, _ in found), default=0)
    settled = next((multiple for multiple in longest[:-1] if multiple > agrees), None) if tested else None
    return WarmUp(
        declared=declared,
        starts=len(starts),
        longest=longest[-1],
        findings=tuple({(one.place, one.multiple): one for one in reversed(tested)}.values())[::-1],
        agrees_from=settled,
        suggested_bars=None if settled is None else settled * declared,
    )


def _known(document: StrategyDocument, columns: BarColumns, parameters: Mapping[str, float]) -> BarColumns:
    """The bars from the first on at which every input is known: waiting for one is no warm-up."""
    steps = begun(compile_document(document, parameters), columns).steps
    return columns.slice(max((step.warm_up for step in steps if step.is_awaited), default=0), len(columns))


def _starts(bars: int, declared: int, seed: int) -> list[int]:
    """Places with as much before them as can be had, in the later half where the data reaches."""
    low = max(MULTIPLES[-1] * declared, min(bars // 2, LADDER[-1] * declared))
    places = np.arange(low, bars - MIN_COMPARED + 1)
    chosen = np.random.default_rng(seed).choice(places, size=min(STARTS, len(places)), replace=False)
    return sorted(chosen.tolist())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    document: StrategyDocument
    columns: BarColumns
    parameters: Mapping[str, float]
    declared: int

    def unsettled(self, start: int, multiples: Sequence[int]) -> list[tuple[int, Unsettled]]:
        """The first bar after `start`, for each multiple, that decides otherwise than after the longest."""
        settled = self._wanted(start, multiples[-1])
        found = []
        for multiple in multiples[:-1]:
            wanted = self._wanted(start, multiple)
            if (wanted != settled).any():
                at = int(np.argmax(wanted != settled))
                sides = (int(wanted[at]), int(settled[at]))
                found.append((multiple, self._told(start, at, multiple, multiples[-1], sides)))
        return found

    def _bars(self, start: int, multiple: int) -> BarColumns:
        compared = min(max(MIN_COMPARED, 2 * self.declared), MAX_COMPARED)
        return self.columns.slice(start - multiple * self.declared, start + compared)

    def _wanted(self, start: int, multiple: int) -> Positions:
        first = multiple * self.declared
        decided = signals(self.document, self._bars(start, multiple), start=first, parameters=self.parameters)
        return decided.wanted[first:]

    def _told(self, start: int, at: int, multiple: int, longest: int, sides: tuple[int, int]) -> Unsettled:
        place = self._culprit(start, at, multiple, longest)
        bars = multiple * self.declared
        text = (
            f"`{place}` is not settled after {bars} bars: at the bar of {bar_time(self.columns, start + at)} it decides"
            f" {_SIDES[sides[0]]}, and {_SIDES[sides[1]]} after {longest * self.declared}"
        )
        ts = int(self.columns.ts[start + at])
        return Unsettled(place=place, ts=ts, multiple=multiple, wanted=sides[0], settled=sides[1], text=text)

    def _culprit(self, start: int, at: int, multiple: int, longest: int) -> str:
        """The place of the recursive step that differs most, relative to its size; of any step where none does."""
        program = compile_document(self.document, self.parameters)
        recursive = [slot for slot, step in enumerate(program.steps) if step.operator.recursive]
        for slots in (recursive, [slot for slot, step in enumerate(program.steps) if step.constant is None]):
            sides = [evaluate(program, self._bars(start, one), slots) for one in (multiple, longest)]
            rows = [one * self.declared + at for one in (multiple, longest)]
            apart = [
                _apart(float(one[rows[0]]), float(other[rows[1]]))
                for one, other in zip(sides[0], sides[1], strict=True)
            ]
            if apart and max(apart) > 0:
                return program.steps[slots[apart.index(max(apart))]].place
        return "/entry"


_SIDES = {1: "long", 0: "flat", -1: "short"}


def _apart(one: float, other: float) -> float:
    size = max(abs(one), abs(other))
    return abs(one - other) / size if size else 0.0
