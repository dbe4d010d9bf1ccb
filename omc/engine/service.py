"""The verbs of the engine: save a version, ask for a backtest, say what it found, count what was tried.

Each takes a session with its workspace set and never commits.
"""

import asyncio
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Label, case, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import BacktestId, SeriesId, StrategyId, VersionId
from omc.core.market import Span
from omc.core.reason import Reason
from omc.engine import trials
from omc.engine.document import StrategyDocument, document_hash, plain
from omc.engine.outline import outline, spread_of
from omc.engine.portfolio import Portfolio
from omc.engine.reading import compile_document, read
from omc.engine.records import Backtest, BacktestLine, Request, State, Status, Strategy, TrialKind, Version, VersionLine
from omc.engine.simulate import Result
from omc.engine.tables import ApprovalRow, BacktestRow, ReviewRow, StrategyRow, TrialRow, VersionRow
from omc.kit.errors import Refusal
from omc.kit.ids import new_id
from omc.kit.work import enqueue
from omc.ledgers.seals import until, view

BACKTEST_JOB = "engine.backtest"
MAX_PAGE = 200
MAX_VERSIONS = 2_000

_WORKSPACE = text("current_setting('omc.workspace')::uuid")


async def save_version(
    session: AsyncSession, *, document: StrategyDocument, author: str, now: datetime, name: str | None = None
) -> Version:
    """Keep a document as the next version of the strategy `name` (its own name unless given); the same again is found.

    Raises DocumentRefused when it does not compile.
    """
    compile_document(document)
    strategy_id = await _strategy(session, name or document.name, now)
    hash_ = document_hash(document)
    known = await session.scalar(
        select(VersionRow.id).where(VersionRow.strategy_id == strategy_id, VersionRow.hash == hash_)
    )
    if known is None:
        highest = select(func.coalesce(func.max(VersionRow.number), 0)).where(VersionRow.strategy_id == strategy_id)
        known = new_id()
        row = {
            "workspace_id": _WORKSPACE,
            "id": known,
            "strategy_id": strategy_id,
            "number": int((await session.execute(highest)).scalar_one()) + 1,
            "hash": hash_,
            "document": plain(document),
            "author": author,
            "created_at": now,
        }
        await session.execute(insert(VersionRow).values(row))
    return await get_version(session, VersionId(known))


async def _strategy(session: AsyncSession, name: str, now: datetime) -> UUID:
    """Find or make the strategy, and hold its row so that two savers number their versions one after the other."""
    row = {"workspace_id": _WORKSPACE, "id": new_id(), "name": name, "created_at": now}
    await session.execute(upsert(StrategyRow).values(row).on_conflict_do_nothing())
    held = select(StrategyRow.id).where(StrategyRow.name == name).with_for_update()
    return (await session.execute(held)).scalar_one()


async def get_version(session: AsyncSession, version_id: VersionId) -> Version:
    """Return a version; Refusal `not_found` when the workspace has none of this id."""
    statement = (
        select(VersionRow, StrategyRow.name, _status())
        .join(StrategyRow, StrategyRow.id == VersionRow.strategy_id)
        .where(VersionRow.id == version_id)
    )
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        raise Refusal(
            "not_found", 404, "there is no such version in this workspace; the list of strategies has them all"
        )
    row, name, status = found
    return Version(
        id=VersionId(row.id),
        strategy_id=StrategyId(row.strategy_id),
        name=name,
        number=row.number,
        hash=row.hash,
        document=read(row.document),
        author=row.author,
        created_at=row.created_at,
        status=status,
    )


async def list_strategies(session: AsyncSession) -> list[Strategy]:
    """Return the strategies by name, each with its versions, newest first (at most MAX_VERSIONS versions in all)."""
    statement = (
        select(
            StrategyRow.id.label("strategy_id"),
            StrategyRow.name,
            VersionRow.id,
            VersionRow.number,
            VersionRow.hash,
            VersionRow.author,
            VersionRow.created_at,
            _status(),
        )
        .join(VersionRow, VersionRow.strategy_id == StrategyRow.id)
        .order_by(StrategyRow.name, VersionRow.number.desc())
        .limit(MAX_VERSIONS)
    )
    lines: dict[tuple[UUID, str], list[VersionLine]] = {}
    for row in await session.execute(statement):
        line = VersionLine(
            id=VersionId(row.id),
            number=row.number,
            hash=row.hash,
            author=row.author,
            created_at=row.created_at,
            status=row.status,
        )
        lines.setdefault((row.strategy_id, row.name), []).append(line)
    return [Strategy(id=StrategyId(key[0]), name=key[1], versions=versions) for key, versions in lines.items()]


