"""Owns the market that a document is tested on: the bars of one symbol, or of several that share an account.

Every check takes bars as they come, of one symbol or by symbol, and makes a market of them first; from there on it
knows rows of one timeline only, and not how many symbols there are.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from omc.core.canonical import digest
from omc.engine.decision import check_bars
from omc.engine.document import StrategyDocument
from omc.engine.reading import DocumentRefused
from omc.engine.sharing import check_shared
from omc.kit.errors import Refusal
from omc.ledgers.columns import BarColumns, Stamps


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """Bars by symbol, in the order of the universe; a row is an instant at which any symbol has a bar."""

    bars: Mapping[str, BarColumns]
    ts: Stamps

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.ts)

    @property
    def only(self) -> BarColumns | None:
        """The bars of the one symbol, whose bars are the rows; None where there are several."""
        return next(iter(self.bars.values())) if len(self.bars) == 1 else None

    @property
    def timeframe_ms(self) -> int:
        """The length of each bar."""
        return next(iter(self.bars.values())).timeframe_ms

    @property
    def count(self) -> int:
        """Bars of all symbols."""
        return sum(map(len, self.bars.values()))

    @property
    def data_hash(self) -> str:
        """The hash of the bars: of one symbol its own, of several that of all theirs."""
        hashes = {symbol: columns.data_hash for symbol, columns in self.bars.items()}
        return digest(hashes) if len(hashes) > 1 else next(iter(hashes.values()))

    def bar(self, symbol: str, row: int) -> int:
        """Return the number of the first bar of a symbol at a row or after it; beyond the rows, as far beyond."""
        columns = self.bars[symbol]
        if row >= len(self):
            return len(columns) + row - len(self)
        return int(np.searchsorted(columns.ts, self.ts[row]))

    def row(self, symbol: str, bar: int) -> int:
        """Return the row of a bar of a symbol; beyond its bars, as far beyond the rows."""
        columns = self.bars[symbol]
        if bar >= len(columns):
            return len(self) + bar - len(columns)
        return int(np.searchsorted(self.ts, columns.ts[bar]))

    def until(self, row: int) -> "Market":
        """Return the rows before `row`; a symbol without a bar there is none of that market."""
        if row >= len(self):
            return self
        cut = {symbol: columns.slice(0, self.bar(symbol, row)) for symbol, columns in self.bars.items()}
        return Market(bars={symbol: one for symbol, one in cut.items() if len(one)}, ts=self.ts[:row])

    @contextmanager
    def told_of(self, symbol: str) -> Generator[None]:
        """Name the symbol in what is refused of its bars, where there are several; a document is refused as a whole."""
        try:
            yield
        except DocumentRefused:
            raise
        except Refusal as refusal:
            raise Refusal(refusal.code, refusal.status, self.named(symbol, refusal.text), place=refusal.place) from None

    def named(self, symbol: str, text: str) -> str:
        """Return a sentence with the symbol that it is about, where there are several."""
        return f"{symbol}: {text}" if len(self.bars) > 1 else text


Bars: TypeAlias = BarColumns | Mapping[str, BarColumns] | Market
"""Bars of one symbol, or by symbol."""


def market_of(document: StrategyDocument, bars: Bars) -> Market:
    """Return the market of these bars, of one symbol or by symbol.

    Raises Refusal: a symbol that the universe does not name, what cannot share an account, bars that the document is
    not about.
    """
    if isinstance(bars, Market):
        return bars
    given = {document.universe[0]: bars} if isinstance(bars, BarColumns) else dict(bars)
    strange = [symbol for symbol in given if symbol not in document.universe]
    if strange or not given:
        text = f"the document's universe does not name {', '.join(strange)}" if strange else "there are no bars to test"
        raise Refusal("not_in_universe", 422, text, place="/universe")
    ordered = {symbol: given[symbol] for symbol in document.universe if symbol in given}
    check_shared(document, ordered)
    market = Market(bars=ordered, ts=timeline([columns.ts for columns in ordered.values()]))
    for symbol, columns in ordered.items():
        with market.told_of(symbol):
            check_bars(document, columns)
    return market


def timeline(stamps: Sequence[Stamps]) -> Stamps:
    """Return every instant at which any series has a bar; most often all have the same."""
    first = stamps[0]
    if all(len(one) == len(first) and bool((one == first).all()) for one in stamps[1:]):
        return first
    merged = np.sort(np.concatenate(stamps), kind="stable")
    distinct: Stamps = merged[np.append(True, np.diff(merged) > 0)]
    return distinct
