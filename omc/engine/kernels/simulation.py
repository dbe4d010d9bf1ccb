"""The account, bar by bar: orders, fills, stops, costs and limits of one document on one symbol.

A decision is made at a bar's close and acted on `DELAY` bars later at the open. Within a bar the order of events is the
worst one for the account: fills at the open, then liquidation or stop, then target; a stop and a target in one bar are
a stop. A limit order fills only when the price goes through it; nothing fills better than the price that it names.

`state` is what the account carries from bar to bar and `terms` is what the document says, both by the positions named
here; a term that is not used is zero. What a bar brings is handed on as numbers: an array that goes from function to
function costs more than most of what is done with it.
"""

from collections.abc import MutableSequence, Sequence
from math import inf
from typing import TypeAlias

from omc.engine.kernels.deciding import Flags, decided
from omc.engine.kernels.rounding import rounded, ticked, worsened
from omc.engine.kernels.sizing import kelly, room
from omc.engine.kernels.stillness import stand, still_until

Numbers: TypeAlias = Sequence[float]
Market: TypeAlias = tuple[Numbers, Numbers, Numbers, Numbers, Numbers]
State: TypeAlias = MutableSequence[float]
Fills: TypeAlias = MutableSequence[float]
"""Fills one behind the other, `FILL` numbers each: bar, signed quantity, price, fee, cause, number of the position."""

FILL = 6
Bar: TypeAlias = tuple[float, float, float, float]
"""Open, high, low and volume of a bar."""

Paths: TypeAlias = tuple[Numbers, Numbers, Numbers]
"""The share of the cash that an entry takes, the range that distances are multiples of, and the funding rate due."""

Book: TypeAlias = tuple[State, MutableSequence[int], MutableSequence[float], Fills]
"""What a run writes: its state, the position wanted and the equity at each close, the fills."""

# What the document says. Rates are fractions; distances are fractions of the price or multiples of the bar's range.
TAKER, MAKER, SLIPPAGE, IMPACT, SHARE, TICK, LOT, LEAST, FUNDING, DELAY = range(10)
KIND, OFFSET, BAND, VALID = range(10, 14)
STOP, TARGET, TRAIL, STOP_RANGE, TARGET_RANGE, TRAIL_RANGE, LONGEST, COOLDOWN = range(14, 22)
LEVERAGE, MAINTENANCE, PENALTY, MOST, DAY_LOSS, DEEPEST = range(22, 28)
AMOUNT, KELLY, KELLY_MOST, KELLY_AFTER, SETTLES, LARGEST, GROSS = range(28, 35)
TERMS = 35

MARKET_ORDER, LIMIT_ORDER, STOP_ORDER, STOP_LIMIT_ORDER = range(4)
DECISION, BY_STOP, BY_TARGET, BY_LIQUIDATION = range(4)

# What the account carries.
CASH, HELD, GOAL, WAITING, REFERENCE, PLACED, TRIGGERED, LEFT = range(8)
ENTRY, PEAK, STOP_AT, TARGET_AT, TRAIL_BY, OPENED, HIT, QUIET = range(8, 16)
COUNT, NUMBER, WON, LOST, WINS, LOSSES, SPENT, BOTH = range(16, 24)
DAY, DAY_START, HIGH, HALTED, TOO_SMALL, LIQUIDATED, LATEST, FUNDED, SIZE, REACH = range(24, 34)
ELSEWHERE, EXPOSED = range(34, 36)  # what other symbols of a shared account hold: its value, and whatever its side
BUDGET = 36  # what the entry that is filled in parts has left to spend
STATE = 37
DAY_MS = 86_400_000
NEVER = 1 << 40