def _status() -> Label[Status]:
    approved = select(ApprovalRow.version_id).where(ApprovalRow.version_id == VersionRow.id).exists()
    newest = (
        select(ReviewRow.outcome).where(ReviewRow.version_id == VersionRow.id).order_by(ReviewRow.id.desc()).limit(1)
    )
    denied = newest.scalar_subquery() == "denied"
    return cast("Label[Status]", case((approved, "approved"), (denied, "denied"), else_="draft").label("status"))


async def request_backtest(
    session: AsyncSession, asked: Request, *, now: datetime, seal_id: UUID | None = None
) -> BacktestId:
    """Register a trial, write the run as queued and enqueue it, in one transaction; with a seal, as the try on it.

    Refusal where document and series do not fit together: another timeframe, a symbol outside the universe; `sealed`
    where the span reaches into sealed data and the run is no exam.
    """
    fits(asked)
    if seal_id is None and asked.span is not None:
        for series in asked.every:
            await view(session, series.id, start=asked.span.start, end=asked.span.end)
    kind: TrialKind = "backtest" if seal_id is None else "exam"
    trial_id = await register_trial(session, asked, kind=kind, combinations=1, now=now)
    backtest_id = new_id()
    row = _backtest_row(asked, backtest_id, State.QUEUED, now) | {"trial_id": trial_id, "seal_id": seal_id}
    await session.execute(insert(BacktestRow).values(row))
    workspace = (await session.execute(select(_WORKSPACE))).scalar_one()
    ids = {"workspace_id": str(workspace), "backtest_id": str(backtest_id)}
    await enqueue(session, BACKTEST_JOB, ids=ids)
    return BacktestId(backtest_id)


async def record_backtest(
    session: AsyncSession, asked: Request, *, result: Result | Portfolio, now: datetime, trial_id: UUID | None = None
) -> BacktestId:
    """Keep a run that was computed elsewhere and end its trial, which `register_trial` registered before it ran."""
    backtest_id = new_id()
    row = _backtest_row(asked, backtest_id, State.DONE, now) | {"trial_id": trial_id}
    spread = await asyncio.to_thread(spread_of, result)
    row |= {"result": outline(result, spread=spread), "result_hash": result.result_hash, "ended_at": now}
    await session.execute(insert(BacktestRow).values(row))
    if trial_id is not None:
        await trials.finish(session, trial_id, "done", now=now, found=trials.found_of(result.ts, result.equity))
    return BacktestId(backtest_id)


async def register_trial(
    session: AsyncSession,
    asked: Request,
    *,
    kind: TrialKind,
    combinations: int,
    now: datetime,
    trial_id: UUID | None = None,
) -> UUID:
    """Count a try of `combinations` parameter sets on the data, before it runs: what fails was tried too.

    Returns its id, for `trials.finish`. With a `trial_id`, the same trial again is one. What it looks at ends with the
    series as it is now, and where that is sealed.
    """
    trial_id = trial_id or new_id()
    span, last = asked.span, max((one.end for one in asked.every if one.end is not None), default=None)
    if span is None:
        edges = [await until(session, one.id) for one in asked.every]
        end = min((one for one in (*edges, last) if one is not None), default=None)
    else:
        end = last if last is not None and span.start < last < span.end else span.end
    row = {
        "workspace_id": _WORKSPACE,
        "id": trial_id,
        "kind": kind,
        "hash": document_hash(asked.document),
        "idea": trials.idea_of(asked.document),
        "series_id": asked.series.id,
        "others": [one.id for one in asked.others],
        "start_ts": span.start if span else None,
        "end_ts": end,
        "combinations": combinations,
        "requested_by": asked.by,
        "created_at": now,
    }
    await session.execute(upsert(TrialRow).values(row).on_conflict_do_nothing())
    return trial_id


async def count_trials(session: AsyncSession, series_id: SeriesId, span: Span | None) -> int:
    """Return how many parameter sets were ever tried on data that overlaps `span` of a series' market."""
    return await trials.count(session, series_id, span)


def fits(asked: Request) -> None:
    """Refuse a series that the document is not about."""
    for series in asked.every:
        if series.timeframe != asked.document.timeframe:
            text_ = f"the document is for bars of {asked.document.timeframe}, and this series has {series.timeframe}"
            raise Refusal("wrong_timeframe", 422, text_, place="/timeframe")
        if series.symbol not in asked.document.universe:
            text_ = f"{series.symbol} is not in the document's universe: {', '.join(asked.document.universe)}"
            raise Refusal("wrong_symbol", 422, text_, place="/universe")
    if len({series.symbol for series in asked.every}) <= len(asked.others):
        text_ = "two of these series are of one symbol, and an account holds each symbol once; name one of them"
        raise Refusal("symbol_twice", 422, text_, place="/series_ids")


