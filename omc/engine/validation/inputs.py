"""Owns what every statistic of belief asks of its input, and how it says that a figure is not defined."""

from dataclasses import dataclass

import numpy as np

from omc.kit.errors import Refusal
from omc.ledgers.columns import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A figure, or None with the sentence that says why it is not defined; never NaN."""

    value: float | None
    note: str = ""


def quantiles(values: Floats) -> dict[str, float]:
    """How many values spread, in five figures for JSON: what 5, 25, 50, 75 and 95 % of them do not exceed."""
    found = np.quantile(values, [at / 100 for at in _PERCENTILES])
    return {f"p{at:02}": float(one) for at, one in zip(_PERCENTILES, found, strict=True)}


_PERCENTILES = (5, 25, 50, 75, 95)


def defined(value: float) -> Measured:
    """A figure that exists."""
    return Measured(value=value)


def undefined(why: str) -> Measured:
    """A figure that does not exist, and why."""
    return Measured(value=None, note=why)


def finite(values: Floats, what: str, least: int) -> Floats:
    """Return `values` as 64-bit floats of one dimension; `what` is the plural that a refusal names them by.

    Raises Refusal `not_finite` with the place of the first value that is no number, `too_few_values` below `least`.
    """
    array = np.asarray(values, dtype=np.float64)
    assert array.ndim == 1, "a series has one dimension"
    if len(array) < least:
        text = f"{len(array)} {what} are too few to judge; give at least {least}, from a longer span or finer bars"
        raise Refusal("too_few_values", 422, text)
    good = np.isfinite(array)
    if not good.all():
        at = int(np.argmin(good))
        text = f"number {at} of the {what} is {array[at]}, not a finite number; repair the series before judging it"
        raise Refusal("not_finite", 422, text, place=f"/{at}")
    return array


def share(value: float, what: str) -> float:
    """Return a probability strictly between 0 and 1, or raise Refusal `bad_share`."""
    if not 0 < value < 1:
        raise Refusal("bad_share", 422, f"{what} is {value}; give a number between 0 and 1, such as 0.95")
    return value


def whole(value: int, what: str, least: int, most: int) -> int:
    """Return a count within its limits, or raise Refusal `bad_count`."""
    if not least <= value <= most:
        raise Refusal("bad_count", 422, f"{what} is {value}; give {least} to {most}")
    return value
