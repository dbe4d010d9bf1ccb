"""Where the data of a series is sealed for an exam: nothing from there on is seen by research until the seal is broken.

Everything after a sealed stretch is withheld with it: a run behind it would warm up on what is sealed.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import SeriesId
from omc.core.market import Span
from omc.engine.tables import SealBrokenRow, SealRow
from omc.kit.errors import Refusal
from omc.ledgers.rules import Series

_BEGIN, _END = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What research may look at: `span` (None: all), cut before `until`, where the first seal lies."""

    span: Span | None
    until: datetime | None

    @property
    def said(self) -> dict[str, str]:
        """What to print with a result whose data was cut; empty when it was not."""
        if self.until is None:
            return {}
        return {"sealed": f"bars from {_day(self.until)} on are sealed for an exam; nothing from there on was read"}


async def until(session: AsyncSession, series_id: SeriesId | UUID) -> datetime | None:
    """Return the start of the first stretch that is still sealed; None when nothing is."""
    broken = select(SealBrokenRow.seal_id).where(SealBrokenRow.seal_id == SealRow.id).exists()
    statement = select(func.min(SealRow.start_ts)).where(SealRow.series_id == series_id, ~broken)
    return await session.scalar(statement)


async def last(session: AsyncSession, series: Series) -> datetime | None:
    """Return where the part of a series ends that research may see; None when it has no bars."""
    edge = await until(session, series.id)
    return series.end if edge is None or series.end is None else min(edge, series.end)


async def view(
    session: AsyncSession, series_id: SeriesId | UUID, *, start: datetime | None, end: datetime | None
) -> View:
    """Return what may be looked at of what is asked for: without an `end`, the look stops before the seal and says so.

    Refusal `sealed` when `start` or `end` reaches into what is sealed.
    """
    edge = await until(session, series_id)
    if edge is None:
        if start is None and end is None:
            return View(span=None, until=None)
        return View(span=Span(start or _BEGIN, end or _END), until=None)
    if (start is not None and start >= edge) or (end is not None and end > edge):
        text = (
            f"the bars of this series from {_day(edge)} on are sealed for an exam; end the span there or before, or"
            " sit the exam with the one version that you believe in"
        )
        raise Refusal("sealed", 409, text, place="/end")
    return View(span=Span(start or _BEGIN, end or edge), until=None if end is not None else edge)


def _day(instant: datetime) -> str:
    utc = instant.astimezone(UTC)
    return f"{utc:%Y-%m-%d}" if utc.time() == datetime.min.time() else f"{utc:%Y-%m-%d %H:%M} UTC"
