"""Edit and rerun: the transcript grows by a branch, which makes everything from an earlier entry up to itself stale.

Nothing is deleted or changed. What is stale stays readable and is marked; no model reads it, no new report may refer to
its evidence, and its trials still count. The branch is written in the transaction that ends the worker's right to write
(`epoch`) and queues the next turn, so a process that dies anywhere leaves either all of it or nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from omc.core.canonical import canonical
from omc.core.ids import SessionId
from omc.engine import claims
from omc.kit.errors import Refusal
from omc.kit.events import append_many
from omc.lab import rules
from omc.lab.evidence import loads
from omc.lab.rules import EntryFacts, EntryKind
from omc.lab.service import add_message, go_on, halt, locked, refuse_cancelled, topic
from omc.lab.tables import EntryRow, EvidenceRow, ReportRow, SessionRow, StepRow
from omc.vault.rules import key_outside

MAX_ARGUMENTS_BYTES = 64_000
PLAN_TOOL = "set_plan"
PROPOSE_TOOL = "propose_strategy"

Event: TypeAlias = tuple[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWords:
    """Another text in place of the person's message at `position`."""

    position: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArguments:
    """Other arguments in place of those of the tool call that was run as `step`."""

    step: int
    arguments: Mapping[str, object]


async def rerun(session: AsyncSession, session_id: SessionId, edit: NewWords | NewArguments, now: datetime) -> None:
    """Change an earlier message, or the arguments of an earlier tool call, and go on from there.

    Refusals: `goal_*` and `key_in_the_open` for words, `bad_arguments`, `entry_unknown`, `entry_stale`, and
    `session_cancelled`.
    """
    _check(edit)
    row = await locked(session, session_id)
    refuse_cancelled(row)
    entries = await facts(session, session_id)
    target = _target(entries, edit)
    call = None if isinstance(edit, NewWords) else _call(rules.living(entries), target, edit)
    await halt(session, row, error="superseded", words="Stopped because an earlier step was changed.", now=now)
    await _write_branch(
        session, row, entries, cut=target.position, body={} if call is None else {"call": call}, now=now
    )
    await _withdraw(session, session_id, now)
    events = [_told(entries, target, edit)]
    if isinstance(edit, NewWords):
        row.goal = edit.text.strip() if target.position == 1 else row.goal
        events.append(await add_message(session, row, edit.text.strip(), now))
    kept = rules.steps_in([one for one in rules.living(entries) if one.position < target.position])
    events += await unticked(session, row, kept)
    await append_many(session, topic(session_id), [*events, await go_on(session, row)])


async def facts(session: AsyncSession, session_id: UUID) -> list[EntryFacts]:
    """Return what the order of steps depends on, of every entry."""
    query = select(
        EntryRow.position,
        EntryRow.kind,
        EntryRow.step,
        EntryRow.seen,
        EntryRow.calls,
        EntryRow.asks,
        EntryRow.reported,
        EntryRow.cut,
    )
    rows = await session.execute(query.where(EntryRow.session_id == session_id).order_by(EntryRow.position))
    return [
        EntryFacts(
            position=row.position,
            kind=EntryKind(row.kind),
            step=row.step,
            seen=row.seen,
            calls=row.calls,
            asks=row.asks,
            reported=row.reported,
            cut=row.cut,
        )
        for row in rows
    ]


async def stale_steps(session: AsyncSession, session_id: UUID, *, at: int | None = None) -> set[int]:
    """Return the steps that branches made stale; with `at`, those before that position of the transcript only."""
    return {step for _, step in await stale_of(session, [session_id], at=at)}


async def stale_of(
    session: AsyncSession, session_ids: Collection[UUID], *, at: int | None = None
) -> set[tuple[UUID, int]]:
    """Return the stale steps of these sessions."""
    branch = aliased(EntryRow)
    query = (
        select(EntryRow.session_id, EntryRow.step)
        .join(branch, (branch.session_id == EntryRow.session_id) & (branch.position > EntryRow.position))
        .where(EntryRow.session_id.in_(session_ids), EntryRow.step > 0)
        .where(branch.cut > 0, branch.cut <= EntryRow.position)
    )
    if at is not None:
        query = query.where(branch.position <= at)
    return {(row.session_id, row.step) for row in await session.execute(query)}


async def stale_reports(session: AsyncSession, session_ids: Sequence[UUID]) -> set[UUID]:
    """Return which of these sessions changed an earlier step since they wrote their newest report."""
    newest = (
        select(ReportRow.session_id, func.max(ReportRow.position).label("position"))
        .where(ReportRow.session_id.in_(session_ids))
        .group_by(ReportRow.session_id)
        .subquery()
    )
    query = (
        select(newest.c.session_id)
        .join(EntryRow, EntryRow.session_id == newest.c.session_id)
        .where(EntryRow.cut > 0, EntryRow.cut <= newest.c.position + 1, EntryRow.position > newest.c.position)
    )
    return set((await session.execute(query)).scalars())


