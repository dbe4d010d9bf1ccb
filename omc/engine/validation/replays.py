"""Owns replays: any strategy on bars that it cannot have known otherwise, compared with what it did on all of them.

What it decided, filled and computed up to a cut must be as it was; several symbols are cut at the same instant.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from omc.engine.evaluation import bar_time
from omc.engine.market import Market
from omc.engine.operators import Column, Values
from omc.engine.validation.probes import cuts_at, moved_close, other_future
from omc.engine.watch import UNWATCHED, Watch
from omc.kit.errors import Refusal
from omc.ledgers.columns import BarColumns, Stamps

CUTS = 50
MIN_CUTS = 10  # fewer bars than this to cut at prove nothing
MAX_FINDINGS = 20
_ALONE = ""

Probe: TypeAlias = Literal["cut", "other future", "moved close", "same bars", "price"]
Shown: TypeAlias = float | str
Numeric: TypeAlias = Column | NDArray[np.int8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What a strategy did with some bars.

    `wanted` has one value a bar: the position wanted after its close. Fills are rows in order of
    time: the opening time of the bar they happened in, quantity (negative sold) and price. `values` are columns that
    were computed on the way, one value a bar, by the place that names them; they are compared too.
    """

    wanted: Numeric
    fill_ts: Stamps = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    fill_quantity: Values = field(default_factory=lambda: np.zeros(0))
    fill_price: Values = field(default_factory=lambda: np.zeros(0))
    values: Mapping[str, Column] = field(default_factory=dict)


Runner: TypeAlias = Callable[[BarColumns], Trace]
MarketRunner: TypeAlias = Callable[[Market], Mapping[str, Trace]]
"""What each symbol of a market does; one that is not there yet does nothing."""

