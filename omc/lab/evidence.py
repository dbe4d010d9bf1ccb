"""Evidence: how a tool result becomes canonical, hashed text, and how a report's reference finds a figure in it.

A reference is an evidence number and a JSON pointer (RFC 6901), written `{{3:/metrics/sharpe_ratio}}` in prose. The
pointer's last name carries the unit: every number's name in a tool result ends in one (`_percent`, `_ratio`, `_count`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from omc.core.canonical import canonical, digest
from omc.core.money import parse_decimal, round_half_even
from omc.core.money import text as decimal_text
from omc.core.reason import Reason

MAX_EVIDENCE_BYTES = 2_000_000
MAX_POINTER_CHARACTERS = 200
SMALL = Decimal("0.01")

Json: TypeAlias = Mapping[str, object]

ASSUMED_ROOTS = frozenset({"chosen", "assumptions"})
"""First names of pointers to what somebody chose: such a figure is shown, but as chosen, never as measured."""


@dataclass(frozen=True, slots=True)
class Unit:
    """How numbers whose name ends in `suffix` are written."""

    suffix: str
    text: str
    places: int
    signed: bool = False


UNITS: tuple[Unit, ...] = (
    Unit("_percent", "%", 2, signed=True),
    Unit("share_percent", "%", 1),
    Unit("exposure_percent", "%", 1),
    Unit("win_rate_percent", "%", 1),
    Unit("drawdown_percent", "%", 2),
    Unit("volatility_percent", "%", 2),
    Unit("_ratio", "", 2),
    Unit("_bps", "bps", 1),
    Unit("_count", "", 0),
    Unit("_days", "days", 1),
    Unit("_hours", "hours", 1),
    Unit("_quote", "", 2),
    Unit("_base", "", 6),
    Unit("_value", "", 4),  # of an observation or an indicator, in whatever it is measured
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A tool result ready to be stored: canonical texts and the hash over them."""

    input: str
    output: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A figure that a reference leads to: the exact value as text, and how it is shown."""

    label: str
    value: str
    unit: str
    display: str
    places: int
    assumed: bool


def pack(tool: str, arguments: Json, output: Json) -> Packed:
    """Make canonical texts of a tool's input and output; raises `ValueError` when too large or not finite."""
    written = canonical(output)
    if len(written) > MAX_EVIDENCE_BYTES:
        msg = f"the result of {tool} has {len(written):,} bytes; at most {MAX_EVIDENCE_BYTES:,} are kept"
        raise ValueError(msg)
    whole = digest({"tool": tool, "input": arguments, "output": output})
    return Packed(input=canonical(arguments).decode(), output=written.decode(), hash=whole)


def loads(written: str) -> dict[str, object]:
    """Return stored output as values; the numbers are exactly those that were hashed."""
    value = json.loads(written)
    assert isinstance(value, dict)
    return value


def find(output: Json, path: str) -> Found | Reason:
    """Return the figure at `path`, or why there is none."""
    value = at(output, path)
    if isinstance(value, Reason):
        return value
    names = path.split("/")
    unit = unit_of(names[-1])
    number = _number(value)
    if number is None or unit is None:
        return Reason(code="not_a_figure", text=f"{path} does not lead to a number with a unit in its name")
    shown = f"{output.get('quote_asset', '')}".strip() if unit.suffix == "_quote" else unit.text
    label = _label(names[-1], unit)
    assumed = names[1] in ASSUMED_ROOTS
    places = _places(number, unit)
    display = _display(number, places, shown, signed=unit.signed)
    return Found(label=label, value=decimal_text(number), unit=shown, display=display, places=places, assumed=assumed)


def at(output: object, path: str) -> object:
    """Return the value that a JSON pointer leads to, or a `Reason` when it leads nowhere."""
    if not path.startswith("/") or len(path) > MAX_POINTER_CHARACTERS:
        return Reason(code="malformed_path", text=f"{path[:60]!r} is not a path; write it like /metrics/sharpe_ratio")
    here = output
    for name in (part.replace("~1", "/").replace("~0", "~") for part in path[1:].split("/")):
        match here:
            case Mapping() if name in here:
                here = here[name]
            case list() if name.isascii() and name.isdigit() and int(name) < len(here):
                here = here[int(name)]
            case _:
                return Reason(code="dead_path", text=f"{path} leads nowhere: there is no {name!r}")
    return here


def unit_of(name: str) -> Unit | None:
    """Return the unit that a number's name ends in; the longest matching suffix wins."""
    matching = [unit for unit in UNITS if name.endswith(unit.suffix)]
    return max(matching, key=lambda unit: len(unit.suffix), default=None)


def _number(value: object) -> Decimal | None:
    match value:
        case bool():
            return None
        case int():
            return Decimal(value)
        case float():
            return Decimal(repr(value))
        case str():
            try:
                return parse_decimal(value)
            except ValueError:
                return None
        case _:
            return None


def _label(name: str, unit: Unit) -> str:
    words = name.removesuffix("_" + unit.suffix.rsplit("_", 1)[-1]).replace("_", " ")
    return words[:1].upper() + words[1:]


def _places(number: Decimal, unit: Unit) -> int:
    """The unit's decimals; more of them for a number that they would make zero."""
    if 0 < abs(number) < SMALL and unit.places > 0:
        return min(-number.adjusted() + 1, 8)
    return unit.places


def _display(number: Decimal, places: int, shown: str, *, signed: bool) -> str:
    rounded = round_half_even(number, places)
    digits = f"{abs(rounded):,.{places}f}"
    negative = rounded < 0
    sign = "\N{MINUS SIGN}" if negative else "+" if signed and rounded > 0 else ""
    return f"{sign}{digits} {shown}".strip()
