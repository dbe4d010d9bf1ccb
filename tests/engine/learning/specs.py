"""Specifications of models with defaults, and markets that have something to be learned."""

from importlib import import_module
from typing import Any

import numpy as np

from omc.engine import BarColumns, bar_columns
from omc.engine.learning.spec import ModelSpec, read_spec
from tests.engine.builders import HOUR_MS, START_MS

FEATURES = {
    "momentum": "close / lag(close, 5) - 1",
    "strength": "rsi(close, 14)",
    "width": "atr(14) / close",
    "above": "close > sma(close, 20)",
}


def library(name: str) -> Any:
    """Load one of the libraries that train, to compare with."""
    return import_module(name)


def a_raw_spec(**changes: object) -> dict[str, object]:
    """The plain form of a specification; a change of None leaves the setting out."""
    raw: dict[str, object] = {
        "schema": "omc-model/1",
        "name": "Will it rise",
        "universe": ["BTC/USDT"],
        "timeframe": "1h",
        "features": FEATURES,
        "target": {"kind": "forward_return", "bars": 4},
        "task": "classify",
        "model": {"kind": "logistic"},
        "cross_validation": {"folds": 4, "embargo_bars": 10},
        "seed": 7,
    }
    return {name: value for name, value in (raw | changes).items() if value is not None}


def a_spec(**changes: object) -> ModelSpec:
    """The same, read."""
    return read_spec(a_raw_spec(**changes))


def a_trending_market(count: int, *, seed: int = 1, edge: float = 0.3) -> BarColumns:
    """Hourly bars whose returns go on as they went: each is `edge` of the one before, and noise."""
    random = np.random.default_rng(seed)
    moves = random.normal(0, 0.01, count)
    for at in range(1, count):
        moves[at] += edge * moves[at - 1]
    close = 100 * np.exp(np.cumsum(moves))
    opened = np.concatenate((close[:1], close[:-1]))
    return bar_columns(
        ts=START_MS + HOUR_MS * np.arange(count),
        open=opened,
        high=np.maximum(opened, close) * np.exp(random.random(count) * 0.003),
        low=np.minimum(opened, close) * np.exp(-random.random(count) * 0.003),
        close=close,
        volume=random.lognormal(2, 1, count),
        timeframe_ms=HOUR_MS,
    )
