"""The engine beside its peers on the same bars, in CPU seconds, rounds taken in turn: SMA(20)/SMA(100) cross.

Run `python -m bench.engine_peers NAME=PYTHON…`, a peer's name and the interpreter of the environment that it is
installed in, for example `vectorbt=/tmp/vectorbt/bin/python`. Peers are in `bench/peers/`; their licences keep them out
of the product. Work: indicators, simulation, final statistics; long or flat, next open, 0.1 % fee, 10 % of free cash.
A peer that has a `_sweep.py` searches a grid too, which is told by the combination; Freqtrade takes two minutes for a
million bars, so that it runs once.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.engine import GRID, MINUTE_MS, a_cross, a_market
from omc.engine import BarColumns, simulate
from omc.engine.sweep import Search, plan, sweep

ROUNDS = {"freqtrade": 0}
USUAL_ROUNDS = 5
SIZES = (100_000, 1_000_000)
PEERS = Path(__file__).parent / "peers"


def one_run(bars: BarColumns) -> float:
    """CPU seconds of one run of ours."""
    begun = time.process_time()
    simulate(a_cross("1m"), bars)
    return time.process_time() - begun


def one_combination(bars: BarColumns) -> float:
    """CPU seconds of ours for each combination of a search."""
    begun = time.process_time()
    sweep(plan(a_cross("1m"), bars, Search(values=GRID)))
    return (time.process_time() - begun) / 400


def compare(bars: BarColumns, kind: str, own: Callable[[BarColumns], float], peers: dict[str, str]) -> None:
    """Print smallest and median seconds of a kind of work, and the ratio of the medians of rounds taken in turn."""
    _ = bars.data_hash, own(bars)
    ours, theirs = [own(bars) for _ in range(USUAL_ROUNDS)], dict[str, list[float]]()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "bars.npz"
        np.savez(path, **{name: getattr(bars, name) for name in ("ts", "open", "high", "low", "close", "volume")})
        for name, python in peers.items():
            script = PEERS / f"{name}_{kind}.py"
            if not script.exists():
                continue
            theirs[name] = []
            command = [python, str(script), str(path), str(ROUNDS.get(name, USUAL_ROUNDS) + 1)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout is not None
                for line in process.stdout:
                    theirs[name].append(float(line.split()[0]))
                    ours += [own(bars) for _ in range(3)]
    head, best = f"{len(bars):>9} bars  {kind:5}", min(ours)
    print(f"{head}  omc           {best * 1e3:9.2f} ms  {best * 1e9 / len(bars):8.1f} ns a bar", flush=True)
    for name, seconds in theirs.items():
        warm = seconds[1:] or seconds
        least, usual = min(warm) / best, statistics.median(warm) / statistics.median(ours)
        print(f"{head}  {name:12}  {min(warm) * 1e3:9.1f} ms  {least:8.1f} times ours, {usual:.1f} by medians")


def main() -> None:
    """Compare single runs, then a search."""
    peers = dict(argument.split("=", 1) for argument in sys.argv[1:])
    for size in SIZES:
        compare(a_market(size, timeframe_ms=MINUTE_MS), "cross", one_run, peers)
    compare(a_market(SIZES[0], timeframe_ms=MINUTE_MS), "sweep", one_combination, peers)


if __name__ == "__main__":
    main()
