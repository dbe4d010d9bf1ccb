"""Owns an account that lives bar by bar, as trading needs it: the backtest's own functions, called for one more bar.

After n bars it has done what `running.run` does in its first n, and what it carries can be written down and read again.
Between two bars whoever trades may correct it: what it holds is what `hold` says, and an order that may not go out is
taken back. From then on it goes on by the same rules from what it really has.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Self

from omc.engine.decision import signals, summed
from omc.engine.document import StrategyDocument
from omc.engine.kernels import simulation as kernel
from omc.engine.kernels.deciding import decided
from omc.engine.kernels.rounding import ticked
from omc.engine.positions import CAUSES
from omc.engine.terms import ranges_of, rates_of, sizes_of, terms_of
from omc.ledgers.columns import BarColumns

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
    """What became of the order that waited, in one bar; `NONE` when none did.

    `SPENT` is one filled in parts of which nothing more can be paid.
    """

    NONE = "none"
    WAITS = "waits"
    FILLED = "filled"
    EXPIRED = "expired"
    TOO_SMALL = "too_small"
    SPENT = "spent"


class Order(StrEnum):
    """What a close asks for: to open a position, or to close the one that is held."""

    ENTRY = "entry"
    EXIT = "exit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """What a bar filled: a signed quantity at a price, with its fee in the quote asset; `cause` is one of `CAUSES`."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Tape:
    """What a document reads of bars, a row each: no bar before row `first` decides."""

    columns: BarColumns
    flags: Sequence[int]
    sizes: Sequence[float]
    ranges: Sequence[float]
    rates: Sequence[float]
    first: int


def read_tape(document: StrategyDocument, columns: BarColumns, *, start: int) -> Tape:
    """Return what a document reads of these bars, of which none before row `start` decides. Refuses as a backtest."""
    decisions = signals(document, columns, start=start)
    return Tape(
        columns=columns,
        flags=summed(decisions.flags).tolist(),
        sizes=sizes_of(document, columns).tolist(),
        ranges=ranges_of(document, columns).tolist(),
        rates=rates_of(document, columns, decisions.first).tolist(),
        first=decisions.first,
    )


