"""Owns a backtest of several symbols on one account: each decides by itself, all spend the same cash.

Series of different lengths and with different gaps are laid on one timeline; a symbol that is not listed yet, or no
longer, has no bars there and is neither entered nor left, and is valued at its last close.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import cast

import numpy as np
from numpy.typing import NDArray

from omc.core.canonical import digest
from omc.engine.decision import Decisions, signals, summed
from omc.engine.document import StrategyDocument, document_hash
from omc.engine.holdings import Holding, holding_of
from omc.engine.kernels import PATIENCE, chosen, is_compiled
from omc.engine.kernels import portfolio as kernel
from omc.engine.kernels import simulation as single
from omc.engine.market import market_of, timeline
from omc.engine.metrics import Metric, Sample, curve_of, drawdown, measure
from omc.engine.operators import Values
from omc.engine.positions import Fills
from omc.engine.program import Program
from omc.engine.reading import DocumentRefused, compile_document
from omc.engine.running import fills_of
from omc.engine.sharing import assumptions_together
from omc.engine.simulate import ENGINE, check_history
from omc.engine.terms import ranges_of, rate, rates_of, sizes_of, terms_of
from omc.kit.errors import Refusal
from omc.ledgers.columns import BarColumns, Stamps

_NO_ROOM = -2
_NEVER = -1
_PRICES = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """What several symbols on one account found; `hold` is the capital spread evenly over them at the start."""

    ts: Stamps
    equity: Values
    hold: Values
    holdings: Mapping[str, Holding]
    metrics: tuple[Metric, ...]
    assumptions: Mapping[str, str]
    manifest: Mapping[str, object]

    @property
    def drawdown(self) -> Values:
        """Distance below the highest equity so far at each bar, as a fraction."""
        return drawdown(self.equity)

    @property
    def result_hash(self) -> str:
        """Sha256 of manifest, equity and the fills of each symbol, whose bits are the same everywhere."""
        state = sha256(digest(self.manifest).encode())
        state.update(np.ascontiguousarray(self.equity, dtype="<f8").data)
        for symbol, one in self.holdings.items():
            state.update(f":{symbol}:{len(one.fills.ts)}:".encode())
            state.update(np.ascontiguousarray(one.fills.ts, dtype="<i8").data)
            for column in (one.fills.quantity, one.fills.price, one.fills.fee):
                state.update(np.ascontiguousarray(column, dtype="<f8").data)
        return state.hexdigest()

    @property
    def closed_count(self) -> int:
        """How many positions of all symbols ended."""
        return sum(len(one.closed.opened) for one in self.holdings.values())

    def metric(self, name: str) -> float | None:
        """The value of one metric by its name; KeyError when there is none of that name."""
        return {metric.name: metric.value for metric in self.metrics}[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """Series on one timeline: a row a symbol, but for `flags` a row a bar; `listed` is the first bar of each.

    Where all orders meet the open alone, `prices` are zero but for the open and the close.
    """

    ts: Stamps
    prices: tuple[Values, ...]
    flags: NDArray[np.uint8]
    paths: tuple[Values, Values, Values]
    listed: Sequence[int]


def simulate_together(
    document: StrategyDocument,
    bars: Mapping[str, BarColumns],
    *,
    starts: Mapping[str, int] | None = None,
    plain: bool | None = None,
) -> Portfolio:
    """Run a document over the bars of several symbols of its universe, in the order of the universe.

    No bar of a symbol before its row in `starts` decides; those before only warm up. `plain` says whether the account's
    loop runs uncompiled; left out, the number of bars does.
    Raises Refusal: a symbol that the universe does not name, symbols of different quote assets, and whatever a run on
    one symbol refuses, with that symbol.
    """
    market = market_of(document, bars)
    ordered, program = market.bars, compile_document(document)
    begins = {symbol: (starts or {}).get(symbol, 0) for symbol in ordered}
    decided = {
        symbol: _decided(document, symbol, columns, begins[symbol], program) for symbol, columns in ordered.items()
    }
    ts = _from_first(market.ts, ordered, decided)
    return account_together(document, ordered, decided, settings={"starts": begins}, ts=ts, plain=plain)


def account_together(
    document: StrategyDocument,
    bars: Mapping[str, BarColumns],
    decided: Mapping[str, Decisions],
    *,
    settings: Mapping[str, object],
    ts: Stamps | None = None,
    resets: Sequence[int] = (),
    plain: bool | None = None,
) -> Portfolio:
    """Simulate the conditions of each symbol into a result; `settings` are those that made them, for the manifest.

    `ts` are the instants of the account; left out, those of all bars from the first one that decides on. From the
    instants in `resets` on flat is wanted anew.
    """
    led = lead(document, bars, decided, ts=ts, resets=resets, plain=plain)
    holdings = {
        symbol: holding_of(bars[symbol], led.laid.ts, led.states[row], led.written[row], led.wanted[:, row])
        for row, symbol in enumerate(bars)
    }
    hold = _hold(document, led.laid)
    return Portfolio(
        ts=led.laid.ts,
        equity=led.equity,
        hold=hold,
        holdings=holdings,
        metrics=measure(_sample(led, hold, list(holdings.values()))),
        assumptions=assumptions_together(document, bars, decided),
        manifest={
            "engine": ENGINE,
            "document": document_hash(document),
            "data": {symbol: columns.data_hash for symbol, columns in bars.items()},
            "settings": dict(settings),
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Led:
    """What the kernel wrote of an account: a state and fills for each symbol, what each wanted, and the equity."""

    laid: "Laid"
    states: Values
    wanted: NDArray[np.int8]
    equity: Values
    written: Values

    @property
    def closed_count(self) -> int:
        """How many positions of all symbols ended."""
        return int(self.states[:, single.NUMBER].sum()) - int(np.count_nonzero(self.states[:, single.HELD]))

    def fills(self, symbols: Iterable[str]) -> dict[str, Fills]:
        """Return the fills of each symbol, in the order in which they were led."""
        counts = self.states[:, single.COUNT].astype(np.int64).tolist()
        rows = zip(symbols, self.written.tolist(), counts, strict=True)
        return {symbol: fills_of(row, count, self.laid.ts)[1] for symbol, row, count in rows}


def lead(
    document: StrategyDocument,
    bars: Mapping[str, BarColumns],
    decided: Mapping[str, Decisions],
    *,
    ts: Stamps | None = None,
    resets: Sequence[int] = (),
    plain: bool | None = None,
) -> Led:
    """Lead the account through its bars, without the statistics and sentences of a whole result."""
    laid = lay(document, bars, decided, ts)
    laid.flags[np.searchsorted(laid.ts, resets)] |= kernel.RESET
    return _run(document, laid, plain=plain)


def _from_first(ts: Stamps, bars: Mapping[str, BarColumns], decided: Mapping[str, Decisions]) -> Stamps:
    """The instants from the first one at which any symbol decides."""
    return ts[np.searchsorted(ts, min(int(bars[symbol].ts[one.first]) for symbol, one in decided.items())) :]


def _decided(document: StrategyDocument, symbol: str, columns: BarColumns, start: int, program: Program) -> Decisions:
    """Decide one symbol by itself; what is wrong with its bars is told with its name."""
    try:
        decided = signals(document, columns, start=start, program=program)
        check_history(document, decided, columns)
    except DocumentRefused:
        raise
    except Refusal as refusal:
        raise Refusal(refusal.code, refusal.status, f"{symbol}: {refusal.text}", place=refusal.place) from None
    return decided


def lay(
    document: StrategyDocument, bars: Mapping[str, BarColumns], decided: Mapping[str, Decisions], ts: Stamps | None
) -> Laid:
    """Lay series on one timeline; left out, it is that of all bars from the first one that decides on."""
    if ts is None:
        ts = _from_first(timeline([columns.ts for columns in bars.values()]), bars, decided)
    shape = (len(bars), len(ts))
    read = _PRICES if kernel.is_varied(cast("Sequence[float]", terms_of(document))) else ("open", "close")
    rows_of = {name: np.empty(shape) for name in read}
    prices = tuple(rows_of.get(name, rows_of["open"]) for name in _PRICES)  # what no order asks for is never looked at
    flags = np.zeros(shape[::-1], dtype=np.uint8)
    rows, paths = [], []
    for row, (symbol, columns) in enumerate(bars.items()):
        inside = slice(int(np.searchsorted(columns.ts, ts[0])), None)
        whole = len(columns.ts[inside]) == len(ts)
        at = slice(None) if whole else np.searchsorted(ts, columns.ts[inside])
        rows.append(0 if whole else int(np.searchsorted(ts, columns.ts[inside][0])))
        for name in read:
            rows_of[name][row, at] = columns.column(name)[inside]
        own = summed(decided[symbol].flags)
        own[: decided[symbol].first] = 0
        flags[at, row] = own[inside] | kernel.PRESENT
        due = rates_of(document, columns, decided[symbol].first)
        given = sizes_of(document, columns), ranges_of(document, columns), due
        if whole:
            paths.append([path[inside] if len(path) > 1 else path for path in given])
            continue
        last = np.maximum.accumulate(np.where(flags[:, row] >= kernel.PRESENT, np.arange(len(ts)), -1))
        prices[3][row] = np.where(last >= 0, prices[3][row][last], columns.close[0])
        paths.append([_spread(path, inside, last) for path in given])
    sizes, ranges, rates = (np.ascontiguousarray([own[kind] for own in paths]) for kind in range(3))
    return Laid(ts=ts, prices=prices, flags=flags, paths=(sizes, ranges, rates), listed=rows)


def _spread(path: Values, inside: slice, last: NDArray[np.intp]) -> Values:
    """A path of one value stays so; one with a value a bar is laid on the timeline, each value until the next."""
    if len(path) == 1:
        return path
    order = np.cumsum(np.diff(last, prepend=-1) > 0) - 1
    return np.where(order >= 0, path[inside][order], np.nan)


def _run(document: StrategyDocument, laid: Laid, *, plain: bool | None) -> Led:
    count, symbols = laid.flags.shape
    loop = chosen(kernel.run_many, symbols * count if plain is None else PATIENCE * (not plain))
    if plain:
        loop = kernel.run_many
    plain = not is_compiled(loop)

    def given(column: NDArray[np.generic]) -> object:
        return column.tolist() if plain else column

    room, most = count // 16 + 256, document.limits.max_positions or 0
    # By the universe, not by who has bars: an account before a listing is the one that it will be.
    least = float(document.capital) * kernel.DUST if len(document.universe) > 1 else 0.0
    while True:
        states, account = np.zeros((symbols, single.STATE)), np.zeros(single.STATE)
        account[single.CASH], account[single.DAY] = float(document.capital), -1.0
        wanted, equity = np.zeros((count, symbols), dtype=np.int8), np.zeros(count)
        fills = np.empty((symbols, room * single.FILL))
        written = (given(states), given(wanted), given(equity), given(fills))
        ended = loop(
            cast("kernel.Markets", tuple(given(column) for column in laid.prices)),
            cast("Sequence[int]", given(laid.ts)),
            cast("Sequence[Sequence[int]]", given(laid.flags)),
            cast("tuple[kernel.Rows, kernel.Rows, kernel.Rows]", tuple(given(path) for path in laid.paths)),
            cast("Sequence[float]", given(terms_of(document))),
            most,
            least,
            cast("single.State", given(account)),
            cast("kernel.Books", written),
        )
        if ended != _NO_ROOM:
            break
        room *= 4
    if ended != _NEVER:
        raise Refusal("account_lost", 422, "the account is worth nothing; use a smaller fraction", place="/sizing")
    states, wanted, equity, fills = (np.asarray(one) for one in written)
    return Led(laid=laid, states=states, wanted=wanted.astype(np.int8, copy=False), equity=equity, written=fills)


def _hold(document: StrategyDocument, laid: Laid) -> Values:
    """Buying every symbol once, evenly, at its first open after the start; cash until then."""
    costs, each = document.costs, float(document.capital) / len(laid.listed)
    worth, own = np.zeros(len(laid.ts)), np.empty(len(laid.ts))
    for row, listed in enumerate(laid.listed):
        bought = max(1, listed)
        if not laid.flags[bought, row] & kernel.PRESENT:
            bought += int(np.argmax(laid.flags[bought:, row] & kernel.PRESENT))
        price = laid.prices[0][row, bought] * (1.0 + rate(costs.slippage_bps)) * (1.0 + rate(costs.fee_bps))
        worth[:bought] += each
        worth[bought:] += np.multiply(each / price, laid.prices[3][row, bought:], out=own[bought:])
    return worth


def _sample(led: Led, hold: Values, holdings: Sequence[Holding]) -> Sample:
    laid, states = led.laid, led.states
    closed, left = [one.closed for one in holdings], [one.open.opened for one in holdings if one.open]
    held = int(np.count_nonzero(states[:, single.HELD]))
    opened = np.concatenate([*(one.opened for one in closed), left]).astype(np.int64)
    ended = np.concatenate([*(one.closed for one in closed), [laid.ts[-1] + 1] * held]).astype(np.int64)
    opens, ends = (np.bincount(np.searchsorted(laid.ts, at), minlength=len(laid.ts) + 1) for at in (opened, ended))
    return Sample(
        ts=laid.ts,
        equity=curve_of(led.equity),
        hold=curve_of(hold),
        timeframe_ms=int(np.diff(laid.ts).min()) if len(laid.ts) > 1 else 0,
        pnl=np.concatenate([one.pnl for one in closed]),
        entry_value=np.concatenate([one.quantity * one.entry for one in closed]),
        bars_held=int(np.count_nonzero(np.cumsum(opens - ends))),
        fees=float(sum(one.fills.fee.sum() for one in holdings)),
    )
