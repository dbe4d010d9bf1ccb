"""Bars and documents with defaults, for tests of the engine and of what stands on it."""

from collections.abc import Sequence

import numpy as np

from omc.engine import BarColumns, StrategyDocument, bar_columns, read

HOUR_MS = 3_600_000
START_MS = 1_704_067_200_000  # 2024-01-01 00:00 UTC


def a_raw_document(**changes: object) -> dict[str, object]:
    """The plain form of a moving-average cross; a change of None leaves the setting out."""
    raw: dict[str, object] = {
        "schema": "omc-strategy/1",
        "name": "Averages cross",
        "universe": ["BTC/USDT"],
        "timeframe": "1h",
        "features": {"fast": "sma(close, 3)", "slow": "sma(close, 8)"},
        "entry": "crosses_above(fast, slow)",
        "exit": "crosses_below(fast, slow)",
        "sizing": {"kind": "fraction", "fraction": "1"},
        "costs": {"fee_bps": "10", "slippage_bps": "5"},
    }
    return {name: value for name, value in (raw | changes).items() if value is not None}


def a_document(**changes: object) -> StrategyDocument:
    """The same, read."""
    return read(a_raw_document(**changes))


def bars_of(
    closes: Sequence[float], *, opens: Sequence[float] | None = None, missing: Sequence[int] = ()
) -> BarColumns:
    """Hourly bars with these closes; each opens at the close before unless told; rows in `missing` are left out."""
    close = np.asarray(closes, dtype=np.float64)
    opened = np.concatenate((close[:1], close[:-1])) if opens is None else np.asarray(opens, dtype=np.float64)
    kept = np.setdiff1d(np.arange(len(close)), np.asarray(missing, dtype=np.int64))
    return bar_columns(
        ts=(START_MS + HOUR_MS * np.arange(len(close)))[kept],
        open=opened[kept],
        high=np.maximum(opened, close)[kept] * 1.001,
        low=np.minimum(opened, close)[kept] * 0.999,
        close=close[kept],
        volume=np.full(len(kept), 10.0),
        timeframe_ms=HOUR_MS,
    )


def a_walk(count: int, *, seed: int = 1, drift: float = 0.0) -> BarColumns:
    """Hourly bars of a random walk."""
    random = np.random.default_rng(seed)
    closes = 100 * np.exp(np.cumsum(random.normal(drift, 0.01, count)))
    return bars_of(closes.tolist(), opens=(closes * np.exp(random.normal(0, 0.002, count))).tolist())


def a_wild_market(count: int, *, seed: int = 3) -> BarColumns:
    """Hourly bars with all that markets do: quiet hours of one price and no volume, jumps, and a price that repeats."""
    random = np.random.default_rng(seed)
    moves = random.normal(0, 0.01, count) * (random.random(count) > 0.2)
    moves[count // 2 : count // 2 + 40] = 0.0
    moves[count // 3] = 5.0
    close = np.round(100 * np.exp(np.cumsum(moves)), 2)
    opened = np.concatenate((close[:1], close[:-1]))
    reach = np.round(random.random((2, count)) * 0.01 * close * (moves != 0.0), 2)
    return bar_columns(
        ts=START_MS + HOUR_MS * np.arange(count),
        open=opened,
        high=np.maximum(opened, close) + reach[0],
        low=np.minimum(opened, close) - reach[1],
        close=close,
        volume=np.round(random.lognormal(2, 1, count), 3) * (moves != 0.0),
        timeframe_ms=HOUR_MS,
    )


def a_traded_market(count: int, *, seed: int = 5) -> BarColumns:
    """Hourly bars of a random walk with ranges and volumes of their own, in which something moves at every bar."""
    random = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.01, count)))
    opened = np.concatenate((close[:1], close[:-1])) * np.exp(random.normal(0, 0.001, count))
    return bar_columns(
        ts=START_MS + HOUR_MS * np.arange(count),
        open=opened,
        high=np.maximum(opened, close) * np.exp(random.random(count) * 0.01),
        low=np.minimum(opened, close) * np.exp(-random.random(count) * 0.01),
        close=close,
        volume=random.lognormal(2, 1, count),
        timeframe_ms=HOUR_MS,
    )
