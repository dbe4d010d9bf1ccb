"""Owns the sentences of an account that several symbols share: what each read, and how they share the cash."""

from collections.abc import Mapping

from omc.core.market import split_symbol
from omc.engine.assumptions import assumptions_of
from omc.engine.decision import Decisions
from omc.engine.document import StrategyDocument
from omc.engine.evaluation import bar_time
from omc.engine.finer import unchecked
from omc.kit.errors import Refusal
from omc.ledgers.columns import BarColumns

UNLISTED = "a symbol without a bar is neither entered nor left, and is valued at its last close"

_EACH = ("warm_up", "data", "missing")  # what is another thing for every symbol


def assumptions_together(
    document: StrategyDocument, bars: Mapping[str, BarColumns], decided: Mapping[str, Decisions]
) -> dict[str, str]:
    """What a run of several symbols assumed: as for one, then the account, then the data of each symbol."""
    own = {symbol: assumptions_of(document, bars[symbol], decided[symbol], {}) for symbol in bars}
    common = {name: said for name, said in next(iter(own.values())).items() if name not in _EACH}
    needs = next(iter(decided.values())).program
    shared = {
        "account": sharing_of(document, len(bars)),
        "benchmark": _benchmark(len(bars)),
        "inside a bar": unchecked(document) or "the worse order is taken; of a shared account finer bars are not asked",
        "unlisted": UNLISTED,
        "warm_up": f"{needs.warm_up} bars of each symbol are needed ({needs.hungriest().place})",
    }
    return common | shared | {f"data {symbol}": _read(bars[symbol], decided[symbol], own[symbol]) for symbol in bars}


def sharing_of(document: StrategyDocument, count: int) -> str:
    """Say how symbols share an account."""
    order = "exits at an open come first, then entries in the order of the universe, from what is left"
    void = "an entry for which no cash or no position is left waits for its next signal"
    sold = "; what a short sale brings can buy another symbol" if document.short_entry else ""
    return f"{count} symbols share the cash; {order}; {void}{sold}"


def _benchmark(count: int) -> str:
    even = f"the capital spread evenly over {count} symbols" if count > 1 else "all the capital"
    return f"holding: {even}, each bought at its first open after the first decision, same fee and slippage"


def _read(columns: BarColumns, decided: Decisions, own: Mapping[str, str]) -> str:
    return f"{own['data']}; {own['missing']}; decides from {bar_time(columns, decided.first)}"


def check_shared(document: StrategyDocument, symbols: Mapping[str, object]) -> None:
    """Refuse symbols that are not paid in one asset, and margin: a venue liquidates by all that an account holds."""
    if document.margin is not None and len(symbols) > 1:
        text = "when a margin that several symbols share is liquidated is not simulated; test them apart or without it"
        raise Refusal("margin_not_shared", 422, text, place="/margin")
    quotes = {symbol: split_symbol(symbol)[1] for symbol in symbols}
    first = next(iter(quotes))
    for symbol, quote in quotes.items():
        if quote != quotes[first]:
            text = f"{first} is paid in {quotes[first]} and {symbol} in {quote}; an account has one quote asset"
            place = f"/universe/{document.universe.index(symbol)}"
            raise Refusal("mixed_quotes", 422, f"{text}: test them apart", place=place)
