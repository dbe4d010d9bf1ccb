"""A stored search: counted before it runs, tried in parts by all workers, stopped, gone on with, and never twice."""

import asyncio
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from omc.core.market import Span
from omc.engine import exams, sweeps, tpe, trials
from omc.engine.grid import Side
from omc.engine.records import Request
from omc.engine.sweep import Row, Search, plan, sweep
from omc.engine.sweeps import StoredSweep
from omc.engine.work import JOBS
from omc.engine.work_sweeps import PART_BARS, part_size
from omc.kit.bus import Bus
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.kit.events import read as read_events
from omc.kit.ids import new_id
from omc.kit.postgres import ServerUrls
from omc.kit.work import Context, work
from omc.ledgers.rules import Series
from tests.engine.builders import a_document, a_walk
from tests.engine.series import a_series

CHILD = Path(__file__).with_name("sweep_child.py")
PATIENCE_S = 300
CROSS = a_document(
    parameters={"fast": 3, "slow": 12}, features={"one": "sma(close, fast)", "two": "sma(close, slow)"},
    entry="crosses_above(one, two)", exit="crosses_below(one, two)",
)  # fmt: skip
GRID = Search(values={"fast": (0.0, 2.0, 3.0, 4.0), "slow": (8.0, 12.0)})


@pytest.fixture
async def series(database: Database, workspace: UUID, tmp_path: Path) -> Series:
    return await a_series(database, workspace, tmp_path)


def asked(series: Series, span: Span | None = None) -> Request:
    return Request(document=CROSS, series=series, span=span, version_id=None, by="test")


async def ask(
    database: Database, workspace: UUID, series: Series, search: Search = GRID, *, fresh: bool = False
) -> UUID:
    async with database.session(workspace) as session:
        return await sweeps.ask(session, asked(series), search, now=utc_now(), fresh=fresh)


async def look(database: Database, workspace: UUID, sweep_id: UUID) -> StoredSweep:
    async with database.session(workspace) as session:
        return await sweeps.get(session, sweep_id)


async def work_off(context: Context, workspace: UUID, sweep_id: UUID) -> StoredSweep:
    """Work until a search is neither queued nor running; a job that enqueues others ends a round of work."""
    async with asyncio.timeout(PATIENCE_S):
        while (stored := await look(context.database, workspace, sweep_id)).state in {"queued", "running"}:
            await work(context, JOBS, until_empty=True)
    return stored


async def counted(database: Database, workspace: UUID, series: Series) -> trials.Line:
    async with database.session(workspace) as session:
        return await trials.line(session, series.id, None)


async def test_it_is_counted_before_it_runs_and_finds_what_one_process_finds(
    context: Context, workspace: UUID, series: Series
) -> None:
    sweep_id = await ask(context.database, workspace, series)
    before = await counted(context.database, workspace, series)
    assert (before.trials, before.unfinished) == (8, 1)
    await work_off(context, workspace, sweep_id)
    async with context.database.session(workspace) as session:
        stored = await sweeps.get(session, sweep_id)
        rows = await sweeps.rows_of(session, sweep_id)
        told = await read_events(session, sweeps.topic(sweep_id))
        assert await sweeps.count_refused(session, sweep_id) == 2
    assert (stored.state, stored.done, stored.total, stored.error) == ("done", 8, 8, None)
    assert stored.layout is not None
    alone = sweep(plan(CROSS, a_walk(400), GRID))
    assert stored.layout.split_ts == alone.split_ts
    shown = [(dict(row.parameters), row.train, row.test) for row in rows if not row.refused]
    assert shown == [(dict(row.parameters), row.train, row.test) for row in alone.rows]
    assert {row.refused for row in rows if row.refused} == {row.refused for row in alone.refused}
    assert told[-1].data == {"state": "done", "done": 8, "total": 8}
    done = [int(str(event.data["done"])) for event in told]
    assert done == sorted(done)
    after = await counted(context.database, workspace, series)
    assert (after.trials, after.unfinished, after.sharpes) == (8, 0, sum(row.test is not None for row in rows))


async def test_the_same_question_is_the_same_search_and_counts_once(
    context: Context, workspace: UUID, series: Series
) -> None:
    first = await ask(context.database, workspace, series)
    assert await ask(context.database, workspace, series) == first
    await work_off(context, workspace, first)
    assert await ask(context.database, workspace, series) == first
    assert (await counted(context.database, workspace, series)).trials == 8
    other = await ask(context.database, workspace, series, replace(GRID, train=0.5))
    again = await ask(context.database, workspace, series, fresh=True)
    assert len({first, other, again}) == 3
    assert (await counted(context.database, workspace, series)).trials == 24


