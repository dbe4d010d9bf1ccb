"""The finer-bar check: what came first inside a bar, how often it mattered, and by how much."""

from pathlib import Path
from uuid import UUID

import numpy as np
import polars as pl
import pytest

from omc.engine import BarColumns, Result, StrategyDocument, bar_columns, simulate
from omc.engine.coarse import resampled
from omc.engine.data import bars_for, finer_for
from omc.engine.finer import unchecked
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.ledgers.columns import PRICES
from tests.engine.builders import HOUR_MS, START_MS, a_document, a_traded_market
from tests.engine.series import a_series

Bar = tuple[float, float, float, float]
FREE = {"fee_bps": "0", "slippage_bps": "0"}
BOTH = {"stop": {"kind": "percent", "value": "5"}, "target": {"kind": "percent", "value": "5"}}
HALF_MS = HOUR_MS // 2


def market(*halves: Bar, length: int = HALF_MS) -> BarColumns:
    opened, high, low, close = (np.asarray(column, dtype=np.float64) for column in zip(*halves, strict=True))
    return bar_columns(
        ts=START_MS + length * np.arange(len(halves)),
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=np.full(len(halves), 500.0),
        timeframe_ms=length,
    )


def long_once(**changes: object) -> StrategyDocument:
    asked = {"features": {}, "entry": "close == 100", "exit": "false", "costs": FREE, "stops": BOTH}
    return a_document(**asked | changes)


def checked(document: StrategyDocument, fine: BarColumns) -> Result:
    return simulate(document, resampled(fine, HOUR_MS).bars, finer=fine)


FLAT: Bar = (100, 100, 100, 100)
AFTER: Bar = (99, 99, 99, 99)
UP, DOWN = (100, 106, 100, 105), (105, 105, 94, 99)
DROP, RISE = (100, 100, 94, 95), (95, 106, 95, 99)


def test_a_target_that_came_first_is_told_with_what_it_would_have_made() -> None:
    result = checked(long_once(), market(FLAT, FLAT, FLAT, FLAT, UP, DOWN, AFTER, AFTER))
    assert result.counts.both_in_one_bar == 1
    found = result.finer
    assert found is not None
    assert (found.bars, found.covered, found.both, found.still_both, found.differing) == (4, 4, 1, 0, 1)
    assert (result.equity[-1], found.end_equity) == (9_500, 10_500)
    assert found.change == pytest.approx(10_500 / 9_500 - 1)
    assert "1 bars" in result.assumptions["inside a bar"]


def test_a_stop_that_came_first_changes_nothing() -> None:
    found = checked(long_once(), market(FLAT, FLAT, FLAT, FLAT, DROP, RISE, AFTER, AFTER)).finer
    assert found is not None
    assert (found.both, found.still_both, found.differing, found.change) == (1, 0, 0, 0)


def test_what_a_finer_bar_hides_as_well_stays_the_worse_order() -> None:
    wide: Bar = (100, 106, 94, 99)
    found = checked(long_once(), market(FLAT, FLAT, FLAT, FLAT, wide, AFTER, AFTER, AFTER)).finer
    assert found is not None
    assert (found.both, found.still_both, found.differing) == (1, 1, 0)


def test_a_bar_that_the_finer_ones_do_not_make_up_stands_for_itself() -> None:
    fine = market(FLAT, FLAT, FLAT, FLAT, UP, DOWN, AFTER, AFTER)
    long = resampled(fine, HOUR_MS).bars
    for missing in (fine.slice(0, 4), fine.slice(5, 8), market(FLAT, FLAT, FLAT, FLAT, UP, (105, 105, 93, 99))):
        found = simulate(long_once(), long, finer=missing).finer
        assert found is not None
        assert found.covered < 4
        assert (found.differing, found.end_equity) == (0, 9_500)


def test_a_trailing_stop_follows_the_finer_bars() -> None:
    stops = {"trailing": {"kind": "percent", "value": "5"}}
    fine = market(FLAT, FLAT, FLAT, FLAT, (100, 120, 100, 120), (120, 120, 110, 110), AFTER, AFTER)
    found = checked(long_once(stops=stops), fine).finer
    assert found is not None
    assert (found.differing, found.end_equity) == (2, 11_400)


@pytest.mark.parametrize(
    "change",
    [
        {"stops": BOTH | {"max_bars": 3}},
        {"stops": BOTH | {"cooldown_bars": 3}},
        {"costs": FREE | {"latency_bars": 1}},
        {"costs": FREE | {"participation": "0.5"}, "capital": "2000"},
        {"limits": {"max_drawdown": "0.3"}},
        {"limits": {"max_daily_loss": "0.02"}},
        {"order": {"kind": "limit", "offset_bps": "10", "valid_bars": 3}},
        {"margin": {"leverage": "3"}, "sizing": {"kind": "fraction", "fraction": "3"}},
        {"sizing": {"kind": "volatility_target", "target": "0.3", "window": 20}},
        {"stops": {"stop": {"kind": "atr", "value": "1"}, "target": {"kind": "atr", "value": "2"}}},
    ],
)
def test_bars_that_are_their_own_finer_ones_change_nothing(change: dict[str, object]) -> None:
    """Each bar is one half hour and nothing after it: what is counted in bars is the same length of time."""
    bars = a_traded_market(800)
    fine = bar_columns(
        ts=bars.ts, open=bars.open, high=bars.high, low=bars.low, close=bars.close, volume=bars.volume,
        timeframe_ms=HALF_MS,
    )  # fmt: skip
    asked = {"entry": "close > sma(close, 10)", "exit": "close < sma(close, 10)", "features": {}, "stops": BOTH}
    result = simulate(a_document(**asked | change), bars, finer=fine)
    assert result.finer is not None
    assert len(result.fills.ts) > 20
    assert result.finer.covered == result.finer.bars > 700
    assert (result.finer.differing, result.finer.change) == (0, 0)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"stops": {}}, "nothing happens inside"),
        ({"costs": FREE | {"participation": "0.5", "impact_bps": "10"}}, "part of an order"),
    ],
)
def test_what_finer_bars_would_not_tell_is_said(change: dict[str, object], why: str) -> None:
    result = checked(long_once(**change), market(FLAT, FLAT, FLAT, FLAT, UP, DOWN, AFTER, AFTER))
    assert result.finer is None
    assert why in result.assumptions["inside a bar"]
    assert why in unchecked(long_once(**change))


