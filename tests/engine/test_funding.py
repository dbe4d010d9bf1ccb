"""Funding as it was: each rate at its time, on what is held then, and never a guessed one."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
import polars as pl
import pytest

from omc.engine import BarColumns, bar_columns, inspect, read, simulate, simulate_together
from omc.engine.data import bars_for
from omc.engine.terms import FUNDING_DUE, due_rates
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.ledgers.columns import PRICES
from omc.ledgers.imports import import_file
from tests.engine.builders import HOUR_MS, START_MS, a_document, a_raw_document, bars_of
from tests.engine.series import a_series

RATES = {"fee_bps": "0", "slippage_bps": "0", "funding": {"kind": "series"}}
HELD = {"features": {}, "entry": "close > 0", "exit": "false", "costs": RATES}
PERP = "BTC/USDT:USDT"


def due(bars: BarColumns, rates: dict[int, float]) -> BarColumns:
    """Bars with a rate due in some of them, by row."""
    column = np.zeros(len(bars))
    column[list(rates)] = list(rates.values())
    return replace(bars, more={FUNDING_DUE: column})


def test_a_rate_is_paid_at_the_close_of_its_bar_on_what_is_held_there() -> None:
    # 100 coins bought at the open of bar 1; 0.1 % of 102 each at bar 2, and half of that is got back at bar 3.
    bars = due(bars_of([100, 100, 102, 104, 104]), {0: 0.5, 2: 0.001, 3: -0.0005})
    result = simulate(a_document(**HELD), bars)
    assert result.counts.funding == pytest.approx(100 * 102 * 0.001 - 100 * 104 * 0.0005)
    assert result.equity[-1] == pytest.approx(100 * 104 - result.counts.funding)


def test_a_short_gets_what_a_long_pays() -> None:
    sides = {"entry": "false", "exit": "true", "short_entry": "close > 0", "short_exit": "false"}
    result = simulate(a_document(**HELD | sides), due(bars_of([100] * 5), {3: 0.001}))
    assert result.counts.funding == pytest.approx(-10)


def test_what_was_left_in_the_bar_pays_nothing() -> None:
    stopped = HELD | {"stops": {"stop": {"kind": "percent", "value": "5"}}, "exit": "close < 95"}
    result = simulate(a_document(**stopped), due(bars_of([100, 100, 90, 90, 90]), {2: 0.01}))
    assert (len(result.fills.ts), result.counts.funding) == (2, 0)


def test_several_symbols_each_pay_their_own_rate() -> None:
    document = a_document(
        **HELD | {"universe": ["BTC/USDT", "ETH/USDT"], "sizing": {"kind": "fixed", "amount": "1000"}}
    )
    bars = bars_of([100] * 6)
    result = simulate_together(document, {"BTC/USDT": due(bars, {3: 0.001}), "ETH/USDT": due(bars, {4: 0.002})})
    assert result.equity[-1] == pytest.approx(10_000 - 1 - 2)


def test_settlements_fall_into_the_bar_that_closes_with_them_and_their_milliseconds_are_noise() -> None:
    bars = bars_of([100] * 20)
    ts = START_MS + HOUR_MS * np.asarray([0, 8, 16]) + np.asarray([0, 7, 0])
    column = due_rates(ts, np.asarray([0.1, 0.2, 0.3]), bars)
    assert {row: rate for row, rate in enumerate(column.tolist()) if rate} == {7: 0.2, 15: 0.3}


def test_what_fell_due_in_an_outage_is_due_in_the_next_bar_and_all_of_a_long_bar_is_summed() -> None:
    bars = bars_of([100] * 20, missing=[6, 7, 8, 9])
    ts = START_MS + HOUR_MS * np.asarray([0, 8, 9, 16])
    column = due_rates(ts, np.asarray([0.1, 0.2, 0.05, 0.3]), bars)
    assert column[6] == pytest.approx(0.25)  # the row of hour 10
    assert column.sum() == pytest.approx(0.55)


def test_no_rate_is_guessed_before_the_first_or_after_the_last() -> None:
    bars = bars_of([100] * 40)
    ts = START_MS + HOUR_MS * np.asarray([16, 24])
    column = due_rates(ts, np.asarray([0.1, 0.2]), bars)
    assert np.flatnonzero(np.isfinite(column)).tolist() == list(range(8, 31))
    with pytest.raises(Refusal) as refused:
        simulate(a_document(**HELD), replace(bars, more={FUNDING_DUE: column}))
    assert (refused.value.code, refused.value.place) == ("input_missing", "/costs/funding")


def test_bars_without_rates_are_refused() -> None:
    with pytest.raises(Refusal) as refused:
        simulate(a_document(**HELD), bars_of([100] * 5))
    assert (refused.value.code, refused.value.place) == ("input_missing", "/costs/funding")


def test_one_series_is_not_the_funding_of_several_symbols() -> None:
    costs = RATES | {"funding": {"kind": "series", "series": "funding:BTC/USDT"}}
    _, reasons = inspect(a_raw_document(universe=["BTC/USDT", "ETH/USDT"], costs=costs))
    assert [(one.code, one.place) for one in reasons] == [("not_used", "/costs/funding/series")]


def test_the_result_says_which_rates_it_paid() -> None:
    result = simulate(a_document(**HELD), due(bars_of([100] * 5), {3: 0.001}))
    assert "stored rates" in result.assumptions["funding"]
    assert "none" in simulate(a_document(), bars_of([100] * 20)).assumptions["funding"]


async def test_stored_rates_are_read_for_the_symbol_or_by_their_name(
    database: Database, workspace: UUID, tmp_path: Path
) -> None:
    series = await a_series(database, workspace, tmp_path)
    path = tmp_path / "rates.csv"
    lines = [
        f"{START_MS + hour * HOUR_MS},{rate},{symbol}"
        for symbol, rate in (("BTC/USDT", 0.001), ("ETH/USDT", 0.002))
        for hour in range(0, 401, 8)
    ]
    path.write_text("\n".join(["ts,funding_rate,symbol", *lines]))
    other = RATES | {"funding": {"kind": "series", "series": "funding:ETH/USDT"}}
    async with database.session(workspace) as session:
        await import_file(session, path, name=path.name, now=utc_now())
        own, _ = await bars_for(session, a_document(**HELD), series, None)
        named, _ = await bars_for(session, a_document(**HELD | {"costs": other}), series, None)
    assert np.nansum(own.more[FUNDING_DUE]) == pytest.approx(0.001 * 50)
    assert np.nansum(named.more[FUNDING_DUE]) == pytest.approx(0.002 * 50)


def test_a_year_of_a_real_perpetual_pays_the_sum_that_is_worked_out_by_hand(shared_data: Path) -> None:
    frame = pl.read_parquet(shared_data / "bars" / "binanceusdm_BTC-USDT-perp_1h_2023-01_2024-12.parquet")
    rates = pl.read_parquet(shared_data / "funding" / "binanceusdm_8h_BTC_ETH_LTC_2023-01_2024-05.parquet")
    start, end = datetime(2023, 2, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC)
    rates = rates.filter(pl.col("symbol") == PERP).sort("ts")
    frame = frame.filter(pl.col("ts").is_between(start, end, closed="left")).sort("ts")
    ts = frame["ts"].dt.epoch("ms").to_numpy()
    opened, high, low, close, volume = (frame[name].to_numpy() for name in PRICES)
    bars = bar_columns(ts=ts, open=opened, high=high, low=low, close=close, volume=volume, timeframe_ms=HOUR_MS)
    settled = rates["ts"].dt.epoch("ms").to_numpy()
    column = due_rates(settled, rates["funding_rate"].to_numpy(), bars)
    result = simulate(read(a_raw_document(**HELD | {"universe": [PERP]})), replace(bars, more={FUNDING_DUE: column}))
    coins = float(result.fills.quantity[0])
    closes = {int(at) + HOUR_MS: close for at, close in zip(ts[1:], frame["close"].to_list()[1:], strict=True)}
    paid = sum(
        coins * closes[round(at / HOUR_MS) * HOUR_MS] * rate
        for at, rate in zip(settled.tolist(), rates["funding_rate"].to_list(), strict=True)
        if round(at / HOUR_MS) * HOUR_MS in closes
    )
    assert len(result.fills.ts) == 1
    assert result.counts.funding == pytest.approx(paid, rel=1e-12)
    assert 0 < paid < 0.2 * 10_000
    assert np.count_nonzero(column) > 1_000
