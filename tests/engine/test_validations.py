"""A verdict asked for on the queue: followed while its checks run, given once, with what each check found."""

import asyncio
from pathlib import Path
from threading import Event
from uuid import UUID

import httpx
import pytest

from omc.engine import service, trials, validations
from omc.engine.beside import beside
from omc.engine.records import Request, Version
from omc.engine.validations import Step
from omc.engine.watch import Watch
from omc.engine.work import JOBS
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.work import Context, work
from omc.ledgers.rules import Series
from tests.engine.builders import a_document, a_raw_document, a_walk
from tests.engine.series import a_series
from tests.serving import Cable

ENGINE = "/api/v1/engine"
DAYS = 80
PATIENCE_S = 60
CHECKS = {
    *("look_ahead", "warm_up", "walk_forward", "cross_validation", "overfitting", "uncertainty"),
    *("delay", "costs", "neighbours", "random_entries"),
}


@pytest.fixture
async def series(client: httpx.AsyncClient, database: Database, tmp_path: Path) -> Series:
    me = (await client.get("/api/v1/identity/me")).json()
    return await a_series(database, UUID(me["workspace"]["id"]), tmp_path, a_walk(24 * DAYS, drift=0.001))


@pytest.fixture
async def asked(client: httpx.AsyncClient, series: Series) -> dict[str, str]:
    version = (await client.post(f"{ENGINE}/versions", json={"document": a_raw_document()})).json()
    return {"version_id": version["id"], "series_id": str(series.id)}


async def test_a_verdict_is_given_with_what_every_check_found(
    client: httpx.AsyncClient, context: Context, asked: dict[str, str]
) -> None:
    answer = await client.post(f"{ENGINE}/validations", json=asked)
    assert answer.status_code == 202, answer.text
    address = f"{ENGINE}/validations/{answer.json()['id']}"
    assert (await client.get(address)).json()["state"] == "queued"
    again = await client.post(f"{ENGINE}/validations", json=asked)
    assert (again.status_code, again.json()["code"]) == (409, "already_asked")
    await work(context, JOBS, until_empty=True)

    ended = (await client.get(address)).json()
    assert (ended["state"], ended["error"]) == ("done", None)
    standing = (await client.get(f"{ENGINE}/versions/{asked['version_id']}/verdict")).json()
    verdict = standing["verdict"]
    assert verdict["id"] == ended["verdict_id"]
    assert {one["check"] for one in verdict["found"]["checks"]} == CHECKS
    assert len(verdict["found"]["windows"]) == 6
    assert len(verdict["found"]["paths"]) == 9
    assert verdict["found"]["spread"]["sharpe"]["low"] == verdict["figures"]["sharpe_low"]
    assert {"pbo", "lost_paths", "sharpe_low"} <= {one["figure"] for one in verdict["reasons"]}
    line = (await client.get(f"{ENGINE}/series/{asked['series_id']}/trials")).json()
    assert (line["trials"], line["unfinished"]) == (1, 0)
    listed = (await client.get(f"{ENGINE}/validations", params={"version_id": asked["version_id"]})).json()["items"]
    assert listed == [ended]


async def test_data_that_are_too_short_end_it_with_a_sentence_and_count(
    client: httpx.AsyncClient, context: Context, asked: dict[str, str], series: Series
) -> None:
    assert series.start is not None
    short = {"start": series.start.isoformat(), "end": series.start.replace(hour=series.start.hour + 5).isoformat()}
    answer = await client.post(f"{ENGINE}/validations", json=asked | short)
    await work(context, JOBS, until_empty=True)
    ended = (await client.get(f"{ENGINE}/validations/{answer.json()['id']}")).json()
    assert (ended["state"], ended["error"]["code"], ended["verdict_id"]) == ("failed", "not_enough_history", None)
    line = (await client.get(f"{ENGINE}/series/{asked['series_id']}/trials")).json()
    assert (line["trials"], line["failed"]) == (1, 1)


async def test_an_empty_span_and_an_unknown_one_are_refused(client: httpx.AsyncClient, asked: dict[str, str]) -> None:
    backwards = {"start": "2024-02-01T00:00:00Z", "end": "2024-01-01T00:00:00Z"}
    answer = await client.post(f"{ENGINE}/validations", json=asked | backwards)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_span")
    missing = await client.get(f"{ENGINE}/validations/{asked['version_id']}")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


@pytest.fixture
async def version(database: Database, workspace: UUID) -> Version:
    async with database.session(workspace) as session:
        return await service.save_version(session, document=a_document(), author="test", now=utc_now())


async def test_how_far_it_is_is_told_until_it_has_ended(
    database: Database, workspace: UUID, version: Version, tmp_path: Path
) -> None:
    stored = await a_series(database, workspace, tmp_path)
    asked = Request(document=version.document, series=stored, span=None, version_id=version.id, by="test")
    async with database.session(workspace) as session:
        known = await validations.request(session, asked, now=utc_now())
        begun = await validations.start(session, known)
        assert begun is not None
        await validations.tell(session, known, Step(name="look-ahead check", done=3, total=50))
        assert (await validations.get(session, known)).step == Step(name="look-ahead check", done=3, total=50)
        reason = trials.Found(sharpe=None, sharpes=())
        with pytest.raises(Exception, match="engine_validation"):  # a verdict that is not there
            async with session.begin_nested():
                await validations.finish(session, begun, verdict_id=known, found=reason, now=utc_now())


async def test_a_line_to_the_database_that_is_lost_for_a_moment_ends_no_telling(
    context: Context, app_url: str, workspace: UUID, version: Version, tmp_path: Path
) -> None:
    stored = await a_series(context.database, workspace, tmp_path)
    asked = Request(document=version.document, series=stored, span=None, version_id=version.id, by="test")
    async with context.database.session(workspace) as session:
        known = await validations.request(session, asked, now=utc_now())
    cable, seen, lost = Cable(app_url), Event(), 0
    await cable.plug()
    far = Database(cable.url)
    await cable.unplug()

    def checks(watch: Watch) -> str:
        watch.step(1, 50, "checks")
        assert seen.wait(PATIENCE_S)
        return "checked"

    async def tell(step: Step | None) -> bool:
        nonlocal lost
        lost += step is not None
        if step is not None:
            async with far.session(workspace) as session:
                await validations.tell(session, known, step)
        return True

    async with asyncio.timeout(PATIENCE_S):
        working = asyncio.ensure_future(beside(checks, tell))
        while lost < 2:  # the second is tried once the first is lost
            await asyncio.sleep(0.01)
        await cable.plug()
        while await _told(context.database, workspace, known) != "checks":
            await asyncio.sleep(0.01)
        seen.set()
        assert await working == "checked"
    await far.close()
    await cable.unplug()


async def _told(database: Database, workspace: UUID, validation_id: UUID) -> str:
    async with database.session(workspace) as session:
        return (await validations.get(session, validation_id)).step.name
