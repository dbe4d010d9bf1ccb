"""How fast the engine is, in CPU seconds of this process: one run, many runs, a decision, and its import.

Run `python -m bench.engine`; `--json` for one object. The work is the one that peers are compared on: SMA(20)/SMA(100)
cross, long or flat, next open, 0.1 % fee, 10 % of free cash, indicators, simulation and final statistics together.
"""

import resource
import subprocess
import sys

import numpy as np

from bench.measuring import least_cpu_s, tell
from omc.engine import (
    BarColumns,
    Plan,
    StrategyDocument,
    bar_columns,
    decide,
    plain,
    read,
    simulate,
    simulate_together,
    walk_forward,
)
from omc.engine.sweep import Search, plan, sweep

ROUNDS = 5
YEAR_OF_HOURS = 8_760
MINUTE_MS, HOUR_MS = 60_000, 3_600_000


def a_market(bars: int, *, timeframe_ms: int) -> BarColumns:
    """A random walk with the volatility of Bitcoin by the minute."""
    random = np.random.default_rng(7)
    close = 30_000 * np.exp(np.cumsum(random.normal(0, 0.0008, bars)))
    opened = np.concatenate((close[:1], close[:-1]))
    return bar_columns(
        ts=timeframe_ms * np.arange(bars),
        open=opened,
        high=np.maximum(opened, close) * 1.0003,
        low=np.minimum(opened, close) * 0.9997,
        close=close,
        volume=random.lognormal(2, 1, bars),
        timeframe_ms=timeframe_ms,
    )


def a_cross(timeframe: str) -> StrategyDocument:
    """The strategy of the comparison."""
    return read(
        {
            "schema": "omc-strategy/1",
            "name": "Averages cross",
            "universe": ["BTC/USDT"],
            "timeframe": timeframe,
            "parameters": {"fast_window": 20, "slow_window": 100},
            "features": {"fast": "sma(close, fast_window)", "slow": "sma(close, slow_window)"},
            "entry": "crosses_above(fast, slow)",
            "exit": "crosses_below(fast, slow)",
            "sizing": {"kind": "fraction", "fraction": "0.1"},
            "costs": {"fee_bps": "10", "slippage_bps": "0"},
        }
    )


def in_new_process_s(code: str) -> float:
    """CPU seconds that some code takes in a new process, less those of starting Python."""
    least = {one: min(_of_process(one) for _ in range(ROUNDS)) for one in ("pass", code)}
    return least[code] - least["pass"]


def _of_process(code: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


FIRST_RUN = """
from bench.engine import MINUTE_MS, a_cross, a_market
from omc.engine import simulate
simulate(a_cross("1m"), a_market(100_000, timeframe_ms=MINUTE_MS))
"""
GRID = {"fast_window": tuple(range(5, 45, 2)), "slow_window": tuple(range(50, 250, 10))}
SYMBOLS = tuple(f"S{number}/USDT" for number in range(20))


def of_single_runs() -> dict[str, float]:
    """Runs on one symbol, from long to short."""
    minutes, hours = a_cross("1m"), a_cross("1h")
    thousand, small, large = (a_market(bars, timeframe_ms=MINUTE_MS) for bars in (1_000, 100_000, 1_000_000))
    year = a_market(YEAR_OF_HOURS, timeframe_ms=HOUR_MS)
    _ = [bars.data_hash for bars in (thousand, small, large, year)]  # taken once per series, not per run
    million = least_cpu_s(lambda: simulate(minutes, large))
    return {
        "one_run_1m_bars_ns_a_bar": million * 1e3,
        "one_run_100k_bars_ms": least_cpu_s(lambda: simulate(minutes, small)) * 1e3,
        "one_run_1000_bars_ms": least_cpu_s(lambda: simulate(minutes, thousand), rounds=100) * 1e3,
        "one_run_year_of_hours_ms": least_cpu_s(lambda: simulate(hours, year)) * 1e3,
        "decision_on_year_of_hours_ms": least_cpu_s(lambda: decide(hours, year)) * 1e3,
    }


def of_many_runs() -> dict[str, float]:
    """A search, a walk-forward, and several symbols on one account; each from a document."""
    minutes, small = a_cross("1m"), a_market(100_000, timeframe_ms=MINUTE_MS)
    large = a_market(1_000_000, timeframe_ms=MINUTE_MS)
    together = read(plain(minutes) | {"universe": SYMBOLS})
    markets = {symbol: a_market(100_000, timeframe_ms=MINUTE_MS) for symbol in SYMBOLS}
    _ = [bars.data_hash for bars in (small, large, *markets.values())]
    search, walk = Search(values=GRID), Plan(windows=12, values=GRID)
    return {
        "sweep_400_sets_100k_bars_ns_a_bar_and_set": least_cpu_s(lambda: sweep(plan(minutes, small, search))) * 25,
        "walk_forward_12_windows_400_sets_1m_bars_s": least_cpu_s(lambda: walk_forward(minutes, large, walk), rounds=1),
        "20_symbols_100k_bars_ms": least_cpu_s(lambda: simulate_together(together, markets)) * 1e3,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def figures() -> dict[str, float]:
    """Every figure by its name, unit last."""
    starts = {
        "import_s": in_new_process_s("import omc.engine"),
        "first_run_100k_bars_in_a_new_process_s": in_new_process_s(FIRST_RUN),
    }
    return of_single_runs() | of_many_runs() | starts


if __name__ == "__main__":
    tell(figures, __doc__)
