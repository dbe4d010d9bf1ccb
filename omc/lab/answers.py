"""The shapes in which the lab's routes take and give."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from omc.core.money import parse_decimal
from omc.core.money import text as decimal_text
from omc.kit.errors import Refusal
from omc.kit.http import EventAnswer
from omc.lab.choosing import Fallback, RoleModel
from omc.lab.report import Chart, Registered
from omc.lab.searching import MAX_QUERY_CHARACTERS
from omc.lab.service import MAX_PAGE, Opening
from omc.lab.tables import EvidenceRow, SessionRow

MAX_BODY_CHARACTERS = 200_000
"""Longer than any goal that is taken, so that a long one is refused in the lab's own words."""

State = Literal["queued", "running", "waiting", "done", "failed", "cancelled", "budget_reached", "paused"]


class FallbackChoice(BaseModel):
    """Another model that a session may go on with."""

    model_config = ConfigDict(extra="forbid")

    credential_id: UUID
    model: Annotated[str, Field(min_length=1, max_length=200)]


class RoleChoice(BaseModel):
    """The model of its own that a role has."""

    model_config = ConfigDict(extra="forbid")

    credential_id: UUID
    model: Annotated[str, Field(min_length=1, max_length=200)]


class CapChange(BaseModel):
    """A session's new cap in US dollars."""

    model_config = ConfigDict(extra="forbid")

    cap: Annotated[str, Field(max_length=60, examples=["1.00"])]


class NewSession(BaseModel):
    """What a session is opened with."""

    model_config = ConfigDict(extra="forbid")

    goal: Annotated[
        str, Field(max_length=MAX_BODY_CHARACTERS, examples=["Does a moving-average crossover beat holding BTC?"])
    ]
    model: Annotated[str, Field(max_length=200, examples=["analyst"])]
    symbol: Annotated[str | None, Field(max_length=60, examples=["BTC/USDT"])] = None
    timeframe: Annotated[str | None, Field(max_length=10, examples=["1h"])] = None
    credential_id: Annotated[UUID | None, Field(description="the key to use; without one, a built-in model")] = None
    preset_id: UUID | None = None
    cap: Annotated[str | None, Field(max_length=60, examples=["0.50"], description="US dollars, at most")] = None
    fallback: Annotated[FallbackChoice | None, Field(description="what follows when the model fails; else stop")] = None
    roles: Annotated[
        dict[str, RoleChoice],
        Field(max_length=6, description="models of its own for planner, data, analyst, trainer, evaluator or reporter"),
    ] = {}

    def opening(self, key: str | None) -> Opening:
        """Return what a session is made of, once for `key`."""
        return Opening(
            goal=self.goal,
            model=self.model,
            symbol=self.symbol,
            timeframe=self.timeframe,
            key=key,
            credential_id=self.credential_id,
            preset_id=self.preset_id,
            cap=None if self.cap is None else money(self.cap, "/cap"),
            fallback=None if self.fallback is None else Fallback(**self.fallback.model_dump()),
            roles={name: RoleModel(**role.model_dump()) for name, role in self.roles.items()},
        )


