"""Owns the observations: stored under a name, read as they were known at the close of each bar.

Each has three instants: `ts`, what it describes, `seen_ts`, from when on it could be known, and `stored_ts`, when we
got it. Nothing is read by `ts` alone, so that a figure of a day is never known while the day lasts; what must not
change any more, a replay, is read as it was stored at some instant.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import numpy as np
from sqlalchemy import CursorResult, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from omc.kit.errors import Refusal
from omc.kit.ids import new_id
from omc.ledgers import seals
from omc.ledgers.columns import Floats, Stamps
from omc.ledgers.rules import Observed
from omc.ledgers.tables import WORKSPACE, ObservedRow

CHUNK = 50_000
FOREVER_MS = 253_370_764_800_000
"""The year 9999: all that is stored."""

_STORE = text("""
INSERT INTO ledgers_observation (workspace_id, observed_id, ts, seen_ts, value, stored_ts)
SELECT current_setting('omc.workspace')::uuid, known.id, timestamptz 'epoch' + ts * interval '1 millisecond',
  timestamptz 'epoch' + seen * interval '1 millisecond', value, :now
FROM unnest(CAST(:numbers AS integer[]), CAST(:ts AS bigint[]), CAST(:seen AS bigint[]),
  CAST(:value AS double precision[])) AS given(number, ts, seen, value)
JOIN unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS known(id, number) ON known.number = given.number + 1
ON CONFLICT DO NOTHING
""")
_CONFLICTS = text("""
SELECT given.line
FROM unnest(CAST(:numbers AS integer[]), CAST(:ts AS bigint[]), CAST(:seen AS bigint[]),
  CAST(:value AS double precision[]), CAST(:lines AS bigint[])) AS given(number, ts, seen, value, line)
JOIN unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS known(id, number) ON known.number = given.number + 1
JOIN ledgers_observation AS stored ON stored.workspace_id = current_setting('omc.workspace')::uuid
  AND stored.observed_id = known.id AND stored.ts = timestamptz 'epoch' + given.ts * interval '1 millisecond'
WHERE stored.value <> given.value
  OR stored.seen_ts <> timestamptz 'epoch' + given.seen * interval '1 millisecond'
ORDER BY given.line
""")
_LISTED = text("""
SELECT named.id, named.name, named.source, count(*) AS rows, min(ts) AS start, max(ts) AS "end"
FROM ledgers_observed AS named
JOIN ledgers_observation AS stored ON stored.workspace_id = named.workspace_id AND stored.observed_id = named.id
WHERE named.workspace_id = current_setting('omc.workspace')::uuid
  AND (CAST(:ids AS uuid[]) IS NULL OR named.id = ANY(CAST(:ids AS uuid[])))
GROUP BY named.id, named.name, named.source ORDER BY named.name LIMIT :limit
""")
_READ = text("""
SELECT (extract(epoch FROM ts) * 1000)::bigint AS ts, (extract(epoch FROM seen_ts) * 1000)::bigint AS seen, value
FROM ledgers_observation
WHERE workspace_id = current_setting('omc.workspace')::uuid AND observed_id = :id
  AND seen_ts <= timestamptz 'epoch' + :until * interval '1 millisecond'
  AND stored_ts <= coalesce(CAST(:as_of AS timestamptz), 'infinity')