def run(
    market: Market,
    ts: Sequence[int],
    flags: Flags,
    resets: Sequence[int],
    paths: Paths,
    terms: Numbers,
    book: Book,
) -> int:
    """Write the position wanted and the equity at each close, and every fill.

    At the bars in `resets` (rising) the account is told to be flat before it decides. Each of `paths` has one value,
    or one for each bar. Returns the bar at which the account is worth nothing, -1 when it never is, or -2 when there
    is no more room for fills.
    """
    state, wanted, equity, fills = book
    (sizes, ranges, rates), (opens, highs, lows, closes, volumes) = paths, market
    cash, held, goal, waiting, quiet, low, high = state[CASH], 0.0, 0.0, 0.0, 0.0, 0.0, inf
    guarded, limited = is_guarded(terms), terms[DAY_LOSS] > 0.0 or terms[DEEPEST] > 0.0
    delay, room, varied = int(terms[DELAY]) + 1, len(fills) // FILL - 4, terms[SHARE] + terms[IMPACT] > 0.0 or guarded
    bar, side, next_reset, taken_up = 0, 0, 0, delay
    while bar < len(equity):
        acted = bar - delay
        if acted >= 0 and wanted[acted] != goal and acted >= quiet:
            aim(state, wanted[acted], closes[acted], bar, sizes[acted % len(sizes)], ranges[acted % len(ranges)])
            waiting = 1.0
        if waiting != 0.0 or (guarded and held != 0.0 and (lows[bar] <= low or highs[bar] >= high)):
            if state[COUNT] > room:
                return -2
            # Most orders meet the open alone, and what nobody asks for is far away in memory.
            prices = (opens[bar], highs[bar], lows[bar], volumes[bar]) if varied else (opens[bar], 0.0, 0.0, 0.0)
            low, high = meet(bar, prices, closes[bar], rates[bar % len(rates)], guarded, terms, state, fills)
            # Kept at hand: memory that could have been written is read anew at every bar.
            cash, held, goal, waiting, quiet = state[CASH], state[HELD], state[GOAL], state[WAITING], state[QUIET]
            side, state[HIT] = (0 if state[HIT] != 0.0 else side), 0.0
        equity[bar] = worth = cash + held * closes[bar]
        if worth <= 0.0:
            return bar
        if next_reset < len(resets) and resets[next_reset] == bar:
            side, next_reset = 0, next_reset + 1
        over = (limited and is_halted(ts[bar], worth, terms, state)) or bar >= over_at(terms, state)
        side = 0 if over else decided(side, flags[bar], bar >= quiet)
        taken_up = taken_up if side == wanted[bar - 1] else bar + delay
        wanted[bar], bar = side, bar + 1
        if bar > taken_up and side == goal and waiting == 0.0 and not limited:
            end = min(resets[next_reset] if next_reset < len(resets) else len(equity), over_at(terms, state))
            last = still_until(bar, end, flags, guarded and held != 0.0, lows, highs, low, high)
            bar = stand(bar, last, closes, cash, held, side, wanted, equity)
    return -1


def meet(
    bar: int, prices: Bar, close: float, due: float, guarded: bool, terms: Numbers, state: State, fills: Fills
) -> tuple[float, float]:
    """Let the account meet a bar; return the low and the high from which on a later one matters to what is held."""
    if state[WAITING] != 0.0:
        work(bar, prices, terms, state, fills)
    if not guarded or state[HELD] == 0.0:
        return 0.0, inf
    guard(bar, prices, terms, state, fills)
    settle(close, due, state)
    return watched(terms, state)


def is_guarded(terms: Numbers) -> bool:
    """Say whether anything can happen to a position between two decisions."""
    for term in range(STOP, LONGEST + 1):
        if terms[term] > 0.0:
            return True
    return terms[FUNDING] != 0.0 or terms[SETTLES] != 0.0 or terms[LEVERAGE] > 0.0 or terms[KIND] != 0.0


def aim(state: State, goal: int, reference: float, bar: int, size: float, reach: float) -> None:
    """Take a decision up: what is held is closed, and an entry waits for its price."""
    state[GOAL], state[WAITING], state[REFERENCE], state[PLACED] = goal, 1.0, reference, bar
    state[TRIGGERED], state[LEFT], state[SIZE], state[REACH] = 0.0, 0.0, size, reach


def work(bar: int, prices: Bar, terms: Numbers, state: State, fills: Fills) -> None:
    """Work the order that waits: close what is held on the wrong side, then enter."""
    goal, opened, volume = state[GOAL], prices[0], prices[3]
    if state[HELD] != 0.0 and state[HELD] * goal <= 0.0:
        part = _capped(-state[HELD], volume, terms)
        price = _taken(opened, part, volume, terms)
        _fill(state, fills, bar, part, price, terms[TAKER], DECISION)
        if state[HELD] != 0.0:
            return
    if goal == 0.0:
        state[WAITING] = 0.0
        return
    if terms[KIND] != MARKET_ORDER and state[LEFT] == 0.0 and bar - state[PLACED] >= terms[VALID]:
        state[WAITING], state[GOAL], state[HIT], state[QUIET] = 0.0, 0.0, 1.0, bar
        return
    price, maker = _reached(prices, goal, terms, state)
    if price > 0.0:
        _enter(bar, prices, price, maker, terms, state, fills)