Namer: TypeAlias = Callable[[BarColumns, BarColumns, int], "Difference | None"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where two runs part: the place, the row of the bar, and what each of them has there."""

    place: str
    row: int
    full: Shown
    replayed: Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One difference. `cut` is how many bars were known; `bar` the row and `ts` the opening time (ms) of the bar.

    Of several symbols `cut` is how many instants were known, and `bar` is of the bars of the symbol.
    """

    probe: Probe
    place: str
    bar: int
    ts: int
    cut: int
    full: Shown
    replayed: Shown
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAhead:
    """What the replays found.

    `changes` and `fills` say how much there was to compare; `skipped` replays were refused for their made-up bars and
    prove nothing. Of several symbols `bars` are the instants at which any of them has one.
    """

    bars: int
    cuts: tuple[int, ...]
    replays: int
    skipped: int
    changes: int
    fills: int
    seed: int
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def plain(self) -> dict[str, object]:
        """The same as plain JSON."""
        return asdict(self) | {
            "ok": self.ok,
            "cuts": list(self.cuts),
            "findings": [asdict(one) for one in self.findings],
        }


def check_replays(  # noqa: PLR0913 - all but two are named, and have a default
    replay: Runner,
    columns: BarColumns,
    *,
    full: Trace | None = None,
    warm_up: int = 0,
    count: int = CUTS,
    seed: int = 0,
    tolerance: float = 0.0,
    namer: Namer | None = None,
    watch: Watch = UNWATCHED,
) -> LookAhead:
    """Replay any strategy: `replay` is called with bars and says what it did with them, as often as there are replays.

    `warm_up` bars have no decision. `tolerance` is by how much of their size values may differ, for code whose rounding
    depends on the length of its input; decisions never may. `full` is what it did with all bars, where that is known
    from elsewhere. Raises Refusal when there are too few bars to cut at.
    """
    return check_market(
        lambda market: {_ALONE: replay(market.bars[_ALONE])},
        Market(bars={_ALONE: columns}, ts=columns.ts),
        full=None if full is None else {_ALONE: full},
        warm_up=warm_up,
        count=count,
        seed=seed,
        tolerance=tolerance,
        namers={} if namer is None else {_ALONE: namer},
        watch=watch,
    )


def check_market(  # noqa: PLR0913 - as `check_replays`
    replay: MarketRunner,
    market: Market,
    *,
    full: Mapping[str, Trace] | None = None,
    warm_up: int = 0,
    count: int = CUTS,
    seed: int = 0,
    tolerance: float = 0.0,
    namers: Mapping[str, Namer],
    watch: Watch = UNWATCHED,
) -> LookAhead:
    """Replay a strategy on a market whose symbols are all cut, or all go on otherwise, at the same instants."""
    full = full or _run(replay, market)
    least = warm_up + 3
    if len(market) < least + MIN_CUTS:
        text = (
            f"a proof needs {least + MIN_CUTS} bars with this warm-up, and there are {len(market)}; use a longer span"
        )
        raise Refusal("not_enough_history", 422, text)
    cuts = cuts_at(_busy(full, market), len(market), least, count, seed)
    work = _Work(replay=replay, market=market, full=full, tolerance=tolerance, namers=namers)
    work.compare(market, "same bars", cut=len(market), decided=len(market))
    for done, cut in enumerate(cuts):
        watch.step(done, len(cuts), "look-ahead check")
        work.compare(market.until(cut), "cut", cut=cut, decided=cut)
        work.compare(other_future(market, cut), "other future", cut=cut, decided=cut)
        if (moved := moved_close(market, cut)) is not None:
            work.compare(moved, "moved close", cut=cut, decided=cut - 1)
    for symbol, trace in full.items():
        work.findings.extend(_impossible(market, symbol, trace))
    watch.told(len(cuts), len(cuts), "look-ahead check")
    return LookAhead(
        bars=len(market),
        cuts=cuts,
        replays=work.replays,
        skipped=work.skipped,
        changes=sum(len(_changes(trace)) for trace in full.values()),
        fills=sum(len(trace.fill_ts) for trace in full.values()),
        seed=seed,
        findings=tuple(_summed(work.findings)),
    )


def _run(replay: MarketRunner, market: Market) -> Mapping[str, Trace]:
    traces = replay(market)
    for symbol, trace in traces.items():
        columns, count = {"wanted": trace.wanted, **trace.values}, len(market.bars[symbol])
        wrong = [name for name, column in columns.items() if len(column) != count]
        if wrong:
            text = f"`{wrong[0]}` must have one value for each of the {count} bars it was given"
            raise Refusal("wrong_length", 422, text, place=wrong[0])
    return traces


def _changes(trace: Trace) -> NDArray[np.intp]:
    return np.flatnonzero(trace.wanted[1:] != trace.wanted[:-1]) + 1


def _busy(full: Mapping[str, Trace], market: Market) -> NDArray[np.intp]:
    """How many rows there are up to each row that decided or filled, and one to either side."""
    decided = np.concatenate([market.bars[symbol].ts[_changes(trace)] for symbol, trace in full.items()])
    filled = np.concatenate([trace.fill_ts for trace in full.values()])
    changes, fills = np.searchsorted(market.ts, decided), np.searchsorted(market.ts, filled)
    return np.concatenate((changes, changes + 1, fills, fills + 1, fills + 2))


@dataclass(slots=True, kw_only=True)
class _Work:
    replay: MarketRunner
    market: Market
    full: Mapping[str, Trace]
    tolerance: float
    namers: Mapping[str, Namer]
    replays: int = 0
    skipped: int = 0
    findings: list[Finding] = field(default_factory=list)

    def compare(self, bars: Market, probe: Probe, *, cut: int, decided: int) -> None:
        """Replay on `bars` and compare what was known of the first `decided` rows, and the fills in the first `cut`."""
        try:
            replayed = _run(self.replay, bars)
        except Refusal as refusal:
            if probe in ("other future", "moved close"):  # made-up bars may be refused for what they are
                self.skipped += 1
                return
            symbol = next(iter(bars.bars))
            row = self.market.bar(symbol, cut) - 1
            self._find(symbol, Difference(place=refusal.place, row=row, full="ran", replayed=refusal.text), probe, cut)
            return
        self.replays += 1
        for symbol, trace in replayed.items():
            found = self._difference(symbol, bars.bars[symbol], trace, cut, decided)
            if found is not None:
                self._find(symbol, found, probe, cut)

    def _difference(self, symbol: str, bars: BarColumns, replayed: Trace, cut: int, decided: int) -> Difference | None:
        full, columns, rows = self.full[symbol], self.market.bars[symbol], self.market.bar(symbol, decided)
        computed = {**full.values, "decision": full.wanted}
        other = {**replayed.values, "decision": replayed.wanted}
        for place in [place for place in computed if place in other]:
            tolerance = 0.0 if place == "decision" else self.tolerance
            row = first_difference(computed[place], other[place], rows, tolerance)
            if row is not None:
                namer = self.namers.get(symbol)
                named = namer(columns, bars, rows) if namer else None
                own, again = float(computed[place][row]), float(other[place][row])
                return named or Difference(place=place, row=row, full=own, replayed=again)
        return _fill_difference(full, replayed, columns, int(self.market.ts[cut - 1]))

    def _find(self, symbol: str, found: Difference, probe: Probe, cut: int) -> None:
        columns = self.market.bars[symbol]
        when = bar_time(columns, found.row)
        text = f"`{found.place}` at the bar of {when} is {found.full}; {_HOW[probe].format(cut=cut)} {found.replayed}"
        self.findings.append(
            Finding(
                probe=probe,
                place=found.place,
                bar=found.row,
                ts=int(columns.ts[found.row]),
                cut=cut,
                full=found.full,
                replayed=found.replayed,
                text=self.market.named(symbol, text),
            )
        )


_HOW: dict[Probe, str] = {
    "cut": "with only the first {cut} bars it is",
    "other future": "with another future after the first {cut} bars it is",
    "moved close": "had the last of the first {cut} bars closed elsewhere, it would be",
    "same bars": "on the same bars once more it is",
    "price": "",
}


def first_difference(full: Numeric, replayed: Numeric, rows: int, tolerance: float) -> int | None:
    """Return the first of so many rows at which two columns part."""
    one, other = (np.asarray(column[:rows], dtype=np.float64) for column in (full, replayed))
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    if tolerance:
        same |= np.abs(one - other) <= tolerance * np.maximum(np.abs(one), np.abs(other))
    return None if same.all() else int(np.argmin(same))


def _fill_difference(full: Trace, replayed: Trace, columns: BarColumns, known: int) -> Difference | None:
    one, other = (_fills_until(trace, known) for trace in (full, replayed))
    at = next((at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), None)
    if at is None and len(one) == len(other):
        return None
    at = min(len(one), len(other)) if at is None else at
    sides = [rows[at] if at < len(rows) else None for rows in (one, other)]
    ts = min(row[0] for row in sides if row is not None)
    shown = ["no fill" if row is None else f"{row[1]:+.8g} at {row[2]:.8g}" for row in sides]
    return Difference(place="fill", row=int(np.searchsorted(columns.ts, ts)), full=shown[0], replayed=shown[1])


def _fills_until(trace: Trace, ts: int) -> list[tuple[int, float, float]]:
    count = int(np.searchsorted(trace.fill_ts, ts, side="right"))
    columns = (trace.fill_ts, trace.fill_quantity, trace.fill_price)
    return list(zip(*(column[:count].tolist() for column in columns), strict=True))


def _impossible(market: Market, symbol: str, full: Trace) -> list[Finding]:
    """Fills outside their bar's range on the good side, and orders that again and again get a bar's very best price."""
    columns = market.bars[symbol]
    rows = np.searchsorted(columns.ts, full.fill_ts)
    bought = full.fill_quantity > 0
    side = np.where(bought, 1.0, -1.0)
    best = np.where(bought, columns.low[rows], columns.high[rows])
    better = side * (best - full.fill_price) / best
    exact = (np.abs(better) <= _ROUNDING) & (best != columns.open[rows])
    lucky = exact & (np.count_nonzero(exact) >= max(_MIN_LUCKY, _LUCKY * len(rows)))
    return [
        _price_finding(market, symbol, int(rows[at]), float(full.fill_price[at]), float(best[at]))
        for at in np.flatnonzero((better > _ROUNDING) | lucky).tolist()
    ]


def _price_finding(market: Market, symbol: str, row: int, price: float, best: float) -> Finding:
    columns = market.bars[symbol]
    when, told = bar_time(columns, row), "the best one of that bar, at which orders filled again and again"
    why = told if abs(price / best - 1) <= _ROUNDING else f"better than the best one of that bar, {best:.8g}"
    return Finding(
        probe="price",
        place="fill",
        bar=row,
        ts=int(columns.ts[row]),
        cut=row + 1,
        full=price,
        replayed=best,
        text=market.named(
            symbol, f"`fill` at the bar of {when} has the price {price:.8g}, {why}; no order could know it"
        ),
    )


_ROUNDING = 1e-9
_MIN_LUCKY, _LUCKY = 5, 0.25  # a limit order meets the low of a bar by chance, rarely a quarter of all


def _summed(findings: Sequence[Finding]) -> list[Finding]:
    """The first finding of each probe and place: fifty cuts through one leak are one leak."""
    first: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        first.setdefault((finding.probe, finding.place), finding)
    return list(first.values())[:MAX_FINDINGS]