async def test_a_stopped_search_tries_nothing_more_and_goes_on_with_what_is_left(
    context: Context, workspace: UUID, series: Series
) -> None:
    database = context.database
    sweep_id = await ask(database, workspace, series)
    stopped = await stopped_after(context, workspace, sweep_id, 3)
    await work(context, JOBS, until_empty=True)
    assert await look(database, workspace, sweep_id) == stopped
    async with database.session(workspace) as session:
        kept = await sweeps.rows_of(session, sweep_id, best_first=False)
        await sweeps.resume(session, sweep_id)
    assert (stopped.state, len(kept)) == ("stopped", stopped.done)
    assert 0 < stopped.done < 8
    await work_off(context, workspace, sweep_id)
    async with database.session(workspace) as session:
        rows = await sweeps.rows_of(session, sweep_id, best_first=False)
    assert (await look(database, workspace, sweep_id)).state == "done"
    assert [row.key for row in rows] == [str(number) for number in range(8)]
    line = await counted(database, workspace, series)
    assert (line.trials, line.runs) == (8, 1)


async def stopped_after(context: Context, workspace: UUID, sweep_id: UUID, rows: int) -> StoredSweep:
    """Work on a search until it has some rows, then stop it."""
    working = asyncio.get_running_loop().create_task(work_off(context, workspace, sweep_id))
    async with asyncio.timeout(PATIENCE_S):
        while (await look(context.database, workspace, sweep_id)).done < rows:
            await asyncio.sleep(0.001)
    async with context.database.session(workspace) as session:
        stopped = await sweeps.stop(session, sweep_id)
    await working
    return stopped


async def test_a_part_that_runs_twice_changes_nothing(context: Context, workspace: UUID, series: Series) -> None:
    sweep_id = await ask(context.database, workspace, series)
    ids = {"workspace_id": str(workspace), "sweep_id": str(sweep_id), "round": "1"}
    jobs = {job.name: job.run for job in JOBS}
    assert await jobs["engine.sweep"](context, **ids) == "begun"
    for _ in range(2):
        assert await jobs["engine.sweep_part"](context, **ids, part="2") == "tried"
    assert (await look(context.database, workspace, sweep_id)).done == 1
    assert (await work_off(context, workspace, sweep_id)).done == 8
    assert await jobs["engine.sweep_part"](context, **ids, part="2") == "ended"


async def test_bars_that_changed_under_a_search_end_it_with_a_sentence(
    context: Context, workspace: UUID, series: Series, superuser_url: str
) -> None:
    sweep_id = await ask(context.database, workspace, series)
    jobs = {job.name: job.run for job in JOBS}
    ids = {"workspace_id": str(workspace), "sweep_id": str(sweep_id), "round": "1"}
    await jobs["engine.sweep"](context, **ids)
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("UPDATE ledgers_bar SET close = high WHERE series_id = %s", [series.id])
    assert await jobs["engine.sweep_part"](context, **ids, part="0") == "refused"
    ended = await look(context.database, workspace, sweep_id)
    assert ended.state == "failed"
    assert ended.error is not None
    assert "ask for it again" in ended.error.text
    assert (await counted(context.database, workspace, series)).failed == 1


