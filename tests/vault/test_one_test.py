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


async def test_what_was_tested_just_now_is_saved_without_another_test(
    client: httpx.AsyncClient, model_server: ModelServer
) -> None:
    tested = (await client.post(f"{API}/credentials/test", json=wish(model_server, KEY))).json()
    asked = len(model_server.seen)
    stored = (await client.post(f"{API}/credentials", json=wish(model_server, KEY))).json()
    assert len(model_server.seen) == asked
    assert stored["test"] == tested
    assert stored["credential"]["state"] == "working"


async def test_a_test_that_failed_is_made_again_unless_the_key_is_kept_anyway(
    client: httpx.AsyncClient, model_server: ModelServer
) -> None:
    body = wish(model_server, OTHER_KEY)
    await client.post(f"{API}/credentials/test", json=body)
    asked = len(model_server.seen)
    assert (await client.post(f"{API}/credentials", json=body)).status_code == 422
    assert len(model_server.seen) > asked
    asked = len(model_server.seen)
    kept = await client.post(f"{API}/credentials", json=body | {"save_anyway": True})
    assert kept.json()["credential"]["state"] == "not_tested"
    assert len(model_server.seen) == asked


async def test_another_key_than_the_tested_one_is_tested(client: httpx.AsyncClient, model_server: ModelServer) -> None:
    await client.post(f"{API}/credentials/test", json=wish(model_server, KEY))
    assert (await client.post(f"{API}/credentials", json=wish(model_server, OTHER_KEY))).status_code == 422


async def test_a_tested_key_at_another_address_is_tested_there(
    client: httpx.AsyncClient, model_server: ModelServer
) -> None:
    await client.post(f"{API}/credentials/test", json=wish(model_server, KEY))
    elsewhere = wish(model_server, KEY) | {"base_url": "http://127.0.0.1:9/v1"}
    assert (await client.post(f"{API}/credentials", json=elsewhere)).status_code == 422
