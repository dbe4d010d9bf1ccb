"""What a person does with sessions: open, say, cancel, read. Verbs take the caller's transaction and never commit."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_keep
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from omc.core.canonical import canonical
from omc.core.ids import PersonId, SessionId, WorkspaceId
from omc.core.market import Timeframe, split_symbol
from omc.core.money import text as decimal_text
from omc.core.reason import Reason
from omc.kit.errors import Refusal
from omc.kit.events import append_many
from omc.kit.ids import new_id
from omc.kit.queue import places
from omc.kit.work import enqueue
from omc.lab import bills, rules
from omc.lab.choosing import DEFAULT, Fallback, RoleModel, Wanted, choose
from omc.lab.policy import Secrecy, Trust
from omc.lab.rules import EntryKind, SessionState
from omc.lab.tables import EntryRow, EvidenceRow, ReportRow, SessionRow, StepRow
from omc.vault.caps import dollars, most_of_a_session
from omc.vault.rules import key_outside

TURN_JOB = "lab.turn"
TURN_QUEUE = "lab"
MAX_PAGE = 200
MAX_OPEN_SESSIONS = 1_000
"""Sessions of one workspace that may be under way at once; the next one is refused with a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a new session is made of; `key` makes a repeated request open one session only.

    `as_of` is the session's clock, now unless several sessions shall see the same past; `origin` is what opened it when
    no person did.
    """

    goal: str
    model: str
    symbol: str | None = None
    timeframe: str | None = None
    key: str | None = None
    credential_id: UUID | None = None
    preset_id: UUID | None = None
    cap: Decimal | None = None
    fallback: Fallback | None = None
    roles: Mapping[str, RoleModel] = field(default_factory=dict)
    as_of: datetime | None = None
    origin: Mapping[str, object] | None = None

    @property
    def wanted(self) -> Wanted:
        """What shall answer."""
        return Wanted(
            model=self.model,
            credential_id=self.credential_id,
            preset_id=self.preset_id,
            cap=self.cap,
            fallback=self.fallback,
            roles=self.roles,
        )


def topic(session_id: UUID) -> str:
    """Return the event topic of a session."""
    return f"session:{session_id}"


async def open_session(
    session: AsyncSession, opening: Opening, *, workspace_id: WorkspaceId, person_id: PersonId, now: datetime
) -> SessionId:
    """Open a session and start its first turn; with a key seen before, return the session that it opened."""
    check_opening(opening)
    if opening.key is not None and (known := await _opened_before(session, opening)) is not None:
        return known
    await check_room(session)
    chosen = await choose(session, opening.wanted, now=now)
    goal = opening.goal.strip()
    session_id = SessionId(new_id())
    added = await session.execute(
        insert_or_keep(SessionRow)
        .values(
            workspace_id=workspace_id,
            id=session_id,
            goal=goal,
            model=chosen.model,
            credential_id=chosen.credential_id,
            preset=chosen.preset,
            cap=chosen.cap,
            fallback=chosen.fallback,
            roles=chosen.roles,
            symbol=opening.symbol,
            timeframe=opening.timeframe,
            state=SessionState.QUEUED,
            as_of=opening.as_of or now,
            idempotency_key=opening.key,
            opened_by=person_id,
            created_at=now,
            origin=opening.origin,
        )
        .on_conflict_do_nothing()
        .returning(SessionRow.id)
    )
    if added.one_or_none() is None:
        known = await _opened_before(session, opening)
        assert known is not None
        return known
    row = await locked(session, session_id)
    message = await add_message(session, row, goal, now)
    await append_many(session, topic(session_id), [await go_on(session, row), message])
    return session_id


async def say(
    session: AsyncSession, session_id: SessionId, text: str, now: datetime, *, answers: int | None = None
) -> None:
    """Add the person's message; a session at rest starts its next turn, one under way reads it at its next step.

    `answers` is the step whose question it answers; refused when that one is answered already.
    """
    _refuse(rules.check_goal(text))
    row = await locked(session, session_id)
    refuse_cancelled(row)
    if answers is not None and not await _asks(session, row, answers):
        words = (
            "This question was answered already, so your words were not sent. Say them below if they are still true."
        )
        raise Refusal("question_answered", 409, words, place="/answers")
    events = [await add_message(session, row, text.strip(), now)]
    if SessionState(row.state) not in rules.UNDER_WAY:
        row.as_of = now
        events.append(await go_on(session, row))
    await append_many(session, topic(session_id), events)


async def cancel(session: AsyncSession, session_id: SessionId, now: datetime) -> None:
    """End the session now: whatever its worker still does can no longer be written. Twice is once."""
    await end(session, session_id, SessionState.CANCELLED, None, now)


async def change_cap(session: AsyncSession, session_id: SessionId, cap: Decimal) -> SessionRow:
    """Set what a session may spend in all; refused for a built-in model, which spends nothing.

    Above a cap that was chosen for all sessions it would change nothing.
    """
    _refuse(rules.check_cap(cap))
    row = await locked(session, session_id)
    most = await most_of_a_session(session)
    if most is not None and cap > most:
        told = f"No session here may spend more than {dollars(most)}. Raise that cap first, under Usage and cost."
        raise Refusal("above_the_workspace", 409, told, place="/cap")
    if row.credential_id is None:
        raise Refusal("nothing_to_cap", 409, "The built-in analyst costs nothing, so there is nothing to cap.")
    row.cap = cap
    return row


async def end(
    session: AsyncSession, session_id: SessionId, state: SessionState, error: str | None, now: datetime
) -> None:
    """End a session from outside its turn, with its reason in words when it is not the person's own doing."""
    row = await locked(session, session_id)
    if SessionState(row.state) in rules.ENDED:
        return
    at = await halt(session, row, error=state, words=error or "Stopped because the session was cancelled.", now=now)
    row.state, row.error, row.ended_at, row.halting = state, error, now, None
    said: dict[str, object] = {"state": state} if error is None else {"state": state, "error": error}
    if error is None:
        row.stop_reason = said["reason"] = rules.why_cut_short(state, at)
    await append_many(session, topic(session_id), [("session.state", said)])


