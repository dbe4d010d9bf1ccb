"""Owns an account that lives bar by bar, as trading needs it: the backtest's own functions, called for one more bar.

After n bars it has done what `running.run`, or `portfolio` with several symbols, does in its first n, and what it
carries can be written down and read again. Between two bars whoever trades may correct it: what it holds is what `hold`
says, and an order that may not go out is taken back. From then on it goes on by the same rules from what it really has.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import isnan, nan
from typing import NamedTuple, Self

from omc.engine.document import StrategyDocument
from omc.engine.kernels import portfolio as shared
from omc.engine.kernels import simulation as kernel
from omc.engine.kernels.deciding import decided
from omc.engine.kernels.rounding import ticked
from omc.engine.positions import CAUSES
from omc.engine.tape import Tape
from omc.engine.terms import terms_of

_ROOM = 4
"""More fills than one bar can have of one symbol: two of an order, one of a stop or a target."""

_CARRIED = (
    *("CASH", "HELD", "GOAL", "WAITING", "REFERENCE", "PLACED", "TRIGGERED", "LEFT", "ENTRY", "PEAK", "STOP_AT"),
    *("TARGET_AT", "TRAIL_BY", "OPENED", "HIT", "QUIET", "NUMBER", "WON", "LOST", "WINS", "LOSSES", "SPENT", "BOTH"),
    *("DAY", "DAY_START", "HIGH", "HALTED", "TOO_SMALL", "LIQUIDATED", "LATEST", "FUNDED", "SIZE", "REACH"),
    "BUDGET",
)
"""What is written down, by name: places in the kernel's state may move with a version, what they mean does not."""

Kept = Mapping[str, object]
"""An account as plain JSON."""


class Outcome(StrEnum):
    """What became of the order that waited, in one bar.

    `SPENT` is one filled in parts of which nothing more can be paid; of an entry `NO_CASH` and `NO_PLACE` are that
    other symbols left it no cash, or no position that it may still open.
    """

    WAITS = "waits"
    FILLED = "filled"
    EXPIRED = "expired"
    TOO_SMALL = "too_small"
    SPENT = "spent"
    NO_CASH = "no_cash"
    NO_PLACE = "no_place"


