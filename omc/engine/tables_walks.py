"""The rows of walk-forward tests that were asked for."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from omc.kit.db import Base, TenantRow


class WalkRow(TenantRow, Base):
    """A walk-forward: what was asked for, how far it is, and what it found or why it found nothing."""

    __tablename__ = "engine_walk"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version_id: Mapped[UUID | None]
    hash: Mapped[str]
    document: Mapped[dict[str, object]]
    series_id: Mapped[UUID]
    others: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    start_ts: Mapped[datetime | None]
    end_ts: Mapped[datetime | None]
    plan: Mapped[dict[str, object]]
    state: Mapped[str]
    step: Mapped[str]
    step_done: Mapped[int]
    step_total: Mapped[int]
    requested_by: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    error: Mapped[dict[str, object] | None]
    result: Mapped[dict[str, object] | None]
    trial_id: Mapped[UUID]
