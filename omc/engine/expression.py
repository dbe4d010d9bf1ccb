"""Owns what an expression means: names resolved, kinds checked, and all expressions of a document made one program.

A program is a list of steps, each using only steps before it: the same list drives columns (`evaluation`) and one bar
at a time (`incremental`). Every operator looks backward; there is none that could look ahead.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from math import isfinite
from typing import NamedTuple, TypeAlias

import numpy as np

from omc.core.reason import Reason
from omc.engine.dependencies import in_order, names_in, parameters_used
from omc.engine.indicators import INDICATORS, PARTS
from omc.engine.operators import FUNCTIONS, SIGNS, Finite, Kind, Operator, Setting
from omc.engine.program import Coarse, Inner, Program, Step
from omc.engine.syntax import Apply, Name, Number, Tree, Unreadable, parse

BAR_COLUMNS = ("open", "high", "low", "close", "volume")
CALLABLE: dict[str, Operator] = FUNCTIONS | INDICATORS
MAX_STEPS = 1_000
_FEATURES = "/features/"
_Said = tuple[str, str]  # where in the document, and the operator named there
WORDS = frozenset(("and", "or", "not", "true", "false"))
FORWARD = frozenset(("next", "lead", "future", "forward", "tomorrow", "ahead", "peek"))

_COLUMNS = {
    name: Operator(name=name, vector=lambda values: values, reads=(name,), finite=Finite.ALWAYS) for name in BAR_COLUMNS
}


def _input(name: str) -> Operator:
    return Operator(name=f"inputs.{name}", vector=lambda values: values, reads=(name,), finite=Finite.UNSURE)


_CONSTANT = {kind: Operator(name=kind.name, vector=np.asarray, gives=kind) for kind in Kind}
_DEFINING = SIGNS | CALLABLE | PARTS


@dataclass(slots=True)
class _Build:
    parameters: Mapping[str, float]
    inputs: frozenset[str]
    written: Mapping[str, str | Coarse]
    steps: list[Step] = field(default_factory=list)
    known: dict[tuple[object, ...], int] = field(default_factory=dict)
    features: dict[str, int | None] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)
    looked_at: set[int] = field(default_factory=set)

    def refuse(self, code: str, place: str, text: str) -> None:
        self.reasons.append(Reason(code=code, place=place, text=text))

    def add(self, step: Step) -> int:
        key = (step.operator.name, step.inputs, step.settings, step.constant)
        slot = self.known.setdefault(key, len(self.steps))
        if slot == len(self.steps):
            self.steps.append(step)
        self.looked_at.add(slot)
        return slot


def compile_program(
    *,
    features: Mapping[str, str | Coarse],
    conditions: Mapping[str, str],
    parameters: Mapping[str, float],
    inputs: Iterable[str] = (),
) -> tuple[Program | None, list[Reason]]:
    """Return the program, or None and every reason against it, each with its place.

    `inputs` are the names of columns beside the bars.
    """
    return compile_each(features=features, conditions=conditions, choices=[parameters], inputs=inputs)[0]


def compile_each(
    *,
    features: Mapping[str, str | Coarse],
    conditions: Mapping[str, str],
    choices: Sequence[Mapping[str, float]],
    inputs: Iterable[str] = (),
) -> list[tuple[Program | None, list[Reason]]]:
    """Return the same for each choice of parameters, all of the same names, as programs over the steps of them all.

    An expression is resolved once for the values that it uses, so that a grid costs little more than its sides.
    """
    build = _Build(choices[0], frozenset(inputs), features)
    _check_names(build, features)
    texts = {name: one if isinstance(one, str) else one.expression for name, one in features.items()}
    trees = _parsed(build, {f"/features/{name}": text for name, text in texts.items()})
    asked = _parsed(build, {f"/{name}": text for name, text in conditions.items()})
    order, circles = in_order({name: trees.get(f"/features/{name}") for name in features})
    for name, others in circles.items():
        build.refuse("circle", f"/features/{name}", f"`{name}` depends on itself by way of {others}")
        build.features[name] = None
    places = {f"/features/{name}": trees.get(f"/features/{name}") for name in order} | asked
    uses, always, known = parameters_used(places, build.parameters), build.reasons, _Known()
    found = []
    for choice in choices:
        build.parameters, build.reasons = choice, [*always]
        used: set[int] = set()
        slots = {place: _resolved(build, known, (place, uses[place]), tree, used) for place, tree in places.items()}
        if len(used) > MAX_STEPS:
            text = f"the document computes {len(used)} different things at each bar; at most {MAX_STEPS}"
            build.refuse("too_complex", "/features", text)
        whole = {place: slot for place, slot in slots.items() if slot is not None}
        own = {place.removeprefix(_FEATURES): slot for place, slot in whole.items() if place.startswith(_FEATURES)}
        found.append((own, {place[1:]: whole[place] for place in asked if place in whole}, build.reasons))
    steps = tuple(build.steps)
    return [
        (None if reasons else Program(steps=steps, features=features, conditions=conditions), reasons)
        for features, conditions, reasons in found
    ]


class _Resolved(NamedTuple):
    """What an expression became for some values: its step, every step that it looked at, and what is against it."""

    slot: int | None
    steps: frozenset[int]
    reasons: tuple[Reason, ...]


_Known: TypeAlias = dict[tuple[object, ...], _Resolved]


def _resolved(
    build: _Build, known: _Known, asked: tuple[str, tuple[str, ...]], tree: Tree | None, used: set[int]
) -> int | None:
    """The step of an expression, by its place and the parameters that it uses; a feature is then known by its name."""
    place, parameters = asked
    feature = place.startswith(_FEATURES)
    key = (place, *[build.parameters[name] for name in parameters])
    if key not in known:
        shared, build.reasons, build.looked_at = build.reasons, [], set()
        written = build.written.get(place.removeprefix(_FEATURES)) if feature else None
        if tree is not None and isinstance(written, Coarse):
            slot = _coarse(build, written, tree, key)
        else:
            slot = None if tree is None else (_slot if feature else _condition)(build, tree, place)
        known[key] = _Resolved(slot, frozenset(build.looked_at), tuple(build.reasons))
        build.reasons = shared
    found = known[key]
    used.update(found.steps)
    build.reasons.extend(found.reasons)
    if feature:
        build.features[place.removeprefix(_FEATURES)] = found.slot
    return found.slot


def _coarse(build: _Build, own: Coarse, tree: Tree, key: tuple[object, ...]) -> int | None:
    """A feature of longer bars: a program of its own, whose value is a column beside the bars; `key` tells it apart."""
    place = str(key[0])
    name = place.removeprefix(_FEATURES)
    of_all = {one: given for one, given in build.written.items() if isinstance(given, Coarse)}
    beside = {one: given.expression for one, given in of_all.items() if given.length_ms == own.length_ms}
    if strange := (names_in(tree) & {*build.written, *build.inputs}) - {*beside}:
        text = f"`{min(strange)}` is not of this timeframe; use bars, parameters and features of the same one here"
        build.refuse("other_timeframe", place, text)
        return None
    inner, reasons = compile_program(features=beside, conditions={}, parameters=build.parameters)
    build.reasons += [one for one in reasons if one.place == place or one.place.startswith(f"{place}:")]
    if inner is None:
        return None
    slot, ratio = inner.features[name], own.length_ms // own.base_ms
    step = Step(
        operator=replace(_input(name), name=f"features.{name}{key[1:]}", reads=(f"features.{name}{key[1:]}",)),
        # Up to one long bar is left out because the data begin inside it.
        warm_up=(inner.steps[slot].warm_up + 2) * ratio - 2,
        place=place,
        word=name,
        is_input=True,
        inner=Inner(program=inner, slot=slot, length_ms=own.length_ms, base_ms=own.base_ms),
    )
    column = build.add(step)
    if inner.steps[slot].operator.gives is Kind.NUMBER:
        return column
    return _step(build, SIGNS["!="], (column, _constant(build, 0.0, Kind.NUMBER, place)), (), (place, name))


def _check_names(build: _Build, features: Iterable[str]) -> None:
    """Refuse a name that means something by itself. An operator's does not: only its brackets make it one."""
    features = list(features)
    named = {"/features": features, "/parameters": list(build.parameters), "/inputs": sorted(build.inputs)}
    for place, names in named.items():
        for name in names:
            if name in BAR_COLUMNS or name in WORDS or name in FORWARD:
                build.refuse("name_taken", f"{place}/{name}", f"`{name}` already has a meaning; choose another name")
    for name in build.parameters:
        if name in features:
            build.refuse("name_taken", f"/parameters/{name}", f"`{name}` is a feature too; choose another name")
    for name in sorted(build.inputs.intersection((*features, *build.parameters))):
        build.refuse("name_taken", f"/inputs/{name}", f"`{name}` is a feature or parameter too; choose another name")