def test_an_order_in_parts_takes_its_share_of_each_finer_bar() -> None:
    document = long_once(costs=FREE | {"participation": "0.05"}, capital="4500")
    # 50 coins in the hour, at 100; in its halves 25 at 100 and 20 more at 104, and the target was first.
    fine = market(FLAT, FLAT, FLAT, (104, 104, 104, 104), UP, DOWN, AFTER, AFTER)
    result = checked(document, fine)
    assert result.fills.quantity[0] == 45
    assert result.finer is not None
    paid = 25 * 100 + (4_500 - 2_500) / 104 * 104
    held = 25 + (4_500 - 2_500) / 104
    assert result.finer.differing == 1
    assert result.finer.end_equity == pytest.approx(4_500 - paid + held * 105)


@pytest.mark.parametrize("limit", ["max_drawdown", "max_daily_loss"])
def test_a_limit_on_losses_looks_at_the_account_when_the_long_bar_closes(limit: str) -> None:
    wide = {"stop": {"kind": "percent", "value": "50"}}
    dip: Bar = (100, 100, 70, 70)
    document = long_once(stops=wide, limits={limit: "0.2"})
    inside = checked(document, market(FLAT, FLAT, FLAT, FLAT, dip, (70, 100, 70, 100), FLAT, FLAT, FLAT, FLAT))
    assert inside.finer is not None
    assert (len(inside.fills.ts), inside.finer.differing, inside.finer.end_equity) == (1, 0, 10_000)
    below: Bar = (70, 75, 70, 75)
    closed = checked(document, market(FLAT, FLAT, FLAT, FLAT, dip, below, below, below, FLAT, FLAT))
    assert closed.finer is not None
    assert len(closed.fills.ts) == 2
    assert closed.finer.differing == 0


def test_without_finer_bars_the_result_says_so() -> None:
    result = simulate(long_once(), resampled(market(*[FLAT] * 8), HOUR_MS).bars)
    assert "no finer bars" in result.assumptions["inside a bar"]


def test_bars_that_cannot_make_up_the_others_are_refused() -> None:
    fine = market(*[FLAT] * 8)
    with pytest.raises(Refusal) as refused:
        simulate(long_once(), resampled(fine, HOUR_MS).bars, finer=resampled(fine, HOUR_MS).bars)
    assert refused.value.code == "wrong_timeframe"


def test_the_check_is_no_part_of_the_result_hash() -> None:
    fine = market(FLAT, FLAT, FLAT, FLAT, UP, DOWN, AFTER, AFTER)
    bars = resampled(fine, HOUR_MS).bars
    assert simulate(long_once(), bars).result_hash == simulate(long_once(), bars, finer=fine).result_hash


def test_a_year_of_real_hours_is_checked_on_five_minutes(shared_data: Path) -> None:
    frame = pl.read_parquet(shared_data / "bars" / "binanceusdm_BTC-USDT-perp_5m_2023-01_2023-12.parquet").sort("ts")
    opened, high, low, close, volume = (frame[name].to_numpy() for name in PRICES)
    ts = frame["ts"].dt.epoch("ms").to_numpy()
    fine = bar_columns(ts=ts, open=opened, high=high, low=low, close=close, volume=volume, timeframe_ms=300_000)
    stops = {"stop": {"kind": "percent", "value": "0.5"}, "target": {"kind": "percent", "value": "0.5"}}
    document = a_document(entry="close > sma(close, 24)", exit="false", features={}, stops=stops)
    result = simulate(document, resampled(fine, HOUR_MS).bars, finer=fine)
    found = result.finer
    assert found is not None
    assert found.covered == found.bars > 8_000
    assert found.both > found.still_both >= 0
    assert found.differing > 0
    assert found.end_equity > result.equity[-1]  # the pessimistic rule errs on the safe side


async def test_stored_finer_bars_of_the_same_market_are_found(
    database: Database, workspace: UUID, tmp_path: Path
) -> None:
    fine = a_traded_market(800)
    hours = resampled(fine, 4 * HOUR_MS).bars
    await a_series(database, workspace, tmp_path, fine)
    series = await a_series(database, workspace, tmp_path, hours)
    document = long_once(timeframe="4h")
    async with database.session(workspace) as session:
        columns, _ = await bars_for(session, document, series, None)
        found = await finer_for(session, document, series, columns)
        assert await finer_for(session, long_once(timeframe="4h", stops={}), series, columns) is None
    assert found is not None
    assert (found.timeframe_ms, len(found)) == (HOUR_MS, 800)
