"""The rows of the engine; versions, approvals, reviews and trials are append-only, as the app role's grants enforce."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from omc.kit.db import Base, TenantRow


class StrategyRow(TenantRow, Base):
    """A name under which versions are kept."""

    __tablename__ = "engine_strategy"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    created_at: Mapped[datetime]


class VersionRow(TenantRow, Base):
    """A document that never changes, with its hash."""

    __tablename__ = "engine_version"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    strategy_id: Mapped[UUID]
    number: Mapped[int]
    hash: Mapped[str]
    document: Mapped[dict[str, object]]
    author: Mapped[str]
    created_at: Mapped[datetime]


class ApprovalRow(TenantRow, Base):
    """Who approved which version as shown by which digest."""

    __tablename__ = "engine_approval"

    version_id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    approved_by: Mapped[str]
    approved_at: Mapped[datetime]


class ReviewRow(TenantRow, Base):
    """What a person said of a version short of approving it; the newest counts."""

    __tablename__ = "engine_review"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version_id: Mapped[UUID]
    outcome: Mapped[str]
    reason: Mapped[str]
    reviewed_by: Mapped[str]
    reviewed_at: Mapped[datetime]


class BacktestRow(TenantRow, Base):
    """A run: what was asked, how far it is, and what it found or why it was refused."""

    __tablename__ = "engine_backtest"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version_id: Mapped[UUID | None]
    hash: Mapped[str]
    document: Mapped[dict[str, object]]
    series_id: Mapped[UUID]
    start_ts: Mapped[datetime | None]
    end_ts: Mapped[datetime | None]
    state: Mapped[str]
    requested_by: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    error: Mapped[dict[str, object] | None]
    result_hash: Mapped[str | None]
    result: Mapped[dict[str, object] | None]


class TrialRow(TenantRow, Base):
    """Something that was tried on data, registered before it ran; `combinations` parameter sets at once."""

    __tablename__ = "engine_trial"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    hash: Mapped[str]
    series_id: Mapped[UUID]
    start_ts: Mapped[datetime | None]
    end_ts: Mapped[datetime | None]
    combinations: Mapped[int]
    requested_by: Mapped[str]
    created_at: Mapped[datetime]