ORDER BY seen_ts, ts
""")
MAX_LISTED = 1_000
SHOWN = 8
"""Names in a refusal."""


async def list_observed(session: AsyncSession, ids: Collection[UUID] | None = None) -> list[Observed]:
    """Return every named series with observations, by name; only those of `ids` where some are named."""
    if ids is not None and not ids:
        return []
    found = await session.execute(_LISTED, {"limit": MAX_LISTED, "ids": None if ids is None else list(ids)})
    return [Observed(**row) for row in found.mappings()]


async def open_observed(
    session: AsyncSession, names: Sequence[str], sources: Sequence[str], *, now: datetime
) -> list[ObservedRow]:
    """Return the row of each name, in their order; made where there was none."""
    rows = [
        {"workspace_id": WORKSPACE, "id": new_id(), "name": name, "source": source, "created_at": now}
        for name, source in sorted(zip(names, sources, strict=True))
    ]
    if not rows:
        return []
    await session.execute(insert(ObservedRow).values(rows).on_conflict_do_nothing())
    found = await session.scalars(select(ObservedRow).where(ObservedRow.name.in_(names)))
    known = {row.name: row for row in found}
    return [known[name] for name in names]


async def store(
    session: AsyncSession,
    ids: Sequence[UUID],
    *,
    numbers: Stamps,
    ts: Stamps,
    seen: Stamps,
    value: Floats,
    lines: Stamps,
    now: datetime,
) -> tuple[int, list[int]]:
    """Insert what is new; `numbers` count in `ids`. Returns how many were new, and the lines that contradict."""
    kept, contradicting = 0, list[int]()
    for begin in range(0, len(ts), CHUNK):
        part = slice(begin, begin + CHUNK)
        given = {
            "ids": list(ids),
            "numbers": numbers[part].tolist(),
            "ts": ts[part].tolist(),
            "seen": seen[part].tolist(),
            "value": value[part].tolist(),
            "now": now,
        }
        stored = await session.execute(_STORE, given)
        assert isinstance(stored, CursorResult)
        kept += stored.rowcount
        if stored.rowcount < len(given["ts"]):
            told = await session.scalars(_CONFLICTS, given | {"lines": lines[part].tolist()})
            contradicting.extend(told)
    return kept, contradicting


async def known_at(
    session: AsyncSession,
    name: str,
    closes: Stamps,
    *,
    max_age_ms: int,
    place: str,
    as_of: datetime | None = None,
    sealed: bool = False,
) -> Floats:
    """Return, for each close (UTC milliseconds, rising), the newest observation that was known by then, else NaN.

    It counts for `max_age_ms` after it was seen; with `as_of`, nothing counts that was stored after that. What tells of
    a market beyond its seal is read where `sealed` says so, by an exam and by live trading. Raises Refusal
    `observed_unknown` and `sealed` at `place`.
    """
    until = int(closes[-1]) if len(closes) else 0
    if not sealed:
        await _check_open(session, name, until, place=place)
    ts, seen, value = await _seen_until(session, name, until, place=place, as_of=as_of)
    return newest(ts, seen, value, closes, max_age_ms=max_age_ms)


def newest(ts: Stamps, seen: Stamps, value: Floats, closes: Stamps, *, max_age_ms: int) -> Floats:
    """The same from observations in order of `seen`."""
    if len(ts) == 0:
        return np.full(len(closes), np.nan)
    leads = np.maximum.accumulate(ts) == ts  # what is seen late and describes an earlier instant tells nothing new
    ts, seen, value = ts[leads], seen[leads], value[leads]
    at = np.searchsorted(seen, closes, side="right") - 1
    known = (at >= 0) & (closes - seen[at] <= max_age_ms)
    return np.where(known, value[at], np.nan)


async def happened_by(
    session: AsyncSession,
    name: str,
    closes: Stamps,
    *,
    place: str,
    as_of: datetime | None = None,
    sealed: bool = False,
) -> tuple[Stamps, Floats]:
    """Return times and values of all that is stored, in order of time, whenever it could be known.

    `as_of`, `sealed` and the refusals are those of `known_at`.
    """
    if not sealed:
        await _check_open(session, name, int(closes[-1]) if len(closes) else 0, place=place)
    ts, _, value = await _seen_until(session, name, FOREVER_MS, place=place, as_of=as_of)
    order = np.argsort(ts)
    return ts[order], value[order]


async def seen_by(session: AsyncSession, name: str, until: datetime, *, place: str) -> tuple[Stamps, Stamps, Floats]:
    """Return times, instants seen and values of what could be known at `until` and was stored by then, as first seen.

    What tells of a market ends before its seal. Raises Refusal `observed_unknown` at `place`.
    """
    edge = await seals.until_of(session, name)
    last = until if edge is None else min(until, edge)
    return await _seen_until(session, name, round(last.timestamp() * 1_000), place=place, as_of=until)


async def _check_open(session: AsyncSession, name: str, until: int, *, place: str) -> None:
    edge = await seals.until_of(session, name)
    if edge is not None and until > round(edge.timestamp() * 1_000):
        told = f"`{name}` tells of a market that is sealed for an exam from {seals.day(edge)} on"
        raise Refusal("sealed", 409, f"{told}; end the span there or before, or read something else", place=place)


async def _seen_until(
    session: AsyncSession, name: str, until: int, *, place: str, as_of: datetime | None
) -> tuple[Stamps, Stamps, Floats]:
    """Times, instants seen and values of what was known at `until`, in order of being seen.

    With `as_of` only what was stored by then, whatever a later import says of when it was seen.
    """
    row = await session.scalar(select(ObservedRow.id).where(ObservedRow.name == name))
    if row is None:
        there = list(await session.scalars(select(ObservedRow.name).order_by(ObservedRow.name).limit(SHOWN + 1)))
        more = " …" if len(there) > SHOWN else ""
        shown = f"there are: {', '.join(there[:SHOWN])}{more}" if there else "there are none yet"
        told = f"no observations are stored as `{name}`; {shown}. Import some with `omc data import FILE`"
        raise Refusal("observed_unknown", 422, told, place=place)
    found = (await session.execute(_READ, {"id": row, "until": until, "as_of": as_of})).all()
    ts, seen = (np.asarray([one[at] for one in found], dtype=np.int64) for at in (0, 1))
    return ts, seen, np.asarray([one[2] for one in found], dtype=np.float64)
