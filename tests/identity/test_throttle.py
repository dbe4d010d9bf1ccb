"""Counting guesses: whom an address stands for, and that guesses at the same moment are no way around the limit."""

from contextlib import ExitStack

import pytest

from omc.identity.throttle import ACCOUNT, BUSY_RETRY_S, CLIENT, Limit, Throttle, client_key
from omc.kit.errors import Refusal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("127.0.0.1", "127.9.8.7"),
        ("127.0.0.1", "::1"),
        ("127.0.0.1", "::ffff:127.0.0.2"),
        ("192.0.2.7", "::ffff:192.0.2.7"),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
    ],
)
def test_addresses_that_one_machine_can_choose_are_one_client(one: str, other: str) -> None:
    assert client_key(one) == client_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("192.0.2.7", "192.0.2.8"), ("2001:db8:1:2::1", "2001:db8:1:3::1"), ("127.0.0.1", "unknown")]
)
def test_other_machines_are_other_clients(one: str, other: str) -> None:
    assert client_key(one) != client_key(other)


@pytest.mark.parametrize("limit", [ACCOUNT, CLIENT])
def test_what_is_under_way_counts_like_what_failed(limit: Limit) -> None:
    throttle = Throttle()
    throttle.count(limit, "a")
    with ExitStack() as under_way:
        for _ in range(limit.item.amount - 1):
            under_way.enter_context(throttle.attempt(limit, "a"))
        with pytest.raises(Refusal) as refused, throttle.attempt(limit, "a"):
            pytest.fail("one too many began")
        assert refused.value.retry_after_s == BUSY_RETRY_S
        with throttle.attempt(limit, "b"):
            pass
    with throttle.attempt(limit, "a"):
        pass


def test_after_too_many_failures_nothing_begins_for_minutes() -> None:
    throttle = Throttle()
    for _ in range(CLIENT.item.amount):
        with throttle.attempt(CLIENT, "a"):
            throttle.count(CLIENT, "a")
    with pytest.raises(Refusal) as refused, throttle.attempt(CLIENT, "a"):
        pytest.fail("one too many began")
    assert (refused.value.retry_after_s or 0) > BUSY_RETRY_S
