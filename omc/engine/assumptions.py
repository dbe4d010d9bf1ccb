"""Owns the sentence for every assumption of a run: nothing that shapes a result goes without being said."""

from collections.abc import Mapping
from decimal import Decimal

import numpy as np

from omc.core.market import split_symbol
from omc.core.money import text
from omc.engine.clauses import (
    FixedSizing,
    FractionSizing,
    Input,
    KellySizing,
    ModelInput,
    SeriesInput,
    VolatilitySizing,
)
from omc.engine.decision import Decisions
from omc.engine.document import StrategyDocument
from omc.engine.evaluation import bar_time
from omc.ledgers.columns import BarColumns


def effective(document: StrategyDocument) -> dict[str, str]:
    """What a document assumes, in the order a reader asks: known before there is any data."""
    _, quote = split_symbol(document.universe[0])
    return {
        "decision": "at the close of each bar, from that bar and earlier ones",
        "order": _order(document),
        "latency": _latency(document),
        "fee": _fee(document),
        "slippage": _slippage(document),
        "sizing": _sizing(document, quote),
        "capital": f"{text(document.capital)} {quote}",
        "account": _account(document),
        "short": _short(document),
        "stops": _stops(document),
        "margin": _margin(document),
        "limits": _limits(document, quote),
        "liquidity": _liquidity(document),
        "venue": _venue(document, quote),
        "funding": _funding(document),
        "inputs": _inputs(document),
        "gaps": "missing bars stay missing; indicators count bars, not time",
        "end": "an open position is valued at the last close and not sold",
        "benchmark": "holding: all the capital at the first open after the first decision, same fee and slippage",
    }


def _order(document: StrategyDocument) -> str:
    order = document.order
    waits = f"waits {order.valid_bars} bars, then is cancelled"
    away = f"{text(order.offset_bps)} bps"
    match order.kind:
        case "market":
            return "market; fills at the open of the next bar there is, the last decision stays pending"
        case "limit":
            return f"limit {away} better than the deciding close; fills when the price goes through it; {waits}"
        case "stop":
            return f"stop {away} beyond the deciding close; fills at that price or the open behind it; {waits}"
        case "stop_limit":
            return f"stop {away} beyond the deciding close, then limit {text(order.band_bps)} bps beyond it; {waits}"


def _latency(document: StrategyDocument) -> str:
    late = document.costs.latency_bars
    return f"an order acts {late} bars after the next open" if late else "none; an order acts at the next open"


def _fee(document: StrategyDocument) -> str:
    costs = document.costs
    taker = f"{text(costs.fee_bps)} bps of the value of each fill"
    if costs.maker_fee_bps is None:
        return taker
    return f"{taker}; {text(costs.maker_fee_bps)} bps where an order rested (limits, targets)"


def _slippage(document: StrategyDocument) -> str:
    costs = document.costs
    spread = f"{text(costs.slippage_bps)} bps worse than the price, at each fill that takes"
    if not costs.impact_bps:
        return spread
    share = f"{text(costs.impact_bps)} bps times the square root of its share of the bar's volume"
    return f"{spread}, and {share}; a sale brings at least a hundredth of the price"


def _sizing(document: StrategyDocument, quote: str) -> str:
    inside = "at each entry, fee and slippage inside it"
    match document.sizing:
        case FractionSizing(fraction=fraction):
            return f"{text(fraction)} of the free cash {inside}"
        case FixedSizing(amount=amount):
            return f"{text(amount)} {quote}, or what there is, {inside}"
        case VolatilitySizing(target=target, window=window, most=most):
            said = f"{text(target)} a year over the deviation of the last {window} returns"
            return f"{said}, at most {text(most)}, of the free cash {inside}"
        case KellySizing(scale=scale, most=most, start=start, after=after):
            said = f"{text(scale)} of the Kelly fraction of the positions closed so far, at most {text(most)}"
            return f"{said}; {text(start)} until {after} are closed; of the free cash {inside}"


def _account(document: StrategyDocument) -> str:
    alone, count = "one symbol with all the cash", len(document.universe)
    if count == 1:
        return alone
    return f"{alone}; the universe names {count}, which share the cash only where they are tested together"


def _short(document: StrategyDocument) -> str:
    if not document.short_entry:
        return "none; long or flat"
    if document.margin is not None:
        return "allowed, on margin"
    return "allowed; cash from the sale stays in the account, no borrowing cost, no liquidation before zero"


