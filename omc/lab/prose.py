"""Reads what a model writes: finds its references, and marks every number that it typed instead of referring to it.

Excepted are, carefully: years said as years, numbers of a list that counts up from one, words of the person in
quotation marks, the timeframe of the data, and expressions of the tested strategy in backticks, letter for letter.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

MIN_QUOTED_WORDS = 3
MIN_YEAR, MAX_YEAR = 1990, 2100

_SIGNS = "-+\N{MINUS SIGN}±~≈<>=$€£¥#"
_JOINERS = ".,'\N{RIGHT SINGLE QUOTATION MARK}_:/\u00a0\u202f"

_REFERENCE = re.compile(r"\{\{\s*(?P<evidence>\d{1,6})\s*:\s*(?P<path>/[^{}\s]{1,200})\s*\}\}")
_SPELLED = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen"
    r"|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion|half|a\s+quarter|a\s+third)"
)
_UNIT_WORD = (
    r"(?:%|percent|per\s+cent|percentage\s+points?|basis\s+points?|bps|times|fold|x\b|usdt?|dollars?|euros?|btc|eth)"
)
_WORDS = re.compile(
    rf"\b{_SPELLED}(?:[-\s]+(?:and\s+)?{_SPELLED}){{0,8}}[-\s]{{0,3}}{_UNIT_WORD}"
    r"|\b(?:doubl|tripl|quadrupl|halv)(?:e|es|ed|ing)\b|\b\w{2,12}fold\b"
    r"|百分之\w{1,8}|[一二三四五六七八九十百千万两]{1,8}(?:倍|成|个百分点)",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s?(?:[%‰]|(?:percent|per\s+cent|percentage\s+points?|basis\s+points?|bps|times|x)\b)", re.IGNORECASE
)
_DATE = re.compile(r"(?<![\w.])(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?(?!\w)")
_MONTH = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
    r"|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_YEAR = re.compile(
    rf"(?<!\w)(?:in|since|from|until|till|through|during|before|after|early|mid|late|year|(?:end|start|middle|beginning)\s+of|{_MONTH})[\s-]+"
    r"(?P<year>(?:19|20)\d\d)(?:\s*(?:to|and|until|through|[-\N{EN DASH}])\s*(?P<other>(?:19|20)\d\d))?"
    rf"(?![\w%$]|[.,]\d|\s*{_UNIT_WORD}|\s+(?:bars|trades|points))",
    re.IGNORECASE,
)
_LIST_NUMBER = re.compile(r"^[ \t]*(?P<number>\d{1,2})[.)][ \t]+", re.MULTILINE)
_QUOTED = re.compile(r"[\"“](?P<inside>[^\"“”\n]{1,400})[\"”]")
_CODE = re.compile(r"`(?P<inside>[^`\n]{1,200})`")


@dataclass(frozen=True, slots=True)
class Text:
    """Words that claim no number, or whose number needs no evidence."""

    text: str


@dataclass(frozen=True, slots=True)
class Unverified:
    """A number that the model typed."""

    text: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A pointer to a figure in evidence."""

    evidence: int
    path: str


Piece: TypeAlias = Text | Unverified | Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What may be written with digits: the person's texts, expressions of the strategy, names with digits (`1h`)."""

    said: tuple[str, ...] = ()
    expressions: frozenset[str] = field(default_factory=frozenset)
    names: frozenset[str] = field(default_factory=frozenset)


def read(prose: str, allowance: Allowance) -> list[Piece]:
    """Return the prose in pieces, in order; joined texts, marked numbers and references are the whole of it."""
    pieces: list[Piece] = []
    end = 0
    for reference in _REFERENCE.finditer(prose):
        pieces += _mark(prose[end : reference.start()], allowance)
        pieces.append(Reference(int(reference["evidence"]), reference["path"]))
        end = reference.end()
    pieces += _mark(prose[end:], allowance)
    return pieces


def unverified_count(pieces: Iterable[Piece]) -> int:
    """Return how many numbers in these pieces nothing backs."""
    return sum(isinstance(piece, Unverified) for piece in pieces)


def _mark(text: str, allowance: Allowance) -> Iterator[Piece]:
    excepted = [*_excepted(text, allowance)]
    end = 0
    for start, stop in _numbers(text):
        inside = any(low <= start and stop <= high for low, high in excepted)
        if inside or start < end or text[start:stop] in allowance.names:
            continue
        if start > end:
            yield Text(text[end:start])
        yield Unverified(text[start:stop])
        end = stop
    if end < len(text):
        yield Text(text[end:])


def _numbers(text: str) -> list[tuple[int, int]]:
    return sorted([*_digits(text), *(found.span() for found in _WORDS.finditer(text))])


def _digits(text: str) -> Iterator[tuple[int, int]]:
    """Spans of everything with a digit of any script in it, with the letters, sign and unit that stand against it."""
    end = 0
    for place, character in enumerate(text):
        if place < end or not _is_digit(character):
            continue
        start, stop = place, place + 1
        while start > end and text[start - 1].isalnum():
            start -= 1
        while start > end and text[start - 1] in _SIGNS:
            start -= 1
        while stop < len(text) and (text[stop].isalnum() or _joins(text, stop)):
            stop += 1
        tail = _TAIL.match(text, stop)
        end = tail.end() if tail else stop
        yield start, end


def _is_digit(character: str) -> bool:
    return unicodedata.category(character) in {"Nd", "Nl", "No"}


def _joins(text: str, place: int) -> bool:
    return text[place] in _JOINERS and place + 1 < len(text) and _is_digit(text[place + 1])


def _excepted(text: str, allowance: Allowance) -> Iterator[tuple[int, int]]:
    yield from (found.span() for found in _DATE.finditer(text))
    yield from _years(text)
    yield from _list_numbers(text)
    quoted = (found for found in _QUOTED.finditer(text) if _was_said(found["inside"], allowance.said))
    yield from (found.span() for found in quoted)
    yield from (found.span() for found in _CODE.finditer(text) if found["inside"] in allowance.expressions)


def _years(text: str) -> Iterator[tuple[int, int]]:
    for found in _YEAR.finditer(text):
        years = [found[name] for name in ("year", "other") if found[name]]
        if all(MIN_YEAR <= int(year) <= MAX_YEAR for year in years):
            yield found.start("year"), found.end()


def _list_numbers(text: str) -> Iterator[tuple[int, int]]:
    expected = 1
    for found in _LIST_NUMBER.finditer(text):
        if int(found["number"]) == expected:
            expected += 1
            yield found.span()


def _was_said(quoted: str, said: tuple[str, ...]) -> bool:
    words = " ".join(quoted.casefold().split())
    return len(words.split()) >= MIN_QUOTED_WORDS and any(words in " ".join(text.casefold().split()) for text in said)
