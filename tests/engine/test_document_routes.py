"""What the page asks while a document is written, and how often data were tried, over real HTTP."""

import json
from pathlib import Path
from uuid import UUID, uuid4

import httpx

from omc.kit.db import Database
from tests.engine.builders import a_raw_document
from tests.engine.series import a_series

ENGINE = "/api/v1/engine"


async def test_a_good_text_is_told_what_it_amounts_to(client: httpx.AsyncClient) -> None:
    text = json.dumps(a_raw_document(capital=10_000))
    answer = (await client.post(f"{ENGINE}/documents/inspect", json={"text": text})).json()
    assert (answer["ok"], answer["problems"]) == (True, [])
    saved = (await client.post(f"{ENGINE}/versions", json={"document": a_raw_document()})).json()
    assert (answer["hash"], answer["document"]) == (saved["hash"], saved["document"])
    assert answer["assumptions"]["fee"].startswith("10 bps")
    assert answer["warm_up"] == {"bars": 8, "place": "/features/slow:1"}


async def test_a_longer_wait_that_the_document_asks_for_is_the_warm_up(client: httpx.AsyncClient) -> None:
    text = json.dumps(a_raw_document(warm_up_bars=50))
    answer = (await client.post(f"{ENGINE}/documents/inspect", json={"text": text})).json()
    assert answer["warm_up"] == {"bars": 50, "place": "/warm_up_bars"}


async def test_every_problem_of_a_text_has_its_place(client: httpx.AsyncClient) -> None:
    text = json.dumps(a_raw_document(entry="smaa(close, 3) > 1", exit="lag(close, -1) > 1", colour="red"))
    answer = (await client.post(f"{ENGINE}/documents/inspect", json={"text": text})).json()
    assert not answer["ok"]
    assert answer["hash"] is answer["document"] is answer["warm_up"] is None
    assert {one["place"] for one in answer["problems"]} == {"/colour", "/entry:1", "/exit:12"}


async def test_a_text_that_is_no_document_yet_gets_a_sentence(client: httpx.AsyncClient) -> None:
    texts = {
        "": "not_json",
        '{"name": ': "not_json",
        '{"name": "a", "name": "b"}': "not_json",
        "[" * 100_000: "too_deep",
        "x" * 300_000: "too_large",
        '{"name": "\\ud800"}': "missing",
    }
    for text, code in texts.items():
        answer = await client.post(f"{ENGINE}/documents/inspect", json={"text": text})
        assert answer.status_code == 200, text[:40]
        assert code in {one["code"] for one in answer.json()["problems"]}, text[:40]


async def test_a_run_knows_how_often_its_data_were_tried(
    client: httpx.AsyncClient, database: Database, tmp_path: Path
) -> None:
    me = (await client.get("/api/v1/identity/me")).json()
    series = await a_series(database, UUID(me["workspace"]["id"]), tmp_path)
    early = {"start": "2024-01-02T00:00:00Z", "end": "2024-01-05T00:00:00Z"}
    late = {"start": "2024-01-08T00:00:00Z", "end": "2024-01-12T00:00:00Z"}
    body = {"document": a_raw_document(), "series_id": str(series.id)}
    first = (await client.post(f"{ENGINE}/backtests", json=body | early)).json()["id"]
    counts = []
    for span in (late, early):
        await client.post(f"{ENGINE}/backtests", json=body | span)
        counts.append((await client.get(f"{ENGINE}/backtests/{first}/trials")).json()["combinations"])
    assert counts == [1, 2]
    assert (await client.get(f"{ENGINE}/backtests/{uuid4()}/trials")).status_code == 404
