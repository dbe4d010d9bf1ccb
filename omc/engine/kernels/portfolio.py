"""Several symbols on one account: the same orders, stops and costs as for one, with the cash shared.

Within a bar all exits at the open come first, then entries in the order of the symbols, each from the cash that is
left, then what happens during the bar. A symbol without a bar at an instant stands still and keeps its last price.
"""

from collections.abc import MutableSequence, Sequence
from typing import TypeAlias

from omc.engine.kernels.simulation import (
    CASH,
    COUNT,
    DAY_LOSS,
    DEEPEST,
    DELAY,
    FILL,
    GOAL,
    HELD,
    HIT,
    LEFT,
    QUIET,
    SLIPPAGE,
    TAKER,
    TOO_SMALL,
    WAITING,
    Bar,
    Fills,
    Flags,
    Numbers,
    State,
    aim,
    decided,
    guard,
    is_guarded,
    is_halted,
    is_over,
    settle,
    work,
)

DUST = 1e-9
"""Of the capital: with less cash than this there is nothing to enter with."""

PRESENT = 16
"""The flag of a symbol that has a bar, beside the flags of its conditions."""

Rows: TypeAlias = Sequence[Numbers]
Markets: TypeAlias = tuple[Rows, Rows, Rows, Rows, Rows]
Books: TypeAlias = tuple[Sequence[State], Sequence[MutableSequence[int]], MutableSequence[float], Sequence[Fills]]
"""As for one symbol, with a row for each; the equity is the account's."""


def run_many(
    markets: Markets,
    ts: Sequence[int],
    flags: Sequence[Flags],
    paths: tuple[Rows, Rows, Rows],
    terms: Numbers,
    most: int,
    account: State,
    books: Books,
) -> int:
    """Write positions wanted, equity and fills of all symbols, at most `most` of them (0: any number) held at once.

    `account` is a state whose cash is shared and whose `HELD` counts positions. `flags` and what is wanted have a row
    for each bar, all else one for each symbol; a symbol without the flag `PRESENT` has no bar, and its close is the one
    before. Returns as `simulation.run` does.
    """
    states, wanted, equity, fills = books
    symbols, room, delay = len(states), len(fills[0]) // FILL - 4, int(terms[DELAY]) + 1
    guarded, limited = is_guarded(terms), terms[DAY_LOSS] > 0.0 or terms[DEEPEST] > 0.0
    least = account[CASH] * DUST if symbols > 1 else 0.0
    for bar in range(len(equity)):
        voided = False
        if _aim_all(markets[3], paths, bar, bar - delay, flags[bar], wanted, states):
            voided = _open_all(bar, markets, flags[bar], terms, most, least, account, states, fills)
        invested = 0.0
        if account[HELD] != 0.0:
            for one in range(symbols):
                if guarded and states[one][HELD] != 0.0 and flags[bar][one] & PRESENT:
                    due = paths[2][one][bar if len(paths[2][one]) > 1 else 0]
                    prices = _prices(markets, one, bar)
                    _hold(bar, prices, markets[3][one][bar], due, terms, account, states[one], fills[one])
                invested += states[one][HELD] * markets[3][one][bar]
                if states[one][COUNT] > room:
                    return -2
        equity[bar] = account[CASH] + invested
        if equity[bar] <= 0.0:
            return bar
        halted = limited and is_halted(ts[bar], equity[bar], terms, account)
        for one in range(symbols):
            side = wanted[bar - 1][one] if bar > 0 else 0
            if (guarded or voided) and states[one][HIT] != 0.0:
                side, states[one][HIT] = 0, 0.0
            if flags[bar][one] > PRESENT:
                side = decided(side, flags[bar][one], bar >= states[one][QUIET])
            if halted or (guarded and is_over(bar, terms, states[one])):
                side = 0
            wanted[bar][one] = side
    return -1


