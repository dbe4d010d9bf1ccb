"""Owns how likely a Sharpe ratio is to be luck: probabilistic and deflated Sharpe, and how long a record must be.

Every Sharpe ratio here is per period, not annualised, and so are the variances of the trials' ratios: the formulas are
stated so, and mixing in an annual figure is the usual way to get them wrong. They take periods as independent of each
other, so give them daily returns rather than those of minutes. Kurtosis is raw: 3 for a normal distribution.
"""

from dataclasses import dataclass
from math import ceil, e, isfinite, sqrt
from statistics import NormalDist
from typing import TypeAlias

import numpy as np

from omc.engine.validation.inputs import Measured, defined, finite, share, undefined, whole
from omc.kit.errors import Refusal
from omc.ledgers.columns import Floats

MAX_TRIALS = 1_000_000_000
LEAST_PERIODS = 3  # two values have no third moment

_EULER_MASCHERONI = 0.5772156649015329
_NORMAL = NormalDist()
_NO_SPREAD = 1e-13  # of the largest value: what rounding leaves of a constant series
_PEARSON_SLACK = 1e-9  # of the bound: a series of two values lies on it, give or take rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """What the formulas need of a record of returns: its Sharpe ratio per period, its length and its shape."""

    sharpe: float
    count: int
    skewness: float = 0.0
    kurtosis: float = 3.0


Record: TypeAlias = Floats | Moments


def moments(returns: Floats) -> Moments | None:
    """Measure a record of at least `LEAST_PERIODS` returns per period; None where they have no spread.

    The Sharpe ratio takes the sample standard deviation (n - 1), skewness and kurtosis the population's, as Bailey and
    Lopez de Prado do. Raises Refusal `too_few_values` and `not_finite`.
    """
    values = finite(returns, "returns", LEAST_PERIODS)
    centred = values - values.mean()
    variance = float((centred * centred).mean())
    if sqrt(variance) <= _NO_SPREAD * float(np.abs(values).max()):
        return None
    scaled = centred / sqrt(variance)
    squared = scaled * scaled
    return Moments(
        sharpe=float(values.mean()) / sqrt(variance * len(values) / (len(values) - 1)),
        count=len(values),
        skewness=float((squared * scaled).mean()),
        kurtosis=float((squared * squared).mean()),
    )


def probabilistic_sharpe(record: Record, benchmark: float = 0.0) -> Measured:
    """The probability that the true Sharpe ratio exceeds `benchmark` (Bailey and Lopez de Prado 2012, eq. 11).

    PSR = Phi((SR - SR*) sqrt(n - 1) / sqrt(1 - skew SR + (kurt - 1) / 4 SR^2)), all per period.
    """
    known = _known(record)
    if isinstance(known, Measured):
        return known
    return _probability(known, benchmark)


def expected_maximum_sharpe(trials: int, variance: float) -> float:
    """The highest Sharpe ratio that `trials` attempts without any skill are expected to show.

    E[max] = sqrt(V) ((1 - g) Phi^-1(1 - 1/N) + g Phi^-1(1 - 1/(N e))), g of Euler and Mascheroni (Bailey and Lopez de
    Prado 2014, eq. 1), V the variance of the trials' Sharpe ratios per period. One trial was not selected: zero.
    """
    return sqrt(_positive(variance)) * _expected_maximum(trials)


def trial_variance(sharpes: Floats) -> Measured:
    """The sample variance of the trials' Sharpe ratios, per period; not defined for fewer than two trials."""
    values = finite(sharpes, "Sharpe ratios of trials", 0)
    if len(values) < 2:
        return undefined("the spread of Sharpe ratios takes at least two trials")
    return defined(float(np.var(values, ddof=1)))


def luck_variance(count: int) -> float:
    """The variance that the Sharpe ratio of `count` periods has without skill (Lo 2002, eq. 9, at SR = 0).

    What independent trials differ by through luck alone; to be used where the trials' own ratios are not at hand.
    """
    return 1.0 / (whole(count, "the number of periods", 2, MAX_TRIALS) - 1)


def deflated_sharpe(record: Record, *, trials: int, variance: float | None) -> Measured:
    """The probability that the best of `trials` has a true Sharpe ratio above zero (Bailey and Lopez de Prado 2014).

    The probabilistic Sharpe ratio (eq. 2) with the expected maximum of the trials as its benchmark. `variance` is that
    of the trials' Sharpe ratios per period (`trial_variance`); without it nothing can be deflated by, so the figure is
    not defined for more than one trial.
    """
    known = _known(record)
    whole(trials, "the number of trials", 1, MAX_TRIALS)
    if isinstance(known, Measured):
        return known
    if variance is None and trials > 1:
        return undefined(f"{trials} trials were made, and how their Sharpe ratios differ is not known")
    return _probability(known, expected_maximum_sharpe(trials, variance or 0.0))


