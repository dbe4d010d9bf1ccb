"""The transcript as a journal: how a worker takes up a session, begins a step and writes its result, once and for all.

Every verb but `claim` is fenced: it changes nothing and raises `Superseded` when another worker has taken the session
up since, or its person cancelled it. The fence locks the session's row: one transaction at a time writes a transcript.
"""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from psycopg.types.json import Jsonb
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.canonical import canonical
from omc.core.ids import SessionId, WorkspaceId
from omc.core.money import text as decimal_text
from omc.kit.db import Database, fetch, run, value
from omc.kit.events import append_at_end, append_many
from omc.lab import rules
from omc.lab.bills import Happening, Settlement
from omc.lab.choosing import RoleModel, others_of
from omc.lab.entries import Entry
from omc.lab.evidence import Packed
from omc.lab.policy import UNREAD, Labels, Secrecy, Trust
from omc.lab.rules import UNDER_WAY, EntryFacts, EntryKind, Held, SessionState, Step
from omc.lab.service import stopped_card, topic
from omc.lab.tables import SessionRow, StepRow

_FENCE = """
SELECT state, plan, model, credential_id, preset, cap, fallback, halting FROM lab_session
WHERE workspace_id = current_setting('omc.workspace')::uuid AND id = %(session_id)s AND epoch = %(epoch)s FOR UPDATE
"""

_PLAN = """
UPDATE lab_session SET plan = %(plan)s WHERE workspace_id = current_setting('omc.workspace')::uuid AND id = %(id)s
"""

_REST = """
UPDATE lab_session SET state = %(state)s, error = %(error)s, ended_at = %(ended_at)s, halting = NULL,
  stop_reason = %(stop_reason)s
WHERE workspace_id = current_setting('omc.workspace')::uuid AND id = %(id)s
"""

# One more attempt when a worker died in the step; the first again when it had ended and its person spoke.
_BEGIN = """
INSERT INTO lab_step AS step (workspace_id, session_id, number, kind, name, title, attempt, started_at)
VALUES (current_setting('omc.workspace')::uuid, %(session_id)s, %(number)s, %(kind)s, %(name)s, %(title)s, 1, %(now)s)
ON CONFLICT (workspace_id, session_id, number) DO UPDATE
SET kind = excluded.kind, name = excluded.name, title = excluded.title, evidence = NULL,
  attempt = CASE WHEN step.finished_at IS NULL THEN step.attempt + 1 ELSE 1 END,
  started_at = excluded.started_at, finished_at = NULL, ok = NULL, error = NULL
RETURNING attempt
"""

_KEEP = """
INSERT INTO lab_evidence (workspace_id, session_id, number, step, tool, title, input, output, hash, created_at)
SELECT current_setting('omc.workspace')::uuid, %(session_id)s, coalesce(max(number), 0) + 1, %(step)s, %(tool)s,
  %(title)s, %(input)s, %(output)s, %(hash)s, %(now)s
FROM lab_evidence WHERE workspace_id = current_setting('omc.workspace')::uuid AND session_id = %(session_id)s
RETURNING number
"""

