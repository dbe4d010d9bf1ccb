"""A key whose provider asked to slow down is left be for as long as it asked, and then is what it was."""

from datetime import timedelta

import pytest

from omc.vault.rules import KeyState, limited_until, state_at
from tests.vault.money import NOW

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("asked_s", "rests"), [(None, MINUTE), (7.0, timedelta(seconds=7))])
def test_it_rests_as_long_as_the_provider_said_or_a_minute(asked_s: float | None, rests: timedelta) -> None:
    assert limited_until(KeyState.RATE_LIMITED, retry_after_s=asked_s, now=NOW) == NOW + rests


@pytest.mark.parametrize("state", sorted(set(KeyState) - {KeyState.RATE_LIMITED}))
def test_nothing_else_passes_by_itself(state: KeyState) -> None:
    assert limited_until(state, retry_after_s=7, now=NOW) is None
    assert state_at(state, until=NOW, passed_once=True, now=NOW + MINUTE) is state


@pytest.mark.parametrize(
    ("after", "passed_once", "state"),
    [
        (-MINUTE, True, KeyState.RATE_LIMITED),
        (timedelta(0), True, KeyState.WORKING),
        (MINUTE, False, KeyState.NOT_TESTED),
    ],
)
def test_when_it_has_rested_it_is_what_its_test_said(after: timedelta, passed_once: bool, state: KeyState) -> None:
    assert state_at(KeyState.RATE_LIMITED, until=NOW, passed_once=passed_once, now=NOW + after) is state
