"""Forks: a new session that begins with a copy of another's transcript and evidence, up to one of its steps.

Numbers of steps and evidence stay as they were, so that what refers to them still does. What the copied steps cost was
paid by the origin and is not counted again. What is stale is left behind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Table, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import PersonId, SessionId
from omc.kit import events
from omc.kit.errors import Refusal
from omc.kit.ids import new_id
from omc.lab import branches, rules, service
from omc.lab.choosing import Choice, Wanted, choose
from omc.lab.rules import EntryFacts, SessionState
from omc.lab.service import add_message, go_on, locked, topic
from omc.lab.tables import EntryRow, EvidenceRow, ReportRow, SessionRow, StepRow

Event: TypeAlias = tuple[str, Mapping[str, object]]

_NOT_COPIED = ("session.", "spend")
_FREE: Mapping[str, object] = {"cost": "0", "tokens_in": 0, "tokens_out": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """Up to which step a fork copies (None: all), what is said in it first, and what answers (None: as before).

    Without words it stays paused until its person resumes it or speaks; a `key` makes a repeated request fork once.
    """

    step: int | None = None
    text: str | None = None
    wanted: Wanted | None = None
    key: str | None = None


async def fork(
    session: AsyncSession, origin_id: SessionId, made: Fork, *, person_id: PersonId, now: datetime
) -> SessionId:
    """Copy a session up to a step; refuses a step that is not there, is stale, or has not ended."""
    _check(made)
    origin = await locked(session, origin_id)
    if made.key is not None and (known := await _forked_before(session, origin_id, made.key)) is not None:
        return known
    entries = await branches.facts(session, origin_id)
    kept = _kept(entries, made.step)
    fork_id = SessionId(new_id())
    choice = None if made.wanted is None else await choose(session, made.wanted, now=now)
    row = await _copy_session(session, origin, fork_id, made, choice, person_id=person_id, now=now)
    await _copy_rows(session, origin_id, fork_id, kept, whole=made.step is None)
    told = await _copied_events(session, origin_id, kept)
    said = "everything" if made.step is None else f"step {made.step}"
    row.stop_reason = f"Forked with {said} of another session. Resume it to go on from there, or say what to do."
    told += await branches.unticked(session, row, rules.steps_in(kept))
    if made.text is None:
        told.append(("session.state", {"state": SessionState.PAUSED, "reason": row.stop_reason}))
    else:
        await service.check_room(session)
        row.as_of = now
        told += [await add_message(session, row, made.text.strip(), now), await go_on(session, row)]
    first = ("session.forked", {"session_id": str(origin_id), "step": made.step})
    for start in range(0, len(told), events.MAX_READ):
        some = told[start : start + events.MAX_READ]
        await events.append_many(session, topic(fork_id), [first, *some] if start == 0 else some)
    return fork_id


def _check(made: Fork) -> None:
    reason = None if made.text is None else rules.check_goal(made.text)
    reason = reason or (None if made.key is None else rules.check_key(made.key))
    if reason is not None:
        raise Refusal(reason.code, 422, reason.text, place=reason.place)


async def _forked_before(session: AsyncSession, origin_id: UUID, key: str) -> SessionId | None:
    found = await session.scalar(select(SessionRow).where(SessionRow.idempotency_key == key))
    if found is None:
        return None
    if found.origin is None or found.origin.get("session_id") != str(origin_id):
        raise Refusal("idempotency_key_reused", 409, "This Idempotency-Key opened another session. Use a new key.")
    return SessionId(found.id)


def _kept(entries: Sequence[EntryFacts], step: int | None) -> list[EntryFacts]:
    living = rules.living(entries)
    if step is None:
        return living
    last = next((one for one in entries if one.step == step), None)
    if last is None:
        words = f"Step {step} is not there, or has not ended. Choose one whose card shows a result."
        raise Refusal("entry_unknown", 404, words)
    if all(one.position != last.position for one in living):
        words = f"Step {step} is stale: an earlier one was changed. Choose one of those that came in its place."
        raise Refusal("entry_stale", 409, words)
    return [one for one in living if one.position <= last.position]


async def _copy_session(
    session: AsyncSession,
    origin: SessionRow,
    fork_id: SessionId,
    made: Fork,
    choice: Choice | None,
    *,
    person_id: PersonId,
    now: datetime,
) -> SessionRow:
    kept = {name: getattr(origin, name) for name in SessionRow.__table__.columns.keys()}  # noqa: SIM118 - not a dict
    chosen: dict[str, object] = {}
    if choice is not None:
        names = ("model", "credential_id", "preset", "cap", "fallback", "roles")
        chosen = {name: getattr(choice, name) for name in names}
    fresh: dict[str, object] = {
        "id": fork_id,
        "state": SessionState.PAUSED,
        "epoch": 0,
        "steps": 0,
        "tokens_in": 0,
        "tokens_out": 0,
        "cost": Decimal(0),
        "error": None,
        "idempotency_key": made.key,
        "opened_by": person_id,
        "created_at": now,
        "ended_at": None,
        "archived_at": None,
        "halting": None,
        "origin": {"kind": "fork", "session_id": str(origin.id), "step": made.step},
    }
    await session.execute(insert(SessionRow).values(**(kept | chosen | fresh)))
    return await locked(session, fork_id)


async def _copy_rows(
    session: AsyncSession, origin_id: SessionId, fork_id: SessionId, kept: Sequence[EntryFacts], *, whole: bool
) -> None:
    positions, steps = [one.position for one in kept], rules.steps_in(kept)
    reports = [position - 1 for position in positions] + (positions[-1:] if whole else [])
    parts: Sequence[tuple[type[EntryRow | StepRow | EvidenceRow | ReportRow], ColumnElement[bool]]] = (
        (EntryRow, EntryRow.position.in_(positions)),
        (StepRow, StepRow.number.in_(steps)),
        (EvidenceRow, EvidenceRow.step.in_(steps)),
        (ReportRow, ReportRow.position.in_(reports)),
    )
    for kind, which in parts:
        table = kind.__table__
        assert isinstance(table, Table)
        own: dict[str, object] = {"session_id": fork_id}
        if kind is StepRow:
            own |= {"cost": Decimal(0), "tokens_in": 0, "tokens_out": 0}
        # By the table's own columns: what another part of the lab adds to a row goes with it.
        columns = [column for column in table.columns if column.computed is None]
        copied = [literal(own[column.name], column.type) if column.name in own else column for column in columns]
        found = select(*copied).where(table.c.session_id == origin_id, which)
        await session.execute(insert(table).from_select([column.name for column in columns], found))


async def _copied_events(session: AsyncSession, origin_id: SessionId, kept: Sequence[EntryFacts]) -> list[Event]:
    """Return what tells of the kept entries: a message of a model follows its step, one of a person has its place."""
    positions, steps = {one.position for one in kept}, rules.steps_in(kept)
    copied: list[Event] = []
    after, step = 0, 0
    while page := await events.read(session, topic(origin_id), after):
        after = page[-1].seq
        for event in page:
            data = event.data
            if event.kind.startswith("step."):
                step = int(str(data["step"]))
            by_person = event.kind == "message" and data.get("role") == "user"
            keeps = int(str(data.get("position", 1))) in positions if by_person else step in steps
            if keeps and not event.kind.startswith(_NOT_COPIED):
                copied.append((event.kind, {**data, **_FREE} if event.kind == "step.finished" else data))
    return copied
