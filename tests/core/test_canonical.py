"""Equal content has an equal hash."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from omc.core.canonical import canonical, digest


def test_key_order_does_not_matter() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


def test_equal_amounts_are_equal() -> None:
    assert digest(Decimal("1.50")) == digest(Decimal("1.5"))


def test_one_instant_in_two_zones_is_equal() -> None:
    utc = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert digest(utc) == digest(utc.astimezone(timezone(timedelta(hours=2))))


def test_the_form_is_plain_json() -> None:
    assert canonical({"b": [Decimal("1E+2"), None], "a": "ü"}) == '{"a":"ü","b":["100",null]}'.encode()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), datetime(2026, 1, 1)])  # noqa: DTZ001 - the naive one is the case
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"zone|JSON"):
        canonical(value)


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(TypeError, match="no canonical form"):
        canonical(object())
