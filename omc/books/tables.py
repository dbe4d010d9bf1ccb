"""The rows of the books; append-only, which the app role's grants enforce."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, Identity
from sqlalchemy.orm import Mapped, mapped_column

from omc.kit.db import Base, TenantRow


class FactRow(TenantRow, Base):
    """Something that happened: when it did, when we learned it, its content and the digest that makes it idempotent."""

    __tablename__ = "books_fact"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    arrival: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    kind: Mapped[str]
    account: Mapped[str]
    strategy: Mapped[str]
    venue: Mapped[str]
    client_id: Mapped[str]
    asset: Mapped[str]
    currency: Mapped[str]
    happened_ts: Mapped[datetime]
    learned_ts: Mapped[datetime]
    content: Mapped[dict[str, object]]
    digest: Mapped[str]


class LegRow(TenantRow, Base):
    """One movement of a fact in one asset; the legs of a fact sum to zero per asset and are inserted together."""

    __tablename__ = "books_leg"

    fact_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str]
    kind: Mapped[str]
    asset: Mapped[str]
    amount: Mapped[Decimal]


class MarkRow(TenantRow, Base):
    """A price of an asset as one account sees it, with its source."""

    __tablename__ = "books_mark"

    account: Mapped[str] = mapped_column(primary_key=True)
    asset: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    ts: Mapped[datetime] = mapped_column(primary_key=True)
    learned_ts: Mapped[datetime]
    price: Mapped[Decimal]
    source: Mapped[str]
