"""The warm-up check: what forgets slowly is named with a warm-up that does, and what forgets at once is left alone."""

import pytest

from omc.engine.validation.warm_up import check_warm_up
from omc.kit.errors import Refusal
from tests.engine.builders import a_document, a_walk

SLOW = {"features": {"slow": "ema(close, 20)"}, "entry": "close > slow", "exit": "close < slow"}


def test_windows_that_forget_are_settled_at_once() -> None:
    found = check_warm_up(a_document(), a_walk(2_000))
    assert (found.ok, found.declared, found.suggested_bars) == (True, 8, None)
    assert found.starts > 0


def test_an_average_that_remembers_its_seed_is_named_with_a_warm_up_that_does() -> None:
    bars = a_walk(3_000)
    found = check_warm_up(a_document(**SLOW), bars, seed=2)
    assert not found.ok
    assert {one.place for one in found.findings} == {"/features/slow:1"}
    assert found.findings[0].wanted != found.findings[0].settled
    assert "`/features/slow:1` is not settled after 19 bars" in found.findings[0].text
    assert found.suggested_bars is not None
    assert found.suggested_bars == found.agrees_from * found.declared  # ty: ignore[unsupported-operator]
    assert check_warm_up(a_document(**SLOW, warm_up_bars=found.suggested_bars), bars, seed=2).ok


def test_the_slower_of_two_is_the_one_that_is_named() -> None:
    features = {"quick": "ema(close, 3)", "slow": "ema(close, 30)"}
    document = a_document(features=features, entry="quick > slow", exit="quick < slow")
    found = check_warm_up(document, a_walk(4_000), seed=2)
    assert {one.place for one in found.findings} == {"/features/slow:1"}


def test_a_document_that_needs_no_history_has_nothing_to_warm_up() -> None:
    found = check_warm_up(a_document(features={}, entry="close > open", exit="close < open"), a_walk(300))
    assert (found.ok, found.declared, found.starts) == (True, 0, 0)


def test_too_little_history_is_refused_with_how_much_is_needed() -> None:
    with pytest.raises(Refusal, match="5 times the warm-up of 19 bars and 100 more need 195 bars"):
        check_warm_up(a_document(**SLOW), a_walk(190))
