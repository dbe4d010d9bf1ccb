"""Owns which documents the floor can trade: those whose orders it places exactly as their backtest filled them."""

from decimal import Decimal

from omc.core.market import split_symbol
from omc.core.money import EXACT
from omc.engine.clauses import FixedSizing, FractionSizing, KellySizing
from omc.engine.document import StrategyDocument
from omc.kit.errors import Refusal


def check_tradable(document: StrategyDocument) -> None:
    """Refuse (422) what only a backtest can do, with its place: short sales, margin, and one coin by two symbols.

    Trading it another way than it was tested would be worse than not trading it.
    """
    seen: dict[str, str] = {}
    for at, symbol in enumerate(document.universe):
        base = split_symbol(symbol)[0]
        if base in seen:
            text = (
                f"{seen[base]} and {symbol} are both of {base}, and a paper account holds each coin once: save a"
                " version with one of them, and validate that"
            )
            raise Refusal("coin_twice", 422, text, place=f"/universe/{at}")
        seen[base] = symbol
    if document.short_entry is not None:
        text = "the strategy goes short, and a paper account holds coins only; remove short_entry and short_exit"
        raise Refusal("short_not_possible", 422, text, place="/short_entry")
    if document.margin is not None:
        text = "the strategy borrows, and a paper account has its own money only; leave the margin out"
        raise Refusal("not_tradable_yet", 422, text, place="/margin")


def first_fraction(document: StrategyDocument, capital: Decimal) -> Decimal | None:
    """Return the fraction of the cash that the first entry takes at most; None where the market decides it."""
    match document.sizing:
        case FractionSizing(fraction=fraction) | KellySizing(start=fraction):
            wanted = EXACT.multiply(fraction, capital)
        case FixedSizing(amount=amount):
            wanted = amount
        case _:
            return None
    limits = document.limits
    most = [wanted, capital] + ([limits.max_notional] if limits.max_notional is not None else [])
    most += [EXACT.multiply(share, capital) for share in (limits.max_share, limits.max_gross_exposure) if share]
    return EXACT.divide(min(most), capital)
