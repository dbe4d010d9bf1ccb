"""Routes of the lab that have to do with models and keys: what a form offers, estimates, and removing a key in use."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from omc.core.ids import SessionId
from omc.core.money import text as decimal_text
from omc.identity.api import Admin, Reader, Tx, Writer
from omc.kit.http import Wired
from omc.lab import keys, service
from omc.lab.answers import (
    CapChange,
    EstimateAnswer,
    KeySession,
    KeySessions,
    ModelAnswer,
    ModelsAnswer,
    Removal,
    Removed,
    SessionAnswer,
    money,
)
from omc.lab.choosing import Fallback
from omc.lab.showing import shown
from omc.vault import service as vault

router = APIRouter(prefix="/lab", tags=["lab"])


@router.get("/models")
async def models(_caller: Reader, session: Tx, wired: Wired) -> ModelsAnswer:
    """List the models that a session can use, the built-in one first."""
    found = await keys.offered(session, now=wired.clock())
    return ModelsAnswer(items=[ModelAnswer.model_validate(choice, from_attributes=True) for choice in found])


@router.get("/estimate")
async def estimate(
    _caller: Reader,
    session: Tx,
    model: Annotated[str, Query(min_length=1, max_length=200)],
    credential_id: UUID | None = None,
) -> EstimateAnswer:
    """Tell what ended sessions with this model cost and took."""
    found = await keys.estimate(session, credential_id, model)
    if found.cost is None or found.minutes is None:
        return EstimateAnswer(n=0)
    (cost_low, cost_high), (minutes_low, minutes_high) = found.cost, found.minutes
    return EstimateAnswer(
        n=found.n,
        cost_low=decimal_text(cost_low),
        cost_high=decimal_text(cost_high),
        minutes_low=minutes_low,
        minutes_high=minutes_high,
    )


@router.put("/sessions/{session_id}/cap")
async def change_cap(body: CapChange, _caller: Writer, session: Tx, session_id: UUID) -> SessionAnswer:
    """Change a session's cap; it holds from the next call on. One that ended at its cap goes on when you say so."""
    await service.change_cap(session, SessionId(session_id), money(body.cap, "/cap"))
    return await shown(session, session_id)


@router.get("/credentials/{credential_id}/sessions")
async def sessions_using(_caller: Reader, session: Tx, credential_id: UUID) -> KeySessions:
    """List the sessions under way that use a key."""
    await vault.get_credential(session, credential_id)
    found = await keys.using(session, credential_id)
    return KeySessions(items=[KeySession.model_validate(row, from_attributes=True) for row in found])


@router.post("/credentials/{credential_id}/remove")
async def remove_credential(body: Removal, caller: Admin, session: Tx, wired: Wired, credential_id: UUID) -> Removed:
    """Erase a key; the sessions that use it go on with another model, or end with their work kept."""
    reassign = None if body.reassign is None else Fallback(**body.reassign.model_dump())
    ended, moved = await keys.remove(session, credential_id, reassign=reassign, by=caller.person_id, now=wired.clock())
    return Removed(ended=ended, moved=moved)
