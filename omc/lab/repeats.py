"""The same question asked again: a bake-off of a session's own model on the session's own past, and how far all agree.

What is compared are the verdict and the headline figures of each run's report, the session's own among them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import PersonId, SessionId, WorkspaceId
from omc.kit.errors import Refusal
from omc.lab import bakeoffs, rules, service
from omc.lab.bakeoffs import Contender, Task
from omc.lab.publishing import kept_of, published
from omc.lab.report import Figure
from omc.lab.rules import SessionState
from omc.lab.tables import BakeoffRow, BakeoffRunRow, SessionRow
from omc.lab.trying import figure_at, headline_root

MAX_TIMES = 20
FREE_CAP = Decimal(1)
"""What runs of a built-in model may cost together: they cost nothing, and a bake-off has a cap."""

HEADLINES = (
    ("run_backtest", "total_return_percent", "return"),
    ("walk_forward", "total_return_percent", "return on periods apart"),
    ("run_backtest", "sharpe_ratio", "Sharpe ratio"),
    ("run_backtest", "max_drawdown_percent", "deepest drawdown"),
)
"""Which figures are compared: those to believe of each session's last test of a kind."""

NEVER = "Never repeated: one run is no evidence that another one would say the same."


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """One headline figure over the runs that have it."""

    label: str
    low: str
    high: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One run: how it stands, what it answered, and its headline figures by label."""

    session_id: UUID
    state: str
    verdict: str | None
    figures: dict[str, Figure]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """How far the runs of one question agree; the first run is the session itself."""

    sessions: Sequence[Answered]
    bakeoffs: Sequence[UUID]

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return len(self.sessions)

    @property
    def ended(self) -> int:
        """How many of them have ended or wait for a person."""
        return sum(run.state not in rules.UNFINISHED for run in self.sessions)

    @property
    def verdicts(self) -> dict[str, int]:
        """How often each verdict was given."""
        return dict(Counter(run.verdict for run in self.sessions if run.verdict is not None))

    @property
    def verdict(self) -> str | None:
        """The verdict of the session itself."""
        return self.sessions[0].verdict

    @property
    def agreeing(self) -> int:
        """How many runs answered as the session did."""
        return self.verdicts.get(self.verdict, 0) if self.verdict is not None else 0

    @property
    def spreads(self) -> list[Spread]:
        """The lowest and highest of each headline figure."""
        return [spread for _, _, label in HEADLINES if (spread := _spread(self.sessions, label)) is not None]

    @property
    def words(self) -> str:
        """All of it in one line, as an approval card shows it."""
        if self.runs == 1:
            return NEVER
        under_way = self.runs - self.ended
        waits = f"; {under_way} under way" if under_way else ""
        said = f"{self.agreeing} of {self.ended} runs agree{waits}"
        return "; ".join([said, *(f"{one.label} between {one.low} and {one.high}" for one in self.spreads[:2])])


async def start(
    session: AsyncSession,
    session_id: SessionId,
    *,
    times: int,
    cap: Decimal | None,
    person_id: PersonId,
    now: datetime,
) -> UUID:
    """Ask a session's question `times` times again, with its model, settings and clock.

    Refusals: `no_report`, and `repeats_under_way` while it is asked again already, so that two clicks are one.
    """
    row = await service.locked(session, session_id)
    if await service.newest_report(session, session_id) is None:
        raise Refusal("no_report", 409, "This session has no report yet, so there is nothing to compare with.")
    if any(run.state in rules.UNFINISHED for run in await _runs(session, await _made(session, session_id))):
        words = (
            "This question is being asked again already. Wait until those runs have ended, or cancel their comparison."
        )
        raise Refusal("repeats_under_way", 409, words)
    task = Task(
        goal=row.goal,
        entries=[Contender(model=row.model, credential_id=row.credential_id)],
        repeats=times,
        cap=cap or (FREE_CAP if row.cap is None else row.cap * times),
        symbol=row.symbol,
        timeframe=row.timeframe,
        least=1,
        of_session=session_id,
        as_of=row.as_of,
    )
    made = await bakeoffs.start(session, task, workspace_id=WorkspaceId(row.workspace_id), person_id=person_id, now=now)
    runs = select(BakeoffRunRow.session_id).where(BakeoffRunRow.bakeoff_id == made)
    same = {"preset": row.preset, "fallback": row.fallback, "roles": row.roles}
    await session.execute(update(SessionRow).where(SessionRow.id.in_(runs)).values(**same))
    return made


async def stability(session: AsyncSession, session_id: SessionId) -> Stability:
    """Return how far the runs of a session's question agree; of a run, those of the session that was asked first."""
    session_id = SessionId((await _firsts(session, {session_id})).get(session_id, session_id))
    row = await service.read(session, session_id)
    found = await _made(session, session_id)
    runs = [await _answered(session, one.id, one.state) for one in (row, *await _runs(session, found))]
    return Stability(sessions=runs, bakeoffs=found)