async def halt(session: AsyncSession, row: SessionRow, *, error: str, words: str, now: datetime) -> int | None:
    """Let no worker write to the session any more; close the step under way, whose number is returned, and its call."""
    stopped = await session.execute(
        update(StepRow)
        .where(StepRow.session_id == row.id, StepRow.finished_at.is_(None))
        .values(finished_at=now, ok=False, error=error)
        .returning(StepRow)
    )
    open_steps = list(stopped.scalars())
    row.epoch += 1
    await session.flush()
    await bills.book_lost(session, row.id, now)
    cards = [("step.finished", stopped_card(step, now, error=error, preview=words)) for step in open_steps]
    if cards:
        await append_many(session, topic(row.id), cards)
    return open_steps[-1].number if open_steps else None


async def go_on(session: AsyncSession, row: SessionRow) -> tuple[str, Mapping[str, object]]:
    """Queue the next turn, whatever the session rested for or was put away; returns the event that tells it."""
    row.state, row.error, row.ended_at = SessionState.QUEUED, None, None
    row.halting, row.stop_reason, row.archived_at = None, None, None
    ids = {"workspace_id": str(row.workspace_id), "session_id": str(row.id)}
    await enqueue(session, TURN_JOB, ids=ids, queue=TURN_QUEUE, lock=f"lab:{row.id}")
    line = await places(session, TURN_QUEUE, "session_id", [str(row.id)])
    return "session.state", {"state": SessionState.QUEUED, "place": line.get(str(row.id))}


def refuse_cancelled(row: SessionRow) -> None:
    """Refuse what a cancelled session cannot do any more."""
    if row.state == SessionState.CANCELLED:
        words = "This session was cancelled. Fork it to go on from one of its steps, or open a new one."
        raise Refusal("session_cancelled", 409, words)


async def read(session: AsyncSession, session_id: SessionId) -> SessionRow:
    """Return one session; refused when this workspace has none with this id."""
    row = (await session.execute(select(SessionRow).where(SessionRow.id == session_id))).scalar_one_or_none()
    if row is None:
        raise Refusal("session_unknown", 404, "There is no such session in this workspace.")
    return row


async def evidence_list(session: AsyncSession, session_id: SessionId) -> Sequence[EvidenceRow]:
    """Return all evidence of a session in order of number; `MAX_STEPS` a message bounds it."""
    await read(session, session_id)
    query = select(EvidenceRow).where(EvidenceRow.session_id == session_id).order_by(EvidenceRow.number)
    return (await session.execute(query)).scalars().all()


async def evidence(session: AsyncSession, session_id: SessionId, number: int) -> EvidenceRow:
    """Return one piece of evidence of a session."""
    query = select(EvidenceRow).where(EvidenceRow.session_id == session_id, EvidenceRow.number == number)
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        raise Refusal("evidence_unknown", 404, f"This session has no evidence number {number}.")
    return row


async def newest_report(session: AsyncSession, session_id: SessionId) -> ReportRow | None:
    """Return the session's report, the newest when it wrote several, or None."""
    query = select(ReportRow).where(ReportRow.session_id == session_id).order_by(ReportRow.number.desc()).limit(1)
    return (await session.execute(query)).scalar_one_or_none()


async def sessions_with_report(session: AsyncSession, session_ids: Sequence[UUID]) -> set[UUID]:
    """Return which of these sessions have a report."""
    query = select(ReportRow.session_id).where(ReportRow.session_id.in_(session_ids)).distinct()
    return set((await session.execute(query)).scalars())


