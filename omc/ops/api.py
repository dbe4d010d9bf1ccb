"""Routes of ops: status, audit trail, and the live stream of everything a page follows."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field

from omc import __version__
from omc.identity.api import Present, Reader, Streamer, Tx
from omc.kit import events
from omc.kit.errors import Refusal
from omc.kit.follow import MAX_TOPICS
from omc.kit.http import EventAnswer, Resumed, Wired, event_answer, event_stream
from omc.ops import rules, service
from omc.ops.rules import Health

PAGE = 50
MAX_PAGE = 200
MAX_TOPICS_TEXT = 2_048

router = APIRouter(tags=["ops"])


class PartAnswer(BaseModel):
    """One part's health."""

    model_config = ConfigDict(from_attributes=True)
    name: str = Field(examples=["database"])
    state: Health
    detail: str = Field(examples=["Answers in 1 ms."])
    age_s: float | None


class QueueAnswer(BaseModel):
    """The job queue at this moment."""

    model_config = ConfigDict(from_attributes=True)
    waiting: int
    running: int
    oldest_s: float


class Status(BaseModel):
    """The installation at a glance."""

    parts: list[PartAnswer]
    version: str = Field(examples=["0.1.0"])
    workers: int
    queue: QueueAnswer


class Trail(BaseModel):
    """A page of the audit trail, newest first; `next` is the cursor of the page before it in time."""

    items: list[EventAnswer]
    next: str | None


@router.get("/ops/status")
async def status(_caller: Reader, session: Tx, wired: Wired) -> Status:
    """Tell how each part of the installation is."""
    parts, workers, queue = await service.installation(session, wired.data_dir, now=wired.clock())
    return Status(
        parts=[PartAnswer.model_validate(part) for part in parts],
        version=__version__,
        workers=workers,
        queue=QueueAnswer.model_validate(queue),
    )


@router.get("/ops/audit")
async def audit(
    _caller: Reader,
    session: Tx,
    cursor: Annotated[int, Query(ge=1, le=service.NEWEST, description="`next` of the page before")] = service.NEWEST,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = PAGE,
) -> Trail:
    """List who did what in the workspace, newest first."""
    trail = await service.audit_trail(session, before=cursor, limit=limit)
    more = len(trail) == limit and trail[-1].seq > 1
    return Trail(items=[event_answer(event) for event in trail], next=str(trail[-1].seq) if more else None)


class Positions(BaseModel):
    """Where each topic stands now: follow from there to hear only what is new."""

    positions: dict[str, int] = Field(examples=[{"audit": 12, "books": 0}])


def followed_topics(
    topics: Annotated[
        str,
        Query(
            min_length=1,
            max_length=MAX_TOPICS_TEXT,
            description="Comma-separated: `audit`, `books`, `imports`, `session:ID`, `deployment:ID`, `sweep:ID`",
            examples=["audit,books"],
        ),
    ],
) -> list[str]:
    """Dependency: the topics to follow, each once."""
    asked = list(dict.fromkeys(topics.split(",")))
    if len(asked) > MAX_TOPICS:
        raise Refusal("too_many_topics", 422, f"Follow at most {MAX_TOPICS} topics at a time.", place="query/topics")
    if wrong := [topic for topic in asked if not rules.is_topic(topic)]:
        text = f"`{wrong[0]}` is no topic. Ask for audit, books, imports, session:ID, deployment:ID or sweep:ID."
        raise Refusal("no_such_topic", 422, text, place="query/topics")
    return asked


def overheard_topics(
    followed: Annotated[list[str], Depends(followed_topics)],
    words: Annotated[
        str,
        Query(
            max_length=MAX_TOPICS_TEXT,
            description="Comma-separated: those of the topics whose words in passing come too, from the beginning",
            examples=[""],
        ),
    ] = "",
) -> list[str]:
    """Dependency: the topics whose words are wanted, each once."""
    asked = list(dict.fromkeys(filter(None, words.split(","))))
    if wrong := [topic for topic in asked if topic not in followed]:
        text = f"`{wrong[0]}` is not among the topics. Name it there too, or ask for no words of it."
        raise Refusal("not_followed", 422, text, place="query/words")
    return asked


@router.get("/stream/positions")
async def positions(_caller: Reader, session: Tx, topics: Annotated[list[str], Depends(followed_topics)]) -> Positions:
    """Tell the last sequence number of each topic, 0 where nothing has happened yet."""
    return Positions(positions=await events.positions(session, topics))


@router.get("/stream", response_class=EventSourceResponse)
async def stream(
    caller: Streamer,
    wired: Wired,
    present: Present,
    resumed: Resumed,
    topics: Annotated[list[str], Depends(followed_topics)],
    words: Annotated[list[str], Depends(overheard_topics)],
) -> AsyncIterator[ServerSentEvent]:
    """Follow several topics live, as server-sent events `event` whose data is an event of the log.

    Each carries as its id the position in all topics; a browser that reconnects sends it back and goes on from there.
    Where they are asked for, `words` come beside them, without an id: what a session's model says while it says it,
    from the beginning of its answer. They are in no log.
    """
    following = event_stream(
        wired, workspace=caller.workspace_id, topics=topics, resumed=resumed, present=present, words=words
    )
    async for item in following:
        yield item
