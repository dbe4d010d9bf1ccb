"""One decision path: what is decided on the bars so far is what was decided on all of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omc.engine import StrategyDocument, decide, signals
from omc.engine.decision import WISHES
from omc.kit.errors import Refusal
from tests.engine.builders import a_document, a_walk, bars_of
from tests.engine.documents import documents


@settings(max_examples=100)
@given(documents(), st.integers(0, 2**32 - 1), st.data())
def test_a_decision_on_cut_data_is_the_decision_on_all_data(
    document: StrategyDocument, seed: int, data: st.DataObject
) -> None:
    bars = a_walk(120, seed=seed)
    start = data.draw(st.integers(0, 60), label="start")
    whole = signals(document, bars, start=start)
    for cut in data.draw(st.lists(st.integers(1, len(bars)), min_size=5, max_size=5), label="cuts"):
        now = decide(document, bars.slice(0, cut), start=start)
        before = int(whole.wanted[cut - 2]) if cut > 1 else 0
        assert now.wanted == WISHES[int(whole.wanted[cut - 1])]
        assert now.changed == (int(whole.wanted[cut - 1]) != before)
        assert now.bar_ts == bars.ts[cut - 1]


@settings(max_examples=50)
@given(documents(), st.integers(0, 2**32 - 1))
def test_later_bars_change_nothing_that_was_decided(document: StrategyDocument, seed: int) -> None:
    early = a_walk(100, seed=seed)
    closes = early.close.tolist()
    opens = early.open.tolist()
    one = bars_of([*closes, *(price * 7 for price in closes[:20])], opens=[*opens, *opens[:20]])
    two = bars_of([*closes, *(price / 7 for price in closes[:20])], opens=[*opens, *opens[20:40]])
    assert signals(document, one).wanted[:100].tolist() == signals(document, two).wanted[:100].tolist()


@settings(max_examples=50)
@given(documents(), st.integers(0, 2**32 - 1))
def test_nothing_is_wanted_before_the_warm_up_is_over(document: StrategyDocument, seed: int) -> None:
    decisions = signals(document, a_walk(60, seed=seed))
    assert not decisions.wanted[: decisions.first].any()


def test_an_exit_wins_over_an_entry_at_the_same_bar() -> None:
    document = a_document(features={}, entry="close > 1", exit="close > 5")
    assert signals(document, bars_of([2, 3, 6, 4])).wanted.tolist() == [1, 1, 0, 1]


def test_a_position_is_kept_between_entry_and_exit() -> None:
    document = a_document(features={}, entry="close > 10", exit="close < 5")
    assert signals(document, bars_of([7, 11, 7, 4, 7])).wanted.tolist() == [0, 1, 1, 0, 0]


def test_contradicting_entries_leave_the_account_flat() -> None:
    sides = {"entry": "close > 1", "exit": "false", "short_entry": "close > 5", "short_exit": "false"}
    assert signals(a_document(features={}, **sides), bars_of([7, 7, 2])).wanted.tolist() == [0, 0, 1]


def test_a_long_turns_short_at_one_bar() -> None:
    sides = {"entry": "close > 5", "exit": "close < 5", "short_entry": "close < 5", "short_exit": "close > 5"}
    assert signals(a_document(features={}, **sides), bars_of([6, 4, 6])).wanted.tolist() == [1, -1, 1]


def test_too_little_history_is_not_ready_and_wants_nothing() -> None:
    now = decide(a_document(), bars_of([1.0, 2.0, 3.0]))
    assert (now.wanted, now.ready, now.changed) == ("flat", False, False)


def test_a_decision_is_known_at_the_close_of_its_bar() -> None:
    bars = a_walk(30)
    now = decide(a_document(), bars)
    assert now.decided_ts == int(bars.ts[-1]) + bars.timeframe_ms


def test_bars_of_another_timeframe_are_refused() -> None:
    with pytest.raises(Refusal) as refused:
        signals(a_document(timeframe="5m"), a_walk(30))
    assert (refused.value.code, refused.value.place) == ("wrong_timeframe", "/timeframe")


def test_a_price_of_zero_is_refused() -> None:
    with pytest.raises(Refusal, match="zero or less"):
        signals(a_document(), bars_of([*np.ones(20).tolist(), 0.0]))


def test_no_bars_are_refused() -> None:
    with pytest.raises(Refusal, match="no bars"):
        decide(a_document(), a_walk(10).slice(0, 0))
