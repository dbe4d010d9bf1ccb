"""Owns the training: purged, embargoed cross-validation first, then the fit on every labelled bar.

What is told of a model's skill is of bars that were not fitted; the figures on fitted bars stand beside it, to show how
much was learned by heart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omc.engine.learning import fitting
from omc.engine.learning.artifact import Artifact, Explanation, Fold, Importance, Linear, Trees
from omc.engine.learning.explaining import explained
from omc.engine.learning.labels import Labels, labels_of, uniqueness_of
from omc.engine.learning.predicting import Scorer, rows_of
from omc.engine.learning.scores import loss, scored
from omc.engine.learning.spec import ModelSpec, program_of, spec_hash
from omc.engine.simulate import ENGINE
from omc.engine.validation.splits import Split, purged_folds
from omc.engine.watch import UNWATCHED, Watch
from omc.kit.errors import Refusal
from omc.ledgers.columns import BarColumns, Floats

MIN_BARS = 200
"""Labelled bars, below which neither a fit nor its skill says anything."""
MAX_NUMBERS = 50_000_000
"""Bars times features of one training: 400 MB."""
SHUFFLES = 3
_LARGEST = 1e30

_Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The labelled bars: features, label and its uniqueness of each, and the number of the first."""

    spec: ModelSpec
    bars: BarColumns
    rows: Floats
    labels: Floats
    uniqueness: Floats
    first: int
    span: int

    @property
    def classify(self) -> bool:
        """Whether labels are 0 and 1."""
        return self.spec.task == "classify"

    def splits(self) -> tuple[Split, ...]:
        """The folds of the labelled bars, purged of the labels that reach into a test."""
        judged = self.spec.cross_validation
        return purged_folds(len(self.labels), judged.folds, purge=self.span, embargo=judged.embargo_bars)

    def learned(self, places: Sequence[range]) -> Linear | Trees:
        """What the labelled bars at these places teach; raises Refusal `one_label`."""
        at = _places(places)
        _check_labels(self, at)
        weights = self.uniqueness[at] if self.spec.weights == "uniqueness" else None
        return fitting.fit(self.spec, self.rows[at], self.labels[at], weights)

    @property
    def all(self) -> list[range]:
        """The places of every labelled bar."""
        return [range(len(self.labels))]


def train(spec: ModelSpec, bars: BarColumns, *, symbol: str, watch: Watch = UNWATCHED) -> Artifact:
    """Return the model that the bars teach; the same again is the same.

    Raises Refusal `no_models`, `not_enough_history`, `one_label`, `too_large`, and what evaluating its features raises.
    """
    versions = fitting.libraries(spec)
    rows = rows_of(program_of(spec), bars)
    given = given_of(spec, bars, rows, labels_of(spec, bars))
    splits = given.splits()
    folds, losses = [], []
    for at, split in enumerate(splits):
        watch.step(at, len(splits) + 1, "training")
        fold, worse = _fold(given, split, np.random.default_rng([spec.seed, at]))
        folds.append(fold)
        losses.append(worse)
    watch.step(len(splits), len(splits) + 1, "training")
    form = given.learned(given.all)
    watch.told(len(splits) + 1, len(splits) + 1, "training")
    return Artifact(
        schema_id="omc-trained/2",
        engine=ENGINE,
        libraries=versions,
        spec=spec,
        spec_hash=spec_hash(spec),
        symbol=symbol,
        data_hash=bars.data_hash,
        start=int(bars.ts[0]),
        known_until=int(bars.ts[-1]) + bars.timeframe_ms,
        bars=len(given.labels),
        label_mean=float(given.labels.mean()),
        label_span=given.span,
        label_uniqueness=float(given.uniqueness.mean()),
        form=form,
        folds=tuple(folds),
        importances=_importances(spec, np.asarray(losses)),
        explanation=explanation(spec, form, rows[-1], int(bars.ts[-1])),
    )


