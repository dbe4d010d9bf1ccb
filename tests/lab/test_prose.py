"""What counts as a typed number, and what may be written with digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.lab.prose import Allowance, Piece, Reference, Text, Unverified, read

ALLOWED = Allowance(
    said=("Does a 20/100 crossover beat holding BTC?",),
    expressions=frozenset({"sma(close, 20)"}),
    names=frozenset({"1h", "1INCH"}),
)


def marked(prose: str) -> list[str]:
    return [piece.text for piece in read(prose, ALLOWED) if isinstance(piece, Unverified)]


@pytest.mark.parametrize(
    ("prose", "wanted"),
    [
        ("The Sharpe ratio is 2.5.", ["2.5"]),
        ("up 12.3 %, $1,000 became 2k", ["12.3 %", "$1,000", "2k"]),
        ("twenty-five percent", ["twenty-five percent"]),
        ("it doubled, a tenfold gain", ["doubled", "tenfold"]),
        ("\u00bd of it, \u216b, \uff12.\uff15, 百分之五十", ["\u00bd", "\u216b", "\uff12.\uff15", "百分之五十"]),
        ("a profit of 2024 and 2023 bars", ["2024", "2023"]),
        ("in 2024 USDT, in 2021.5, in 2022%", ["2024", "2021.5", "2022%"]),
        ("SMA20, v1.2.3, 1e5", ["SMA20", "v1.2.3", "1e5"]),
        ("`sma(close, 21)` is not the strategy", ["21"]),
        ('you asked "20/100"', ["20/100"]),
        ('you asked "a 20/200 crossover beat holding"', ["20/200"]),
        ("1. one\n3. jumps", ["3"]),
        ("{{not:/a/reference}} {{7}}", ["7"]),
    ],
)
def test_a_typed_number_is_marked(prose: str, wanted: list[str]) -> None:
    assert marked(prose) == wanted


@pytest.mark.parametrize(
    "prose",
    [
        "In 2023 it rose; from 2020 to 2022 it did not, and since January 2021 neither.",
        "Bars from 2021-01-01 to 2022-01-01.",
        "1. first\n2. second\n3. third",
        'You asked "does a 20/100 crossover beat holding BTC".',
        "It uses `sma(close, 20)` on 1h bars of 1INCH.",
        "One of them was better than the other one.",
        "No number at all.",
        "",
    ],
)
def test_what_is_excepted_is_not_marked(prose: str) -> None:
    assert marked(prose) == []


def test_a_reference_is_found_between_words() -> None:
    assert read("It is {{3:/metrics/sharpe_ratio}}.", ALLOWED) == [
        Text("It is "),
        Reference(3, "/metrics/sharpe_ratio"),
        Text("."),
    ]


def written(piece: Piece) -> str:
    return "" if isinstance(piece, Reference) else piece.text


@given(st.text(alphabet=st.characters(exclude_characters="{}"), max_size=300))
def test_nothing_is_lost_and_no_digit_escapes_unseen(prose: str) -> None:
    pieces = read(prose, Allowance())
    assert "".join(written(piece) for piece in pieces) == prose


@given(st.integers(min_value=0), st.sampled_from(["gain {} today", "x{}", "{}%", "({})", "\n {}", "{}\u00a0USDT"]))
def test_a_number_in_any_dress_is_marked(number: int, dress: str) -> None:
    assert any(str(number) in text for text in marked(dress.format(number)))
