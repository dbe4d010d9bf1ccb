"""What a book says: holdings at their marks, the summary and its parts, the curve, and every figure down to its lots.

`realized` is proceeds minus cost and minus the funding paid, `unrealized` is value minus open cost, fees inside both,
so `net` is their sum: cash in minus cash out plus what the open coins are worth. `fees` is what was paid, shown beside,
never subtracted again.
`model_costs` is what models cost, in their own currency; `net_after_models` is net of it where the currencies are one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from omc.books.methods import METHODS, open_cost, remaining
from omc.books.rules import (
    ZERO,
    Bill,
    Book,
    Booked,
    Fee,
    FillFact,
    Funding,
    Place,
    Totals,
    Trade,
    entry_of,
    post,
    suspend,
    total,
    trade_of,
)
from omc.core.lot import Lot, Match
from omc.core.money import EXACT
from omc.core.reason import Reason


class Figure(StrEnum):
    """The figures that can be explained."""

    REALIZED = "realized"
    UNREALIZED = "unrealized"
    FEES = "fees"
    NET = "net"
    MODEL_COSTS = "model_costs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A price of one place's asset in its currency: when it held in the market, when we learned it, and from where."""

    place: Place
    price: Decimal
    ts: datetime
    learned_ts: datetime
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Open lots of one place. Without a mark it is unvalued: `value` and `unrealized` are None, never zero."""

    place: Place
    quantity: Decimal
    cost: Decimal
    mark: Mark | None

    @property
    def value(self) -> Decimal | None:
        """Market value at the mark, exact."""
        return None if self.mark is None else EXACT.multiply(self.quantity, self.mark.price)

    @property
    def unrealized(self) -> Decimal | None:
        """Value minus open cost."""
        return None if self.value is None else EXACT.subtract(self.value, self.cost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One set of figures; `unvalued` names the assets held without a price, which are in no figure but realized.

    `unrealized` is None when coins are held and none of them has a price: unknown is not zero. `models_priced` is false
    when models cost something in another currency than this.
    """

    realized: Decimal
    unrealized: Decimal | None
    fees: Decimal
    unvalued: tuple[str, ...]
    marks: tuple[Mark, ...]
    model_costs: Decimal = ZERO
    models_priced: bool = True

    @property
    def net(self) -> Decimal | None:
        """Realized plus unrealized."""
        return None if self.unrealized is None else EXACT.add(self.realized, self.unrealized)

    @property
    def net_after_models(self) -> Decimal | None:
        """Net minus what models cost; None where a cost has no price in this currency: unknown is not zero."""
        return None if self.net is None or not self.models_priced else EXACT.subtract(self.net, self.model_costs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The figures right after one instant."""

    ts: datetime
    realized: Decimal
    unrealized: Decimal | None

    @property
    def net(self) -> Decimal | None:
        """Realized plus unrealized."""
        return None if self.unrealized is None else EXACT.add(self.realized, self.unrealized)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One term of a figure: the fact that it comes from, the lots whose cost it used, the model's call it pays."""

    fact_id: str
    ts: datetime
    what: str
    quantity: Decimal
    price: Decimal | None
    amount: Decimal
    lots: tuple[Match, ...]
    call: str | None = None


Marks = Mapping[Place, Mark]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The part of a book that a figure is about; None means all of that kind."""

    currency: str
    strategy: str | None = None
    asset: str | None = None
    account: str | None = None

    def covers(self, place: Place) -> bool:
        """Say whether the place is in this part."""
        return (
            place.currency == self.currency
            and self.strategy in {None, place.strategy}
            and self.asset in {None, place.asset}
            and self.account in {None, place.account}
        )

    def bears(self, bill: Bill) -> bool:
        """Say whether a model's bill is of this part; it is of a strategy or of none, and never of an asset."""
        return self.strategy in {None, bill.strategy} and self.asset is None and self.account is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """A folded book with its trades, the newest mark of each place, what models cost and what was paid for holding."""

    book: Book
    trades: Sequence[Trade]
    marks: Marks
    bills: Sequence[Bill] = ()
    funding: Sequence[Funding] = ()


def fold_fills(
    facts: Iterable[FillFact],
    marks: Marks,
    *,
    method: str,
    bills: Sequence[Bill] = (),
    funding: Sequence[Funding] = (),
) -> Ledger:
    """Return the ledger of all facts, in the order given; what cannot be booked waits in the book's suspense."""
    book = Book(method=METHODS[method])
    trades: list[Trade] = []
    for fact in facts:
        trade = trade_of(fact)
        if isinstance(trade, Reason):
            suspend(book, fact, trade)
        elif post(book, entry_of(trade)) is None:
            trades.append(trade)
    return Ledger(book=book, trades=trades, marks=marks, bills=bills, funding=funding)


def holdings(ledger: Ledger, scope: Scope) -> list[Holding]:
    """Return what is held in the scope, a row a place that is not empty."""
    return [
        Holding(place=place, quantity=totals.held, cost=totals.open_cost, mark=ledger.marks.get(place))
        for place, totals in ledger.book.totals.items()
        if scope.covers(place) and totals.held != ZERO
    ]


def summarize(ledger: Ledger, scope: Scope) -> Summary:
    """Return the figures of the scope."""
    held = holdings(ledger, scope)
    trades = (trade for trade in ledger.trades if scope.covers(trade.place))
    bills = [bill for bill in ledger.bills if scope.bears(bill)]
    gains = total(totals.gains for place, totals in ledger.book.totals.items() if scope.covers(place))
    return Summary(
        realized=EXACT.subtract(gains, total(paid.amount for paid in ledger.funding if scope.covers(paid.place))),
        unrealized=_unrealized_of(held),
        fees=total(fee.value for trade in trades for fee in trade.fees),
        unvalued=tuple(sorted({holding.place.asset for holding in held if holding.mark is None})),
        marks=tuple(holding.mark for holding in held if holding.mark is not None),
        model_costs=total(bill.amount for bill in bills),
        models_priced=all(bill.currency == scope.currency for bill in bills),
    )


def curve(ledger: Ledger, history: Sequence[Mark], scope: Scope) -> list[Point]:
    """Return a point after every trade, funding and mark of the scope, in order of time, by folding the trades again.

    At one instant trades come before marks, so that a point shows the position which the mark values.
    """
    book, paid = Book(method=ledger.book.method), ZERO
    latest: dict[Place, Mark] = {}
    points: dict[datetime, Point] = {}
    moments: list[Trade | Funding | Mark] = [*ledger.trades, *ledger.funding, *history]
    for moment in sorted(moments, key=lambda one: one.ts):
        match moment:
            case Trade():
                post(book, entry_of(moment))
            case Funding(place=place, amount=amount):
                paid = EXACT.add(paid, amount) if scope.covers(place) else paid
            case Mark():
                latest[moment.place] = moment
        if scope.covers(moment.place):
            totals = [(place, sums) for place, sums in book.totals.items() if scope.covers(place)]
            points[moment.ts] = _point(moment.ts, totals, latest, paid)
    return list(points.values())


def _point(ts: datetime, totals: Sequence[tuple[Place, Totals]], marks: Marks, paid: Decimal) -> Point:
    held = [
        Holding(place=place, quantity=sums.held, cost=sums.open_cost, mark=marks.get(place))
        for place, sums in totals
        if sums.held != ZERO
    ]
    gains = total(sums.gains for _, sums in totals)
    return Point(ts=ts, realized=EXACT.subtract(gains, paid), unrealized=_unrealized_of(held))


def _unrealized_of(held: Sequence[Holding]) -> Decimal | None:
    known = [holding.unrealized for holding in held if holding.unrealized is not None]
    return None if held and not known else total(known)


def explain(ledger: Ledger, figure: Figure, scope: Scope) -> list[Line]:
    """Return the lines whose amounts add up to the figure exactly."""
    match figure:
        case Figure.REALIZED:
            return _realized(ledger, scope)
        case Figure.UNREALIZED:
            return _unrealized(ledger, scope)
        case Figure.FEES:
            return _fees(ledger, scope)
        case Figure.NET:
            return [*_realized(ledger, scope), *_unrealized(ledger, scope)]
        case Figure.MODEL_COSTS:
            return [_bill_line(bill) for bill in ledger.bills if scope.bears(bill)]
        case _:
            assert_never(figure)


def _realized(ledger: Ledger, scope: Scope) -> list[Line]:
    trades = {trade.id: trade for trade in ledger.trades}
    disposals = [
        _disposal_line(booked, trades[booked.disposal.event])
        for booked in ledger.book.disposals
        if scope.covers(booked.place)
    ]
    return [*disposals, *(_funding_line(paid) for paid in ledger.funding if scope.covers(paid.place))]


def _funding_line(paid: Funding) -> Line:
    return Line(
        fact_id=paid.id,
        ts=paid.ts,
        what=f"funding of {paid.place.asset}",
        quantity=Decimal(1),
        price=None,
        amount=paid.amount.copy_negate(),
        lots=(),
    )


def _disposal_line(booked: Booked, trade: Trade) -> Line:
    disposal, of_fee = booked.disposal, booked.tag == "fee"
    return Line(
        fact_id=disposal.event,
        ts=disposal.ts,
        what=f"{'paid as a fee: ' if of_fee else 'sold '}{booked.place.asset}",
        quantity=disposal.quantity,
        price=None if of_fee else trade.price,
        amount=disposal.gain,
        lots=disposal.matches,
    )


def _unrealized(ledger: Ledger, scope: Scope) -> list[Line]:
    return [
        _open_line(lot, ledger.marks[place])
        for place, lots in ledger.book.lots.items()
        if scope.covers(place) and place in ledger.marks
        for lot in lots
    ]


def _open_line(lot: Lot, mark: Mark) -> Line:
    quantity, cost = remaining(lot), open_cost(lot)
    value = EXACT.multiply(quantity, mark.price)
    return Line(
        fact_id=lot.id,
        ts=lot.acquired_ts,
        what=f"still open: {lot.asset}",
        quantity=quantity,
        price=mark.price,
        amount=EXACT.subtract(value, cost),
        lots=(Match(lot=lot.id, quantity=quantity, cost=cost),),
    )


def _fees(ledger: Ledger, scope: Scope) -> list[Line]:
    return [_fee_line(trade, fee) for trade in ledger.trades if scope.covers(trade.place) for fee in trade.fees]


def _fee_line(trade: Trade, fee: Fee) -> Line:
    return Line(
        fact_id=trade.id,
        ts=trade.ts,
        what=f"fee in {fee.asset}",
        quantity=fee.quantity,
        price=None,
        amount=fee.value,
        lots=(),
    )


def _bill_line(bill: Bill) -> Line:
    return Line(
        fact_id=bill.id,
        ts=bill.ts,
        what=f"call of {bill.model} at {bill.provider}",
        quantity=Decimal(1),
        price=bill.amount,
        amount=bill.amount,
        lots=(),
        call=bill.call,
    )
