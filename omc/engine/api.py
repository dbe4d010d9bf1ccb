"""Routes of the engine: the document's schema and check, strategies and versions, decisions, backtests."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from omc.core.ids import BacktestId, VersionId
from omc.engine import approvals, service
from omc.engine.answers import (
    Accepted,
    BacktestAnswer,
    BacktestPage,
    BacktestShort,
    Checked,
    DecisionAnswer,
    Decisions,
    Denial,
    NewBacktest,
    NewVersion,
    Problem,
    SeriesAnswer,
    SpanAnswer,
    StrategyAnswer,
    StrategyPage,
    Verdict,
    VersionAnswer,
    VersionShort,
)
from omc.engine.asked import document_of, series_of, span_of
from omc.engine.assumptions import effective
from omc.engine.document import document_hash, json_schema, plain
from omc.engine.reading import inspect, read
from omc.engine.records import Backtest, BacktestLine, Request, Strategy, Version
from omc.identity.api import Reader, Trader, Tx, Writer
from omc.identity.service import person_names
from omc.kit.http import Wired
from omc.ledgers.rules import Series
from omc.ledgers.service import get_series

router = APIRouter(prefix="/engine", tags=["engine"])


@router.get("/schema", operation_id="engine_schema")
async def get_schema(_: Reader) -> dict[str, object]:
    """The JSON Schema of a strategy document."""
    return json_schema()


@router.post("/validate", operation_id="engine_validate")
async def validate(_: Reader, body: Checked) -> Verdict:
    """Check a document: every problem at once, each with its place. Nothing is stored."""
    document, reasons = inspect(body.document)
    problems = [Problem(place=one.place, code=one.code, text=one.text) for one in reasons]
    if document is None:
        return Verdict(ok=False, hash=None, problems=problems, assumptions=None)
    return Verdict(ok=True, hash=document_hash(document), problems=[], assumptions=effective(document))


@router.get("/strategies", operation_id="engine_strategies")
async def get_strategies(_: Reader, session: Tx) -> StrategyPage:
    """All strategies of the workspace with their versions."""
    return StrategyPage(items=[_strategy(one) for one in await service.list_strategies(session)])


@router.post("/versions", operation_id="engine_save_version", status_code=201)
async def save_version(caller: Writer, session: Tx, wired: Wired, body: NewVersion) -> VersionAnswer:
    """Keep a document as a version; the same document again answers with the version there is."""
    document = read(body.document)
    author = f"person:{caller.person_id}"
    version = await service.save_version(session, document=document, name=body.name, author=author, now=wired.clock())
    return _version(version)


@router.get("/versions/{version_id}", operation_id="engine_version")
async def get_version(_: Reader, session: Tx, version_id: UUID) -> VersionAnswer:
    """One version with its document."""
    return _version(await service.get_version(session, VersionId(version_id)))


@router.post("/versions/{version_id}/deny", operation_id="engine_deny", status_code=204)
async def deny(caller: Trader, session: Tx, wired: Wired, version_id: UUID, body: Denial) -> None:
    """Deny the version with this hash: it cannot be approved until a person opens it again."""
    by, reason = str(caller.person_id), body.reason.strip()
    wanted = VersionId(version_id)
    await approvals.deny(session, wanted, document_hash=body.hash, reason=reason, by=by, now=wired.clock())


@router.post("/versions/{version_id}/reopen", operation_id="engine_reopen", status_code=204)
async def reopen(caller: Trader, session: Tx, wired: Wired, version_id: UUID) -> None:
    """Take the denial of a version back: it waits for a decision again."""
    await approvals.reopen(session, VersionId(version_id), by=str(caller.person_id), now=wired.clock())


@router.get("/decisions", operation_id="engine_decisions")
async def get_decisions(_: Reader, session: Tx, version_id: UUID | None = None) -> Decisions:
    """What people decided about versions, newest first: approved, denied, opened again; by whom, when and why."""
    found = await approvals.list_decisions(session, version_id=None if version_id is None else VersionId(version_id))
    names = await person_names(session)
    items = [DecisionAnswer.model_validate(replace(one, by=names.get(one.by, one.by))) for one in found]
    return Decisions(items=items)


@router.post("/backtests", operation_id="engine_request_backtest", status_code=202)
async def request_backtest(caller: Writer, session: Tx, wired: Wired, body: NewBacktest) -> Accepted:
    """Register a trial and queue a run; follow it at its id."""
    document = await document_of(session, body.version_id, body.document)
    series, *others = await series_of(session, document, body.series_id, body.series_ids)
    span = await span_of(session, [series, *others], start=body.start, end=body.end)
    version_id = None if body.version_id is None else VersionId(body.version_id)
    by = f"person:{caller.person_id}"
    asked = Request(document=document, series=series, span=span, version_id=version_id, by=by, others=others)
    return Accepted(id=await service.request_backtest(session, asked, now=wired.clock()))


@router.get("/backtests", operation_id="engine_backtests")
async def get_backtests(
    _: Reader, session: Tx, cursor: UUID | None = None, limit: Annotated[int, Query(ge=1, le=service.MAX_PAGE)] = 50
) -> BacktestPage:
    """Runs, newest first."""
    before = None if cursor is None else BacktestId(cursor)
    lines = await service.list_backtests(session, before=before, limit=limit)
    following = str(lines[-1].id) if len(lines) == limit else None
    return BacktestPage(items=[_short(line) for line in lines], next=following)


@router.get("/backtests/{backtest_id}", operation_id="engine_backtest")
async def get_backtest(_: Reader, session: Tx, backtest_id: UUID) -> BacktestAnswer:
    """One run: its state, and what it found or why it was refused."""
    backtest = await service.get_backtest(session, BacktestId(backtest_id))
    every = [await get_series(session, one) for one in (backtest.series_id, *backtest.others)]
    return _backtest(backtest, [_series(one) for one in every])


def _strategy(strategy: Strategy) -> StrategyAnswer:
    versions = [
        VersionShort(
            id=one.id,
            number=one.number,
            hash=one.hash,
            author=one.author,
            created_at=one.created_at,
            status=one.status,
        )
        for one in strategy.versions
    ]
    return StrategyAnswer(id=strategy.id, name=strategy.name, versions=versions)


def _version(version: Version) -> VersionAnswer:
    return VersionAnswer.model_validate(
        {
            "id": version.id,
            "strategy_id": version.strategy_id,
            "name": version.name,
            "number": version.number,
            "hash": version.hash,
            "author": version.author,
            "created_at": version.created_at,
            "status": version.status,
            "document": plain(version.document),
        }
    )


def _short(line: BacktestLine) -> BacktestShort:
    return BacktestShort.model_validate(
        {
            "id": line.id,
            "name": line.name,
            "state": line.state,
            "version_id": line.version_id,
            "hash": line.hash,
            "series_id": line.series_id,
            "others": line.others,
            "requested_by": line.requested_by,
            "created_at": line.created_at,
            "metrics": line.metrics or [],
        }
    )


def _series(series: Series) -> SeriesAnswer:
    return SeriesAnswer(
        id=series.id, venue=series.venue, symbol=series.symbol, timeframe=series.timeframe, label=series.label
    )


def _backtest(backtest: Backtest, every: Sequence[SeriesAnswer]) -> BacktestAnswer:
    error = backtest.error
    answer = BacktestAnswer.model_validate(
        dict(backtest.result or {})
        | {
            "id": backtest.id,
            "name": backtest.document.name,
            "state": backtest.state.value,
            "version_id": backtest.version_id,
            "hash": backtest.hash,
            "series_id": backtest.series_id,
            "others": backtest.others,
            "series": every[0],
            "every": every,
            "span": None if backtest.span is None else SpanAnswer(start=backtest.span.start, end=backtest.span.end),
            "document": plain(backtest.document),
            "requested_by": backtest.requested_by,
            "created_at": backtest.created_at,
            "ended_at": backtest.ended_at,
            "exam": backtest.seal_id is not None,
            "error": None if error is None else Problem(place=error.place, code=error.code, text=error.text),
        }
    )
    # In the order a reader asks, which the database does not keep; what only the data could tell stands last.
    stored = answer.assumptions
    ordered = {name: stored[name] for name in (*effective(backtest.document), *stored) if name in stored}
    return answer.model_copy(update={"assumptions": ordered})
