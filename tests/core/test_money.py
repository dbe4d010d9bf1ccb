"""Exact decimals."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.core.money import parse_decimal, round_down, round_half_even, text

amounts = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=Decimal("-1e30"), max_value=Decimal("1e30"), places=18
)


@given(amounts)
def test_an_amount_survives_its_text(amount: Decimal) -> None:
    assert parse_decimal(text(amount)) == amount


@given(amounts)
def test_the_text_of_an_amount_is_plain(amount: Decimal) -> None:
    assert "E" not in text(amount)


@pytest.mark.parametrize(
    ("amount", "plain"), [("1E+3", "1000"), ("2.50", "2.5"), ("-0", "0"), ("0.000", "0"), ("100", "100")]
)
def test_equal_amounts_have_equal_texts(amount: str, plain: str) -> None:
    assert text(Decimal(amount)) == plain


@pytest.mark.parametrize("written", ["", "nan", "Infinity", "1,5", "0x10", "1e999", "9" * 200, "--1"])
def test_what_is_not_a_finite_number_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="number"):
        parse_decimal(written)


@given(
    st.decimals(min_value=0, max_value=Decimal("1e12"), places=18),
    st.sampled_from(["0.00001", "0.001", "1", "0.5", "25"]),
)
def test_rounding_down_never_gives_more_and_loses_less_than_a_step(value: Decimal, step: str) -> None:
    rounded = round_down(value, Decimal(step))
    assert 0 <= value - rounded < Decimal(step)
    assert rounded % Decimal(step) == 0


def test_reports_round_ties_to_even() -> None:
    assert [round_half_even(Decimal(value), 1) for value in ("0.25", "0.35", "-0.25")] == [
        Decimal("0.2"),
        Decimal("0.4"),
        Decimal("-0.2"),
    ]
