"""Markets as they should not be: each gives a result without a hole, or a sentence with the place in the document."""

import dataclasses

import numpy as np
import pytest

from omc.engine import BarColumns, Result, StrategyDocument, bar_columns, simulate
from omc.kit.errors import Refusal
from tests.engine.builders import HOUR_MS, START_MS, a_document, a_walk, bars_of

COUNT = 300
MARGIN = {"margin": {"leverage": "5"}, "sizing": {"kind": "fraction", "fraction": "3"}}
SHORT = {"short_entry": "close > 1", "short_exit": "close < 0"}
FLAT = {"features": {"z": "1 / stdev(close, 10)"}, "entry": "z > 1", "exit": "z < 1"}
UP_ONLY = (100 * 1.5 ** np.arange(60)).tolist()


def one_price(count: int) -> BarColumns:
    price = np.full(count, 100.0)
    return bar_columns(
        ts=START_MS + HOUR_MS * np.arange(count),
        open=price,
        high=price,
        low=price,
        close=price,
        volume=np.ones(count),
        timeframe_ms=HOUR_MS,
    )


def jumping(factor: float) -> BarColumns:
    closes = a_walk(COUNT).close.copy()
    closes[COUNT // 2 :] *= factor
    return bars_of(closes.tolist())


def without_volume() -> BarColumns:
    return dataclasses.replace(a_walk(COUNT), volume=np.zeros(COUNT))


def whole(result: Result) -> bool:
    """Whether every number of a result is one."""
    columns = [result.equity, result.hold, result.drawdown, *dataclasses.astuple(result.closed)]
    figures = [metric.value for metric in result.metrics if metric.value is not None]
    held = [] if result.open is None else [result.open.quantity, result.open.entry, result.open.value, result.open.fee]
    return all(bool(np.isfinite(column).all()) for column in columns) and bool(np.isfinite([*figures, *held]).all())


@pytest.mark.parametrize(
    ("document", "bars"),
    [
        (a_document(), one_price(COUNT)),
        (a_document(features={"z": "rsi(close, 10)"}, entry="z > 50", exit="z < 50"), one_price(COUNT)),
        (a_document(), without_volume()),
        (a_document(costs={"fee_bps": "10", "slippage_bps": "5", "participation": "0.1"}), without_volume()),
        (a_document(costs={"fee_bps": "10", "slippage_bps": "5", "impact_bps": "50"}), without_volume()),
        (a_document(), jumping(1e6)),
        (a_document(**MARGIN), jumping(1e-6)),
        (a_document(stops={"trailing": {"kind": "atr", "value": "2"}}), jumping(1e6)),
        (a_document(), bars_of((a_walk(COUNT).close * 1e-12).tolist())),
        (a_document(), bars_of((a_walk(COUNT).close * 1e300).tolist())),
        (a_document(), bars_of(a_walk(COUNT).close.tolist(), missing=range(50, 200))),
    ],
    ids=[
        *("one price", "one price, rsi", "no volume", "no volume, participation", "no volume, impact"),
        *("up a million times", "down a million times, leverage", "up, stop in ranges"),
        *("tiny prices", "huge prices", "a hole of 150 bars"),
    ],
)
def test_a_strange_market_gives_numbers_only(document: StrategyDocument, bars: BarColumns) -> None:
    assert whole(simulate(document, bars))


@pytest.mark.parametrize(
    ("document", "bars", "code", "place"),
    [
        (a_document(), one_price(1), "not_enough_history", "/features/slow:1"),
        (a_document(**FLAT), one_price(COUNT), "division_by_zero", "/features/z:3"),
        (a_document(entry="log(close - 1000) > 0"), a_walk(COUNT), "not_finite", "/entry:1"),
        (a_document(**SHORT), bars_of(UP_ONLY), "account_lost", "/sizing/fraction"),
        (a_document(**SHORT, **MARGIN), bars_of(UP_ONLY), "account_lost", "/sizing/fraction"),
    ],
    ids=["one bar", "divided by no movement", "logarithm of less than nothing", "a short squeeze", "with leverage"],
)
def test_what_cannot_be_tested_is_refused_at_its_place(
    document: StrategyDocument, bars: BarColumns, code: str, place: str
) -> None:
    with pytest.raises(Refusal) as refused:
        simulate(document, bars)
    assert (refused.value.code, refused.value.place) == (code, place)