class Said(BaseModel):
    """A person's message."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(max_length=MAX_BODY_CHARACTERS, examples=["Now try 50/200."])]
    answers: Annotated[
        int | None,
        Field(ge=1, le=1_000_000, description="the step whose question this answers; refused when it is late"),
    ] = None


class Question(BaseModel):
    """What a person wants to know about a proposed version before deciding."""

    model_config = ConfigDict(extra="forbid")

    version_id: UUID
    text: Annotated[str, Field(max_length=MAX_BODY_CHARACTERS, examples=["Why no stop?"])]


class ProposalAnswer(BaseModel):
    """A version that a session laid before a person; `status` says whether somebody decided."""

    model_config = ConfigDict(from_attributes=True)

    session_id: UUID
    goal: str
    evidence: int = Field(description="Number of the proposal among the session's evidence")
    version_id: UUID
    name: str
    number: int
    hash: str
    status: Literal["draft", "approved", "denied"]
    recommended: bool
    why: str
    unverified: int = Field(description="Claims about performance, here and in the report, that no evidence backs")
    stability: str = Field(description="How far runs of the same question agree, in one line")
    stale: bool = Field(description="An earlier step of its session was changed since: look at what came in its place")
    created_at: datetime


class ProposalsAnswer(BaseModel):
    """The newest proposals, each version once."""

    items: list[ProposalAnswer]
    next: None = None


class Opened(BaseModel):
    """The session that was opened, now or by the same key before."""

    id: UUID


class ModelAnswer(BaseModel):
    """A model that a session can use; `kind` rules is never AI. Without a price it can be chosen by nobody."""

    id: str
    label: str
    provider: str
    provider_label: str
    kind: Literal["rules", "language"]
    credential_id: UUID | None
    credential: str | None
    state: str | None = Field(description="how the key did when it was last tried")
    is_default: bool
    price_known: bool
    free: bool


class EstimateAnswer(BaseModel):
    """What sessions like this one cost and took: the middle 80 % of `n` ended ones; only `n` when there are none."""

    n: int
    cost_low: str | None = None
    cost_high: str | None = None
    minutes_low: float | None = None
    minutes_high: float | None = None


class KeySession(BaseModel):
    """A session under way that uses a key."""

    id: UUID
    goal: str
    state: State


class KeySessions(BaseModel):
    """All of them."""

    items: list[KeySession]
    next: None = None


class Removal(BaseModel):
    """What becomes of the sessions that use the key: they go on with another model, or end."""

    model_config = ConfigDict(extra="forbid")

    reassign: FallbackChoice | None = None


class Removed(BaseModel):
    """Which sessions ended, and which went on with another model."""

    ended: list[UUID]
    moved: list[UUID]


class ModelsAnswer(BaseModel):
    """All of them."""

    items: list[ModelAnswer]
    next: None = None


class Origin(BaseModel):
    """Where a session came from, when no person opened it from nothing."""

    kind: Literal["fork", "schedule"]
    session_id: UUID | None = Field(default=None, description="of a fork: what it is a copy of")
    step: int | None = Field(default=None, description="of a fork: the last step that was copied; None for all")
    schedule_id: UUID | None = None
    due_at: datetime | None = Field(default=None, description="the time of the schedule; None when it was run by hand")
    missed: int = Field(default=0, description="how many times before it nothing worked")


class SessionAnswer(BaseModel):
    """A session at a glance."""

    id: UUID
    goal: str
    title: str | None = Field(description="its own name; without one it is called by its goal")
    model: str
    symbol: str | None
    timeframe: str | None
    state: State
    place: int | None = Field(description="in line while it waits for a worker; 1 starts next")
    created_at: datetime
    ended_at: datetime | None
    as_of: datetime
    steps: int
    tokens_in: int
    tokens_out: int
    cost: str
    reserved: str = Field(description="for calls under way, US dollars")
    cap: str | None = Field(description="US dollars; none for a built-in model")
    credential_id: UUID | None
    preset: dict[str, JsonValue] | None
    fallback: FallbackChoice | None
    roles: dict[str, RoleChoice] | None
    report: bool
    report_stale: bool = Field(description="an earlier step was changed since the report was written")
    error: str | None
    halting: Literal["paused", "cancelled"] | None = Field(description="where it rests once its step is over")
    stop_reason: str | None = Field(description="what became of the last step when its person stopped it")
    archived: bool
    origin: Origin | None
    registered: Registered = Field(description="what it tried so far; a trial counts before it runs")


class SessionsAsked(BaseModel):
    """Which sessions a list shows."""

    model_config = ConfigDict(extra="forbid")

    cursor: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 50
    q: Annotated[str, Field(max_length=MAX_QUERY_CHARACTERS, description="words that were said, all of them")] = ""
    state: Annotated[list[State], Field(max_length=20, description="any of these")] = []
    archived: Annotated[bool, Field(description="those that were put away, instead of the others")] = False
    schedule_id: Annotated[UUID | None, Field(description="those that this schedule opened")] = None


class SessionsAnswer(BaseModel):
    """A page of sessions, newest first."""

    items: list[SessionAnswer]
    next: UUID | None


class HistoryAnswer(BaseModel):
    """A page of a session's events; `next` is the position to go on after, None at the end."""

    items: list[EventAnswer]
    next: int | None


class EvidenceShort(BaseModel):
    """One piece of evidence as a list shows it."""

    number: int
    tool: str
    title: str
    hash: str
    stale: bool = Field(description="an earlier step was changed since; no new report may refer to it")
    created_at: datetime


class EvidencePage(BaseModel):
    """All evidence of a session."""

    items: list[EvidenceShort]
    next: None = None


class EvidenceAnswer(EvidenceShort):
    """One piece of evidence, whole."""

    input: dict[str, JsonValue]
    output: dict[str, JsonValue]
    chart: Chart | None = Field(description="what of it can be drawn")


def session_answer(
    row: SessionRow,
    *,
    report: bool,
    registered: Registered,
    stale: bool = False,
    reserved: Decimal = Decimal(0),
    place: int | None = None,
) -> SessionAnswer:
    """Return a session as the API shows it."""
    return SessionAnswer.model_validate(
        {
            "id": row.id,
            "goal": row.goal,
            "title": row.title,
            "model": row.model,
            "symbol": row.symbol,
            "timeframe": row.timeframe,
            "state": row.state,
            "place": place,
            "created_at": row.created_at,
            "ended_at": row.ended_at,
            "as_of": row.as_of,
            "steps": row.steps,
            "tokens_in": row.tokens_in,
            "tokens_out": row.tokens_out,
            "cost": decimal_text(row.cost),
            "reserved": decimal_text(reserved),
            "cap": None if row.cap is None else decimal_text(row.cap),
            "credential_id": row.credential_id,
            "preset": row.preset,
            "fallback": row.fallback,
            "roles": row.roles,
            "report": report,
            "report_stale": stale,
            "error": row.error,
            "halting": row.halting,
            "stop_reason": row.stop_reason,
            "archived": row.archived_at is not None,
            "origin": row.origin,
            "registered": registered,
        }
    )


def evidence_short(row: EvidenceRow, *, stale: bool) -> EvidenceShort:
    """Return evidence as a list shows it."""
    return EvidenceShort(
        number=row.number, tool=row.tool, title=row.title, hash=row.hash, stale=stale, created_at=row.created_at
    )


def money(written: str, place: str) -> Decimal:
    """Return an amount in US dollars, or refuse it with its place."""
    try:
        return parse_decimal(written)
    except ValueError as error:
        raise Refusal("not_an_amount", 422, f"{error}.", place=place) from None
