"""Models side by side: what each costs, what it can do, and how it did on the workspace's own calls.

The vault knows calls and their cost. How often a model's tool calls succeeded is known to those who ran the tools; they
hand it in.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from omc.vault.prices import Override, Price, Usage, listing, price_of
from omc.vault.providers import provider
from omc.vault.tables import CredentialRow
from omc.vault.tariff import overrides

MAX_COMPARED = 5_000
COUNTED_DAYS = 90

Reached = tuple[UUID, str]
"""A model at a connection: the key's id and the model's."""

# Only calls that did somebody's work: a test of a key asks for one word.
_STATS = text("""
WITH worked AS (
  SELECT * FROM vault_call
  WHERE workspace_id = current_setting('omc.workspace')::uuid AND state <> 'reserved' AND session_id IS NOT NULL
    AND started_at >= :since
), sessions AS (
  SELECT credential_id, model, count(*) AS sessions, percentile_disc(0.5) WITHIN GROUP (ORDER BY cost) AS cost
  FROM (SELECT credential_id, model, session_id, sum(cost) AS cost FROM worked GROUP BY 1, 2, 3) AS one GROUP BY 1, 2
)
SELECT credential_id, model, count(*) AS calls, count(*) FILTER (WHERE failure IS NOT NULL) AS failed,
  percentile_disc(0.5) WITHIN GROUP (ORDER BY latency_ms) FILTER (WHERE failure IS NULL) AS latency_ms,
  percentile_disc(0.5) WITHIN GROUP (ORDER BY tokens_output * 1000.0 / latency_ms)
    FILTER (WHERE failure IS NULL AND tokens_output > 0 AND latency_ms > 0) AS tokens_per_s,
  min(sessions.sessions) AS sessions, min(sessions.cost) AS session_cost
FROM worked JOIN sessions USING (credential_id, model) GROUP BY credential_id, model
""")

_TYPICAL = text("""
SELECT count(*) AS calls, percentile_disc(0.5) WITHIN GROUP (ORDER BY tokens_input) AS input,
  percentile_disc(0.5) WITHIN GROUP (ORDER BY tokens_output) AS output, max(tokens_input) AS longest
FROM vault_call
WHERE workspace_id = current_setting('omc.workspace')::uuid AND state <> 'reserved' AND session_id IS NOT NULL
  AND started_at >= :since AND measured AND failure IS NULL
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRecord:
    """How often a model's tool calls were well formed and did what they were for."""

    calls: int
    succeeded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """How a model did in the last 90 days; a median is None where nothing was measured."""

    calls: int
    failed: int
    latency_ms: int | None
    tokens_per_s: float | None
    sessions: int
    session_cost: Decimal | None

    @property
    def answered(self) -> int:
        """How many calls have a latency."""
        return self.calls - self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Typical:
    """The workspace's median call of all models, from how many, and its longest request."""

    calls: int
    usage: Usage
    longest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A model that a key reaches; None is unknown."""

    credential_id: UUID
    credential: str
    provider: str
    model: str
    kind: str
    price: Price | None
    context: int | None
    tools: bool | None
    streaming: bool | None
    effort: bool | None
    stats: Stats | None
    tool_record: ToolRecord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All that can be reached, with the call that they are compared by."""

    rows: Sequence[Compared]
    typical: Typical | None


async def compare(session: AsyncSession, records: Mapping[Reached, ToolRecord], *, now: datetime) -> Comparison:
    """Return every model that the workspace's keys reach, with its price and its record."""
    since = now - timedelta(days=COUNTED_DAYS)
    keys = (await session.execute(select(CredentialRow).where(CredentialRow.removed_at.is_(None)))).scalars().all()
    stats = await _stats(session, since)
    own = await overrides(session)
    typical = await _typical(session, since)
    reached = [(key, model) for key in keys for model in _models(key)][:MAX_COMPARED]
    rows = await asyncio.to_thread(_rows, reached, own, stats, records, now)
    return Comparison(rows=rows, typical=typical)


def _models(key: CredentialRow) -> list[str]:
    found = {model for model in key.models if isinstance(model, str)}
    return sorted(found | ({key.default_model} if key.default_model else set()))


def _rows(
    reached: Sequence[tuple[CredentialRow, str]],
    own: Mapping[Reached, Override],
    stats: Mapping[Reached, Stats],
    records: Mapping[Reached, ToolRecord],
    now: datetime,
) -> list[Compared]:
    return [
        _row(key, model, own.get((key.id, model)), stats.get((key.id, model)), records.get((key.id, model)), now)
        for key, model in reached
    ]


def _row(
    key: CredentialRow,
    model: str,
    override: Override | None,
    stats: Stats | None,
    record: ToolRecord | None,
    now: datetime,
) -> Compared:
    offered = provider(key.provider)
    listed = listing(key.provider, key.base_url, model, at=now)
    # A protocol says what its provider's models can do; of a compatible server's models it says nothing.
    can = offered.capabilities if offered is not None and offered.price_as is not None else None
    return Compared(
        credential_id=key.id,
        credential=key.name,
        provider=key.provider,
        model=model,
        kind=offered.kind.value if offered is not None else "language",
        price=price_of(key.provider, key.base_url, model, override=override, free=key.free, at=now),
        context=listed.context if listed is not None else None,
        tools=can.tools if can is not None else None,
        streaming=can.streaming if can is not None else None,
        effort=can.effort if can is not None else None,
        stats=stats,
        tool_record=record,
    )


async def _stats(session: AsyncSession, since: datetime) -> dict[Reached, Stats]:
    rows = await session.execute(_STATS, {"since": since})
    return {
        (row.credential_id, row.model): Stats(
            calls=row.calls,
            failed=row.failed,
            latency_ms=row.latency_ms,
            tokens_per_s=None if row.tokens_per_s is None else round(float(row.tokens_per_s), 1),
            sessions=row.sessions,
            session_cost=row.session_cost,
        )
        for row in rows
    }


async def _typical(session: AsyncSession, since: datetime) -> Typical | None:
    row = (await session.execute(_TYPICAL, {"since": since})).one()
    if not row.calls:
        return None
    return Typical(calls=row.calls, usage=Usage(input=row.input, output=row.output), longest=row.longest)
