"""Several symbols on one account: the same orders, stops and costs as for one, with the cash shared.

Within a bar all exits at the open come first, then entries in the order of the symbols, each from the cash that is
left, then what happens during the bar. A symbol without a bar at an instant stands still and keeps its last price.
"""

from collections.abc import MutableSequence, Sequence
from typing import TypeAlias

from omc.engine.kernels.deciding import Flags, decided
from omc.engine.kernels.simulation import (
    CASH,
    COUNT,
    DAY_LOSS,
    DEEPEST,
    DELAY,
    ELSEWHERE,
    EXPOSED,
    FILL,
    GOAL,
    GROSS,
    HELD,
    HIT,
    IMPACT,
    LARGEST,
    LEFT,
    QUIET,
    SHARE,
    SLIPPAGE,
    TAKER,
    TOO_SMALL,
    WAITING,
    Bar,
    Fills,
    Numbers,
    State,
    aim,
    guard,
    is_guarded,
    is_halted,
    over_at,
    room_at,
    settle,
    work,
)

DUST = 1e-9
"""Of the capital: with less cash than this there is nothing to enter with, where others have a share in it."""

PRESENT, RESET = 16, 32
"""Flags beside those of the conditions: the symbol has a bar; it is told to be flat before it decides."""

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
    least: float,
    account: State,
    books: Books,
) -> int:
    """Write positions wanted, equity and fills of all symbols, at most `most` of them (0: any number) held at once.

    An entry for which no more than `least` is left is void; 0 where there is nobody to leave it.

    `account` is a state whose cash is shared and whose `HELD` counts positions. `flags` and what is wanted have a row
    for each bar, all else one for each symbol; a symbol without the flag `PRESENT` has no bar, and its close is the one
    before. Returns as `simulation.run` does.
    """
    states, wanted, equity, fills = books
    symbols, room, delay = len(states), len(fills[0]) // FILL - 4, int(terms[DELAY]) + 1
    guarded, limited = is_guarded(terms), terms[DAY_LOSS] > 0.0 or terms[DEEPEST] > 0.0
    bar, taken_up = 0, delay
    while bar < len(equity):
        voided = False
        if _aim_all(markets[3], paths, bar, bar - delay, flags[bar], wanted, states):
            voided = _open_all(bar, markets, flags[bar], terms, most, least, account, states, fills)
        invested = 0.0
        if account[HELD] != 0.0:
            for one in range(symbols):
                if guarded and states[one][HELD] != 0.0 and flags[bar][one] & PRESENT:
                    due = paths[2][one][bar if len(paths[2][one]) > 1 else 0]
                    prices = _prices(markets, one, bar)
                    hold_one(bar, prices, markets[3][one][bar], due, terms, account, states[one], fills[one])
                invested += states[one][HELD] * markets[3][one][bar]
                if states[one][COUNT] > room:
                    return -2
        equity[bar] = account[CASH] + invested
        if equity[bar] <= 0.0:
            return bar
        halted = limited and is_halted(ts[bar], equity[bar], terms, account)
        if _decide_all(bar, flags[bar], guarded, voided, halted, terms, wanted, states):
            taken_up = bar + delay
        bar += 1
        if bar > taken_up and not limited and not (guarded and account[HELD] != 0.0):
            bar = _stand_all(bar, flags, markets[3], account[CASH], states, wanted, equity)
    return -1


def _decide_all(
    bar: int,
    flags: Flags,
    guarded: bool,
    voided: bool,
    halted: bool,
    terms: Numbers,
    wanted: Sequence[MutableSequence[int]],
    states: Sequence[State],
) -> bool:
    """Write what each symbol wants after a close; says whether anything of it is new or still to be done."""
    moves = False
    for one in range(len(states)):
        state, before = states[one], wanted[bar - 1][one]
        side = before
        if (guarded or voided) and state[HIT] != 0.0:
            side, state[HIT] = 0, 0.0
        if flags[one] & RESET:
            side = 0
        if flags[one] > PRESENT:
            side = decided(side, flags[one], bar >= state[QUIET])
        if halted or (guarded and bar >= over_at(terms, state)):
            side = 0
        wanted[bar][one] = side
        moves = moves or side != before or side != state[GOAL] or state[WAITING] != 0.0
    return moves


