"""The pure decisions: what is a bar, what a timeframe, what a name says; columns and rows judged alike."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.core.market import Timeframe
from omc.ledgers.batch import UNREADABLE, Batch
from omc.ledgers.collectors import COLLECTORS, reader
from omc.ledgers.collectors.cells import floats, stamps
from omc.ledgers.naming import SeriesKey, columns_of, hints, unified_symbol, unified_timeframe
from omc.ledgers.rules import FAULT_TEXT, Fault, Row, check_row, check_steps, likely_timeframe, phase
from omc.ledgers.screen import FAULTS, FINE, Order, faults

HOUR = 3_600_000
NOW = 1_800_000_000_000
PRICES = st.one_of(
    st.sampled_from([0.0, -1.0, float("nan"), float("inf"), 1e16, 9.0, 10.0, 11.0]), st.floats(8, 12, width=32)
)
TIMES = st.one_of(
    st.sampled_from([UNREADABLE, 0, NOW + HOUR, NOW - HOUR + 1, NOW - 2 * HOUR + 1]),
    st.integers(NOW // HOUR - 100, NOW // HOUR + 3).map(lambda hour: hour * HOUR),
)
ROWS = st.tuples(TIMES, PRICES, PRICES, PRICES, PRICES, PRICES)


@given(st.lists(ROWS, min_size=1, max_size=30))
def test_columns_are_judged_as_their_rows_are(rows: list[tuple[int, float, float, float, float, float]]) -> None:
    ts, *values = (np.asarray(column) for column in zip(*rows, strict=True))
    opened, high, low, close, volume = (np.asarray(column, dtype=np.float64) for column in values)
    batch = Batch(
        keys=[SeriesKey()],
        key=np.zeros(len(rows), dtype=np.int64),
        line=np.arange(len(rows)),
        ts=ts.astype(np.int64),
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=volume,
        seen=None,
        raw=str,
    )
    length = np.full(len(rows), HOUR, dtype=np.int64)
    codes = faults(batch, timeframe_ms=length, phase_ms=np.zeros_like(length), now_ms=NOW)
    found = [None if code == FINE else FAULTS[code] for code in codes]
    single = [
        Row(ts=None if stamp == UNREADABLE else stamp, open=o, high=h, low=lo, close=c, volume=v)
        for stamp, o, h, lo, c, v in rows
    ]
    assert found == [check_row(row, timeframe_ms=HOUR, phase_ms=0, now_ms=NOW) for row in single]


def test_every_fault_has_its_sentence() -> None:
    assert set(FAULT_TEXT) == set(Fault)


@pytest.mark.parametrize(
    ("written", "unified"),
    [
        ("BTC/USDT", "BTC/USDT"),
        ("btcusdt", "BTC/USDT"),
        ("BTC-USD", "BTC/USD"),
        ("XBTUSD", "BTC/USD"),
        ("DOTUSD", "DOT/USD"),
        ("BNBUSD", "BNB/USD"),
        ("ethbtc", "ETH/BTC"),
        ("BTC/USDT:USDT", "BTC/USDT:USDT"),
        ("BTC-USDT-PERP", "BTC/USDT:USDT"),
        ("BTC-PERP", None),
        ("BTC", None),
        ("", None),
        ("a b c", None),
        ("BTC\u0405/USDT", None),
    ],
)
def test_symbols_are_read_in_the_spellings_of_exchanges(written: str, unified: str | None) -> None:
    assert unified_symbol(written) == unified


@pytest.mark.parametrize(
    ("written", "unified"),
    [
        ("1h", "1h"),
        ("60m", "1h"),
        ("60min", "1h"),
        ("1 hour", "1h"),
        ("24H", "1d"),
        ("7d", "1w"),
        ("90s", "90s"),
        ("1M", None),
        ("0m", None),
        ("-1h", None),
        ("hour", None),
        ("1000000h", None),
        ("", None),
    ],
)
def test_timeframes_have_one_spelling(written: str, unified: str | None) -> None:
    assert unified_timeframe(written) == unified


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("binance_BTC-USDT_1h_2017-08_2022-12.parquet", ("binance", "BTC/USDT", "1h")),
        ("binanceusdm_ADA-USDT-perp_1h_2023-01.parquet", ("binanceusdm", "ADA/USDT:USDT", "1h")),
        ("BTCUSDT-5m-2023-01.csv", ("", "BTC/USDT", "5m")),
        ("XBTUSD_60.csv", ("", "BTC/USD", "1h")),
        ("my_btc_usd.csv", ("", "BTC/USD", "")),
        ("coinbase_ETHBTC_1d.csv", ("coinbase", "ETH/BTC", "1d")),
        ("candles.csv", ("", "", "")),
        ("../../etc/passwd", ("", "", "")),
    ],
)
def test_a_files_name_gives_away_what_it_holds(name: str, key: tuple[str, str, str]) -> None:
    venue, symbol, timeframe = key
    assert hints(name) == SeriesKey(venue=venue, symbol=symbol, timeframe=timeframe)


@pytest.mark.parametrize(
    "header",
    [
        "ts,open,high,low,close,volume,venue,symbol,timeframe",
        "Open time,Open,High,Low,Close,Volume,Close time,Quote volume",
        "unix,date,symbol,open,high,low,close,Volume BTC,Volume USDT,tradecount",
        "timestamp,o,h,l,c,v",
        "Date,Open,High,Low,Close,Adj Close,Volume",
    ],
)
def test_headers_of_known_exports_are_candles(header: str) -> None:
    places = columns_of(header.split(","))
    assert places is not None
    assert header.split(",")[places["volume"]].lower().startswith("v")


@pytest.mark.parametrize(
    "header", ["ts,price,marketcap,volume_usd", "timestamp,price,qty", "ts,open,high,low,close", ""]
)
def test_other_headers_are_not(header: str) -> None:
    assert columns_of(header.split(",")) is None


def test_outages_are_no_second_timeframe() -> None:
    hour = Timeframe.parse("1h")
    assert check_steps({HOUR: 900, 4 * HOUR: 3, 24 * HOUR: 1}, timeframe=hour, place="x") is None
    assert check_steps({HOUR: 100, 2 * HOUR: 40, 3 * HOUR: 15, 4 * HOUR: 16}, timeframe=hour, place="x") is None


def test_a_second_timeframe_and_a_wrong_one_are_told() -> None:
    hour = Timeframe.parse("1h")
    mixed = check_steps({HOUR: 100, 24 * HOUR: 30}, timeframe=hour, place="x")
    wrong = check_steps({300_000: 100, HOUR: 1}, timeframe=hour, place="x")
    assert mixed is not None
    assert mixed.code == "timeframes_mixed"
    assert wrong is not None
    assert "5m apart" in wrong.text


def test_the_timeframe_is_the_most_common_distance() -> None:
    likely = likely_timeframe({HOUR: 10, 2 * HOUR: 3})
    assert likely is not None
    assert likely.text == "1h"
    assert likely_timeframe({}) is None
    assert likely_timeframe({1_234: 5}) is None


def test_weeks_start_on_the_day_on_which_they_do() -> None:
    week, thursday, monday = 7 * 24 * HOUR, 0, 4 * 24 * HOUR
    assert (phase(thursday, week), phase(monday + week, week), phase(monday, HOUR)) == (0, monday, 0)


def test_a_series_that_runs_one_way_cannot_repeat_a_bar() -> None:
    order = Order(reports=10)
    order.see(np.asarray([3, 2], dtype=np.int64), np.asarray([1, 2]))
    order.see(np.asarray([1], dtype=np.int64), np.asarray([3]))
    assert not order.may_repeat
    assert order.broken == (0, [])
    order.see(np.asarray([2], dtype=np.int64), np.asarray([4]))
    assert order.may_repeat
    assert order.broken == (1, [4])


def test_times_are_read_in_every_usual_form() -> None:
    forms = ["2024-01-01T00:00:00Z", "2024-01-01 00:00:00", "2024-01-01", "2024-01-01T01:00+01:00", "1704067200.0"]
    forms += ["1704067200", "1704067200000", "2024-01-01 00:00:00 UTC", " 1704067200000000 "]
    assert stamps(forms).tolist() == [1_704_067_200_000] * len(forms)
    assert stamps(["01/02/2024", "", "nan", "9" * 30, "1.7e12"]).tolist() == [UNREADABLE] * 5


@given(st.lists(st.text(max_size=12), max_size=20))
def test_no_cell_breaks_the_reading(cells: list[str]) -> None:
    assert len(floats(cells, decimal_comma=True)) == len(stamps(cells)) == len(cells)
    for cell in cells:
        unified_symbol(cell)
        unified_timeframe(cell)
        hints(cell)


def test_every_collector_can_be_loaded() -> None:
    for collector in COLLECTORS:
        assert collector.kind is None or callable(reader(collector.kind))
