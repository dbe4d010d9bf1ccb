"""Reads a person's goal by rules: which idea to test, on which market, over which time. What it cannot read it says."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

MAX_WINDOW = 2_000

_COINS: Mapping[str, str] = {
    "bitcoin": "BTC",
    "ether": "ETH",
    "ethereum": "ETH",
    "solana": "SOL",
    "ripple": "XRP",
    "litecoin": "LTC",
    "cardano": "ADA",
    "dogecoin": "DOGE",
    "chainlink": "LINK",
    "polkadot": "DOT",
}
_NO_TICKERS = frozenset(
    ("RSI", "SMA", "EMA", "MA", "ROC", "MACD", "ATR", "USD", "USDT", "USDC", "EUR", "OK", "AI", "HODL", "UTC", "CSV")
)
_TIMEFRAMES: Sequence[tuple[str, str]] = (
    (r"\b(?:hourly|1[- ]?h(?:ours?)?|one[- ]hour)\b", "1h"),
    (r"\b(?:daily|1[- ]?d(?:ays?)?|one[- ]day)\b", "1d"),
    (r"\b(?:weekly|1[- ]?w(?:eeks?)?)\b", "1w"),
    (r"\b(?:5[- ]?m(?:in(?:ute)?s?)?|five[- ]minutes?)\b", "5m"),
    (r"\b(?:15[- ]?m(?:in(?:ute)?s?)?|fifteen[- ]minutes?)\b", "15m"),
    (r"\b(?:30[- ]?m(?:in(?:ute)?s?)?|half[- ]hour(?:ly)?)\b", "30m"),
    (r"\b(?:4[- ]?h(?:ours?)?|four[- ]hours?)\b", "4h"),
    (r"\b(?:1[- ]?m(?:in(?:ute)?)?|one[- ]minute)\b", "1m"),
)
_SYMBOL = re.compile(r"(?<![A-Za-z0-9])(?=\d*[A-Z])[A-Z0-9]{2,10}/[A-Z]{2,6}(?::[A-Z]{2,6})?(?![A-Za-z0-9])")
_TICKER = re.compile(r"(?<![A-Za-z0-9/])(?=[A-Z0-9]*[A-Z])[A-Z0-9]{2,10}(?![A-Za-z0-9/])")
_PAIR = re.compile(
    r"(?<![\d.,])(\d{1,4})\s*(?:/|and|&|,|-|to|over|against|vs\.?)\s*(\d{1,4})(?![\d.,%])", re.IGNORECASE
)
_SINGLE = re.compile(r"(?<![\d.,/])(\d{1,4})[- ]?(?:bar|period|candle)s?\b|\brsi\s*\(?\s*(\d{1,3})\b", re.IGNORECASE)
_YEARS = re.compile(
    r"\b(?P<word>in|during|since|from|after|between|until|before)\s+(?:the\s+year\s+)?(?P<first>20\d\d)"
    r"(?:\s*(?:to|until|and|through|-)\s*(?P<last>20\d\d))?\b",
    re.IGNORECASE,
)
_ANSWERED_YEARS = re.compile(r"\W*(?:only\s+)?(?P<years>20\d\d(?:\s*(?:to|until|-)\s*20\d\d)?)\W*", re.IGNORECASE)
"""A message that is nothing but years, as an answer is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One kind of idea that the analyst can test; `fast` and `slow` are taken when the goal names no windows."""

    id: str
    label: str
    words: str
    fast: int
    slow: int
    features: Mapping[str, str]
    entry: str
    exit: str
    told: str


FAMILIES: tuple[Family, ...] = (
    Family(
        id="crossover",
        label="moving-average crossover",
        words=r"moving[- ]averages?|cross[- ]?overs?|\bcross(?:es|ing)?\b|\b[se]?ma\b",
        fast=20,
        slow=100,
        features={"fast": "{mean}(close, {fast})", "slow": "{mean}(close, {slow})"},
        entry="crosses_above(fast, slow)",
        exit="crosses_below(fast, slow)",
        told="It buys when the fast average of closes rises above the slow one and sells when it falls below.",
    ),
    Family(
        id="reversion",
        label="RSI mean reversion",
        words=r"\brsi\b|mean[- ]revert\w*|reversion|oversold|overbought|buy(?:ing)? (?:the )?dips?",
        fast=14,
        slow=14,
        features={"strength": "rsi(close, {fast})"},
        entry="crosses_below(strength, {low})",
        exit="crosses_above(strength, {high})",
        told="It buys when the relative strength index falls into oversold ground and sells when it has recovered.",
    ),
    Family(
        id="breakout",
        label="channel breakout",
        words=r"break[- ]?outs?|donchian|turtle|new highs?|channels?",
        fast=20,
        slow=55,
        features={"top": "lag(highest(high, {slow}), 1)", "bottom": "lag(lowest(low, {fast}), 1)"},
        entry="close > top",
        exit="close < bottom",
        told="It buys when a close is above each high of its entry window and sells when one is below its exit window.",
    ),
    Family(
        id="momentum",
        label="momentum",
        words=r"momentum|trend[- ]following|follow(?:s|ing)? the trend|rate of change|\broc\b",
        fast=168,
        slow=168,
        features={"change": "roc(close, {fast})"},
        entry="crosses_above(change, 0)",
        exit="crosses_below(change, 0)",
        told="It buys when the price change over its window turns positive and sells when it turns negative.",
    ),
)
OVERSOLD, RECOVERED = 30, 55


Years: TypeAlias = tuple[int | None, int | None]
"""The first and the last year of a period, both whole; None: from the beginning, or to the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """What was read from a person's words; None where they say nothing. Years are whole, the last one included.

    Where they say several things of one kind, all stand in `others`, `bases`, `timeframes` and `periods`: the analyst
    asks which is meant.
    """

    family: Family | None = None
    others: tuple[Family, ...] = ()
    symbol: str | None = None
    base: str | None = None
    bases: tuple[str, ...] = ()
    timeframe: str | None = None
    timeframes: tuple[str, ...] = ()
    periods: tuple[Years, ...] = ()
    pair: tuple[int, int] | None = None
    window: int | None = None
    exponential: bool = False
    first_year: int | None = None
    last_year: int | None = None


