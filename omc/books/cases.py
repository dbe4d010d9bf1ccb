"""The case format `omc-pnl-case/1`: reads a case, folds it with the same rules as the books, and answers it.

This house answers the kind `lots` with the method FIFO so far; what it does not know is refused by name, case by case,
never guessed at. A number is a decimal string, a time ISO 8601 in UTC.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from omc.books.methods import METHODS, open_cost, remaining
from omc.books.rules import (
    ZERO,
    Acquire,
    Book,
    Booked,
    Entry,
    Fee,
    Place,
    Suspended,
    Trade,
    entry_of,
    post,
    total,
)
from omc.core.lot import Match
from omc.core.money import EXACT, parse_decimal
from omc.core.money import text as plain
from omc.core.order import Side
from omc.core.reason import Reason

SCHEMA = "omc-pnl-case/1"
MAX_CASES = 10_000

Object = Mapping[str, object]
Answer = dict[str, object]

RULES: Mapping[str, tuple[str, ...]] = {
    "method": tuple(METHODS),
    "lots": ("per_account", "global"),
    "fee_buy": ("capitalise", "expense"),
    "fee_sell": ("deduct", "expense"),
    "fee_in_bought_asset": ("dispose",),
    "fee_in_sold_asset": ("dispose",),
    "income_basis": ("market", "zero"),
    "oversold": ("error",),
    "year_start": ("01-01",),
}
"""Each rule with the values that are answered, the default first."""

_EVENTS = ("buy", "sell", "opening", "income", "spend", "mark")
_UNANSWERED = {"window", "instrument", "lots", "side", "out", "in", "value", "value_in"}
"""Keys of the format that change an answer and are not understood yet; any key outside the format is ignored."""


class CaseError(Exception):
    """A case or an event that cannot be answered; `at` is the event."""

    def __init__(self, reason: Reason) -> None:
        """Carry the reason."""
        super().__init__(reason.text)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    id: str
    ts: datetime
    type: str
    place: Place
    quantity: Decimal
    amount: Decimal
    fees: tuple[Fee, ...]
    taxable: bool


@dataclass(slots=True, kw_only=True)
class _Run:
    rules: Mapping[str, str]
    book: Book
    marks: dict[str, Decimal]
    income: list[tuple[datetime, Decimal]]


def answer_file(document: object) -> Answer:
    """Return the answer to a file: case by case in its order; raises `CaseError` when it is no case file."""
    cases = document.get("cases") if isinstance(document, Mapping) else None
    if not isinstance(document, Mapping) or document.get("schema") != SCHEMA or not isinstance(cases, list):
        raise _error("invalid", f'the file must be an object with "schema": "{SCHEMA}" and a list "cases"')
    if len(cases) > MAX_CASES:
        raise _error("too_many", f"the file has {len(cases)} cases; at most {MAX_CASES} are answered at once")
    return {"schema": SCHEMA, "cases": [answer_case(case) for case in cases]}


def answer_case(case: object) -> Answer:
    """Return one case's figures, or its `error` with `at`, the event that could not be booked."""
    case_id = case.get("id") if isinstance(case, Mapping) else None
    try:
        return {"id": case_id, **_figures(_object(case, "a case"))}
    except CaseError as error:
        reason = error.reason
        refused: Answer = {"id": case_id, "error": reason.code, "detail": reason.text}
        return refused | ({"at": reason.place} if reason.place else {})


def _figures(case: Object) -> Answer:
    _answerable(case, "case")
    if case.get("kind", "lots") != "lots":
        raise _error("unsupported", f"the kind {case['kind']!r} is not answered yet")
    rules = _rules(_object(case.get("rules", {}), "rules"))
    base = _text(case, "base", "")
    events = [_event(_object(item, "an event"), base, rules) for item in _list(case.get("events"), "events")]
    if case.get("arrival") == "file":
        events.sort(key=lambda event: event.ts)
    run = _Run(rules=rules, book=Book(method=METHODS[rules["method"]]), marks={}, income=[])
    for event in _once(events):
        if (short := _book(run, event)) is not None:
            return _short(short)
    return _answer(run)