class Order(StrEnum):
    """What a close asks for: to open a position, or to close the one that is held."""

    ENTRY = "entry"
    EXIT = "exit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """What a bar filled: a signed quantity at a price, with its fee in the quote asset; `cause` is one of `CAUSES`."""

    symbol: str
    quantity: float
    price: float
    fee: float
    cause: str


class Protection(NamedTuple):
    """The prices at which a position ends besides its exit; zero is none."""

    stop: float
    target: float


class _Decided(NamedTuple):
    side: int
    close: float
    size: float
    reach: float


@dataclass(slots=True, kw_only=True)
class _Own:
    """What the account carries of one symbol.

    `asked` is the side that the last close asked for, until a bar takes it up.
    """

    symbol: str
    decided: deque[_Decided]
    state: list[float] = field(default_factory=lambda: [0.0] * kernel.STATE)
    fills: list[float] = field(default_factory=lambda: [0.0] * (_ROOM * kernel.FILL))
    asked: int | None = None

    @property
    def next(self) -> list[float]:
        """The state with what is asked for taken up."""
        return self.state if self.asked is None else self.aimed(self.state.copy(), bar=0)

    def aimed(self, state: list[float], *, bar: int) -> list[float]:
        """Take up in `state` what is asked for, at a bar."""
        side, close, size, reach = self.decided[0]
        kernel.aim(state, side, close, bar, size, reach)
        return state

    def executed(self) -> list[Execution]:
        """Take out what the kernel filled."""
        count, self.state[kernel.COUNT] = int(self.state[kernel.COUNT]), 0.0
        rows = (self.fills[at * kernel.FILL : (at + 1) * kernel.FILL] for at in range(count))
        return [
            Execution(symbol=self.symbol, quantity=row[1], price=row[2], fee=row[3], cause=CAUSES[int(row[4])])
            for row in rows
        ]


class Account:
    """The account of one document on its symbols. For each row of a tape: `work`, `guard`, `close`, in this order."""

    def __init__(
        self, document: StrategyDocument, *, capital: float, lot: float = 0.0, least: float = 0.0, share: float = 1.0
    ) -> None:
        """Open it with `capital`; a venue's `lot` and `least` value of an entry count where they are the coarser.

        With several symbols, whoever trades may allow no more than a `share` of what the account is worth in each.
        """
        terms = terms_of(document)
        terms[kernel.LOT], terms[kernel.LEAST] = max(terms[kernel.LOT], lot), max(terms[kernel.LEAST], least)
        self._terms: list[float] = terms.tolist()
        self._all = [0.0] * kernel.STATE
        self._all[kernel.CASH], self._all[kernel.DAY] = capital, -1.0
        late = int(self._terms[kernel.DELAY]) + 1
        self._own = {symbol: _Own(symbol=symbol, decided=deque(maxlen=late)) for symbol in document.universe}
        self._allowed = _within(self._terms, share) if len(self._own) > 1 else self._terms
        self._bars = 0
        self._guarded = kernel.is_guarded(self._terms)
        self._positions = document.limits.max_positions or 0
        self._dust = capital * shared.DUST if len(self._own) > 1 else 0.0

    @property
    def leaving(self) -> list[str]:
        """The symbols of which what is held is to be closed."""
        return [own.symbol for own in self._own.values() if self.waits(own.symbol) and shared.leaves(own.next)]

    def held(self, symbol: str) -> float:
        """The coins held."""
        return self._own[symbol].state[kernel.HELD]

    def waits(self, symbol: str) -> bool:
        """Whether an order waits."""
        own = self._own[symbol]
        return own.asked is not None or own.state[kernel.WAITING] != 0.0

    def funded(self, symbol: str) -> float:
        """What was paid for funding so far, in quote."""
        return self._own[symbol].state[kernel.FUNDED]

    def budget(self, symbol: str, closes: Mapping[str, float]) -> float:
        """What the entry that waits may spend, fee and slippage inside it, if what leaves was sold at the last closes.

        With one symbol it is what it will spend; with several the next open says what each of them leaves the others.
        """
        own, gone = self._own[symbol], self.leaving
        held = {one: self.held(one) * closes[one] for one in self._own}
        others = [worth for one, worth in held.items() if one not in {symbol, *gone}]
        state = own.next.copy()
        state[kernel.CASH] = self._all[kernel.CASH] + sum(held[one] for one in gone)
        state[kernel.ELSEWHERE], state[kernel.EXPOSED] = sum(others), sum(map(abs, others))
        return kernel.spendable(own.decided[-1].close, self._terms, state)

    def budgeted(self, symbol: str, first: Execution) -> float:
        """What an entry was let spend whose first part was filled in this bar."""
        return self._own[symbol].state[kernel.BUDGET] + first.quantity * first.price + first.fee

    def named_price(self, symbol: str) -> float:
        """The price that the entry which waits is for, its limit or its trigger; zero at the market."""
        state, kind, tick = self._own[symbol].next, self._terms[kernel.KIND], self._terms[kernel.TICK]
        goal = state[kernel.GOAL]
        away = goal * self._terms[kernel.OFFSET]
        if kind == kernel.MARKET_ORDER:
            return 0.0
        if kind == kernel.LIMIT_ORDER:
            return ticked(state[kernel.REFERENCE] * (1.0 - away), -goal, tick)
        return ticked(state[kernel.REFERENCE] * (1.0 + away), goal, tick)

    def protection(self, symbol: str) -> Protection:
        """Where the long position that is held ends by its stop, fixed or trailing, and by its target."""
        state = self._own[symbol].state
        if state[kernel.HELD] <= 0.0:
            return Protection(0.0, 0.0)
        trail = self._terms[kernel.TRAIL] * state[kernel.PEAK] + state[kernel.TRAIL_BY]
        followed = ticked(state[kernel.PEAK] - trail, -1.0, self._terms[kernel.TICK]) if trail > 0.0 else 0.0
        return Protection(max(state[kernel.STOP_AT], followed), state[kernel.TARGET_AT])

    def worth(self, closes: Mapping[str, float]) -> float:
        """Return what it is worth at a price of each symbol."""
        invested = 0.0
        for own in self._own.values():
            invested += own.state[kernel.HELD] * closes[own.symbol]
        return self._all[kernel.CASH] + invested

    def hold(self, *, cash: float, held: Mapping[str, float]) -> None:
        """Go on from what the account really has."""
        self._all[kernel.CASH], self._all[kernel.HELD] = cash, float(sum(one != 0.0 for one in held.values()))
        for symbol, one in held.items():
            self._own[symbol].state[kernel.HELD] = one

    def take_back(self, symbol: str) -> None:
        """Take back the order that waits: an entry is left out as if too small, an exit is asked for at each close."""
        own = self._own[symbol]
        self._take_up(own)
        if own.state[kernel.GOAL] == 0.0 and own.state[kernel.HELD] != 0.0:
            own.state[kernel.GOAL] = 1.0 if own.state[kernel.HELD] > 0.0 else -1.0
        own.state[kernel.WAITING], own.state[kernel.LEFT] = 0.0, 0.0

    def work(self, tape: Tape, row: int) -> tuple[list[Execution], dict[str, Outcome]]:
        """Let the orders that wait meet a bar, those that leave before those that enter; say what became of each."""
        waited = [own for own in self._own.values() if self.waits(own.symbol)]
        here = [own for own in waited if tape.present(own.symbol, row)]
        for own in here:
            self._take_up(own)
        before = [(own.state[kernel.TOO_SMALL], own.state[kernel.LEFT] != 0.0) for own in waited]
        done = [one for leaving in (True, False) for one in self._met(here, tape, row, leaving=leaving)]
        filled = {one.symbol for one in done}
        outcomes = {
            own.symbol: self._outcome(own, too_small, begun=begun, filled=own.symbol in filled)
            for own, (too_small, begun) in zip(waited, before, strict=True)
        }
        return done, outcomes

    def guard(self, tape: Tape, row: int) -> list[Execution]:
        """Let the bar happen to what is held: stop, target and funding."""
        done = []
        for own in self._own.values():
            if not self._guarded or own.state[kernel.HELD] == 0.0 or not tape.present(own.symbol, row):
                continue
            prices, due = tape.bar(own.symbol, row), tape.path(own.symbol, 2, row)
            close = tape.close(own.symbol, row)
            shared.hold_one(self._bars, prices, close, due, self._terms, self._all, own.state, own.fills)
            done += own.executed()
        return done

    def close(self, tape: Tape, row: int) -> dict[str, Order]:
        """Decide at the close, and return what the next bar is asked for, if that is new; it waits from now on."""
        closes = {symbol: tape.close(symbol, row) for symbol in self._own}
        halted = self._is_halted(int(tape.market.ts[row]), self.worth(closes))
        for own in self._own.values():
            state, flag = own.state, tape.flag(own.symbol, row)
            side = own.decided[-1].side if own.decided and state[kernel.HIT] == 0.0 else 0
            state[kernel.HIT] = 0.0
            if flag > shared.PRESENT:
                side = decided(side, flag, self._bars >= state[kernel.QUIET])
            if halted or self._bars >= kernel.over_at(self._terms, state):
                side = 0
            size, reach = (tape.path(own.symbol, kind, row) for kind in (0, 1))
            own.decided.append(_Decided(side, closes[own.symbol], size, reach))
        self._bars += 1
        asked = {own.symbol: self._ask(own) for own in self._own.values()}
        return {symbol: order for symbol, order in asked.items() if order is not None}

    def kept(self) -> dict[str, object]:
        """Return the account as plain JSON."""
        return {
            "bars": self._bars,
            "account": _named(self._all),
            "symbols": {one: self._kept(one) for one in self._own},
        }

    def restore(self, kept: Kept) -> Self:
        """Go on from where an account of the same document was."""
        if "state" in kept:  # it was written down before accounts had several symbols
            kept = {"bars": kept["bars"], "account": kept["state"], "symbols": {next(iter(self._own)): kept}}
        bars, symbols = kept["bars"], kept["symbols"]
        assert isinstance(bars, int)
        assert isinstance(symbols, Mapping)
        self._bars = bars
        _name(self._all, kept["account"])
        for symbol, one in symbols.items():
            own = self._own[symbol]
            _name(own.state, one["state"])
            own.decided.extend(_Decided(int(side), *map(_known, rest)) for side, *rest in one["decided"])
            own.asked = one.get("asked")
        self.hold(cash=self._all[kernel.CASH], held={symbol: self.held(symbol) for symbol in self._own})
        return self

    def _kept(self, symbol: str) -> dict[str, object]:
        own = self._own[symbol]
        decided = [[one.side, *(None if isnan(value) else value for value in one[1:])] for one in own.decided]
        return {"state": _named(own.state), "decided": decided, "asked": own.asked}

    def _is_halted(self, ts: int, worth: float) -> bool:
        limited = self._terms[kernel.DAY_LOSS] > 0.0 or self._terms[kernel.DEEPEST] > 0.0
        return limited and kernel.is_halted(ts, worth, self._terms, self._all)

    def _ask(self, own: _Own) -> Order | None:
        """Aim at what was decided as many bars ago as an order is late; the symbol's next bar takes it up."""
        state, acted, before = own.state, self._bars - int(self._terms[kernel.DELAY]) - 1, own.asked
        own.asked = None
        if acted < 0 or own.decided[0].side == state[kernel.GOAL] or acted < state[kernel.QUIET]:
            return None
        own.asked, held = own.decided[0].side, state[kernel.HELD]
        if own.asked == before:
            return None  # no bar came that could have taken it up
        if held * own.asked < 0.0 or (own.asked == 0 and held != 0.0):
            return Order.EXIT
        if own.asked != 0:
            return Order.ENTRY
        self._take_up(own)
        state[kernel.WAITING] = 0.0  # an entry that waited is not wanted any more, and nothing is held
        return None

    def _take_up(self, own: _Own) -> None:
        if own.asked is not None:
            own.aimed(own.state, bar=self._bars)
            own.asked = None

    def _met(self, waiting: Sequence[_Own], tape: Tape, row: int, *, leaving: bool) -> Iterator[Execution]:
        """Let what leaves, or what enters, meet the open; an entry for which nothing is left is void."""
        for own in waiting:
            state, terms = own.state, self._terms if leaving else self._allowed
            if state[kernel.WAITING] == 0.0 or shared.leaves(state) != leaving:
                continue
            prices = tape.bar(own.symbol, row)
            if not leaving:
                self._look_around(own, tape, row)
            if leaving or not self._is_void(prices, own):
                shared.open_one(self._bars, prices, terms, self._all, state, own.fills)
                yield from own.executed()

    def _is_void(self, prices: kernel.Bar, own: _Own) -> bool:
        if len(self._own) == 1:
            return False
        return shared.is_void(self._bars, prices, self._terms, self._positions, self._dust, self._all, own.state)

    def _look_around(self, own: _Own, tape: Tape, row: int) -> None:
        """Write what the other symbols hold at the open into the state of one; with no bar it is its last close."""
        elsewhere, exposed = 0.0, 0.0
        for one in self._own.values():
            if one is not own and one.state[kernel.HELD] != 0.0:
                here = tape.present(one.symbol, row)
                price = tape.bar(one.symbol, row)[0] if here else tape.close(one.symbol, row)
                value = one.state[kernel.HELD] * price
                elsewhere, exposed = elsewhere + value, exposed + abs(value)
        own.state[kernel.ELSEWHERE], own.state[kernel.EXPOSED] = elsewhere, exposed

    def _outcome(self, own: _Own, too_small: float, *, begun: bool, filled: bool) -> Outcome:
        state = own.state
        if self.waits(own.symbol):
            return Outcome.WAITS
        if state[kernel.TOO_SMALL] > too_small:
            return Outcome.TOO_SMALL if state[kernel.HIT] == 0.0 else Outcome.NO_CASH
        if filled:
            return Outcome.FILLED
        if begun:
            return Outcome.SPENT
        late = self._terms[kernel.KIND] != kernel.MARKET_ORDER
        late = late and self._bars - state[kernel.PLACED] >= self._terms[kernel.VALID]
        return Outcome.EXPIRED if late else Outcome.NO_PLACE


def _within(terms: list[float], share: float) -> list[float]:
    """The document's terms, with at most this share in one symbol."""
    if share >= 1.0 or 0.0 < terms[kernel.LARGEST] <= share:
        return terms
    return [share if at == kernel.LARGEST else term for at, term in enumerate(terms)]


def _named(state: Sequence[float]) -> dict[str, float]:
    return {name.lower(): state[getattr(kernel, name)] for name in _CARRIED}


def _name(state: list[float], kept: object) -> None:
    assert isinstance(kept, Mapping)
    kept = {"budget": kept["cash"], **kept}  # what was written down before budgets were is paid from the cash
    for name in _CARRIED:
        state[getattr(kernel, name)] = float(kept.get(name.lower(), 0.0))


def _known(value: float | None) -> float:
    """A number as it was before it was written down: JSON has no word for one that is not known."""
    return nan if value is None else float(value)
