"""Owns the shapes in which the floor is asked and answers over HTTP. Money is text, exact."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from omc.core.ids import SeriesId, VersionId
from omc.core.market import split_symbol
from omc.core.money import parse_decimal
from omc.core.money import text as plain
from omc.engine.approvals import MAX_REASON
from omc.floor import rules
from omc.floor.cards import Wish, limits_content
from omc.floor.holdings import Holding, holdings_of
from omc.floor.rules import Feed, Halt, Limits, State, Stop
from omc.floor.run import limits_of
from omc.floor.tables import DeploymentRow, FillRow, OrderRow
from omc.kit.errors import Refusal

DIGEST = r"^[0-9a-f]{64}$"
MAX_AMOUNT = 40
MAX_SERIES = 50


def _amount(written: str) -> str:
    parse_decimal(written)
    return written


Amount = Annotated[str, Field(max_length=MAX_AMOUNT, examples=["1000"]), AfterValidator(_amount)]


class LimitsBody(BaseModel):
    """What a deployment may do; money in the quote asset, as text."""

    model_config = ConfigDict(extra="forbid", strict=True)

    capital: Amount = Field(description="Cash that the deployment starts with", examples=["10000"])
    max_position_fraction: Amount = Field(description="Of its equity, held as a position at most", examples=["1"])
    max_orders_per_day: int = Field(ge=1, le=rules.MAX_ORDERS_PER_DAY, examples=[20])
    max_daily_loss: Amount = Field(
        description="From this loss since midnight UTC on nothing is opened", examples=["500"]
    )

    def value(self) -> Limits:
        """Return the limits as the floor uses them."""
        return Limits(
            capital=parse_decimal(self.capital),
            max_position_fraction=parse_decimal(self.max_position_fraction),
            max_orders_per_day=self.max_orders_per_day,
            max_daily_loss=parse_decimal(self.max_daily_loss),
        )


class WishBody(BaseModel):
    """Which version to put to work on which series, one or several, how, and under which limits."""

    model_config = ConfigDict(extra="forbid")

    version_id: UUID
    series_id: UUID | None = None
    series_ids: list[UUID] | None = Field(
        default=None, max_length=MAX_SERIES, description="One for each symbol of the universe that shares the account"
    )
    feed: Feed
    limits: LimitsBody

    def value(self) -> Wish:
        """Return the wish as the floor uses it; Refusal `one_of_two` where both kinds of series are named, or none."""
        named = self.series_ids or []
        if (self.series_id is None) == (not named):
            raise Refusal("one_of_two", 422, "give either series_id or series_ids", place="/series_id")
        first, *others = [SeriesId(one) for one in (named if self.series_id is None else [self.series_id])]
        return Wish(
            version_id=VersionId(self.version_id),
            series_id=first,
            others=others,
            feed=self.feed,
            limits=self.limits.value(),
        )


class Approval(WishBody):
    """A wish whose card a person has seen: the digest says which card.

    `override_reason` is why the version is to trade without a passing verdict, in at least ten characters; it is kept
    and audited. With a passing verdict it is not needed.
    """

    digest: str = Field(pattern=DIGEST, examples=["0" * 64])
    override_reason: str | None = Field(default=None, max_length=MAX_REASON, pattern=r"^[^\x00-\x09\x0b-\x1f\x7f]*$")


class CardAnswer(BaseModel):
    """Exactly what an approval approves, and the digest that binds it."""

    card: dict[str, JsonValue]
    digest: str


class Created(BaseModel):
    """A new row's id."""

    id: UUID


class VersionName(BaseModel):
    """A version as a deployment names it."""

    id: UUID
    name: str
    number: int
    hash: str


class HoldingAnswer(BaseModel):
    """What a deployment holds of one symbol."""

    symbol: str
    position: str
    price: str | None = Field(description="The last close; null before the first bar")
    stop_price: str | None = Field(description="Where a stop, fixed or trailing, ends the position; null without one")
    target_price: str | None = Field(description="Where a target ends the position; null without one")

    @classmethod
    def of(cls, holding: Holding) -> Self:
        """Return a holding as the API shows it."""
        price, stop, target = (_text(one) for one in (holding.price, holding.stop_price, holding.target_price))
        position = plain(holding.position)
        return cls(symbol=holding.symbol, position=position, price=price, stop_price=stop, target_price=target)


