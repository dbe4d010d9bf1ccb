"""How facts become lots and gains: one event after another, each booked whole or not at all, checked after every one.

An event is a list of steps: coins acquired at a cost, coins disposed of for proceeds. A fee paid in a coin is a
disposal of that coin at market, and its value is a cost of the purchase or a deduction from the sale.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import assert_never

from omc.books.methods import METHODS, Method, after, fifo, open_cost, remaining
from omc.core.lot import Disposal, Lot, Match
from omc.core.money import EXACT
from omc.core.order import Side
from omc.core.reason import Reason

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Whose lots match whose sales: one account's sub-ledger of one strategy, in one asset and base currency."""

    asset: str
    currency: str
    account: str = ""
    strategy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquire:
    """Coins come in: a lot of `quantity` at `cost`, fees included."""

    place: Place
    quantity: Decimal
    cost: Decimal
    tag: str = "buy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispose:
    """Coins go out for `proceeds`, fees deducted."""

    place: Place
    quantity: Decimal
    proceeds: Decimal
    tag: str = "sell"


Step = Acquire | Dispose


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event of the books as its steps. `fees` is paid in all, `expense` the part that no cost or proceeds carry."""

    id: str
    ts: datetime
    steps: tuple[Step, ...]
    fees: Decimal = ZERO
    expense: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """A fee as paid: `quantity` of `asset`, worth `value` in base money at that instant."""

    asset: str
    quantity: Decimal
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """A purchase or sale before its fees: `gross` is its amount in the place's currency, `price` is for showing."""

    id: str
    ts: datetime
    place: Place
    side: Side
    quantity: Decimal
    gross: Decimal
    price: Decimal | None = None
    fees: tuple[Fee, ...] = ()
    tag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FillFact:
    """A fill as the books stored it: `place.asset` was bought or sold for `place.currency`."""

    id: str
    ts: datetime
    place: Place
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_asset: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Funding:
    """What a place paid for what it held at an instant, in its currency; below zero it got that."""

    id: str
    ts: datetime
    place: Place
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What a model's call cost, the call, and whom it served; `strategy` is empty where it served none."""

    id: str
    ts: datetime
    call: str
    session: str | None
    strategy: str
    currency: str
    provider: str
    model: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A disposal with what the books know of it: whose lots it took from, and what it was."""

    place: Place
    tag: str
    disposal: Disposal


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspended:
    """An event that could not be booked, and why; it is in no figure and is always shown."""

    entry: Entry
    reason: Reason
    place: Place
    missing: Decimal


@dataclass(slots=True, kw_only=True)
class Totals:
    """The running sums of one place, from which conservation is checked; all exact."""

    acquired: Decimal = ZERO
    released: Decimal = ZERO
    open_cost: Decimal = ZERO
    proceeds: Decimal = ZERO
    gains: Decimal = ZERO
    position: Decimal = ZERO
    held: Decimal = ZERO


@dataclass(slots=True, kw_only=True)
class Book:
    """The books as they grow. `lots` hold what is open, oldest first; a broken equality stops everything."""

    method: Method = fifo
    lots: dict[Place, deque[Lot]] = field(default_factory=dict)
    totals: dict[Place, Totals] = field(default_factory=dict)
    disposals: list[Booked] = field(default_factory=list)
    suspense: list[Suspended] = field(default_factory=list)
    fees: Decimal = ZERO
    expense: Decimal = ZERO


def trade_of(fact: FillFact) -> Trade | Reason:
    """Return the trade that a fill was; a fee in a third coin would need a price of that coin, which no fill has."""
    fees: tuple[Fee, ...] = ()
    if fact.fee != ZERO:
        if fact.fee_asset == fact.place.currency:
            value = fact.fee
        elif fact.fee_asset == fact.place.asset:
            value = EXACT.multiply(fact.fee, fact.price)
        else:
            text = f"the fee was paid in {fact.fee_asset}, for which there is no price at that instant"
            return Reason(code="fee_without_price", text=text, place=fact.id)
        fees = (Fee(asset=fact.fee_asset, quantity=fact.fee, value=value),)
    return Trade(
        id=fact.id,
        ts=fact.ts,
        place=fact.place,
        side=fact.side,
        quantity=fact.quantity,
        gross=EXACT.multiply(fact.price, fact.quantity),
        price=fact.price,
        fees=fees,
    )


def entry_of(trade: Trade, *, in_price: bool = True) -> Entry:
    """Return a trade as steps. Fees go into the cost of a purchase and off the proceeds of a sale, or are expensed."""
    values = total(fee.value for fee in trade.fees)
    carried = values if in_price else ZERO
    step: Step
    match trade.side:
        case Side.BUY:
            cost = EXACT.add(trade.gross, carried)
            step = Acquire(place=trade.place, quantity=trade.quantity, cost=cost, tag=trade.tag or "buy")
        case Side.SELL:
            proceeds = EXACT.subtract(trade.gross, carried)
            step = Dispose(place=trade.place, quantity=trade.quantity, proceeds=proceeds, tag=trade.tag or "sell")
        case _:
            assert_never(trade.side)
    expense = ZERO if in_price else values
    return Entry(id=trade.id, ts=trade.ts, steps=(step, *_coin_fees(trade)), fees=values, expense=expense)


def fold(entries: Iterable[Entry], *, method: str = "fifo") -> Book:
    """Return the books after all entries, in the order given; what cannot be booked waits in suspense."""
    book = Book(method=METHODS[method])
    for entry in entries:
        post(book, entry)
    return book


def suspend(book: Book, fact: FillFact, reason: Reason) -> None:
    """Hold a fact that has no steps yet in suspense."""
    entry = Entry(id=fact.id, ts=fact.ts, steps=())
    book.suspense.append(Suspended(entry=entry, reason=reason, place=fact.place, missing=ZERO))


def post(book: Book, entry: Entry) -> Suspended | None:
    """Book one entry whole, or put it whole into suspense and return why."""
    if (short := _shortfall(book, entry)) is not None:
        book.suspense.append(short)
        return short
    for step in entry.steps:
        match step:
            case Acquire():
                _acquire(book, entry, step)
            case Dispose():
                _dispose(book, entry, step)
        _check(book.totals[step.place], step.place)
    book.fees = EXACT.add(book.fees, entry.fees)
    book.expense = EXACT.add(book.expense, entry.expense)
    return None


def sums(book: Book, place: Place) -> Totals:
    """Return the totals of a place, zeros when nothing happened there."""
    return book.totals.get(place) or Totals()


def total(values: Iterable[Decimal]) -> Decimal:
    """Return the exact sum."""
    result = ZERO
    for value in values:
        result = EXACT.add(result, value)
    return result


def _coin_fees(trade: Trade) -> Iterable[Dispose]:
    for fee in trade.fees:
        if fee.asset != trade.place.currency:
            place = replace(trade.place, asset=fee.asset)
            yield Dispose(place=place, quantity=fee.quantity, proceeds=fee.value, tag="fee")


def _shortfall(book: Book, entry: Entry) -> Suspended | None:
    held: dict[Place, Decimal] = {}
    for step in entry.steps:
        before = held.get(step.place, sums(book, step.place).held)
        signed = step.quantity if isinstance(step, Acquire) else step.quantity.copy_negate()
        held[step.place] = EXACT.add(before, signed)
        if held[step.place] < 0:
            asset = step.place.asset
            reason = Reason(code="oversold", text=f"more {asset} leaves than the books hold", place=entry.id)
            return Suspended(entry=entry, reason=reason, place=step.place, missing=held[step.place].copy_negate())
    return None


def _acquire(book: Book, entry: Entry, step: Acquire) -> None:
    totals = book.totals.setdefault(step.place, Totals())
    lot = Lot(id=entry.id, asset=step.place.asset, acquired_ts=entry.ts, quantity=step.quantity, cost=step.cost)
    book.lots.setdefault(step.place, deque()).append(lot)
    totals.acquired = EXACT.add(totals.acquired, step.cost)
    totals.open_cost = EXACT.add(totals.open_cost, step.cost)
    totals.position = EXACT.add(totals.position, step.quantity)
    totals.held = EXACT.add(totals.held, step.quantity)


def _dispose(book: Book, entry: Entry, step: Dispose) -> None:
    totals = book.totals[step.place]
    matches = book.method(book.lots[step.place], step.quantity)
    for match in matches:
        _release(book.lots[step.place], totals, match)
    cost = total(match.cost for match in matches)
    disposal = Disposal(
        event=entry.id,
        asset=step.place.asset,
        ts=entry.ts,
        quantity=step.quantity,
        proceeds=step.proceeds,
        cost=cost,
        matches=matches,
    )
    totals.released = EXACT.add(totals.released, cost)
    totals.proceeds = EXACT.add(totals.proceeds, step.proceeds)
    totals.gains = EXACT.add(totals.gains, disposal.gain)
    totals.position = EXACT.subtract(totals.position, step.quantity)
    book.disposals.append(Booked(place=step.place, tag=step.tag, disposal=disposal))


def _release(lots: deque[Lot], totals: Totals, match: Match) -> None:
    place = next(index for index, lot in enumerate(lots) if lot.id == match.lot)
    lot = lots[place]
    left = after(lot, match)
    given = EXACT.subtract(open_cost(lot), open_cost(left))
    totals.open_cost = EXACT.subtract(totals.open_cost, given)
    totals.held = EXACT.subtract(totals.held, match.quantity)
    if remaining(left) == ZERO:
        del lots[place]
    else:
        lots[place] = left


def _check(totals: Totals, place: Place) -> None:
    costs = EXACT.add(totals.released, totals.open_cost)
    assert totals.acquired == costs, f"cost is lost in {place}: {totals}"
    assert totals.gains == EXACT.subtract(totals.proceeds, totals.released), f"gains do not add up in {place}: {totals}"
    assert totals.position == totals.held, f"lots and position differ in {place}: {totals}"
