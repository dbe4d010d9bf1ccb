"""How fast the engine is, in CPU seconds of this process: one run, a walk-forward, a decision, and its import.

Run `python bench/engine.py`; `--json` for one object. The work is the one that peers are compared on: SMA(20)/SMA(100)
cross, long or flat, next open, 0.1 % fee, 10 % of free cash, indicators, simulation and final statistics together.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

from omc.engine import BarColumns, Plan, StrategyDocument, bar_columns, decide, read, simulate, walk_forward

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


def least_cpu_s(work: Callable[[], object]) -> float:
    """The smallest CPU time of several warm rounds."""
    times = []
    for _ in range(ROUNDS + 1):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times[1:])


def import_s() -> float:
    """Seconds to import the engine in a new process, less those of starting Python."""
    least = {}
    for code in ("pass", "import omc.engine"):
        times = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            times.append(time.perf_counter() - begun)
        least[code] = min(times)
    return least["import omc.engine"] - least["pass"]


def figures() -> dict[str, float]:
    """Every figure by its name, unit last."""
    minutes, hours = a_cross("1m"), a_cross("1h")
    small, large = a_market(100_000, timeframe_ms=MINUTE_MS), a_market(1_000_000, timeframe_ms=MINUTE_MS)
    year = a_market(YEAR_OF_HOURS, timeframe_ms=HOUR_MS)
    _ = small.data_hash, large.data_hash, year.data_hash  # taken once per series, not per run
    million = least_cpu_s(lambda: simulate(minutes, large))
    return {
        "one_run_1m_bars_ms": million * 1e3,
        "one_run_ns_a_bar": million * 1e3,
        "one_run_100k_bars_ms": least_cpu_s(lambda: simulate(minutes, small)) * 1e3,
        "one_run_year_of_hours_ms": least_cpu_s(lambda: simulate(hours, year)) * 1e3,
        "walk_forward_6_windows_25_sets_year_of_hours_ms": least_cpu_s(
            lambda: walk_forward(hours, year, Plan(windows=6))
        )
        * 1e3,
        "decision_on_year_of_hours_ms": least_cpu_s(lambda: decide(hours, year)) * 1e3,
        "import_ms": import_s() * 1e3,
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    found = figures()
    if parser.parse_args().json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:50} {value:12.2f}")


if __name__ == "__main__":
    main()
