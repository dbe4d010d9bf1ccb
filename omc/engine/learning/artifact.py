"""Owns the form in which a trained model is kept: plain JSON that says what was learned from what, and how well.

Nothing in it is code. What was tampered with is refused when it is read: a tree that runs in a circle or leaves its
array, a number that is none, a hash that does not fit.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, StringConstraints, ValidationError

from omc.core.canonical import canonical, digest
from omc.core.reason import Reason
from omc.engine.clauses import Strict
from omc.engine.document import Identifier
from omc.engine.learning.spec import ModelSpec, program_of, spec_hash
from omc.engine.reading import DocumentRefused, plain_of, reasons_of, shown
from omc.kit.errors import Refusal

MAX_BYTES = 24_000_000
MAX_NODES = 200_000
MAX_DEPTH = 32

LEAF = -1

_OLDER = ("omc-trained/1",)
"""Of which all bars counted the same, whatever the specification says of weights today."""

Figure = Annotated[float, Field(allow_inf_nan=False)]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Whole: TypeAlias = NDArray[np.int64]


class Linear(Strict):
    """A weighted sum of standardised features; one number for each, by the names in order of the alphabet."""

    kind: Literal["linear"]
    bias: Figure
    weights: tuple[Figure, ...] = Field(strict=False)
    means: tuple[Figure, ...] = Field(strict=False)
    spreads: tuple[Annotated[float, Field(gt=0, allow_inf_nan=False)], ...] = Field(strict=False)


class Trees(Strict):
    """Trees one after the other in flat arrays (`omc.engine.kernels.trees`); `cover` is how many bars saw a node."""

    kind: Literal["trees"]
    roots: tuple[int, ...] = Field(strict=False, min_length=1)
    feature: tuple[int, ...] = Field(strict=False, min_length=1, max_length=MAX_NODES)
    threshold: tuple[Figure, ...] = Field(strict=False)
    left: tuple[int, ...] = Field(strict=False)
    right: tuple[int, ...] = Field(strict=False)
    value: tuple[Figure, ...] = Field(strict=False)
    cover: tuple[Annotated[float, Field(gt=0, allow_inf_nan=False)], ...] = Field(strict=False)


class Scores(Strict):
    """How well bars were predicted: `auc` and `log_loss` of a probability, `r2` and `ic` of a return.

    `base_log_loss` is that of always saying the share of ones that the fit saw; `ic` is the rank correlation. None
    where a figure has no meaning: one label only, or one value throughout.
    """

    auc: Figure | None = None
    log_loss: Figure | None = None
    base_log_loss: Figure | None = None
    r2: Figure | None = None
    ic: Figure | None = None

    @property
    def skill(self) -> float | None:
        """The one figure to go by: the AUC of a probability, the rank correlation of a return."""
        return self.ic if self.auc is None else self.auc


class Fold(Strict):
    """One fold: the bars that were predicted (opening times, the last one left out) and the scores on both sides."""

    start: int
    end: int
    train_bars: int
    test_bars: int
    train: Scores
    test: Scores


class Importance(Strict):
    """How much worse out-of-fold predictions get when a feature is shuffled: the mean over folds, and its spread.

    In units of the loss: the log loss of a probability, or the squared error over the variance of a return.
    """

    mean: Figure
    spread: Figure


class Explanation(Strict):
    """What each feature added to the score of the last bar; with `base` they sum to it."""

    ts: int
    base: Figure
    score: Figure
    prediction: Figure
    contributions: Mapping[Identifier, Figure]


class Artifact(Strict):
    """A trained model, with what it was made from; times are UTC milliseconds.

    `start` is the opening time of the first bar that was learned from, `known_until` the close of the last one that was
    looked at: the model says nothing about bars that close then or before.
    """

    schema_id: Literal["omc-trained/2"] = Field(alias="schema")
    engine: str
    libraries: Mapping[str, str]
    spec: ModelSpec
    spec_hash: Hash
    symbol: str
    data_hash: Hash
    start: int
    known_until: int
    bars: int = Field(gt=0, description="bars with a label, which the final fit is of")
    label_mean: Figure = Field(description="the share of ones, or the mean return")
    label_span: int = Field(ge=1, description="bars that the longest label reached ahead, purged around each fold")
    label_uniqueness: float = Field(gt=0, le=1, description="the share of a label that no other one tells, on average")
    form: Annotated[Linear | Trees, Field(discriminator="kind")]
    folds: tuple[Fold, ...] = Field(strict=False, min_length=2)
    importances: Mapping[Identifier, Importance]
    explanation: Explanation

    @property
    def features(self) -> list[str]:
        """The names of the features in the order of the form's numbers."""
        return sorted(self.spec.features)