async def _made(session: AsyncSession, session_id: UUID) -> Sequence[UUID]:
    query = select(BakeoffRow.id).where(BakeoffRow.session_id == session_id).order_by(BakeoffRow.id)
    return (await session.execute(query)).scalars().all()


async def _runs(session: AsyncSession, bakeoff_ids: Sequence[UUID]) -> Sequence[SessionRow]:
    query = (
        select(SessionRow)
        .join(BakeoffRunRow, BakeoffRunRow.session_id == SessionRow.id)
        .where(BakeoffRunRow.bakeoff_id.in_(bakeoff_ids))
        .order_by(BakeoffRunRow.bakeoff_id, BakeoffRunRow.repeat)
    )
    return (await session.execute(query)).scalars().all()


async def of_sessions(session: AsyncSession, session_ids: set[UUID]) -> dict[UUID, str]:
    """Return in words how far each of these sessions' questions agree, of those that were asked again or are a run."""
    asked = select(BakeoffRow.session_id).where(BakeoffRow.session_id.in_(session_ids)).distinct()
    first = {one: one for one in await session.scalars(asked) if one is not None} | await _firsts(session, session_ids)
    words = {one: (await stability(session, SessionId(one))).words for one in set(first.values())}
    return {one: words[whose] for one, whose in first.items()}


async def _firsts(session: AsyncSession, session_ids: set[UUID]) -> dict[UUID, UUID]:
    """Return, of these sessions, those that are runs, with the session whose question they are."""
    query = (
        select(BakeoffRunRow.session_id, BakeoffRow.session_id)
        .join(BakeoffRow, BakeoffRow.id == BakeoffRunRow.bakeoff_id)
        .where(BakeoffRunRow.session_id.in_(session_ids), BakeoffRow.session_id.is_not(None))
    )
    return {run: whose for run, whose in (await session.execute(query)).all() if whose is not None}


async def _answered(session: AsyncSession, session_id: UUID, state: str) -> Answered:
    known = SessionId(session_id)
    if state in rules.UNFINISHED or await service.newest_report(session, known) is None:
        return Answered(session_id=session_id, state=state, verdict=None, figures={})
    report = await published(session, known)
    last = {item.tool: item for item in (await kept_of(session, known)).values()}
    found = {
        label: figure_at(last[tool], f"{headline_root(last[tool].output)}/{name}")
        for tool, name, label in HEADLINES
        if tool in last
    }
    figures = {label: figure for label, figure in found.items() if figure is not None}
    verdict = report.verdict if state == SessionState.DONE else None
    return Answered(session_id=session_id, state=state, verdict=verdict, figures=figures)


def _spread(runs: Sequence[Answered], label: str) -> Spread | None:
    found = sorted((run.figures[label] for run in runs if label in run.figures), key=lambda one: Decimal(one.value))
    if not found:
        return None
    return Spread(label=label, low=found[0].display, high=found[-1].display, n=len(found))