def _stand_all(
    begin: int,
    flags: Sequence[Flags],
    closes: Rows,
    cash: float,
    states: Sequence[State],
    wanted: Sequence[MutableSequence[int]],
    equity: MutableSequence[float],
) -> int:
    """Write what is wanted and the equity while no condition of any symbol is true; return the bar after the last.

    That is a bar at which something may happen: a condition is true there, or all is lost, or it is the end.
    """
    end = begin
    while end < len(equity) and not _decides(flags[end]):
        end += 1
    for one in range(len(states)):
        held, side, row = states[one][HELD], wanted[begin - 1][one], closes[one]
        for bar in range(begin, end):
            wanted[bar][one] = side
        if held != 0.0:
            for bar in range(begin, end):
                equity[bar] += held * row[bar]
    for bar in range(begin, end):
        equity[bar] = cash + equity[bar]
        if equity[bar] <= 0.0:
            return bar
    return end


def _decides(flags: Flags) -> bool:
    """Say whether a condition of any symbol is true."""
    found = False
    for flag in flags:
        found |= flag > PRESENT
    return found


def is_varied(terms: Numbers) -> bool:
    """Say whether more of a bar matters than its open and its close."""
    return is_guarded(terms) or terms[SHARE] > 0.0 or terms[IMPACT] > 0.0


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
            if state[WAITING] == 0.0 or leaving != leaves(state) or not flags[one] & PRESENT:
                continue
            prices = _prices(markets, one, bar)
            if not leaving and terms[LARGEST] + terms[GROSS] > 0.0:
                look_around(bar, one, markets, flags, states)
            if not leaving and is_void(bar, prices, terms, most, least, account, state):
                voided = True
            else:
                open_one(bar, prices, terms, account, state, fills[one])
    return voided


def look_around(bar: int, own: int, markets: Markets, flags: Flags, states: Sequence[State]) -> None:
    """Write what the other symbols hold at the open into the state of one; without a bar it is worth its last close."""
    elsewhere, exposed = 0.0, 0.0
    for one in range(len(states)):
        if one != own and states[one][HELD] != 0.0:
            value = states[one][HELD] * (markets[0][one][bar] if flags[one] & PRESENT else markets[3][one][bar])
            elsewhere, exposed = elsewhere + value, exposed + abs(value)
    states[own][ELSEWHERE], states[own][EXPOSED] = elsewhere, exposed


def leaves(state: State) -> bool:
    """Say whether what waits closes what is held."""
    return state[HELD] != 0.0 and state[HELD] * state[GOAL] <= 0.0


def is_void(bar: int, prices: Bar, terms: Numbers, most: int, least: float, account: State, state: State) -> bool:
    """Void an entry beyond the positions allowed, or for which others left nothing; what is left of one is cut to it.

    The signal is lost with it: the symbol is entered by its next one.
    """
    entering, room = state[GOAL] != 0.0 and state[HELD] == 0.0, _room(prices[0], terms, account, state)
    if entering and (0 < most <= account[HELD] or (least > 0.0 and room <= least)):
        state[TOO_SMALL] += 0.0 if 0 < most <= account[HELD] else 1.0
        state[WAITING], state[GOAL], state[HIT], state[QUIET] = 0.0, 0.0, 1.0, bar
        return True
    if least > 0.0 and state[LEFT] != 0.0:
        quantity = max(0.0, room) / (prices[0] * (1.0 + terms[SLIPPAGE]) * (1.0 + terms[TAKER]))
        state[LEFT] = min(quantity, max(-quantity, state[LEFT]))
        if quantity * prices[0] <= least:
            state[LEFT], state[WAITING] = 0.0, 0.0
            return True
    return False


def _room(opened: float, terms: Numbers, account: State, state: State) -> float:
    """Return what can still be put into a symbol: the cash, or what the limits leave to it beside what it holds."""
    state[CASH] = account[CASH]
    return min(account[CASH], room_at(opened, terms, state))


def open_one(bar: int, prices: Bar, terms: Numbers, account: State, state: State, fills: Fills) -> None:
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


def hold_one(
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
