"""Owns a backtest: document and bars in, result out, with every assumption that it made and a hash of what it found.

Pure: no clock, no database. The same document, bars and settings give the same result hash on every machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from omc.core.canonical import digest
from omc.engine import kernel
from omc.engine.assumptions import assumptions_of
from omc.engine.decision import WISHES, Decisions, Positions, Wish, signals
from omc.engine.document import StrategyDocument, document_hash
from omc.engine.evaluation import bar_time
from omc.engine.metrics import Metric, Sample, drawdown, measure
from omc.engine.operators import Values
from omc.kit.errors import Refusal
from omc.ledgers.columns import BarColumns, Stamps

ENGINE = "omc-engine/1"  # raised with every change that changes a result


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a run may choose besides its document; all of it is printed with the result.

    `parameters` replace the document's own, by name. No bar before row `start` decides: those before only warm up.
    """

    parameters: Mapping[str, float] = field(default_factory=dict)
    start: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fills:
    """Fills as columns: the bar's opening time, quantity in the base asset (negative sold), price, fee in quote."""

    ts: Stamps
    quantity: Values
    price: Values
    fee: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedPositions:
    """Positions from entry to exit as columns; `side` is 1 or -1, `pnl` is after both fees, all in the quote asset."""

    opened: Stamps
    closed: Stamps
    side: NDArray[np.int8]
    quantity: Values
    entry: Values
    exit: Values
    fee: Values
    pnl: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPosition:
    """What is held at the end, valued at the last close."""

    opened: int
    side: Wish
    quantity: float
    entry: float
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a run found. Arrays start at the first bar that may decide; `manifest` pins what it was made from."""

    ts: Stamps
    equity: Values
    hold: Values
    drawdown: Values
    fills: Fills
    closed: ClosedPositions
    open: OpenPosition | None
    pending: Wish | None
    metrics: tuple[Metric, ...]
    assumptions: Mapping[str, str]
    manifest: Mapping[str, object]
    result_hash: str

    def metric(self, name: str) -> float | None:
        """The value of one metric by its name; KeyError when there is none of that name."""
        return {metric.name: metric.value for metric in self.metrics}[name]


_DEFAULT = Settings()


def simulate(document: StrategyDocument, columns: BarColumns, settings: Settings = _DEFAULT) -> Result:
    """Run a document over bars.

    Raises Refusal with the place in the document: what does not compile, more history needed than there is, a value
    that is not finite, an account that falls to zero.
    """
    decisions = signals(document, columns, start=settings.start, parameters=settings.parameters)
    check_history(document, decisions, columns)
    return account(document, columns, decisions.wanted, settings=settings, decisions=decisions)


def check_history(document: StrategyDocument, decisions: Decisions, columns: BarColumns) -> None:
    """Refuse when there are not at least two bars to trade on after the warm-up."""
    needed = decisions.first + 2
    if len(columns) >= needed:
        return
    if len(columns) >= max(decisions.program.warm_up, document.warm_up_bars) + 2:
        text = "fewer than two bars of this series lie in the span that is to be tested; choose another span"
        raise Refusal("no_bars", 422, text)
    own, place = decisions.program.warm_up, decisions.program.hungriest().place
    if document.warm_up_bars > own:
        own, place = document.warm_up_bars, "/warm_up_bars"
    text = f"this needs {own} bars before the first decision and two after it, and there are {len(columns)}"
    raise Refusal("not_enough_history", 422, f"{text}; use a shorter window or a longer span", place=place)


def account(
    document: StrategyDocument, columns: BarColumns, wanted: Positions, *, settings: Settings, decisions: Decisions
) -> Result:
    """Simulate positions wanted, from the first bar that decides, into a result."""
    first = decisions.first
    bars = columns.slice(first, len(columns))
    equity, fills, lost_at, quantity = _run(document, bars, wanted[first:])
    if lost_at is not None:
        when = bar_time(bars, lost_at)
        text = f"the account is worth nothing at the bar of {when}: a short lost all; use a smaller fraction"
        raise Refusal("account_lost", 422, text, place="/sizing/fraction")
    hold = _hold(document, bars)
    closed = _closed(fills)
    sample = Sample(
        ts=bars.ts,
        equity=equity,
        hold=hold,
        timeframe_ms=bars.timeframe_ms,
        pnl=closed.pnl,
        entry_value=closed.quantity * closed.entry,
        bars_held=int(np.count_nonzero(wanted[first:-1])),
        fees=float(fills.fee.sum()),
    )
    manifest = {
        "engine": ENGINE,
        "document": document_hash(document),
        "data": columns.data_hash,
        "settings": {"parameters": dict(settings.parameters), "start": settings.start},
    }
    return Result(
        ts=bars.ts,
        equity=equity,
        hold=hold,
        drawdown=drawdown(equity),
        fills=fills,
        closed=closed,
        open=_open(fills, quantity, bars),
        pending=WISHES[int(wanted[-1])] if wanted[-1] != wanted[-2] else None,
        metrics=measure(sample),
        assumptions=assumptions_of(document, columns, decisions, settings.parameters),
        manifest=manifest,
        result_hash=_hash(manifest, equity, fills),
    )


def equity_of(document: StrategyDocument, bars: BarColumns, wanted: Positions) -> Values | None:
    """Return only the equity of positions wanted, for a search; None when the account is lost."""
    equity, _, lost_at, _ = _run(document, bars, wanted)
    return equity if lost_at is None else None


def _run(document: StrategyDocument, bars: BarColumns, wanted: Positions) -> tuple[Values, Fills, int | None, float]:
    room = 2 * int(np.count_nonzero(np.diff(wanted, prepend=np.int8(0)))) + 1
    columns = ([0] * room, [0.0] * room, [0.0] * room, [0.0] * room)
    equity = [0.0] * len(bars)
    costs = document.costs
    terms = (
        float(document.capital),
        float(document.sizing.fraction),
        _rate(costs.fee_bps),
        _rate(costs.slippage_bps),
    )
    lists = (bars.open.tolist(), bars.close.tolist(), wanted.tolist())
    count, lost_at, quantity = kernel.run(*lists, terms, equity, columns)
    at, amount, price, fee = (np.asarray(column[:count]) for column in columns)
    fills = Fills(
        ts=bars.ts[at.astype(np.int64)],
        quantity=amount.astype(np.float64),
        price=price.astype(np.float64),
        fee=fee.astype(np.float64),
    )
    return np.asarray(equity), fills, lost_at if lost_at >= 0 else None, quantity


def _rate(bps: Decimal) -> float:
    return float(bps) / 10_000.0


def _hold(document: StrategyDocument, bars: BarColumns) -> Values:
    """Equity of buying once, with all the capital, at the first open at which the strategy could have bought."""
    price = bars.open[1] * (1.0 + _rate(document.costs.slippage_bps))
    quantity = float(document.capital) / (price * (1.0 + _rate(document.costs.fee_bps)))
    hold: Values = quantity * bars.close
    hold[0] = float(document.capital)
    return hold


def _closed(fills: Fills) -> ClosedPositions:
    """Fills come in pairs, entry and exit of the whole; a last one without its pair is still open."""
    pairs = len(fills.ts) // 2
    entries, exits = slice(0, 2 * pairs, 2), slice(1, 2 * pairs, 2)
    signed = fills.quantity[entries]
    fee = fills.fee[entries] + fills.fee[exits]
    return ClosedPositions(
        opened=fills.ts[entries],
        closed=fills.ts[exits],
        side=np.sign(signed).astype(np.int8),
        quantity=np.abs(signed),
        entry=fills.price[entries],
        exit=fills.price[exits],
        fee=fee,
        pnl=signed * (fills.price[exits] - fills.price[entries]) - fee,
    )


def _open(fills: Fills, quantity: float, bars: BarColumns) -> OpenPosition | None:
    if len(fills.ts) % 2 == 0:
        return None
    return OpenPosition(
        opened=int(fills.ts[-1]),
        side="long" if quantity > 0 else "short",
        quantity=abs(quantity),
        entry=float(fills.price[-1]),
        value=quantity * float(bars.close[-1]),
    )


def _hash(manifest: Mapping[str, object], equity: Values, fills: Fills) -> str:
    """Over equity and fills, whose bits are the same everywhere; statistics follow from them."""
    state = sha256(digest(manifest).encode())
    for column in (equity, fills.quantity, fills.price, fills.fee):
        state.update(np.ascontiguousarray(column, dtype="<f8").data)
    state.update(np.ascontiguousarray(fills.ts, dtype="<i8").data)
    return state.hexdigest()
