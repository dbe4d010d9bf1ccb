"""The engine's routes, over real HTTP."""

from pathlib import Path
from uuid import UUID

import httpx
import pytest

from omc.engine.work import JOBS
from omc.kit.db import Database
from omc.kit.work import Context, work
from tests.engine.builders import a_raw_document
from tests.engine.series import a_series

ENGINE = "/api/v1/engine"


async def test_a_good_document_is_accepted_with_its_hash_and_assumptions(client: httpx.AsyncClient) -> None:
    answer = (await client.post(f"{ENGINE}/validate", json={"document": a_raw_document()})).json()
    assert answer["ok"]
    assert len(answer["hash"]) == 64
    assert answer["assumptions"]["fee"].startswith("10 bps")


async def test_a_bad_document_gets_every_problem_with_its_place(client: httpx.AsyncClient) -> None:
    raw = a_raw_document(entry="smaa(close, 3) > 1", exit="lag(close, -1) > 1")
    answer = (await client.post(f"{ENGINE}/validate", json={"document": raw})).json()
    assert [one["place"] for one in answer["problems"]] == ["/entry:1", "/exit:12"]


@pytest.mark.parametrize(
    "body",
    [
        '{"document": ' + '{"a":' * 1_000 + "1" + "}" * 1_000 + "}",
        '{"document": ' + "[" * 50_000,
        '{"document": {"name": "\\ud800"}}',
        '{"document": {"entry": "' + "(" * 100_000 + '"}}',
        '{"document": {"\\u0000": 1}}',
        '{"document": {"capital": 1e999}}',
        '{"document": ' + '{"name": "' + "x" * 900_000 + '"}}',
    ],
    ids=["objects", "lists", "surrogate", "brackets", "nul", "infinity", "large"],
)
async def test_a_hostile_document_gets_a_sentence(client: httpx.AsyncClient, body: str) -> None:
    headers = {"content-type": "application/json"}
    for path in ("validate", "versions"):
        answer = await client.post(f"{ENGINE}/{path}", content=body, headers=headers)
        assert answer.status_code < 500
        assert len(answer.text) < 20_000
        assert "Traceback" not in answer.text


async def test_a_version_is_saved_listed_and_read(client: httpx.AsyncClient) -> None:
    saved = await client.post(f"{ENGINE}/versions", json={"document": a_raw_document()})
    assert saved.status_code == 201
    version = saved.json()
    listed = (await client.get(f"{ENGINE}/strategies")).json()["items"]
    assert [line["id"] for line in listed[0]["versions"]] == [version["id"]]
    read = (await client.get(f"{ENGINE}/versions/{version['id']}")).json()
    assert read == version
    assert read["status"] == "draft"


async def test_a_refused_version_says_where(client: httpx.AsyncClient) -> None:
    answer = await client.post(f"{ENGINE}/versions", json={"document": a_raw_document(entry="next(close) > 1")})
    assert answer.status_code == 422
    assert (answer.json()["code"], answer.json()["place"]) == ("reads_future", "/entry:1")


async def test_a_backtest_is_asked_for_run_and_read(
    client: httpx.AsyncClient, database: Database, context: Context, tmp_path: Path
) -> None:
    me = (await client.get("/api/v1/identity/me")).json()
    series = await a_series(database, UUID(me["workspace"]["id"]), tmp_path)
    body = {"document": a_raw_document(), "series_id": str(series.id), "start": "2024-01-05T00:00:00Z"}
    asked = await client.post(f"{ENGINE}/backtests", json=body)
    assert asked.status_code == 202
    backtest = (await client.get(f"{ENGINE}/backtests/{asked.json()['id']}")).json()
    assert (backtest["state"], backtest["equity"], backtest["error"]) == ("queued", None, None)
    await work(context, JOBS, until_empty=True)
    backtest = (await client.get(f"{ENGINE}/backtests/{asked.json()['id']}")).json()
    assert backtest["state"] == "done"
    assert backtest["series"]["symbol"] == "BTC/USDT"
    assert backtest["equity"]["equity"][0] == 10_000
    assert list(backtest["assumptions"])[:4] == ["decision", "order", "latency", "fee"], "as a reader asks for them"
    assert {"sharpe", "max_drawdown", "hold_return"} <= {metric["name"] for metric in backtest["metrics"]}
    listed = (await client.get(f"{ENGINE}/backtests?limit=1")).json()
    assert [one["id"] for one in listed["items"]] == [backtest["id"]]
    following = (await client.get(f"{ENGINE}/backtests", params={"cursor": listed["next"]})).json()
    assert following == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"start": "2024-02-01T00:00:00Z", "end": "2024-01-01T00:00:00Z"}, "bad_span"),
        ({"version_id": "00000000-0000-0000-0000-000000000000"}, "one_of_two"),
        ({"document": None}, "one_of_two"),
    ],
    ids=["backwards", "both", "neither"],
)
async def test_a_request_that_cannot_be_is_refused(
    client: httpx.AsyncClient, database: Database, tmp_path: Path, change: dict[str, object], code: str
) -> None:
    me = (await client.get("/api/v1/identity/me")).json()
    series = await a_series(database, UUID(me["workspace"]["id"]), tmp_path)
    body = {"document": a_raw_document(), "series_id": str(series.id)} | change
    answer = await client.post(f"{ENGINE}/backtests", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
