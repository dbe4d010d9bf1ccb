"""Owns the way from a document's clauses to the numbers that the account's kernel reads."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from omc.core.market import Timeframe
from omc.engine.clauses import Distance, FixedSizing, FractionSizing, KellySizing, VolatilitySizing
from omc.engine.document import StrategyDocument
from omc.engine.evaluation import time_text
from omc.engine.indicators import INDICATORS
from omc.engine.kernels import simulation as kernel
from omc.engine.metrics import DAYS_A_YEAR
from omc.engine.operators import Values
from omc.engine.program import Program
from omc.kit.errors import Refusal
from omc.ledgers.columns import BarColumns, Stamps

DAY_S = 86_400
FUNDING_DUE = "costs.funding"
"""The column beside the bars with the funding rate that fell due in each; no input can have this name."""

_KINDS = {
    "market": kernel.MARKET_ORDER,
    "limit": kernel.LIMIT_ORDER,
    "stop": kernel.STOP_ORDER,
    "stop_limit": kernel.STOP_LIMIT_ORDER,
}


def terms_of(document: StrategyDocument) -> Values:
    """Return what the document says as the kernel's `terms`."""
    terms = np.zeros(kernel.TERMS)
    for at, value in {**_costs(document), **_order(document), **_stops(document), **_account(document)}.items():
        terms[at] = value
    return terms


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """How many bars lie before the first decision, and the place in the document that asks for so many."""

    bars: int
    place: str


def history_of(document: StrategyDocument, program: Program) -> History:
    """Return what the conditions, the document itself, its sizing and its stops read before they can be used."""
    asked = [
        History(bars=program.warm_up, place=program.hungriest().place),
        History(bars=document.warm_up_bars, place="/warm_up_bars"),
    ]
    if isinstance(document.sizing, VolatilitySizing):
        asked.append(History(bars=document.sizing.window, place="/sizing/window"))
    if _uses_range(document):
        asked.append(History(bars=document.stops.atr_window, place="/stops/atr_window"))
    return max(asked, key=lambda one: one.bars)


def sizes_of(document: StrategyDocument, columns: BarColumns) -> Values:
    """Return the fraction of the free cash that an entry decided at each bar takes; one value when it never changes."""
    match document.sizing:
        case FractionSizing(fraction=fraction):
            return np.asarray([float(fraction)])
        case KellySizing(start=start):
            return np.asarray([float(start)])
        case FixedSizing():
            return np.asarray([1.0])
        case VolatilitySizing(target=target, window=window, most=most):
            return _steadied(document, columns, float(target), window, float(most))


def ranges_of(document: StrategyDocument, columns: BarColumns) -> Values:
    """Return the average true range at each bar, or one zero where no stop asks for it."""
    if not _uses_range(document):
        return np.zeros(1)
    average = INDICATORS["atr"].column(columns.high, columns.low, columns.close, document.stops.atr_window)
    return np.asarray(average, dtype=np.float64)


def rates_of(document: StrategyDocument, columns: BarColumns, first: int) -> Values:
    """Return the funding rate that fell due in each bar, or one zero where none is read from observations.

    Raises Refusal `input_missing` where the bars do not bring the rates, or not for every bar from `first` on.
    """
    if document.costs.funding is None:
        return np.zeros(1)
    if FUNDING_DUE not in columns.more:
        text = f"the costs read funding rates, and these bars do not bring them; give them as `{FUNDING_DUE}`"
        raise Refusal("input_missing", 422, text, place="/costs/funding")
    rates = columns.more[FUNDING_DUE]
    known = np.isfinite(rates[first:])
    if not known.all():
        when = time_text(int(columns.ts[first + int(np.argmin(known))]))
        text = f"no funding rate is stored for the bar of {when}; choose a span that the rates cover, or import more"
        raise Refusal("input_missing", 422, text, place="/costs/funding")
    return rates


def due_rates(ts: Stamps, rate: Values, columns: BarColumns) -> Values:
    """Return the sum of the rates that fell due in each bar, its close included; NaN where nobody knows.

    `ts` are the instants of the settlements, rising, whose milliseconds are noise. What falls due while bars are
    missing is due in the next one. No settlement is known before the first and after the last one.
    """
    due = np.full(len(columns), np.nan)
    if len(ts) < 2 or len(columns) == 0:
        return due
    closes, at = columns.ts + columns.timeframe_ms, ts // 1_000 * 1_000
    usual = int(np.median(np.diff(at)))
    due[(closes > at[0] - usual) & (closes < at[-1] + usual)] = 0.0
    inside = (at > columns.ts[0]) & (at <= closes[-1])
    np.add.at(due, np.searchsorted(closes, at[inside]), rate[inside])
    return due


