"""Owns the strategy document: its typed form, its reading from text, every problem with its place, and its hash.

The form is strict: an unknown setting is a problem, never ignored. Costs and sizing have no default.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag

from omc.core.canonical import digest
from omc.engine.clauses import Costs, EntryOrder, Exact, Input, Limits, Margin, Sizing, Stops, Strict
from omc.engine.expression import BAR_COLUMNS, CALLABLE, usage
from omc.engine.operators import SIGNS

SCHEMA = "omc-strategy/1"
MAX_FEATURES = 64
MAX_PARAMETERS = 32
MAX_INPUTS = 16
MAX_WARM_UP = 1_000_000

NAME = r"^[a-z][a-z0-9_]{0,39}$"
TITLE = r"^[^\x00-\x1f\x7f]+$"
SYMBOL = r"^[A-Z0-9]{1,20}/[A-Z0-9]{1,20}(:[A-Z0-9]{1,20})?$"
TIMEFRAME = r"^[1-9]\d{0,2}[smhdw]$"


Identifier = Annotated[str, StringConstraints(pattern=NAME)]
Expression = Annotated[str, Field(min_length=1, max_length=4_000)]
Symbol = Annotated[str, StringConstraints(pattern=SYMBOL)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class CoarseFeature(Strict):
    """A feature of longer bars, made from the document's own: its value is known when the long bar is over."""

    expression: Expression = Field(description="over the long bars, parameters and features of the same timeframe")
    timeframe: Annotated[str, StringConstraints(pattern=TIMEFRAME)] = Field(
        description="length of the long bars, a multiple of the document's: 4h, 1d"
    )


def _feature_kind(written: object) -> str:
    return "coarse" if isinstance(written, (dict, CoarseFeature)) else "text"


Feature = Annotated[
    Annotated[Expression, Tag("text")] | Annotated[CoarseFeature, Tag("coarse")], Discriminator(_feature_kind)
]


class StrategyDocument(Strict):
    """A strategy as data. The decision is made at a bar's close; the order fills at the next bar's open."""

    schema_id: Literal["omc-strategy/1"] = Field(alias="schema", description="which form of document this is")
    name: Annotated[str, StringConstraints(pattern=TITLE, min_length=1, max_length=80, strip_whitespace=True)]
    universe: tuple[Symbol, ...] = Field(min_length=1, max_length=50, strict=False, description="symbols, BTC/USDT")
    timeframe: Annotated[str, StringConstraints(pattern=TIMEFRAME)] = Field(description="bar length: 5m, 1h, 1d")
    parameters: Mapping[Identifier, Number] = Field(
        default_factory=dict, max_length=MAX_PARAMETERS, description="named numbers that a search may vary"
    )
    features: Mapping[Identifier, Feature] = Field(
        default_factory=dict, max_length=MAX_FEATURES, description="named expressions, in any order"
    )
    inputs: Mapping[Identifier, Input] = Field(
        default_factory=dict, max_length=MAX_INPUTS, description="named columns beside the bars, used like close"
    )
    entry: Expression = Field(description="condition to open a long position")
    exit: Expression = Field(description="condition to close it; it wins when both are true")
    short_entry: Expression | None = Field(default=None, description="condition to open a short position")
    short_exit: Expression | None = Field(default=None, description="condition to close it; needed with short_entry")
    sizing: Sizing
    costs: Costs
    order: EntryOrder = Field(default=EntryOrder(kind="market"), description="by which order a position is entered")
    stops: Stops = Field(default=Stops(), description="what ends a position besides its exit condition")
    margin: Margin | None = Field(default=None, description="borrowing against the account; none is spot")
    limits: Limits = Field(default=Limits(), description="what the account may never do")
    capital: Exact = Field(default=Decimal(10_000), gt=0, le=10**12, description="starting cash in the quote asset")
    warm_up_bars: int = Field(
        default=0, ge=0, le=MAX_WARM_UP, description="bars to wait at least before the first decision"
    )

    def conditions(self) -> dict[str, str]:
        """The conditions that are written, by name."""
        written = {
            "entry": self.entry,
            "exit": self.exit,
            "short_entry": self.short_entry,
            "short_exit": self.short_exit,
        }
        return {name: text for name, text in written.items() if text is not None}


def plain(document: StrategyDocument) -> dict[str, object]:
    """The document as plain JSON, without what it leaves to the defaults."""
    return document.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def document_hash(document: StrategyDocument) -> str:
    """Sha256 of the canonical form: the identity of a version. Defaults are part of the schema, not of the hash."""
    return digest(plain(document))


def json_schema() -> dict[str, object]:
    """The JSON Schema of the document, as published; `x-language` lists what its expressions may use."""
    functions = [
        {"usage": usage(one), "meaning": one.convention, "gives": one.gives.value} for one in CALLABLE.values()
    ]
    language = {"columns": list(BAR_COLUMNS), "signs": [*SIGNS], "functions": functions}
    return StrategyDocument.model_json_schema(by_alias=True) | {"x-language": language}
