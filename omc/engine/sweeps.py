"""Searches over parameters as stored things: asked for, worked on in parts by all workers, stopped, gone on with.

A search is a trial of as many combinations as it may try, registered before the first one runs; stopping it and going
on changes nothing about that, and the same question again is the same search. Each takes a session with its workspace
set and never commits.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from math import sqrt
from typing import Literal, TypeAlias
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Float, cast, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.canonical import digest
from omc.core.ids import SeriesId, VersionId
from omc.core.market import Span
from omc.core.reason import Reason
from omc.engine import service, trials, universe
from omc.engine.document import StrategyDocument, document_hash, plain
from omc.engine.grid import Side
from omc.engine.metrics import DAYS_A_YEAR
from omc.engine.reading import read
from omc.engine.records import Request
from omc.engine.sweep import Row, Search
from omc.engine.tables_sweeps import SweepRow, SweepTryRow
from omc.engine.tpe import tries_of
from omc.kit import events
from omc.kit.errors import Refusal
from omc.kit.ids import new_id
from omc.kit.work import enqueue
from omc.ledgers import seals

SWEEP_JOB = "engine.sweep"
MAX_PAGE = 200
MAX_ROWS = 5_000

SweepState: TypeAlias = Literal["queued", "running", "stopped", "done", "failed"]
_WORKSPACE = text("current_setting('omc.workspace')::uuid")
_OPEN = ("queued", "running")
_STATE: TypeAdapter[SweepState] = TypeAdapter(SweepState)
_SEARCH, _SIDE = TypeAdapter(Search), TypeAdapter(Side)
_TEST_SHARPE: ColumnElement[float] = cast(SweepTryRow.test["sharpe"].astext, Float)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Which rows of which bars train and test: from row `first`, and from row `split` on, which opens at `split_ts`."""

    first: int
    split: int
    split_ts: int
    data_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSweep:
    """A search and how far it is: `done` of `total` combinations. `layout` is known once it has begun.

    With `others` it is over several symbols that share an account; `series_id` is of the first of them.
    """

    id: UUID
    version_id: VersionId | None
    hash: str
    document: StrategyDocument
    series_id: SeriesId
    others: Sequence[SeriesId]
    span: Span
    search: Search
    trial_id: UUID
    state: SweepState
    round: int
    total: int
    done: int
    layout: Layout | None
    error: Reason | None
    requested_by: str
    created_at: datetime
    ended_at: datetime | None


def topic(sweep_id: UUID) -> str:
    """Return the topic of the event log on which a search tells how far it is."""
    return f"sweep:{sweep_id}"


_LAYOUT, _REASON = TypeAdapter(Layout), TypeAdapter(Reason)


async def ask(session: AsyncSession, asked: Request, search: Search, *, now: datetime, fresh: bool = False) -> UUID:
    """Register a trial and enqueue the search; the same question on the same bars goes on with the search there is.

    `fresh` tries all of it again, and counts it again. Refusal where document, series and search do not fit together,
    and `sealed` as for a backtest.
    """
    service.fits(asked)
    count = tries_of(asked.document, search)
    pinned = await _pinned(session, asked)
    what = _SEARCH.dump_python(search, mode="json")
    looked = [str(one.id) for one in asked.every]
    question = digest([document_hash(asked.document), *looked, *_edges(pinned), what])
    if not fresh and (known := await _known(session, question)) is not None:
        if known.state == "stopped":
            await resume(session, known.id)
        return known.id
    request = replace(asked, span=pinned)
    row = {
        "workspace_id": _WORKSPACE,
        "id": new_id(),
        "asked": question,
        "version_id": asked.version_id,
        "hash": document_hash(asked.document),
        "document": plain(asked.document),
        "series_id": asked.series.id,
        "others": [one.id for one in asked.others],
        "start_ts": pinned.start,
        "end_ts": pinned.end,
        "search": what,
        "trial_id": await service.register_trial(session, request, kind="sweep", combinations=count, now=now),
        "state": "queued",
        "round": 1,
        "total": count,
        "done": 0,
        "requested_by": asked.by,
        "created_at": now,
    }
    made = insert(SweepRow).values(row).returning(SweepRow.workspace_id, SweepRow.id)
    workspace, sweep_id = (await session.execute(made)).one()
    await nudge(session, workspace, SWEEP_JOB, sweep_id, round="1")
    return sweep_id


async def _pinned(session: AsyncSession, asked: Request) -> Span:
    """The bars as they are now: a search that goes on tomorrow goes on with the same ones."""
    if asked.span is not None:
        for one in asked.every:
            await seals.view(session, one.id, start=asked.span.start, end=asked.span.end)
        return asked.span
    first, last = await universe.edges(session, asked.every)
    if first is None or last is None:
        raise Refusal("no_bars", 422, "this series has no bars to search on", place="/series_id")
    return Span(first, last)


