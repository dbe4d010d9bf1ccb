"""Routes by which a session proves itself: replayed from its record, and asked again."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from omc.core.ids import SessionId
from omc.identity.api import Reader, Tx, Writer
from omc.kit.http import Wired
from omc.lab import repeats, replays
from omc.lab.answers import Opened, money

router = APIRouter(prefix="/lab/sessions/{session_id}", tags=["lab"])


class EvidenceChange(BaseModel):
    """One tool result that is replaced by another."""

    model_config = ConfigDict(extra="forbid")

    evidence: Annotated[int, Field(ge=1, le=1_000_000)]
    output: dict[str, JsonValue]


class NewReplay(BaseModel):
    """What to replay: the record as it is, or with one tool result changed."""

    model_config = ConfigDict(extra="forbid")

    change: EvidenceChange | None = None


class Difference(BaseModel):
    """One place where two reports say something else."""

    model_config = ConfigDict(from_attributes=True)

    place: str
    before: str
    after: str


class ReplayAnswer(BaseModel):
    """A replay; `equal` and what follows are None until it is done."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    state: Literal["queued", "done", "failed"]
    created_at: datetime
    ended_at: datetime | None
    changed: int | None = Field(description="Number of the evidence that was replaced")
    equal: bool | None = None
    words: str | None = Field(default=None, description="Equal, or the first difference")
    steps: int | None = None
    report_hash: str | None = None
    recorded_hash: str | None = None
    proposals: int | None = None
    cost: str | None = None
    recorded_cost: str | None = None
    differences: list[Difference] = []
    error: str | None = None


class ReplaysAnswer(BaseModel):
    """The newest replays of a session."""

    items: list[ReplayAnswer]
    next: None = None


class NewRepeats(BaseModel):
    """How often to ask the question again, and what all of it may cost in US dollars."""

    model_config = ConfigDict(extra="forbid")

    n: Annotated[int, Field(ge=1, le=repeats.MAX_TIMES)]
    cap: Annotated[str | None, Field(max_length=60, examples=["3.00"])] = None


class FigureSpread(BaseModel):
    """One headline figure over all runs that have it: the lowest and the highest."""

    model_config = ConfigDict(from_attributes=True)

    label: str
    low: str
    high: str
    n: int


class RepeatRun(BaseModel):
    """One run of the question; the first one is the session itself."""

    model_config = ConfigDict(from_attributes=True)

    session_id: UUID
    state: str
    verdict: str | None


class StabilityAnswer(BaseModel):
    """How the runs of one question agree. `words` say it in one line."""

    model_config = ConfigDict(from_attributes=True)

    words: str
    runs: int
    ended: int
    agreeing: int
    verdict: str | None
    verdicts: dict[str, int]
    spreads: list[FigureSpread]
    sessions: list[RepeatRun]
    bakeoffs: list[UUID]


@router.post("/replay", status_code=202, operation_id="lab_start_replay")
async def start_replay(body: NewReplay, _caller: Writer, session: Tx, wired: Wired, session_id: UUID) -> ReplayAnswer:
    """Replay a session from its record: no model, no network and no market data is asked."""
    change = None if body.change is None else body.change.model_dump()
    return _replay(await replays.start(session, SessionId(session_id), change=change, now=wired.clock()))


@router.get("/replay", operation_id="lab_replays")
async def list_replays(_caller: Reader, session: Tx, session_id: UUID) -> ReplaysAnswer:
    """List a session's replays, newest first."""
    found = await replays.newest(session, SessionId(session_id))
    return ReplaysAnswer(items=[_replay(one) for one in found])


@router.post("/repeats", status_code=201, operation_id="lab_repeat")
async def repeat(body: NewRepeats, caller: Writer, session: Tx, wired: Wired, session_id: UUID) -> Opened:
    """Ask a session's question again, several times, of the same model and on the same past; returns the bake-off."""
    started = await repeats.start(
        session,
        SessionId(session_id),
        times=body.n,
        cap=None if body.cap is None else money(body.cap, "/cap"),
        person_id=caller.person_id,
        now=wired.clock(),
    )
    return Opened(id=started)


@router.get("/repeats", operation_id="lab_stability")
async def stability(_caller: Reader, session: Tx, session_id: UUID) -> StabilityAnswer:
    """Show how far the runs of a session's question agree, itself among them."""
    return StabilityAnswer.model_validate(await repeats.stability(session, SessionId(session_id)))


def _replay(row: replays.Shown) -> ReplayAnswer:
    return ReplayAnswer.model_validate(row)
