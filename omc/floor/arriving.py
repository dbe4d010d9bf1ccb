"""Owns what who follows waits for: a bar is traded once every symbol has it, with the funding rate that is due in it.

A symbol that has a later bar has a gap, which is passed over as in a backtest. One without bars for long is taken as
not listed any more, so that what else is held is not left alone.
"""

import numpy as np

from omc.core.canonical import instant_text
from omc.engine.market import Market
from omc.engine.terms import FUNDING_DUE
from omc.floor import rules
from omc.floor.cards import instant
from omc.ledgers.columns import BarColumns


def whole_rows(market: Market) -> int:
    """Return how many rows are known of all symbols that are waited for."""
    ends = [_known_until(columns) for symbol, columns in market.bars.items() if symbol not in _quiet(market)]
    return int(np.searchsorted(market.ts, min(ends), side="right"))


def waited_for(market: Market) -> str | None:
    """Say what keeps bars that are there from being traded, or which symbol is not waited for; None where nothing."""
    quiet, said = _quiet(market), []
    for symbol, columns in market.bars.items():
        known, last = _known(columns), int(columns.ts[-1])
        if symbol in quiet:
            said.append(f"{symbol} has had no bar since {_text(last)}: it is neither entered nor left meanwhile")
        elif known < len(columns):
            what = f"the funding rate of the bar of {_text(int(columns.ts[known]))}"
            said.append(market.named(symbol, f"it waits for {what}: import the rates"))
        elif last < market.ts[-1]:
            missing = int(market.ts[np.searchsorted(market.ts, last, side="right")])
            said.append(f"it waits for the bar of {_text(missing)} of {symbol}")
    return "; ".join(said) or None


def _quiet(market: Market) -> set[str]:
    """The symbols without bars for so long that nobody waits for them any more."""
    patience = max(rules.QUIET_MS, rules.QUIET_BARS * market.timeframe_ms)
    return {symbol for symbol, columns in market.bars.items() if market.ts[-1] - columns.ts[-1] > patience}


def _known_until(columns: BarColumns) -> int:
    known = _known(columns)
    return int(columns.ts[known - 1]) if known else -1


def _known(columns: BarColumns) -> int:
    """The bars up to the last whose funding is known: who follows waits for the rates, as for the bars."""
    due = columns.more.get(FUNDING_DUE)
    known = None if due is None else np.flatnonzero(np.isfinite(due))
    return len(columns) if known is None else int(known[-1]) + 1 if len(known) else 0


def _text(ts: int) -> str:
    return instant_text(instant(ts))
