"""Owns the labels: what followed each bar, when that was known, and how much of it no other label tells as well.

Lopez de Prado 2018, Advances in Financial Machine Learning, chapters 3 and 4.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omc.engine import kernels
from omc.engine.clauses import Distance
from omc.engine.evaluation import evaluate
from omc.engine.expression import compile_program
from omc.engine.kernels import labels as kernel
from omc.engine.learning.spec import ForwardReturn, ModelSpec, TripleBarrier
from omc.engine.terms import rate
from omc.ledgers.columns import BarColumns, Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What each bar is labelled with, NaN where it has no label, and the bar at whose close that is known.

    A bar has a label only where all bars that it could need are there: a label that is kept because its barrier was met
    early would make early barriers look frequent.
    """

    values: Floats
    known: NDArray[np.int64]

    @property
    def span(self) -> int:
        """Bars that the longest label reaches ahead: how much is purged before a test."""
        there = np.flatnonzero(np.isfinite(self.values))
        return int((self.known[there] - there).max()) if len(there) else 0


def uniqueness_of(labels: Labels) -> Floats:
    """Return the average uniqueness of each label (Lopez de Prado 2018, sections 4.3 and 4.4); NaN where there is none.

    A label is made of the bars after its own, up to the one at which it is known. Of each of these, one over the number
    of labels that are made of it is its own; the mean over them is between 0 and 1, where it shares nothing.
    """
    found, count = np.full(len(labels.values), np.nan), len(labels.values)
    there = np.flatnonzero(np.isfinite(labels.values))
    begins, ends = there + 1, labels.known[there] + 1
    joined = np.bincount(begins, minlength=count + 1) - np.bincount(ends, minlength=count + 1)
    concurrent = np.cumsum(joined)[:count]
    shares = np.divide(1.0, concurrent, out=np.zeros(count), where=concurrent > 0)
    total = np.concatenate(([0.0], np.cumsum(shares)))
    found[there] = (total[ends] - total[begins]) / (ends - begins)
    return found


def labels_of(spec: ModelSpec, bars: BarColumns) -> Labels:
    """Return the labels of a specification: 0 or 1 to classify, a return to regress."""
    match spec.target:
        case ForwardReturn() as target:
            found = _forward(bars, target.bars)
            if spec.task == "classify":
                return Labels(values=_above(found.values, rate(target.threshold_bps)), known=found.known)
            return found
        case TripleBarrier() as target:
            return _barriers(bars, target, classify=spec.task == "classify")


def _forward(bars: BarColumns, ahead: int) -> Labels:
    count = len(bars)
    values, known = np.full(count, np.nan), np.arange(count) + ahead
    if ahead < count:
        values[:-ahead] = bars.close[ahead:] / bars.open[1 : count - ahead + 1] - 1.0
    return Labels(values=values, known=known)


def _above(values: Floats, threshold: float) -> Floats:
    return np.where(np.isnan(values), np.nan, (values > threshold).astype(np.float64))


def _barriers(bars: BarColumns, target: TripleBarrier, *, classify: bool) -> Labels:
    count = len(bars)
    up, down = (_distance(bars, one, target.atr_window) for one in (target.up, target.down))
    loop = kernels.chosen(kernel.barriers, count)
    given = [kernels.sequence(one, loop) for one in (bars.open, bars.high, bars.low, bars.close, up, down)]
    begun = (np.full(count, np.nan), np.full(count, np.nan), np.arange(count, dtype=np.float64) + target.bars)
    written = [kernels.sequence(one, loop) for one in begun]
    loop((given[0], given[1], given[2], given[3]), given[4], given[5], target.bars, written[0], written[1], written[2])
    outcome, gained, met = (np.asarray(one) for one in written)
    values = np.where(np.isnan(outcome), np.nan, outcome == 1.0) if classify else gained
    blank = np.isnan(up) | np.isnan(down)  # before the true range has a mean
    return Labels(values=np.where(blank, np.nan, values), known=met.astype(np.int64))


def _distance(bars: BarColumns, distance: Distance, window: int) -> Floats:
    """The distance at each bar as a fraction of its close."""
    if distance.kind == "percent":
        return np.full(len(bars), float(distance.value) / 100.0)
    program, reasons = compile_program(features={"range": f"atr({window})"}, conditions={}, parameters={})
    assert program is not None, reasons
    (ranges,) = evaluate(program, bars, [program.features["range"]])
    return ranges * float(distance.value) / bars.close
