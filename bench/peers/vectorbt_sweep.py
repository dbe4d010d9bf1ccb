"""vectorbt searching the grid of `bench/engine_peers.py`: prints the CPU seconds a combination of each round.

Its own environment. Every second window of each side is taken: the columns of all combinations stand in memory at once.
Its numba back end does it unless a third argument names the other one, `rust`, which takes longer here.
"""

import sys
import time

import numpy as np
import vectorbt as vbt

FAST, SLOW = range(5, 45, 4), range(50, 250, 20)


def crossed(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Above now, and not above at the bar before; acted on one bar later."""
    found = np.zeros(left.shape, dtype=bool)
    found[2:] = (left[1:-1] > right[1:-1]) & (left[:-2] <= right[:-2])
    return found


def main() -> None:
    """Run rounds on the bars of the file given."""
    bars = np.load(sys.argv[1])
    vbt.settings["engine"] = sys.argv[3] if len(sys.argv) > 3 else "numba"
    opened, close = bars["open"][:, None], bars["close"]
    for _ in range(int(sys.argv[2])):
        begun = time.process_time()
        fast, slow = (vbt.MA.run(close, list(windows)).ma.to_numpy() for windows in (FAST, SLOW))
        left, right = np.repeat(fast, len(SLOW), axis=1), np.tile(slow, (1, len(FAST)))
        entries, exits = crossed(left, right), crossed(right, left)
        sizing = {"size": 0.1, "size_type": "percent", "init_cash": 10_000}
        prices = np.broadcast_to(close[:, None], entries.shape)
        made = vbt.Portfolio.from_signals(prices, entries, exits, price=opened, fees=0.001, freq="1min", **sizing)
        total, _, _ = made.total_return(), made.max_drawdown(), made.sharpe_ratio()
        print((time.process_time() - begun) / left.shape[1], float(total.max()), made.trades.count().sum(), flush=True)


main()
