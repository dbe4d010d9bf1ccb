"""The rows of trainings and of trained models; a model is added and never changed, as the app role's grants enforce."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from omc.kit.db import Base, TenantRow


class ModelRow(TenantRow, Base):
    """A trained model as canonical text, whose sha256 is its hash; `skill` is out of fold, `skill_fitted` beside it."""

    __tablename__ = "engine_model"

    hash: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    task: Mapped[str]
    series_id: Mapped[UUID]
    trial_id: Mapped[UUID]
    start_ts: Mapped[datetime]
    known_until: Mapped[datetime]
    skill: Mapped[float | None]
    skill_fitted: Mapped[float | None]
    artifact: Mapped[str]
    trained_by: Mapped[str]
    created_at: Mapped[datetime]


class TrainingRow(TenantRow, Base):
    """A training that was asked for: how far it is, and the model that it gave or why there is none."""

    __tablename__ = "engine_training"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    spec: Mapped[dict[str, object]]
    spec_hash: Mapped[str]
    series_id: Mapped[UUID]
    start_ts: Mapped[datetime | None]
    end_ts: Mapped[datetime | None]
    state: Mapped[str]
    step: Mapped[str]
    step_done: Mapped[int]
    step_total: Mapped[int]
    requested_by: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    error: Mapped[dict[str, object] | None]
    model: Mapped[str | None]
    trial_id: Mapped[UUID]
