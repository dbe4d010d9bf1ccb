"""The rows of searches over parameters. What a combination found is append-only, as the app role's grants enforce."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from omc.kit.db import Base, TenantRow


class SweepRow(TenantRow, Base):
    """A search: what was asked for, how far it is, and how its bars are laid out once that is known.

    `asked` is the same for the same question; `round` rises whenever it is stopped or goes on, so that jobs of an
    earlier round find nothing to do.
    """

    __tablename__ = "engine_sweep"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    asked: Mapped[str]
    version_id: Mapped[UUID | None]
    hash: Mapped[str]
    document: Mapped[dict[str, object]]
    series_id: Mapped[UUID]
    others: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    start_ts: Mapped[datetime]
    end_ts: Mapped[datetime]
    search: Mapped[dict[str, object]]
    trial_id: Mapped[UUID]
    state: Mapped[str]
    round: Mapped[int]
    total: Mapped[int]
    done: Mapped[int]
    layout: Mapped[dict[str, object] | None]
    error: Mapped[dict[str, object] | None]
    requested_by: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SweepTryRow(TenantRow, Base):
    """One combination of a search: its figures in training and in test, or why it was refused."""

    __tablename__ = "engine_sweep_row"

    sweep_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    parameters: Mapped[dict[str, object]]
    train: Mapped[dict[str, object] | None] = mapped_column(JSONB(none_as_null=True))
    test: Mapped[dict[str, object] | None] = mapped_column(JSONB(none_as_null=True))
    refused: Mapped[str]
