"""Owns the way from text or plain data to a checked document: every problem found at once, each with its place."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from typing import cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from omc.core.market import Timeframe
from omc.core.reason import Reason
from omc.engine.clauses import (
    Costs,
    EntryOrder,
    FixedSizing,
    FractionSizing,
    KellySizing,
    Limits,
    Margin,
    ModelInput,
    SeriesFunding,
    SeriesInput,
    Stops,
    VolatilitySizing,
)
from omc.engine.document import CoarseFeature, StrategyDocument
from omc.engine.expression import compile_each, compile_program
from omc.engine.program import Coarse, Program
from omc.kit.errors import Refusal

MAX_BYTES = 200_000
MAX_NESTING = 16  # the form itself is three deep
MAX_PROBLEMS = 50
MAX_PLACE = 200
_WANTED = {
    "/timeframe": "a bar length such as 5m, 1h or 1d",
    "/universe": "a symbol such as BTC/USDT",
    "/max_age": "an age such as 90m, 8h or 3d",
    "/model": "the 64 hexadecimal digits of a trained model's hash",
    "/series": "the name of a series of observations, such as fear_greed:value or funding:BTC/USDT:USDT",
    "/[key]": "a name of small letters, digits and _, starting with a letter, of at most 40 characters",
}
_CLAUSES = (
    StrategyDocument,
    FractionSizing,
    FixedSizing,
    VolatilitySizing,
    KellySizing,
    Costs,
    EntryOrder,
    Stops,
    Margin,
    Limits,
    SeriesInput,
    ModelInput,
    SeriesFunding,
    CoarseFeature,
)
_SETTINGS = [field.alias or key for clause in _CLAUSES for key, field in clause.model_fields.items()]
_KINDS = {
    "features": ("text", "coarse"),
    "sizing": ("fraction", "fixed", "volatility_target", "kelly"),
    "inputs": ("series", "model"),
}
_CONDITIONS = ("entry", "exit", "short_entry", "short_exit")


class DocumentRefused(Refusal):
    """The document is refused; `reasons` has every problem, and the refusal itself tells the first."""

    def __init__(self, reasons: list[Reason]) -> None:
        """Make it from the problems found, at least one."""
        first = reasons[0]
        more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
        super().__init__(first.code, 422, first.text + more, place=first.place)
        self.reasons = reasons


def read_text(text: str | bytes) -> StrategyDocument:
    """Return the document written as JSON in `text`; raises DocumentRefused."""
    return read(plain_of(text))


def plain_of(text: str | bytes, *, most: int = MAX_BYTES) -> object:
    """Return what is written as JSON in `text`, of at most so many bytes; raises DocumentRefused."""
    size = len(text)
    if size > most:
        sentence = f"the document has {size} bytes; at most {most} are read"
        raise DocumentRefused([Reason(code="too_large", text=sentence)])
    try:
        return json.loads(text, object_pairs_hook=_no_twins, parse_constant=_no_constant)
    except RecursionError:
        raise DocumentRefused([_too_deep()]) from None
    except ValueError as error:
        sentence = f"this is not a JSON document: {error}"
        raise DocumentRefused([Reason(code="not_json", text=sentence)]) from None


def read(raw: object) -> StrategyDocument:
    """Return the checked document from plain data; raises DocumentRefused."""
    document, reasons = inspect(raw)
    if document is None:
        raise DocumentRefused(reasons)
    return document


def inspect(raw: object) -> tuple[StrategyDocument | None, list[Reason]]:
    """Return the document, or None and all its problems (at most MAX_PROBLEMS), form and expressions together."""
    if (whole := beyond(raw)) is not None:
        return None, [whole]
    document, reasons = _formed(raw)
    if isinstance(raw, dict):
        reasons += _expressions(cast("dict[str, object]", raw))
    return (None, shown(reasons)) if reasons else (document, [])


def beyond(raw: object) -> Reason | None:
    """Return why plain data is not looked at further: nested too deep, or too large."""
    if _nesting(raw) > MAX_NESTING:
        return _too_deep()
    if _size(raw) > MAX_BYTES:
        return Reason(code="too_large", text=f"the document has more than {MAX_BYTES} characters")
    return None


def shown(reasons: Sequence[Reason]) -> list[Reason]:
    """Return as many reasons as are told, each in a form that every answer can carry."""
    return [_printable(reason) for reason in reasons[:MAX_PROBLEMS]]


def check(document: StrategyDocument) -> list[Reason]:
    """Return every problem of the expressions of a well-formed document; none means that it compiles."""
    return compiled(document)[1]


def compile_document(document: StrategyDocument, parameters: Mapping[str, float] | None = None) -> Program:
    """Return the program of a document, with `parameters` instead of its own where given; raises DocumentRefused."""
    program, reasons = compiled(document, parameters)
    if program is None:
        raise DocumentRefused(reasons)
    return program


def compiled(
    document: StrategyDocument, parameters: Mapping[str, float] | None = None
) -> tuple[Program | None, list[Reason]]:
    """Return the program, or None and every reason against it."""
    return compiled_each(document, [parameters or {}])[0]


def compiled_each(
    document: StrategyDocument, choices: Sequence[Mapping[str, float]]
) -> list[tuple[Program | None, list[Reason]]]:
    """Return the same for each choice of parameters, all of the same names; the programs share their steps."""
    chosen = [{**document.parameters, **choice} for choice in choices]
    unknown = [
        Reason(code="unknown_parameter", text=f"the document has no parameter `{name}`", place=f"/parameters/{name}")
        for name in chosen[0]
        if name not in document.parameters
    ]
    found = compile_each(
        features=_written(document), conditions=document.conditions(), choices=chosen, inputs=document.inputs
    )
    return [(None if unknown else program, [*reasons, *unknown]) for program, reasons in found]


def _written(document: StrategyDocument) -> dict[str, str | Coarse]:
    base = Timeframe.parse(document.timeframe).milliseconds
    return {name: one if isinstance(one, str) else _coarse(one, base) for name, one in document.features.items()}


def _coarse(feature: CoarseFeature, base_ms: int) -> Coarse:
    length = Timeframe.parse(feature.timeframe).milliseconds
    return Coarse(expression=feature.expression, length_ms=length, base_ms=base_ms)


def _formed(raw: object) -> tuple[StrategyDocument | None, list[Reason]]:
    try:
        document = StrategyDocument.model_validate(raw)
    except ValidationError as error:
        return None, reasons_of(error, settings=_SETTINGS, kinds=_KINDS)
    if (document.short_entry is None) != (document.short_exit is None):
        place = "/short_exit" if document.short_exit is None else "/short_entry"
        return None, [Reason(code="missing", text="short_entry and short_exit go together", place=place)]
    reasons = _together(document)
    return (None, reasons) if reasons else (document, [])


def _together(document: StrategyDocument) -> list[Reason]:
    """Every clause that another one does not go with."""
    most = Decimal(1) if document.margin is None else document.margin.leverage
    asked = {name: getattr(document.sizing, name, None) for name in ("fraction", "most", "start")}
    words = f"more than {most} times the cash needs a margin with that leverage"
    reasons = [
        Reason(code="needs_margin", text=words, place=f"/sizing/{name}")
        for name, value in asked.items()
        if isinstance(value, Decimal) and value > most
    ]
    if document.order.kind != "stop_limit" and document.order.band_bps:
        text = "only a stop_limit order has a band; leave band_bps out"
        reasons.append(Reason(code="not_used", text=text, place="/order/band_bps"))
    for name, feature in _written(document).items():
        if isinstance(feature, Coarse) and not feature.is_multiple:
            text = f"a feature's timeframe is a multiple of the document's, which is {document.timeframe}"
            reasons.append(Reason(code="not_a_multiple", text=text, place=f"/features/{name}/timeframe"))
    costs = document.costs
    if costs.funding is not None and costs.funding_bps_per_day:
        text = "funding is either read from the stored rates or assumed a day; leave one of them out"
        reasons.append(Reason(code="not_used", text=text, place="/costs/funding_bps_per_day"))
    if costs.funding is not None and costs.funding.series is not None and len(document.universe) > 1:
        text = "one series cannot be the funding of several symbols; leave it out, and each reads its own"
        reasons.append(Reason(code="not_used", text=text, place="/costs/funding/series"))
    share, gross = document.limits.max_share, document.limits.max_gross_exposure
    if share is not None and gross is not None and share > gross:
        text = "one symbol cannot have a larger share than all may have together; lower it, or leave it out"
        reasons.append(Reason(code="not_used", text=text, place="/limits/max_share"))
    if document.order.kind == "market" and (document.order.offset_bps or document.order.valid_bars > 1):
        text = "a market order fills at the next open; leave offset_bps and valid_bars out"
        reasons.append(Reason(code="not_used", text=text, place="/order"))
    return reasons


def reasons_of(error: ValidationError, *, settings: Sequence[str], kinds: Mapping[str, Sequence[str]]) -> list[Reason]:
    """Return what Pydantic found wrong, with places in the document.

    `settings` are all names that a form knows; `kinds` are the kinds of each clause that comes in several.
    """
    return [_reason(detail, settings, kinds) for detail in error.errors(include_url=False, include_context=True)]


def _reason(detail: ErrorDetails, settings: Sequence[str], kinds: Mapping[str, Sequence[str]]) -> Reason:
    # The kind of a clause is a step of Pydantic's own, which the document does not have; inputs have a name before it.
    clause = str(detail["loc"][0]) if detail["loc"] else ""
    own = 2 if clause in ("inputs", "features") else 1
    steps = [step for at, step in enumerate(detail["loc"]) if not (at == own and step in kinds.get(clause, ()))]
    parts = [str(step).replace("~", "~0").replace("/", "~1") for step in steps]
    place, name = "".join(f"/{part}" for part in parts), str(detail["loc"][-1]) if detail["loc"] else ""
    match detail["type"]:
        case "missing":
            return Reason(code="missing", text=f"`{name}` is missing", place=place)
        case "extra_forbidden":
            near = get_close_matches(name, settings, n=1)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            return Reason(code="unknown_setting", text=f"there is no setting `{name[:60]}` here{hint}", place=place)
        case "string_pattern_mismatch":
            wanted = next(
                (text for part, text in _WANTED.items() if part in place), "plain text without control characters"
            )
            return Reason(code="wrong_form", text=f"write {wanted}", place=place.removesuffix("/[key]"))
        case kind:
            return Reason(code=kind, text=detail["msg"].removeprefix("Value error, "), place=place)


def _expressions(raw: dict[str, object]) -> list[Reason]:
    features, parameters, inputs = raw.get("features"), raw.get("parameters"), raw.get("inputs")
    _, reasons = compile_program(
        features=_features(features, raw.get("timeframe")) if isinstance(features, dict) else {},
        conditions=_texts({name: raw.get(name) for name in _CONDITIONS}),
        parameters=_numbers(parameters) if isinstance(parameters, dict) else {},
        inputs=[name for name in inputs if isinstance(name, str)] if isinstance(inputs, dict) else (),
    )
    return reasons


def _features(items: Mapping[str, object], base: object) -> dict[str, str | Coarse]:
    """The features whose expressions can be looked at, whatever else is wrong with the document."""
    found: dict[str, str | Coarse] = {**_texts(items)}
    for name, one in items.items():
        try:
            feature = CoarseFeature.model_validate(one) if isinstance(one, dict) else None
            if feature is not None and isinstance(base, str):
                found[name] = _coarse(feature, Timeframe.parse(base).milliseconds)
        except ValueError:  # told by the form
            continue
    return found


def _texts(items: Mapping[str, object]) -> dict[str, str]:
    return {name: text for name, text in items.items() if isinstance(text, str) and text}


def _numbers(items: Mapping[str, object]) -> dict[str, float]:
    return {name: float(value) for name, value in items.items() if isinstance(value, (int, float))}


def _nesting(raw: object) -> int:
    level, depth = [raw], 0
    while level and depth <= MAX_NESTING:
        depth += 1
        level = [item for one in level for item in _items(one)]
    return depth


def _items(one: object) -> list[object]:
    if isinstance(one, dict):
        return list(one.values())
    return list(one) if isinstance(one, (list, tuple)) else []


def _size(raw: object) -> int:
    total, waiting = 0, [raw]
    while waiting and total <= MAX_BYTES:
        one = waiting.pop()
        total += len(one) if isinstance(one, str) else 1
        total += sum(len(str(name)) for name in one) if isinstance(one, dict) else 0
        waiting.extend(_items(one))
    return total


def _printable(reason: Reason) -> Reason:
    """The reason without what no answer can carry: half a surrogate pair, or a place that is a page long."""
    place, text = (one.encode(errors="replace").decode() for one in (reason.place[:MAX_PLACE], reason.text))
    return Reason(code=reason.code, text=text, place=place)


def _too_deep() -> Reason:
    return Reason(code="too_deep", text=f"the document is nested more than {MAX_NESTING} deep; write it flat")


def _no_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"`{name[:60]}` is written twice")
        found[name] = value
    return found


def _no_constant(written: str) -> object:
    raise ValueError(f"{written} is not a number")
