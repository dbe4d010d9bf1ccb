"""What counts as a typed number, and what may be written with digits."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.lab.claims import Kind
from omc.lab.prose import Allowance, Backed, Piece, Reference, Text, Unverified, read

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
        ("in 2024 USDT, in 2021.5, in 2022%", ["2024 USDT", "2021.5", "2022%"]),
        ("SMA20, v1.2.3, 1e5", ["SMA20", "v1.2.3", "1e5"]),
        ("`sma(close, 21)` is not the strategy", ["21"]),
        ('you asked "20/100"', ["20/100"]),
        ('you asked "a 20/200 crossover beat holding"', ["20/200"]),
        ("1. one\n3. jumps", ["3"]),
        ("{{not:/a/reference}} {{7}}", ["7"]),
        ("two thirds won, half of the trades, a quarter of it", ["two thirds", "half of", "a quarter of"]),
        ("three out of four windows, one in five", ["three out of four", "one in five"]),
        ("five winning trades, a dozen trades, hundreds of them", ["five winning", "a dozen", "hundreds of"]),
        ("double-digit, twice as much, half the drawdown", ["double-digit", "twice as", "half the"]),
        ("\u20bf3 or \xa34, 3\u20135 %, 1.5e-3, 10^5", ["\u20bf3", "\xa34", "3\u20135 %", "1.5e-3", "10^5"]),
        ("ten\u200bpercent, 3 mil\u00adlion", ["tenpercent", "3 million"]),
        ("\uff12\uff10\uff05 \U0001d7d0\U0001d7ce percent", ["\uff12\uff10\uff05", "\U0001d7d0\U0001d7ce percent"]),
        ("zwanzig Prozent, veinte por ciento, 三倍", ["zwanzig Prozent", "veinte por ciento", "三倍"]),
        ("after 2000 windows", ["2000"]),
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
        "In the first half of the span it fell, in the second half of 2022 too.",
        "A double exponential moving average, triple barrier labels, tested twice, measured in percent.",
        "It has three parts: data, rules and costs. A quarter later nothing had changed.",
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
    assert bare("".join(written(piece) for piece in pieces)) == bare(prose)


def bare(text: str) -> str:
    """Without what nobody sees and may be left out."""
    return "".join(one for one in text if unicodedata.category(one) != "Cf" and one not in "\u034f\u115f\u1160\u2065")


@given(st.integers(min_value=0), st.sampled_from(["gain {} today", "x{}", "{}%", "({})", "\n {}", "{}\u00a0USDT"]))
def test_a_number_in_any_dress_is_marked(number: int, dress: str) -> None:
    assert any(str(number) in text for text in marked(dress.format(number)))


CLAIMED = [
    "This strategy beats holding.",
    "It is profitable.",
    "Returns are better than buy and hold.",
    "It outperforms the market.",
    "It would have beaten holding.",
    "Whether you like it or not, it beats holding.",
    "It cannot be denied that it beats holding.",
    "You can see that it made good money.",
    "b\u0435ats holding",
    "\U0001d41b\U0001d41e\U0001d41a\U0001d42d\U0001d42c holding",
    "be\u200bats holding",
]
PROMISED = ["It will keep winning.", "A guaranteed winner.", "It never loses.", "It is expected to outperform."]
PROVEN = ["It has a real edge.", "This is not luck.", "The result is robust.", "It is statistically significant."]
NO_CLAIM = [
    "It did not beat holding.",
    "Does it beat holding?",
    "The question is whether it beats holding.",
    "No strategy that I tested beats holding.",
    "It might outperform in a bear market.",
    "This does not show that it is profitable.",
    "It is not statistically significant.",
    "The backtest against holding",
    "The significance of the difference was not tested.",
    "Approve it for paper only if you want to watch it without money.",
    "Its profit factor is low, and it underperformed holding.",
    "One market and one span were looked at, so this can be luck.",
    "The goal was to beat holding BTC.",
    "Too few trades to beat chance. It should show whether it gains.",
]


def claimed(prose: str, backed: Backed) -> list[str]:
    return [piece.why for piece in read(prose, ALLOWED, backed) if isinstance(piece, Unverified)]


@pytest.mark.parametrize("prose", CLAIMED)
def test_a_claim_is_marked_until_what_is_in_sight_bears_it_out(prose: str) -> None:
    assert claimed(prose, lambda _: False) == ["claim"]
    assert claimed(prose, lambda kind: kind in {Kind.BEATS, Kind.GAINS}) == []


@pytest.mark.parametrize("prose", [*PROMISED, *PROVEN])
def test_no_return_bears_out_a_promise_or_a_proof(prose: str) -> None:
    assert "claim" in claimed(prose, lambda kind: kind in {Kind.BEATS, Kind.GAINS})


@pytest.mark.parametrize("prose", NO_CLAIM)
def test_what_denies_asks_or_supposes_claims_nothing(prose: str) -> None:
    assert claimed(prose, lambda _: False) == []
