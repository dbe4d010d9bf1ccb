"""Owns a backtest: document and bars in, result out, with every assumption that it made and a hash of what it found.

Pure: no clock, no database. The same document, bars and settings give the same result hash on every machine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np

from omc.core.canonical import digest
from omc.engine.assumptions import assumptions_of
from omc.engine.begun import NEVER
from omc.engine.decision import WISHES, Decisions, Positions, Wish, signals
from omc.engine.document import StrategyDocument, document_hash
from omc.engine.evaluation import bar_time
from omc.engine.finer import Finer, check_finer, unchecked
from omc.engine.kernels import simulation as kernel
from omc.engine.metrics import Curve, Metric, Sample, curve_of, drawdown, measure
from omc.engine.operators import Values
from omc.engine.positions import ClosedPositions, Fills, OpenPosition, bars_held, closed_positions, open_position
from omc.engine.running import Ran, run
from omc.engine.terms import history_of, rate
from omc.kit.errors import Refusal
from omc.ledgers.columns import BarColumns, Stamps

ENGINE = "omc-engine/3"  # raised with every change that changes a result


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a run may choose besides its document; all of it is printed with the result.

    `parameters` replace the document's own, by name. No bar before row `start` decides: those before only warm up.
    """

    parameters: Mapping[str, float] = field(default_factory=dict)
    start: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How often an assumption mattered, and what holding cost.

    `both_in_one_bar` is how many stops came first only because the order within a bar is taken to be the worse one;
    `too_small` how many entries the venue's least value, or others that share the cash, left out; `funding` is what
    was paid, in quote.
    """

    both_in_one_bar: int
    too_small: int
    liquidated: int
    funding: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a run found. Arrays start at the first bar that may decide; `manifest` pins what it was made from."""

    ts: Stamps
    equity: Values
    wanted: Positions
    held: Curve
    fills: Fills
    closed: ClosedPositions
    open: OpenPosition | None
    pending: Wish | None
    counts: Counts
    metrics: tuple[Metric, ...]
    assumptions: Mapping[str, str]
    manifest: Mapping[str, object]
    finer: Finer | None = None

    @property
    def hold(self) -> Values:
        """Equity of buying once, with all the capital, and holding."""
        return self.held.whole

    @property
    def drawdown(self) -> Values:
        """Distance below the highest equity so far at each bar, as a fraction."""
        return drawdown(self.equity)

    @property
    def result_hash(self) -> str:
        """Sha256 of manifest, equity and fills, whose bits are the same everywhere; statistics follow from them."""
        return _hash(self.manifest, self.equity, self.fills)

    @property
    def closed_count(self) -> int:
        """How many positions ended."""
        return len(self.closed.opened)

    def metric(self, name: str) -> float | None:
        """The value of one metric by its name; KeyError when there is none of that name."""
        return {metric.name: metric.value for metric in self.metrics}[name]


_DEFAULT = Settings()


def simulate(
    document: StrategyDocument,
    columns: BarColumns,
    settings: Settings = _DEFAULT,
    *,
    finer: BarColumns | None = None,
) -> Result:
    """Run a document over bars; `finer` bars of the same symbol tell how often the order inside a bar mattered.

    Raises Refusal with the place in the document: what does not compile, more history needed than there is, a value
    that is not finite, an account that falls to zero.
    """
    decisions = signals(document, columns, start=settings.start, parameters=settings.parameters)
    check_history(document, decisions, columns)
    if finer is not None and (columns.timeframe_ms <= finer.timeframe_ms or columns.timeframe_ms % finer.timeframe_ms):
        text = f"bars of {finer.timeframe_ms // 1_000} s do not make up bars of {columns.timeframe_ms // 1_000} s"
        raise Refusal("wrong_timeframe", 422, text)
    return account(document, columns, decisions, settings=settings, finer=finer)


def check_history(document: StrategyDocument, decisions: Decisions, columns: BarColumns) -> None:
    """Refuse when there are not at least two bars to trade on after the warm-up."""
    if len(columns) >= decisions.first + 2:
        return
    needed = history_of(document, decisions.program)
    if needed.bars >= NEVER:
        text = "this input has no value at any of these bars; choose a later span, or one for which it was recorded"
        raise Refusal("input_missing", 422, text, place=needed.place)
    if len(columns) >= needed.bars + 2:
        text = "fewer than two bars of this series lie in the span that is to be tested; choose another span"
        raise Refusal("no_bars", 422, text)
    text = f"this needs {needed.bars} bars before the first decision and two after it, and there are {len(columns)}"
    raise Refusal("not_enough_history", 422, f"{text}; use a shorter window or a longer span", place=needed.place)