def _check(edit: NewWords | NewArguments) -> None:
    if isinstance(edit, NewWords):
        reason = rules.check_goal(edit.text)
    else:
        written = canonical(edit.arguments).decode()
        reason = key_outside(written, "/arguments")
        if len(written) > MAX_ARGUMENTS_BYTES:
            words = f"These arguments have {len(written):,} characters; at most {MAX_ARGUMENTS_BYTES:,} are taken."
            raise Refusal("bad_arguments", 422, words, place="/arguments")
    if reason is not None:
        raise Refusal(reason.code, 422, reason.text, place=reason.place)


def _target(entries: Sequence[EntryFacts], edit: NewWords | NewArguments) -> EntryFacts:
    if isinstance(edit, NewWords):
        found = [one for one in entries if one.kind is EntryKind.PERSON and one.position == edit.position]
        missing = f"There is no message of yours at place {edit.position}. The transcript shows the places."
    else:
        found = [one for one in entries if one.kind is EntryKind.TOOL and one.step == edit.step]
        missing = f"Step {edit.step} is no tool call that has ended. Choose one whose card shows a result."
    if not found:
        raise Refusal("entry_unknown", 404, missing)
    if all(one.position != found[0].position for one in rules.living(entries)):
        words = "This was replaced by an earlier change and is stale. Change what came in its place."
        raise Refusal("entry_stale", 409, words)
    return found[0]


def _call(living: Sequence[EntryFacts], target: EntryFacts, edit: NewArguments) -> dict[str, object]:
    """Return which call of which answer the target is the result of, with its new arguments."""
    before = [one for one in living if one.position < target.position]
    answer = next(one for one in reversed(before) if one.kind is EntryKind.MODEL)
    index = sum(one.kind is EntryKind.TOOL and one.position > answer.position for one in before)
    return {"position": answer.position, "index": index, "arguments": dict(edit.arguments)}


async def _write_branch(
    session: AsyncSession,
    row: SessionRow,
    entries: Sequence[EntryFacts],
    *,
    cut: int,
    body: Mapping[str, object],
    now: datetime,
) -> None:
    await session.execute(
        insert(EntryRow).values(
            workspace_id=row.workspace_id,
            session_id=row.id,
            position=entries[-1].position + 1,
            kind=EntryKind.BRANCH,
            cut=cut,
            body=canonical(body).decode(),
            # What was read once was read: a branch never lowers what the session's labels say.
            trust=row.trust,
            secrecy=row.secrecy,
            created_at=now,
        )
    )


async def _withdraw(session: AsyncSession, session_id: SessionId, now: datetime) -> None:
    """Take back what only steps proposed that are stale by now: nobody approves it until it is proposed anew."""
    query = select(EvidenceRow.step, EvidenceRow.output).where(
        EvidenceRow.session_id == session_id, EvidenceRow.tool == PROPOSE_TOOL
    )
    gone = await stale_steps(session, session_id)
    stands: dict[UUID, bool] = {}
    for step, output in (await session.execute(query)).all():
        version_id = UUID(str(loads(output)["version_id"]))
        stands[version_id] = stands.get(version_id, False) or step not in gone
    withdrawn = [version_id for version_id, standing in stands.items() if not standing]
    await claims.proposed(session, withdrawn, source=f"session:{session_id}", withdrawn=True, now=now)


def _told(entries: Sequence[EntryFacts], target: EntryFacts, edit: NewWords | NewArguments) -> Event:
    steps = [one.step for one in entries if one.step > 0 and one.position >= target.position]
    data: dict[str, object] = {
        "changed": "message" if isinstance(edit, NewWords) else "arguments",
        "from_position": target.position,
        "to_position": entries[-1].position,
        "from_step": min(steps, default=None),
        "to_step": max(steps, default=None),
    }
    return "session.rerun", data


async def unticked(session: AsyncSession, row: SessionRow, living: set[int]) -> list[Event]:
    """Open the lines of the plan whose tools have to run again; without a living plan there is none."""
    if not row.plan:
        return []
    query = select(StepRow.name).where(StepRow.session_id == row.id, StepRow.number.in_(living), StepRow.ok.is_(True))
    ran = set((await session.execute(query)).scalars())
    lines = [dict(line) for line in row.plan if isinstance(line, Mapping)] if PLAN_TOOL in ran else []
    for line in lines:
        line["done"] = bool(line["done"]) and line["done_when"] in {None, *ran}
    row.plan = list(lines)
    return [("plan", {"items": [{"text": line["text"], "done": line["done"]} for line in lines]})]