def _once(events: Iterable[_Event]) -> Iterable[_Event]:
    seen: dict[str, _Event] = {}
    for event in events:
        if event.id not in seen:
            seen[event.id] = event
            yield event
        elif seen[event.id] != event:
            raise _error("duplicate_id", "an earlier event has the same id and other content", event.id)


def _book(run: _Run, event: _Event) -> Suspended | None:
    match event.type:
        case "mark":
            run.marks[event.place.asset] = event.amount
            return None
        case "opening":
            step = Acquire(place=event.place, quantity=event.quantity, cost=event.amount, tag="opening")
            return post(run.book, Entry(id=event.id, ts=event.ts, steps=(step,)))
        case "income":
            cost = event.amount if run.rules["income_basis"] == "market" else ZERO
            if event.taxable:
                run.income.append((event.ts, event.amount))
            step = Acquire(place=event.place, quantity=event.quantity, cost=cost, tag="income")
            return post(run.book, Entry(id=event.id, ts=event.ts, steps=(step,)))
        case _:
            return _trade(run, event)


def _trade(run: _Run, event: _Event) -> Suspended | None:
    side = Side.BUY if event.type == "buy" else Side.SELL
    rule = run.rules["fee_buy"] if side is Side.BUY else run.rules["fee_sell"]
    trade = Trade(
        id=event.id,
        ts=event.ts,
        place=event.place,
        side=side,
        quantity=event.quantity,
        gross=event.amount,
        fees=event.fees,
        tag=event.type,
    )
    return post(run.book, entry_of(trade, in_price=rule != "expense"))


def _short(short: Suspended) -> Answer:
    missing = {"event": short.entry.id, "asset": short.place.asset, "qty": plain(short.missing)}
    return {"error": short.reason.code, "at": short.entry.id, "detail": short.reason.text, "missing": [missing]}


def _answer(run: _Run) -> Answer:
    book = run.book
    gains = [(booked.disposal.ts, booked.disposal.gain) for booked in book.disposals]
    figures: Answer = {
        "disposals": [_disposal(booked) for booked in book.disposals],
        "total_gain": plain(total(gain for _, gain in gains)),
        "years": _by_year(gains),
        "income": plain(total(amount for _, amount in run.income)),
        "income_years": _by_year(run.income),
        "expense": plain(book.expense),
        "open": _open(run),
    }
    return figures | ({"unrealized": _unrealized(run)} if run.marks else {})


def _disposal(booked: Booked) -> Answer:
    disposal = booked.disposal
    return {
        "event": disposal.event,
        "asset": disposal.asset,
        "qty": plain(disposal.quantity),
        "proceeds": plain(disposal.proceeds),
        "cost": plain(disposal.cost),
        "gain": plain(disposal.gain),
        "tag": booked.tag,
        "matches": [_match(match) for match in disposal.matches],
    }


def _match(match: Match) -> Answer:
    return {"lot": match.lot, "qty": plain(match.quantity), "cost": plain(match.cost)}


def _by_year(amounts: Sequence[tuple[datetime, Decimal]]) -> Answer:
    years = sorted({ts.year for ts, _ in amounts})
    return {str(year): plain(total(amount for ts, amount in amounts if ts.year == year)) for year in years}


def _open(run: _Run) -> Answer:
    return {
        f"{place.asset}@{place.account}" if place.account else place.asset: [
            plain(total(remaining(lot) for lot in lots)),
            plain(total(open_cost(lot) for lot in lots)),
        ]
        for place, lots in run.book.lots.items()
        if lots
    }


def _unrealized(run: _Run) -> str | None:
    held = [(place, totals) for place, totals in run.book.totals.items() if totals.held != ZERO]
    if any(place.asset not in run.marks for place, _ in held):
        return None
    worth = (EXACT.multiply(totals.held, run.marks[place.asset]) for place, totals in held)
    return plain(EXACT.subtract(total(worth), total(totals.open_cost for _, totals in held)))


