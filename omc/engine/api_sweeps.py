"""Routes of searches over parameters: ask, follow, read training beside test, stop and go on."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query

from omc.core.ids import VersionId
from omc.engine import sweeps
from omc.engine.answers_sweeps import NewSweep, SweepAnswer, SweepPage, SweepRowAnswer, SweepRows, SweepShort
from omc.engine.asked import document_of, series_of, span_of
from omc.engine.records import Request
from omc.engine.sweep import Search, given_values
from omc.engine.sweeps import StoredSweep
from omc.identity.api import Reader, Tx, Writer
from omc.kit.http import Wired
from omc.ledgers.service import get_series

router = APIRouter(prefix="/engine/sweeps", tags=["engine"])


@router.post("", operation_id="engine_ask_sweep", status_code=202)
async def ask(caller: Writer, session: Tx, wired: Wired, body: NewSweep) -> SweepAnswer:
    """Count a search and queue it; the same question on the same bars answers with the search there is."""
    document = await document_of(session, body.version_id, body.document)
    series, *others = await series_of(session, document, body.series_id, body.series_ids)
    span = await span_of(session, [series, *others], start=body.start, end=body.end)
    version_id = None if body.version_id is None else VersionId(body.version_id)
    by = f"person:{caller.person_id}"
    asked = Request(document=document, series=series, span=span, version_id=version_id, by=by, others=others)
    values = {name: given_values(name, these) for name, these in body.values.items()}
    search = Search(values=values, sample=body.sample, tries=body.tries, seed=body.seed, train=body.train)
    sweep_id = await sweeps.ask(session, asked, search, now=wired.clock(), fresh=body.fresh)
    return await _answer(session, await sweeps.get(session, sweep_id))


@router.get("", operation_id="engine_sweeps")
async def get_sweeps(
    _: Reader, session: Tx, cursor: UUID | None = None, limit: Annotated[int, Query(ge=1, le=sweeps.MAX_PAGE)] = 50
) -> SweepPage:
    """Searches, newest first."""
    found = await sweeps.list_sweeps(session, before=cursor, limit=limit)
    following = str(found[-1].id) if len(found) == limit else None
    return SweepPage(items=[SweepShort.of(one) for one in found], next=following)


@router.get("/{sweep_id}", operation_id="engine_sweep")
async def get_sweep(_: Reader, session: Tx, sweep_id: UUID) -> SweepAnswer:
    """One search and how far it is."""
    return await _answer(session, await sweeps.get(session, sweep_id))


@router.get("/{sweep_id}/rows", operation_id="engine_sweep_rows")
async def get_rows(
    _: Reader,
    session: Tx,
    sweep_id: UUID,
    order: Literal["best", "grid"] = "best",
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=sweeps.MAX_ROWS)] = 1_000,
) -> SweepRows:
    """What its combinations found so far, training beside test: the best in the test first, or as they were tried."""
    await sweeps.get(session, sweep_id)
    best_first = order == "best"
    rows = await sweeps.rows_of(session, sweep_id, best_first=best_first, limit=limit, offset=offset)
    following = offset + limit if len(rows) == limit else None
    return SweepRows(items=[SweepRowAnswer.of(row) for row in rows], next=following)


@router.post("/{sweep_id}/stop", operation_id="engine_stop_sweep")
async def stop(_: Writer, session: Tx, sweep_id: UUID) -> SweepAnswer:
    """Let it stop within a second or two; what it found stays."""
    return await _answer(session, await sweeps.stop(session, sweep_id))


@router.post("/{sweep_id}/resume", operation_id="engine_resume_sweep")
async def resume(_: Writer, session: Tx, sweep_id: UUID) -> SweepAnswer:
    """Go on with what is left of a stopped search; nothing is counted again."""
    return await _answer(session, await sweeps.resume(session, sweep_id))


async def _answer(session: Tx, stored: StoredSweep) -> SweepAnswer:
    every = [await get_series(session, one) for one in (stored.series_id, *stored.others)]
    refused = await sweeps.count_refused(session, stored.id)
    return SweepAnswer.whole(stored, every, refused=refused, topic=sweeps.topic(stored.id))