class DeploymentAnswer(BaseModel):
    """A version at work: how far it is, and what it has.

    With `others` it trades several symbols on one account: `symbol` is the first of them.
    """

    id: UUID
    name: str
    version: VersionName
    state: State
    closing: bool = Field(description="It sells what it holds, then stops")
    feed: Feed
    series_id: UUID
    others: list[UUID]
    symbol: str
    timeframe: str
    created_ts: datetime
    ended_ts: datetime | None
    start_ts: datetime
    end_ts: datetime | None = Field(description="End of the bars that are replayed; null when it follows new ones")
    cursor_ts: datetime | None = Field(description="Opening of the last bar that it has seen")
    holdings: list[HoldingAnswer] = Field(description="What it holds of each symbol, in the universe's order")
    cash: str
    equity: str
    currency: str
    orders: int
    fills: int
    limits: LimitsBody
    digest: str
    error: str | None = Field(description="Why it failed; of one that runs, what it waits for besides its bars")

    @classmethod
    def of(cls, row: DeploymentRow) -> Self:
        """Return a row as the API shows it."""
        series, version = row.card["series"], row.card["version"]
        assert isinstance(series, dict)
        values = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        values |= {"version": version, "timeframe": series["timeframe"], "currency": split_symbol(row.symbol)[1]}
        values |= {"limits": limits_content(limits_of(row)), "cash": plain(row.cash), "equity": plain(row.equity)}
        values |= {"holdings": [HoldingAnswer.of(one) for one in holdings_of(row)]}
        return cls.model_validate(values)


class OrderAnswer(BaseModel):
    """An order; a purchase names a budget, a sale a quantity. Denied is by us, rejected by the venue."""

    id: UUID
    bar_ts: datetime
    ts: datetime
    symbol: str
    side: str
    kind: str = Field(description="market, limit, stop, stop_limit or target; a sale by stop or target was protection")
    price: str | None = Field(description="The limit or the trigger; null at the market")
    quantity: str | None
    budget: str | None
    status: str
    filled: str
    reason: str | None
    reason_code: str | None

    @classmethod
    def of(cls, row: OrderRow) -> Self:
        """Return a row as the API shows it."""
        return cls(
            id=row.id,
            bar_ts=row.bar_ts,
            ts=row.ts,
            symbol=row.symbol,
            side=row.side,
            kind=row.kind,
            price=_text(row.price),
            quantity=_text(row.quantity),
            budget=_text(row.budget),
            status=row.status,
            filled=plain(row.filled),
            reason=row.reason_text,
            reason_code=row.reason_code,
        )


class FillAnswer(BaseModel):
    """A fill, and the fact that it is in the books."""

    id: UUID
    order_id: UUID
    ts: datetime
    symbol: str
    side: str
    price: str
    quantity: str
    fee: str
    fee_asset: str
    fact_id: UUID

    @classmethod
    def of(cls, row: FillRow, symbol: str) -> Self:
        """Return a row as the API shows it."""
        return cls(
            id=row.id,
            order_id=row.order_id,
            ts=row.ts,
            symbol=symbol,
            side=row.side,
            price=plain(row.price),
            quantity=plain(row.quantity),
            fee=plain(row.fee),
            fee_asset=row.fee_asset,
            fact_id=row.fact_id,
        )


class Deployments(BaseModel):
    """A page of deployments, newest first."""

    items: list[DeploymentAnswer]
    next: UUID | None


class Orders(BaseModel):
    """A page of orders, newest first."""

    items: list[OrderAnswer]
    next: datetime | None


class Fills(BaseModel):
    """A page of fills, newest first."""

    items: list[FillAnswer]
    next: datetime | None


class StopWish(BaseModel):
    """How much to stop: `entries` only; `all` orders; all orders and `close` what is held."""

    model_config = ConfigDict(extra="forbid")

    how: Stop = Stop.ALL


class StopOne(BaseModel):
    """Whether what the deployment holds is sold before it ends."""

    model_config = ConfigDict(extra="forbid", strict=True)

    close: bool = False


class SwitchAnswer(BaseModel):
    """The kill switch: thrown, no order goes out until a person resumes, or none that opens a position."""

    thrown: bool
    level: Halt = Halt.NOTHING
    changed_by: str | None = None
    changed_ts: datetime | None = None


class Stopped(BaseModel):
    """How many deployments the kill switch stopped, and how many are selling what they hold before they stop."""

    stopped: int
    closing: int = 0


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