def _backtest_row(asked: Request, backtest_id: UUID, state: State, now: datetime) -> dict[str, object]:
    return {
        "workspace_id": _WORKSPACE,
        "id": backtest_id,
        "version_id": asked.version_id,
        "hash": document_hash(asked.document),
        "document": plain(asked.document),
        "series_id": asked.series.id,
        "others": [one.id for one in asked.others],
        "start_ts": asked.span.start if asked.span else None,
        "end_ts": asked.span.end if asked.span else None,
        "state": state,
        "requested_by": asked.by,
        "created_at": now,
    }


async def start_backtest(session: AsyncSession, backtest_id: BacktestId) -> Backtest | None:
    """Mark a run as running and return it; None when it has ended already."""
    statement = (
        update(BacktestRow)
        .where(BacktestRow.id == backtest_id, BacktestRow.state.in_(("queued", "running")))
        .values(state="running")
        .returning(BacktestRow)
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else _backtest(row)


async def finish_backtest(
    session: AsyncSession, backtest_id: BacktestId, *, result: Result | Portfolio, now: datetime
) -> None:
    """Write what a run found; a run that has ended keeps what it has."""
    kept = outline(result, spread=await asyncio.to_thread(spread_of, result))
    values = {"state": "done", "result": kept, "result_hash": result.result_hash, "ended_at": now}
    ended = update(BacktestRow).where(BacktestRow.id == backtest_id, BacktestRow.state == "running").values(values)
    trial_id = await session.scalar(ended.returning(BacktestRow.trial_id))
    if trial_id is not None:
        await trials.finish(session, trial_id, "done", now=now, found=trials.found_of(result.ts, result.equity))


async def fail_backtest(session: AsyncSession, backtest_id: BacktestId, *, reason: Reason, now: datetime) -> None:
    """Write why a run was refused; a run that has ended keeps what it has."""
    error = {"code": reason.code, "text": reason.text, "place": reason.place}
    values = {"state": "failed", "error": error, "ended_at": now}
    ended = (
        update(BacktestRow)
        .where(BacktestRow.id == backtest_id, BacktestRow.state.in_(("queued", "running")))
        .values(values)
    )
    trial_id = await session.scalar(ended.returning(BacktestRow.trial_id))
    if trial_id is not None:
        await trials.finish(session, trial_id, "failed", now=now, found=None)


async def get_backtest(session: AsyncSession, backtest_id: BacktestId) -> Backtest:
    """Return a run; Refusal `not_found` when the workspace has none of this id."""
    row = await session.scalar(select(BacktestRow).where(BacktestRow.id == backtest_id))
    if row is None:
        raise Refusal(
            "not_found", 404, "there is no such backtest in this workspace; the list of backtests has them all"
        )
    return _backtest(row)


def _backtest(row: BacktestRow) -> Backtest:
    span = None if row.start_ts is None or row.end_ts is None else Span(row.start_ts, row.end_ts)
    error = row.error or {}
    return Backtest(
        id=BacktestId(row.id),
        version_id=None if row.version_id is None else VersionId(row.version_id),
        hash=row.hash,
        document=read(row.document),
        series_id=SeriesId(row.series_id),
        span=span,
        state=State(row.state),
        requested_by=row.requested_by,
        created_at=row.created_at,
        ended_at=row.ended_at,
        result=row.result,
        seal_id=row.seal_id,
        others=[SeriesId(one) for one in row.others],
        error=None
        if row.error is None
        else Reason(code=str(error["code"]), text=str(error["text"]), place=str(error["place"])),
    )


async def list_backtests(session: AsyncSession, *, before: BacktestId | None, limit: int) -> list[BacktestLine]:
    """Return runs, newest first, from before the id `before` on; ids rise with time."""
    statement = select(
        BacktestRow.id,
        BacktestRow.version_id,
        BacktestRow.hash,
        BacktestRow.document["name"].astext.label("name"),
        BacktestRow.series_id,
        BacktestRow.others,
        BacktestRow.state,
        BacktestRow.requested_by,
        BacktestRow.created_at,
        BacktestRow.result["metrics"].label("metrics"),
    )
    if before is not None:
        statement = statement.where(BacktestRow.id < before)
    rows = await session.execute(statement.order_by(BacktestRow.id.desc()).limit(min(limit, MAX_PAGE)))
    return [BacktestLine(**row) for row in rows.mappings()]