async def person_texts(session: AsyncSession, session_id: SessionId) -> list[str]:
    """Return everything the person said in a session, in order: what a report may quote."""
    query = (
        select(EntryRow.body)
        .where(EntryRow.session_id == session_id, EntryRow.kind == EntryKind.PERSON)
        .order_by(EntryRow.position)
    )
    return [str(json.loads(body)["text"]) for body in (await session.execute(query)).scalars()]


def check_opening(opening: Opening) -> None:
    """Refuse what cannot open a session, whatever there is in the workspace."""
    _refuse(rules.check_goal(opening.goal))
    _refuse(key_outside(opening.model, "/model"))
    if opening.fallback is not None:
        _refuse(key_outside(opening.fallback.model, "/fallback/model"))
    for name, role in opening.roles.items():
        _refuse(key_outside(role.model, f"/roles/{name}/model"))
    if opening.key is not None:
        _refuse(rules.check_key(opening.key))
    try:
        if opening.symbol is not None:
            split_symbol(opening.symbol)
    except ValueError as error:
        raise Refusal("symbol_malformed", 422, f"{error}.", place="/symbol") from None
    try:
        if opening.timeframe is not None:
            Timeframe.parse(opening.timeframe)
    except ValueError as error:
        raise Refusal("timeframe_malformed", 422, f"{error}.", place="/timeframe") from None


async def _opened_before(session: AsyncSession, opening: Opening) -> SessionId | None:
    query = select(SessionRow).where(SessionRow.idempotency_key == opening.key)
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        return None
    same_model = opening.model in {"", DEFAULT} or opening.model.endswith(row.model)
    if row.goal != opening.goal.strip() or not same_model:
        raise Refusal("idempotency_key_reused", 409, "This Idempotency-Key opened another session. Use a new key.")
    return SessionId(row.id)


async def check_room(session: AsyncSession) -> None:
    """Refuse one more session under way when there are too many."""
    query = select(func.count()).select_from(SessionRow).where(SessionRow.state.in_(rules.UNDER_WAY))
    if (await session.execute(query)).scalar_one() >= MAX_OPEN_SESSIONS:
        words = f"{MAX_OPEN_SESSIONS} sessions are under way already. Wait for one to end, or cancel one."
        raise Refusal("too_many_sessions", 429, words, retry_after_s=10)


async def locked(session: AsyncSession, session_id: SessionId) -> SessionRow:
    """Return one session, to which nobody else writes until the transaction ends."""
    query = select(SessionRow).where(SessionRow.id == session_id).with_for_update()
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        raise Refusal("session_unknown", 404, "There is no such session in this workspace.")
    return row


async def add_message(
    session: AsyncSession, row: SessionRow, text: str, now: datetime
) -> tuple[str, Mapping[str, object]]:
    """Write what a person says into the transcript; returns the event that tells it, with its position there."""
    position = await last_position(session, row.id) + 1
    await session.execute(
        insert(EntryRow).values(
            workspace_id=row.workspace_id,
            session_id=row.id,
            position=position,
            kind=EntryKind.PERSON,
            body=canonical({"text": text}).decode(),
            trust=Trust.PERSON.value,
            secrecy=Secrecy.PUBLIC.value,
            created_at=now,
        )
    )
    return "message", {"role": "user", "text": text, "position": position}


async def last_position(session: AsyncSession, session_id: UUID) -> int:
    """Return the position of the transcript's last entry, 0 when there is none."""
    last = select(func.coalesce(func.max(EntryRow.position), 0)).where(EntryRow.session_id == session_id)
    return (await session.execute(last)).scalar_one()


async def _asks(session: AsyncSession, row: SessionRow, step: int) -> bool:
    """Whether the session waits for the answer to the question of this step."""
    mine = EntryRow.session_id == row.id
    spoken = select(func.max(EntryRow.position)).where(mine, EntryRow.kind == EntryKind.PERSON).scalar_subquery()
    branch = aliased(EntryRow)
    replaced = (branch.position > EntryRow.position) & (branch.cut > 0) & (branch.cut <= EntryRow.position)
    stale = select(branch.position).where(branch.session_id == row.id, replaced).exists()
    asked = select(EntryRow.step).where(mine, EntryRow.asks, EntryRow.step == step, EntryRow.position > spoken, ~stale)
    return row.state == SessionState.WAITING and (await session.execute(asked)).first() is not None


def stopped_card(step: StepRow, now: datetime, *, error: str, preview: str) -> dict[str, object]:
    """Return the card of a step that ends without a result."""
    return {
        "step": step.number,
        "kind": step.kind,
        "name": step.name,
        "title": step.title,
        "ok": False,
        "preview": preview,
        "duration_ms": int((now - step.started_at).total_seconds() * 1_000),
        "tokens_in": 0,
        "tokens_out": 0,
        "cost": decimal_text(step.cost),
        "attempt": step.attempt,
        "error": error,
    }


def _refuse(reason: Reason | None) -> None:
    if reason is not None:
        raise Refusal(reason.code, 422, reason.text, place=reason.place)
