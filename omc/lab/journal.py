"""The transcript as a journal: how a worker takes up a session, begins a step and writes its result, once and for all.

Every verb but `claim` is fenced: it changes nothing and raises `Superseded` when another worker has taken the session
up since, or its person cancelled it. The fence locks the session's row: one transaction at a time writes a transcript.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_keep
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.canonical import canonical
from omc.core.ids import SessionId, WorkspaceId
from omc.core.money import text as decimal_text
from omc.kit.events import append_many
from omc.lab.evidence import Packed
from omc.lab.rules import UNDER_WAY, EntryFacts, EntryKind, SessionState, Step
from omc.lab.service import stopped_card, topic
from omc.lab.tables import EntryRow, EvidenceRow, SessionRow, StepRow
from omc.vault.prices import Usage
from omc.vault.spend import Booking

Happening: TypeAlias = tuple[str, Mapping[str, object]]


class Superseded(Exception):  # noqa: N818 - not an error: somebody else has the session now
    """This worker may no longer write to the session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A session as its present worker holds it."""

    workspace_id: WorkspaceId
    session_id: SessionId
    epoch: int
    goal: str
    model: str
    symbol: str | None
    timeframe: str | None
    as_of: datetime
    own_key: bool = False
    """Whether a model of the person's own key answers; else it is a built-in one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One transcript entry: what the order of steps depends on, and its content."""

    facts: EntryFacts
    body: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """How a step is shown when it begins."""

    name: str
    title: str
    input: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A step that has begun; `attempt` is above one after a worker died in it."""

    step: Step
    name: str
    title: str
    attempt: int
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Evidence to be kept with a step's result."""

    title: str
    packed: Packed


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What the settling of a model call needs, in the transaction that writes its answer."""

    booking: Booking
    cap: Decimal | None
    usage: Usage | None
    finish: str | None
    latency_ms: int
    failure: str | None = None
    maybe_billed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A step's result: what enters the transcript, and what its card shows."""

    body: Mapping[str, object]
    ok: bool
    preview: str
    seen: int = 0
    calls: int = 0
    asks: bool = False
    reported: bool = False
    tokens_in: int = 0
    tokens_out: int = 0
    error: str | None = None
    proof: Proof | None = None
    settlement: Settlement | None = None
    happenings: Sequence[Happening] = ()


async def claim(session: AsyncSession, session_id: SessionId) -> Turn | None:
    """Take the session up, ending every other worker's right to write to it; None when there is nothing to do."""
    query = select(SessionRow).where(SessionRow.id == session_id).with_for_update()
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None or SessionState(row.state) not in UNDER_WAY:
        return None
    if row.state != SessionState.RUNNING:
        await append_many(session, topic(session_id), [("session.state", {"state": SessionState.RUNNING})])
    row.state, row.epoch = SessionState.RUNNING, row.epoch + 1
    return Turn(
        workspace_id=WorkspaceId(row.workspace_id),
        session_id=session_id,
        epoch=row.epoch,
        goal=row.goal,
        model=row.model,
        symbol=row.symbol,
        timeframe=row.timeframe,
        as_of=row.as_of,
        own_key=row.credential_id is not None,
    )


async def held(session: AsyncSession, turn: Turn) -> bool:
    """Return whether this worker may still write; asked while a long step runs."""
    query = select(SessionRow.epoch).where(SessionRow.id == turn.session_id)
    return (await session.execute(query)).scalar_one_or_none() == turn.epoch