def explanation(spec: ModelSpec, form: Linear | Trees, row: Floats, ts: int) -> Explanation:
    """Return why a model says what it says of one bar."""
    scorer, shares = Scorer(spec, form), explained(spec, form, row)
    return Explanation(
        ts=ts,
        base=shares.base,
        score=float(scorer.scores(row[None, :])[0]),
        prediction=float(scorer.predictions(row[None, :])[0]),
        contributions=shares.contributions,
    )


def given_of(spec: ModelSpec, bars: BarColumns, rows: Floats, labels: Labels) -> Given:
    """Return the bars that have features and a label; raises Refusal `not_enough_history` and `too_large`."""
    there = np.flatnonzero(np.isfinite(labels.values) & np.isfinite(rows).all(axis=1))
    if len(there) < MIN_BARS:
        text = f"only {len(there)} bars have features and a label; a model needs {MIN_BARS}: train on a longer span"
        raise Refusal("not_enough_history", 422, text)
    if rows.size > MAX_NUMBERS:
        text = f"more than {MAX_NUMBERS} numbers to learn from; use a shorter span or fewer features"
        raise Refusal("too_large", 422, text, place="/features")
    first, last = int(there[0]), int(there[-1]) + 1
    assert last - first == len(there), "labels lack at the ends only"
    _check_size(spec, rows[first:last])
    return Given(
        spec=spec,
        bars=bars,
        rows=rows[first:last],
        labels=labels.values[first:last],
        uniqueness=uniqueness_of(labels)[first:last],
        first=first,
        span=labels.span,
    )


def _check_size(spec: ModelSpec, rows: Floats) -> None:
    for name, highest in zip(sorted(spec.features), np.abs(rows).max(axis=0).tolist(), strict=True):
        if highest > _LARGEST:
            text = f"`{name}` reaches {highest:g}, which no model can learn from; divide it by something of its size"
            raise Refusal("too_large", 422, text, place=f"/features/{name}")


def _fold(given: Given, split: Split, random: np.random.Generator) -> tuple[Fold, list[float]]:
    """One fold, and how much worse its test is predicted with each feature shuffled."""
    train, test = _places(split.train), _places(split.test)
    scorer = Scorer(given.spec, given.learned(split.train))
    base = float(given.labels[train].mean())
    sides = [
        scored(given.labels[at], scorer.predictions(given.rows[at]), classify=given.classify, base=base)
        for at in (train, test)
    ]
    ts = given.bars.ts[given.first :]
    fold = Fold(
        start=int(ts[test[0]]),
        end=int(ts[test[-1]]) + given.bars.timeframe_ms,
        train_bars=len(train),
        test_bars=len(test),
        train=sides[0],
        test=sides[1],
    )
    return fold, _worse(given, scorer, test, random)


def _places(ranges: Sequence[range]) -> _Places:
    return np.concatenate([np.arange(one.start, one.stop) for one in ranges])


def _check_labels(given: Given, train: _Places) -> None:
    if given.classify and np.ptp(given.labels[train]) == 0:
        text = f"the bars of one fit all have the label {given.labels[train][0]:g}; choose another threshold or barrier"
        raise Refusal("one_label", 422, text, place="/target")


def _worse(given: Given, scorer: Scorer, test: _Places, random: np.random.Generator) -> list[float]:
    """Permutation importance (Breiman 2001, section 10), on bars that were not fitted."""
    rows, labels = given.rows[test], given.labels[test]
    known = loss(labels, scorer.predictions(rows), classify=given.classify)
    found = []
    for at in range(rows.shape[1]):
        shuffled, losses = rows.copy(), []
        for _ in range(SHUFFLES):
            shuffled[:, at] = random.permutation(rows[:, at])
            losses.append(loss(labels, scorer.predictions(shuffled), classify=given.classify))
        found.append(float(np.mean(losses)) - known)
    return found


def _importances(spec: ModelSpec, worse: Floats) -> dict[str, Importance]:
    """One row of `worse` a fold, one column a feature."""
    means, spreads = worse.mean(axis=0).tolist(), worse.std(axis=0, ddof=1).tolist()
    names = sorted(spec.features)
    return {
        name: Importance(mean=mean, spread=spread) for name, mean, spread in zip(names, means, spreads, strict=True)
    }
