"""Bake-offs: the same task on the same data by several models, several times each, and what can be said of them then.

A bake-off is its sessions: they run like any other, each with its share of the cap, so that together they cannot pass
it. All see the past up to one instant. What a bake-off shows is read from them anew each time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import PersonId, SessionId, WorkspaceId
from omc.core.money import text as decimal_text
from omc.kit.errors import Refusal
from omc.kit.events import audit
from omc.kit.ids import new_id
from omc.lab import rules, service
from omc.lab.publishing import published
from omc.lab.report import FigureSpan, MetricsBlock, Report, Span, TextBlock
from omc.lab.rules import SessionState, StepKind
from omc.lab.scoring import RunFacts, Score, score
from omc.lab.service import Opening
from omc.lab.tables import BakeoffRow, BakeoffRunRow, SessionRow, StepRow

MIN_REPEATS, MAX_REPEATS = 3, 20
MAX_ENTRIES = 12
MAX_PAGE = 100
CENT_PARTS = Decimal("0.000001")
DATA_HASH = "Data hash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One model in a bake-off; without a key a built-in one."""

    model: str
    credential_id: UUID | None = None
    preset_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What all do; `cap` in US dollars is for all runs together.

    `of_session` names the session whose question it is, asked again on the past that it saw, `as_of`.
    """

    goal: str
    entries: Sequence[Contender]
    repeats: int = MIN_REPEATS
    cap: Decimal
    symbol: str | None = None
    timeframe: str | None = None
    least: int = MIN_REPEATS
    of_session: UUID | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run as the bake-off shows it."""

    entry: int
    repeat: int
    session_id: UUID
    state: str
    cost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A bake-off with its progress and, for each entry, its score over the runs that have ended."""

    row: BakeoffRow
    runs: Sequence[Run]
    scores: Sequence[Score]
    data_hashes: Sequence[str]

    @property
    def contenders(self) -> list[Contender]:
        """The entries, in order."""
        return [_contender(entry) for entry in self.row.entries]

    @property
    def ended(self) -> int:
        """How many runs have ended."""
        return sum(run.state not in rules.UNFINISHED for run in self.runs)

    @property
    def state(self) -> str:
        """`cancelled`, `done` or `running`."""
        if self.row.cancelled_at is not None:
            return "cancelled"
        return "done" if self.ended == len(self.runs) else "running"


async def start(
    session: AsyncSession, task: Task, *, workspace_id: WorkspaceId, person_id: PersonId, now: datetime
) -> UUID:
    """Open all runs of a bake-off at once; they wait in the queue like other sessions."""
    _check(task)
    bakeoff_id = new_id()
    count = len(task.entries) * task.repeats
    share = (task.cap / count).quantize(CENT_PARTS, rounding=ROUND_DOWN)
    entries = [
        {name: None if value is None else str(value) for name, value in asdict(entry).items()} for entry in task.entries
    ]
    await session.execute(
        insert(BakeoffRow).values(
            workspace_id=workspace_id,
            id=bakeoff_id,
            goal=task.goal.strip(),
            symbol=task.symbol,
            timeframe=task.timeframe,
            entries=entries,
            repeats=task.repeats,
            cap=task.cap,
            as_of=task.as_of or now,
            session_id=task.of_session,
            created_by=person_id,
            created_at=now,
        )
    )
    for repeat in range(1, task.repeats + 1):
        for number, entry in enumerate(task.entries):
            opening = Opening(
                goal=task.goal,
                model=entry.model,
                credential_id=entry.credential_id,
                preset_id=entry.preset_id,
                symbol=task.symbol,
                timeframe=task.timeframe,
                cap=share,
                as_of=task.as_of or now,
            )
            opened = await service.open_session(
                session, opening, workspace_id=workspace_id, person_id=person_id, now=now
            )
            await session.execute(
                insert(BakeoffRunRow).values(
                    workspace_id=workspace_id, bakeoff_id=bakeoff_id, entry=number, repeat=repeat, session_id=opened
                )
            )
    told = {"id": str(bakeoff_id), "by": str(person_id), "runs": count, "cap": decimal_text(task.cap)}
    await audit(session, "bakeoff.started", told)
    return bakeoff_id


async def cancel(session: AsyncSession, bakeoff_id: UUID, now: datetime) -> None:
    """End every run that is under way; those that ended stay. Twice is once."""
    row = await read(session, bakeoff_id)
    if row.cancelled_at is not None:
        return
    under_way = [run for run in await _runs(session, bakeoff_id) if run.state in rules.UNFINISHED]
    if not under_way:
        return
    for run in under_way:
        await service.cancel(session, SessionId(run.session_id), now)
    await session.execute(update(BakeoffRow).where(BakeoffRow.id == bakeoff_id).values(cancelled_at=now))


async def read(session: AsyncSession, bakeoff_id: UUID) -> BakeoffRow:
    """Return one; refused when the workspace has none with this id."""
    row = (await session.execute(select(BakeoffRow).where(BakeoffRow.id == bakeoff_id))).scalar_one_or_none()
    if row is None:
        raise Refusal("bakeoff_unknown", 404, "There is no such bake-off in this workspace.")
    return row


async def newest(session: AsyncSession, *, before: UUID | None, limit: int) -> Sequence[Standing]:
    """Return bake-offs, newest first, with their progress but without scores."""
    query = select(BakeoffRow).order_by(BakeoffRow.id.desc()).limit(min(limit, MAX_PAGE))
    if before is not None:
        query = query.where(BakeoffRow.id < before)
    rows = (await session.execute(query)).scalars().all()
    return [Standing(row=row, runs=await _runs(session, row.id), scores=(), data_hashes=()) for row in rows]


async def standing(session: AsyncSession, bakeoff_id: UUID) -> Standing:
    """Return one with its scores over the runs that have ended."""
    row = await read(session, bakeoff_id)
    runs = await _runs(session, bakeoff_id)
    facts: list[list[RunFacts]] = [[] for _ in row.entries]
    hashes: set[str] = set()
    for run in runs:
        if run.state not in rules.UNFINISHED:
            found, seen = await _facts(session, run)
            facts[run.entry].append(found)
            hashes |= seen
    return Standing(row=row, runs=runs, scores=[score(some) for some in facts], data_hashes=sorted(hashes))


def _contender(entry: object) -> Contender:
    assert isinstance(entry, Mapping)
    key, preset = entry["credential_id"], entry["preset_id"]
    return Contender(
        model=str(entry["model"]),
        credential_id=None if key is None else UUID(str(key)),
        preset_id=None if preset is None else UUID(str(preset)),
    )


def _check(task: Task) -> None:
    reason = rules.check_goal(task.goal) or rules.check_cap(task.cap)
    if reason is not None:
        raise Refusal(reason.code, 422, reason.text, place=reason.place)
    if not 1 <= len(task.entries) <= MAX_ENTRIES:
        raise Refusal("bakeoff_entries", 422, f"Name 1 to {MAX_ENTRIES} models to compare.", place="/entries")
    if not task.least <= task.repeats <= MAX_REPEATS:
        words = f"Repeat {task.least} to {MAX_REPEATS} times: fewer runs say nothing about a model."
        raise Refusal("bakeoff_repeats", 422, words, place="/repeats")


async def _runs(session: AsyncSession, bakeoff_id: UUID) -> list[Run]:
    query = (
        select(BakeoffRunRow.entry, BakeoffRunRow.repeat, SessionRow.id, SessionRow.state, SessionRow.cost)
        .join(SessionRow, SessionRow.id == BakeoffRunRow.session_id)
        .where(BakeoffRunRow.bakeoff_id == bakeoff_id)
        .order_by(BakeoffRunRow.entry, BakeoffRunRow.repeat)
    )
    return [
        Run(entry=entry, repeat=repeat, session_id=session_id, state=state, cost=cost)
        for entry, repeat, session_id, state, cost in (await session.execute(query)).all()
    ]


async def _facts(session: AsyncSession, run: Run) -> tuple[RunFacts, set[str]]:
    row = await service.read(session, SessionId(run.session_id))
    tool = StepRow.kind == StepKind.TOOL
    counted = select(
        func.count().filter(tool), func.count().filter(tool, StepRow.ok.is_(False)), func.min(StepRow.started_at)
    ).where(StepRow.session_id == run.session_id)
    calls, failures, began = (await session.execute(counted)).one()
    finished = run.state in {SessionState.DONE, SessionState.BUDGET_REACHED}
    report = await published(session, SessionId(run.session_id)) if finished and await _reported(session, run) else None
    facts = RunFacts(
        state=run.state,
        verdict=report.verdict if report is not None and run.state == SessionState.DONE else None,
        figures=0 if report is None else figures_in(report),
        unverified=0 if report is None else report.unverified,
        tool_calls=calls,
        tool_failures=failures,
        steps=row.steps,
        seconds=0.0 if row.ended_at is None or began is None else (row.ended_at - began).total_seconds(),
        cost=row.cost,
    )
    hashes = set() if report is None else {fact.display for fact in report.data if fact.label == DATA_HASH}
    return facts, hashes


async def _reported(session: AsyncSession, run: Run) -> bool:
    return await service.newest_report(session, SessionId(run.session_id)) is not None


def figures_in(report: Report) -> int:
    """Return how many figures of a report are resolved from evidence."""
    blocks = [block for section in report.sections for block in section.blocks]
    spans: list[Span] = [*report.answer_spans, *report.confidence_because]
    for block in blocks:
        if isinstance(block, TextBlock):
            spans += block.spans
    rows = [row for block in blocks if isinstance(block, MetricsBlock) for row in block.rows]
    in_tables = sum(1 + (row.benchmark is not None) for row in rows)
    return in_tables + sum(isinstance(span, FigureSpan) for span in spans)
