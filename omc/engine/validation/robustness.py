"""Owns how much a result bears: entries that come late, costs that are higher, parameters a little beside.

Each answers a way in which a backtest flatters: nobody trades at once, real costs are worse than assumed, and the best
of many parameter sets stands on a peak. Sharpe ratios are of daily returns, a year.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal

import numpy as np

from omc.engine.document import StrategyDocument
from omc.engine.lifting import lift
from omc.engine.market import Bars, Market, market_of
from omc.engine.operators import Conditions
from omc.engine.reading import compile_document
from omc.engine.runs import Run, decided_by, fills_of, run_on, traded
from omc.engine.simulate import Settings
from omc.engine.watch import UNWATCHED, Watch
from omc.kit.errors import Refusal

DELAYS = (1, 2, 3)
MULTIPLIERS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)
NEIGHBOURS = (-0.2, -0.1, 0.1, 0.2)
MAX_MULTIPLE = 64.0
BISECTIONS = 14  # halves 64 down to a hundredth and finer
_FEES, _SLIPPAGES = ("fee_bps", "maker_fee_bps"), ("slippage_bps", "impact_bps")
_BEYOND = 9_999  # a fee or slippage of all there is: nothing is left long before


@dataclass(frozen=True, slots=True, kw_only=True)
class Delayed:
    """The run with entries `bars` later than decided; `refused` says why there is none."""

    bars: int
    sharpe: float | None = None
    total_return: float | None = None
    closed_positions: int = 0
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """Total returns by multiples of the document's costs.

    `returns[row][column]` is for `fees[row]` times its fees and `slippages[column]` times its slippage, None where the
    account is lost. The break-evens are the multiples at which nothing is left: of all costs together, of fees, of
    slippage alone. 0 is a strategy that loses at no cost, MAX_MULTIPLE one that still gains there; None has no such
    cost or no fill.
    """

    fees: tuple[float, ...]
    slippages: tuple[float, ...]
    returns: tuple[tuple[float | None, ...], ...]
    break_even: float | None
    fee_break_even: float | None
    slippage_break_even: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """The run with one parameter changed by `change`, a fraction; `kept` is whether half of the Sharpe remains."""

    parameter: str
    change: float
    value: float
    sharpe: float | None
    kept: bool
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plateau:
    """The neighbourhood of the parameters. `share` of the neighbours keep at least half of `sharpe`; None without one.

    `lifted` says that the windows of the indicators stood for parameters, as the document names none.
    """

    sharpe: float | None
    neighbours: tuple[Neighbour, ...]
    share: float | None
    lifted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Robustness:
    """All three; `runs` is how many runs they took, of which `variants` were other parameter sets."""

    delays: tuple[Delayed, ...]
    costs: Surface
    plateau: Plateau
    runs: int
    variants: int

    def plain(self) -> dict[str, object]:
        """The same as plain JSON."""
        return asdict(self)


def robustness(
    document: StrategyDocument, bars: Bars, settings: Settings | None = None, *, watch: Watch = UNWATCHED
) -> Robustness:
    """Run all three around one run; raises Refusal for what that one is refused for."""
    work = _Work(document, market_of(document, bars), settings or Settings(), watch)
    own = run_on(document, work.market, work.settings)
    delays = tuple(work.delayed(bars) for bars in DELAYS)
    surface = work.surface(own)
    plateau = work.plateau(own)
    watch.told(work.runs, work.runs, "robustness check")
    return Robustness(delays=delays, costs=surface, plateau=plateau, runs=work.runs, variants=len(plateau.neighbours))


class _Work:
    def __init__(self, document: StrategyDocument, market: Market, settings: Settings, watch: Watch) -> None:
        self.document, self.market, self.settings, self.watch = document, market, settings, watch
        self.runs = 0
        self.total = len(DELAYS) + len(MULTIPLIERS) ** 2 + 3 * BISECTIONS + len(NEIGHBOURS) * len(document.parameters)

    def step(self) -> None:
        self.watch.step(self.runs, max(self.total, self.runs), "robustness check")
        self.runs += 1

    def delayed(self, bars: int) -> Delayed:
        self.step()
        program = compile_document(self.document, self.settings.parameters)
        decided = decided_by(self.document, self.market, program, self.settings.start)
        late = {symbol: replace(one, flags=_late(one.flags, bars, one.first)) for symbol, one in decided.items()}
        try:
            found = traded(self.document, self.market, late, self.settings)
        except Refusal as refusal:
            return Delayed(bars=bars, refused=refusal.text)
        return Delayed(
            bars=bars,
            sharpe=found.metric("sharpe"),
            total_return=found.metric("total_return"),
            closed_positions=found.closed_count,
        )

    def surface(self, own: Run) -> Surface:
        rows = tuple(tuple(self._gained(fee, slippage) for slippage in MULTIPLIERS) for fee in MULTIPLIERS)
        costs = self.document.costs
        fees, slippages = ([getattr(costs, name, None) for name in names] for names in (_FEES, _SLIPPAGES))
        filled = any(len(fills.ts) for fills in fills_of(self.market, own).values())
        return Surface(
            fees=MULTIPLIERS,
            slippages=MULTIPLIERS,
            returns=rows,
            break_even=self._break_even(1, 1) if filled and any([*fees, *slippages]) else None,
            fee_break_even=self._break_even(1, 0) if filled and any(fees) else None,
            slippage_break_even=self._break_even(0, 1) if filled and any(slippages) else None,
        )

    def _gained(self, fee: float, slippage: float) -> float | None:
        """The total return at multiples of the costs, None when the account is lost."""
        self.step()
        try:
            return run_on(_at_costs(self.document, fee, slippage), self.market, self.settings).metric("total_return")
        except Refusal as refusal:
            if refusal.code == "account_lost":
                return None
            raise

    def _break_even(self, fee: int, slippage: int) -> float | None:
        """The multiple of the varied costs, the others as they are, at which nothing is left, by bisection."""

        def gains(multiple: float) -> bool:
            gained = self._gained(multiple if fee else 1.0, multiple if slippage else 1.0)
            return gained is not None and gained > 0

        if not gains(0.0):
            return 0.0
        low, high = 0.0, 1.0
        while gains(high):
            if high >= MAX_MULTIPLE:
                return MAX_MULTIPLE
            low, high = high, 2 * high
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            low, high = (middle, high) if gains(middle) else (low, middle)
        return low

    def plateau(self, own: Run) -> Plateau:
        document, sharpe = self.document, own.metric("sharpe")
        varied = document if document.parameters else lift(document)
        chosen = dict(varied.parameters) | dict(self.settings.parameters)
        neighbours = [
            self._neighbour(varied, name, change, value, sharpe)
            for name in varied.parameters
            for change, value in _beside(chosen[name])
        ]
        kept = [one.kept for one in neighbours]
        share = sum(kept) / len(kept) if kept and sharpe is not None and sharpe > 0 else None
        return Plateau(sharpe=sharpe, neighbours=tuple(neighbours), share=share, lifted=varied is not document)

    def _neighbour(
        self, document: StrategyDocument, name: str, change: float, value: float, own: float | None
    ) -> Neighbour:
        self.step()
        settings = replace(self.settings, parameters={**self.settings.parameters, name: value})
        try:
            sharpe = run_on(document, self.market, settings).metric("sharpe")
        except Refusal as refusal:
            return Neighbour(parameter=name, change=change, value=value, sharpe=None, kept=False, refused=refusal.text)
        kept = own is not None and sharpe is not None and own > 0 and sharpe >= own / 2
        return Neighbour(parameter=name, change=change, value=value, sharpe=sharpe, kept=kept)


def _late(flags: Sequence[Conditions], bars: int, first: int) -> tuple[Conditions, ...]:
    """Entries `bars` later, unless their exit was seen meanwhile; none was seen before the first decision."""
    long_entry, long_exit, short_entry, short_exit = flags
    return (
        _put_off(long_entry, long_exit, bars, first),
        long_exit,
        _put_off(short_entry, short_exit, bars, first),
        short_exit,
    )


def _put_off(entry: Conditions, leave: Conditions, bars: int, first: int) -> Conditions:
    late = np.zeros(len(entry), dtype=np.bool_)
    late[first + bars :] = entry[first:-bars]
    seen = np.concatenate(([0], np.cumsum(leave)))
    late[bars:] &= seen[bars + 1 :] == seen[1 : len(seen) - bars]
    return late


def _at_costs(document: StrategyDocument, fee: float, slippage: float) -> StrategyDocument:
    """The document with its costs multiplied; the copy is not checked again, as a tenfold fee is no fee to ask for."""
    scaled: dict[str, Decimal] = {}
    for names, multiple in ((_FEES, fee), (_SLIPPAGES, slippage)):
        for name in names:
            cost = getattr(document.costs, name, None)
            if cost is not None:
                scaled[name] = min(cost * Decimal(str(multiple)), Decimal(_BEYOND))
    return document.model_copy(update={"costs": document.costs.model_copy(update=scaled)})


def _beside(value: float) -> list[tuple[float, float]]:
    """Changes and the values they give; a whole number stays whole and moves by one at least, as windows must."""
    if value != int(value) or value == 0:
        return [(change, value * (1 + change)) for change in NEIGHBOURS if value != 0]
    steps = {change: round(value * change) or (1 if change > 0 else -1) for change in NEIGHBOURS}
    moved = {value + step: change for change, step in sorted(steps.items(), key=lambda one: -abs(one[0]))}
    return sorted((change, near) for near, change in moved.items())
