"""Routes of bake-offs: start one, watch it, end it."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from omc.core.money import text as decimal_text
from omc.identity.api import Reader, Tx, Writer
from omc.kit.http import Wired
from omc.lab import bakeoffs
from omc.lab.answers import MAX_BODY_CHARACTERS, Opened, money
from omc.lab.bakeoffs import Contender, Standing, Task
from omc.lab.scoring import Estimate, Score

router = APIRouter(prefix="/lab/bakeoffs", tags=["lab"])

PAGE = 20


class Entry(BaseModel):
    """One model to compare; without a key a built-in one."""

    model_config = ConfigDict(extra="forbid")

    model: Annotated[str, Field(min_length=1, max_length=200, examples=["analyst"])]
    credential_id: UUID | None = None
    preset_id: UUID | None = None


class NewBakeoff(BaseModel):
    """What all models shall do, how often, and what all of it may cost in US dollars."""

    model_config = ConfigDict(extra="forbid")

    goal: Annotated[str, Field(max_length=MAX_BODY_CHARACTERS)]
    entries: Annotated[list[Entry], Field(max_length=100)]
    repeats: Annotated[int, Field(ge=0, le=1_000)] = bakeoffs.MIN_REPEATS
    cap: Annotated[str, Field(max_length=60, examples=["3.00"])]
    symbol: Annotated[str | None, Field(max_length=60, examples=["BTC/USDT"])] = None
    timeframe: Annotated[str | None, Field(max_length=10, examples=["1h"])] = None


class IntervalAnswer(BaseModel):
    """A share or a mean over `n` observations with its 95 % interval."""

    value: float
    low: float | None
    high: float | None
    n: int


class CostInterval(BaseModel):
    """The mean cost of `n` runs in US dollars with its 95 % interval."""

    value: str
    low: str | None
    high: str | None
    n: int


class ScoreAnswer(BaseModel):
    """One entry over its ended runs: shares between 0 and 1, seconds, US dollars."""

    entry: JsonValue
    runs: int
    reported: IntervalAnswer | None
    evidence_validity: IntervalAnswer | None
    tool_success: IntervalAnswer | None
    agreement: IntervalAnswer | None
    verdicts: dict[str, int]
    states: dict[str, int]
    steps: IntervalAnswer | None
    seconds: IntervalAnswer | None
    cost: CostInterval | None
    cost_total: str


class RunAnswer(BaseModel):
    """One run."""

    entry: int
    repeat: int
    session_id: UUID
    state: str
    cost: str


class BakeoffShort(BaseModel):
    """A bake-off in a list."""

    id: UUID
    goal: str
    symbol: str | None
    timeframe: str | None
    entries: list[JsonValue]
    repeats: int
    cap: str
    spent: str
    as_of: datetime
    created_at: datetime
    state: Literal["running", "done", "cancelled"]
    ended: int
    runs_total: int


class BakeoffAnswer(BakeoffShort):
    """A bake-off, whole. More than one data hash means that the runs did not see the same bars."""

    runs: list[RunAnswer]
    scores: list[ScoreAnswer]
    data_hashes: list[str]


class BakeoffsAnswer(BaseModel):
    """A page of bake-offs, newest first."""

    items: list[BakeoffShort]
    next: UUID | None


@router.post("", status_code=201, operation_id="lab_start_bakeoff")
async def start_bakeoff(body: NewBakeoff, caller: Writer, session: Tx, wired: Wired) -> Opened:
    """Start a bake-off; its runs wait in the queue like other sessions."""
    task = Task(
        goal=body.goal,
        entries=[Contender(**entry.model_dump()) for entry in body.entries],
        repeats=body.repeats,
        cap=money(body.cap, "/cap"),
        symbol=body.symbol,
        timeframe=body.timeframe,
    )
    opened = await bakeoffs.start(
        session, task, workspace_id=caller.workspace_id, person_id=caller.person_id, now=wired.clock()
    )
    return Opened(id=opened)


@router.get("", operation_id="lab_bakeoffs")
async def list_bakeoffs(
    _caller: Reader,
    session: Tx,
    cursor: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=bakeoffs.MAX_PAGE)] = PAGE,
) -> BakeoffsAnswer:
    """List bake-offs, newest first."""
    found = await bakeoffs.newest(session, before=cursor, limit=limit)
    items = [BakeoffShort.model_validate(_short(one)) for one in found]
    return BakeoffsAnswer(items=items, next=found[-1].row.id if len(found) == limit else None)


@router.get("/{bakeoff_id}", operation_id="lab_bakeoff")
async def bakeoff(_caller: Reader, session: Tx, bakeoff_id: UUID) -> BakeoffAnswer:
    """Show a bake-off with its progress and its scores so far."""
    return _whole(await bakeoffs.standing(session, bakeoff_id))


@router.post("/{bakeoff_id}/cancel", operation_id="lab_cancel_bakeoff")
async def cancel_bakeoff(_caller: Writer, session: Tx, wired: Wired, bakeoff_id: UUID) -> BakeoffAnswer:
    """End the runs that are under way; twice is once."""
    await bakeoffs.cancel(session, bakeoff_id, wired.clock())
    return _whole(await bakeoffs.standing(session, bakeoff_id))


def _short(found: Standing) -> dict[str, object]:
    row = found.row
    names = ("id", "goal", "symbol", "timeframe", "entries", "repeats", "as_of", "created_at")
    return {name: getattr(row, name) for name in names} | {
        "cap": decimal_text(row.cap),
        "spent": decimal_text(sum((run.cost for run in found.runs), Decimal(0))),
        "state": found.state,
        "ended": found.ended,
        "runs_total": len(found.runs),
    }


def _whole(found: Standing) -> BakeoffAnswer:
    runs = [
        {
            "entry": run.entry,
            "repeat": run.repeat,
            "session_id": run.session_id,
            "state": run.state,
            "cost": decimal_text(run.cost),
        }
        for run in found.runs
    ]
    scores = [_score(entry, one) for entry, one in zip(found.row.entries, found.scores, strict=True)]
    return BakeoffAnswer.model_validate(
        {**_short(found), "runs": runs, "scores": scores, "data_hashes": list(found.data_hashes)}
    )


_ESTIMATES = ("reported", "evidence_validity", "tool_success", "agreement", "steps", "seconds")


def _score(entry: object, found: Score) -> dict[str, object]:
    estimates = {name: _estimate(getattr(found, name)) for name in _ESTIMATES}
    return estimates | {
        "entry": entry,
        "runs": found.runs,
        "verdicts": found.verdicts,
        "states": found.states,
        "cost": _cost(found.cost),
        "cost_total": decimal_text(found.cost_total),
    }


def _cost(found: Estimate | None) -> dict[str, object] | None:
    if found is None:
        return None
    bounds = {"value": found.value, "low": found.low, "high": found.high}
    return {"n": found.n} | {name: None if one is None else f"{max(0.0, one):.6f}" for name, one in bounds.items()}


def _estimate(found: Estimate | None) -> dict[str, object] | None:
    """Return shares, steps and seconds as they are shown: few runs spread widely, but none takes less than no time."""
    if found is None:
        return None
    low = None if found.low is None else max(0.0, found.low)
    return {"value": found.value, "low": low, "high": found.high, "n": found.n}
