"""The engine on real candles, where the shared recordings stand beside the checkout."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from omc.engine import BarColumns, Plan, bar_columns, decide, signals, simulate, walk_forward
from tests.engine.builders import a_document

FILES = {"binance_BTC-USDT_1h_2017-08_2022-12.parquet": "1h", "binance_BTC-USDT_5m_2022-12_2023-06.parquet": "5m"}
LENGTH_MS = {"1h": 3_600_000, "5m": 300_000}
CROSS = {
    "parameters": {"fast_window": 20, "slow_window": 100},
    "features": {"fast": "sma(close, fast_window)", "slow": "sma(close, slow_window)"},
}


def candles(shared_data: Path, name: str) -> BarColumns:
    path = shared_data / "bars" / name
    if not path.exists():
        pytest.skip(f"{name} is not among the shared recordings")
    frame = pl.read_parquet(path)
    return bar_columns(
        ts=frame["ts"].dt.epoch("ms").to_numpy(),
        open=frame["open"].to_numpy(),
        high=frame["high"].to_numpy(),
        low=frame["low"].to_numpy(),
        close=frame["close"].to_numpy(),
        volume=frame["volume"].to_numpy(),
        timeframe_ms=LENGTH_MS[FILES[name]],
    )


@pytest.mark.parametrize("name", FILES)
def test_a_cross_on_real_candles_has_every_figure(shared_data: Path, name: str) -> None:
    bars = candles(shared_data, name)
    result = simulate(a_document(timeframe=FILES[name], **CROSS), bars)
    assert all(metric.value is not None and np.isfinite(metric.value) for metric in result.metrics)
    assert len(result.closed.pnl) > 100
    assert "bars are missing" in result.assumptions["missing"]


def test_no_fill_lies_inside_the_outage_of_march_2023(shared_data: Path) -> None:
    bars = candles(shared_data, "binance_BTC-USDT_5m_2022-12_2023-06.parquet")
    quick = a_document(timeframe="5m", features={}, entry="close > open", exit="close < open")
    fills = simulate(quick, bars).fills.ts
    assert np.isin(fills, bars.ts).all()
    start, end = 1_679_661_600_000, 1_679_666_400_000  # 2023-03-24 12:40 to 14:00 UTC: trading was halted
    assert not ((fills >= start) & (fills < end)).any()


def test_live_decisions_on_real_candles_are_those_of_the_backtest(shared_data: Path) -> None:
    bars = candles(shared_data, "binance_BTC-USDT_1h_2017-08_2022-12.parquet").slice(0, 3_000)
    document = a_document(entry="rsi(close, 14) < 30 and atr(14) > stdev(close, 20) / 4", exit="rsi(close, 14) > 60")
    whole = signals(document, bars).wanted
    for cut in np.random.default_rng(5).integers(100, 3_000, 50).tolist():
        assert (decide(document, bars.slice(0, cut)).wanted == "long") == bool(whole[cut - 1])


def test_a_walk_forward_over_five_years_chains_its_windows(shared_data: Path) -> None:
    bars = candles(shared_data, "binance_BTC-USDT_1h_2017-08_2022-12.parquet")
    tested = walk_forward(a_document(**CROSS), bars, Plan(windows=6))
    assert len({tuple(window.parameters.items()) for window in tested.windows}) > 1
    assert tested.out_of_sample.ts[-1] == bars.ts[-1]
