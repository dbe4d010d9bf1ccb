"""A market that swings and the strategy that it was made for, for tests of a choice among parameters."""

import numpy as np

from omc.engine import StrategyDocument
from tests.engine.builders import a_document

DAYS = 100
SWING = np.tile(np.concatenate((np.linspace(100, 130, 40), np.linspace(130, 100, 40))), DAYS * 24 // 80)


def a_follower(**changes: object) -> StrategyDocument:
    """In the market while the price is above that of `n` bars before."""
    return a_document(
        **{"parameters": {"n": 20}, "features": {"before": "lag(close, n)"}} | changes,
        entry="close > before",
        exit="close < before",
    )
