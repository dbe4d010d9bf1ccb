"""Prices and quantities as a venue takes them: in whole ticks and whole lots, and the worse the larger the order."""

from math import ceil, floor, sqrt

DEEPEST_SALE = 0.99
"""How much worse than the market a sale of any size is at most, as a fraction: nobody is paid for taking coins."""


def ticked(price: float, side: float, tick: float) -> float:
    """Round a price to the tick, up for a buyer (`side` above zero) and down for a seller."""
    if tick == 0.0:
        return price
    steps = price / tick
    return (ceil(steps - 1e-9) if side > 0.0 else floor(steps + 1e-9)) * tick


def rounded(quantity: float, lot: float) -> float:
    """Round a quantity towards zero to the lot."""
    if lot == 0.0:
        return quantity
    lots = floor(abs(quantity) / lot + 1e-9) * lot
    return lots if quantity > 0.0 else -lots


def worsened(price: float, quantity: float, volume: float, slippage: float, impact: float, tick: float) -> float:
    """Return what a taker pays: worse by half the spread, and by the square root of his share of the bar's volume."""
    side, worse = (1.0 if quantity > 0.0 else -1.0), slippage
    if impact > 0.0 and volume > 0.0:
        worse += impact * sqrt(abs(quantity) / volume)
        if side < 0.0:
            return max(ticked(price * (1.0 - min(worse, DEEPEST_SALE)), side, tick), tick)
    return ticked(price * (1.0 + worse * side), side, tick)
