"""The shapes in which the routes of a session's life take and give: reruns, forks, names, transcripts, schedules."""

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from omc.core.money import text as decimal_text
from omc.kit.errors import Refusal
from omc.lab.answers import MAX_BODY_CHARACTERS, FallbackChoice, NewSession
from omc.lab.tables import ScheduleRow

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
HOUR = 60


class Rerun(BaseModel):
    """What is changed: a message of the person by its `position`, or the arguments of the tool call run as `step`."""

    model_config = ConfigDict(extra="forbid")

    position: Annotated[int | None, Field(ge=1, le=1_000_000, description="of a message; its event tells it")] = None
    text: Annotated[str | None, Field(max_length=MAX_BODY_CHARACTERS, examples=["Now on 4-hour bars."])] = None
    step: Annotated[int | None, Field(ge=1, le=1_000_000, description="of a tool call")] = None
    arguments: dict[str, JsonValue] | None = None


class NewFork(BaseModel):
    """Up to which step a fork copies its origin; what is said in it first, and what answers there, if not the same."""

    model_config = ConfigDict(extra="forbid")

    step: Annotated[int | None, Field(ge=1, le=1_000_000, description="the last step to copy; without one, all")] = None
    text: Annotated[
        str | None, Field(max_length=MAX_BODY_CHARACTERS, description="said first; without it the fork is paused")
    ] = None
    model: Annotated[str | None, Field(max_length=200, description="another model; without one, as before")] = None
    credential_id: UUID | None = None
    preset_id: UUID | None = None
    cap: Annotated[str | None, Field(max_length=60, examples=["0.50"])] = None
    fallback: FallbackChoice | None = None


class Title(BaseModel):
    """A session's own name; null gives it that of its goal again."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str | None, Field(max_length=MAX_BODY_CHARACTERS, examples=["Crossover, hourly"])]


class CalledAnswer(BaseModel):
    """A tool call as a model made it."""

    model_config = ConfigDict(from_attributes=True)

    tool: str
    arguments: dict[str, JsonValue]


class SaidAnswer(BaseModel):
    """One entry of a transcript; what is `stale` was replaced by a change of an earlier one, which a branch marks."""

    model_config = ConfigDict(from_attributes=True)

    position: int
    kind: Literal["person", "model", "tool", "branch"]
    step: int | None
    stale: bool
    text: str
    calls: list[CalledAnswer]
    tool: str | None
    ok: bool | None
    evidence: int | None
    cut: int | None = Field(description="of a branch: the first position that it made stale")
    created_at: datetime


class TranscriptAnswer(BaseModel):
    """A page of a transcript; `next` is the position to go on after, None at the end."""

    items: list[SaidAnswer]
    next: int | None


class NewSchedule(NewSession):
    """A question to ask again and again, each time in a session of its own."""

    every: Literal["day", "week"]
    weekday: Annotated[Weekday | None, Field(description="of a weekly one")] = None
    at: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["06:00"], description="UTC")]


class ScheduleAnswer(BaseModel):
    """A schedule: what it asks, when next, and how it went last."""

    id: UUID
    goal: str
    model: str
    symbol: str | None
    timeframe: str | None
    credential_id: UUID | None
    preset_id: UUID | None
    cap: str | None
    fallback: FallbackChoice | None
    every: Literal["day", "week"]
    weekday: Weekday | None
    at: str
    next_at: datetime | None = Field(description="None while it is paused")
    paused: bool
    last_due: datetime | None = Field(description="the time that the newest session was opened for")
    last_session: UUID | None
    last_missed: int = Field(description="times before it at which nothing worked; they are not made up for one by one")
    problem: str | None = Field(description="why the newest time opened no session")
    created_at: datetime


class SchedulesAnswer(BaseModel):
    """All of them, the one that is due first in front."""

    items: list[ScheduleAnswer]
    next: None = None


def schedule_answer(row: ScheduleRow) -> ScheduleAnswer:
    """Return a schedule as the API shows it."""
    plain = ("id", "goal", "model", "symbol", "timeframe", "credential_id", "preset_id", "fallback", "problem")
    last = ("last_due", "last_session", "last_missed", "created_at")
    paused = row.paused_at is not None
    return ScheduleAnswer.model_validate(
        {
            **{name: getattr(row, name) for name in (*plain, *last)},
            "cap": None if row.cap is None else decimal_text(row.cap),
            "every": "day" if row.weekday is None else "week",
            "weekday": None if row.weekday is None else WEEKDAYS[row.weekday],
            "at": f"{row.minute // HOUR:02}:{row.minute % HOUR:02}",
            "next_at": None if paused else row.next_at,
            "paused": paused,
        }
    )


def minute_of(at: str) -> int:
    """Return the minute of the day that `HH:MM` names."""
    hour, _, minute = at.partition(":")
    return int(timedelta(hours=int(hour), minutes=int(minute)).total_seconds()) // 60


def weekday_of(every: str, weekday: str | None) -> int | None:
    """Return the weekday's number, Monday is 0; None for every day."""
    if (every == "week") != (weekday is not None):
        words = "A weekly question needs its weekday; a daily one has none."
        raise Refusal("weekday", 422, words, place="/weekday")
    return None if weekday is None else WEEKDAYS.index(weekday)
