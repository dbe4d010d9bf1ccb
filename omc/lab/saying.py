"""The transcript as a person reads it: who said what at which place, which calls were made, and what is stale."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import SessionId
from omc.lab import branches, rules, service
from omc.lab.tables import EntryRow

MAX_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A tool call as a model made it."""

    tool: str
    arguments: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry; a branch says from which place (`cut`) on what stands before it is stale."""

    position: int
    kind: str
    step: int | None
    stale: bool
    text: str
    calls: Sequence[Call]
    tool: str | None
    ok: bool | None
    evidence: int | None
    cut: int | None
    created_at: datetime


async def transcript(session: AsyncSession, session_id: SessionId, *, after: int, limit: int) -> list[Line]:
    """Return a page of a session's transcript, in order."""
    await service.read(session, session_id)
    living = {one.position for one in rules.living(await branches.facts(session, session_id))}
    query = select(EntryRow).where(EntryRow.session_id == session_id, EntryRow.position > after)
    rows = await session.scalars(query.order_by(EntryRow.position).limit(min(limit, MAX_PAGE)))
    return [_line(row, stale=row.position not in living) for row in rows]


def _line(row: EntryRow, *, stale: bool) -> Line:
    body: Mapping[str, object] = json.loads(row.body)
    response = body.get("response")
    parts: Sequence[Mapping[str, object]] = response["parts"] if isinstance(response, Mapping) else ()
    spoken = [str(part["content"]) for part in parts if part["part_kind"] == "text"]
    evidence = body.get("evidence")
    return Line(
        position=row.position,
        kind=row.kind,
        step=row.step or None,
        stale=stale,
        text=str(body.get("text", "")) or "\n\n".join(spoken),
        calls=[_call(part) for part in parts if part["part_kind"] == "tool-call"],
        tool=None if "tool" not in body else str(body["tool"]),
        ok=None if "ok" not in body else bool(body["ok"]),
        evidence=None if evidence is None else int(str(evidence)),
        cut=row.cut or None,
        created_at=row.created_at,
    )


def _call(part: Mapping[str, object]) -> Call:
    arguments = part["args"]
    return Call(tool=str(part["tool_name"]), arguments=arguments if isinstance(arguments, Mapping) else {})
