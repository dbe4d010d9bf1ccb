"""The routes of searches over parameters, over real HTTP."""

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from omc.engine.work import JOBS
from omc.kit.db import Database
from omc.kit.work import Context, work
from omc.ledgers.rules import Series
from tests.engine.builders import a_raw_document
from tests.engine.series import a_series

SWEEPS = "/api/v1/engine/sweeps"
DOCUMENT = a_raw_document(
    parameters={"fast": 3, "slow": 12}, features={"one": "sma(close, fast)", "two": "sma(close, slow)"},
    entry="crosses_above(one, two)", exit="crosses_below(one, two)",
)  # fmt: skip
OPEN = {"queued", "running"}


@pytest.fixture
async def series(client: httpx.AsyncClient, database: Database, tmp_path: Path) -> Series:
    me = (await client.get("/api/v1/identity/me")).json()
    return await a_series(database, UUID(me["workspace"]["id"]), tmp_path)


async def ask(client: httpx.AsyncClient, series: Series, **changes: object) -> httpx.Response:
    body: Mapping[str, object] = {"document": DOCUMENT, "series_id": str(series.id), "values": {"fast": "0:4:2"}}
    return await client.post(SWEEPS, json={**body, **changes})


async def test_a_search_is_asked_followed_and_read_with_both_sides(
    client: httpx.AsyncClient, context: Context, series: Series
) -> None:
    answer = await ask(client, series, values={"fast": "0:4:2", "slow": [8, 12]})
    assert answer.status_code == 202, answer.text
    asked = answer.json()
    assert (asked["state"], asked["done"], asked["total"], asked["method"]) == ("queued", 0, 6, "grid")
    assert asked["values"] == {"fast": [0, 2, 4], "slow": [8, 12]}
    address = f"{SWEEPS}/{asked['id']}"
    while (shown := (await client.get(address)).json())["state"] in OPEN:
        await work(context, JOBS, until_empty=True)
    assert (shown["state"], shown["done"], shown["refused"]) == ("done", 6, 2)
    assert shown["span"]["start"] < shown["split"] < shown["span"]["end"]
    rows = (await client.get(f"{address}/rows")).json()["items"]
    best = [row["test"]["sharpe"] for row in rows if row["test"] and row["test"]["sharpe"] is not None]
    assert best == sorted(best, reverse=True)
    assert all((row["train"] is None) == (row["test"] is None) == bool(row["refused"]) for row in rows)
    grid = (await client.get(f"{address}/rows", params={"order": "grid", "limit": 4})).json()
    rest = (await client.get(f"{address}/rows", params={"order": "grid", "limit": 4, "offset": grid["next"]})).json()
    ordered = [tuple(row["parameters"].values()) for row in grid["items"] + rest["items"]]
    assert ordered == [(fast, slow) for fast in (0, 2, 4) for slow in (8, 12)]
    (listed,) = (await client.get(SWEEPS)).json()["items"]
    assert {name: shown[name] for name in listed} == listed
    again = (await ask(client, series, values={"fast": "0:4:2", "slow": [8, 12]})).json()
    assert again["id"] == asked["id"]


async def test_a_search_is_stopped_and_gone_on_with(
    client: httpx.AsyncClient, context: Context, series: Series
) -> None:
    address = f"{SWEEPS}/{(await ask(client, series)).json()['id']}"
    assert (await client.post(f"{address}/stop")).json()["state"] == "stopped"
    await work(context, JOBS, until_empty=True)
    assert (await client.get(address)).json()["done"] == 0
    assert (await client.post(f"{address}/resume")).json()["state"] == "queued"
    while (shown := (await client.get(address)).json())["state"] in OPEN:
        await work(context, JOBS, until_empty=True)
    assert (shown["state"], shown["done"]) == ("done", 3)
    assert (await client.post(f"{address}/stop")).json()["state"] == "done"
    line = (await client.get(f"/api/v1/engine/series/{series.id}/trials")).json()
    assert (line["trials"], line["runs"]) == (3, 1)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"values": {"fast": "9:1:1"}}, "bad_range"),
        ({"values": {"quick": [1]}}, "unknown_parameter"),
        ({"values": {"fast": "1:200:1", "slow": "1:200:1"}}, "too_many"),
        ({"document": None}, "one_of_two"),
        ({"start": "2024-01-09T00:00:00Z", "end": "2024-01-08T00:00:00Z"}, "bad_span"),
        ({"sample": 2, "tries": 2}, "one_of_two"),
    ],
)
async def test_what_cannot_be_searched_is_refused(
    client: httpx.AsyncClient, series: Series, changes: Mapping[str, object], code: str
) -> None:
    answer = await ask(client, series, **changes)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_grid_too_big_is_told_how_to_be_searched(client: httpx.AsyncClient, series: Series) -> None:
    wide = {"fast": "2:200:1", "slow": "2:200:1"}
    assert "`tries`" in (await ask(client, series, values=wide)).json()["detail"]
    learned = await ask(client, series, values=wide, tries=5)
    assert (learned.status_code, learned.json()["total"], learned.json()["method"]) == (202, 5, "optuna")
