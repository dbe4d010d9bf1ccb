"""Owns how an expression is written: its words, its grammar, and the tree it makes.

Knows nothing of what a name means; a position is the 1-based character, so that a refusal can point at it.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from omc.core.reason import Reason

MAX_TEXT = 4_000  # characters of one expression: about a page
MAX_DEPTH = 60  # levels of nesting; a person loses the thread far earlier
MAX_PARTS = 200  # operators and functions of one expression


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written."""

    value: float
    at: int


@dataclass(frozen=True, slots=True)
class Name:
    """A bar column, a feature, a parameter or `true`/`false`."""

    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Apply:
    """An operator or a function with what it is applied to; `-x` is `negative`."""

    name: str
    arguments: tuple["Tree", ...]
    at: int


Tree: TypeAlias = Number | Name | Apply


class Unreadable(Exception):  # noqa: N818 - it never leaves this module's caller: it carries a Reason
    """The text is not an expression; `reason.place` is the character."""

    def __init__(self, text: str, at: int) -> None:
        """Make it from a sentence and the 1-based character."""
        super().__init__(text)
        self.reason = Reason(code="unreadable_expression", text=text, place=str(at))


_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign><=|>=|==|!=|&&|\|\||\*\*|[-+*/<>(),=!&|^%\[\]])"
    r"|(?P<end>$))"
)
_BINDS = {
    "or": 1,
    "and": 2,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "==": 4,
    "!=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
}
_NOT, _COMPARE, _NEGATIVE = 3, 4, 7
_INSTEAD = {
    "&&": "write `and`",
    "&": "write `and`",
    "||": "write `or`",
    "|": "write `or`",
    "!": "write `not`",
    "=": "write `==` to compare",
    "**": "there are no powers; multiply",
    "^": "there are no powers; multiply",
    "%": "there is no remainder; write a percentage as a number, 5% as 0.05",
    "[": "write lag(close, 1) for the bar before",
    "]": "write lag(close, 1) for the bar before",
}


@lru_cache(maxsize=256)
def parse(text: str) -> Tree:
    """Return the tree of `text`; raises Unreadable with the first thing that is wrong."""
    if len(text) > MAX_TEXT:
        raise Unreadable(f"the expression has {len(text)} characters; at most {MAX_TEXT} are read", MAX_TEXT)
    if not text.strip():
        raise Unreadable("the expression is empty; write a condition such as close > sma(close, 20)", 1)
    return _Reader(text).whole()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


class _Reader:
    """Precedence climbing over the tokens of one text; state is the position."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._next = 0
        self._parts = 0

    def whole(self) -> Tree:
        tree = self._operation(binds=0, depth=0)
        rest = self._peek()
        if rest.kind != "end":
            raise Unreadable(f"`{rest.text}` is not expected here", rest.at)
        return tree

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._tokens[self._next]
        self._next += 1
        return token

    def _operation(self, *, binds: int, depth: int) -> Tree:
        if depth > MAX_DEPTH:
            raise Unreadable(f"nested more than {MAX_DEPTH} deep; name a part as a feature", self._peek().at)
        left = self._prefixed(depth)
        chained = 0
        while (strength := _BINDS.get(self._peek().text, 0)) > binds:
            sign = self._take()
            if strength == _COMPARE:
                chained += 1
                if chained > 1:
                    raise Unreadable("compare two things at a time: a < b and b < c", sign.at)
            left = self._apply(sign.text, sign, left, self._operation(binds=strength, depth=depth + 1))
        return left

    def _prefixed(self, depth: int) -> Tree:
        token = self._peek()
        if token.text in ("-", "+", "not"):
            self._take()
            operand = self._operation(binds=_NOT if token.text == "not" else _NEGATIVE, depth=depth + 1)
            return operand if token.text == "+" else self._apply(_PREFIX[token.text], token, operand)
        return self._single(depth)

    def _single(self, depth: int) -> Tree:
        token = self._take()
        if token.kind == "number":
            return Number(_finite(token), token.at)
        if token.kind == "name" and token.text not in _BINDS:
            if self._peek().text == "(":
                return self._apply(token.text, token, *self._arguments(depth))
            return Name(token.text, token.at)
        if token.text == "(":
            inner = self._operation(binds=0, depth=depth + 1)
            self._close(token)
            return inner
        raise Unreadable(_unexpected(token), token.at)

    def _arguments(self, depth: int) -> tuple[Tree, ...]:
        opened = self._take()
        if self._peek().text == ")":
            self._take()
            return ()
        arguments = [self._operation(binds=0, depth=depth + 1)]
        while self._peek().text == ",":
            self._take()
            arguments.append(self._operation(binds=0, depth=depth + 1))
        self._close(opened)
        return tuple(arguments)

    def _apply(self, name: str, token: _Token, *arguments: Tree) -> Apply:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise Unreadable(f"more than {MAX_PARTS} operations; name a part as a feature", token.at)
        return Apply(name, arguments, token.at)

    def _close(self, opened: _Token) -> None:
        token = self._take()
        if token.text != ")":
            raise Unreadable(f"the bracket opened at character {opened.at} is not closed here", token.at)


_PREFIX = {"-": "negative", "not": "not"}


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    while True:
        found = _TOKEN.match(text, position)
        if found is None:
            at = position + len(text[position:]) - len(text[position:].lstrip())
            raise Unreadable(f"the character {text[at]!r} has no meaning here", at + 1)
        kind = found.lastgroup or "end"
        token = _Token(kind, found[kind], found.start(kind) + 1)
        if token.text in _INSTEAD:
            raise Unreadable(f"`{token.text}` is not known here: {_INSTEAD[token.text]}", token.at)
        tokens.append(token)
        if kind == "end":
            return tokens
        position = found.end()


def _finite(token: _Token) -> float:
    value = float(token.text)
    if value == float("inf"):
        raise Unreadable(f"the number {token.text[:20]} is too large", token.at)
    return value


def _unexpected(token: _Token) -> str:
    if token.kind == "end":
        return "the expression ends too early; something is missing"
    return f"`{token.text}` is not expected here; a number, a name or a bracket is"
