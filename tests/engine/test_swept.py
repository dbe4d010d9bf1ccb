"""A verdict on what searches really tried: of the same idea, each set once, on the verdict's own bars."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from omc.core.market import Span
from omc.engine import StrategyDocument, exams, read, service, sweeps, validations, verdicts
from omc.engine.document import plain
from omc.engine.records import Request
from omc.engine.sweep import Search
from omc.engine.swept import tried_of
from omc.engine.validation.tried import MOST_TRIED, Tried
from omc.engine.work import JOBS
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.work import Context, work
from omc.ledgers.rules import Series
from tests.engine.builders import a_document, a_walk
from tests.engine.series import a_series
from tests.engine.test_sweeps import work_off

DAYS = 80
CROSS = a_document(
    parameters={"fast": 3, "slow": 12}, features={"one": "sma(close, fast)", "two": "sma(close, slow)"},
    entry="crosses_above(one, two)", exit="crosses_below(one, two)",
)  # fmt: skip
GRID = Search(values={"fast": (0.0, 2.0, 3.0, 4.0, 5.0), "slow": (8.0, 12.0, 20.0)})
TRIED = 12  # a window of zero is refused


@pytest.fixture
async def series(database: Database, workspace: UUID, tmp_path: Path) -> Series:
    return await a_series(database, workspace, tmp_path, a_walk(24 * DAYS, drift=0.001))


async def searched(
    context: Context, workspace: UUID, series: Series, document: StrategyDocument = CROSS, search: Search = GRID,
    *, span: Span | None = None,
) -> None:  # fmt: skip
    asked = Request(document=document, series=series, span=span, version_id=None, by="test")
    async with context.database.session(workspace) as session:
        sweep_id = await sweeps.ask(session, asked, search, now=utc_now(), fresh=True)
    assert (await work_off(context, workspace, sweep_id)).state == "done"


async def tried(
    context: Context, workspace: UUID, series: Series, document: StrategyDocument = CROSS, span: Span | None = None
) -> Tried:
    async with context.database.session(workspace) as session:
        return await tried_of(session, Request(document=document, series=series, span=span, version_id=None, by="test"))


def changed(**changes: object) -> StrategyDocument:
    return read(plain(CROSS) | changes)


async def test_what_was_searched_comes_once_with_the_document_it_was_tried_in(
    context: Context, workspace: UUID, series: Series
) -> None:
    sized = changed(sizing={"kind": "fraction", "fraction": "0.5"})
    for document in (CROSS, CROSS, sized):
        await searched(context, workspace, series, document)
    found = await tried(context, workspace, series, changed(parameters={"fast": 4, "slow": 8}))
    assert found.total == 2 * TRIED
    assert all(one.document in (CROSS, sized) for one in found.searched)
    assert len(found.searched) == 2
    assert all(len(one.values) == TRIED for one in found.searched)
    assert {"fast": 5.0, "slow": 20.0} in found.searched[0].values


async def test_other_ideas_and_other_days_and_other_columns_are_no_part_of_the_choice(
    context: Context, workspace: UUID, series: Series
) -> None:
    assert series.start is not None
    half = series.start + timedelta(days=DAYS // 2)
    await searched(context, workspace, series, span=Span(series.start, half))
    assert (await tried(context, workspace, series, changed(entry="one > two"))).total == 0
    assert (await tried(context, workspace, series, changed(timeframe="4h"))).total == 0
    later = Span(half, half + timedelta(days=9))
    assert (await tried(context, workspace, series, CROSS, later)).total == 0
    assert (await tried(context, workspace, series, CROSS, replace(later, start=series.start))).total == TRIED


async def test_of_more_than_are_run_again_the_same_sample_comes_every_time(
    context: Context, workspace: UUID, series: Series
) -> None:
    values = {"fast": tuple(map(float, range(2, 32))), "slow": tuple(map(float, range(40, 75)))}
    await searched(context, workspace, series, search=Search(values=values))
    found = await tried(context, workspace, series)
    assert (found.total, [len(one.values) for one in found.searched]) == (1_050, [MOST_TRIED])
    assert await tried(context, workspace, series) == found


@pytest.mark.parametrize("sealed", [False, True])
async def test_the_verdict_names_how_many_trials_the_choice_was_among(
    context: Context, workspace: UUID, series: Series, *, sealed: bool
) -> None:
    assert series.start is not None
    await searched(context, workspace, series)
    now, end = utc_now(), series.start + timedelta(days=DAYS)
    async with context.database.session(workspace) as session:
        if sealed:
            await exams.seal(session, series, Span(end - timedelta(days=20), end), by="ada", now=now)
        version = await service.save_version(session, document=CROSS, author="test", now=now)
        asked = Request(document=CROSS, series=series, span=None, version_id=version.id, by="test")
        known = await validations.request(session, asked, now=now)
    await work(context, JOBS, until_empty=True)
    async with context.database.session(workspace) as session:
        assert (await validations.get(session, known)).error is None
        given = await verdicts.latest(session, version.hash)
    assert given is not None
    reasons = {one.figure: one.text for one in given.reasons}
    assert f"of the choice among {TRIED} parameter sets that searches tried is" in reasons["pbo"]
    assert (given.figures["pbo_sets"], given.figures["pbo_tried"]) == (TRIED, TRIED)
