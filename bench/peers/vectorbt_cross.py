"""vectorbt doing the work of `bench/engine_peers.py`: prints the CPU seconds of each round. Its own environment.

vectorbt is under the Commons Clause: it is measured here and never part of the product.
"""

import sys
import time

import numpy as np
import vectorbt as vbt


def crossed(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Above now, and not above at the bar before."""
    found = np.zeros(len(left), dtype=bool)
    found[1:] = (left[1:] > right[1:]) & (left[:-1] <= right[:-1])
    return found


def main() -> None:
    """Run rounds on the bars of the file given."""
    bars = np.load(sys.argv[1])
    opened, close = bars["open"], bars["close"]
    for _ in range(int(sys.argv[2])):
        begun = time.process_time()
        fast, slow = (vbt.MA.run(close, window).ma.to_numpy().ravel() for window in (20, 100))
        entries, exits = (np.roll(found, 1) for found in (crossed(fast, slow), crossed(slow, fast)))
        sizing = {"size": 0.1, "size_type": "percent", "init_cash": 10_000}
        made = vbt.Portfolio.from_signals(close, entries, exits, price=opened, fees=0.001, freq="1min", **sizing)
        total, _, _ = made.total_return(), made.max_drawdown(), made.sharpe_ratio()
        print(time.process_time() - begun, float(np.asarray(total).ravel()[0]), made.trades.count(), flush=True)


main()
