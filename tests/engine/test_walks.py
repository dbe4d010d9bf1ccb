"""Walk-forward over HTTP: counted when it is asked for, followed, stopped, and read with what each window chose."""

from pathlib import Path
from uuid import UUID

import httpx
import pytest

from omc.engine import walks
from omc.engine.validations import Step
from omc.engine.walk_forward import Plan, walk_forward
from omc.engine.work import JOBS
from omc.kit.db import Database
from omc.kit.work import Context, work
from omc.ledgers.rules import Series
from tests.engine.builders import a_document, a_walk
from tests.engine.series import a_series
from tests.engine.test_sweep_routes import DOCUMENT

WALKS = "/api/v1/engine/walks"
BARS = a_walk(24 * 40, drift=0.0005)
VALUES = {"fast": "2:4:1", "slow": [8, 12]}


@pytest.fixture
async def series(client: httpx.AsyncClient, database: Database, tmp_path: Path) -> Series:
    me = (await client.get("/api/v1/identity/me")).json()
    return await a_series(database, UUID(me["workspace"]["id"]), tmp_path, BARS)


async def ask(client: httpx.AsyncClient, series: Series, **changes: object) -> httpx.Response:
    return await client.post(WALKS, json={"document": DOCUMENT, "series_id": str(series.id), **changes})


async def test_each_window_chooses_its_parameters_as_the_engine_fits_them(
    client: httpx.AsyncClient, context: Context, series: Series
) -> None:
    answer = await ask(client, series, values=VALUES, windows=4, kind="rolling", purge=2, embargo=3)
    assert answer.status_code == 202, answer.text
    asked = answer.json()
    assert (asked["state"], asked["gap_bars"], asked["fits"], asked["equity"]) == ("queued", 5, [], None)
    line = (await client.get(f"/api/v1/engine/series/{series.id}/trials")).json()
    assert (line["trials"], line["unfinished"]) == (6, 1), "every set that is fitted counts, before it runs"
    await work(context, JOBS, until_empty=True)

    found = (await client.get(f"{WALKS}/{asked['id']}")).json()

    values = {"fast": (2.0, 3.0, 4.0), "slow": (8.0, 12.0)}
    document = a_document(**{name: one for name, one in DOCUMENT.items() if name != "schema"})
    tested = walk_forward(document, BARS, Plan(windows=4, kind="rolling", gap_bars=5, values=values))
    assert (found["state"], found["error"], found["trials"]) == ("done", None, 6)
    assert [one["parameters"] for one in found["fits"]] == [dict(one.parameters) for one in tested.windows]
    assert [one["test_return"] for one in found["fits"]] == [one.test_return for one in tested.windows]
    assert found["equity"]["equity"][-1] == tested.out_of_sample.equity[-1]
    assert found["metrics"] != found["fixed_metrics"] != []
    (listed,) = (await client.get(WALKS)).json()["items"]
    assert {name: found[name] for name in listed} == listed


async def test_one_that_is_stopped_stays_so_and_counts(
    client: httpx.AsyncClient, context: Context, series: Series
) -> None:
    asked = (await ask(client, series, values=VALUES)).json()
    stopped = (await client.post(f"{WALKS}/{asked['id']}/stop")).json()
    assert stopped["state"] == "stopped"
    workspace = UUID(client.headers["x-workspace"])
    async with context.database.session(workspace) as session:
        told = await walks.tell(session, UUID(asked["id"]), Step(name="walk-forward", done=1, total=6))
    assert not told, "the work that runs learns it by this"
    await work(context, JOBS, until_empty=True)

    assert (await client.get(f"{WALKS}/{asked['id']}")).json() == stopped
    line = (await client.get(f"/api/v1/engine/series/{series.id}/trials")).json()
    assert (line["trials"], line["unfinished"]) == (6, 0)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"values": {"slow": "2:5000:1"}}, "too_many"),
        ({"values": {"nothing": [1, 2]}}, "unknown_parameter"),
        ({"windows": 51}, "invalid_input"),
    ],
)
async def test_what_cannot_be_fitted_is_refused_at_once(
    client: httpx.AsyncClient, series: Series, changes: dict[str, object], code: str
) -> None:
    answer = await ask(client, series, **changes)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await client.get(WALKS)).json()["items"] == []


async def test_windows_that_are_too_short_end_it_with_a_sentence(
    client: httpx.AsyncClient, context: Context, series: Series
) -> None:
    asked = (await ask(client, series, windows=50)).json()
    await work(context, JOBS, until_empty=True)
    ended = (await client.get(f"{WALKS}/{asked['id']}")).json()
    assert (ended["state"], ended["error"]["code"]) == ("failed", "not_enough_history")
