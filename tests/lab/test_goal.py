"""What the analyst reads in a goal, and what it asks when a goal can mean several things."""

import pytest

from omc.lab.goal import doubt, read_goal, together
from omc.lab.markets import Market, choose

MARKETS = {
    "markets": [
        {"series_id": base, "symbol": f"{base}/USDT", "timeframe": "1h", "label": base, "origin": "imported"}
        | {"stored_count": 100}
        for base in ("BTC", "ETH")
    ]
}


@pytest.mark.parametrize(
    ("goal", "question"),
    [
        ("RSI or momentum on BTC?", "RSI mean reversion or momentum"),
        ("Momentum on hourly and daily BTC bars?", "1h or 1d"),
        ("Momentum on BTC in 2021 or in 2023?", "2021 or 2023"),
        ("Momentum on BTC from 2023 to 2021?", "ends before it begins: 2023 to 2021"),
        ("Momentum on BTC since 2022 until 2020?", "ends before it begins: 2022 to 2020"),
    ],
)
def test_a_goal_that_can_mean_several_things_is_asked_about(goal: str, question: str) -> None:
    assert question in (doubt(read_goal(goal)) or "")


@pytest.mark.parametrize(
    "goal",
    [
        "Does a moving-average crossover beat holding BTC on hourly bars?",
        "Momentum on BTC since 2021 until 2023",
        "Momentum on BTC between 2021 and 2023, hourly",
        "Golden cross 50/200 on daily BTC bars in 2022",
    ],
)
def test_a_plain_goal_is_not(goal: str) -> None:
    assert doubt(read_goal(goal)) is None


@pytest.mark.parametrize(
    ("goal", "question"),
    [
        ("Does momentum work?", "Which market do you mean?"),
        ("Does momentum work on BTC or ETH?", "several markets: BTC, ETH"),
        ("Does momentum work on ETH or dogecoin?", "several markets: ETH, DOGE"),
        ("Does momentum work on DOGE?", "no DOGE bars"),
    ],
)
def test_a_market_that_is_not_named_plainly_is_asked_about(goal: str, question: str) -> None:
    asked = choose(read_goal(goal), MARKETS)
    assert isinstance(asked, str)
    assert question in asked


def test_another_abbreviation_is_no_market() -> None:
    found = choose(read_goal("Does momentum work on ETH, net of VAT, as the CEO says?"), MARKETS)
    assert isinstance(found, Market)
    assert found.symbol == "ETH/USDT"


def test_an_answer_settles_what_was_asked_and_keeps_the_rest() -> None:
    talk = [
        "RSI or momentum on BTC or ETH, in 2021 or in 2022, on hourly and daily bars?",
        "RSI",
        "ETH",
        "2022",
        "daily",
    ]
    idea = together(read_goal(text) for text in talk)
    assert doubt(idea) is None
    assert idea.family is not None
    told = (idea.family.id, idea.base, idea.timeframe, idea.first_year, idea.last_year)
    assert told == ("reversion", "ETH", "1d", 2022, 2022)
