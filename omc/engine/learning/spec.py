"""Owns the document that says what a model learns: features, target, kind of model, and how its skill is measured.

Strict as a strategy document is: an unknown setting is a problem with a place, never ignored.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias, cast

from pydantic import Field, StringConstraints, ValidationError

from omc.core.canonical import digest
from omc.core.reason import Reason
from omc.engine.clauses import Distance, Exact, SeriesInput, Strict
from omc.engine.document import MAX_INPUTS, TIMEFRAME, TITLE, Expression, Identifier, Symbol
from omc.engine.expression import compile_program
from omc.engine.program import Program
from omc.engine.reading import DocumentRefused, beyond, plain_of, reasons_of, shown

SCHEMA = "omc-model/1"
MAX_FEATURES = 64
MAX_HORIZON = 10_000
"""Bars that a label may look ahead."""


class ForwardReturn(Strict):
    """The return from the next bar's open to the close `bars` bars on: what a decision at this close could earn."""

    kind: Literal["forward_return"] = Field(description="the return over the bars that follow")
    bars: int = Field(ge=1, le=MAX_HORIZON, description="bars that a position would be held")
    threshold_bps: Exact = Field(
        default=Decimal(0), gt=-10_000, lt=10_000, description="the return above which a bar is labelled 1"
    )


class TripleBarrier(Strict):
    """Which is met first after the next open: a gain, a loss, or the end of `bars` (Lopez de Prado 2018, section 3.4).

    Where gain and loss are met in one bar, the loss counts.
    """

    kind: Literal["triple_barrier"] = Field(description="which is met first: a gain, a loss, or the end")
    up: Distance = Field(description="the gain that labels a bar 1")
    down: Distance = Field(description="the loss that labels it 0")
    bars: int = Field(ge=1, le=MAX_HORIZON, description="bars after which it is 0 (or the return, for regress)")
    atr_window: int = Field(default=14, ge=1, le=100_000, description="bars of the average true range")


class Logistic(Strict):
    """Logistic regression on standardised features."""

    kind: Literal["logistic"] = Field(description="logistic regression, for classify")
    penalty: float = Field(default=1.0, gt=0, le=1e6, description="weight of the squared coefficients")


class Ridge(Strict):
    """Linear regression on standardised features, with a penalty on large coefficients."""

    kind: Literal["ridge"] = Field(description="linear regression, for regress")
    penalty: float = Field(default=1.0, gt=0, le=1e6, description="weight of the squared coefficients")


class Forest(Strict):
    """A random forest: the mean of trees that each saw other bars and other features."""

    kind: Literal["forest"] = Field(description="random forest")
    trees: int = Field(default=100, ge=1, le=500)
    depth: int = Field(default=5, ge=1, le=12, description="questions on the way to a leaf")
    min_leaf: int = Field(default=50, ge=1, le=100_000, description="bars that a leaf holds at least")
    features_tried: float = Field(default=0.5, gt=0, le=1, description="share of the features tried at each question")


class Boosting(Strict):
    """Gradient boosting: each tree mends what the trees before it left wrong."""

    kind: Literal["boosting"] = Field(description="gradient boosted trees")
    trees: int = Field(default=100, ge=1, le=1_000)
    depth: int = Field(default=3, ge=1, le=12, description="questions on the way to a leaf")
    min_leaf: int = Field(default=50, ge=1, le=100_000, description="bars that a leaf holds at least")
    learning_rate: float = Field(default=0.05, gt=0, le=1, description="how much each tree mends")
    penalty: float = Field(default=0.0, ge=0, le=1e6, description="weight of the squared leaf values")


class CrossValidation(Strict):
    """How skill is measured: each fold is predicted by a model that was fitted on the others, purged and embargoed."""

    folds: int = Field(default=5, ge=2, le=50)
    embargo_bars: int = Field(default=0, ge=0, le=1_000_000, description="bars left out after each fold besides purge")


Target: TypeAlias = Annotated[ForwardReturn | TripleBarrier, Field(discriminator="kind")]
Kind: TypeAlias = Annotated[Logistic | Ridge | Forest | Boosting, Field(discriminator="kind")]


