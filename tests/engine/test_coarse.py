"""Features of longer bars: made of whole ones only, known when they are over, column and bar by bar alike."""

from dataclasses import replace

import numpy as np
import pytest

from omc.engine import BarColumns, bar_columns, inspect, read, signals, simulate
from omc.engine.coarse import resampled
from omc.engine.kernels import ENOUGH
from omc.engine.reading import compile_document
from omc.engine.validation.lookahead import look_ahead
from omc.engine.validation.replays import Trace, check_replays
from omc.engine.validation.warm_up import check_warm_up
from omc.engine.walk_forward import Plan, walk_forward
from tests.engine.agreement import bar_by_bar, in_columns
from tests.engine.builders import HOUR_MS, START_MS, a_raw_document, a_walk, a_wild_market, bars_of

TREND = {"expression": "sma(close, 3)", "timeframe": "4h"}


def a_slow_document(**changes: object) -> dict[str, object]:
    asked = {"features": {"trend": TREND}, "entry": "close > trend", "exit": "close < trend"}
    return a_raw_document(**asked | changes)


def shifted(bars: BarColumns, hours: int) -> BarColumns:
    return replace(bars, ts=bars.ts + hours * HOUR_MS)


def without(bars: BarColumns, rows: list[int]) -> BarColumns:
    kept = np.setdiff1d(np.arange(len(bars)), rows)
    return bar_columns(
        ts=bars.ts[kept],
        open=bars.open[kept],
        high=bars.high[kept],
        low=bars.low[kept],
        close=bars.close[kept],
        volume=bars.volume[kept],
        timeframe_ms=bars.timeframe_ms,
    )


def test_a_long_bar_is_what_its_short_bars_were() -> None:
    bars = a_walk(12)
    long = resampled(bars, 4 * HOUR_MS)
    assert long.known.tolist() == [3, 7, 11]
    assert long.bars.ts.tolist() == [START_MS + 4 * HOUR_MS * at for at in range(3)]
    assert (long.bars.open[1], long.bars.close[1]) == (bars.open[4], bars.close[7])
    assert (long.bars.high[1], long.bars.low[1]) == (bars.high[4:8].max(), bars.low[4:8].min())
    assert long.bars.volume[1] == bars.volume[4:8].sum()


def test_a_long_bar_that_is_not_over_is_not_there() -> None:
    assert resampled(a_walk(7), 4 * HOUR_MS).known.tolist() == [3]
    assert len(resampled(a_walk(3), 4 * HOUR_MS).bars) == 0


