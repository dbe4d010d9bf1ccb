"""What the page asks while a document is written, over real HTTP."""

import json

import httpx

from tests.engine.builders import a_raw_document

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
