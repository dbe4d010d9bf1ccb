"""Reads what a model writes: finds its references, and marks what it typed instead of referring to it.

Marked are numbers, in digits of any script or in words, and claims about performance that no figure in sight bears
out. Excepted are, carefully: years said as years, numbers of a list that counts up from one, words of the person in
quotation marks, the timeframe of the data, and expressions of the tested strategy in backticks, letter for letter.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from omc.lab import claims
from omc.lab.claims import Kind
from omc.lab.evidence import ASSUMED_ROOTS
from omc.lab.number_words import number_words

MIN_QUOTED_WORDS = 3
MIN_YEAR, MAX_YEAR = 1990, 2100

_SIGNS = "-+\N{MINUS SIGN}±~≈<>=≤≥#\N{MULTIPLICATION SIGN}"
_JOINERS = ".,'\N{RIGHT SINGLE QUOTATION MARK}_:/^-\N{EN DASH}\N{MINUS SIGN}\u00a0\u202f"

_REFERENCE = re.compile(r"\{\{\s*(?P<evidence>\d{1,6})\s*:\s*(?P<path>/[^{}\s]{1,200})\s*\}\}")
_UNIT_WORD = (
    r"(?:%|percent|per\s+cent|percentage\s+points?|basis\s+points?|bps|times|fold|x\b|usdt?|dollars?|euros?|btc|eth)"
)
_TAIL = re.compile(
    r"\s?(?:[%‰\uff05\u00d7]|(?:percent|per\s+cent|percentage\s+points?|basis\s+points?|bps|times|x"
    r"|thousand|million|billion|usdt?|usdc|eur|gbp|jpy|btc|eth|dollars?|euros?)\b)",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?<![\w.])(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?(?!\w)")
_MONTH = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
    r"|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_COUNTED = (
    r"(?:of|bars|trades|points|times|cases|windows|wins|losses|positions|attempts|runs|trials|steps|days|weeks|hours)"
)
_YEAR = re.compile(
    rf"(?<!\w)(?:in|since|from|until|till|through|during|before|after|early|mid|late|year|(?:end|start|middle|beginning|half|quarter)\s+of|{_MONTH})[\s-]+"
    r"(?P<year>(?:19|20)\d\d)(?:\s*(?:to|and|until|through|[-\N{EN DASH}])\s*(?P<other>(?:19|20)\d\d))?"
    rf"(?![\w%$]|[.,]\d|\s*{_UNIT_WORD}|\s+{_COUNTED}\b)",
    re.IGNORECASE,
)
_LIST_NUMBER = re.compile(r"^[ \t]*(?P<number>\d{1,2})[.)][ \t]+", re.MULTILINE)
_QUOTED = re.compile(r"[\"“](?P<inside>[^\"“”\n]{1,400})[\"”]")
_CODE = re.compile(r"`(?P<inside>[^`\n]{1,200})`")
# What is not seen and could part a word: zero-width and direction marks, the soft hyphen.
_UNSEEN = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


@dataclass(frozen=True, slots=True)
class Text:
    """Words that claim nothing, or what needs no evidence."""

    text: str


@dataclass(frozen=True, slots=True)
class Unverified:
    """A number that the model typed, or a claim about performance that nothing in sight bears out."""

    text: str
    why: Literal["number", "claim"] = "number"


@dataclass(frozen=True, slots=True)
class Reference:
    """A pointer to a figure in evidence."""

    evidence: int
    path: str

    @property
    def assumed(self) -> bool:
        """Whether it leads to what somebody chose: that measures nothing."""
        return self.path.split("/")[1:2] in ([root] for root in ASSUMED_ROOTS)


Piece: TypeAlias = Text | Unverified | Reference
Backed: TypeAlias = Callable[[Kind], bool]
"""Says whether the figures in sight of a text bear out a claim of this kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What may be written with digits: the person's texts, expressions of the strategy, names with digits (`1h`)."""

    said: tuple[str, ...] = ()
    expressions: frozenset[str] = field(default_factory=frozenset)
    names: frozenset[str] = field(default_factory=frozenset)


def read(prose: str, allowance: Allowance, backed: Backed = lambda _: False) -> list[Piece]:
    """Return the prose in pieces, in order; joined, they are the whole of it but for characters that nobody sees."""
    seen = _UNSEEN.sub("", prose)
    marks = _marks(seen, allowance, backed)
    pieces: list[Piece] = []
    end = 0
    for reference in _REFERENCE.finditer(seen):
        pieces += _cut(seen, end, reference.start(), marks)
        pieces.append(Reference(int(reference["evidence"]), reference["path"]))
        end = reference.end()
    return [*pieces, *_cut(seen, end, len(seen), marks)]


def references(prose: str) -> list[Reference]:
    """Return the references of a text, in order."""
    return [Reference(int(found["evidence"]), found["path"]) for found in _REFERENCE.finditer(_UNSEEN.sub("", prose))]


def unverified_count(pieces: Iterable[Piece]) -> int:
    """Return how much in these pieces nothing backs."""
    return sum(isinstance(piece, Unverified) for piece in pieces)


def _marks(text: str, allowance: Allowance, backed: Backed) -> list[tuple[int, int, Literal["number", "claim"]]]:
    """Spans to mark, in order and apart from each other; none reaches into a reference."""
    excepted = [*_excepted(text, allowance)]
    hidden = [found.span() for found in _REFERENCE.finditer(text)]
    # As long as the text, so that the places in both are the same.
    masked = "".join(
        "\x00" if any(low <= place < high for low, high in hidden) else one for place, one in enumerate(text)
    )
    numbers = [*_digits(masked), *number_words(masked)]
    found: list[tuple[int, int, Literal["number", "claim"]]] = [
        (start, stop, "number") for start, stop in numbers if text[start:stop] not in allowance.names
    ]
    found += [(one.start, one.stop, "claim") for one in claims.find(masked) if not backed(one.kind)]
    apart: list[tuple[int, int, Literal["number", "claim"]]] = []
    for start, stop, why in sorted(found):
        inside = any(low <= start and stop <= high for low, high in excepted)
        if not inside and (not apart or start >= apart[-1][1]):
            apart.append((start, stop, why))
    return apart


def _cut(text: str, start: int, stop: int, marks: list[tuple[int, int, Literal["number", "claim"]]]) -> Iterator[Piece]:
    end = start
    for low, high, why in marks:
        if not start <= low < high <= stop:
            continue
        if low > end:
            yield Text(text[end:low])
        yield Unverified(text[low:high], why)
        end = high
    if end < stop:
        yield Text(text[end:stop])


def _digits(text: str) -> Iterator[tuple[int, int]]:
    """Spans of everything with a digit of any script in it, with the letters, sign and unit that stand against it."""
    end = 0
    for place, character in enumerate(text):
        if place < end or not _is_digit(character):
            continue
        start, stop = place, place + 1
        while start > end and text[start - 1].isalnum():
            start -= 1
        while start > end and _is_sign(text[start - 1]):
            start -= 1
        while stop < len(text) and (text[stop].isalnum() or _joins(text, stop)):
            stop += 1
        tail = _TAIL.match(text, stop)
        end = tail.end() if tail else stop
        yield start, end


def _is_digit(character: str) -> bool:
    return unicodedata.category(character) in {"Nd", "Nl", "No"}


def _is_sign(character: str) -> bool:
    return character in _SIGNS or unicodedata.category(character) == "Sc"


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
