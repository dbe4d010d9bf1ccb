"""Owns the proof against look-ahead: a strategy replayed on bars that it cannot have known otherwise must do the same.

Three replays at each of many bars, random ones and those around decisions, as leaks show where something is done:

- *cut*: the bars end there. What was decided, filled and computed up to there must be as it was.
- *other future*: the bars go on otherwise. The same must hold; this finds what looks only at bars that are there.
- *moved close*: only the last bar's close differs, inside its range. What was filled during that bar was filled before
  anyone knew its close, so it must be as it was: this finds orders that fill at the very close that made them.

Besides, the same bars twice must give the same, and no fill may be better than its bar's range. What no replay can see
is a constant that somebody fitted on these bars beforehand; a walk-forward is the answer to that one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from omc.engine.decision import NAMES, Positions, signals, wanted_from
from omc.engine.document import StrategyDocument
from omc.engine.evaluation import bar_time, evaluate
from omc.engine.kernels import chosen, simulation
from omc.engine.operators import Column, Conditions, Values
from omc.engine.positions import Fills
from omc.engine.program import Program
from omc.engine.running import run
from omc.engine.simulate import Settings, simulate
from omc.engine.validation.probes import cuts_at, moved_close, other_future
from omc.engine.watch import UNWATCHED, Watch
from omc.kit.errors import Refusal
from omc.ledgers.columns import BarColumns, Stamps

CUTS = 50
MIN_CUTS = 10  # fewer bars than this to cut at prove nothing
MAX_FINDINGS = 20
MAX_VALUES = 20_000_000  # feature values held for comparing: 160 MB

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
    """One difference. `cut` is how many bars were known; `bar` the row and `ts` the opening time (ms) of the bar."""

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
    prove nothing.
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


def look_ahead(
    document: StrategyDocument,
    columns: BarColumns,
    *,
    settings: Settings | None = None,
    count: int = CUTS,
    seed: int = 0,
    watch: Watch = UNWATCHED,
) -> LookAhead:
    """Replay a document; raises Refusal for what the document itself is refused for, and for too few bars."""
    chosen = settings or Settings()
    decisions = signals(document, columns, start=chosen.start, parameters=chosen.parameters)
    fills = simulate(document, columns, chosen).fills
    full = _trace(decisions.wanted, fills, _values(decisions.program, columns))
    return check_replays(
        _replayer(document, decisions.program, first=decisions.first, work=3 * count * len(columns)),
        columns,
        full=full,
        warm_up=decisions.first,
        count=count,
        seed=seed,
        namer=_step_namer(decisions.program),
        watch=watch,
    )


def _replayer(document: StrategyDocument, program: Program, *, first: int, work: int) -> Runner:
    """What `signals` and `simulate` do, compiled once and without the statistics that nobody compares.

    That it does the same is among what is checked: its trace of the same bars is held against theirs.
    """
    loop = chosen(simulation.run, work)

    def run_on(columns: BarColumns) -> Trace:
        values, never = _values(program, columns), np.zeros(len(columns), dtype=np.bool_)
        flags = tuple(cast("Conditions", values.get(f"/{name}", never)) for name in NAMES)
        fills = run(document, columns, flags, first=first, loop=loop).fills
        return _trace(wanted_from(flags, first), fills, values)

    return run_on


def _trace(wanted: Positions, fills: Fills, values: Mapping[str, Column]) -> Trace:
    return Trace(wanted=wanted, fill_ts=fills.ts, fill_quantity=fills.quantity, fill_price=fills.price, values=values)


def _values(program: Program, columns: BarColumns) -> dict[str, Column]:
    """The conditions by their places, and the features where they do not take too much memory."""
    named = {f"/{name}": slot for name, slot in program.conditions.items()}
    if len(program.features) * len(columns) <= MAX_VALUES:
        named = {f"/features/{name}": slot for name, slot in program.features.items()} | named
    return dict(zip(named, evaluate(program, columns, named.values()), strict=True))


def _step_namer(program: Program) -> Namer:
    """Name the first step that differs, in the order of use: what is built on it differs only because of it."""

    def name(columns: BarColumns, other: BarColumns, rows: int) -> Difference | None:
        for slot, step in enumerate(program.steps):
            full, replayed = (evaluate(program, bars, [slot])[0] for bars in (columns, other))
            if (row := _first_difference(full, replayed, rows, 0.0)) is not None:
                place = step.place or step.operator.name
                return Difference(place=place, row=row, full=float(full[row]), replayed=float(replayed[row]))
        return None

    return name


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
    full = full or _run(replay, columns)
    least = warm_up + 3
    if len(columns) < least + MIN_CUTS:
        text = (
            f"a proof needs {least + MIN_CUTS} bars with this warm-up, and there are {len(columns)}; use a longer span"
        )
        raise Refusal("not_enough_history", 422, text)
    cuts = cuts_at(_busy(full, columns), len(columns), least, count, seed)
    work = _Work(replay=replay, columns=columns, full=full, tolerance=tolerance, namer=namer)
    work.compare(columns, "same bars", cut=len(columns), decided=len(columns))
    for done, cut in enumerate(cuts):
        watch.step(done, len(cuts), "look-ahead check")
        work.compare(columns.slice(0, cut), "cut", cut=cut, decided=cut)
        work.compare(other_future(columns, cut), "other future", cut=cut, decided=cut)
        if (moved := moved_close(columns, cut)) is not None:
            work.compare(moved, "moved close", cut=cut, decided=cut - 1)
    work.findings.extend(_impossible(full, columns))
    watch.told(len(cuts), len(cuts), "look-ahead check")
    return LookAhead(
        bars=len(columns),
        cuts=cuts,
        replays=work.replays,
        skipped=work.skipped,
        changes=len(_changes(full)),
        fills=len(full.fill_ts),
        seed=seed,
        findings=tuple(_summed(work.findings)),
    )


def _run(replay: Runner, columns: BarColumns) -> Trace:
    trace = replay(columns)
    wrong = [name for name, column in {"wanted": trace.wanted, **trace.values}.items() if len(column) != len(columns)]
    if wrong:
        text = f"`{wrong[0]}` must have one value for each of the {len(columns)} bars it was given"
        raise Refusal("wrong_length", 422, text, place=wrong[0])
    return trace


def _changes(trace: Trace) -> NDArray[np.intp]:
    return np.flatnonzero(trace.wanted[1:] != trace.wanted[:-1]) + 1


def _busy(full: Trace, columns: BarColumns) -> NDArray[np.intp]:
    """How many bars there are up to each bar that decided or filled, and one to either side."""
    changes, filled = _changes(full), np.searchsorted(columns.ts, full.fill_ts)
    return np.concatenate((changes, changes + 1, filled, filled + 1, filled + 2))


@dataclass(slots=True, kw_only=True)
class _Work:
    replay: Runner
    columns: BarColumns
    full: Trace
    tolerance: float
    namer: Namer | None
    replays: int = 0
    skipped: int = 0
    findings: list[Finding] = field(default_factory=list)

    def compare(self, bars: BarColumns, probe: Probe, *, cut: int, decided: int) -> None:
        """Replay on `bars` and compare what was known of the first `decided` bars, and the fills in the first `cut`."""
        try:
            replayed = _run(self.replay, bars)
        except Refusal as refusal:
            if probe in ("other future", "moved close"):  # made-up bars may be refused for what they are
                self.skipped += 1
                return
            self._find(Difference(place=refusal.place, row=cut - 1, full="ran", replayed=refusal.text), probe, cut)
            return
        self.replays += 1
        found = self._difference(bars, replayed, cut, decided)
        if found is not None:
            self._find(found, probe, cut)

    def _difference(self, bars: BarColumns, replayed: Trace, cut: int, decided: int) -> Difference | None:
        computed = {**self.full.values, "decision": self.full.wanted}
        other = {**replayed.values, "decision": replayed.wanted}
        for place in [place for place in computed if place in other]:
            tolerance = 0.0 if place == "decision" else self.tolerance
            row = _first_difference(computed[place], other[place], decided, tolerance)
            if row is not None:
                named = self.namer(self.columns, bars, decided) if self.namer else None
                full, again = float(computed[place][row]), float(other[place][row])
                return named or Difference(place=place, row=row, full=full, replayed=again)
        return _fill_difference(self.full, replayed, self.columns, cut)

    def _find(self, found: Difference, probe: Probe, cut: int) -> None:
        when = bar_time(self.columns, found.row)
        text = f"`{found.place}` at the bar of {when} is {found.full}; {_HOW[probe].format(cut=cut)} {found.replayed}"
        self.findings.append(
            Finding(
                probe=probe,
                place=found.place,
                bar=found.row,
                ts=int(self.columns.ts[found.row]),
                cut=cut,
                full=found.full,
                replayed=found.replayed,
                text=text,
            )
        )


_HOW: dict[Probe, str] = {
    "cut": "with only the first {cut} bars it is",
    "other future": "with another future after the first {cut} bars it is",
    "moved close": "had the last of the first {cut} bars closed elsewhere, it would be",
    "same bars": "on the same bars once more it is",
    "price": "",
}


def _first_difference(full: Numeric, replayed: Numeric, rows: int, tolerance: float) -> int | None:
    one, other = (np.asarray(column[:rows], dtype=np.float64) for column in (full, replayed))
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    if tolerance:
        same |= np.abs(one - other) <= tolerance * np.maximum(np.abs(one), np.abs(other))
    return None if same.all() else int(np.argmin(same))


def _fill_difference(full: Trace, replayed: Trace, columns: BarColumns, cut: int) -> Difference | None:
    known = int(columns.ts[cut - 1])
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


def _impossible(full: Trace, columns: BarColumns) -> list[Finding]:
    """Fills outside their bar's range on the good side, and orders that again and again get a bar's very best price."""
    rows = np.searchsorted(columns.ts, full.fill_ts)
    bought = full.fill_quantity > 0
    side = np.where(bought, 1.0, -1.0)
    best = np.where(bought, columns.low[rows], columns.high[rows])
    better = side * (best - full.fill_price) / best
    exact = (np.abs(better) <= _ROUNDING) & (best != columns.open[rows])
    lucky = exact & (np.count_nonzero(exact) >= max(_MIN_LUCKY, _LUCKY * len(rows)))
    return [
        _price_finding(columns, int(rows[at]), float(full.fill_price[at]), float(best[at]))
        for at in np.flatnonzero((better > _ROUNDING) | lucky).tolist()
    ]


def _price_finding(columns: BarColumns, row: int, price: float, best: float) -> Finding:
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
        text=f"`fill` at the bar of {when} has the price {price:.8g}, {why}; no order could know it",
    )


_ROUNDING = 1e-9
_MIN_LUCKY, _LUCKY = 5, 0.25  # a limit order meets the low of a bar by chance, rarely a quarter of all


def _summed(findings: Sequence[Finding]) -> list[Finding]:
    """The first finding of each probe and place: fifty cuts through one leak are one leak."""
    first: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        first.setdefault((finding.probe, finding.place), finding)
    return list(first.values())[:MAX_FINDINGS]