def artifact_plain(artifact: Artifact) -> dict[str, object]:
    """The artifact as plain JSON."""
    return artifact.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def artifact_text(artifact: Artifact) -> bytes:
    """The canonical text, whose sha256 is the model's hash."""
    return canonical(artifact_plain(artifact))


def artifact_hash(artifact: Artifact) -> str:
    """The identity of a model."""
    return digest(artifact_plain(artifact))


def read_artifact(text: str | bytes) -> Artifact:
    """Return the model written in `text`, whoever wrote it; raises DocumentRefused.

    Refusal `model_outdated` for one of an older form, in which the same words meant something else.
    """
    raw = plain_of(text, most=MAX_BYTES)
    if isinstance(raw, dict) and raw.get("schema") in _OLDER:
        raise Refusal("model_outdated", 409, "this model was trained by an older version; train it again")
    try:
        artifact = Artifact.model_validate(raw)
    except ValidationError as error:
        raise DocumentRefused(shown(reasons_of(error, settings=(), kinds=_KINDS))) from None
    program_of(artifact.spec)
    reason = _unsound(artifact)
    if reason is not None:
        raise DocumentRefused([reason])
    return artifact


_KINDS = {"form": ("linear", "trees")}


def _unsound(artifact: Artifact) -> Reason | None:
    """Why the parts of an artifact do not belong together; None when they do."""
    names = set(artifact.features)
    linear = artifact.spec.model.kind in {"logistic", "ridge"}
    match artifact.form:
        case _ if spec_hash(artifact.spec) != artifact.spec_hash:
            return _reason("/spec_hash", "this is not the hash of the specification")
        case _ if set(artifact.importances) != names or set(artifact.explanation.contributions) != names:
            return _reason("/importances", "there must be one importance and one contribution for each feature")
        case Linear() as form:
            fits = linear and {len(one) for one in (form.weights, form.means, form.spreads)} == {len(names)}
            return None if fits else _reason("/form", "the weights do not fit the features or the kind of model")
        case Trees() as form:
            text = "trees do not fit this kind of model" if linear else _unsound_trees(form, len(names))
            return None if text is None else _reason("/form", text)


def _reason(place: str, text: str) -> Reason:
    return Reason(code="unsound_model", text=f"{text}; train it again", place=place)


def _unsound_trees(form: Trees, features: int) -> str | None:
    count = len(form.feature)
    arrays = (form.threshold, form.left, form.right, form.value, form.cover)
    if any(len(one) != count for one in arrays):
        return "the arrays of the trees differ in length"
    edges = (*form.left, *form.right, *form.roots, *form.feature)
    if max(edges) >= max(count, features) or min(edges) < LEAF:
        return "a tree points outside its array"
    feature, left, right, roots = (
        np.asarray(one, dtype=np.int64) for one in (form.feature, form.left, form.right, form.roots)
    )
    cover = np.asarray(form.cover)
    if roots[0] != 0 or (np.diff(roots) <= 0).any() or (feature >= features).any():
        return "the trees do not begin one after the other, or ask for a feature that is not there"
    return _unsound_nodes(feature, left, right, roots) or _unsound_cover(feature, left, right, cover)


def _unsound_nodes(feature: _Whole, left: _Whole, right: _Whole, roots: _Whole) -> str | None:
    """Children come after their parent, in its tree, and belong to one parent each: so there is no circle."""
    count = len(feature)
    leaf = feature == LEAF
    if ((left == LEAF) != leaf).any() or ((right == LEAF) != leaf).any():
        return "a leaf asks a question, or a question has no answer"
    asking = np.flatnonzero(~leaf)
    ends = np.append(roots[1:], count)[np.searchsorted(roots, asking, side="right") - 1]
    for child in (left[asking], right[asking]):
        if (child <= asking).any() or (child >= ends).any():
            return "a tree runs in a circle, or into another one"
    parents = np.bincount(np.concatenate((left[asking], right[asking])), minlength=count)
    wanted = np.ones(count, dtype=np.int64)
    wanted[roots] = 0
    if (parents != wanted).any():
        return "a node belongs to no tree, or to two"
    depth = np.zeros(count, dtype=np.int64)
    for at in asking.tolist():
        depth[left[at]] = depth[right[at]] = depth[at] + 1
    return f"a tree is more than {MAX_DEPTH} deep" if depth.max() > MAX_DEPTH else None


def _unsound_cover(feature: _Whole, left: _Whole, right: _Whole, cover: NDArray[np.float64]) -> str | None:
    asking = np.flatnonzero(feature != LEAF)
    below = cover[left[asking]] + cover[right[asking]]
    whole = np.isclose(below, cover[asking], rtol=1e-9, atol=0.0).all()
    return None if whole else "the bars of a node are not those of the nodes below it"
