"""Owns the probability of backtest overfitting: does the best of many trials stay good on bars it was not chosen by?

Combinatorially symmetric cross-validation (Bailey, Borwein, Lopez de Prado and Zhu 2017, section 2): the bars are cut
into an even number of blocks; each half of the blocks once chooses the trial with the highest Sharpe ratio, and the
other half ranks it among all trials.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from omc.engine.validation.inputs import quantiles
from omc.kit.errors import Refusal
from omc.ledgers.columns import Floats

BLOCKS = 16  # 12,870 ways to choose half of them
MAX_BLOCKS = 20
LEAST_BARS_A_BLOCK = 2

_TOGETHER = 256  # combinations a step, so that what is worked on stays in the processor's cache
_TINY = 1e-300  # far below the square of any return, so that nothing done is a score of zero, not 0 / 0
_NO_SPREAD = 1e-13  # of the mean square: what rounding leaves of a constant series

_Masks: TypeAlias = NDArray[np.int64]
_Trials: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overfitting:
    """What cross-validation says of the choice; arrays have one value a combination, Sharpe ratios are per bar.

    `pbo` is the share of combinations whose chosen trial is no better than the median outside (logit 0 or less),
    `loss_probability` the share where it loses outside. Outside = `intercept` + `slope` times inside, by least squares:
    a slope of zero or less says that a better backtest promises nothing (None where the inside does not vary).
    """

    pbo: float
    loss_probability: float
    slope: float | None
    intercept: float | None
    logits: Floats
    inside: Floats
    outside: Floats
    chosen: _Trials
    blocks: int
    trials: int

    def plain(self) -> dict[str, object]:
        """The same as plain JSON; of each array how it spreads."""
        return {
            "pbo": self.pbo,
            "loss_probability": self.loss_probability,
            "slope": self.slope,
            "intercept": self.intercept,
            "blocks": self.blocks,
            "trials": self.trials,
            "combinations": len(self.logits),
            "logits": quantiles(self.logits),
            "inside": quantiles(self.inside),
            "outside": quantiles(self.outside),
        }


def overfitting(returns: Floats, blocks: int = BLOCKS) -> Overfitting:
    """Cross-validate a matrix (bars x trials) of returns per bar.

    A trial that does nothing in a half has a Sharpe ratio of zero there; trials of equal ratio share their mean rank.
    Raises Refusal `bad_blocks`, `too_few_trials`, `too_few_values`, `not_finite` and `no_spread`.
    """
    matrix = _checked(returns, blocks)
    sums = _Sums.of(matrix, blocks)
    parts = [_judged(sums, half) for half in _halves(blocks)]
    masks, chosen, ranks = (np.concatenate([part[at] for part in parts]) for at in range(3))
    inside, outside = sums.sharpes(masks, chosen), sums.sharpes(sums.others(masks), chosen)
    relative = ranks / (matrix.shape[1] + 1.0)
    slope, intercept = _line(inside, outside)
    return Overfitting(
        pbo=float(np.mean(relative <= 0.5)),
        loss_probability=float(np.mean(outside < 0)),
        slope=slope,
        intercept=intercept,
        logits=np.log(relative / (1.0 - relative)),
        inside=inside,
        outside=outside,
        chosen=chosen,
        blocks=blocks,
        trials=matrix.shape[1],
    )


def _checked(returns: Floats, blocks: int) -> Floats:
    matrix = np.asarray(returns, dtype=np.float64)
    assert matrix.ndim == 2, "one row a bar, one column a trial"
    if not 2 <= blocks <= MAX_BLOCKS or blocks % 2:
        raise Refusal("bad_blocks", 422, f"{blocks} blocks cannot be halved; give an even number up to {MAX_BLOCKS}")
    bars, trials = matrix.shape
    if trials < 2:
        raise Refusal("too_few_trials", 422, "overfitting is the fault of a choice; give the returns of two trials")
    if bars < LEAST_BARS_A_BLOCK * blocks:
        text = f"{bars} bars are too few for {blocks} blocks; give {LEAST_BARS_A_BLOCK * blocks}, or fewer blocks"
        raise Refusal("too_few_values", 422, text)
    good = np.isfinite(matrix)
    if not good.all():
        bar, trial = (int(at) for at in np.argwhere(~good)[0])
        text = f"the return of trial {trial} at bar {bar} is {matrix[bar, trial]}; leave the trial out or repair it"
        raise Refusal("not_finite", 422, text, place=f"/{bar}/{trial}")
    return matrix


def _halves(blocks: int) -> list[_Masks]:
    """Half of the blocks as bits. A half and its complement are both combinations: those with block 0 stand for all."""
    masks = np.array([one for one in range(1, 1 << blocks, 2) if one.bit_count() == blocks // 2], dtype=np.int64)
    return [masks[at : at + _TOGETHER] for at in range(0, len(masks), _TOGETHER)]


def _judged(sums: "_Sums", masks: _Masks) -> tuple[_Masks, _Trials, Floats]:
    """Each combination and its complement, the trial chosen by it, and the rank of that trial outside, 1 the worst."""
    others = sums.others(masks)
    scores, other_scores = sums.scores(masks), sums.scores(others)
    best, other_best = scores.argmax(axis=1), other_scores.argmax(axis=1)
    ranks = np.concatenate((_ranks(other_scores, best), _ranks(scores, other_best)))
    return np.concatenate((masks, others)), np.concatenate((best, other_best)), ranks


def _ranks(scores: Floats, chosen: _Trials) -> Floats:
    own = scores[np.arange(len(chosen)), chosen][:, None]
    below, upto = np.count_nonzero(scores < own, axis=1), np.count_nonzero(scores <= own, axis=1)
    return np.asarray((below + upto + 1) / 2.0, dtype=np.float64)


def _line(inside: Floats, outside: Floats) -> tuple[float, float] | tuple[None, None]:
    centred = inside - inside.mean()
    spread = float((centred * centred).sum())
    if spread <= _TINY:
        return None, None
    slope = float((centred * outside).sum()) / spread
    return slope, float(outside.mean()) - slope * float(inside.mean())


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums of returns and of their squares over any set of blocks, for each trial.

    A set is the bits of its blocks. Each table holds the sums over every subset of the lower half of the blocks, then
    of the upper half, so that any set is one addition, in an order that is the same on each machine.
    """

    returns: tuple[Floats, Floats]
    squares: tuple[Floats, Floats]
    counts: tuple[Floats, Floats]
    blocks: int

    @classmethod
    def of(cls, matrix: Floats, blocks: int) -> "_Sums":
        parts = np.array_split(matrix, blocks)
        returns = np.array([part.sum(axis=0) for part in parts])
        squares = np.array([(part * part).sum(axis=0) for part in parts])
        counts = np.array([[float(len(part))] for part in parts])
        return cls(_subsets(returns), _subsets(squares), _subsets(counts), blocks)

    def others(self, masks: _Masks) -> _Masks:
        return ((1 << self.blocks) - 1) ^ masks

    def scores(self, masks: _Masks) -> Floats:
        """What orders trials as their Sharpe ratios do, and needs no root: |sum| sum / squares.

        With r = sum / root(squares) over n bars the Sharpe ratio is r root(n - 1) / root(n^2 - n r^2): it rises with r.
        """
        low, high = self._split(masks)
        total = self.returns[0][low] + self.returns[1][high]
        squares = self.squares[0][low] + self.squares[1][high]
        squares += _TINY
        scores = np.abs(total)
        scores *= total
        scores /= squares
        return scores

    def sharpes(self, masks: _Masks, trials: _Trials) -> Floats:
        """Mean over sample standard deviation of one trial a combination."""
        low, high = self._split(masks)
        count = (self.counts[0][low] + self.counts[1][high])[:, 0]
        mean = (self.returns[0][low, trials] + self.returns[1][high, trials]) / count
        square = (self.squares[0][low, trials] + self.squares[1][high, trials]) / count
        variance = (square - mean * mean) * count / (count - 1.0)
        flat = (variance <= _NO_SPREAD * square) & (square > 0)
        if flat.any():
            trial = int(trials[np.argmax(flat)])
            text = f"trial {trial} returns the same on every bar of a half, so it has no Sharpe ratio; leave it out"
            raise Refusal("no_spread", 422, text, place=f"/0/{trial}")
        return mean / np.sqrt(np.maximum(variance, _TINY))

    def _split(self, masks: _Masks) -> tuple[_Masks, _Masks]:
        lower = self.blocks // 2
        return masks & ((1 << lower) - 1), masks >> lower


def _subsets(blocks: Floats) -> tuple[Floats, Floats]:
    half = len(blocks) // 2
    return _subset_sums(blocks[:half]), _subset_sums(blocks[half:])


def _subset_sums(rows: Floats) -> Floats:
    sums = np.zeros((1, rows.shape[1]))
    for row in rows:
        sums = np.concatenate((sums, sums + row))
    return sums
