"""A key is tested once when it is saved: whoever is refused gets the test that was made along with the reason."""

import httpx

from tests.sims.models.fixture import KEY, ModelServer

API = "/api/v1/vault"
OTHER_KEY = "sk-sim-other-0123456789abcdef"


def wish(server: ModelServer, key: str) -> dict[str, object]:
    return {"provider": "openai", "name": "Mine", "base_url": server.openai_url, "key": key}


async def test_a_refused_key_comes_back_with_its_test(client: httpx.AsyncClient, model_server: ModelServer) -> None:
    answer = await client.post(f"{API}/credentials", json=wish(model_server, OTHER_KEY))
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["place"]) == (422, "bad_key", "/key")
    assert answer.headers["content-type"] == "application/problem+json"
    steps = {step["name"]: step["state"] for step in problem["test"]["steps"]}
    assert (steps["reach"], steps["accept_key"], steps["answer"]) == ("ok", "failed", "skipped")
    assert problem["test"]["failure"]["kind"] == "bad_key"
    assert problem["test"]["failure"]["retry_after_s"] is None
    assert OTHER_KEY not in answer.text


async def test_a_refused_rotation_comes_back_with_its_test(
    client: httpx.AsyncClient, model_server: ModelServer
) -> None:
    stored = (await client.post(f"{API}/credentials", json=wish(model_server, KEY))).json()["credential"]
    answer = await client.post(f"{API}/credentials/{stored['id']}/rotate", json={"key": OTHER_KEY})
    assert answer.status_code == 422
    assert not answer.json()["test"]["ok"]


async def test_a_provider_that_asks_to_wait_says_so_in_the_head_too(
    client: httpx.AsyncClient, model_server: ModelServer
) -> None:
    model_server.fail("429_retry", times=50)
    answer = await client.post(f"{API}/credentials", json=wish(model_server, KEY))
    assert int(answer.headers["retry-after"]) == answer.json()["test"]["failure"]["retry_after_s"] > 0


async def test_what_was_not_tested_is_refused_without_a_test(
    client: httpx.AsyncClient, model_server: ModelServer
) -> None:
    answer = await client.post(f"{API}/credentials", json=wish(model_server, "emoji 🔑"))
    assert answer.status_code == 422
    assert answer.json().get("test") is None
    assert model_server.seen == []


async def test_a_saved_key_was_tested_once(client: httpx.AsyncClient, model_server: ModelServer) -> None:
    await client.post(f"{API}/credentials", json=wish(model_server, KEY))
    assert len({seen.path for seen in model_server.seen}) == len(model_server.seen)