def account(
    document: StrategyDocument,
    columns: BarColumns,
    decisions: Decisions,
    *,
    settings: Settings,
    resets: Sequence[int] = (),
    finer: BarColumns | None = None,
) -> Result:
    """Simulate conditions, from the first bar that decides, into a result; at `resets` flat is wanted anew."""
    first = decisions.first
    bars, ran = columns.slice(first, len(columns)), run(document, columns, decisions.flags, first=first, resets=resets)
    if ran.lost_at is not None:
        when = bar_time(bars, ran.lost_at)
        text = f"the account is worth nothing at the bar of {when}: all was lost; use a smaller fraction"
        raise Refusal("account_lost", 422, text, place="/sizing/fraction")
    held = ran.state[kernel.HELD]
    closed, hold = closed_positions(ran.fills, held), _held(document, bars)
    checked = None if finer is None else check_finer(document, columns, decisions.flags, finer, ran, first=first)
    manifest = {
        "engine": ENGINE,
        "document": document_hash(document),
        "data": columns.data_hash,
        "settings": {"parameters": dict(settings.parameters), "start": settings.start},
    }
    return Result(
        ts=bars.ts,
        equity=ran.equity,
        wanted=ran.wanted,
        held=hold,
        fills=ran.fills,
        closed=closed,
        open=open_position(ran.fills, held, bars),
        pending=_pending(ran),
        counts=counts_of(ran.state),
        metrics=measure(_sample(bars, ran, closed, hold)),
        assumptions=assumptions_of(document, columns, decisions, settings.parameters)
        | {"inside a bar": _inside(document, checked)},
        manifest=manifest,
        finer=checked,
    )


def _sample(bars: BarColumns, ran: Ran, closed: ClosedPositions, hold: Curve) -> Sample:
    return Sample(
        ts=bars.ts,
        equity=curve_of(ran.equity),
        hold=hold,
        timeframe_ms=bars.timeframe_ms,
        pnl=closed.pnl,
        entry_value=closed.quantity * closed.entry,
        bars_held=bars_held(ran.at, ran.fills, ran.state[kernel.HELD], len(bars)),
        fees=float(ran.fills.fee.sum()),
    )


def _inside(document: StrategyDocument, checked: Finer | None) -> str:
    if checked is not None:
        return checked.said
    return unchecked(document) or "the worse order is taken; no finer bars tell how often that mattered"


def _pending(ran: Ran) -> Wish | None:
    """What was decided at the end and is not done yet."""
    waits = ran.state[kernel.WAITING] != 0.0 or ran.wanted[-1] != ran.state[kernel.GOAL]
    return WISHES[int(ran.wanted[-1])] if waits else None


def counts_of(state: Sequence[float]) -> Counts:
    """Return what the kernel counted on the way."""
    return Counts(
        both_in_one_bar=int(state[kernel.BOTH]),
        too_small=int(state[kernel.TOO_SMALL]),
        liquidated=int(state[kernel.LIQUIDATED]),
        funding=state[kernel.FUNDED],
    )


def _held(document: StrategyDocument, bars: BarColumns) -> Curve:
    """Equity of buying once, with all the capital, at the first open at which the strategy could have bought."""
    price = bars.open[1] * (1.0 + rate(document.costs.slippage_bps))
    quantity = float(document.capital) / (price * (1.0 + rate(document.costs.fee_bps)))
    return Curve(values=bars.close, scale=float(quantity), first=float(document.capital))


def _hash(manifest: Mapping[str, object], equity: Values, fills: Fills) -> str:
    state = sha256(digest(manifest).encode())
    for column in (equity, fills.quantity, fills.price, fills.fee):
        state.update(np.ascontiguousarray(column, dtype="<f8").data)
    state.update(np.ascontiguousarray(fills.ts, dtype="<i8").data)
    return state.hexdigest()
