"""What a bake-off says of a model: shares and means over its runs, each with its 95 % interval.

Shares have Wilson's score interval (E. B. Wilson, JASA 22, 1927), which holds for few runs and for 0 and 100 %. Means
have Student's t interval. With three runs these are wide; that is the point of showing them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from statistics import fmean, stdev

Z_95 = 1.959963984540054
# The 97.5 % quantile of Student's t by degrees of freedom (1 to 30); beyond, the normal's is near enough.
T_95 = (
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
    2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860,
    2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What one ended run shows. `figures` and `unverified` are numbers in its report, with and without evidence."""

    state: str
    verdict: str | None
    figures: int
    unverified: int
    tool_calls: int
    tool_failures: int
    steps: int
    seconds: float
    cost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A share or a mean over `n` observations with its 95 % interval; no interval where `n` allows none."""

    value: float
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One model's figures. An estimate is None while there is nothing to count."""

    runs: int
    reported: Estimate | None
    evidence_validity: Estimate | None
    tool_success: Estimate | None
    agreement: Estimate | None
    verdicts: dict[str, int]
    states: dict[str, int]
    steps: Estimate | None
    seconds: Estimate | None
    cost: Estimate | None
    cost_total: Decimal


def score(runs: Sequence[RunFacts]) -> Score:
    """Return the figures over a model's ended runs."""
    verdicts = Counter(run.verdict for run in runs if run.verdict is not None)
    figures, unverified = sum(run.figures for run in runs), sum(run.unverified for run in runs)
    calls, failures = sum(run.tool_calls for run in runs), sum(run.tool_failures for run in runs)
    return Score(
        runs=len(runs),
        reported=share(sum(run.verdict is not None for run in runs), len(runs)),
        evidence_validity=share(figures, figures + unverified),
        tool_success=share(calls - failures, calls),
        agreement=share(max(verdicts.values(), default=0), verdicts.total()),
        verdicts=dict(verdicts),
        states=dict(Counter(run.state for run in runs)),
        steps=mean([run.steps for run in runs]),
        seconds=mean([run.seconds for run in runs]),
        cost=mean([float(run.cost) for run in runs]),
        cost_total=sum((run.cost for run in runs), Decimal(0)),
    )


def share(successes: int, n: int) -> Estimate | None:
    """Return a share with Wilson's interval, None of nothing."""
    if n == 0:
        return None
    found, squared = successes / n, Z_95 * Z_95
    middle = (found + squared / (2 * n)) / (1 + squared / n)
    half = Z_95 / (1 + squared / n) * sqrt(found * (1 - found) / n + squared / (4 * n * n))
    return Estimate(value=found, low=max(0.0, middle - half), high=min(1.0, middle + half), n=n)


def mean(values: Sequence[float]) -> Estimate | None:
    """Return a mean with Student's interval, None of nothing; one value has no interval."""
    if not values:
        return None
    n, middle = len(values), fmean(values)
    if n == 1:
        return Estimate(value=middle, low=None, high=None, n=1)
    quantile = T_95[n - 2] if n - 2 < len(T_95) else Z_95
    half = quantile * stdev(values) / sqrt(n)
    return Estimate(value=middle, low=middle - half, high=middle + half, n=n)