def _parsed(build: _Build, texts: Mapping[str, str]) -> dict[str, Tree]:
    trees = {}
    for place, text in texts.items():
        try:
            trees[place] = parse(text)
        except Unreadable as found:
            build.refuse(found.reason.code, f"{place}:{found.reason.place}", found.reason.text)
    return trees


def _condition(build: _Build, tree: Tree, place: str) -> int | None:
    slot = _slot(build, tree, place)
    if slot is not None and build.steps[slot].operator.gives is not Kind.CONDITION:
        build.refuse("not_a_condition", place, "this gives a number; write a condition such as close > sma(close, 20)")
        return None
    return slot


def _slot(build: _Build, tree: Tree, place: str) -> int | None:
    match tree:
        case Number():
            return _constant(build, tree.value, Kind.NUMBER, f"{place}:{tree.at}")
        case Name():
            return _named(build, tree.text, f"{place}:{tree.at}")
        case Apply():
            return _applied(build, tree, place)


def _constant(build: _Build, value: float, kind: Kind, place: str) -> int:
    return build.add(Step(operator=_CONSTANT[kind], constant=value, place=place))


def _named(build: _Build, name: str, place: str) -> int | None:
    if name in _COLUMNS:
        return build.add(Step(operator=_COLUMNS[name], place=place))
    if name in build.inputs:
        return build.add(Step(operator=_input(name), place=f"/inputs/{name}", word=name, is_input=True))
    if name in build.features:
        return build.features[name]
    if name in build.parameters:
        return _constant(build, build.parameters[name], Kind.NUMBER, place)
    if name in ("true", "false"):
        return _constant(build, float(name == "true"), Kind.CONDITION, place)
    if name in CALLABLE:
        build.refuse("needs_brackets", place, f"`{name}` needs its arguments: {usage(CALLABLE[name])}")
        return None
    _refuse_unknown(build, name, place, "name", (*BAR_COLUMNS, *build.inputs, *build.features, *build.parameters))
    return None


