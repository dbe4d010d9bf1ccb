"""Owns the compiling of loops ahead of need: `python -m omc.engine.prepared`, once after an installation.

Machine code is kept on disk by the loops' sources, so that nobody's first long run waits for the compiler. What is left
out here is compiled when it is first used.
"""

import numpy as np

from omc.engine.document import StrategyDocument
from omc.engine.kernels import ENOUGH, be_impatient
from omc.engine.portfolio import simulate_together
from omc.engine.reading import read
from omc.engine.simulate import simulate
from omc.engine.sweep import Search, plan, sweep
from omc.engine.validation.bootstrap import reshuffled, uncertainty
from omc.ledgers.columns import BarColumns, bar_columns

_BARS = ENOUGH + 10_000
_SYMBOLS = ("BTC/USDT", "ETH/USDT")
_COMMON = {
    "average": "sma(close, window)",
    "fast": "ema(close, 12)",
    "strength": "rsi(close, 14)",
    "range": "atr(14)",
    "spread": "stdev(close, 20)",
    "top": "highest(high, 20)",
    "bottom": "lowest(low, 20)",
}


def prepare() -> None:
    """Run once, on a market just long enough, what most runs use."""
    be_impatient()
    document, bars = _document(), _walk()
    result = simulate(document, bars)
    simulate_together(document, dict.fromkeys(_SYMBOLS, bars))
    sweep(plan(document, bars, Search(values={"window": (20.0, 30.0)})))
    uncertainty(result.ts, result.equity)
    reshuffled(result.closed.pnl / result.equity[0], seed=0)


def _document() -> StrategyDocument:
    return read(
        {
            "schema": "omc-strategy/1",
            "name": "Common",
            "universe": _SYMBOLS,
            "timeframe": "1m",
            "parameters": {"window": 20},
            "features": _COMMON,
            "entry": "crosses_above(close, average) and fast > bottom + range",
            "exit": "crosses_below(close, average) or strength > 90 or close > top + spread",
            "sizing": {"kind": "fraction", "fraction": "0.1"},
            "costs": {"fee_bps": "10", "slippage_bps": "5"},
        }
    )


def _walk() -> BarColumns:
    closes = 100.0 * np.exp(np.cumsum(np.random.default_rng(0).normal(0.0, 0.001, _BARS)))
    minutes = 60_000 * np.arange(_BARS)
    volume = np.ones(_BARS)
    return bar_columns(
        ts=minutes, open=closes, high=closes, low=closes, close=closes, volume=volume, timeframe_ms=60_000
    )


if __name__ == "__main__":
    prepare()
