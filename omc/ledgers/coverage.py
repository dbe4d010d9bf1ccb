"""Counts what a series holds and what it lacks, in SQL: outages stay gaps, and each is named."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from omc.ledgers.rules import Gap

MAX_GAPS = 1_000

_REFRESH = text("""
UPDATE ledgers_series SET bars = counted.bars, first_ts = counted.first_ts, last_ts = counted.last_ts,
  gaps = counted.gaps, missing = counted.missing, quarantined = quarantined + :quarantined
FROM (
  SELECT count(*) AS bars, min(ts) AS first_ts, max(ts) AS last_ts,
    count(*) FILTER (WHERE ahead > 1) AS gaps, coalesce(sum(ahead - 1) FILTER (WHERE ahead > 1), 0) AS missing
  FROM (
    SELECT ts, floor(extract(epoch FROM lead(ts) OVER (ORDER BY ts) - ts) * 1000 / :step) AS ahead
    FROM ledgers_bar WHERE workspace_id = current_setting('omc.workspace')::uuid AND series_id = :series
  ) AS stepped
) AS counted
WHERE workspace_id = current_setting('omc.workspace')::uuid AND id = :series
""")

_GAPS = text("""
SELECT ts + make_interval(secs => :step / 1000.0) AS start, next AS "end",
  (extract(epoch FROM next - ts) * 1000 / :step)::bigint - 1 AS missing
FROM (
  SELECT ts, lead(ts) OVER (ORDER BY ts) AS next
  FROM ledgers_bar WHERE workspace_id = current_setting('omc.workspace')::uuid AND series_id = :series
) AS stepped
WHERE next - ts > make_interval(secs => :step / 1000.0)
ORDER BY ts LIMIT :limit
""")


async def refresh(session: AsyncSession, series: UUID, *, timeframe_ms: int, quarantined: int) -> None:
    """Count the series' bars and gaps anew, move its watermark, and add the rows just quarantined."""
    await session.execute(_REFRESH, {"series": series, "step": timeframe_ms, "quarantined": quarantined})


async def gaps(session: AsyncSession, series: UUID, *, timeframe_ms: int, limit: int = MAX_GAPS) -> list[Gap]:
    """Return the holes of a series, oldest first."""
    result = await session.execute(_GAPS, {"series": series, "step": timeframe_ms, "limit": min(limit, MAX_GAPS)})
    return [Gap(start=row.start, end=row.end, missing=row.missing) for row in result]