def read_goal(text: str) -> Idea:
    """Return what one message says."""
    families = _families(text)
    symbol = _SYMBOL.search(text)
    bases, timeframes, periods = _coins(text), _timeframes(text), _periods(text)
    first_year, last_year = periods[0] if periods else (None, None)
    golden = re.search(r"golden cross", text, re.IGNORECASE)
    return Idea(
        family=families[0] if families else None,
        others=tuple(families[1:]),
        symbol=symbol[0] if symbol else None,
        base=bases[0] if bases else None,
        bases=bases,
        timeframe=timeframes[0] if timeframes else None,
        timeframes=timeframes,
        periods=periods,
        pair=_pair(text) or ((50, 200) if golden else None),
        window=_window(text),
        exponential=re.search(r"exponential|\bema\b", text, re.IGNORECASE) is not None,
        first_year=first_year,
        last_year=last_year,
    )


def together(ideas: Iterable[Idea]) -> Idea:
    """Return what a conversation says: each later message replaces what it speaks of, and keeps the rest."""
    whole = Idea()
    for idea in ideas:
        if idea.family is not None:
            if idea.family != whole.family:
                whole = replace(whole, family=idea.family, pair=None, window=None, exponential=False)
            whole = replace(whole, others=idea.others)
        if idea.symbol is not None or idea.base is not None:
            whole = replace(whole, symbol=idea.symbol, base=idea.base, bases=idea.bases)
        if idea.periods:
            whole = replace(whole, first_year=idea.first_year, last_year=idea.last_year, periods=idea.periods)
        if idea.timeframe is not None:
            whole = replace(whole, timeframe=idea.timeframe, timeframes=idea.timeframes)
        whole = replace(
            whole,
            pair=idea.pair or whole.pair,
            window=idea.window or whole.window,
            exponential=idea.exponential or whole.exponential,
        )
    return whole


def says_nothing(idea: Idea) -> bool:
    """Return whether a message holds nothing that could start or change a test."""
    return idea == Idea()


def doubt(idea: Idea) -> str | None:
    """Return the question to ask when the words can mean several things; which markets there are decides the rest."""
    assert idea.family is not None
    if idea.others:
        named = _either([idea.family.label, *(other.label for other in idea.others)])
        return f"You name several ideas, and I test one at a time: {named}. Which shall I begin with?"
    if len(idea.timeframes) > 1:
        return f"You name several bar lengths: {_either(idea.timeframes)}. Which shall I use?"
    if len(idea.periods) > 1:
        return f"You name several periods: {_either([_said(period) for period in idea.periods])}. Which shall I test?"
    if idea.first_year is not None and idea.last_year is not None and idea.first_year > idea.last_year:
        return f"The period ends before it begins: {_said(idea.periods[0])}. Which years shall I test?"
    return None


