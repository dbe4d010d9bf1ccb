"""Owns what a document reads of bars, as an account that lives bar by bar asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from omc.engine.decision import signals
from omc.engine.document import StrategyDocument
from omc.engine.kernels.portfolio import PRESENT
from omc.engine.kernels.simulation import Bar
from omc.engine.market import Bars, Market, market_of
from omc.engine.portfolio import Laid, lay
from omc.engine.reading import compile_document


@dataclass(frozen=True, slots=True, kw_only=True)
class Tape:
    """What a document reads of bars, a row an instant at which any symbol has one: none before row `first` decides."""

    market: Market
    laid: Laid
    first: int
    places: Mapping[str, int]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.market)

    def flag(self, symbol: str, row: int) -> int:
        """What a symbol decides by, and whether it has a bar; zero before its first one."""
        return int(self.laid.flags[row, self.places[symbol]]) if symbol in self.places else 0

    def present(self, symbol: str, row: int) -> bool:
        """Whether a symbol has a bar."""
        return self.flag(symbol, row) & PRESENT != 0

    def bar(self, symbol: str, row: int) -> Bar:
        """What an order can meet of a bar."""
        opened, high, low, _, volume = (float(one[self.places[symbol], row]) for one in self.laid.prices)
        return opened, high, low, volume

    def close(self, symbol: str, row: int) -> float:
        """The close of a bar, the last one known where there is none; zero before the first."""
        return float(self.laid.prices[3][self.places[symbol], row]) if symbol in self.places else 0.0

    def path(self, symbol: str, kind: int, row: int) -> float:
        """What one of `simulation.Paths` is for a symbol."""
        values = self.laid.paths[kind][self.places.get(symbol, 0)]
        return float(values[row % len(values)])


def read_tape(document: StrategyDocument, bars: Bars, *, start: int) -> Tape:
    """Return what a document reads of these bars, of which none before row `start` decides. Refuses as a backtest."""
    market, program, decisions = market_of(document, bars), compile_document(document), {}
    for symbol, columns in market.bars.items():
        with market.told_of(symbol):
            decisions[symbol] = signals(document, columns, start=market.bar(symbol, start), program=program)
    return Tape(
        market=market,
        laid=lay(document, market.bars, decisions, market.ts),
        places={symbol: place for place, symbol in enumerate(market.bars)},
        first=min(market.row(symbol, one.first) for symbol, one in decisions.items()),
    )
