"""Owns the lifting of the windows written in a document into named parameters, so that a search can vary them."""

import re
from collections.abc import Iterator
from itertools import count

from omc.engine.document import StrategyDocument, plain
from omc.engine.expression import CALLABLE
from omc.engine.reading import read
from omc.engine.syntax import Apply, Number, Tree, parse

MAX_LIFTED = 3  # more would make a grid that no data can carry

_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def lift(document: StrategyDocument) -> StrategyDocument:
    """Return the same strategy with its first indicator windows as parameters `window_1`, `window_2` and so on.

    Equal windows become one parameter, so that a length that stands twice is still varied as one. `lag` is left alone.
    """
    named: dict[float, str] = {}
    free = (name for at in count(1) if (name := f"window_{at}") not in document.features)
    raw = plain(document)
    features = {
        name: _lifted(one, named, free)
        if isinstance(one, str)
        else {"expression": _lifted(one.expression, named, free), "timeframe": one.timeframe}
        for name, one in document.features.items()
    }
    raw |= {name: _lifted(text, named, free) for name, text in document.conditions().items()}
    raw |= {"parameters": {name: value for value, name in named.items()}}
    return read(raw | {"features": features} if features else raw)


def _lifted(text: str, named: dict[float, str], free: Iterator[str]) -> str:
    for number in sorted(_windows(parse(text)), key=lambda one: -one.at):
        if number.value not in named and len(named) < MAX_LIFTED:
            named[number.value] = next(free)
        if number.value in named:
            text = text[: number.at - 1] + _NUMBER.sub(named[number.value], text[number.at - 1 :], count=1)
    return text


def _windows(tree: Tree) -> list[Number]:
    if not isinstance(tree, Apply):
        return []
    inner = [number for argument in tree.arguments for number in _windows(argument)]
    operator = CALLABLE.get(tree.name)
    if operator is None or operator.name == "lag":
        return inner
    settings = zip(operator.settings, tree.arguments[len(operator.takes) :], strict=False)
    return inner + [one for setting, one in settings if setting.whole and isinstance(one, Number)]
