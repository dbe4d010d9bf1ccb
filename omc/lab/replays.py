"""Replays as a person asks for them: written down, made by a worker, and shown with what they found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import SessionId
from omc.kit.errors import Refusal
from omc.kit.ids import new_id
from omc.kit.work import enqueue
from omc.lab import rules, service
from omc.lab.tables import ReplayRow

REPLAY_JOB = "lab.replay"
MAX_SHOWN = 20

_WORKSPACE = text("current_setting('omc.workspace')::uuid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """One place where two reports say something else."""

    place: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A replay as it stands; everything behind `changed` is None until it is done."""

    id: UUID
    state: str
    created_at: datetime
    ended_at: datetime | None
    changed: int | None
    equal: bool | None = None
    words: str | None = None
    steps: int | None = None
    report_hash: str | None = None
    recorded_hash: str | None = None
    proposals: int | None = None
    cost: str | None = None
    recorded_cost: str | None = None
    differences: Sequence[Differing] = ()
    error: str | None = None


_SHOWN = TypeAdapter(Shown)


async def start(
    session: AsyncSession, session_id: SessionId, *, change: Mapping[str, object] | None, now: datetime
) -> Shown:
    """Write a replay down and let a worker make it; refused while the session is under way."""
    row = await service.read(session, session_id)
    if row.state in rules.UNDER_WAY:
        raise Refusal("session_under_way", 409, "This session is under way. Replay it when it rests.")
    if change is not None:
        await service.evidence(session, session_id, int(str(change["evidence"])))
    replay_id = new_id()
    written = {"id": replay_id, "session_id": session_id, "change": change, "state": "queued", "created_at": now}
    await session.execute(insert(ReplayRow).values(workspace_id=_WORKSPACE, **written))
    ids = {"workspace_id": str(row.workspace_id), "replay_id": str(replay_id)}
    await enqueue(session, REPLAY_JOB, ids=ids)
    return shown(await read(session, replay_id))


async def read(session: AsyncSession, replay_id: UUID) -> ReplayRow:
    """Return one replay."""
    return (await session.execute(select(ReplayRow).where(ReplayRow.id == replay_id))).scalar_one()


async def newest(session: AsyncSession, session_id: SessionId) -> list[Shown]:
    """Return a session's newest replays, newest first."""
    await service.read(session, session_id)
    query = select(ReplayRow).where(ReplayRow.session_id == session_id).order_by(ReplayRow.id.desc()).limit(MAX_SHOWN)
    return [shown(row) for row in (await session.execute(query)).scalars()]


def shown(row: ReplayRow) -> Shown:
    """Return a replay as it is shown."""
    known = {
        "id": row.id,
        "state": row.state,
        "created_at": row.created_at,
        "ended_at": row.ended_at,
        "changed": None if row.change is None else int(str(row.change["evidence"])),
        "error": row.error,
    }
    return _SHOWN.validate_python({**(row.result or {}), **known})