def _edges(span: Span) -> tuple[str, str]:
    return span.start.isoformat(), span.end.isoformat()


async def _known(session: AsyncSession, question: str) -> StoredSweep | None:
    wanted = select(SweepRow).where(SweepRow.asked == question, SweepRow.state != "failed")
    row = await session.scalar(wanted.order_by(SweepRow.id.desc()).limit(1))
    return None if row is None else _stored(row)


async def nudge(
    session: AsyncSession, workspace: UUID, job: str, sweep_id: UUID, *, lock: str | None = None, **ids: str
) -> None:
    """Enqueue a job of a search of a workspace."""
    await enqueue(session, job, ids={"workspace_id": str(workspace), "sweep_id": str(sweep_id), **ids}, lock=lock)


async def stop(session: AsyncSession, sweep_id: UUID) -> StoredSweep:
    """Let a search stop at its next combination; what it found stays. One that has ended is left as it is."""
    await _turn(session, sweep_id, _OPEN, "stopped")
    return await get(session, sweep_id)


async def resume(session: AsyncSession, sweep_id: UUID) -> StoredSweep:
    """Go on with a search that was stopped, with what is left of it; any other is left as it is."""
    if (row := await _turn(session, sweep_id, ("stopped",), "queued")) is not None:
        await nudge(session, row.workspace_id, SWEEP_JOB, sweep_id, round=str(row.round))
    return await get(session, sweep_id)


async def _turn(session: AsyncSession, sweep_id: UUID, states: Collection[str], state: SweepState) -> SweepRow | None:
    """Begin another round in another state, and say so; None when it is in none of `states`."""
    turning = (
        update(SweepRow)
        .where(SweepRow.id == sweep_id, SweepRow.state.in_(states))
        .values(state=state, round=SweepRow.round + 1)
        .returning(SweepRow)
    )
    row = (await session.execute(turning)).scalar_one_or_none()
    if row is not None:
        await _tell(session, row)
    return row


async def working(session: AsyncSession, sweep_id: UUID, number: int) -> StoredSweep | None:
    """Return a search while it is in round `number` and open; None when its jobs have nothing to do any more."""
    wanted = select(SweepRow).where(SweepRow.id == sweep_id, SweepRow.round == number, SweepRow.state.in_(_OPEN))
    row = await session.scalar(wanted)
    return None if row is None else _stored(row)


async def begin(session: AsyncSession, sweep_id: UUID, number: int, layout: Layout) -> bool:
    """Mark a search as running on these bars; False when it was stopped meanwhile.

    Refusal `bars_changed` when it began on others: its rows would not belong together.
    """
    row = await _held(session, sweep_id, number)
    if row is None:
        return False
    if row.layout is not None and row.layout != asdict(layout):
        raise bars_changed()
    row.state, row.layout = "running", asdict(layout)
    await session.flush()
    await _tell(session, row)
    return True


def bars_changed() -> Refusal:
    """Return the refusal of a search whose bars are not those that it began on."""
    words = "the bars of this search were changed by an import since it began; ask for it again to try it on them"
    return Refusal("bars_changed", 409, words)


async def known_of(session: AsyncSession, sweep_id: UUID, numbers: range) -> dict[int, Row]:
    """Return what is known of combinations, by their numbers."""
    wanted = select(SweepTryRow).where(
        SweepTryRow.sweep_id == sweep_id, SweepTryRow.number >= numbers.start, SweepTryRow.number < numbers.stop
    )
    return {row.number: _row(row) for row in (await session.execute(wanted)).scalars()}


async def keep(session: AsyncSession, sweep_id: UUID, number: int, rows: Mapping[int, Row], *, now: datetime) -> bool:
    """Add what combinations found, by their numbers; found twice is kept once. False when it was stopped meanwhile.

    Ends the search with the last of its combinations.
    """
    row = await _held(session, sweep_id, number)
    if row is None:
        return False
    values = [
        {
            "workspace_id": _WORKSPACE,
            "sweep_id": sweep_id,
            "number": at,
            "parameters": dict(found.parameters),
            "train": None if found.train is None else asdict(found.train),
            "test": None if found.test is None else asdict(found.test),
            "refused": found.refused,
        }
        for at, found in rows.items()
    ]
    if values:
        added = upsert(SweepTryRow).values(values).on_conflict_do_nothing().returning(SweepTryRow.number)
        row.done += len((await session.execute(added)).all())
    if row.done == row.total:
        row.state, row.ended_at = "done", now
        await trials.finish(session, row.trial_id, "done", now=now, found=await _found(session, sweep_id, row.done))
    await session.flush()
    await _tell(session, row)
    return row.state == "running"


