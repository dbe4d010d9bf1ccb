"""backtesting.py doing the work of `bench/engine_peers.py`: prints the CPU seconds of each round. Its own environment.

backtesting.py is under the AGPL: it is measured here and never part of the product.
"""

import sys
import time

import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy
from backtesting.lib import crossover


def mean(values: np.ndarray, window: int) -> np.ndarray:
    """Simple moving average."""
    return pd.Series(values).rolling(window).mean().to_numpy()


class Cross(Strategy):
    """Long above, flat below."""

    def init(self) -> None:
        """Prepare the indicators."""
        self.fast = self.I(mean, self.data.Close, 20)
        self.slow = self.I(mean, self.data.Close, 100)

    def next(self) -> None:
        """Trade a crossing."""
        if crossover(self.fast, self.slow):
            self.buy(size=0.1)
        elif crossover(self.slow, self.fast):
            self.position.close()


def main() -> None:
    """Run rounds on the bars of the file given."""
    bars = np.load(sys.argv[1])
    names = {"Open": "open", "High": "high", "Low": "low", "Close": "close", "Volume": "volume"}
    frame = pd.DataFrame({name: bars[own] for name, own in names.items()}, index=pd.to_datetime(bars["ts"], unit="ms"))
    for _ in range(int(sys.argv[2])):
        begun = time.process_time()
        found = Backtest(frame, Cross, cash=10_000_000, commission=0.001, finalize_trades=True).run()
        print(time.process_time() - begun, found["Return [%]"] / 100, found["# Trades"], flush=True)


main()