def _rules(written: Object) -> dict[str, str]:
    rules = {name: answered[0] for name, answered in RULES.items()}
    for name, value in written.items():
        if name not in RULES or value not in RULES[name]:
            raise _error("unsupported", f"the rule {name} = {value!r} is not answered yet")
        rules[name] = str(value)
    return rules


def _event(item: Object, base: str, rules: Mapping[str, str]) -> _Event:
    at = _text(item, "id", "")
    try:
        return _parsed(item, at, base, rules)
    except ValueError as error:
        raise _error("invalid", str(error), at) from None


def _parsed(item: Object, at: str, base: str, rules: Mapping[str, str]) -> _Event:
    kind = _text(item, "type", at)
    if kind not in _EVENTS:
        raise _error("unsupported", f"the event type {kind!r} is not answered yet", at)
    _answerable(item, f"{kind} event", at)
    quantity = ZERO if kind == "mark" else _positive(item, "qty", at)
    account = _text(item, "account", at) if rules["lots"] == "per_account" and "account" in item else ""
    written = item.get("fees", [item["fee"]] if "fee" in item else [])
    return _Event(
        id=at,
        ts=_instant(_text(item, "time", at)),
        type=kind,
        place=Place(asset=_text(item, "asset", at), currency=base, account=account),
        quantity=quantity,
        amount=_amount(item, quantity, kind, at),
        fees=tuple(_fee(_object(fee, "a fee"), item, base, at) for fee in _list(written, "fees")),
        taxable=item.get("taxable") is not False,
    )


def _amount(item: Object, quantity: Decimal, kind: str, at: str) -> Decimal:
    if kind == "mark":
        return _number(item, "price", at)
    if "total" in item:
        return _number(item, "total", at)
    if "price" in item:
        return EXACT.multiply(quantity, _number(item, "price", at))
    raise _error("invalid", "the event needs a price or a total; without one it would be unvalued", at)


def _fee(fee: Object, item: Object, base: str, at: str) -> Fee:
    _answerable(fee, "fee", at)
    asset, quantity = _text(fee, "asset", at), _number(fee, "qty", at)
    if asset == base:
        return Fee(asset=asset, quantity=quantity, value=quantity)
    if "price" in fee:
        return Fee(asset=asset, quantity=quantity, value=EXACT.multiply(quantity, _number(fee, "price", at)))
    if asset == item.get("asset") and "price" in item:
        return Fee(asset=asset, quantity=quantity, value=EXACT.multiply(quantity, _number(item, "price", at)))
    raise _error("fee_without_price", f"the fee in {asset} needs the price of one {asset}", at)


def _instant(written: str) -> datetime:
    instant = datetime.fromisoformat(written)
    if instant.tzinfo is None:
        msg = f"the time {written!r} has no zone; write it in UTC with a Z"
        raise ValueError(msg)
    return instant.astimezone(UTC)


def _positive(item: Object, name: str, at: str) -> Decimal:
    value = _number(item, name, at)
    if value <= ZERO:
        raise _error("invalid", f"{name} is {plain(value)}, and must be more than zero", at)
    return value


def _number(item: Object, name: str, at: str) -> Decimal:
    value = parse_decimal(_text(item, name, at))
    if value < ZERO:
        raise _error("invalid", f"{name} is {plain(value)}, and must not be negative", at)
    return value


def _text(item: Object, name: str, at: str) -> str:
    value = item.get(name)
    if not isinstance(value, str) or not value:
        raise _error("invalid", f"{name} is missing or not a text", at)
    return value


def _object(value: object, what: str) -> Object:
    if not isinstance(value, Mapping):
        raise _error("invalid", f"{what} must be an object")
    return value


def _list(value: object, what: str) -> Sequence[object]:
    if not isinstance(value, list):
        raise _error("invalid", f"{what} must be a list")
    return value


def _answerable(item: Object, what: str, at: str = "") -> None:
    for name in sorted(_UNANSWERED & item.keys()):
        raise _error("unsupported", f"{name!r} in a {what} is not answered yet", at)


def _error(code: str, text: str, at: str = "") -> CaseError:
    return CaseError(Reason(code=code, text=text, place=at))
