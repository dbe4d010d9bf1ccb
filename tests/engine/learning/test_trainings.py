"""A training asked for on the queue: followed, stopped, taken over from a killed worker; its model, or why not."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from omc.core.market import Span
from omc.engine import exams
from omc.engine.beside import beside
from omc.engine.learning import store, trainings
from omc.engine.learning.trainings import StoredTraining
from omc.engine.tables import TrialRow
from omc.engine.validations import Step
from omc.engine.watch import Watch
from omc.engine.work import JOBS
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.kit.ids import new_id
from omc.kit.work import Context, work
from omc.ledgers.rules import Series
from tests.conftest import ServerUrls
from tests.engine.learning.specs import a_raw_spec, a_spec, a_trending_market
from tests.engine.series import a_series
from tests.engine.test_sweeps import a_worker

ENGINE = "/api/v1/engine"
PATIENCE_S = 120


@pytest.fixture
async def series(client: httpx.AsyncClient, database: Database, tmp_path: Path) -> Series:
    me = (await client.get("/api/v1/identity/me")).json()
    return await a_series(database, UUID(me["workspace"]["id"]), tmp_path, a_trending_market(800))


async def asked(client: httpx.AsyncClient, series: Series, **more: object) -> str:
    answer = await client.post(f"{ENGINE}/trainings", json={"spec": a_raw_spec(), "series_id": str(series.id)} | more)
    assert answer.status_code == 202, answer.text
    return f"{ENGINE}/trainings/{answer.json()['id']}"


async def test_a_training_gives_the_model_that_the_terminal_would(
    client: httpx.AsyncClient, context: Context, series: Series
) -> None:
    assert series.start is not None
    end = series.start + timedelta(hours=500)
    address = await asked(client, series, end=end.isoformat())
    waiting = (await client.get(address)).json()
    assert (waiting["state"], waiting["name"], waiting["kind"]) == ("queued", "Will it rise", "logistic")
    again = {"spec": a_raw_spec(), "series_id": str(series.id), "end": end.isoformat()}
    twice = await client.post(f"{ENGINE}/trainings", json=again)
    assert (twice.status_code, twice.json()["code"]) == (409, "already_asked")
    await work(context, JOBS, until_empty=True)

    ended = (await client.get(address)).json()
    assert (ended["state"], ended["error"]) == ("done", None)
    model = (await client.get(f"{ENGINE}/models/{ended['model']}")).json()
    assert (model["known_until"], model["symbol"]) == (end.isoformat().replace("+00:00", "Z"), "BTC/USDT")
    assert (await client.get(f"{ENGINE}/trainings")).json()["items"] == [ended]
    line = (await client.get(f"{ENGINE}/series/{series.id}/trials")).json()
    assert (line["trials"], line["unfinished"], line["failed"]) == (1, 0, 0)


async def test_what_cannot_be_learned_ends_with_a_sentence_and_counts(
    client: httpx.AsyncClient, context: Context, series: Series
) -> None:
    assert series.start is not None
    address = await asked(client, series, end=(series.start + timedelta(hours=50)).isoformat())
    await work(context, JOBS, until_empty=True)
    ended = (await client.get(address)).json()
    assert (ended["state"], ended["error"]["code"], ended["model"]) == ("failed", "not_enough_history", None)
    line = (await client.get(f"{ENGINE}/series/{series.id}/trials")).json()
    assert (line["trials"], line["failed"]) == (1, 1)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"spec": a_raw_spec(features={"up": "close >"})}, "/features/up"),
        ({"spec": a_raw_spec(task="regress")}, "/model/kind"),
        ({"spec": a_raw_spec(timeframe="4h")}, "/timeframe"),
        ({"start": "2024-02-01T00:00:00Z", "end": "2024-01-01T00:00:00Z"}, "/start"),
    ],
)
async def test_what_makes_no_sense_is_refused_at_its_place_and_counts_nothing(
    client: httpx.AsyncClient, series: Series, change: dict[str, object], place: str
) -> None:
    body = {"spec": a_raw_spec(), "series_id": str(series.id)} | change
    answer = await client.post(f"{ENGINE}/trainings", json=body)
    assert (answer.status_code, answer.json()["place"].partition(":")[0]) == (422, place)
    assert (await client.get(f"{ENGINE}/series/{series.id}/trials")).json()["runs"] == 0


async def test_a_training_into_sealed_bars_is_refused(
    client: httpx.AsyncClient, database: Database, series: Series
) -> None:
    assert series.start is not None
    me = (await client.get("/api/v1/identity/me")).json()
    sealed = Span(series.start + timedelta(hours=450), series.start + timedelta(hours=700))
    async with database.session(UUID(me["workspace"]["id"])) as session:
        await exams.seal(session, series, sealed, by="ada", now=utc_now())
    body = {"spec": a_raw_spec(), "series_id": str(series.id), "end": sealed.end.isoformat()}
    answer = await client.post(f"{ENGINE}/trainings", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "sealed")


async def test_the_schema_of_a_specification_is_published(client: httpx.AsyncClient) -> None:
    schema = (await client.get(f"{ENGINE}/models/schema")).json()
    assert {"features", "target", "task", "model"} <= set(schema["properties"])


# --- stopping ---------------------------------------------------------------------------------------------------------


async def test_a_training_that_is_stopped_before_it_begins_gives_no_model(
    client: httpx.AsyncClient, context: Context, series: Series
) -> None:
    address = await asked(client, series)
    stopped = (await client.post(f"{address}/stop")).json()
    await work(context, JOBS, until_empty=True)
    assert (stopped["state"], (await client.get(address)).json()) == ("stopped", stopped)
    assert (await client.get(f"{ENGINE}/models")).json()["items"] == []
    line = (await client.get(f"{ENGINE}/series/{series.id}/trials")).json()
    assert (line["trials"], line["unfinished"], line["failed"]) == (1, 0, 1)
    assert (await client.post(f"{address}/stop")).json() == stopped
    await asked(client, series)


async def test_work_that_nobody_waits_for_any_more_stops_at_its_next_step() -> None:
    told = list[Step]()

    async def tell(step: Step | None) -> bool:
        assert step is not None
        told.append(step)
        return len(told) < 2

    def endless(watch: Watch) -> None:
        for at in range(1_000):
            watch.step(at, 1_000, "training")
            time.sleep(0.05)

    with pytest.raises(Refusal) as refused:
        await beside(endless, tell)
    assert (refused.value.code, len(told)) == ("stopped", 2)
    assert 0 < told[0].done < told[1].done < 100


async def test_a_fault_in_telling_costs_no_work_and_a_step_is_written_once() -> None:
    told, asked_again = list[Step](), Event()

    async def tell(step: Step | None) -> bool:
        if step is None:
            asked_again.set()
            return True
        told.append(step)
        raise ValueError("a fault in telling")

    def work_(watch: Watch) -> str:
        watch.step(1, 2, "training")
        assert asked_again.wait(PATIENCE_S)
        return "an hour of work"

    assert await beside(work_, tell) == "an hour of work"
    assert told == [Step(name="training", done=1, total=2)]


async def test_a_training_without_a_span_is_on_the_bars_of_when_it_was_asked_for(
    client: httpx.AsyncClient, context: Context, database: Database, tmp_path: Path, series: Series
) -> None:
    address = await asked(client, series)
    workspace = UUID((await client.get("/api/v1/identity/me")).json()["workspace"]["id"])
    grown = await a_series(database, workspace, tmp_path, a_trending_market(1_000))
    assert (grown.id, grown.bars) == (series.id, 1_000)
    await work(context, JOBS, until_empty=True)
    done = (await client.get(address)).json()
    assert done["state"] == "done"
    assert datetime.fromisoformat(done["span"]["end"]) == series.end
    model = (await client.get(f"{ENGINE}/models/{done['model']}")).json()
    assert datetime.fromisoformat(model["known_until"]) == series.end
    async with database.session(workspace) as session:
        (trial,) = await session.scalars(select(TrialRow))
        assert (trial.start_ts, trial.end_ts) == (series.start, series.end)


# --- a worker that is killed ------------------------------------------------------------------------------------------


async def until(
    database: Database, workspace: UUID, training_id: UUID, true: Callable[[StoredTraining], bool]
) -> StoredTraining:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            async with database.session(workspace) as session:
                stored = await trainings.get(session, training_id)
            if true(stored):
                return stored
            await asyncio.sleep(0.05)


async def test_a_killed_workers_training_is_taken_over_by_another(own_database: ServerUrls, tmp_path: Path) -> None:
    database, workspace = Database(own_database.app), new_id()
    series = await a_series(database, workspace, tmp_path, a_trending_market(12_000))
    spec = a_spec(model={"kind": "boosting", "trees": 150, "depth": 6})
    wanted = store.Training(spec=spec, series=series, span=None, by="test")
    try:
        async with database.session(workspace) as session:
            known = await trainings.ask(session, wanted, now=utc_now())
        async with a_worker(own_database.app) as doomed:
            await until(database, workspace, known, lambda one: one.step.done > 0)
            doomed.kill()
            await doomed.wait()
        async with database.session(workspace) as session:
            assert ((await trainings.get(session, known)).state, await store.list_models(session)) == ("running", [])
        async with a_worker(own_database.app):
            ended = await until(database, workspace, known, lambda one: one.state != "running")
        async with database.session(workspace) as session:
            (line,) = await store.list_models(session)
        assert (ended.state, ended.model) == ("done", line.hash)
    finally:
        await database.close()