def _steadied(document: StrategyDocument, columns: BarColumns, target: float, window: int, most: float) -> Values:
    """Target over the deviation of simple returns, annualised by the square root of time."""
    changes = columns.close[1:] / columns.close[:-1] - 1.0
    spread = np.asarray(INDICATORS["stdev"].column(changes, window), dtype=np.float64)
    a_year = DAYS_A_YEAR * DAY_S / Timeframe.parse(document.timeframe).seconds
    sizes = np.full(len(columns), np.nan)
    with np.errstate(divide="ignore"):
        sizes[1:] = np.minimum(most, target / (spread * np.sqrt(a_year)))
    return sizes


def _costs(document: StrategyDocument) -> dict[int, float]:
    costs = document.costs
    maker = costs.fee_bps if costs.maker_fee_bps is None else costs.maker_fee_bps
    days = Timeframe.parse(document.timeframe).seconds / DAY_S
    return {
        kernel.TAKER: rate(costs.fee_bps),
        kernel.MAKER: rate(maker),
        kernel.SLIPPAGE: rate(costs.slippage_bps),
        kernel.IMPACT: rate(costs.impact_bps),
        kernel.SHARE: float(costs.participation or 0),
        kernel.TICK: float(costs.tick),
        kernel.LOT: float(costs.lot),
        kernel.LEAST: float(costs.min_notional),
        kernel.FUNDING: rate(costs.funding_bps_per_day) * days,
        kernel.DELAY: float(costs.latency_bars),
        kernel.SETTLES: float(costs.funding is not None),
    }


def _order(document: StrategyDocument) -> dict[int, float]:
    order = document.order
    return {
        kernel.KIND: float(_KINDS[order.kind]),
        kernel.OFFSET: rate(order.offset_bps),
        kernel.BAND: rate(order.band_bps),
        kernel.VALID: float(order.valid_bars),
    }


def _stops(document: StrategyDocument) -> dict[int, float]:
    stops = document.stops
    return {
        kernel.STOP: _part(stops.stop, "percent"),
        kernel.STOP_RANGE: _part(stops.stop, "atr"),
        kernel.TARGET: _part(stops.target, "percent"),
        kernel.TARGET_RANGE: _part(stops.target, "atr"),
        kernel.TRAIL: _part(stops.trailing, "percent"),
        kernel.TRAIL_RANGE: _part(stops.trailing, "atr"),
        kernel.LONGEST: float(stops.max_bars or 0),
        kernel.COOLDOWN: float(stops.cooldown_bars),
    }


def _part(distance: Distance | None, kind: str) -> float:
    if distance is None or distance.kind != kind:
        return 0.0
    return float(distance.value) / 100.0 if kind == "percent" else float(distance.value)


def _account(document: StrategyDocument) -> dict[int, float]:
    margin, limits = document.margin, document.limits
    terms = {
        kernel.MOST: float(limits.max_notional or 0),
        kernel.DAY_LOSS: float(limits.max_daily_loss or 0),
        kernel.DEEPEST: float(limits.max_drawdown or 0),
        kernel.LARGEST: float(limits.max_share or 0),
        kernel.GROSS: float(limits.max_gross_exposure or 0),
    }
    if margin is not None:
        terms |= {
            kernel.LEVERAGE: float(margin.leverage),
            kernel.MAINTENANCE: rate(margin.maintenance_bps),
            kernel.PENALTY: rate(margin.liquidation_fee_bps),
        }
    match document.sizing:
        case FixedSizing(amount=amount):
            terms[kernel.AMOUNT] = float(amount)
        case KellySizing(scale=scale, most=most, after=after):
            terms |= {kernel.KELLY: float(scale), kernel.KELLY_MOST: float(most), kernel.KELLY_AFTER: float(after)}
        case _:
            pass
    return terms


def rate(bps: Decimal) -> float:
    """Return hundredths of a percent as a fraction."""
    return float(bps) / 10_000.0


def _uses_range(document: StrategyDocument) -> bool:
    stops = document.stops
    return any(one is not None and one.kind == "atr" for one in (stops.stop, stops.target, stops.trailing))