def test_missing_short_bars_leave_a_long_bar_of_what_is_there() -> None:
    # Hours 7 and 8 to 11 are missing: the second long bar is known only at the close of hour 12, the third is none.
    long = resampled(without(a_walk(16), [5, 7, 8, 9, 10, 11]), 4 * HOUR_MS)
    assert ((long.bars.ts - START_MS) // HOUR_MS).tolist() == [0, 4, 12]
    assert long.known.tolist() == [3, 6, 9]


def test_a_first_long_bar_that_began_before_the_data_is_left_out() -> None:
    long = resampled(a_walk(12).slice(2, 12), 4 * HOUR_MS)
    assert ((long.bars.ts - START_MS) // HOUR_MS).tolist() == [4, 8]


def test_what_is_refused_at_the_very_first_bar_is_refused_beside_a_longer_one() -> None:
    program = compile_document(read(a_slow_document(exit="1 / (close - 1) > trend")))
    bars = bars_of([1.0, 2.0, 3.0, 4.0, 5.0])
    assert in_columns(program, bars)[1][:2] == ["division_by_zero", "/exit:3"]
    assert in_columns(program, bars) == bar_by_bar(program, bars)


def test_weeks_begin_on_monday() -> None:
    days = replace(a_walk(30), ts=START_MS + 24 * HOUR_MS * np.arange(30), timeframe_ms=24 * HOUR_MS)
    assert (resampled(days, 7 * 24 * HOUR_MS).bars.ts[0] - START_MS) // HOUR_MS == 0  # 2024-01-01 was one


def test_a_value_is_known_from_the_last_short_bar_of_its_long_bar_on() -> None:
    closes = [float(at) for at in range(1, 33)]
    raw = a_slow_document(entry="close > 0 and trend > 0", exit="trend < 0")
    decided = signals(read(raw), bars_of(closes))
    # Three long bars, and up to one and a part before them: hours 0 to 14 wait wherever the data begin.
    assert decided.first == 14
    first = signals(read(a_slow_document(entry="trend == 12", exit="trend > 12")), bars_of(closes))
    assert np.flatnonzero(first.flags[0]).tolist() == [15, 16, 17, 18]  # the mean of 8, 12 and 16
    assert np.flatnonzero(first.flags[1])[0] == 19


DOCUMENTS = [
    a_slow_document(),
    a_slow_document(
        features={
            "trend": TREND,
            "busy": {"expression": "volume > sma(volume, 3)", "timeframe": "4h"},
            "range": {"expression": "atr(5) + wide", "timeframe": "1d"},
            "wide": {"expression": "highest(high, n) - low", "timeframe": "1d"},
            "both": "trend + range + ema(close, 5)",
        },
        parameters={"n": 2},
        entry="close > trend and not busy or crosses_above(both, close)",
        exit="busy",
    ),
]


@pytest.mark.parametrize("raw", DOCUMENTS)
@pytest.mark.parametrize("hours", [0, 3])
@pytest.mark.parametrize("missing", [[], [0, 7, 8, 30, 31, 32, 33, 34, 35, 36, 37, 99, 200, 203]])
def test_columns_and_single_bars_have_the_same_bits(raw: dict[str, object], hours: int, missing: list[int]) -> None:
    bars = without(shifted(a_wild_market(600), hours), missing)
    program = compile_document(read(raw))
    found = in_columns(program, bars)
    assert found == bar_by_bar(program, bars)
    assert found[1] == []


def test_they_have_in_compiled_blocks_too() -> None:
    bars, program = a_wild_market(ENOUGH + 3_000), compile_document(read(DOCUMENTS[1]))
    assert in_columns(program, bars) == bar_by_bar(program, bars)


def test_a_long_bar_without_a_value_is_refused_at_the_same_bar_with_the_same_words() -> None:
    features = {"odd": {"expression": "1 / (close - lag(close, 1))", "timeframe": "4h"}}
    program = compile_document(read(a_slow_document(features=features, entry="odd > 0", exit="log(close - 90) > 0")))
    flat = [100.0 + at for at in range(40)] + [140.0] * 20
    for closes in (flat, [*flat[:20], 80.0, *flat[21:]]):  # in the second a short bar is refused before
        found = in_columns(program, bars_of(closes))
        assert found == bar_by_bar(program, bars_of(closes))
        assert found[1] != []


def test_a_clean_document_passes_and_a_cut_changes_nothing() -> None:
    bars = a_walk(1_500)
    assert look_ahead(read(DOCUMENTS[1]), bars).findings == ()
    assert check_warm_up(read(a_slow_document()), bars).findings == ()


def resampling_leaks() -> dict[str, str]:
    return {
        "known at the open of the long bar": "open",
        "known one short bar early": "early",
        "the unfinished long bar at the end": "unfinished",
        "the high of the day so far and later": "day",
    }


@pytest.mark.parametrize("kind", resampling_leaks().values(), ids=resampling_leaks().keys())
def test_a_planted_leak_of_resampling_is_found(kind: str) -> None:
    def leaking(bars: BarColumns) -> Trace:
        opens = bars.ts // (4 * HOUR_MS) * (4 * HOUR_MS)
        groups = np.unique(opens, return_inverse=True)[1]
        last = np.append(np.flatnonzero(np.diff(groups)), len(bars) - 1)
        closes = bars.close[last]
        highs = np.maximum.reduceat(bars.high, np.append(0, last[:-1] + 1))
        step = {"open": 0, "early": -1, "unfinished": 0, "day": 0}[kind]
        value = (highs if kind == "day" else closes)[groups]
        if kind == "early":
            value = np.append(value[1:], value[-1:])
            value = np.where(np.isin(np.arange(len(bars)), last + step), value, np.roll(value, 4))
        if kind == "unfinished":
            value = np.where(groups == groups[-1], closes[-1], np.roll(value, 4))
        return Trace(wanted=(bars.close > value).astype(np.int8), values={"trend": value})

    assert check_replays(leaking, a_walk(400)).findings != ()


def test_longer_bars_change_the_result_and_parameters_reach_into_them() -> None:
    bars = a_walk(600)
    results = {
        simulate(read(a_slow_document(features={"trend": {"expression": text, "timeframe": length}})), bars).result_hash
        for text in ("sma(close, 3)", "sma(close, 5)")
        for length in ("2h", "4h")
    }
    assert len(results) == 4
    searched = a_slow_document(
        features={"trend": {"expression": "sma(close, n)", "timeframe": "4h"}}, parameters={"n": 3}
    )
    tested = walk_forward(read(searched), bars, Plan(windows=2))
    assert tested.trials > 1
    assert walk_forward(read(a_slow_document()), bars, Plan(windows=2)).parameters == ("window_1",)


@pytest.mark.parametrize(
    ("features", "code", "place"),
    [
        ({"trend": TREND | {"timeframe": "90m"}}, "not_a_multiple", "/features/trend/timeframe"),
        ({"trend": TREND | {"timeframe": "1h"}}, "not_a_multiple", "/features/trend/timeframe"),
        ({"trend": TREND | {"timeframe": "slow"}}, "wrong_form", "/features/trend/timeframe"),
        ({"trend": {"expression": "close"}}, "missing", "/features/trend/timeframe"),
        ({"trend": TREND | {"time": "4h"}}, "unknown_setting", "/features/trend/time"),
        ({"trend": TREND | {"expression": "smaa(close, 3)"}}, "unknown_indicator", "/features/trend:1"),
        ({"trend": TREND | {"expression": "fast + 1"}, "fast": "sma(close, 2)"}, "other_timeframe", "/features/trend"),
        ({"trend": TREND | {"expression": "lag(close, -1)"}}, "reads_future", "/features/trend:12"),
    ],
)
def test_what_cannot_be_is_refused_at_its_place(features: dict[str, object], code: str, place: str) -> None:
    _, reasons = inspect(a_slow_document(features=features))
    assert (code, place) in [(one.code, one.place) for one in reasons]