def is_coin(base: str) -> bool:
    """Return whether a name in capitals is surely a coin, and no other abbreviation."""
    return base in _COINS.values()


def document(idea: Idea, *, symbol: str, timeframe: str) -> dict[str, object]:
    """Return the strategy document of an idea, on one market."""
    family = idea.family
    assert family is not None
    low, high = OVERSOLD, RECOVERED
    fast, slow = family.fast, family.slow
    if family.id == "reversion":
        low, high = idea.pair or (low, high)
    elif family.fast != family.slow and idea.pair is not None:
        fast, slow = idea.pair
    if family.fast == family.slow and idea.window is not None:
        fast = idea.window
    mean = "ema" if idea.exponential else "sma"
    values = {"fast": str(fast), "slow": str(slow), "low": str(low), "high": str(high), "mean": mean}
    return {
        "schema": "omc-strategy/1",
        "name": f"{family.label} on {symbol} {timeframe}",
        "universe": [symbol],
        "timeframe": timeframe,
        "features": {name: _filled(expression, values) for name, expression in family.features.items()},
        "entry": _filled(family.entry, values),
        "exit": _filled(family.exit, values),
        "sizing": {"kind": "fraction", "fraction": "1"},
        "costs": {"fee_bps": "10", "slippage_bps": "5"},
    }


def _families(text: str) -> list[Family]:
    places = [(re.search(family.words, text, re.IGNORECASE), family) for family in FAMILIES]
    found = [(match.start(), family) for match, family in places if match is not None]
    return [family for _, family in sorted(found, key=lambda one: one[0])]


def _coins(text: str) -> tuple[str, ...]:
    """The coins that are named, each once: by name in any case, or by ticker in capitals, beside a pair's own."""
    named = [(re.search(rf"\b{name}\b", text, re.IGNORECASE), ticker) for name, ticker in _COINS.items()]
    names = [(match.start(), ticker) for match, ticker in named if match is not None]
    tickers = [(match.start(), match[0]) for match in _TICKER.finditer(text) if match[0] not in _NO_TICKERS]
    return tuple(dict.fromkeys(ticker for _, ticker in sorted([*names, *tickers])))


def _timeframes(text: str) -> tuple[str, ...]:
    places = [(re.search(pattern, text, re.IGNORECASE), timeframe) for pattern, timeframe in _TIMEFRAMES]
    found = sorted((match.start(), timeframe) for match, timeframe in places if match is not None)
    return tuple(timeframe for _, timeframe in found)


def _pair(text: str) -> tuple[int, int] | None:
    pairs = [tuple(sorted((int(match[1]), int(match[2])))) for match in _PAIR.finditer(text)]
    return next(((low, high) for low, high in pairs if 2 <= low < high < MAX_WINDOW), None)


def _window(text: str) -> int | None:
    windows = [int(match[1] or match[2]) for match in _SINGLE.finditer(text)]
    return next((window for window in windows if 2 <= window < MAX_WINDOW), None)


def _periods(text: str) -> tuple[Years, ...]:
    """The periods that are named, each once; one that only begins and one that only ends are one together."""
    whole = _ANSWERED_YEARS.fullmatch(text)
    words = f"in {whole['years']}" if whole else text
    found = tuple(dict.fromkeys(_years(match) for match in _YEARS.finditer(words)))
    begins = [first for first, last in found if last is None]
    ends = [last for first, last in found if first is None]
    if len(found) == 2 and len(begins) == len(ends) == 1:
        return ((begins[0], ends[0]),)
    return found


def _years(found: re.Match[str]) -> Years:
    first = int(found["first"])
    last = int(found["last"]) if found["last"] else None
    match found["word"].lower():
        case "in" | "during":
            return first, last or first
        case "until":
            return None, first
        case "before":
            return None, first - 1
        case "after":
            return first + 1, last
        case _:
            return first, last


def _said(period: Years) -> str:
    first, last = period
    if first == last:
        return str(first)
    return f"{first or 'the beginning'} to {last or 'now'}"


def _either(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _filled(expression: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        expression = expression.replace(f"{{{name}}}", value)
    return expression