def _refuse_unknown(build: _Build, name: str, place: str, what: str, offered: tuple[str, ...]) -> None:
    if name in FORWARD or name.split("_", maxsplit=1)[0] in FORWARD:
        text = f"`{name}` would read the future, which no strategy can; use lag(x, n) for the past"
        build.refuse("reads_future", place, text)
        return
    near = get_close_matches(name, offered, n=1, cutoff=0.5)
    hint = f"did you mean `{near[0]}`?" if near else "there are: " + ", ".join(sorted(offered))
    build.refuse(f"unknown_{what}", place, f"there is no {what} `{name[:60]}`; {hint}")


def _applied(build: _Build, tree: Apply, place: str) -> int | None:
    here = f"{place}:{tree.at}"
    operator = SIGNS.get(tree.name) or CALLABLE.get(tree.name)
    if operator is None:
        _refuse_unknown(build, tree.name, here, "indicator", tuple(CALLABLE))
        return None
    features = _all_features(build, operator, tree)
    if features is not None:
        return _step(build, operator, features, (), (here, operator.name))
    inputs = len(operator.takes)
    if len(tree.arguments) != inputs + len(operator.settings):
        build.refuse("wrong_arguments", here, f"write {usage(operator)}; this has {len(tree.arguments)} arguments")
        return None
    slots = [
        _taken(build, argument, kind, place) for argument, kind in zip(tree.arguments, operator.takes, strict=False)
    ]
    settings = [
        _setting(build, operator, setting, argument, place)
        for setting, argument in zip(operator.settings, tree.arguments[inputs:], strict=True)
    ]
    whole_slots = tuple([slot for slot in slots if slot is not None])
    whole_settings = tuple([value for value in settings if value is not None])
    if len(whole_slots) < len(slots) or len(whole_settings) < len(settings):
        return None
    if operator.name == "/" and build.steps[whole_slots[1]].constant == 0:
        build.refuse(
            "division_by_zero", f"{place}:{tree.arguments[1].at}", "this is always zero; nothing divides by it"
        )
        return None
    return _step(build, operator, whole_slots, whole_settings, (here, operator.name))


