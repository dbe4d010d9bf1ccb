"""Owns the training anew in a walk-forward: in each window a model learns from its training bars, and from no others.

What it learned tells every bar. A bar that was learned from is told by the fit of a purged fold that left it out, so
that a document's parameters are not fitted to what a model knows by heart.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from omc.engine.evaluation import bar_time
from omc.engine.learning.labels import Labels, labels_of
from omc.engine.learning.predicting import Scorer, rows_of
from omc.engine.learning.spec import ModelSpec, program_of
from omc.engine.learning.training import given_of
from omc.engine.operators import Conditions
from omc.kit.errors import Refusal
from omc.ledgers.columns import BarColumns, Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pupil:
    """A specification, the bars with what it reads beside them, and the features of each."""

    spec: ModelSpec
    bars: BarColumns
    rows: Floats

    @property
    def known(self) -> Conditions:
        return np.asarray(np.isfinite(self.rows).all(axis=1))


class Retrained:
    """The models of a document by the names of its inputs, each trained anew by its own specification."""

    def __init__(self, models: Mapping[str, tuple[ModelSpec, BarColumns]]) -> None:
        """Make it from specifications and the bars of the walk-forward with the inputs of each beside them."""
        self._pupils = {
            name: _Pupil(spec=spec, bars=bars, rows=rows_of(program_of(spec), bars))
            for name, (spec, bars) in models.items()
        }

    def beginnings(self) -> Mapping[str, Floats]:
        """Columns that are NaN as long as a model's features are."""
        return {name: np.where(one.known, 0.0, np.nan) for name, one in self._pupils.items()}

    def columns(self, train: range) -> Mapping[str, Floats]:
        """Train on the bars of `train`, and say what that says of each bar; Refusal with the place of the input."""
        return {name: _column(one, train, place=f"/inputs/{name}/model") for name, one in self._pupils.items()}


def _column(pupil: _Pupil, train: range, *, place: str) -> Floats:
    if not len(train):
        raise Refusal("not_enough_history", 422, "there are no bars to train anew on; take fewer windows", place=place)
    past = pupil.bars.slice(0, train.stop)
    labels = labels_of(pupil.spec, past)  # none that is known only after the training
    begin = slice(train.start, train.stop)
    own = Labels(values=labels.values[begin], known=labels.known[begin] - train.start)
    try:
        given = given_of(pupil.spec, past.slice(train.start, train.stop), pupil.rows[begin], own)
        found = np.full(len(pupil.rows), np.nan)
        final = Scorer(pupil.spec, given.learned(given.all))
        found[pupil.known] = final.predictions(pupil.rows[pupil.known])
        for split in given.splits():
            scorer = Scorer(pupil.spec, given.learned(split.train))
            for test in split.test:
                first = train.start + given.first
                found[first + test.start : first + test.stop] = scorer.predictions(given.rows[test.start : test.stop])
    except Refusal as refusal:
        words = f"training anew on the bars up to {bar_time(past, -1)}: {refusal.text}; or take fewer windows"
        raise Refusal(refusal.code, refusal.status, words, place=place) from None
    return found
