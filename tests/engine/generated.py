"""Generated documents over the whole table of operators: seeded, typed, plain.

`documents(seed, count)` gives the same documents for the same seed. Each compiles; some divide by zero or take the
logarithm of what is negative on some bars, as people do. With `beside` they also read inputs, which `with_inputs` lays
beside the bars, and features of longer bars.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

import numpy as np

from omc.engine import BarColumns, inspect, read
from omc.engine.expression import BAR_COLUMNS, CALLABLE
from omc.engine.operators import SIGNS, Kind, Operator, Setting
from omc.engine.program import Program
from omc.engine.reading import compile_document
from tests.engine.builders import a_raw_document

DEPTH = 3
LONGEST = 24
LATE = {"early": 0, "later": 37, "latest": 118}
"""The inputs, and the bar from which on each is known."""
LONGER = ("2h", "4h", "1d")
_INPUT = {"kind": "series", "series": "fear_greed:value", "max_age": "3d"}
_PREFIX = {"negative": "(-{})", "not": "(not {})"}


def documents(seed: int, count: int, *, beside: bool = False) -> Iterator[dict[str, object]]:
    """Plain documents of the present schema that compile, in a fixed order for a seed."""
    random = Random(seed)
    given = 0
    while given < count:
        raw = _beside(random) if beside else _document(random, {}, [])
        if not inspect(raw)[1]:  # a constant that is never finite is refused
            given += 1
            yield raw


def with_inputs(bars: BarColumns, seed: int = 6) -> BarColumns:
    """The bars with the inputs of generated documents: each moves a little, stands still at times, and begins late."""
    random, more = np.random.default_rng(seed), {}
    for name, first in LATE.items():
        moves = random.normal(0, 5, len(bars)) * (random.random(len(bars)) > 0.5)
        more[name] = np.round(50 + np.cumsum(moves), 1)
        more[name][:first] = np.nan
    return replace(bars, more=more)


def compiled(raw: dict[str, object]) -> Program:
    """The program of a plain document."""
    return compile_document(read(raw))


def call(operator: Operator, inputs: list[str], setting: Callable[[Setting], str]) -> str:
    """How an operator is written over these inputs."""
    if operator.name in SIGNS:
        shape = _PREFIX.get(operator.name, "({} " + operator.name + " {})")
        return shape.format(*inputs)
    return f"{operator.name}({', '.join([*inputs, *map(setting, operator.settings)])})"


def _beside(random: Random) -> dict[str, object]:
    """A document with features of longer bars, and inputs of which it need not use each."""
    longer: dict[str, object] = {}
    for at in range(random.randint(0, 2)):
        text = _value(random, Kind.NUMBER, DEPTH - 2, [])
        longer[f"longer_{at}"] = {"expression": text, "timeframe": random.choice(LONGER)}
    inputs = random.sample(list(LATE), random.randint(0, len(LATE)))
    return _document(random, longer, inputs) | {"inputs": dict.fromkeys(inputs, _INPUT)}


def _document(random: Random, features: dict[str, object], inputs: list[str]) -> dict[str, object]:
    features = dict(features)
    for at in range(random.randint(0, 3)):
        features[f"feature_{at}"] = _value(random, Kind.NUMBER, DEPTH, [*inputs, *features])
    sides = ["entry", "exit"] + (["short_entry", "short_exit"] if random.random() < 0.5 else [])
    texts = {side: _value(random, Kind.CONDITION, DEPTH, [*inputs, *features]) for side in sides}
    return a_raw_document(features=features, parameters={"window_1": 5.0}, **texts)


def _value(random: Random, kind: Kind, depth: int, features: list[str]) -> str:
    if depth == 0 or (kind is Kind.NUMBER and random.random() < 0.2):
        return _leaf(random, kind, features)
    operator = random.choice(_GIVING[kind])
    inputs = [_value(random, taken, depth - 1, features) for taken in operator.takes]
    return call(operator, inputs, lambda setting: _setting(random, setting))


def _leaf(random: Random, kind: Kind, features: list[str]) -> str:
    if kind is Kind.CONDITION:
        given = [one for one in features if one in LATE or one.startswith("longer")]
        if given and random.random() < 0.3:
            return f"({random.choice(given)} > {random.choice([0, 50, 100])})"
        left, right = random.choice(BAR_COLUMNS[:4]), random.choice([*BAR_COLUMNS[:4], "ema(close, 3)"])
        return f"({left} {random.choice(['<', '>=', '!='])} {right})"
    return random.choice([*BAR_COLUMNS, *features, str(random.choice([0, 1, 2.5, 100]))])


def _setting(random: Random, setting: Setting) -> str:
    if not setting.whole:
        return f"{random.uniform(setting.low, min(setting.high, 3.0)):.4f}"
    low, high = int(setting.low), int(min(setting.high, LONGEST))
    return "window_1" if random.random() < 0.1 else str(random.randint(low, high))


_GIVING = {kind: [one for one in (SIGNS | CALLABLE).values() if one.gives is kind] for kind in Kind}