def _reached(prices: Bar, goal: float, terms: Numbers, state: State) -> tuple[float, bool]:
    """Return the price at which the entry fills in this bar before slippage, zero when it does not, and if as maker."""
    opened, high, low, _ = prices
    kind, reference = terms[KIND], state[REFERENCE]
    if kind == MARKET_ORDER:
        return opened, False
    if kind == LIMIT_ORDER:
        limit = ticked(reference * (1.0 - goal * terms[OFFSET]), -goal, terms[TICK])
        if (opened - limit) * goal <= 0.0:
            return opened, False
        through = low < limit if goal > 0.0 else high > limit
        return (limit if through else 0.0), True
    trigger = ticked(reference * (1.0 + goal * terms[OFFSET]), goal, terms[TICK])
    if state[TRIGGERED] == 0.0:
        touched = high >= trigger if goal > 0.0 else low <= trigger
        if not touched:
            return 0.0, False
        state[TRIGGERED] = 1.0
        price = max(opened, trigger) if goal > 0.0 else min(opened, trigger)
        if kind == STOP_ORDER:
            return price, False
        limit = trigger * (1.0 + goal * terms[BAND])
        return (price if (price - limit) * goal <= 0.0 else 0.0), False
    limit = trigger * (1.0 + goal * terms[BAND])
    through = low < limit if goal > 0.0 else high > limit
    return (min(opened, limit) if goal > 0.0 else max(opened, limit)) if through else 0.0, True


def _enter(bar: int, prices: Bar, base: float, maker: bool, terms: Numbers, state: State, fills: Fills) -> None:
    """Buy or sell what is left of the entry, at most the bar's share; set its stop and target with the first part."""
    goal, quantity, volume = state[GOAL], state[LEFT], prices[3]
    rate = terms[MAKER] if maker else terms[TAKER]
    price = base if maker else _taken(base, goal, 0.0, terms)
    if quantity == 0.0:
        budget = state[BUDGET] = spendable(prices[0], terms, state)
        quantity = goal * (budget / (price * (1.0 + rate)))
        if not maker and terms[IMPACT] > 0.0:
            price = _taken(base, quantity, volume, terms)
            quantity = goal * (budget / (price * (1.0 + rate)))
        quantity = rounded(quantity, terms[LOT])
        if abs(quantity) * price < terms[LEAST] or quantity == 0.0:
            state[TOO_SMALL] += 1.0
            state[WAITING] = 0.0
            return
    part, later = _capped(quantity, volume, terms), state[LEFT] != 0.0
    if (part != quantity or later) and not maker:
        price = _taken(base, part, volume, terms)
    most = _still(prices[0], terms, state) if later else inf
    if abs(part) * price * (1.0 + rate) > most * (1.0 + 1e-9):
        # The price moved since the first part: what the rest of the budget does not pay is left out.
        part = quantity = rounded(goal * (most / (price * (1.0 + rate))), terms[LOT])
    if state[HELD] == 0.0 and part != 0.0:
        _protect(goal, price, terms, state)
        state[OPENED] = bar
    _fill(state, fills, bar, part, price, rate, DECISION)
    state[LEFT], state[BUDGET] = quantity - part, state[BUDGET] - abs(part) * price * (1.0 + rate)
    if state[LEFT] == 0.0:
        state[WAITING] = 0.0


def spendable(price: float, terms: Numbers, state: State) -> float:
    """Return what an entry may spend at a price of what is held already, fee and slippage inside it."""
    size = state[SIZE]
    if terms[KELLY] > 0.0 and state[WINS] + state[LOSSES] >= terms[KELLY_AFTER]:
        size = kelly(state[WINS], state[LOSSES], state[WON], state[LOST], terms[KELLY], terms[KELLY_MOST])
    budget = terms[AMOUNT] if terms[AMOUNT] > 0.0 else size * state[CASH]
    most = state[CASH] * (terms[LEVERAGE] if terms[LEVERAGE] > 0.0 else 1.0)
    if terms[MOST] > 0.0:
        most = min(most, terms[MOST])
    return min(budget, max(0.0, min(most, room_at(price, terms, state))))