def _all_features(build: _Build, operator: Operator, tree: Apply) -> tuple[int, ...] | None:
    """The steps of what an operator is applied to where all are features as it takes them; None if anything is not.

    That is what a grid resolves most often, once for each combination.
    """
    if operator.settings or operator.name == "/" or len(tree.arguments) != len(operator.takes):
        return None
    slots = []
    for argument, kind in zip(tree.arguments, operator.takes, strict=True):
        slot = build.features.get(argument.text) if isinstance(argument, Name) else None
        if slot is None or build.steps[slot].operator.gives is not kind:
            return None
        slots.append(slot)
    return tuple(slots)


def _taken(build: _Build, tree: Tree, kind: Kind, place: str) -> int | None:
    slot = _slot(build, tree, place)
    if slot is not None and (given := build.steps[slot].operator.gives) is not kind:
        build.refuse("wrong_kind", f"{place}:{tree.at}", f"{kind.value} is needed here, and this is {given.value}")
        return None
    return slot


def _setting(build: _Build, operator: Operator, setting: Setting, tree: Tree, place: str) -> float | None:
    slot = _taken(build, tree, Kind.NUMBER, place)
    if slot is None:
        return None
    here, value = f"{place}:{tree.at}", build.steps[slot].constant
    if value is None:
        build.refuse("not_fixed", here, f"the {setting.name} of {operator.name} must be a fixed number or a parameter")
        return None
    if operator.name == "lag" and value < 0:
        build.refuse("reads_future", here, f"lag(x, {value:g}) would read the future; n must be 1 or more")
        return None
    if not setting.low <= value <= setting.high or (setting.whole and value != int(value)):
        number = "a whole number" if setting.whole else "a number"
        text = f"the {setting.name} of {operator.name} must be {number} from {setting.low:g} to {setting.high:g}"
        build.refuse("out_of_range", here, f"{text}, not {value:g}")
        return None
    return float(value)


def _step(
    build: _Build, operator: Operator, slots: tuple[int, ...], settings: tuple[float, ...], said: _Said
) -> int | None:
    if operator.defined:
        return _expanded(build, operator, slots, settings, said)
    inputs = [build.steps[slot] for slot in slots]
    if operator.gives is Kind.NUMBER and operator.scalar is not None:
        constants = [step.constant for step in inputs if step.constant is not None]
        if len(constants) == len(inputs):
            return _folded(build, operator.scalar, constants, said[0])
    warm_up = max([step.warm_up for step in inputs], default=0) + operator.warm_up(*settings)
    step = Step(operator=operator, inputs=slots, settings=settings, warm_up=warm_up, place=said[0], word=said[1])
    return build.add(step)


def _expanded(
    build: _Build, operator: Operator, slots: tuple[int, ...], settings: tuple[float, ...], said: _Said
) -> int | None:
    """The steps that an operator is defined as, all of them said where it is."""
    names = dict(zip(operator.names, slots, strict=False))
    for setting, value in zip(operator.settings, settings, strict=True):
        names[setting.name] = _constant(build, value, Kind.NUMBER, said[0])
    return _defined(build, _definition(operator.defined), names, said)


def _defined(build: _Build, tree: Tree, names: Mapping[str, int], said: _Said) -> int | None:
    match tree:
        case Number():
            return _constant(build, tree.value, Kind.NUMBER, said[0])
        case Name():
            return names[tree.text] if tree.text in names else _named(build, tree.text, said[0])
        case Apply():
            operator, slots = _DEFINING[tree.name], []
            for argument in tree.arguments:
                slot = _defined(build, argument, names, said)
                if slot is None:
                    return None
                slots.append(slot)
            fixed = [build.steps[slot].constant for slot in slots[len(operator.takes) :]]
            settings = tuple(value for value in fixed if value is not None)
            return _step(build, operator, tuple(slots[: len(operator.takes)]), settings, said)


@cache
def _definition(text: str) -> Tree:
    return parse(text)


def _folded(build: _Build, scalar: Callable[..., float], constants: list[float], place: str) -> int | None:
    value = float(scalar(*constants))
    if not isfinite(value):
        build.refuse("not_finite", place, "this number cannot be computed, or is too large")
        return None
    return _constant(build, value, Kind.NUMBER, place)


def usage(operator: Operator) -> str:
    """How an operator is written, for people: `sma(x, window)`."""
    if operator.name in SIGNS:
        return f"`{operator.name}` between two values"
    inputs = operator.names[: len(operator.takes)]
    return f"{operator.name}({', '.join([*inputs, *(setting.name for setting in operator.settings)])})"
