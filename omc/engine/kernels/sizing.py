"""How much an entry may take of an account: the Kelly fraction, and what the limits leave."""

from math import inf


def kelly(wins: float, losses: float, won: float, lost: float, scale: float, most: float) -> float:
    """Return the scaled Kelly fraction of the positions closed so far (Kelly 1956, for unequal win and loss)."""
    if losses == 0.0 or wins == 0.0:
        return most if wins > 0.0 else 0.0
    chance = wins / (wins + losses)
    ratio = (won / wins) / (lost / losses)
    return max(0.0, min(most, scale * (chance - (1.0 - chance) / ratio)))


def room(worth: float, held: float, exposed: float, largest: float, gross: float) -> float:
    """Return what the limits leave to a symbol of an account that holds so much of it, and so much in others.

    `largest` is the greatest share of what the account is worth that one symbol has, `gross` the greatest multiple of
    it that all have together; zero is no limit. Below zero it has too much already.
    """
    most = largest * worth if largest > 0.0 else inf
    if gross > 0.0:
        most = min(most, gross * worth - exposed)
    return most - abs(held)
