"""Owns which documents the floor can trade: those whose orders it places exactly as their backtest filled them."""

from decimal import Decimal

from omc.engine.clauses import Costs, EntryOrder, FractionSizing, Limits, Stops
from omc.engine.document import StrategyDocument
from omc.kit.errors import Refusal

_PLAIN = ("fee_bps", "slippage_bps")


def traded_fraction(document: StrategyDocument) -> Decimal:
    """Return the fraction of the free cash that an entry takes.

    Refuses (`not_tradable_yet`, 422) what only a backtest can do yet, with its place: trading it another way than it
    was tested would be worse than not trading it.
    """
    place = _beyond(document)
    if place is not None:
        text = "only a backtest can do this yet: paper trading places market orders for a fraction of the cash"
        raise Refusal("not_tradable_yet", 422, f"{text}; leave {place} out", place=place)
    assert isinstance(document.sizing, FractionSizing)
    return document.sizing.fraction


def check_universe(document: StrategyDocument) -> None:
    """Refuse a document of several symbols: on an account of their own, each would trade otherwise than together."""
    if len(document.universe) > 1:
        text = (
            f"paper trading holds one symbol, and the universe names {len(document.universe)}: save a version with the"
            " one that it is to trade, and validate that"
        )
        raise Refusal("one_symbol_only", 422, text, place="/universe")


def _beyond(document: StrategyDocument) -> str | None:
    if document.inputs:
        return "/inputs"
    if not isinstance(document.sizing, FractionSizing):
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
