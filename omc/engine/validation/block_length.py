"""Owns how long the blocks of a bootstrap should be: as long as a series echoes, and no longer."""

from math import ceil, log10, sqrt

import numpy as np

from omc.engine.validation.inputs import finite
from omc.ledgers.columns import Floats

LEAST_RETURNS = 10

_INSIGNIFICANT = 5  # K_N of the paper
_NO_SPREAD = 1e-13  # of the mean square: what rounding leaves of a constant series


def prefix_sums(values: Floats) -> Floats:
    """The sum of all before each value, and of all."""
    return np.concatenate((np.zeros(1), np.cumsum(values, dtype=np.float64)))


def block_length(returns: Floats) -> float:
    """The mean block length that estimates the variance of the mean best, in bars, at least 1.

    Politis and White (2004), section 3, with the correction of Patton, Politis and White (2009): (G^2 / g^2 n)^(1/3)
    with G = sum of w(k/m) |k| R(k), g = sum of w(k/m) R(k), w the flat-top window and R the autocovariance; m is twice
    the first lag from which five in a row are not significant. At most min(3 sqrt(n), n / 3).
    """
    values = finite(returns, "returns", LEAST_RETURNS)
    count = len(values)
    centred = values - values.mean()
    longest = ceil(sqrt(count)) + _INSIGNIFICANT
    covariances = _Covariances(centred)
    if covariances.at(0) <= _NO_SPREAD * float((values * values).mean()):
        return 1.0
    reach = min(2 * _first_insignificant(covariances, count, longest), longest, count - 1)
    lags = np.arange(1, reach + 1)
    window = np.minimum(1.0, 2.0 * (1.0 - lags / reach))
    weighted = window * np.array([covariances.at(int(lag)) for lag in lags])
    large, small = 2.0 * float((lags * weighted).sum()), covariances.at(0) + 2.0 * float(weighted.sum())
    most = ceil(min(3 * sqrt(count), count / 3))
    if small == 0.0:
        return float(most)
    # Rounded so that the last bits of the sums, which differ between machines, do not reach the draws.
    return round(float(min(max((large * large / (small * small) * count) ** (1 / 3), 1.0), most)), 6)


class _Covariances:
    """Autocovariances of a centred series, each computed when it is asked for: most series need only a few."""

    def __init__(self, centred: Floats) -> None:
        self._centred = centred
        self._squares = prefix_sums(centred * centred)
        self._known: dict[int, float] = {}

    def at(self, lag: int) -> float:
        if lag not in self._known:
            own = self._centred
            self._known[lag] = float(own[lag:] @ own[: len(own) - lag]) / len(own)
        return self._known[lag]

    def correlation(self, lag: int) -> float:
        """Over what overlaps, as in the authors' own program."""
        early, late = self._squares[-1 - lag], self._squares[-1] - self._squares[lag]
        spread = sqrt(max(float(early * late), 0.0)) / len(self._centred)
        return self.at(lag) / spread if spread > 0 else 1.0


def _first_insignificant(covariances: _Covariances, count: int, longest: int) -> int:
    """The first lag of five in a row whose autocorrelations lie within 2 sqrt(log10(n) / n)."""
    band = 2.0 * sqrt(log10(count) / count)
    inside = 0
    for lag in range(1, min(longest, count)):
        inside = inside + 1 if abs(covariances.correlation(lag)) < band else 0
        if inside == _INSIGNIFICANT:
            return lag - _INSIGNIFICANT + 1
    return longest
