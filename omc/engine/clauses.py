"""Owns the clauses of a document beside its conditions: how much, by which order, at what cost, with which stops.

Everything that an account simulates is said here; what is left out is not simulated, and a result says so.
"""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints, WithJsonSchema

from omc.core.money import text as decimal_text
from omc.ledgers.observed import OBSERVED_NAME

MAX_BARS = 1_000_000
AGE = r"^[1-9]\d{0,2}[smhdw]$"
_MAX_MAGNITUDE = 18


def _decimal(value: object) -> Decimal:
    """A decimal written as text (`"0.1"`) or as a JSON number (read as it is written, not as a binary float)."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise ValueError('write a number, for example "0.1"')  # noqa: TRY004 - Pydantic collects ValueError only
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ValueError('write a number, for example "0.1"') from None
    if not number.is_finite() or abs(number.adjusted()) > _MAX_MAGNITUDE:
        raise ValueError("this number cannot be used: it is not finite, or far too large or small")
    return number


Exact = Annotated[
    Decimal,
    BeforeValidator(_decimal),
    PlainSerializer(decimal_text, return_type=str),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": r"^\d+(\.\d+)?$"}, {"type": "number"}]}),
]
Bps = Annotated[Exact, Field(ge=0, lt=10_000)]
Bars = Annotated[int, Field(ge=1, le=MAX_BARS)]


class Strict(BaseModel):
    """A clause that refuses what it does not know."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=True)


ObservedName = Annotated[str, StringConstraints(pattern=OBSERVED_NAME)]


class SeriesInput(Strict):
    """Observations of another ledger: at each close the newest one that was known by then."""

    kind: Literal["series"] = Field(description="observations of another ledger")
    series: ObservedName = Field(description="the name they are stored under, fear_greed:value")
    max_age: Annotated[str, StringConstraints(pattern=AGE)] = Field(
        description="how long an observation counts after it was seen, 3d; older than that is unknown"
    )


class ModelInput(Strict):
    """What a trained model says at each close; nothing inside the data that it was trained on."""

    kind: Literal["model"] = Field(description="the output of a trained model")
    model: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] = Field(description="the hash of the model")


Input: TypeAlias = Annotated[SeriesInput | ModelInput, Field(discriminator="kind")]


class FractionSizing(Strict):
    """An entry takes a fraction of the free cash, fee and slippage inside it."""

    kind: Literal["fraction"] = Field(description="a fraction of the free cash")
    fraction: Exact = Field(gt=0, le=100, description="of the free cash at the entry; above 1 only with a margin")


class FixedSizing(Strict):
    """An entry takes the same amount each time, or what there is."""

    kind: Literal["fixed"] = Field(description="an amount of the quote asset")
    amount: Exact = Field(gt=0, le=10**12, description="in the quote asset, fee and slippage inside it")


class VolatilitySizing(Strict):
    """An entry takes less the more the price moved: target over realised volatility, at most `most`."""

    kind: Literal["volatility_target"] = Field(description="a fraction that keeps the volatility of the account")
    target: Exact = Field(gt=0, le=10, description="volatility a year, 0.2 is 20 %")
    window: int = Field(ge=2, le=100_000, description="bars over which the volatility is measured")
    most: Exact = Field(default=Decimal(1), gt=0, le=100, description="the largest fraction of the free cash")


class KellySizing(Strict):
    """An entry takes the Kelly fraction of the positions closed so far, scaled and capped."""

    kind: Literal["kelly"] = Field(description="the Kelly fraction of what was closed so far")
    scale: Exact = Field(default=Decimal("0.5"), gt=0, le=1, description="of the Kelly fraction; 0.5 is half Kelly")
    most: Exact = Field(gt=0, le=100, description="the largest fraction of the free cash")
    start: Exact = Field(gt=0, le=100, description="the fraction until enough positions are closed")
    after: int = Field(default=20, ge=2, le=10_000, description="closed positions that are enough")


Sizing: TypeAlias = Annotated[
    FractionSizing | FixedSizing | VolatilitySizing | KellySizing, Field(discriminator="kind")
]


class SeriesFunding(Strict):
    """Funding as it was: the rates that were settled, each at its time."""

    kind: Literal["series"] = Field(description="the stored funding rates")
    series: ObservedName | None = Field(
        default=None, description="the name they are stored under; funding:SYMBOL of each symbol unless told"
    )