@pytest.mark.parametrize(
    ("search", "code"),
    [
        (Search(values={"quick": (1.0,)}), "unknown_parameter"),
        (Search(values={"fast": tuple(map(float, range(200))), "slow": tuple(map(float, range(200)))}), "too_many"),
        (replace(GRID, tries=5, sample=5), "one_of_two"),
        (replace(GRID, tries=0), "too_many"),
    ],
)
async def test_a_search_that_cannot_be_is_refused_and_not_counted(
    database: Database, workspace: UUID, series: Series, search: Search, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        await ask(database, workspace, series, search)
    assert refused.value.code == code
    assert (await counted(database, workspace, series)).trials == 0


async def test_a_search_that_no_combination_survives_fails_with_the_reason(
    context: Context, workspace: UUID, series: Series
) -> None:
    sweep_id = await ask(context.database, workspace, series, Search(values={"fast": (0.0,)}))
    await work_off(context, workspace, sweep_id)
    ended = await look(context.database, workspace, sweep_id)
    assert ended.error is not None
    assert (ended.state, ended.error.text[:24]) == ("failed", "no combination can run: ")


async def test_it_ends_before_what_is_sealed(context: Context, workspace: UUID, series: Series) -> None:
    assert series.end is not None
    edge = series.end - timedelta(hours=100)
    async with context.database.session(workspace) as session:
        await exams.seal(session, series, Span(edge, series.end), by="ada", now=utc_now())
    sweep_id = await ask(context.database, workspace, series)
    assert (await look(context.database, workspace, sweep_id)).span.end == edge
    with pytest.raises(Refusal, match="sealed for an exam"):
        async with context.database.session(workspace) as session:
            await sweeps.ask(session, asked(series, Span(edge, series.end)), GRID, now=utc_now())


async def test_another_workspace_sees_no_search(database: Database, workspace: UUID, series: Series) -> None:
    sweep_id = await ask(database, workspace, series)
    async with database.session(new_id()) as session:
        assert await sweeps.list_sweeps(session, before=None, limit=10) == []
        with pytest.raises(Refusal, match="no such sweep"):
            await sweeps.get(session, sweep_id)


def test_parts_take_seconds_and_there_are_enough_for_all_workers() -> None:
    assert part_size(400, 100_000) == 25
    assert part_size(20_000, 1_000_000) * 1_000_000 <= PART_BARS
    assert part_size(5, 100) == part_size(100, 10**12) == 1


# --- a search that learns ---------------------------------------------------------------------------------------------

WIDE = Search(
    values={"fast": tuple(map(float, range(2, 40))), "slow": tuple(map(float, range(40, 90)))}, tries=24, seed=5
)


async def test_a_search_that_learns_goes_on_as_if_it_had_never_been_stopped(
    context: Context, workspace: UUID, series: Series
) -> None:
    database = context.database
    whole = await ask(database, workspace, series, WIDE)
    await work_off(context, workspace, whole)
    halved = await ask(database, workspace, series, WIDE, fresh=True)
    stopped = await stopped_after(context, workspace, halved, 1)
    assert (stopped.state, stopped.done < 24) == ("stopped", True)
    async with database.session(workspace) as session:
        await sweeps.resume(session, halved)
    await work_off(context, workspace, halved)
    async with database.session(workspace) as session:
        found = [await sweeps.rows_of(session, one, best_first=False) for one in (whole, halved)]
    assert found[0] == found[1]
    assert len({tuple(row.parameters.values()) for row in found[0]}) == 24
    assert all(row.train and row.test for row in found[0])
    assert (await counted(database, workspace, series)).trials == 48


def test_it_learns_from_training_only_and_finds_the_better_half() -> None:
    search = Search(values={"fast": tuple(map(float, range(100))), "slow": tuple(map(float, range(100)))}, tries=120)
    estimator = tpe.Estimator(search)
    asked = []
    for _ in range(15):
        batch = estimator.ask(8)
        asked += batch
        estimator.tell([found(values, -abs(values["fast"] - 70)) for values in batch])
    assert len({tuple(values.values()) for values in asked}) == 120
    late = [abs(values["fast"] - 70) for values in asked[-40:]]
    assert sum(late) / 40 < 15, "a random search is 29 away"


def found(values: dict[str, float], figure: float) -> Row:
    side = Side(sharpe=figure, total_return=0.0, max_drawdown=0.0, closed_positions=1)
    other = replace(side, sharpe=-figure)
    return Row(key="", parameters=values, train=side, test=other)


def test_a_small_grid_is_tried_whole_and_nothing_twice() -> None:
    search = replace(GRID, tries=50)
    assert tpe.tries_of(CROSS, search) == 8
    estimator = tpe.Estimator(search)
    asked = estimator.ask(8)
    assert len({tuple(values.values()) for values in asked}) == 8


# --- real workers -----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def a_worker(url: str) -> AsyncGenerator[Process]:
    process = await asyncio.create_subprocess_exec(sys.executable, str(CHILD), url, stdout=DEVNULL, stderr=DEVNULL)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def until(
    database: Database, workspace: UUID, sweep_id: UUID, true: Callable[[StoredSweep], bool]
) -> StoredSweep:
    begun = time.monotonic()
    while not true(stored := await look(database, workspace, sweep_id)):
        assert time.monotonic() - begun < PATIENCE_S, (stored.state, stored.done, stored.total)
        await asyncio.sleep(0.05)
    return stored


async def test_a_killed_workers_parts_are_taken_over_by_another(own_database: ServerUrls, tmp_path: Path) -> None:
    database, workspace = Database(own_database.app), new_id()
    series = await a_series(database, workspace, tmp_path, a_walk(20_000))
    search = Search(values={"fast": tuple(map(float, range(2, 22))), "slow": tuple(map(float, range(30, 42)))})
    sweep_id = await ask(database, workspace, series, search)
    try:
        async with a_worker(own_database.app) as doomed:
            await until(database, workspace, sweep_id, lambda stored: stored.done > 0)
            doomed.kill()
            await doomed.wait()
        halted = await look(database, workspace, sweep_id)
        assert (halted.state, 0 < halted.done < 240) == ("running", True)
        async with a_worker(own_database.app), a_worker(own_database.app):
            ended = await until(database, workspace, sweep_id, lambda stored: stored.state != "running")
        async with database.session(workspace) as session:
            rows = await sweeps.rows_of(session, sweep_id, best_first=False)
            line = await trials.line(session, series.id, None)
        assert (ended.state, ended.done, len(rows)) == ("done", 240, 240)
        assert (line.trials, line.runs, line.unfinished) == (240, 1, 0)
    finally:
        await database.close()


async def test_progress_wakes_who_waits(context: Context, workspace: UUID, series: Series) -> None:
    sweep_id = await ask(context.database, workspace, series)
    async with Bus(context.database.url) as bus, bus.watch([f"{workspace}/{sweeps.topic(sweep_id)}"]) as woken:
        woken.clear()
        await work_off(context, workspace, sweep_id)
        async with asyncio.timeout(PATIENCE_S):
            await woken.wait()
