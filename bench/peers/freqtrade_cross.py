"""Freqtrade doing the work of `bench/engine_peers.py`: prints the CPU seconds of each round. Its own environment.

Freqtrade is under the GPL: it is measured here and never part of the product. Its exchange is given one market by hand,
so that nothing is asked of a network.
"""

import logging
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from freqtrade.configuration import TimeRange
from freqtrade.enums import RunMode
from freqtrade.exchange import Binance
from freqtrade.optimize.backtesting import Backtesting
from freqtrade.optimize.optimize_reports import generate_backtest_stats

PAIR, BEGAN_MS = "BTC/USDT", 1_600_000_000_000
MARKET = {
    "id": "BTCUSDT",
    "symbol": PAIR,
    "base": "BTC",
    "quote": "USDT",
    "active": True,
    "spot": True,
    "type": "spot",
    "contract": False,
    "taker": 0.001,
    "maker": 0.001,
    "precision": {"amount": 1e-10, "price": 1e-10, "cost": 1e-10},
    "limits": {name: {"min": None, "max": None} for name in ("amount", "price", "cost", "leverage")},
    "info": {},
}


class OneMarket(Binance):
    """An exchange that knows one market and asks nobody."""

    def reload_markets(self, *_: object, **__: object) -> None:
        """Know the market."""
        self._markets = {PAIR: MARKET}
        self._api.markets = self._markets
        self._last_markets_refresh = 1 << 60


def config_in(folder: str) -> dict[str, object]:
    """What a user would write, and that nothing is asked or stored."""
    return {
        "exchange": {"name": "binance", "pair_whitelist": [PAIR], "pair_blacklist": [], "key": "", "secret": ""},
        "pairlists": [{"method": "StaticPairList"}],
        "stake_currency": "USDT",
        "stake_amount": 1_000,
        "dry_run": True,
        "dry_run_wallet": 10_000,
        "max_open_trades": 1,
        "timeframe": "1m",
        "fee": 0.001,
        "strategy": "Averages",
        "strategy_path": str(Path(__file__).parent / "freqtrade_strategy"),
        "user_data_dir": Path(folder),
        "datadir": Path(folder),
        "exportdirectory": Path(folder),
        "dataformat_ohlcv": "feather",
        "candle_type_def": "spot",
        "runmode": RunMode.BACKTEST,
        "export": "none",
        "entry_pricing": {"price_side": "same", "use_order_book": False},
        "exit_pricing": {"price_side": "same", "use_order_book": False},
        "cancel_open_orders_on_exit": False,
        "unfilledtimeout": {"entry": 10, "exit": 10},
        "original_config": {},
        "config_files": [],
        "internals": {},
    }


def main() -> None:
    """Run rounds on the bars of the file given."""
    logging.disable(logging.CRITICAL)
    bars = np.load(sys.argv[1])
    frame = pd.DataFrame({name: bars[name] for name in ("open", "high", "low", "close", "volume")})
    frame.insert(0, "date", pd.to_datetime(bars["ts"] + BEGAN_MS, unit="ms", utc=True))
    with tempfile.TemporaryDirectory() as folder:
        config = config_in(folder)
        exchange = OneMarket(config, validate=False)
        exchange.reload_markets()
        for _ in range(int(sys.argv[2])):
            backtesting = Backtesting(config, exchange)
            backtesting._set_strategy(backtesting.strategylist[0])  # noqa: SLF001 - as its own command does
            data = {PAIR: frame.copy()}
            begun = time.process_time()
            first, last = backtesting.backtest_one_strategy(backtesting.strategylist[0], data, TimeRange())
            stats = generate_backtest_stats(data, backtesting.all_bt_content, min_date=first, max_date=last)
            found = stats["strategy"]["Averages"]
            print(time.process_time() - begun, found["profit_total"], found["total_trades"], flush=True)


main()