def _still(price: float, terms: Numbers, state: State) -> float:
    """Return what a later part of an entry may spend: the rest of its budget, within limits and cash."""
    most = min(state[BUDGET], room_at(price, terms, state))
    if state[GOAL] > 0.0 and terms[LEVERAGE] == 0.0:
        most = min(most, state[CASH])
    return max(0.0, most)


def room_at(price: float, terms: Numbers, state: State) -> float:
    """Return what the limits leave to a symbol beside what it holds at a price; it may be below zero."""
    held = state[HELD] * price
    return room(state[CASH] + state[ELSEWHERE] + held, held, state[EXPOSED], terms[LARGEST], terms[GROSS])


def _protect(goal: float, price: float, terms: Numbers, state: State) -> None:
    """Set the stop, the target and the trail of a new position; zero is none."""
    reach = state[REACH]
    stop = terms[STOP] * price + terms[STOP_RANGE] * reach
    target = terms[TARGET] * price + terms[TARGET_RANGE] * reach
    state[STOP_AT] = ticked(price - goal * stop, -goal, terms[TICK]) if stop > 0.0 else 0.0
    state[TARGET_AT] = ticked(price + goal * target, goal, terms[TICK]) if target > 0.0 else 0.0
    state[TRAIL_BY] = terms[TRAIL_RANGE] * reach
    state[PEAK] = price


def guard(bar: int, prices: Bar, terms: Numbers, state: State, fills: Fills) -> None:
    """Let the bar happen to what is held: funding, then liquidation or stop, then target, then the trail moves."""
    opened, high, low, volume = prices
    side = 1.0 if state[HELD] > 0.0 else -1.0
    paid = state[HELD] * opened * terms[FUNDING]
    state[CASH], state[SPENT], state[FUNDED] = state[CASH] - paid, state[SPENT] - paid, state[FUNDED] + paid
    worst, best = (low, high) if side > 0.0 else (high, low)
    level, cause = _level(side, terms, state)
    target = state[TARGET_AT]
    # A position that a limit opened in this bar may have seen the bar's best price before it was there.
    fresh = state[OPENED] == bar and terms[KIND] != MARKET_ORDER
    aimed = target > 0.0 and (best - target) * side > 0.0 and not fresh
    if level > 0.0 and (worst - level) * side <= 0.0:
        if aimed and cause == BY_STOP and (opened - level) * side > 0.0:
            state[BOTH] += 1.0
        # Beyond the stop at the open it fills there; and never at a price that the bar did not see.
        reached = opened if (opened - level) * side < 0.0 and not fresh else level
        reached = best if (reached - best) * side > 0.0 else reached
        price = _taken(reached, -state[HELD], volume, terms)
        rate = terms[TAKER] + (terms[PENALTY] if cause == BY_LIQUIDATION else 0.0)
        _leave(bar, price, rate, cause, terms, state, fills)
    elif aimed:
        _leave(bar, target, terms[MAKER], BY_TARGET, terms, state, fills)
    elif (best - state[PEAK]) * side > 0.0:
        state[PEAK] = best


def watched(terms: Numbers, state: State) -> tuple[float, float]:
    """Return the low and the high from which on a bar matters to what is held; with funding every bar does."""
    if state[HELD] == 0.0 or terms[FUNDING] != 0.0 or terms[SETTLES] != 0.0:
        return inf, 0.0
    side = 1.0 if state[HELD] > 0.0 else -1.0
    level, best = _level(side, terms, state)[0], state[TARGET_AT]
    if terms[TRAIL] * state[PEAK] + state[TRAIL_BY] > 0.0 and (best == 0.0 or (best - state[PEAK]) * side > 0.0):
        best = state[PEAK]
    low, high = (level, best) if side > 0.0 else (best, level)
    return low, (high if high > 0.0 else inf)


def settle(close: float, due: float, state: State) -> None:
    """Pay the funding that fell due in the bar, on what is held at its close."""
    paid = state[HELD] * close * due
    state[CASH], state[SPENT], state[FUNDED] = state[CASH] - paid, state[SPENT] - paid, state[FUNDED] + paid


