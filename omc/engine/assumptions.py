"""Owns the sentence for every assumption of a run: nothing that shapes a result goes without being said."""

from collections.abc import Mapping

import numpy as np

from omc.core.market import split_symbol
from omc.core.money import text
from omc.engine.decision import Decisions
from omc.engine.document import StrategyDocument
from omc.engine.evaluation import bar_time
from omc.ledgers.columns import BarColumns


def effective(document: StrategyDocument) -> dict[str, str]:
    """What a document assumes, in the order a reader asks: known before there is any data."""
    _, quote = split_symbol(document.universe[0])
    shorts = "allowed; cash from the sale stays in the account, no borrowing cost, no liquidation before zero"
    return {
        "decision": "at the close of each bar, from that bar and earlier ones",
        "order": "market; fills whole at the open of the next bar there is, the last decision stays pending",
        "fee": f"{text(document.costs.fee_bps)} bps of the value of each fill",
        "slippage": f"{text(document.costs.slippage_bps)} bps worse than the open, at each fill",
        "sizing": f"{text(document.sizing.fraction)} of the free cash at each entry, fee and slippage inside it",
        "capital": f"{text(document.capital)} {quote}",
        "short": shorts if document.short_entry else "none; long or flat",
        "stops": "none",
        "liquidity": "any size fills; tick, lot and minimum notional are not applied",
        "funding": "none; a perpetual is treated as spot",
        "gaps": "missing bars stay missing; indicators count bars, not time",
        "end": "an open position is valued at the last close and not sold",
        "benchmark": "holding: all the capital at the first open after the first decision, same fee and slippage",
    }


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
    steps = np.diff(columns.ts) // columns.timeframe_ms
    gaps = steps[steps > 1]
    if len(gaps) == 0:
        return "no bar is missing"
    return f"{int((gaps - 1).sum())} bars are missing in {len(gaps)} gaps, the longest of {int(gaps.max()) - 1} bars"
