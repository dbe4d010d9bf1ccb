"""Prices and quantities as a venue takes them: in whole ticks and whole lots."""

from math import ceil, floor


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
