"""The rows of the ledgers' tables except the bars, which are read and written as columns, in SQL."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Uuid, cast, func
from sqlalchemy.orm import Mapped, mapped_column

from omc.core.ids import SeriesId
from omc.kit.db import Base, TenantRow
from omc.ledgers.rules import Origin, Series

WORKSPACE = cast(func.current_setting("omc.workspace"), Uuid())
"""The workspace of the transaction, as the database knows it: what every inserted row belongs to."""


class SeriesRow(TenantRow, Base):
    """One market at one timeframe from one source, with its coverage as of the last import."""

    __tablename__ = "ledgers_series"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    venue: Mapped[str]
    symbol: Mapped[str]
    timeframe: Mapped[str]
    variant: Mapped[str]
    timeframe_ms: Mapped[int] = mapped_column(BigInteger)
    origin: Mapped[str]
    label: Mapped[str]
    bars: Mapped[int] = mapped_column(BigInteger)
    first_ts: Mapped[datetime | None]
    last_ts: Mapped[datetime | None]
    gaps: Mapped[int] = mapped_column(BigInteger)
    missing: Mapped[int] = mapped_column(BigInteger)
    quarantined: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]

    def value(self) -> Series:
        """Return the row as the value that others see."""
        close = timedelta(milliseconds=self.timeframe_ms)
        return Series(
            id=SeriesId(self.id),
            venue=self.venue,
            symbol=self.symbol,
            timeframe=self.timeframe,
            origin=Origin(self.origin),
            label=self.label,
            bars=self.bars,
            start=self.first_ts,
            end=None if self.last_ts is None else self.last_ts + close,
            gaps=self.gaps,
            missing=self.missing,
            quarantined=self.quarantined,
        )


class ImportRow(TenantRow, Base):
    """One file taken in or refused; `said` is what the caller said about it beside its content."""

    __tablename__ = "ledgers_import"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    sha256: Mapped[str]
    said: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str]
    rows_read: Mapped[int] = mapped_column(BigInteger)
    rows_kept: Mapped[int] = mapped_column(BigInteger)
    rows_unchanged: Mapped[int] = mapped_column(BigInteger)
    rows_quarantined: Mapped[int] = mapped_column(BigInteger)
    series: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    created_at: Mapped[datetime]


class QuarantineRow(TenantRow, Base):
    """One row of a file that was left out (or only reported, when `kept`), with line and reason."""

    __tablename__ = "ledgers_quarantine"

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    line: Mapped[int] = mapped_column(BigInteger)
    code: Mapped[str]
    reason: Mapped[str]
    raw: Mapped[str]
    kept: Mapped[bool]


class SealRow(TenantRow, Base):
    """A stretch of a series that is withheld for an exam, and how much was tried on it before it was."""

    __tablename__ = "ledgers_seal"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    series_id: Mapped[UUID]
    start_ts: Mapped[datetime]
    end_ts: Mapped[datetime]
    tried_before: Mapped[int]
    sealed_by: Mapped[str]
    sealed_at: Mapped[datetime]


class SealBrokenRow(TenantRow, Base):
    """Who gave a sealed stretch back to research, and why."""

    __tablename__ = "ledgers_seal_broken"

    seal_id: Mapped[UUID] = mapped_column(primary_key=True)
    reason: Mapped[str]
    broken_by: Mapped[str]
    broken_at: Mapped[datetime]


class ObservedRow(TenantRow, Base):
    """A named series of observations, which are written and read in SQL."""

    __tablename__ = "ledgers_observed"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    source: Mapped[str]
    created_at: Mapped[datetime]
