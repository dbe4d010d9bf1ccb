"""Properties of lots and matches that hold for every history."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.books.figures import Figure, Mark, Scope, curve, explain, fold_fills, summarize
from omc.books.methods import after, fifo, open_cost, remaining, take
from omc.books.rules import FillFact, Place, total
from omc.core.lot import Lot
from omc.core.money import EXACT, QUANTUM
from omc.core.order import Side

START = datetime(2024, 1, 1, tzinfo=UTC)
PLACE = Place(asset="BTC", currency="USDT", account="paper", strategy="cross")
ALL = Scope(currency="USDT")

amounts = st.decimals(min_value=Decimal("1e-8"), max_value=Decimal("1e7"), places=8)
fees = st.decimals(min_value=0, max_value=Decimal("1e3"), places=8)
fills = st.lists(
    st.tuples(st.sampled_from(Side), amounts, amounts, fees, st.sampled_from(["USDT", "BTC"])), max_size=30
)


def a_lot(quantity: str, cost: str, name: str = "a") -> Lot:
    return Lot(id=name, asset="BTC", acquired_ts=START, quantity=Decimal(quantity), cost=Decimal(cost))


def facts(drawn: list[tuple[Side, Decimal, Decimal, Decimal, str]]) -> list[FillFact]:
    """Fills that never sell more than is held: a sale is cut down to the position, a fee in coin to what is left."""
    made: list[FillFact] = []
    held = Decimal(0)
    for number, (side, quantity, price, fee, fee_asset) in enumerate(drawn):
        sold = min(quantity, held) if side is Side.SELL else quantity
        if sold == 0:
            continue
        held = EXACT.add(held, sold) if side is Side.BUY else EXACT.subtract(held, sold)
        paid = min(fee, held) if fee_asset == "BTC" else fee
        held = EXACT.subtract(held, paid) if fee_asset == "BTC" else held
        fact = FillFact(
            id=str(number),
            ts=START + timedelta(hours=number),
            place=PLACE,
            side=side,
            quantity=sold,
            price=price,
            fee=paid,
            fee_asset=fee_asset,
        )
        made.append(fact)
    return made


def a_mark(price: Decimal) -> Mark:
    ts = START + timedelta(days=100)
    return Mark(place=PLACE, price=price, ts=ts, learned_ts=ts, source="test")


def cash_flow(fact: FillFact) -> Decimal:
    gross = EXACT.multiply(fact.price, fact.quantity)
    signed = gross if fact.side is Side.SELL else gross.copy_negate()
    return EXACT.subtract(signed, fact.fee) if fact.fee_asset == "USDT" else signed


def coin_flow(fact: FillFact) -> Decimal:
    signed = fact.quantity if fact.side is Side.BUY else fact.quantity.copy_negate()
    return EXACT.subtract(signed, fact.fee) if fact.fee_asset == "BTC" else signed


def test_a_sale_larger_than_the_lot_takes_from_the_next() -> None:
    matches = fifo([a_lot("1", "100", "first"), a_lot("1", "200", "second")], Decimal("1.5"))

    assert [(match.lot, match.quantity, match.cost) for match in matches] == [
        ("first", Decimal(1), Decimal(100)),
        ("second", Decimal("0.5"), Decimal(100)),
    ]


def test_lots_that_hold_less_than_is_wanted_give_what_they_hold() -> None:
    assert total(match.quantity for match in fifo([a_lot("1", "100")], Decimal(2))) == 1


@given(cost=amounts, parts=st.lists(amounts, min_size=1, max_size=20))
def test_parts_add_up_to_the_lot_and_each_is_within_one_quantum(cost: Decimal, parts: list[Decimal]) -> None:
    lot = Lot(id="a", asset="BTC", acquired_ts=START, quantity=total(parts), cost=cost)
    given_up = []

    for part in parts:
        match = take(lot, part)
        true = Fraction(cost) * Fraction(part) / Fraction(lot.quantity)
        assert abs(Fraction(match.cost) - true) < Fraction(QUANTUM)
        given_up.append(match.cost)
        lot = after(lot, match)

    assert total(given_up) == cost
    assert remaining(lot) == 0
    assert open_cost(lot) == 0


@given(drawn=fills)
def test_the_sum_of_the_lots_is_the_position(drawn: list[tuple[Side, Decimal, Decimal, Decimal, str]]) -> None:
    history = facts(drawn)

    book = fold_fills(history, {}, method="fifo").book

    held = total(remaining(lot) for lots in book.lots.values() for lot in lots)
    assert held == total(coin_flow(fact) for fact in history)
    assert not book.suspense


@given(drawn=fills, price=amounts)
def test_profit_is_cash_in_minus_cash_out_plus_what_the_open_coins_are_worth(
    drawn: list[tuple[Side, Decimal, Decimal, Decimal, str]], price: Decimal
) -> None:
    history = facts(drawn)

    ledger = fold_fills(history, {PLACE: a_mark(price)}, method="fifo")

    cash = total(cash_flow(fact) for fact in history)
    worth = EXACT.multiply(total(coin_flow(fact) for fact in history), price)
    assert summarize(ledger, ALL).net == EXACT.add(cash, worth)


@given(drawn=fills)
def test_no_cost_is_lost_and_none_is_made(drawn: list[tuple[Side, Decimal, Decimal, Decimal, str]]) -> None:
    book = fold_fills(facts(drawn), {}, method="fifo").book

    released = total(match.cost for booked in book.disposals for match in booked.disposal.matches)
    still_open = total(open_cost(lot) for lots in book.lots.values() for lot in lots)
    assert total(sums.acquired for sums in book.totals.values()) == EXACT.add(released, still_open)


@given(drawn=fills, price=amounts, figure=st.sampled_from(Figure))
def test_the_lines_of_an_explanation_add_up_to_its_figure(
    drawn: list[tuple[Side, Decimal, Decimal, Decimal, str]], price: Decimal, figure: Figure
) -> None:
    ledger = fold_fills(facts(drawn), {PLACE: a_mark(price)}, method="fifo")

    lines = explain(ledger, figure, ALL)

    assert total(line.amount for line in lines) == getattr(summarize(ledger, ALL), figure)


@given(drawn=fills, price=amounts)
def test_the_curve_ends_at_the_summary(
    drawn: list[tuple[Side, Decimal, Decimal, Decimal, str]], price: Decimal
) -> None:
    ledger = fold_fills(facts(drawn), {PLACE: a_mark(price)}, method="fifo")

    last = curve(ledger, [a_mark(price)], ALL)[-1]

    assert (last.realized, last.net) == (summarize(ledger, ALL).realized, summarize(ledger, ALL).net)


def test_what_has_no_price_is_unvalued_and_never_zero() -> None:
    summary = summarize(
        fold_fills(facts([(Side.BUY, Decimal(1), Decimal(100), Decimal(0), "USDT")]), {}, method="fifo"), ALL
    )

    assert summary.unvalued == ("BTC",)
    assert summary.unrealized is None
    assert summary.net is None


@pytest.mark.parametrize("fee_asset", ["BNB"])
def test_a_fee_in_a_third_coin_waits_in_suspense(fee_asset: str) -> None:
    fact = facts([(Side.BUY, Decimal(1), Decimal(100), Decimal(1), fee_asset)])

    book = fold_fills(fact, {}, method="fifo").book

    assert [held.reason.code for held in book.suspense] == ["fee_without_price"]
    assert not book.lots


def test_a_sale_of_more_than_is_held_waits_in_suspense_whole() -> None:
    sale = FillFact(
        id="1",
        ts=START,
        place=PLACE,
        side=Side.SELL,
        quantity=Decimal(2),
        price=Decimal(9),
        fee=Decimal(0),
        fee_asset="USDT",
    )

    book = fold_fills([sale], {}, method="fifo").book

    assert [(held.reason.code, held.missing) for held in book.suspense] == [("oversold", Decimal(2))]
    assert not book.disposals
