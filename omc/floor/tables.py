"""The rows of the floor."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ARRAY, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from omc.kit.db import Base, TenantRow


class DeploymentRow(TenantRow, Base):
    """A version at work. `card` is what was approved; from `cursor_ts` on is how far it is and what it has.

    `account` is what the engine's account carries from bar to bar; `stop_price` and `target_price` are where the
    position that is held ends besides by a decision. With `others` it is of several symbols on one account: `series_id`
    and `symbol` are of the first of them, and `holdings` says for each what the columns say for one.
    """

    __tablename__ = "floor_deployment"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    version_id: Mapped[UUID]
    series_id: Mapped[UUID]
    others: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    symbol: Mapped[str]
    feed: Mapped[str]
    state: Mapped[str]
    card: Mapped[dict[str, object]]
    digest: Mapped[str]
    created_by: Mapped[str]
    created_ts: Mapped[datetime]
    ended_ts: Mapped[datetime | None]
    error: Mapped[str | None]
    history_ts: Mapped[datetime]
    start_ts: Mapped[datetime]
    end_ts: Mapped[datetime | None]
    speed: Mapped[int]
    step: Mapped[int]
    stepped_ts: Mapped[datetime]
    cursor_ts: Mapped[datetime | None]
    price: Mapped[Decimal | None]
    cash: Mapped[Decimal]
    position: Mapped[Decimal]
    equity: Mapped[Decimal]
    day: Mapped[str]
    day_equity: Mapped[Decimal]
    orders: Mapped[int]
    fills: Mapped[int]
    closing: Mapped[bool] = mapped_column(default=False)
    account: Mapped[dict[str, object] | None]
    stop_price: Mapped[Decimal | None]
    target_price: Mapped[Decimal | None]
    holdings: Mapped[dict[str, object] | None]


class OrderRow(TenantRow, Base):
    """An order of ours; its id is the client order id. Denied ones stay, with the reason.

    `price` is the limit or the trigger of what is not at the market. A sale of the kind `stop` or `target` is what
    protected a position, and stands at the bar in which it went off.
    """

    __tablename__ = "floor_order"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    deployment_id: Mapped[UUID]
    bar_ts: Mapped[datetime]
    ts: Mapped[datetime]
    day: Mapped[str]
    symbol: Mapped[str]
    side: Mapped[str]
    kind: Mapped[str]
    price: Mapped[Decimal | None]
    quantity: Mapped[Decimal | None]
    budget: Mapped[Decimal | None]
    status: Mapped[str]
    filled: Mapped[Decimal]
    reason_code: Mapped[str | None]
    reason_text: Mapped[str | None]
    updated_ts: Mapped[datetime]


class FillRow(TenantRow, Base):
    """What a venue executed of an order, and the fact that it is in the books."""

    __tablename__ = "floor_fill"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    deployment_id: Mapped[UUID]
    order_id: Mapped[UUID]
    ts: Mapped[datetime]
    side: Mapped[str]
    price: Mapped[Decimal]
    quantity: Mapped[Decimal]
    fee: Mapped[Decimal]
    fee_asset: Mapped[str]
    fact_id: Mapped[UUID]


class SwitchRow(TenantRow, Base):
    """The workspace's kill switch; no row means it was never thrown."""

    __tablename__ = "floor_switch"

    thrown: Mapped[bool]
    level: Mapped[str]
    changed_by: Mapped[str]
    changed_ts: Mapped[datetime]
