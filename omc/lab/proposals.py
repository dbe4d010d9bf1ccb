"""What sessions laid before a person: read from the evidence that each proposal left, and questions about it.

A proposal decides nothing: how its version stands is the engine's word. A version proposed more than once is shown
once, as it was proposed last.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import SessionId, VersionId
from omc.engine import claims
from omc.engine.records import Status, VersionLine
from omc.engine.service import get_version, list_strategies
from omc.kit.errors import Refusal
from omc.kit.events import audit
from omc.lab import branches, repeats, service
from omc.lab.evidence import loads
from omc.lab.tables import EvidenceRow, SessionRow

TOOL = branches.PROPOSE_TOOL
MAX_PROPOSALS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A version as a session proposed it, and how it stands."""

    session_id: SessionId
    goal: str
    evidence: int
    version_id: VersionId
    name: str
    number: int
    hash: str
    status: Status
    recommended: bool
    why: str
    unverified: int
    stability: str
    stale: bool
    created_at: datetime


async def list_proposals(session: AsyncSession) -> list[Proposal]:
    """Return the newest MAX_PROPOSALS proposals, newest first, each version once, by the session that made it first."""
    statement = (
        select(
            EvidenceRow.session_id,
            EvidenceRow.number,
            EvidenceRow.step,
            EvidenceRow.output,
            EvidenceRow.created_at,
            SessionRow.goal,
        )
        .join(SessionRow, SessionRow.id == EvidenceRow.session_id)
        .where(EvidenceRow.tool == TOOL)
        .order_by(EvidenceRow.created_at.desc(), EvidenceRow.session_id, EvidenceRow.number.desc())
        .limit(MAX_PROPOSALS)
    )
    known = await _versions(session)
    rows = (await session.execute(statement)).all()
    held = await claims.unverified(session, list(known))
    agreed = await repeats.of_sessions(session, {row.session_id for row in rows})
    gone = await branches.stale_of(session, {row.session_id for row in rows})
    found: dict[UUID, Proposal] = {}
    for row in rows:
        said = loads(row.output)
        version_id = UUID(str(said["version_id"]))
        if version_id in found or version_id not in known:
            continue
        name, line = known[version_id]
        found[version_id] = Proposal(
            session_id=SessionId(row.session_id),
            goal=row.goal,
            evidence=row.number,
            version_id=line.id,
            name=name,
            number=line.number,
            hash=line.hash,
            status=line.status,
            recommended=bool(said["recommended"]),
            why=_why(said["chosen"]),
            unverified=sum(one.unverified for one in held.get(version_id, ())),
            stability=agreed.get(row.session_id, repeats.NEVER),
            stale=(row.session_id, row.step) in gone,
            created_at=row.created_at,
        )
    return list(found.values())


async def ask_about(
    session: AsyncSession, session_id: SessionId, version_id: VersionId, *, text: str, by: str, now: datetime
) -> None:
    """Put a person's question about a proposed version to the session that proposed it.

    Refusal `not_proposed` when the session did not propose it; those of `service.say` besides.
    """
    await service.read(session, session_id)
    if not any(one == version_id for one in await _proposed(session, session_id)):
        raise Refusal("not_proposed", 422, "this session did not propose that version; ask the one that did")
    version = await get_version(session, version_id)
    question = f"About “{version.name}”, version {version.number}, which you proposed: {text.strip()}"
    await service.say(session, session_id, question if text.strip() else "", now)
    await audit(session, "proposal.asked", {"version_id": str(version_id), "session_id": str(session_id), "by": by})


async def _proposed(session: AsyncSession, session_id: SessionId) -> list[UUID]:
    statement = select(EvidenceRow.output).where(EvidenceRow.session_id == session_id, EvidenceRow.tool == TOOL)
    return [UUID(str(loads(output)["version_id"])) for output in (await session.execute(statement)).scalars()]


async def _versions(session: AsyncSession) -> dict[UUID, tuple[str, VersionLine]]:
    return {line.id: (one.name, line) for one in await list_strategies(session) for line in one.versions}


def _why(chosen: object) -> str:
    return str(chosen.get("why", "")) if isinstance(chosen, dict) else ""