def _aim_all(
    closes: Rows,
    paths: tuple[Rows, Rows, Rows],
    bar: int,
    acted: int,
    flags: Flags,
    wanted: Sequence[MutableSequence[int]],
    states: Sequence[State],
) -> bool:
    """Take up what was decided at `acted`; says whether any order waits."""
    waits = False
    for one in range(len(states)):
        state = states[one]
        if acted >= 0 and wanted[acted][one] != state[GOAL] and flags[one] & PRESENT and acted >= state[QUIET]:
            sizes, ranges = paths[0][one], paths[1][one]
            size, reach = sizes[acted % len(sizes)], ranges[acted % len(ranges)]
            aim(state, wanted[acted][one], closes[one][acted], bar, size, reach)
        waits = waits or state[WAITING] != 0.0
    return waits


def _open_all(
    bar: int,
    markets: Markets,
    flags: Flags,
    terms: Numbers,
    most: int,
    least: float,
    account: State,
    states: Sequence[State],
    fills: Sequence[Fills],
) -> bool:
    """Let all orders that wait meet the open: what leaves first, then what enters; says whether any entry was void."""
    voided = False
    for leaving in (True, False):
        for one in range(len(states)):
            state = states[one]
            if state[WAITING] == 0.0 or leaving != _leaves(state) or not flags[one] & PRESENT:
                continue
            prices = _prices(markets, one, bar)
            if not leaving and _is_void(bar, prices, terms, most, least, account, state):
                voided = True
            else:
                _open(bar, prices, terms, account, state, fills[one])
    return voided


def _leaves(state: State) -> bool:
    """Say whether what waits closes what is held."""
    return state[HELD] != 0.0 and state[HELD] * state[GOAL] <= 0.0


def _is_void(bar: int, prices: Bar, terms: Numbers, most: int, least: float, account: State, state: State) -> bool:
    """Void an entry beyond the positions allowed, or for which others left no cash; what is left of one is cut to it.

    The signal is lost with it: the symbol is entered by its next one.
    """
    entering = state[GOAL] != 0.0 and state[HELD] == 0.0
    if entering and (0 < most <= account[HELD] or (least > 0.0 and account[CASH] <= least)):
        state[TOO_SMALL] += 0.0 if 0 < most <= account[HELD] else 1.0
        state[WAITING], state[GOAL], state[HIT], state[QUIET] = 0.0, 0.0, 1.0, bar
        return True
    if least > 0.0 and state[LEFT] != 0.0:
        room = max(0.0, account[CASH]) / (prices[0] * (1.0 + terms[SLIPPAGE]) * (1.0 + terms[TAKER]))
        state[LEFT] = min(room, max(-room, state[LEFT]))
        if room * prices[0] <= least:
            state[LEFT], state[WAITING] = 0.0, 0.0
            return True
    return False


def _open(bar: int, prices: Bar, terms: Numbers, account: State, state: State, fills: Fills) -> None:
    """Let one symbol's order meet the open, with the account's cash; a position is closed before the other is opened.

    What turns round is closed first: its entry takes its turn among the others.
    """
    held, goal = state[HELD] != 0.0, state[GOAL]
    turning = state[HELD] * goal < 0.0
    if turning:
        state[GOAL] = 0.0
    state[CASH] = account[CASH]
    work(bar, prices, terms, state, fills)
    account[CASH] = state[CASH]
    account[HELD] += (1.0 if state[HELD] != 0.0 else 0.0) - (1.0 if held else 0.0)
    if turning:
        state[GOAL], state[WAITING] = goal, 1.0


def _hold(
    bar: int, prices: Bar, close: float, due: float, terms: Numbers, account: State, state: State, fills: Fills
) -> None:
    """Let the bar happen to what one symbol holds."""
    state[CASH] = account[CASH]
    guard(bar, prices, terms, state, fills)
    settle(close, due, state)
    account[CASH] = state[CASH]
    if state[HELD] == 0.0:
        account[HELD] -= 1.0


def _prices(markets: Markets, one: int, bar: int) -> Bar:
    return markets[0][one][bar], markets[1][one][bar], markets[2][one][bar], markets[4][one][bar]
