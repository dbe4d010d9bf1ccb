"""Orders, stops, costs and limits of an account: small markets whose outcome a trader works out by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import cast

import numpy as np
import pytest

from omc.engine import BarColumns, DocumentRefused, Result, StrategyDocument, bar_columns, read, simulate
from omc.engine.decision import signals
from omc.engine.kernels import compiled
from omc.engine.kernels import simulation as kernel
from omc.engine.positions import CAUSES
from omc.engine.running import Loop, run
from omc.engine.terms import FUNDING_DUE
from omc.engine.tradable import check_tradable, first_fraction
from omc.kit.errors import Refusal
from tests.engine.builders import HOUR_MS, START_MS, a_document, a_raw_document, a_walk

FREE = {"fee_bps": "0", "slippage_bps": "0"}
Bar = tuple[float, float, float, float]


def market(*bars: Bar, volume: float = 1_000.0) -> BarColumns:
    """Hourly bars of open, high, low, close."""
    opened, high, low, close = (np.asarray(column, dtype=np.float64) for column in zip(*bars, strict=True))
    return bar_columns(
        ts=START_MS + HOUR_MS * np.arange(len(bars)),
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=np.full(len(bars), volume),
        timeframe_ms=HOUR_MS,
    )


def always_in(**changes: object) -> StrategyDocument:
    """Long from the first close on, with all the cash, at no cost; unless told."""
    return a_document(**({"features": {}, "entry": "close > 0", "exit": "false", "costs": FREE} | changes))


def fills(result: Result) -> list[tuple[int, float, float, str]]:
    """(bar, signed quantity, price, cause) of each fill."""
    rows = zip(
        ((result.fills.ts - START_MS) // HOUR_MS).tolist(),
        result.fills.quantity.tolist(),
        result.fills.price.tolist(),
        [CAUSES[cause] for cause in result.fills.cause.tolist()],
        strict=True,
    )
    return list(rows)


def with_more(bars: BarColumns) -> BarColumns:
    """The bars with an input, and with a funding rate at every eighth."""
    count = np.arange(len(bars))
    return replace(bars, more={"seen": np.sin(count / 9), FUNDING_DUE: np.where(count % 8 == 0, 0.0001, 0.0)})


SEEN = {"kind": "series", "series": "mine:mood", "max_age": "3d"}
FLAT: Bar = (100, 100, 100, 100)
STOP_5 = {"stop": {"kind": "percent", "value": "5"}}
TARGET_5 = {"target": {"kind": "percent", "value": "5"}}


def test_a_stop_ends_a_position_at_its_price() -> None:
    result = simulate(
        always_in(stops=STOP_5, exit="close < 50"), market(FLAT, FLAT, (100, 101, 94, 98), (98, 98, 98, 40))
    )
    assert fills(result)[:2] == [(1, 100, 100, "decision"), (2, -100, 95, "stop")]


def test_a_gap_through_a_stop_fills_at_the_open_behind_it() -> None:
    result = simulate(always_in(stops=STOP_5), market(FLAT, FLAT, (90, 91, 89, 90), FLAT))
    assert fills(result)[1] == (2, -100, 90, "stop")


def test_a_target_needs_a_price_beyond_it_and_never_fills_better() -> None:
    touched = simulate(always_in(stops=TARGET_5), market(FLAT, FLAT, (100, 105, 100, 104), FLAT))
    assert len(fills(touched)) == 1
    gapped = simulate(always_in(stops=TARGET_5), market(FLAT, FLAT, (110, 111, 109, 110), FLAT))
    assert fills(gapped)[1] == (2, -100, 105, "target")


def test_a_stop_and_a_target_in_one_bar_are_a_stop_and_are_counted() -> None:
    result = simulate(always_in(stops=STOP_5 | TARGET_5), market(FLAT, FLAT, (100, 106, 94, 100), FLAT))
    assert fills(result)[1] == (2, -100, 95, "stop")
    assert result.counts.both_in_one_bar == 1


def test_a_position_can_be_stopped_in_the_bar_that_opened_it() -> None:
    result = simulate(always_in(stops=STOP_5), market(FLAT, (100, 100, 90, 99), FLAT, FLAT))
    assert fills(result)[:2] == [(1, 100, 100, "decision"), (1, -100, 95, "stop")]


def test_a_stop_is_set_from_the_price_paid_and_fills_inside_of_its_bar() -> None:
    near = {"stop": {"kind": "percent", "value": "0.5"}}
    slipping = always_in(stops=near, costs={"fee_bps": "0", "slippage_bps": "100"})
    result = simulate(slipping, market(FLAT, (100, 100.2, 99.9, 100), FLAT, FLAT))
    # Bought at 101, so that the stop at 100.495 is above the open: sold there at once, 1 % worse.
    assert fills(result)[:2] == [
        (1, pytest.approx(10_000 / 101), 101, "decision"),
        (1, pytest.approx(-10_000 / 101), 99, "stop"),
    ]
    parts = always_in(stops=STOP_5, costs=FREE | {"impact_bps": "400", "participation": "0.25"})
    filled = simulate(parts, market(FLAT, FLAT, FLAT, (100, 100, 90, 100), *[FLAT] * 3, volume=100))
    first, stopped = filled.fills.price[0], filled.fills.price[filled.fills.cause.tolist().index(1)]
    # A quarter of the volume costs 2 %: the stop stands 5 % below 102, and its own sale slips from there.
    assert first == pytest.approx(102)
    assert stopped < 102 * 0.95


def test_a_trailing_stop_follows_the_best_price_of_earlier_bars() -> None:
    trailing = {"trailing": {"kind": "percent", "value": "10"}}
    result = simulate(always_in(stops=trailing), market(FLAT, FLAT, (100, 120, 100, 119), (119, 119, 107, 110), FLAT))
    assert fills(result)[1] == (3, -100, 108, "stop")


def test_a_range_stop_is_a_multiple_of_the_average_true_range() -> None:
    stops = {"stop": {"kind": "atr", "value": "2"}, "atr_window": 2}
    steady: Bar = (100, 101, 99, 100)
    result = simulate(always_in(stops=stops), market(*[steady] * 4, (100, 100, 90, 100), steady))
    # True range 2 at each bar: the stop is 4 below the entry at 100.
    assert fills(result)[1] == (4, -100, 96, "stop")


def test_a_position_ends_after_its_longest_time_and_a_cooldown_keeps_out() -> None:
    result = simulate(always_in(stops={"max_bars": 2}), market(*[FLAT] * 8))
    assert [row[0] for row in fills(result)] == [1, 3, 4, 6, 7]
    stopped = always_in(stops=STOP_5 | {"cooldown_bars": 3})
    bars = market(FLAT, FLAT, (100, 100, 94, 100), *[FLAT] * 6)
    assert [row[0] for row in fills(simulate(stopped, bars))] == [1, 2, 6]


def test_a_limit_order_fills_when_the_price_goes_through_it_and_rests_as_a_maker() -> None:
    costs = {"fee_bps": "10", "maker_fee_bps": "2", "slippage_bps": "50"}
    order = {"kind": "limit", "offset_bps": "100", "valid_bars": 3}
    document = always_in(order=order, costs=costs, sizing={"kind": "fixed", "amount": "1000"})
    result = simulate(document, market(FLAT, (100, 100, 99, 100), (100, 100, 98, 100), FLAT, FLAT))
    (fill,) = fills(result)
    assert (fill[0], fill[2]) == (2, 99)
    assert result.fills.fee[0] == pytest.approx(fill[1] * 99 * 0.0002)


def test_an_order_that_is_not_reached_is_cancelled_and_decided_anew() -> None:
    order = {"kind": "limit", "offset_bps": "1000", "valid_bars": 2}
    bars = market(FLAT, FLAT, FLAT, (120, 120, 120, 120), (120, 120, 120, 120), (120, 120, 107, 119), FLAT)
    # Placed at the first close for 90, void after two bars; placed again at the close of 120, for 108.
    assert fills(simulate(always_in(order=order), bars))[0][::2] == (5, 108)


def test_a_stop_order_waits_for_its_price_and_pays_the_gap() -> None:
    order = {"kind": "stop", "offset_bps": "100", "valid_bars": 5}
    bars = market(FLAT, FLAT, (100, 102, 100, 101), FLAT, FLAT)
    assert fills(simulate(always_in(order=order), bars))[0][::2] == (2, 101)
    gapped = market(FLAT, FLAT, (104, 105, 104, 104), FLAT, FLAT)
    assert fills(simulate(always_in(order=order), gapped))[0][::2] == (2, 104)


def test_a_stop_limit_does_not_chase_beyond_its_band() -> None:
    order = {"kind": "stop_limit", "offset_bps": "100", "band_bps": "100", "valid_bars": 5}
    bars = market(FLAT, FLAT, (104, 105, 104, 104), (104, 104, 101, 103), FLAT)
    ((bar, _, price, _),) = fills(simulate(always_in(order=order), bars))
    assert (bar, price) == (3, pytest.approx(101 * 1.01))


def test_a_late_order_acts_bars_later_and_stale_decisions_are_void_after_a_stop() -> None:
    bars = market(*[FLAT] * 6)
    late = always_in(costs=FREE | {"latency_bars": 2})
    assert fills(simulate(late, bars))[0][0] == 3
    stopped = always_in(costs=FREE | {"latency_bars": 2}, stops=STOP_5)
    falling = market(*[FLAT] * 4, (100, 100, 90, 100), *[FLAT] * 6)
    assert [row[0] for row in fills(simulate(stopped, falling))] == [3, 4, 7]


def test_a_large_order_is_filled_part_by_part_and_its_prices_get_worse_with_its_share() -> None:
    capped = always_in(costs=FREE | {"participation": "0.5"})
    result = simulate(capped, market(*[FLAT] * 5, volume=80))
    assert fills(result) == [(1, 40, 100, "decision"), (2, 40, 100, "decision"), (3, 20, 100, "decision")]
    assert result.open is not None
    assert result.open.quantity == 100
    dearer = market(FLAT, FLAT, *[(200, 200, 200, 200)] * 3, volume=80)
    assert fills(simulate(capped, dearer)) == [(1, 40, 100, "decision"), (2, 30, 200, "decision")]  # all of the cash
    impact = simulate(always_in(costs=FREE | {"impact_bps": "100"}), market(*[FLAT] * 3, volume=100))
    ((_, quantity, price, _),) = fills(impact)
    assert price == pytest.approx(101, abs=0.01)
    assert quantity * price == pytest.approx(10_000)


def test_each_part_of_an_entry_moves_the_price_by_its_own_size() -> None:
    moving = always_in(costs=FREE | {"participation": "0.5", "impact_bps": "100"})
    prices = simulate(moving, market(*[FLAT] * 5, volume=80)).fills.price
    # Half of the volume costs the root of a half of 1 %; the last part is smaller.
    assert prices[:2] == pytest.approx(100 * (1 + 0.01 * 0.5**0.5))
    assert 100 < prices[2] < prices[1]


def test_prices_and_quantities_are_those_of_the_venue() -> None:
    costs = {"fee_bps": "0", "slippage_bps": "7", "tick": "0.5", "lot": "0.1", "min_notional": "10"}
    ((_, quantity, price, _),) = fills(simulate(always_in(costs=costs), market(*[FLAT] * 3)))
    assert (price, quantity) == (100.5, pytest.approx(99.5))
    small = always_in(costs=costs, sizing={"kind": "fixed", "amount": "9"})
    result = simulate(small, market(*[FLAT] * 3))
    assert (len(fills(result)), result.counts.too_small) == (0, 1)


def test_funding_is_paid_by_longs_for_every_bar_and_told() -> None:
    document = always_in(costs=FREE | {"funding_bps_per_day": "24"})
    result = simulate(document, market(*[FLAT] * 5))
    # 1 bp an hour of 10,000 held for four bars.
    assert result.counts.funding == pytest.approx(4.0)
    assert result.equity[-1] == pytest.approx(9_996.0)


def test_a_leveraged_position_is_liquidated_at_its_margin_and_the_account_goes_on() -> None:
    margin = {"leverage": "5", "maintenance_bps": "100", "liquidation_fee_bps": "0"}
    document = always_in(margin=margin, sizing={"kind": "fraction", "fraction": "5"}, exit="close < 90")
    result = simulate(document, market(FLAT, FLAT, (100, 100, 70, 75), (75, 75, 75, 75), FLAT))
    # 500 coins on 10,000: cash is -40,000, so equity is 1 % of the value at 40,000 / (500 x 0.99).
    assert fills(result)[1] == (2, -500, pytest.approx(40_000 / 495), "liquidation")
    assert result.counts.liquidated == 1
    assert result.equity[2] == pytest.approx(500 * 40_000 / 495 - 40_000)


def test_sizes_follow_what_the_document_says() -> None:
    fixed = simulate(always_in(sizing={"kind": "fixed", "amount": "2500"}), market(*[FLAT] * 3))
    assert fills(fixed)[0][1] == 25
    bars = a_walk(400, seed=3)
    calm = {"kind": "volatility_target", "target": "0.1", "window": 50}
    result = simulate(always_in(sizing=calm), bars)
    first = int(np.searchsorted(bars.ts, result.fills.ts[0])) - 1
    changes = bars.close[1:] / bars.close[:-1] - 1
    deviation = float(np.std(changes[first - 50 : first])) * np.sqrt(365 * 24)
    assert result.fills.quantity[0] * result.fills.price[0] == pytest.approx(10_000 * 0.1 / deviation, rel=1e-6)


def test_the_kelly_size_is_that_of_the_positions_closed_so_far() -> None:
    sizing = {"kind": "kelly", "scale": "1", "most": "1", "start": "0.5", "after": 3}
    document = always_in(sizing=sizing, entry="close > 99", exit="close < 99")
    up: Sequence[Bar] = [FLAT, (100, 100, 100, 100), (120, 120, 90, 90), (120, 120, 90, 90)]
    down: Sequence[Bar] = [FLAT, (100, 100, 80, 90), (90, 90, 90, 90), (90, 90, 90, 90)]
    result = simulate(document, market(*up, *up, *down, *up))
    gains = (result.closed.pnl / (result.closed.quantity * result.closed.entry)).tolist()
    won, lost = [gain for gain in gains[:3] if gain > 0], [-gain for gain in gains[:3] if gain <= 0]
    chance = len(won) / 3
    kelly = chance - (1 - chance) / (np.mean(won) / np.mean(lost))
    last = result.closed.quantity[3] * result.closed.entry[3]
    cash = 10_000 + float(result.closed.pnl[:3].sum())
    assert last == pytest.approx(max(0, kelly) * cash)


def test_limits_on_losses_keep_the_account_flat_for_the_day_or_for_good() -> None:
    daily = always_in(limits={"max_daily_loss": "0.05"})
    falls = [FLAT] * 3 + [(100, 100, 90, 90)] + [(90, 90, 90, 90)] * 40
    rows = fills(simulate(daily, market(*falls)))
    assert [row[0] for row in rows] == [1, 4, 25]
    ever = always_in(limits={"max_drawdown": "0.05"})
    assert [row[0] for row in fills(simulate(ever, market(*falls)))] == [1, 4]
    capped = always_in(limits={"max_notional": "1000"})
    assert fills(simulate(capped, market(*falls)))[0][1] == 10


def test_limits_on_size_are_of_the_equity_at_each_entry() -> None:
    twice = always_in(entry="close > 95", exit="close < 95", limits={"max_share": "0.25"})
    rises = [FLAT, FLAT, (100, 120, 80, 80), (80, 120, 80, 120), (120, 120, 120, 120), (120, 120, 120, 120)]
    first, sold, again = fills(simulate(twice, market(*rises)))
    assert (first[1], sold[1]) == (25, -25)
    assert again[1] == pytest.approx(0.25 * (10_000 - 25 * 20) / 120)
    margin = {"leverage": "5"}
    lent = always_in(margin=margin, sizing={"kind": "fraction", "fraction": "5"}, limits={"max_gross_exposure": "2"})
    assert fills(simulate(lent, market(*[FLAT] * 4)))[0][1] == 200


NOTHING: Mapping[str, object] = {}
SETTINGS: Sequence[Mapping[str, object]] = [
    {"sizing": {"kind": "fraction", "fraction": "0.3"}},
    {"sizing": {"kind": "fixed", "amount": "300"}},
    {"sizing": {"kind": "volatility_target", "target": "0.2", "window": 20}},
    {"sizing": {"kind": "volatility_target", "target": "0.2", "window": 30}},
    {"sizing": {"kind": "volatility_target", "target": "0.2", "window": 20, "most": "0.1"}},
    {"sizing": {"kind": "kelly", "most": "0.9", "start": "0.4", "after": 3}},
    {"sizing": {"kind": "kelly", "most": "0.9", "start": "0.6", "after": 3}},
    {"sizing": {"kind": "kelly", "most": "0.9", "start": "0.4", "after": 9}},
    {"sizing": {"kind": "kelly", "most": "0.9", "start": "0.4", "after": 3, "scale": "1"}},
    {"sizing": {"kind": "kelly", "most": "0.01", "start": "0.4", "after": 3}},
    *(
        {"costs": {"fee_bps": "10", "slippage_bps": "5"} | change}
        for change in (
            {"fee_bps": "20"},
            {"slippage_bps": "9"},
            {"impact_bps": "30"},
            {"participation": "0.5"},
            {"tick": "0.5"},
            {"lot": "3"},
            {"min_notional": "10500"},
            {"funding_bps_per_day": "10"},
            {"latency_bars": 2},
            {"funding": {"kind": "series"}},
        )
    ),
    {"order": {"kind": "limit"}},
    {"order": {"kind": "limit", "offset_bps": "40"}},
    {"order": {"kind": "limit", "valid_bars": 5}},
    {"order": {"kind": "limit"}, "costs": {"fee_bps": "10", "slippage_bps": "5", "maker_fee_bps": "1"}},
    {"order": {"kind": "stop", "offset_bps": "40", "valid_bars": 5}},
    {"order": {"kind": "stop_limit", "offset_bps": "40", "valid_bars": 5}},
    {"order": {"kind": "stop_limit", "offset_bps": "40", "band_bps": "20", "valid_bars": 5}},
    {"stops": {"stop": {"kind": "percent", "value": "1"}}},
    {"stops": {"stop": {"kind": "atr", "value": "1"}}},
    {"stops": {"stop": {"kind": "atr", "value": "1"}, "atr_window": 5}},
    {"stops": {"stop": {"kind": "percent", "value": "1"}, "cooldown_bars": 5}},
    {"stops": {"target": {"kind": "percent", "value": "1"}}},
    {"stops": {"target": {"kind": "atr", "value": "1"}}},
    {"stops": {"trailing": {"kind": "percent", "value": "1"}}},
    {"stops": {"trailing": {"kind": "atr", "value": "1"}}},
    {"stops": {"max_bars": 3}},
    {"margin": {"leverage": "3"}, "sizing": {"kind": "fraction", "fraction": "3"}},
    *(
        {
            "margin": {"leverage": "30", "maintenance_bps": "150"} | change,
            "sizing": {"kind": "fraction", "fraction": "30"},
        }
        for change in ({}, {"maintenance_bps": "190"}, {"liquidation_fee_bps": "3"})
    ),
    {"limits": {"max_notional": "500"}},
    {"limits": {"max_share": "0.4"}},
    {"limits": {"max_gross_exposure": "0.6"}},
    {"limits": {"max_daily_loss": "0.01"}},
    {"limits": {"max_drawdown": "0.02"}},
    {"capital": "5000"},
    {"warm_up_bars": 60},
    {"inputs": {"seen": SEEN}, "entry": "seen > 0"},
    {"inputs": {"seen": {"kind": "model", "model": "a" * 64}}, "exit": "seen > 0"},
]


def test_every_setting_changes_the_result_and_is_said() -> None:
    """No two of these runs, nor the plain one, have the same fills or say the same of themselves."""
    bars = with_more(a_walk(600, seed=11, drift=0.002))
    plain = a_raw_document(features={}, entry="close > sma(close, 10)", exit="close < sma(close, 10)")
    seen: dict[tuple[bytes, ...], object] = {}
    said: dict[tuple[tuple[str, str], ...], object] = {}
    for change in (NOTHING, *SETTINGS):
        result = simulate(read({**plain, **change}), bars)
        found = (result.fills.quantity.tobytes(), result.fills.price.tobytes(), result.equity.tobytes())
        assert found not in seen, (change, seen.get(found))
        words = tuple(sorted(result.assumptions.items()))
        assert words not in said, (change, said.get(words))
        seen[found], said[words] = change, change


@pytest.mark.parametrize("change", SETTINGS, ids=lambda change: "-".join(str(one) for one in change))
def test_the_compiled_account_and_the_plain_one_give_the_same_bits(change: Mapping[str, object]) -> None:
    plain = a_raw_document(features={}, entry="close > sma(close, 10)", exit="close < sma(close, 10)")
    document, bars = read({**plain, **change}), with_more(a_walk(400, seed=5))
    decisions = signals(document, bars)
    one = run(document, bars, decisions.flags, first=decisions.first)
    other = run(document, bars, decisions.flags, first=decisions.first, loop=_compiled_run())
    assert one.equity.tobytes() == other.equity.tobytes()
    assert one.wanted.tobytes() == other.wanted.tobytes()
    for name in ("quantity", "price", "fee", "cause", "position"):
        assert getattr(one.fills, name).tobytes() == getattr(other.fills, name).tobytes()


TWICE = {"funding": {"kind": "series"}, "funding_bps_per_day": "3"}


def _compiled_run() -> Loop:
    return cast("Loop", compiled(kernel.__name__)["run"])


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"sizing": {"kind": "fraction", "fraction": "2"}}, "needs_margin", "/sizing/fraction"),
        ({"sizing": {"kind": "fraction", "fraction": "0"}}, "greater_than", "/sizing/fraction"),
        ({"sizing": {"kind": "most"}}, "union_tag_invalid", "/sizing"),
        ({"sizing": {"kind": "fixed", "fraction": "1"}}, "missing", "/sizing/amount"),
        ({"stops": {"stop": {"kind": "percent", "valu": "1"}}}, "missing", "/stops/stop/value"),
        ({"order": {"kind": "market", "offset_bps": "3"}}, "not_used", "/order"),
        ({"order": {"kind": "limit", "band_bps": "3"}}, "not_used", "/order/band_bps"),
        ({"costs": FREE | {"participation": "0"}}, "greater_than", "/costs/participation"),
        ({"margin": {"leverage": "0.5"}}, "greater_than_equal", "/margin/leverage"),
        ({"costs": FREE | TWICE}, "not_used", "/costs/funding_bps_per_day"),
        ({"limits": {"max_daily_loss": "1"}}, "less_than", "/limits/max_daily_loss"),
        ({"limits": {"max_share": "0"}}, "greater_than", "/limits/max_share"),
        ({"limits": {"max_gross_exposure": "101"}}, "less_than_equal", "/limits/max_gross_exposure"),
        ({"limits": {"max_share": "0.6", "max_gross_exposure": "0.5"}}, "not_used", "/limits/max_share"),
    ],
)
def test_a_clause_that_cannot_be_is_refused_at_its_place(change: dict[str, object], code: str, place: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        read(a_raw_document(**change))
    assert (refused.value.reasons[0].code, refused.value.reasons[0].place) == (code, place)


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"margin": {"leverage": "2"}}, "not_tradable_yet", "/margin"),
        ({"short_entry": "close < 0", "short_exit": "close > 0"}, "short_not_possible", "/short_entry"),
        ({"universe": ["BTC/USDT", "ETH/USDT", "BTC/USDT:USDT"]}, "coin_twice", "/universe/2"),
    ],
)
def test_what_the_floor_cannot_trade_as_tested_is_not_traded(change: dict[str, object], code: str, place: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_tradable(a_document(**change))
    assert (refused.value.code, refused.value.place) == (code, place)


@pytest.mark.parametrize(
    ("change", "share"),
    [
        ({"sizing": {"kind": "fraction", "fraction": "0.25"}}, "0.25"),
        ({"sizing": {"kind": "fixed", "amount": "3000"}}, "0.3"),
        ({"sizing": {"kind": "fixed", "amount": "90000"}}, "1"),
        ({"sizing": {"kind": "kelly", "most": "1", "start": "0.4"}}, "0.4"),
        ({"sizing": {"kind": "fraction", "fraction": "1"}, "limits": {"max_notional": "5000"}}, "0.5"),
        ({"sizing": {"kind": "fraction", "fraction": "1"}, "limits": {"max_share": "0.1"}}, "0.1"),
    ],
)
def test_the_first_entry_takes_what_the_document_and_its_limits_say(change: dict[str, object], share: str) -> None:
    assert first_fraction(a_document(**change), Decimal(10_000)) == Decimal(share)


def test_shorts_are_stopped_and_aimed_the_other_way_round() -> None:
    sides = {"entry": "false", "exit": "true", "short_entry": "close > 0", "short_exit": "false"}
    document = always_in(**sides, stops=STOP_5 | TARGET_5)
    assert fills(simulate(document, market(FLAT, FLAT, (100, 106, 100, 100), FLAT)))[1] == (2, 100, 105, "stop")
    assert fills(simulate(document, market(FLAT, FLAT, (100, 100, 94, 100), FLAT)))[1] == (2, 100, 95, "target")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"sizing": {"kind": "volatility_target", "target": "0.2", "window": 500}}, "/sizing/window"),
        ({"stops": {"trailing": {"kind": "atr", "value": "2"}, "atr_window": 500}}, "/stops/atr_window"),
        ({"warm_up_bars": 500}, "/warm_up_bars"),
    ],
)
def test_the_clause_that_needs_more_bars_than_there_are_is_named(change: dict[str, object], place: str) -> None:
    with pytest.raises(Refusal) as refused:
        simulate(a_document(**change), a_walk(300))
    assert (refused.value.code, refused.value.place) == ("not_enough_history", place)
    assert "500 bars" in refused.value.text
