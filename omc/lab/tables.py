"""The lab's rows, typed. Transcript, evidence and reports are JSON kept as text: their hashes cover the very bytes."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Computed
from sqlalchemy.orm import Mapped, mapped_column

from omc.kit.db import Base, TenantRow
from omc.lab.policy import Secrecy, Trust


class SessionRow(TenantRow, Base):
    """One research session; `epoch` rises whenever a worker takes it up or its person cancels it."""

    __tablename__ = "lab_session"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    goal: Mapped[str]
    model: Mapped[str]
    symbol: Mapped[str | None]
    timeframe: Mapped[str | None]
    state: Mapped[str]
    epoch: Mapped[int] = mapped_column(default=0)
    as_of: Mapped[datetime]
    plan: Mapped[list[object]] = mapped_column(default=list)
    steps: Mapped[int] = mapped_column(default=0)
    tokens_in: Mapped[int] = mapped_column(default=0)
    tokens_out: Mapped[int] = mapped_column(default=0)
    cost: Mapped[Decimal] = mapped_column(default=Decimal(0))
    error: Mapped[str | None]
    credential_id: Mapped[UUID | None]
    preset: Mapped[dict[str, object] | None]
    cap: Mapped[Decimal | None]
    fallback: Mapped[dict[str, object] | None]
    roles: Mapped[dict[str, object] | None]
    idempotency_key: Mapped[str | None]
    opened_by: Mapped[UUID]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    title: Mapped[str | None]
    archived_at: Mapped[datetime | None]
    halting: Mapped[str | None]
    stop_reason: Mapped[str | None]
    origin: Mapped[dict[str, object] | None]
    trust: Mapped[int] = mapped_column(default=Trust.PERSON.value)
    secrecy: Mapped[int] = mapped_column(default=Secrecy.PUBLIC.value)


class EntryRow(TenantRow, Base):
    """One entry of the transcript: a person's message, a model's answer, a tool's result, or a branch.

    A branch makes what stands between the position `cut` and itself stale; `said` are the words that a search reads.
    """

    __tablename__ = "lab_entry"

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    step: Mapped[int] = mapped_column(default=0)
    seen: Mapped[int] = mapped_column(default=0)
    calls: Mapped[int] = mapped_column(default=0)
    asks: Mapped[bool] = mapped_column(default=False)
    reported: Mapped[bool] = mapped_column(default=False)
    body: Mapped[str]
    created_at: Mapped[datetime]
    cut: Mapped[int] = mapped_column(default=0)
    said: Mapped[str | None] = mapped_column(Computed("", persisted=True), deferred=True)
    trust: Mapped[int] = mapped_column(default=Trust.OUTSIDE.value)
    secrecy: Mapped[int] = mapped_column(default=Secrecy.ACCOUNT.value)


class StepRow(TenantRow, Base):
    """One step: begun (perhaps several times) and finished at most once."""

    __tablename__ = "lab_step"

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    title: Mapped[str]
    attempt: Mapped[int]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    ok: Mapped[bool | None]
    evidence: Mapped[int | None]
    duration_ms: Mapped[int | None]
    tokens_in: Mapped[int] = mapped_column(default=0)
    tokens_out: Mapped[int] = mapped_column(default=0)
    cost: Mapped[Decimal] = mapped_column(default=Decimal(0))
    error: Mapped[str | None]


class EvidenceRow(TenantRow, Base):
    """One tool result: canonical input and output, and the hash over both."""

    __tablename__ = "lab_evidence"

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[int]
    tool: Mapped[str]
    title: Mapped[str]
    input: Mapped[str]
    output: Mapped[str]
    hash: Mapped[str]
    created_at: Mapped[datetime]


class ReportRow(TenantRow, Base):
    """What the model wrote, with its references unresolved; the newest of a session counts.

    `position` is the transcript's last entry before it; `said` are the words that a search reads.
    """

    __tablename__ = "lab_report"

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    evidence: Mapped[int]
    document: Mapped[str]
    unverified: Mapped[int]
    version_id: Mapped[UUID | None]
    hash: Mapped[str | None]
    as_of: Mapped[datetime | None]
    created_at: Mapped[datetime]
    position: Mapped[int] = mapped_column(default=0)
    said: Mapped[str | None] = mapped_column(Computed("", persisted=True), deferred=True)


class ReplayRow(TenantRow, Base):
    """A session replayed from its record; `change` replaces one tool result, `result` is what was found."""

    __tablename__ = "lab_replay"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID]
    change: Mapped[dict[str, object] | None]
    state: Mapped[str]
    result: Mapped[dict[str, object] | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class BakeoffRow(TenantRow, Base):
    """The same task by several models; `entries` are the contenders, in order.

    With a `session_id` it is that session's question, asked again of its own model.
    """

    __tablename__ = "lab_bakeoff"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    goal: Mapped[str]
    symbol: Mapped[str | None]
    timeframe: Mapped[str | None]
    entries: Mapped[list[object]]
    repeats: Mapped[int]
    cap: Mapped[Decimal]
    as_of: Mapped[datetime]
    session_id: Mapped[UUID | None]
    created_by: Mapped[UUID]
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]


class BakeoffRunRow(TenantRow, Base):
    """One run: which entry, which repeat, and the session that it is."""

    __tablename__ = "lab_bakeoff_run"

    bakeoff_id: Mapped[UUID] = mapped_column(primary_key=True)
    entry: Mapped[int] = mapped_column(primary_key=True)
    repeat: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[UUID]


class ScheduleRow(TenantRow, Base):
    """A question that is asked again every day, or every week on `weekday` (Monday is 0), `minute` after midnight UTC.

    `last_due` is the time that the newest session was opened for, `last_missed` how many before it nobody was there.
    """

    __tablename__ = "lab_schedule"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    goal: Mapped[str]
    model: Mapped[str]
    credential_id: Mapped[UUID | None]
    preset_id: Mapped[UUID | None]
    cap: Mapped[Decimal | None]
    fallback: Mapped[dict[str, object] | None]
    symbol: Mapped[str | None]
    timeframe: Mapped[str | None]
    weekday: Mapped[int | None]
    minute: Mapped[int]
    next_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    last_due: Mapped[datetime | None]
    last_session: Mapped[UUID | None]
    last_missed: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None]
    idempotency_key: Mapped[str | None]
    created_by: Mapped[UUID]
    created_at: Mapped[datetime]