# The transcript's next entry, the step's end and the session's counts.
_FINISH = """
WITH entry AS (
  INSERT INTO lab_entry (workspace_id, session_id, position, kind, step, seen, calls, asks, reported, body, trust,
    secrecy, created_at)
  SELECT current_setting('omc.workspace')::uuid, %(session_id)s, coalesce(max(position), 0) + 1, %(kind)s, %(step)s,
    %(seen)s, %(calls)s, %(asks)s, %(reported)s, %(body)s, %(trust)s, %(secrecy)s, %(now)s
  FROM lab_entry WHERE workspace_id = current_setting('omc.workspace')::uuid AND session_id = %(session_id)s
  RETURNING position
), session AS (
  UPDATE lab_session SET steps = steps + 1, tokens_in = tokens_in + %(tokens_in)s,
    tokens_out = tokens_out + %(tokens_out)s, cost = cost + %(cost)s
  WHERE workspace_id = current_setting('omc.workspace')::uuid AND id = %(session_id)s
)
UPDATE lab_step SET ok = %(ok)s, error = %(error)s, tokens_in = %(tokens_in)s, tokens_out = %(tokens_out)s,
  cost = cost + %(cost)s, evidence = %(evidence)s, duration_ms = %(duration_ms)s, finished_at = %(now)s
WHERE workspace_id = current_setting('omc.workspace')::uuid AND session_id = %(session_id)s AND number = %(step)s
RETURNING cost, (SELECT position FROM entry) AS position
"""


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
    others: Sequence[str] = ()
    """Models besides `model` that may answer: the fallback and those of the roles."""
    roles: Mapping[str, object] | None = None
    """The models of its roles, when they have their own."""
    own: RoleModel | None = None
    """The model of the role that answers now, when it has its own; `model` is its name then."""
    labels: Labels = UNREAD
    """What the session had read when the turn began, also in what is stale since."""


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
class Finished:
    """A step's result: what enters the transcript, and what its card shows."""

    body: Mapping[str, object]
    ok: bool
    preview: str
    thought: str = ""
    seen: int = 0
    calls: int = 0
    asks: bool = False
    reported: bool = False
    tokens_in: int = 0
    tokens_out: int = 0
    cost: Decimal = Decimal(0)
    error: str | None = None
    proof: Proof | None = None
    settlement: Settlement | None = None
    happenings: Sequence[Happening] = ()
    labels: Labels = UNREAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A step's result in the transcript, and what is `told` of it."""

    entry: Entry
    told: list[Happening]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """Where a result was written, and what its step cost with all its tries."""

    cost: Decimal
    position: int


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
        others=others_of(row.fallback, row.roles),
        roles=row.roles,
        labels=Labels(trust=Trust(row.trust), secrecy=Secrecy(row.secrecy)),
    )


async def held(session: AsyncSession, turn: Turn) -> bool:
    """Return whether this worker may still write; asked while a long step runs."""
    query = select(SessionRow.epoch).where(SessionRow.id == turn.session_id)
    return (await session.execute(query)).scalar_one_or_none() == turn.epoch


async def fence(session: AsyncSession, turn: Turn) -> Held:
    """Lock the session's row for this transaction, or raise `Superseded`."""
    return _held(await fetch(session, Held, _FENCE, {"session_id": turn.session_id, "epoch": turn.epoch}))


@asynccontextmanager
async def fenced(database: Database, turn: Turn) -> AsyncGenerator[tuple[AsyncSession, Held], None]:
    """One transaction that begins with the fence."""
    asked = {"session_id": turn.session_id, "epoch": turn.epoch}
    async with database.fetching(turn.workspace_id, Held, _FENCE, asked) as (session, found):
        yield session, _held(found)


def _held(found: Sequence[Held]) -> Held:
    if not found or found[0].state != SessionState.RUNNING:
        raise Superseded
    return found[0]


async def keep_plan(session: AsyncSession, turn: Turn, plan: Sequence[Mapping[str, object]]) -> None:
    """Replace the plan that the person watches; fence first."""
    await run(session, _PLAN, {"id": turn.session_id, "plan": Jsonb(list(plan))})


async def begin(
    session: AsyncSession, turn: Turn, step: Step, card: Card, now: datetime, *, told: Sequence[Happening] = ()
) -> Begun:
    """Mark a step as begun (again, when a worker died in it), and tell of it behind what is `told`; fence first."""
    known = {"kind": step.kind.value, "name": card.name, "title": card.title}
    asked = {**known, "session_id": turn.session_id, "number": step.number, "now": now}
    attempt = await value(session, int, _BEGIN, asked)
    shown = {**known, "step": step.number, "input": card.input, "attempt": attempt}
    append_at_end(session, topic(turn.session_id), [*told, ("step.started", shown)])
    return Begun(step=step, name=card.name, title=card.title, attempt=attempt, started_at=now)


