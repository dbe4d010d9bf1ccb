"""How fast belief is computed, in CPU seconds of this process, beside a peer that computes the same in the same run.

Run `python -m bench.validation`; `--json` for one object. The goals: overfitting of 400 trials in 16 blocks in 0.25 s,
2,000 resamples of a million bars in 10 s. `peer_` figures are holdout-backtest's on the same data.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from holdout.bootstrap import stationary_bootstrap_indices
from holdout.pbo import probability_of_backtest_overfitting

from bench import measuring
from bench.measuring import tell
from omc.engine import bar_columns
from omc.engine.validation.benchmarks import random_entries
from omc.engine.validation.bootstrap import intervals, reshuffled
from omc.engine.validation.overfitting import overfitting
from omc.engine.validation.significance import deflated_sharpe
from omc.engine.validation.splits import combinatorial

ROUNDS = 3
MILLION = 1_000_000
least_cpu_s = partial(measuring.least_cpu_s, rounds=ROUNDS)
PEER_RESAMPLES = 20  # the peer writes out every bar of every resample; its figure is scaled from these


def peer_resamples(returns: np.ndarray) -> None:
    """Total return, Sharpe ratio and drawdown of each resample, by the peer's indices and NumPy."""
    for seed in range(PEER_RESAMPLES):
        drawn = returns[stationary_bootstrap_indices(len(returns), 100.0, 1, seed=seed)[0]]
        equity = np.cumprod(1 + drawn)
        _ = equity[-1], drawn.mean() / drawn.std(ddof=1), (equity / np.maximum.accumulate(equity)).min()


def a_million_bars() -> tuple[np.ndarray, Callable[[], object]]:
    """Returns per bar, and 1,000 random runs of 500 positions on such a market."""
    random = np.random.default_rng(7)
    returns = random.normal(1e-6, 0.0008, MILLION)
    close = 30_000 * np.cumprod(1 + returns)
    bars = bar_columns(
        ts=60_000 * np.arange(MILLION),
        open=close,
        high=close,
        low=close,
        close=close,
        volume=np.ones(MILLION),
        timeframe_ms=60_000,
    )
    wanted = np.repeat(np.tile(np.array([1, 0], dtype=np.int8), 500), MILLION // 1_000)
    return returns, lambda: random_entries(bars, wanted, cost=0.001, seed=1)


def figures() -> dict[str, float]:
    """Every figure by its name, unit last."""
    random = np.random.default_rng(1)
    trials = random.normal(0, 0.01, (2_000, 400))
    days, gains = random.normal(0.001, 0.02, 730), random.normal(0.001, 0.02, 1_000)
    returns, entries = a_million_bars()
    ours, theirs = (least_cpu_s(lambda: overfitting(trials)), least_cpu_s(lambda: _peer_overfitting(trials)))
    resampled = least_cpu_s(lambda: intervals(returns, seed=1, per_year=525_600, sampling="bar"))
    peer = least_cpu_s(lambda: peer_resamples(returns)) * 2_000 / PEER_RESAMPLES
    return {
        "overfitting_400_trials_16_blocks_s": ours,
        "peer_overfitting_400_trials_16_blocks_s": theirs,
        "times_faster_than_peer_overfitting": theirs / ours,
        "2000_resamples_of_1m_bars_s": resampled,
        "peer_2000_resamples_of_1m_bars_s": peer,
        "times_faster_than_peer_resamples": peer / resampled,
        "2000_resamples_of_730_days_s": least_cpu_s(lambda: intervals(days, seed=1, per_year=365, sampling="day")),
        "2000_reshuffles_of_1000_positions_s": least_cpu_s(lambda: reshuffled(gains, seed=1)),
        "1000_random_runs_of_500_positions_on_1m_bars_s": least_cpu_s(entries),
        "deflated_sharpe_of_730_days_us": least_cpu_s(lambda: deflated_sharpe(days, trials=400, variance=0.001)) * 1e6,
        "combinatorial_45_splits_of_1m_bars_ms": least_cpu_s(lambda: combinatorial(MILLION, 10, 8)) * 1e3,
    }


def _peer_overfitting(trials: np.ndarray) -> object:
    return probability_of_backtest_overfitting(trials, n_blocks=16)


if __name__ == "__main__":
    tell(figures, __doc__)
