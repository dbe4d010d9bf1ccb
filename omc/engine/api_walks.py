"""Routes of walk-forward tests: ask, follow, stop, and read what each window chose and the chained account."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from omc.core.ids import VersionId
from omc.engine import walks
from omc.engine.answers_walks import NewWalk, WalkAnswer, WalkPage, WalkShort
from omc.engine.asked import document_of, series_of, span_of
from omc.engine.records import Request
from omc.engine.sweep import given_values
from omc.engine.walk_forward import Plan
from omc.engine.walks import Walk
from omc.identity.api import Reader, Tx, Writer
from omc.kit.http import Wired
from omc.ledgers.service import get_series

router = APIRouter(prefix="/engine/walks", tags=["engine"])


@router.post("", operation_id="engine_ask_walk", status_code=202)
async def ask(caller: Writer, session: Tx, wired: Wired, body: NewWalk) -> WalkAnswer:
    """Count every parameter set that will be fitted, and queue the test."""
    document = await document_of(session, body.version_id, body.document)
    series, *others = await series_of(session, document, body.series_id, body.series_ids)
    span = await span_of(session, [series, *others], start=body.start, end=body.end)
    version_id = None if body.version_id is None else VersionId(body.version_id)
    by = f"person:{caller.person_id}"
    asked = Request(document=document, series=series, span=span, version_id=version_id, by=by, others=others)
    values = {name: given_values(name, these) for name, these in body.values.items()}
    gap = body.purge + body.embargo
    plan = Plan(windows=body.windows, train=body.train, kind=body.kind, gap_bars=gap, values=values)
    walk_id = await walks.ask(session, asked, plan, now=wired.clock())
    return await _answer(session, await walks.get(session, walk_id))


@router.get("", operation_id="engine_walks")
async def get_walks(
    _: Reader, session: Tx, cursor: UUID | None = None, limit: Annotated[int, Query(ge=1, le=walks.MAX_PAGE)] = 50
) -> WalkPage:
    """Walk-forwards, newest first."""
    found = await walks.list_walks(session, before=cursor, limit=limit)
    following = str(found[-1].id) if len(found) == limit else None
    return WalkPage(items=[WalkShort.of(one) for one in found], next=following)


@router.get("/{walk_id}", operation_id="engine_walk")
async def get_walk(_: Reader, session: Tx, walk_id: UUID) -> WalkAnswer:
    """One walk-forward: how far it is, and what it found."""
    return await _answer(session, await walks.get(session, walk_id))


@router.post("/{walk_id}/stop", operation_id="engine_stop_walk")
async def stop(_: Writer, session: Tx, wired: Wired, walk_id: UUID) -> WalkAnswer:
    """Let it stop at its next step, for good; what it was registered for counts."""
    return await _answer(session, await walks.stop(session, walk_id, now=wired.clock()))


async def _answer(session: Tx, walk: Walk) -> WalkAnswer:
    every = [await get_series(session, one) for one in (walk.series_id, *walk.others)]
    return WalkAnswer.whole(walk, every)