class Account:
    """The account of one document on one symbol. For each row of a tape: `work`, `guard`, `close`, in this order."""

    def __init__(self, document: StrategyDocument, *, capital: float, lot: float = 0.0, least: float = 0.0) -> None:
        """Open it with `capital`; a venue's `lot` and `least` value of an entry count where they are the coarser."""
        terms = terms_of(document)
        terms[kernel.LOT], terms[kernel.LEAST] = max(terms[kernel.LOT], lot), max(terms[kernel.LEAST], least)
        self._terms: list[float] = terms.tolist()
        self._state = [0.0] * kernel.STATE
        self._state[kernel.CASH], self._state[kernel.DAY] = capital, -1.0
        self._fills = [0.0] * (_ROOM * kernel.FILL)
        self._bars = 0
        self._decided: deque[_Decided] = deque(maxlen=int(self._terms[kernel.DELAY]) + 1)
        self._guarded = kernel.is_guarded(self._terms)

    @property
    def held(self) -> float:
        """The coins held."""
        return self._state[kernel.HELD]

    @property
    def waits(self) -> bool:
        """Whether an order waits."""
        return self._state[kernel.WAITING] != 0.0

    @property
    def funded(self) -> float:
        """What was paid for funding so far, in quote."""
        return self._state[kernel.FUNDED]

    @property
    def budget(self) -> float:
        """What the entry that waits may spend, fee and slippage inside it."""
        return kernel.spendable(self._decided[-1].close, self._terms, self._state)

    @property
    def named_price(self) -> float:
        """The price that the entry which waits is for, its limit or its trigger; zero at the market."""
        kind, goal, tick = self._terms[kernel.KIND], self._state[kernel.GOAL], self._terms[kernel.TICK]
        away = goal * self._terms[kernel.OFFSET]
        if kind == kernel.MARKET_ORDER:
            return 0.0
        if kind == kernel.LIMIT_ORDER:
            return ticked(self._state[kernel.REFERENCE] * (1.0 - away), -goal, tick)
        return ticked(self._state[kernel.REFERENCE] * (1.0 + away), goal, tick)

    @property
    def protection(self) -> Protection:
        """Where the long position that is held ends by its stop, fixed or trailing, and by its target."""
        if self.held <= 0.0:
            return Protection(0.0, 0.0)
        state = self._state
        trail = self._terms[kernel.TRAIL] * state[kernel.PEAK] + state[kernel.TRAIL_BY]
        followed = ticked(state[kernel.PEAK] - trail, -1.0, self._terms[kernel.TICK]) if trail > 0.0 else 0.0
        return Protection(max(state[kernel.STOP_AT], followed), state[kernel.TARGET_AT])

    def worth(self, price: float) -> float:
        """Return what it is worth at a price of what it holds."""
        return self._state[kernel.CASH] + self.held * price

    def hold(self, *, cash: float, held: float) -> None:
        """Go on from what the account really has."""
        self._state[kernel.CASH], self._state[kernel.HELD] = cash, held

    def take_back(self) -> None:
        """Take back the order that waits: an entry is left out as if too small, an exit is asked for at each close."""
        if self._state[kernel.GOAL] == 0.0 and self.held != 0.0:
            self._state[kernel.GOAL] = 1.0 if self.held > 0.0 else -1.0
        self._state[kernel.WAITING], self._state[kernel.LEFT] = 0.0, 0.0

    def work(self, tape: Tape, row: int) -> tuple[list[Execution], Outcome]:
        """Let the order that waits meet a bar."""
        state = self._state
        if not self.waits:
            return [], Outcome.NONE
        too_small, begun = state[kernel.TOO_SMALL], state[kernel.LEFT] != 0.0
        kernel.work(self._bars, _prices(tape, row), self._terms, state, self._fills)
        done = self._executed()
        if self.waits:
            return done, Outcome.WAITS
        if state[kernel.TOO_SMALL] > too_small:
            return done, Outcome.TOO_SMALL
        if done:
            return done, Outcome.FILLED
        return done, Outcome.SPENT if begun else Outcome.EXPIRED

    def guard(self, tape: Tape, row: int) -> list[Execution]:
        """Let the bar happen to what is held: stop, target and funding."""
        if not self._guarded or self.held == 0.0:
            return []
        kernel.guard(self._bars, _prices(tape, row), self._terms, self._state, self._fills)
        kernel.settle(float(tape.columns.close[row]), tape.rates[row % len(tape.rates)], self._state)
        return self._executed()

    def close(self, tape: Tape, row: int) -> Order | None:
        """Decide at the close, and return what the next bar is asked for, if that is new; it waits from now on."""
        state, terms = self._state, self._terms
        price = float(tape.columns.close[row])
        side = self._decided[-1].side if self._decided and state[kernel.HIT] == 0.0 else 0
        state[kernel.HIT] = 0.0
        side = decided(side, tape.flags[row], self._bars >= state[kernel.QUIET])
        if self._is_halted(int(tape.columns.ts[row]), self.worth(price)) or self._bars >= kernel.over_at(terms, state):
            side = 0
        sizes, ranges = tape.sizes, tape.ranges
        self._decided.append(_Decided(side, price, sizes[row % len(sizes)], ranges[row % len(ranges)]))
        self._bars += 1
        return self._take_up()

    def kept(self) -> dict[str, object]:
        """Return the account as plain JSON."""
        state = {name.lower(): self._state[getattr(kernel, name)] for name in _CARRIED}
        return {"bars": self._bars, "state": state, "decided": [list(one) for one in self._decided]}

    def restore(self, kept: Kept) -> Self:
        """Go on from where an account of the same document was."""
        state, bars, decided = kept["state"], kept["bars"], kept["decided"]
        assert isinstance(state, Mapping)
        assert isinstance(bars, int)
        assert isinstance(decided, Sequence)
        state = {"budget": state["cash"], **state}  # what was written down before budgets were is paid from the cash
        for name in _CARRIED:
            self._state[getattr(kernel, name)] = float(state.get(name.lower(), 0.0))
        self._bars = bars
        self._decided.extend(_Decided(int(one[0]), *(float(value) for value in one[1:])) for one in decided)
        return self

    def _is_halted(self, ts: int, worth: float) -> bool:
        limited = self._terms[kernel.DAY_LOSS] > 0.0 or self._terms[kernel.DEEPEST] > 0.0
        return limited and kernel.is_halted(ts, worth, self._terms, self._state)

    def _take_up(self) -> Order | None:
        """Aim at what was decided as many bars ago as an order is late; the bar that comes next works it."""
        state, acted = self._state, self._bars - int(self._terms[kernel.DELAY]) - 1
        if acted < 0 or self._decided[0].side == state[kernel.GOAL] or acted < state[kernel.QUIET]:
            return None
        side, close, size, reach = self._decided[0]
        kernel.aim(state, side, close, self._bars, size, reach)
        if self.held * side < 0.0 or (side == 0 and self.held != 0.0):
            return Order.EXIT
        if side != 0:
            return Order.ENTRY
        state[kernel.WAITING] = 0.0  # an entry that waited is not wanted any more, and nothing is held
        return None

    def _executed(self) -> list[Execution]:
        count, self._state[kernel.COUNT] = int(self._state[kernel.COUNT]), 0.0
        rows = (self._fills[at * kernel.FILL : (at + 1) * kernel.FILL] for at in range(count))
        return [Execution(quantity=row[1], price=row[2], fee=row[3], cause=CAUSES[int(row[4])]) for row in rows]


def _prices(tape: Tape, row: int) -> kernel.Bar:
    columns = tape.columns
    return (float(columns.open[row]), float(columns.high[row]), float(columns.low[row]), float(columns.volume[row]))
