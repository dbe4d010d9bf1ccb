"""Searches, verdicts and exams of several symbols as stored things: counted, sealed and tried on every market."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from uuid import UUID

import httpx
import pytest

from omc.core.market import Span
from omc.engine import exams, service, sweeps, trials, validations, verdicts
from omc.engine.document import plain
from omc.engine.records import Request, Version
from omc.engine.sweep import Search, plan, sweep
from omc.engine.work import JOBS
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.kit.work import Context, work
from omc.ledgers.rules import Series
from tests.engine.builders import START_MS, a_walk
from tests.engine.series import several
from tests.engine.test_market import PAIR, a_cross, two_walks
from tests.engine.test_sweeps import work_off

NOW = datetime(2024, 6, 1, tzinfo=UTC)
FIRST = datetime.fromtimestamp(START_MS / 1_000, UTC)
SEALED = Span(FIRST + timedelta(days=70), FIRST + timedelta(days=80))
GRID = Search(values={"fast": (2.0, 3.0, 4.0), "slow": (8.0, 12.0)})
BARS = two_walks(24 * 80)
WORDS = "the first one was of a wrong version"
ENGINE = "/api/v1/engine"


@pytest.fixture
async def series(database: Database, workspace: UUID, tmp_path: Path) -> list[Series]:
    return await several(database, workspace, tmp_path, BARS)


@pytest.fixture
async def version(database: Database, workspace: UUID) -> Version:
    async with database.session(workspace) as session:
        return await service.save_version(session, document=a_cross(), author="ada", now=NOW)


def asked(series: list[Series], version: Version | None = None, span: Span | None = None) -> Request:
    first, *others = series
    version_id = None if version is None else version.id
    return Request(document=a_cross(), series=first, span=span, version_id=version_id, by="ada", others=others)


async def seal_each(database: Database, workspace: UUID, series: list[Series]) -> list[exams.Exam]:
    async with database.session(workspace) as session:
        return [await exams.seal(session, one, SEALED, by="ada", now=NOW) for one in series]


async def test_the_workers_find_what_a_search_alone_finds_and_it_counts_on_each_market(
    context: Context, workspace: UUID, series: list[Series]
) -> None:
    async with context.database.session(workspace) as session:
        sweep_id = await sweeps.ask(session, asked(series), GRID, now=NOW)
        assert await sweeps.ask(session, asked(series), GRID, now=NOW) == sweep_id
        assert await sweeps.ask(session, asked(series[:1]), GRID, now=NOW) != sweep_id
    done = await work_off(context, workspace, sweep_id)
    assert (done.state, done.done, done.others) == ("done", 6, [series[1].id])
    async with context.database.session(workspace) as session:
        rows = await sweeps.rows_of(session, sweep_id)
        counts = [await service.count_trials(session, one.id, None) for one in series]
        both = await trials.line(session, series[0].id, None, others=[series[1].id])
    alone = sweep(plan(a_cross(), BARS, GRID)).rows
    assert [(row.parameters, row.train, row.test) for row in rows] == [(r.parameters, r.train, r.test) for r in alone]
    assert counts == [12, 6]
    assert (both.trials, both.runs) == (12, 2)


async def test_a_seal_on_either_market_withholds_its_stretch_from_a_search_and_a_verdict(
    context: Context, workspace: UUID, series: list[Series], version: Version
) -> None:
    async with context.database.session(workspace) as session:
        await exams.seal(session, series[1], SEALED, by="ada", now=NOW)
        whole = Span(FIRST, SEALED.end)
        with pytest.raises(Refusal, match="are sealed for an exam"):
            await sweeps.ask(session, asked(series, span=whole), GRID, now=NOW)
        with pytest.raises(Refusal, match="are sealed for an exam"):
            await validations.request(session, asked(series, version, whole), now=NOW)
        sweep_id = await sweeps.ask(session, asked(series), GRID, now=NOW)
        assert (await sweeps.get(session, sweep_id)).span == Span(FIRST, SEALED.start)


async def test_a_verdict_is_of_both_and_says_so(
    context: Context, workspace: UUID, series: list[Series], version: Version
) -> None:
    async with context.database.session(workspace) as session:
        asked_id = await validations.request(session, asked(series, version), now=NOW)
        with pytest.raises(Refusal, match="under way already"):
            await validations.request(session, asked(series, version), now=NOW)
        await validations.request(session, asked(series[:1], version), now=NOW)
    await work(context, JOBS, until_empty=True)
    async with context.database.session(workspace) as session:
        done = await validations.get(session, asked_id)
        given = await verdicts.list_verdicts(session, version.hash)
    assert (done.state, done.error, done.others) == ("done", None, [series[1].id])
    assert sorted(len(one.others) for one in given) == [0, 1]
    checks = cast("list[dict[str, str]]", next(one for one in given if one.others).found["checks"])
    assert {one["state"] for one in checks if one["check"] != "random_entries"} <= {"clean", "measured"}


async def test_an_exam_is_of_every_symbol_and_is_taken_on_each(
    context: Context, workspace: UUID, series: list[Series], version: Version
) -> None:
    first, second = await seal_each(context.database, workspace, series)
    async with context.database.session(workspace) as session:
        tried = await exams.sit(session, first, version, by="ada", now=NOW)
    await work(context, JOBS, until_empty=True)
    async with context.database.session(workspace) as session:
        ran = await service.get_backtest(session, tried.backtest_id)
        both = [await exams.get_exam(session, one.id) for one in (first, second)]
        with pytest.raises(Refusal, match="counts once") as refused:
            await exams.sit(session, both[1], version, by="ada", now=NOW)
        again = await exams.sit(session, both[1], version, by="ada", now=NOW, insist=WORDS)
    assert ran.error is None
    assert ran.result is not None
    assert set(cast("dict[str, dict[str, str]]", ran.result["manifest"])["data"]) == set(PAIR)
    assert cast("dict[str, list[int]]", ran.result["equity"])["ts"][0] == int(SEALED.start.timestamp() * 1_000)
    assert [[one.backtest_id for one in exam.tries] for exam in both] == [[tried.backtest_id]] * 2
    assert (tried.repeated, again.repeated, refused.value.code) == (False, True, "exam_taken")


async def test_an_exam_of_a_market_that_research_sees_is_refused_unless_a_person_insists(
    context: Context, workspace: UUID, series: list[Series], version: Version
) -> None:
    (exam,) = await seal_each(context.database, workspace, series[:1])
    async with context.database.session(workspace) as session:
        with pytest.raises(Refusal, match="research sees ETH/USDT in this stretch") as refused:
            await exams.sit(session, exam, version, by="ada", now=NOW)
        tried = await exams.sit(session, exam, version, by="ada", now=NOW, insist=WORDS)
    assert (refused.value.code, refused.value.place) == ("not_sealed", "/universe/1")
    assert (tried.repeated, tried.reason) == (True, WORDS)


async def test_over_http_several_series_are_searched_judged_and_sealed(
    client: httpx.AsyncClient, context: Context, database: Database, tmp_path: Path
) -> None:
    me = (await client.get("/api/v1/identity/me")).json()
    series = await several(database, UUID(me["workspace"]["id"]), tmp_path, {one: a_walk(600) for one in PAIR})
    ids = [str(one.id) for one in series]
    document = plain(a_cross())
    body: Mapping[str, object] = {"document": document, "series_ids": ids[::-1], "values": {"fast": "2:4:1"}}
    searched = (await client.post(f"{ENGINE}/sweeps", json=body)).json()
    assert [searched["series_id"], *searched["others"]] == ids
    assert [one["symbol"] for one in searched["every"]] == list(PAIR)
    version = (await client.post(f"{ENGINE}/versions", json={"document": document})).json()
    judged = await client.post(f"{ENGINE}/validations", json={"version_id": version["id"], "series_ids": ids})
    assert judged.status_code == 202, judged.text
    (listed,) = (await client.get(f"{ENGINE}/validations?version_id={version['id']}")).json()["items"]
    assert [listed["series_id"], *listed["others"]] == ids
    neither = await client.post(f"{ENGINE}/validations", json={"version_id": version["id"]})
    assert (neither.status_code, neither.json()["code"]) == (422, "one_of_two")
    stretch = {"start": "2024-01-20T00:00Z", "end": "2024-01-24T00:00Z"}
    sealed = await client.post(f"{ENGINE}/exams", json={"series_id": ids[0], "others": ids[1:], **stretch})
    assert sealed.status_code == 201, sealed.text
    for one in ids:
        assert len((await client.get(f"{ENGINE}/exams?series_id={one}")).json()["items"]) == 1
