"""The rows of trained models, which can be added and never changed, as the app role's grants enforce."""

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
