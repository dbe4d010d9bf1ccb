"""The gate against luck: strategies that a search found in pure noise, and edges that were planted.

Run `python -m bench.gate [--noise 500] [--planted 50] [--jobs 2]`. Each market is a year of hours. For noise it is a
random walk, in which the best of 25 parameter sets by its Sharpe ratio is taken to the gate, with 25 trials counted.
A planted edge is the same with a drift that goes up for some days and down for some, which a crossing can follow.
Prints how many pass, are weak, fail.
"""

import argparse
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from itertools import product

import numpy as np

from omc.engine import BarColumns, StrategyDocument, bar_columns, read, simulate
from omc.engine.gate import judge
from omc.engine.metrics import daily, returns
from omc.engine.validation.evidence import check_all, figures_of
from omc.engine.validation.significance import trial_variance
from omc.kit.errors import Refusal

HOUR_MS, YEAR = 3_600_000, 8_760
FASTS, SLOWS = (5, 8, 12, 18, 25), (40, 60, 90, 140, 200)
VOLATILITY = 0.006


def a_market(seed: int, drift: float) -> BarColumns:
    """A year of hours; with `drift` its direction lasts for ten days on average."""
    random = np.random.default_rng(seed)
    turns = random.random(YEAR) < 1 / 240
    direction = np.where(np.cumsum(turns) % 2 == 0, 1.0, -1.0)
    close = 100 * np.exp(np.cumsum(random.normal(0, VOLATILITY, YEAR) + drift * direction))
    opened = np.concatenate((close[:1], close[:-1]))
    return bar_columns(
        ts=1_704_067_200_000 + HOUR_MS * np.arange(YEAR),
        open=opened,
        high=np.maximum(opened, close) * 1.001,
        low=np.minimum(opened, close) * 0.999,
        close=close,
        volume=random.lognormal(4, 1, YEAR),
        timeframe_ms=HOUR_MS,
    )


def a_cross(fast: int, slow: int) -> StrategyDocument:
    """Long above, short below."""
    return read(
        {
            "schema": "omc-strategy/1",
            "name": "Averages cross",
            "universe": ["BTC/USDT"],
            "timeframe": "1h",
            "parameters": {"fast": fast, "slow": slow},
            "entry": "sma(close, fast) > sma(close, slow)",
            "exit": "sma(close, fast) < sma(close, slow)",
            "short_entry": "sma(close, fast) < sma(close, slow)",
            "short_exit": "sma(close, fast) > sma(close, slow)",
            "sizing": {"kind": "fraction", "fraction": "0.9"},
            "costs": {"fee_bps": "5", "slippage_bps": "1"},
        }
    )


def outcome(task: tuple[int, float]) -> str:
    """What the gate says of the best that a search finds in one market."""
    bars = a_market(*task)
    found: list[tuple[float, StrategyDocument]] = []
    for fast, slow in product(FASTS, SLOWS):
        document = a_cross(fast, slow)
        result = simulate(document, bars)
        changes = returns(daily(result.ts, result.equity))
        spread = float(changes.std(ddof=1))
        found.append((float(changes.mean()) / spread if spread > 0 else 0.0, document))
    best = max(found, key=lambda one: one[0])[1]
    variance = trial_variance(np.asarray([sharpe for sharpe, _ in found])).value
    try:
        figures = figures_of(check_all(best, bars), trials=len(found), clusters=1, variance=variance)
    except Refusal as refusal:
        return f"refused: {refusal.code}"
    return judge(figures).outcome


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--noise", type=int, default=500)
    parser.add_argument("--planted", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    with ProcessPoolExecutor(asked.jobs) as pool:
        for name, count, drift in (
            ("noise", asked.noise, 0.0),
            ("planted, weak", asked.planted, 0.0006),
            ("planted, strong", asked.planted, 0.0012),
        ):
            outcomes = Counter(pool.map(outcome, [(seed, drift) for seed in range(count)], chunksize=4))
            print(f"{name:16} {count:4} markets  {dict(outcomes)}", flush=True)


if __name__ == "__main__":
    main()
