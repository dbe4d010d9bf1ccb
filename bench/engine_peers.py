"""The engine beside its peers on the same bars, in CPU seconds, rounds taken in turn: SMA(20)/SMA(100) cross.

Run `python -m bench.engine_peers NAME=PYTHON…`, a peer's name and the interpreter of the environment that it is
installed in, for example `vectorbt=/tmp/vectorbt/bin/python`. Peers are in `bench/peers/`; their licences keep them out
of the product. Work: indicators, simulation, final statistics; long or flat, next open, 0.1 % fee, 10 % of free cash.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from bench.engine import MINUTE_MS, a_cross, a_market
from omc.engine import BarColumns, simulate

ROUNDS = 5
SIZES = (100_000, 1_000_000)


def own(bars: BarColumns) -> float:
    """CPU seconds of one run of ours."""
    begun = time.process_time()
    simulate(a_cross("1m"), bars)
    return time.process_time() - begun


def main() -> None:
    """Print smallest and median seconds, and the ratio of the medians of rounds taken in turn."""
    peers = dict(argument.split("=", 1) for argument in sys.argv[1:])
    for size in SIZES:
        bars = a_market(size, timeframe_ms=MINUTE_MS)
        _ = bars.data_hash, own(bars)
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "bars.npz"
            columns = {name: getattr(bars, name) for name in ("ts", "open", "high", "low", "close", "volume")}
            np.savez(path, **columns)
            ours: list[float] = []
            theirs: dict[str, list[float]] = {name: [] for name in peers}
            for name, python in peers.items():
                script = Path(__file__).parent / "peers" / f"{name}_cross.py"
                command = [python, str(script), str(path), str(ROUNDS + 1)]
                with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
                    assert process.stdout is not None
                    for line in process.stdout:
                        theirs[name].append(float(line.split()[0]))
                        ours += [own(bars) for _ in range(3)]
            ours = ours or [own(bars) for _ in range(ROUNDS)]
            best = min(ours)
            print(f"{size:>9} bars  omc           {best * 1e3:9.1f} ms  {best * 1e9 / size:8.1f} ns a bar")
            for name, seconds in theirs.items():
                warm = seconds[1:]
                ratio = statistics.median(warm) / statistics.median(ours)
                print(f"{size:>9} bars  {name:12}  {min(warm) * 1e3:9.1f} ms  {ratio:8.1f} times ours (medians)")


if __name__ == "__main__":
    main()