def _stops(document: StrategyDocument) -> str:
    stops = document.stops
    parts = [
        f"{name} {text(distance.value)} {'%' if distance.kind == 'percent' else f'x ATR({stops.atr_window})'}"
        for name, distance in (("stop", stops.stop), ("target", stops.target), ("trailing", stops.trailing))
        if distance is not None
    ]
    if stops.max_bars is not None:
        parts.append(f"at most {stops.max_bars} bars")
    if stops.cooldown_bars:
        parts.append(f"no entry for {stops.cooldown_bars} bars after one")
    if not parts:
        return "none"
    rule = "a stop and a target in one bar are a stop; a gap fills at the open; a target never fills better"
    return f"{', '.join(parts)}; {rule}"


def _margin(document: StrategyDocument) -> str:
    margin = document.margin
    if margin is None:
        return "none; spot"
    kept = f"liquidated when equity is {text(margin.maintenance_bps)} bps of the position's value"
    return f"up to {text(margin.leverage)} times the cash; {kept}, for {text(margin.liquidation_fee_bps)} bps more"


def _limits(document: StrategyDocument, quote: str) -> str:
    limits = document.limits
    parts = [
        words
        for value, words in (
            (limits.max_notional, f"an entry of at most {_said(limits.max_notional)} {quote}"),
            (limits.max_positions, f"at most {limits.max_positions} positions at once"),
            (limits.max_share, f"an entry of at most {_said(limits.max_share)} of the equity"),
            (
                limits.max_gross_exposure,
                f"all positions together, at most {_said(limits.max_gross_exposure)} of the equity",
            ),
            (limits.max_daily_loss, f"flat for the UTC day after a loss of {_said(limits.max_daily_loss)}"),
            (limits.max_drawdown, f"flat for good after a drawdown of {_said(limits.max_drawdown)}"),
        )
        if value is not None
    ]
    return "; ".join(parts) or "none"


def _liquidity(document: StrategyDocument) -> str:
    share = document.costs.participation
    if share is None:
        return "any size fills at once"
    return f"a fill takes at most {text(share)} of its bar's volume, the rest waits; stops and targets fill whole"


def _venue(document: StrategyDocument, quote: str) -> str:
    costs = document.costs
    if not (costs.tick or costs.lot or costs.min_notional):
        return "tick, lot and minimum notional are not applied"
    return f"tick {text(costs.tick)}, lot {text(costs.lot)}, minimum notional {text(costs.min_notional)} {quote}"


def _funding(document: StrategyDocument) -> str:
    if (read := document.costs.funding) is not None:
        named = read.series or "funding:SYMBOL"
        return f"the stored rates of {named}, each paid at the close of its bar on what is held there, at that close"
    daily = document.costs.funding_bps_per_day
    return f"a long pays {text(daily)} bps a day, a short gets it" if daily else "none; a perpetual is treated as spot"


def _inputs(document: StrategyDocument) -> str:
    return "; ".join(f"{name}: {_input(given)}" for name, given in document.inputs.items()) or "none"


def _input(given: Input) -> str:
    match given:
        case SeriesInput(series=series, max_age=age):
            return f"{series} as it was known at each close, for at most {age} after it was seen"
        case ModelInput(model=model):
            return f"what the model {model[:12]} says of each bar after those that it was trained on"


def _said(value: Decimal | None) -> str:
    return "" if value is None else text(value)


def assumptions_of(
    document: StrategyDocument, columns: BarColumns, decisions: Decisions, parameters: Mapping[str, float]
) -> dict[str, str]:
    """What a run assumed, its data and warm-up among it."""
    chosen = dict(document.parameters) | dict(parameters)
    values = ", ".join(f"{name} = {value:g}" for name, value in sorted(chosen.items()))
    needs, place = decisions.program.warm_up, decisions.program.hungriest().place
    starts = f"the first decision is at the bar of {bar_time(columns, decisions.first)}"
    return effective(document) | {
        "parameters": values or "none",
        "warm_up": f"{needs} bars are needed ({place}); {starts}",
        "data": f"{len(columns)} bars of {document.timeframe}, {bar_time(columns, 0)} to {bar_time(columns, -1)}",
        "missing": _missing(columns),
    }


def _missing(columns: BarColumns) -> str:
    if int(columns.ts[-1] - columns.ts[0]) == (len(columns) - 1) * columns.timeframe_ms:
        return "no bar is missing"
    steps = np.diff(columns.ts)
    gaps = steps[steps > columns.timeframe_ms] // columns.timeframe_ms
    gaps = gaps[gaps > 1]
    if len(gaps) == 0:
        return "no bar is missing"
    return f"{int((gaps - 1).sum())} bars are missing in {len(gaps)} gaps, the longest of {int(gaps.max()) - 1} bars"