class ModelSpec(Strict):
    """What a model learns, from what, and how it is judged."""

    schema_id: Literal["omc-model/1"] = Field(alias="schema", description="which form of document this is")
    name: Annotated[str, StringConstraints(pattern=TITLE, min_length=1, max_length=80, strip_whitespace=True)]
    universe: tuple[Symbol, ...] = Field(min_length=1, max_length=50, strict=False, description="symbols it is for")
    timeframe: Annotated[str, StringConstraints(pattern=TIMEFRAME)] = Field(description="bar length: 5m, 1h, 1d")
    features: Mapping[Identifier, Expression] = Field(
        min_length=1, max_length=MAX_FEATURES, description="named expressions, in any order; the model sees all of them"
    )
    inputs: Mapping[Identifier, SeriesInput] = Field(
        default_factory=dict, max_length=MAX_INPUTS, description="named columns beside the bars, used like close"
    )
    target: Target = Field(description="what is predicted of each bar")
    task: Literal["classify", "regress"] = Field(description="the probability of label 1, or the expected return")
    model: Kind
    weights: Literal["uniqueness", "equal"] = Field(
        default="uniqueness",
        description="what a bar counts in a fit: less where its label overlaps others, or the same",
    )
    cross_validation: CrossValidation = CrossValidation()
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="of everything that is drawn at random")


_CLAUSES = (
    ModelSpec,
    ForwardReturn,
    TripleBarrier,
    Distance,
    Logistic,
    Ridge,
    Forest,
    Boosting,
    CrossValidation,
    SeriesInput,
)
_SETTINGS = [field.alias or key for clause in _CLAUSES for key, field in clause.model_fields.items()]
_KINDS = {
    "model": ("logistic", "ridge", "forest", "boosting"),
    "target": ("forward_return", "triple_barrier"),
}


def read_spec_text(text: str | bytes) -> ModelSpec:
    """Return the specification written as JSON in `text`; raises DocumentRefused."""
    return read_spec(plain_of(text))


def read_spec(raw: object) -> ModelSpec:
    """Return the checked specification from plain data; raises DocumentRefused with every problem and its place."""
    whole = beyond(raw)
    if whole is not None:
        raise DocumentRefused([whole])
    try:
        spec = ModelSpec.model_validate(raw)
    except ValidationError as error:
        reasons = reasons_of(error, settings=_SETTINGS, kinds=_KINDS)
        texts = _part(raw, "features")
        written = {name: text for name, text in texts.items() if isinstance(text, str) and text}
        reasons += _unreadable(written, _part(raw, "inputs"))
        raise DocumentRefused(shown(reasons)) from None
    reasons = _together(spec) + _unreadable(spec.features, spec.inputs)
    if reasons:
        raise DocumentRefused(shown(reasons))
    return spec


def program_of(spec: ModelSpec) -> Program:
    """Return the program of a specification's features; raises DocumentRefused."""
    program, reasons = compile_program(features=spec.features, conditions={}, parameters={}, inputs=spec.inputs)
    if program is None:
        raise DocumentRefused(shown(reasons))
    return program


def spec_plain(spec: ModelSpec) -> dict[str, object]:
    """The specification as plain JSON, without what it leaves to the defaults."""
    return spec.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def spec_hash(spec: ModelSpec) -> str:
    """Sha256 of the canonical form."""
    return digest(spec_plain(spec))


def _part(raw: object, name: str) -> Mapping[str, object]:
    found = cast("Mapping[str, object]", raw).get(name) if isinstance(raw, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _unreadable(features: Mapping[str, str], inputs: Iterable[str]) -> list[Reason]:
    return compile_program(features=features, conditions={}, parameters={}, inputs=inputs)[1]


def _together(spec: ModelSpec) -> list[Reason]:
    """Every clause that another one does not go with."""
    reasons = []
    if spec.model.kind == "logistic" and spec.task == "regress":
        text = "a logistic model classifies; write ridge, forest or boosting to predict a return"
        reasons.append(Reason(code="wrong_kind", text=text, place="/model/kind"))
    if spec.model.kind == "ridge" and spec.task == "classify":
        text = "ridge predicts a return; write logistic, forest or boosting to classify"
        reasons.append(Reason(code="wrong_kind", text=text, place="/model/kind"))
    if isinstance(spec.target, ForwardReturn) and spec.task == "regress" and spec.target.threshold_bps:
        text = "a return that is predicted needs no threshold; leave threshold_bps out"
        reasons.append(Reason(code="not_used", text=text, place="/target/threshold_bps"))
    return reasons
