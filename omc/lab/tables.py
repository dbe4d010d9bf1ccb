"""The lab's rows, typed. Transcript, evidence and reports are JSON kept as text: their hashes cover the very bytes."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

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
    idempotency_key: Mapped[str | None]
    opened_by: Mapped[UUID]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    trust: Mapped[int] = mapped_column(default=Trust.PERSON.value)
    secrecy: Mapped[int] = mapped_column(default=Secrecy.PUBLIC.value)


class EntryRow(TenantRow, Base):
    """One entry of the transcript: a person's message, a model's answer, or a tool's result."""

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
    """What the model wrote, with its references unresolved; the newest of a session counts."""

    __tablename__ = "lab_report"

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    evidence: Mapped[int]
    document: Mapped[str]
    unverified: Mapped[int]
    version_id: Mapped[UUID | None]
    created_at: Mapped[datetime]


class BakeoffRow(TenantRow, Base):
    """The same task by several models; `entries` are the contenders, in order."""

    __tablename__ = "lab_bakeoff"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    goal: Mapped[str]
    symbol: Mapped[str | None]
    timeframe: Mapped[str | None]
    entries: Mapped[list[object]]
    repeats: Mapped[int]
    cap: Mapped[Decimal]
    as_of: Mapped[datetime]
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
