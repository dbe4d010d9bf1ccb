"""The strategy of `freqtrade_cross.py`, in a file of its own, as Freqtrade finds strategies by folder."""

from typing import ClassVar

import pandas as pd
from freqtrade.strategy import IStrategy


class Averages(IStrategy):
    """Long above, flat below; nothing else ends a position."""

    INTERFACE_VERSION = 3
    timeframe = "1m"
    startup_candle_count = 100
    minimal_roi: ClassVar[dict[str, float]] = {}
    stoploss = -0.99
    use_exit_signal = True
    process_only_new_candles = True

    def populate_indicators(self, frame: pd.DataFrame, _: dict[str, str]) -> pd.DataFrame:
        """Two averages of the close."""
        frame["fast"] = frame["close"].rolling(20).mean()
        frame["slow"] = frame["close"].rolling(100).mean()
        return frame

    def populate_entry_trend(self, frame: pd.DataFrame, _: dict[str, str]) -> pd.DataFrame:
        """Enter where the fast one crosses above."""
        above = frame["fast"] > frame["slow"]
        before = frame["fast"].shift() <= frame["slow"].shift()
        frame.loc[above & before, "enter_long"] = 1
        return frame

    def populate_exit_trend(self, frame: pd.DataFrame, _: dict[str, str]) -> pd.DataFrame:
        """Leave where the slow one crosses above."""
        below = frame["slow"] > frame["fast"]
        before = frame["slow"].shift() <= frame["fast"].shift()
        frame.loc[below & before, "exit_long"] = 1
        return frame

    def custom_stake_amount(self, **_: object) -> float:
        """A tenth of the free cash."""
        return float(self.wallets.get_free("USDT")) * 0.1