def _level(side: float, terms: Numbers, state: State) -> tuple[float, int]:
    """Return the price at which the position ends against its will, zero for none, and why."""
    level, cause = state[STOP_AT], BY_STOP
    trail = terms[TRAIL] * state[PEAK] + state[TRAIL_BY]
    if trail > 0.0:
        followed = ticked(state[PEAK] - side * trail, -side, terms[TICK])
        if level == 0.0 or (followed - level) * side > 0.0:
            level = followed
    if terms[LEVERAGE] > 0.0:
        # Equity falls to the maintenance margin: cash + held * price = maintenance * |held| * price.
        ends = -state[CASH] / (state[HELD] * (1.0 - side * terms[MAINTENANCE]))
        if ends > 0.0 and (level == 0.0 or (ends - level) * side > 0.0):
            level, cause = ends, BY_LIQUIDATION
    return level, cause


def _leave(bar: int, price: float, rate: float, cause: int, terms: Numbers, state: State, fills: Fills) -> None:
    """Close all at a price; decisions made before this bar's close are void, and so is what was left to enter."""
    _fill(state, fills, bar, -state[HELD], price, rate, cause)
    if cause == BY_LIQUIDATION:
        state[LIQUIDATED] += 1.0
    state[GOAL], state[WAITING], state[LEFT], state[HIT] = 0.0, 0.0, 0.0, 1.0
    state[QUIET] = bar + terms[COOLDOWN]


def over_at(terms: Numbers, state: State) -> int:
    """Return the bar at whose close what is held will have been held for as long as it may."""
    if terms[LONGEST] == 0.0 or state[HELD] == 0.0:
        return NEVER
    return int(state[OPENED] + terms[LONGEST]) - 1


def is_halted(ts: int, worth: float, terms: Numbers, state: State) -> bool:
    """Say whether a limit on losses forbids any position, for a UTC day or for good; at a time below 0 as before."""
    if ts < 0:
        return state[HALTED] != 0.0
    day = ts // DAY_MS
    if day != state[DAY]:
        state[DAY], state[DAY_START] = day, (state[LATEST] if state[LATEST] > 0.0 else worth)
        state[HALTED] = 0.0 if state[HALTED] == 1.0 else state[HALTED]
    state[HIGH], state[LATEST] = max(state[HIGH], worth), worth
    if terms[DAY_LOSS] > 0.0 and worth <= state[DAY_START] * (1.0 - terms[DAY_LOSS]):
        state[HALTED] = max(state[HALTED], 1.0)
    if terms[DEEPEST] > 0.0 and worth <= state[HIGH] * (1.0 - terms[DEEPEST]):
        state[HALTED] = 2.0
    return state[HALTED] != 0.0


def _taken(price: float, quantity: float, volume: float, terms: Numbers) -> float:
    """Return what a taker pays in a bar of a volume; nothing moves the price where there is none."""
    return worsened(price, quantity, volume, terms[SLIPPAGE], terms[IMPACT], terms[TICK])


def _capped(quantity: float, volume: float, terms: Numbers) -> float:
    """Return as much of a quantity as the bar's volume allows."""
    most = terms[SHARE] * volume
    if terms[SHARE] == 0.0 or abs(quantity) <= most:
        return quantity
    return rounded(most if quantity > 0.0 else -most, terms[LOT])


def _fill(state: State, fills: Fills, bar: int, quantity: float, price: float, rate: float, cause: int) -> None:
    """Book a fill; one that ends a position counts it as won or lost."""
    if quantity == 0.0:
        return
    fee = abs(quantity * price) * rate
    at, opening = int(state[COUNT]), state[HELD] == 0.0
    if opening:
        state[NUMBER] += 1.0
        state[SPENT] = 0.0
        state[ENTRY] = abs(quantity * price)
    state[CASH] -= quantity * price + fee
    state[SPENT] -= quantity * price + fee
    state[HELD] = 0.0 if quantity == -state[HELD] else state[HELD] + quantity
    place = at * FILL
    fills[place], fills[place + 1], fills[place + 2], fills[place + 3] = bar, quantity, price, fee
    fills[place + 4], fills[place + 5] = cause, state[NUMBER]
    state[COUNT] = at + 1.0
    if state[HELD] == 0.0:
        gained = state[SPENT] / state[ENTRY]
        if gained > 0.0:
            state[WINS], state[WON] = state[WINS] + 1.0, state[WON] + gained
        else:
            state[LOSSES], state[LOST] = state[LOSSES] + 1.0, state[LOST] - gained