async def finish(session: AsyncSession, turn: Turn, begun: Begun, finished: Finished, now: datetime) -> Written:
    """Write a step's result: transcript, evidence, spend, beside its effect; fence first.

    `begin` or `rest`, one of which follows in the same transaction, writes what is told of it to the events.
    """
    number = None if finished.proof is None else await _keep(session, turn, begun, finished.proof, now)
    body = finished.body if number is None else {**finished.body, "evidence": number}
    text = canonical(body).decode()
    duration_ms = int((now - begun.started_at).total_seconds() * 1_000)
    written = {
        "session_id": turn.session_id,
        "kind": EntryKind(begun.step.kind).value,
        "step": begun.step.number,
        "seen": finished.seen,
        "calls": finished.calls,
        "asks": finished.asks,
        "reported": finished.reported,
        "body": text,
        "trust": finished.labels.trust.value,
        "secrecy": finished.labels.secrecy.value,
        "ok": finished.ok,
        "error": finished.error,
        "tokens_in": finished.tokens_in,
        "tokens_out": finished.tokens_out,
        "cost": finished.cost,
        "evidence": number,
        "duration_ms": duration_ms,
        "now": now,
    }
    (done,) = await fetch(session, _Done, _FINISH, written)
    card = _card(begun, finished, number, duration_ms, done.cost)
    facts = EntryFacts(
        position=done.position,
        kind=EntryKind(begun.step.kind),
        step=begun.step.number,
        seen=finished.seen,
        calls=finished.calls,
        asks=finished.asks,
        reported=finished.reported,
    )
    entry = Entry(facts=facts, body=json.loads(text), labels=finished.labels)
    return Written(entry=entry, told=[("step.finished", card), *finished.happenings])


async def rest(
    session: AsyncSession,
    turn: Turn,
    state: SessionState,
    *,
    now: datetime,
    error: str | None = None,
    cap: str | None = None,
    reason: str | None = None,
    told: Sequence[Happening] = (),
) -> None:
    """End the turn in `state`. A step that is still open is closed with the error, or the reason.

    `cap` says which cap was reached: `session`, `call`, `day`, `month` or `key`; `reason` why its person had it halt;
    `told` is told before the end.
    """
    await fence(session, turn)
    ended_at = None if state in rules.AT_REST else now
    ends = {"state": state.value, "error": error, "ended_at": ended_at, "stop_reason": reason}
    await run(session, _REST, {"id": turn.session_id, **ends})
    happenings = list(told)
    if (why := error or reason) is not None:
        marked = error or state.value
        stopped = await session.execute(
            update(StepRow)
            .where(StepRow.session_id == turn.session_id, StepRow.finished_at.is_(None))
            .values(finished_at=now, ok=False, error=marked)
            .returning(StepRow)
        )
        happenings += [
            ("step.finished", stopped_card(step, now, error=marked, preview=why)) for step in stopped.scalars()
        ]
    ended = {"state": state, "error": error, "cap": cap, "reason": reason}
    said = {name: words for name, words in ended.items() if words is not None}
    append_at_end(session, topic(turn.session_id), [*happenings, ("session.state", said)])


async def _keep(session: AsyncSession, turn: Turn, begun: Begun, proof: Proof, now: datetime) -> int:
    asked = {
        "session_id": turn.session_id,
        "step": begun.step.number,
        "tool": begun.name,
        "title": proof.title,
        "input": proof.packed.input,
        "output": proof.packed.output,
        "hash": proof.packed.hash,
        "now": now,
    }
    return await value(session, int, _KEEP, asked)


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
    more = {"evidence": evidence, "error": finished.error, "thought": finished.thought or None}
    return card | {name: value for name, value in more.items() if value is not None}
