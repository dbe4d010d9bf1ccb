"""What was spent: the same figures by day, model, key or session, all from one query over the calls.

Every figure counts calls that are over; what is under way is in the standings' `reserved`. A call belongs to the UTC
day in which it began, as in its budgets, so the cuts agree with each other, with the budgets and with the books.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import RowMapping, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from omc.vault.caps import Caps, caps, day_scope, month_scope
from omc.vault.spend import Standing, standings
from omc.vault.tables import CallRow, CredentialRow

MAX_ROWS = 1_000
MAX_PAGE = 500

# The first row is the whole, so the parts and their sum cannot come from different moments.
_USAGE = text("""
WITH calls AS (
  SELECT call.*, CASE :cut
    WHEN 'day' THEN to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')
    WHEN 'model' THEN model
    WHEN 'credential' THEN credential_id::text
    ELSE COALESCE(session_id::text, '') END AS key
  FROM vault_call call
  WHERE workspace_id = current_setting('omc.workspace')::uuid AND state <> 'reserved'
    AND started_at >= :since AND started_at < :until
)
SELECT key, GROUPING(key) = 1 AS whole, count(*) AS calls, count(*) FILTER (WHERE failure IS NOT NULL) AS failed,
  COALESCE(sum(tokens_input), 0)::bigint AS input, COALESCE(sum(tokens_cache_read), 0)::bigint AS cache_read,
  COALESCE(sum(tokens_cache_write), 0)::bigint AS cache_write, COALESCE(sum(tokens_output), 0)::bigint AS output,
  COALESCE(sum(tokens_reasoning), 0)::bigint AS reasoning, COALESCE(sum(cost), 0) AS cost,
  COALESCE(sum(cost) FILTER (WHERE failure IS NOT NULL), 0) AS failed_cost,
  COALESCE(sum(cost) FILTER (WHERE tried > 1 OR attempt > 1), 0) AS retried_cost,
  COALESCE(sum(claimed - cost), 0) AS claimed_above
FROM calls GROUP BY GROUPING SETS ((key), ())
ORDER BY whole DESC, CASE WHEN :cut = 'day' THEN key END, cost DESC, key LIMIT :limit
""")


_FIGURES = (
    *("calls", "failed", "input", "cache_read", "cache_write", "output", "reasoning"),
    *("cost", "failed_cost", "retried_cost", "claimed_above"),
)


class Cut(StrEnum):
    """By what usage is parted."""

    DAY = "day"
    MODEL = "model"
    CREDENTIAL = "credential"
    SESSION = "session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the usage, or all of it. `failed_cost` paid for answers that never came, `retried_cost` for repeats.

    A repeat that failed is in both; both are inside `cost`. `claimed_above` is what providers told beyond what was
    reserved: it is booked nowhere.
    """

    key: str
    label: str
    calls: int
    failed: int
    input: int
    cache_read: int
    cache_write: int
    output: int
    reasoning: int
    cost: Decimal
    failed_cost: Decimal
    retried_cost: Decimal
    claimed_above: Decimal

    @property
    def cached_share(self) -> float | None:
        """How much of the input was read from the provider's cache, 0 to 1."""
        return None if not self.input else round(self.cache_read / self.input, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """The usage of a time, whole and in parts: days in order, others the dearest first, at most 1,000."""

    parts: Sequence[Part]
    total: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """What holds at this moment: the day's and the month's standing, and the caps."""

    today: Standing
    month: Standing
    caps: Caps


async def usage(session: AsyncSession, cut: Cut, *, since: datetime, until: datetime) -> Used:
    """Return what the calls that began in this time used and cost."""
    asked = {"cut": cut.value, "since": since, "until": until, "limit": MAX_ROWS + 1}
    rows = (await session.execute(_USAGE, asked)).mappings().all()
    names = await _names(session) if cut is Cut.CREDENTIAL else {}
    whole, *parts = [_part(row, names) for row in rows]
    return Used(parts=parts, total=whole)


async def now_standing(session: AsyncSession, *, now: datetime) -> Now:
    """Return how far the day and the month are, and what holds them."""
    day, month = day_scope(now), month_scope(now)
    found = await standings(session, [day, month])
    return Now(today=found[day], month=found[month], caps=await caps(session))


async def calls(session: AsyncSession, *, session_id: UUID | None, after: UUID | None, limit: int) -> Sequence[CallRow]:
    """Return calls, the newest first, those behind the call `after`; of one session when it is named."""
    place = tuple_(CallRow.started_at, CallRow.id)
    query = select(CallRow).order_by(CallRow.started_at.desc(), CallRow.id.desc()).limit(min(limit, MAX_PAGE))
    if session_id is not None:
        query = query.where(CallRow.session_id == session_id)
    if after is not None:
        last = select(CallRow.started_at, CallRow.id).where(CallRow.id == after).scalar_subquery()
        query = query.where(place < last)
    return (await session.execute(query)).scalars().all()


def _part(row: RowMapping, names: Mapping[str, str]) -> Part:
    figures = {name: row[name] for name in _FIGURES}
    key = row["key"] or ""
    return Part(key=key, label=names.get(key, key), **figures)


async def _names(session: AsyncSession) -> dict[str, str]:
    rows = await session.execute(select(CredentialRow.id, CredentialRow.name))
    return {str(row.id): row.name for row in rows}