async def _found(session: AsyncSession, sweep_id: UUID, count: int) -> trials.Found:
    """Sharpe ratios of the tests as the record of trials keeps them: of daily returns, not annualised."""
    wanted = select(_TEST_SHARPE).where(SweepTryRow.sweep_id == sweep_id, _TEST_SHARPE.is_not(None))
    known = await session.scalars(wanted.order_by(_TEST_SHARPE.desc()).limit(trials.MAX_SHARPES))
    sharpes = tuple(one / sqrt(DAYS_A_YEAR) for one in known if one is not None)
    return trials.Found(combinations=count, sharpe=sharpes[0] if sharpes else None, sharpes=sharpes)


async def fail(session: AsyncSession, sweep_id: UUID, number: int, *, reason: Reason, now: datetime) -> None:
    """Write why a search was refused; what its trial was registered for counts all the same."""
    row = await _held(session, sweep_id, number)
    if row is None:
        return
    row.state, row.ended_at = "failed", now
    row.error = {"code": reason.code, "text": reason.text, "place": reason.place}
    await trials.finish(session, row.trial_id, "failed", now=now, found=None)
    await session.flush()
    await _tell(session, row)


async def _held(session: AsyncSession, sweep_id: UUID, number: int) -> SweepRow | None:
    """The search of an open round, held until the transaction ends, so that parts add up one after the other."""
    wanted = select(SweepRow).where(SweepRow.id == sweep_id, SweepRow.round == number, SweepRow.state.in_(_OPEN))
    return await session.scalar(wanted.with_for_update().execution_options(populate_existing=True))


async def _tell(session: AsyncSession, row: SweepRow) -> None:
    told = {"state": row.state, "done": row.done, "total": row.total}
    await events.append(session, topic(row.id), "sweep.progress", told)


async def get(session: AsyncSession, sweep_id: UUID) -> StoredSweep:
    """Return a search; Refusal `not_found` when the workspace has none of this id."""
    row = await session.scalar(
        select(SweepRow).where(SweepRow.id == sweep_id).execution_options(populate_existing=True)
    )
    if row is None:
        raise Refusal("not_found", 404, "there is no such sweep in this workspace; the list of sweeps has them all")
    return _stored(row)


async def list_sweeps(session: AsyncSession, *, before: UUID | None, limit: int) -> list[StoredSweep]:
    """Return searches, newest first, from before the id `before` on; ids rise with time."""
    wanted = select(SweepRow) if before is None else select(SweepRow).where(SweepRow.id < before)
    rows = await session.execute(wanted.order_by(SweepRow.id.desc()).limit(min(limit, MAX_PAGE)))
    return [_stored(row) for row in rows.scalars()]


async def rows_of(
    session: AsyncSession, sweep_id: UUID, *, best_first: bool = True, limit: int = MAX_ROWS, offset: int = 0
) -> Sequence[Row]:
    """Return what combinations found, training beside test: the best in the test first, or in the order of the grid."""
    wanted = select(SweepTryRow).where(SweepTryRow.sweep_id == sweep_id)
    order = (_TEST_SHARPE.desc().nulls_last(), SweepTryRow.number) if best_first else (SweepTryRow.number,)
    rows = await session.execute(wanted.order_by(*order).limit(limit).offset(offset))
    return [_row(row) for row in rows.scalars()]


async def count_refused(session: AsyncSession, sweep_id: UUID) -> int:
    """Return how many combinations were refused so far."""
    refused = select(func.count()).where(SweepTryRow.sweep_id == sweep_id, SweepTryRow.refused != "")
    return (await session.execute(refused)).scalar_one()


def _row(row: SweepTryRow) -> Row:
    return Row(
        key=str(row.number),
        parameters={name: float(str(value)) for name, value in row.parameters.items()},
        train=None if row.train is None else _SIDE.validate_python(row.train),
        test=None if row.test is None else _SIDE.validate_python(row.test),
        refused=row.refused,
    )


def _stored(row: SweepRow) -> StoredSweep:
    layout, error = row.layout, row.error
    return StoredSweep(
        id=row.id,
        version_id=None if row.version_id is None else VersionId(row.version_id),
        hash=row.hash,
        document=read(row.document),
        series_id=SeriesId(row.series_id),
        others=[SeriesId(one) for one in row.others],
        span=Span(row.start_ts, row.end_ts),
        search=_SEARCH.validate_python(row.search),
        trial_id=row.trial_id,
        state=_STATE.validate_python(row.state),
        round=row.round,
        total=row.total,
        done=row.done,
        layout=None if layout is None else _LAYOUT.validate_python(layout),
        error=None if error is None else _REASON.validate_python(error),
        requested_by=row.requested_by,
        created_at=row.created_at,
        ended_at=row.ended_at,
    )
