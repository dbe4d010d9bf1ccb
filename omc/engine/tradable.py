"""Owns which documents the floor can trade: those whose orders it places exactly as their backtest filled them."""

from decimal import Decimal

from omc.core.money import EXACT
from omc.engine.clauses import Costs, EntryOrder, FixedSizing, FractionSizing, KellySizing, Limits, Stops
from omc.engine.document import StrategyDocument
from omc.engine.terms import sizes_of
from omc.kit.errors import Refusal
from omc.ledgers.columns import BarColumns

_PLAIN = ("fee_bps", "slippage_bps")


def check_tradable(document: StrategyDocument) -> None:
    """Refuse (`not_tradable_yet`, 422) what only a backtest can do yet, with its place.

    Trading it another way than it was tested would be worse than not trading it.
    """
    place = _beyond(document)
    if place is not None:
        text = "only a backtest can do this yet: paper trading places market orders, sized by the cash or by volatility"
        raise Refusal("not_tradable_yet", 422, f"{text}; leave {place} out", place=place)


def first_fraction(document: StrategyDocument, capital: Decimal) -> Decimal | None:
    """Return the fraction of the cash that the first entry takes; None where the market decides it."""
    match document.sizing:
        case FractionSizing(fraction=fraction):
            return fraction
        case FixedSizing(amount=amount):
            return min(Decimal(1), EXACT.divide(amount, capital))
        case _:
            return None


def entry_budget(document: StrategyDocument, columns: BarColumns, cash: Decimal) -> Decimal:
    """Return what an entry that is decided at the close of the last of these bars may spend, as the backtest's does."""
    match document.sizing:
        case FractionSizing(fraction=fraction):
            return EXACT.multiply(cash, fraction)
        case FixedSizing(amount=amount):
            return min(amount, cash)
        case _:
            size = float(sizes_of(document, columns)[-1])
            return min(cash, EXACT.multiply(cash, Decimal(repr(size))))


def check_universe(document: StrategyDocument) -> None:
    """Refuse a document of several symbols: on an account of their own, each would trade otherwise than together."""
    if len(document.universe) > 1:
        text = (
            f"paper trading holds one symbol, and the universe names {len(document.universe)}: save a version with the"
            " one that it is to trade, and validate that"
        )
        raise Refusal("one_symbol_only", 422, text, place="/universe")


def _beyond(document: StrategyDocument) -> str | None:
    if isinstance(document.sizing, KellySizing):
        return "/sizing/kind"
    if document.order != EntryOrder(kind="market"):
        return "/order"
    if document.stops != Stops():
        return "/stops"
    if document.margin is not None:
        return "/margin"
    if document.limits != Limits():
        return "/limits"
    plain = Costs(**{name: getattr(document.costs, name) for name in _PLAIN})
    return None if document.costs == plain else "/costs"