def minimum_track_record(record: Record, *, benchmark: float = 0.0, level: float = 0.95) -> Measured:
    """How many periods it takes until `probabilistic_sharpe` reaches `level` (Bailey and Lopez de Prado 2012, MinTRL).

    MinTRL = 1 + (1 - skew SR + (kurt - 1) / 4 SR^2) (Phi^-1(level) / (SR - SR*))^2, rounded up to whole periods. To
    judge a selected strategy, give `expected_maximum_sharpe` as the benchmark. `level` is above one half.
    """
    known = _known(record)
    if not share(level, "the level") > 0.5:
        raise Refusal("bad_share", 422, f"a level of {level} asks for no evidence; give one between 0.5 and 1")
    if isinstance(known, Measured):
        return known
    edge = known.sharpe - benchmark
    if edge <= 0:
        return undefined("the Sharpe ratio does not exceed what it is held against, so no record is long enough")
    return defined(float(ceil(1 + _spread(known) * (_NORMAL.inv_cdf(level) / edge) ** 2)))


def minimum_backtest_length(trials: int, sharpe: float = 1.0) -> Measured:
    """How long a backtest must be for the best of `trials` without skill to be expected below `sharpe`.

    MinBTL = (E[max of N standard normals] / SR)^2 (Bailey, Borwein, Lopez de Prado and Zhu 2014, theorem 2), in the
    unit of `sharpe`: years for an annual ratio. One trial needs none.
    """
    if not (sharpe > 0 and isfinite(sharpe)):
        return undefined("a backtest is never long enough to tell a Sharpe ratio of zero or less from luck")
    return defined((_expected_maximum(trials) / sharpe) ** 2)


def _known(record: Record) -> Moments | Measured:
    if isinstance(record, Moments):
        return _possible(record)
    if len(record) < LEAST_PERIODS:
        return undefined(f"{len(record)} returns are too few; a Sharpe ratio is judged on {LEAST_PERIODS} or more")
    found = moments(record)
    return undefined("the returns have no spread, so they have no Sharpe ratio") if found is None else found


def _possible(given: Moments) -> Moments:
    """Refuse what no returns can have: most often excess kurtosis given where the raw one is meant."""
    whole(given.count, "the number of periods", 2, MAX_TRIALS)
    if not all(isfinite(value) for value in (given.sharpe, given.skewness, given.kurtosis)):
        raise Refusal(
            "not_finite", 422, "a Sharpe ratio, skewness or kurtosis is not a finite number; measure it again"
        )
    least = 1 + given.skewness**2
    if given.kurtosis < least * (1 - _PEARSON_SLACK):
        text = f"no returns have a skewness of {given.skewness:g} and a kurtosis of {given.kurtosis:g}; "
        raise Refusal("impossible_moments", 422, f"{text}give the raw kurtosis (3 for normal), at least {least:g}")
    return given


def _probability(known: Moments, benchmark: float) -> Measured:
    if not isfinite(benchmark):
        raise Refusal("not_finite", 422, "the benchmark is not a finite number; give a Sharpe ratio per period")
    spread = _spread(known)
    if spread <= 0:
        return undefined("returns of only two values leave the Sharpe ratio no error to judge it by")
    return defined(_NORMAL.cdf((known.sharpe - benchmark) * sqrt(known.count - 1) / sqrt(spread)))


def _spread(known: Moments) -> float:
    """The variance of the estimated ratio times n (Mertens 2002); by Pearson's inequality never below zero."""
    return max(0.0, 1 - known.skewness * known.sharpe + (known.kurtosis - 1) / 4 * known.sharpe**2)


def _expected_maximum(trials: int) -> float:
    """Of standard normals; the approximation is a little high from three trials on, 8 % low at two."""
    if whole(trials, "the number of trials", 1, MAX_TRIALS) == 1:
        return 0.0
    likely, rare = _NORMAL.inv_cdf(1 - 1 / trials), _NORMAL.inv_cdf(1 - 1 / (trials * e))
    return (1 - _EULER_MASCHERONI) * likely + _EULER_MASCHERONI * rare


def _positive(variance: float) -> float:
    if not (isfinite(variance) and variance >= 0):
        raise Refusal("bad_variance", 422, f"the variance of the trials is {variance}; give zero or more, per period")
    return variance