class Costs(Strict):
    """What each fill costs, and what the venue asks of an order."""

    fee_bps: Exact = Field(ge=0, le=1_000, description="fee of each fill, in hundredths of a percent of its value")
    slippage_bps: Exact = Field(ge=0, lt=10_000, description="how much worse than the open each fill is, in bps")
    maker_fee_bps: Exact | None = Field(
        default=None, ge=0, le=1_000, description="fee of a fill at a resting limit or target; fee_bps unless told"
    )
    impact_bps: Exact = Field(
        default=Decimal(0), ge=0, lt=10_000, description="slippage added at an order as large as the bar's volume"
    )
    participation: Exact | None = Field(
        default=None, gt=0, le=1, description="the largest share of a bar's volume that one fill may take"
    )
    tick: Exact = Field(default=Decimal(0), ge=0, description="prices are multiples of it; 0 is any price")
    lot: Exact = Field(default=Decimal(0), ge=0, description="quantities are multiples of it; 0 is any quantity")
    min_notional: Exact = Field(default=Decimal(0), ge=0, description="the least value of an entry")
    funding_bps_per_day: Exact = Field(
        default=Decimal(0), ge=-1_000, le=1_000, description="what a long pays and a short gets a day for holding"
    )
    funding: SeriesFunding | None = Field(
        default=None, description="the funding rates as they were, instead of funding_bps_per_day"
    )
    latency_bars: int = Field(default=0, ge=0, le=1_000, description="bars that an order is late")


class EntryOrder(Strict):
    """By which order a position is entered; it is left by market orders, stops and targets."""

    kind: Literal["market", "limit", "stop", "stop_limit"] = Field(description="the type of the entry order")
    offset_bps: Bps = Field(
        default=Decimal(0), description="distance from the deciding close: below it for a limit buy, above for a stop"
    )
    band_bps: Bps = Field(default=Decimal(0), description="how far beyond its stop price a stop-limit may fill")
    valid_bars: Bars = Field(default=1, description="bars for which an order waits for its price")


class Distance(Strict):
    """A distance from the entry price: a percentage of it, or a multiple of the average true range."""

    kind: Literal["percent", "atr"] = Field(description="percent of the price, or multiple of the average true range")
    value: Exact = Field(gt=0, le=1_000, description="3 is three percent, or three true ranges")


class Stops(Strict):
    """What ends a position besides its exit condition."""

    stop: Distance | None = Field(default=None, description="ends it at a loss of this distance")
    target: Distance | None = Field(default=None, description="ends it at a gain of this distance")
    trailing: Distance | None = Field(default=None, description="ends it this far behind its best price")
    atr_window: int = Field(default=14, ge=1, le=100_000, description="bars of the average true range")
    max_bars: Bars | None = Field(default=None, description="ends it after so many bars")
    cooldown_bars: int = Field(default=0, ge=0, le=MAX_BARS, description="bars without entry after a stop or target")


class Margin(Strict):
    """Borrowing against the account, as perpetual futures do."""

    leverage: Exact = Field(ge=1, le=125, description="the largest value of a position, in multiples of the cash")
    maintenance_bps: Bps = Field(default=Decimal(50), description="equity at which the venue liquidates, of the value")
    liquidation_fee_bps: Bps = Field(default=Decimal(50), description="added to the fee of a liquidation")


class Limits(Strict):
    """What the account may never do, whatever the conditions say."""

    max_notional: Exact | None = Field(default=None, gt=0, description="the largest value of an entry")
    max_positions: int | None = Field(
        default=None, ge=1, le=50, description="the most positions held at once, of several symbols on one account"
    )
    max_share: Exact | None = Field(
        default=None, gt=0, le=100, description="the largest share of the equity that an entry puts into one symbol"
    )
    max_gross_exposure: Exact | None = Field(
        default=None, gt=0, le=100, description="the largest value of all positions after an entry, long and short"
    )
    max_daily_loss: Exact | None = Field(
        default=None, gt=0, lt=1, description="fraction lost in a UTC day after which it stays flat for the day"
    )
    max_drawdown: Exact | None = Field(
        default=None, gt=0, lt=1, description="fraction below the highest close after which it stays flat for good"
    )
