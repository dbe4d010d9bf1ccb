"""Routes of the floor: the card, deployments, their orders and fills, and the kill switch. Money is text, exact."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from omc.core.ids import DeploymentId, SeriesId, VersionId
from omc.core.market import split_symbol
from omc.core.money import parse_decimal
from omc.core.money import text as plain
from omc.engine.approvals import MAX_REASON
from omc.floor import rules, service
from omc.floor.cards import Wish, limits_content, make_card
from omc.floor.rules import Feed, Halt, Limits, State, Stop
from omc.floor.run import limits_of
from omc.floor.tables import DeploymentRow, FillRow, OrderRow
from omc.identity.api import Reader, Trader, Tx
from omc.kit.errors import Refusal
from omc.kit.http import Wired

DIGEST = r"^[0-9a-f]{64}$"
MAX_AMOUNT = 40

router = APIRouter(prefix="/floor", tags=["floor"])


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
    """Which version to put to work on which series, how, and under which limits."""

    model_config = ConfigDict(extra="forbid")

    version_id: UUID
    series_id: UUID
    feed: Feed
    limits: LimitsBody

    def value(self) -> Wish:
        """Return the wish as the floor uses it."""
        return Wish(
            version_id=VersionId(self.version_id),
            series_id=SeriesId(self.series_id),
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


class DeploymentAnswer(BaseModel):
    """A version at work: how far it is, and what it has."""

    id: UUID
    name: str
    version: VersionName
    state: State
    closing: bool = Field(description="It sells what it holds, then stops")
    feed: Feed
    series_id: UUID
    symbol: str
    timeframe: str
    created_ts: datetime
    ended_ts: datetime | None
    start_ts: datetime
    end_ts: datetime | None = Field(description="End of the bars that are replayed; null when it follows new ones")
    cursor_ts: datetime | None = Field(description="Opening of the last bar that it has seen")
    position: str
    stop_price: str | None = Field(description="Where a stop, fixed or trailing, ends the position; null without one")
    target_price: str | None = Field(description="Where a target ends the position; null without one")
    price: str | None
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
        values |= {"limits": limits_content(limits_of(row)), "price": _text(row.price)}
        values |= {"stop_price": _text(row.stop_price), "target_price": _text(row.target_price)}
        values |= {name: plain(getattr(row, name)) for name in ("position", "cash", "equity")}
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
    side: str
    price: str
    quantity: str
    fee: str
    fee_asset: str
    fact_id: UUID

    @classmethod
    def of(cls, row: FillRow) -> Self:
        """Return a row as the API shows it."""
        return cls(
            id=row.id,
            order_id=row.order_id,
            ts=row.ts,
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


Limit = Annotated[int, Query(ge=1, le=service.MAX_PAGE)]
Before = Annotated[datetime | None, Query(description="`next` of the page before")]


@router.post("/card")
async def card(_caller: Reader, session: Tx, body: WishBody) -> CardAnswer:
    """Return exactly what approving this wish would approve, with its digest; changes nothing."""
    made = await make_card(session, body.value())
    return CardAnswer.model_validate({"card": dict(made.content), "digest": made.digest})


@router.post("/deployments", status_code=201)
async def deploy(caller: Trader, session: Tx, body: Approval, wired: Wired) -> Created:
    """Approve the card with this digest and put its version to work.

    `card_changed` when it is another by now; `no_verdict` or `verdict_failed` when the version has no passing verdict
    and no `override_reason` says why it is to trade nevertheless.
    """
    by, why = str(caller.person_id), body.override_reason
    wish, now = body.value(), wired.clock()
    return Created(id=await service.deploy(session, wish, digest=body.digest, by=by, now=now, override_reason=why))


@router.get("/deployments")
async def list_deployments(_caller: Reader, session: Tx, cursor: UUID | None = None, limit: Limit = 100) -> Deployments:
    """List deployments, newest first."""
    rows = await service.list_deployments(session, before=cursor, limit=limit)
    items = [DeploymentAnswer.of(row) for row in rows]
    return Deployments(items=items, next=rows[-1].id if len(rows) == limit else None)


@router.get("/deployments/{deployment_id}")
async def get_deployment(_caller: Reader, session: Tx, deployment_id: UUID) -> DeploymentAnswer:
    """Return one deployment."""
    return DeploymentAnswer.of(await service.get_deployment(session, DeploymentId(deployment_id)))


@router.get("/deployments/{deployment_id}/orders")
async def list_orders(
    _caller: Reader, session: Tx, deployment_id: UUID, cursor: Before = None, limit: Limit = 100
) -> Orders:
    """List a deployment's orders, newest first, denied and rejected ones too."""
    rows = await service.list_orders(session, DeploymentId(deployment_id), before=_zoned(cursor), limit=limit)
    return Orders(items=[OrderAnswer.of(row) for row in rows], next=rows[-1].bar_ts if len(rows) >= limit else None)


@router.get("/deployments/{deployment_id}/fills")
async def list_fills(
    _caller: Reader, session: Tx, deployment_id: UUID, cursor: Before = None, limit: Limit = 100
) -> Fills:
    """List a deployment's fills, newest first."""
    rows = await service.list_fills(session, DeploymentId(deployment_id), before=_zoned(cursor), limit=limit)
    return Fills(items=[FillAnswer.of(row) for row in rows], next=rows[-1].ts if len(rows) >= limit else None)


@router.post("/deployments/{deployment_id}/stop", status_code=204)
async def stop(caller: Trader, session: Tx, deployment_id: UUID, wired: Wired, body: StopOne | None = None) -> None:
    """Stop a deployment before its next bar, for good; on request sell what it holds first."""
    by, found = str(caller.person_id), DeploymentId(deployment_id)
    await service.stop(session, found, by=by, now=wired.clock(), close=body is not None and body.close)


@router.post("/stop-all")
async def stop_all(caller: Trader, session: Tx, wired: Wired, body: StopWish | None = None) -> Stopped:
    """Throw the kill switch until a person resumes: entries only, every order, or every order and close."""
    by = str(caller.person_id)
    stopped, closing = await service.stop_all(
        session, by=by, now=wired.clock(), how=Stop.ALL if body is None else body.how
    )
    return Stopped(stopped=stopped, closing=closing)


@router.post("/resume", status_code=204)
async def resume(caller: Trader, session: Tx, wired: Wired) -> None:
    """Let orders go out again after the kill switch; what was stopped stays stopped."""
    await service.resume(session, by=str(caller.person_id), now=wired.clock())


@router.get("/switch")
async def get_switch(_caller: Reader, session: Tx) -> SwitchAnswer:
    """Return how the kill switch stands."""
    row = await service.get_switch(session)
    if row is None:
        return SwitchAnswer(thrown=False)
    level = Halt(row.level) if row.thrown else Halt.NOTHING
    return SwitchAnswer(thrown=row.thrown, level=level, changed_by=row.changed_by, changed_ts=row.changed_ts)


def _zoned(cursor: datetime | None) -> datetime | None:
    if cursor is not None and cursor.tzinfo is None:
        raise Refusal(
            "cursor_without_zone", 422, "send the cursor as `next` gave it, with its zone", place="query/cursor"
        )
    return cursor


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