async def fence(session: AsyncSession, turn: Turn) -> SessionRow:
    """Lock the session's row for this transaction, or raise `Superseded`."""
    query = (
        select(SessionRow)
        .where(SessionRow.id == turn.session_id, SessionRow.epoch == turn.epoch)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None or row.state != SessionState.RUNNING:
        raise Superseded
    return row


async def entries(session: AsyncSession, session_id: UUID, *, after: int = 0) -> list[Entry]:
    """Return the transcript from the entry behind `after` on."""
    query = (
        select(EntryRow).where(EntryRow.session_id == session_id, EntryRow.position > after).order_by(EntryRow.position)
    )
    return [_entry(row) for row in (await session.execute(query)).scalars()]


async def begin(session: AsyncSession, turn: Turn, step: Step, card: Card, now: datetime) -> Begun:
    """Mark a step as begun (again, when a worker died in it); Fence first."""
    added = await session.execute(
        insert_or_keep(StepRow)
        .values(
            workspace_id=turn.workspace_id,
            session_id=turn.session_id,
            number=step.number,
            kind=step.kind,
            name=card.name,
            title=card.title,
            attempt=1,
            started_at=now,
        )
        .on_conflict_do_update(
            index_elements=["workspace_id", "session_id", "number"],
            set_={"attempt": _attempt(), "started_at": now, "finished_at": None, "ok": None, "error": None},
        )
        .returning(StepRow.attempt)
    )
    attempt = added.scalar_one()
    shown = {
        "step": step.number,
        "kind": step.kind,
        "name": card.name,
        "title": card.title,
        "input": card.input,
        "attempt": attempt,
    }
    await append_many(session, topic(turn.session_id), [("step.started", shown)])
    return Begun(step=step, name=card.name, title=card.title, attempt=attempt, started_at=now)


async def finish(session: AsyncSession, turn: Turn, begun: Begun, finished: Finished, now: datetime) -> None:
    """Write a step's result: transcript, evidence, spend, events, beside its effect. Fence first."""
    number = None if finished.proof is None else await _keep(session, turn, begun, finished.proof, now)
    body = finished.body if number is None else {**finished.body, "evidence": number}
    await session.execute(
        insert(EntryRow).values(
            workspace_id=turn.workspace_id,
            session_id=turn.session_id,
            position=await _next_position(session, turn.session_id),
            kind=EntryKind(begun.step.kind),
            step=begun.step.number,
            seen=finished.seen,
            calls=finished.calls,
            asks=finished.asks,
            reported=finished.reported,
            body=canonical(body).decode(),
            created_at=now,
        )
    )
    duration_ms = int((now - begun.started_at).total_seconds() * 1_000)
    cost = await _close(
        session, turn, begun, finished, {"evidence": number, "duration_ms": duration_ms, "finished_at": now}
    )
    card = _card(begun, finished, number, duration_ms, cost)
    await append_many(session, topic(turn.session_id), [("step.finished", card), *finished.happenings])


async def rest(
    session: AsyncSession, turn: Turn, state: SessionState, *, now: datetime, error: str | None = None
) -> None:
    """End the turn in `state`. A step that is still open is closed with the error."""
    row = await fence(session, turn)
    row.state, row.error = state, error
    row.ended_at = None if state is SessionState.WAITING else now
    happenings: list[Happening] = []
    if error is not None:
        stopped = await session.execute(
            update(StepRow)
            .where(StepRow.session_id == turn.session_id, StepRow.finished_at.is_(None))
            .values(finished_at=now, ok=False, error=error)
            .returning(StepRow)
        )
        happenings += [
            ("step.finished", stopped_card(step, now, error=error, preview=error)) for step in stopped.scalars()
        ]
    said = {"state": state} if error is None else {"state": state, "error": error}
    await append_many(session, topic(turn.session_id), [*happenings, ("session.state", said)])


async def _keep(session: AsyncSession, turn: Turn, begun: Begun, proof: Proof, now: datetime) -> int:
    last = select(func.coalesce(func.max(EvidenceRow.number), 0)).where(EvidenceRow.session_id == turn.session_id)
    number = (await session.execute(last)).scalar_one() + 1
    await session.execute(
        insert(EvidenceRow).values(
            workspace_id=turn.workspace_id,
            session_id=turn.session_id,
            number=number,
            step=begun.step.number,
            tool=begun.name,
            title=proof.title,
            input=proof.packed.input,
            output=proof.packed.output,
            hash=proof.packed.hash,
            created_at=now,
        )
    )
    return number


async def _next_position(session: AsyncSession, session_id: UUID) -> int:
    last = select(func.coalesce(func.max(EntryRow.position), 0)).where(EntryRow.session_id == session_id)
    return (await session.execute(last)).scalar_one() + 1


async def _close(
    session: AsyncSession, turn: Turn, begun: Begun, finished: Finished, known: Mapping[str, object]
) -> Decimal:
    used = {"tokens_in": finished.tokens_in, "tokens_out": finished.tokens_out}
    closed = await session.execute(
        update(StepRow)
        .where(StepRow.session_id == turn.session_id, StepRow.number == begun.step.number)
        .values(ok=finished.ok, error=finished.error, **used, **known)
        .returning(StepRow.cost)
    )
    await session.execute(
        update(SessionRow)
        .where(SessionRow.id == turn.session_id)
        .values(
            steps=SessionRow.steps + 1,
            tokens_in=SessionRow.tokens_in + finished.tokens_in,
            tokens_out=SessionRow.tokens_out + finished.tokens_out,
        )
        .execution_options(synchronize_session=False)
    )
    return closed.scalar_one()


def _attempt() -> ColumnElement[int]:
    """One more than before when a worker died in the step; one again when it had ended and its person spoke."""
    return case((StepRow.finished_at.is_(None), StepRow.attempt + 1), else_=1)


def _card(begun: Begun, finished: Finished, evidence: int | None, duration_ms: int, cost: Decimal) -> dict[str, object]:
    card: dict[str, object] = {
        "step": begun.step.number,
        "kind": begun.step.kind,
        "name": begun.name,
        "title": begun.title if finished.proof is None else finished.proof.title,
        "ok": finished.ok,
        "preview": finished.preview,
        "duration_ms": duration_ms,
        "tokens_in": finished.tokens_in,
        "tokens_out": finished.tokens_out,
        "cost": decimal_text(cost),
        "attempt": begun.attempt,
    }
    return card | {
        name: value for name, value in (("evidence", evidence), ("error", finished.error)) if value is not None
    }


def _entry(row: EntryRow) -> Entry:
    facts = EntryFacts(
        position=row.position,
        kind=EntryKind(row.kind),
        step=row.step,
        seen=row.seen,
        calls=row.calls,
        asks=row.asks,
        reported=row.reported,
    )
    return Entry(facts=facts, body=json.loads(row.body))
