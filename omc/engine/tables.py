"""The rows of the engine.

Append-only, as the app role's grants enforce: versions, claims, approvals, reviews, trials and how they ended, exam
tries, verdicts.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Double, Uuid
from sqlalchemy.dialects import postgresql
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
    """Who approved which version as shown by which digest; the verdict it rests on, or why it was overridden."""

    __tablename__ = "engine_approval"

    version_id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    approved_by: Mapped[str]
    approved_at: Mapped[datetime]
    override_reason: Mapped[str | None]
    verdict_id: Mapped[UUID | None]


class ReviewRow(TenantRow, Base):
    """What a person said of a version short of approving it; the newest counts."""

    __tablename__ = "engine_review"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version_id: Mapped[UUID]
    outcome: Mapped[str]
    reason: Mapped[str]
    reviewed_by: Mapped[str]
    reviewed_at: Mapped[datetime]


class ClaimRow(TenantRow, Base):
    """How many claims a source's report makes of a version that no evidence bears out; a source's newest counts.

    `withdrawn` is the word of a source that proposed the version and was changed since.
    """

    __tablename__ = "engine_claim"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version_id: Mapped[UUID]
    source: Mapped[str]
    unverified: Mapped[int]
    words: Mapped[str]
    withdrawn: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


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
    trial_id: Mapped[UUID | None]
    seal_id: Mapped[UUID | None]
    others: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))


class TrialRow(TenantRow, Base):
    """Something that was tried on data, registered before it ran; `combinations` parameter sets at once."""

    __tablename__ = "engine_trial"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    hash: Mapped[str]
    idea: Mapped[str | None]
    series_id: Mapped[UUID]
    start_ts: Mapped[datetime | None]
    end_ts: Mapped[datetime | None]
    combinations: Mapped[int]
    requested_by: Mapped[str]
    created_at: Mapped[datetime]
    others: Mapped[list[UUID]] = mapped_column(postgresql.ARRAY(Uuid))


class TrialEndRow(TenantRow, Base):
    """How a trial ended, how many combinations it came to, and the shape of what it found."""

    __tablename__ = "engine_trial_end"

    trial_id: Mapped[UUID] = mapped_column(primary_key=True)
    outcome: Mapped[str]
    combinations: Mapped[int]
    sharpe: Mapped[float | None]
    sharpes: Mapped[list[float]] = mapped_column(ARRAY(Double))
    bucket_days: Mapped[int | None]
    first_bucket: Mapped[int | None]
    growth: Mapped[list[float]] = mapped_column(ARRAY(Double))
    ended_at: Mapped[datetime]


class ExamTryRow(TenantRow, Base):
    """A try on sealed data, written before it runs; every one but the first is repeated."""

    __tablename__ = "engine_exam_try"

    seal_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[UUID]
    hash: Mapped[str]
    backtest_id: Mapped[UUID]
    repeated: Mapped[bool]
    reason: Mapped[str]
    tried_by: Mapped[str]
    tried_at: Mapped[datetime]


class VerdictRow(TenantRow, Base):
    """What the gate said of a document on data, from which figures."""

    __tablename__ = "engine_verdict"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    hash: Mapped[str]
    series_id: Mapped[UUID]
    others: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    start_ts: Mapped[datetime | None]
    end_ts: Mapped[datetime | None]
    figures: Mapped[dict[str, object]]
    outcome: Mapped[str]
    reasons: Mapped[list[object]]
    found: Mapped[dict[str, object]]
    engine: Mapped[str]
    judged_for: Mapped[str]
    created_at: Mapped[datetime]


class ValidationRow(TenantRow, Base):
    """A verdict that was asked for: how far its checks are, and the verdict or why there is none."""

    __tablename__ = "engine_validation"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version_id: Mapped[UUID]
    series_id: Mapped[UUID]
    others: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
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
    verdict_id: Mapped[UUID | None]
    trial_id: Mapped[UUID]
