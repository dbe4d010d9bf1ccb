"""Owns the two loops over bars: from conditions to positions wanted, and from positions wanted to fills and equity.

Plain Python on sequences of numbers, with nothing in it that a compiler would refuse: callers pass lists, which plain
Python reads fastest, or arrays once the functions are compiled. Every operation is one IEEE 754 operation in a fixed
order, so both give the same bits.
"""

from collections.abc import MutableSequence, Sequence

Numbers = Sequence[float]
Flags = Sequence[bool]
Fills = tuple[MutableSequence[int], MutableSequence[float], MutableSequence[float], MutableSequence[float]]


def wanted_positions(
    long_entry: Flags, long_exit: Flags, short_entry: Flags, short_exit: Flags, wanted: MutableSequence[int]
) -> None:
    """Write the position wanted after each bar: 1 long, 0 flat, -1 short.

    An exit wins over the entry of its own side. Entries of both sides at once contradict each other and are left out.
    """
    state = 0
    for bar in range(len(wanted)):
        if (state == 1 and long_exit[bar]) or (state == -1 and short_exit[bar]):
            state = 0
        if state == 0:
            up = long_entry[bar] and not long_exit[bar]
            down = short_entry[bar] and not short_exit[bar]
            if up and not down:
                state = 1
            elif down and not up:
                state = -1
        wanted[bar] = state


def run(
    opens: Numbers,
    closes: Numbers,
    wanted: Sequence[int],
    account: tuple[float, float, float, float],
    equity: MutableSequence[float],
    fills: Fills,
) -> tuple[int, int, float]:
    """Fill what was wanted at a bar's close at the next bar's open; write equity at each close and each fill.

    `account` is (capital, fraction of free cash an entry uses, fee rate, slippage rate). `fills` are four sequences
    with room for two fills a change: bar, signed quantity, price, fee. Returns (number of fills,
    bar at which the account is worth nothing or -1, quantity held at the end).
    """
    capital, fraction, fee_rate, slippage = account
    cash, quantity, held, count = capital, 0.0, 0, 0
    for bar in range(len(opens)):
        if bar > 0 and wanted[bar - 1] != held:
            if held != 0:
                price = opens[bar] * (1.0 - slippage * held)
                fee = abs(quantity * price) * fee_rate
                cash += quantity * price - fee
                _write(fills, count, bar, -quantity, price, fee)
                count += 1
                quantity = 0.0
            held = wanted[bar - 1]
            if held != 0:
                price = opens[bar] * (1.0 + slippage * held)
                quantity = held * (fraction * cash / (price * (1.0 + fee_rate)))
                fee = abs(quantity * price) * fee_rate
                cash -= quantity * price + fee
                _write(fills, count, bar, quantity, price, fee)
                count += 1
        equity[bar] = cash + quantity * closes[bar]
        if equity[bar] <= 0.0:
            return count, bar, quantity
    return count, -1, quantity


def _write(fills: Fills, count: int, bar: int, quantity: float, price: float, fee: float) -> None:
    fills[0][count] = bar
    fills[1][count] = quantity
    fills[2][count] = price
    fills[3][count] = fee
