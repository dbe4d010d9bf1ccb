"""A key's life over HTTP, against real wires: added, tested, made the default, rotated, refused; nothing shows it."""

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import httpx
import psycopg
import pytest

from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.kit.ids import new_id
from omc.settings import Settings
from omc.vault import service
from omc.vault.desk import open_vault
from omc.vault.opening import open_key, opened
from tests.serving import Served, signed_in
from tests.sims.models.fixture import KEY, ModelServer

API = "/api/v1/vault"
OTHER_KEY = "sk-sim-other-0123456789abcdef"
KINDS = ("openai", "anthropic", "google", "openai-compatible")


def wish(server: ModelServer, kind: str = "openai-compatible", **more: object) -> dict[str, object]:
    address = server.openai_url if kind.startswith("openai") else server.url
    return {"provider": kind, "name": "Mine", "base_url": address, "key": KEY, **more}


async def added(client: httpx.AsyncClient, body: Mapping[str, object]) -> dict:
    answer = await client.post(f"{API}/credentials", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def refused(answer: httpx.Response, status: int) -> dict:
    assert answer.status_code == status, answer.text
    return answer.json()


async def trail(client: httpx.AsyncClient) -> list[dict]:
    answer = await client.get("/api/v1/ops/audit?limit=200")
    return [item for item in answer.json()["items"] if item["kind"].startswith(("credential", "preset"))]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_key_is_added_tested_and_made_the_default(
    kind: str, client: httpx.AsyncClient, model_server: ModelServer
) -> None:
    stored = await added(client, wish(model_server, kind, make_default=True))
    key, test = stored["credential"], stored["test"]
    assert test["ok"], test
    assert [step["name"] for step in test["steps"]] == ["reach", "accept_key", "list_models", "answer"]
    assert (key["state"], key["is_default"]) == ("working", True)
    assert key["default_model"] in key["models"]
    assert key["hint"].endswith(KEY[-4:])
    assert key["verified_at"] is not None
    again = await client.post(f"{API}/credentials/{key['id']}/test")
    assert again.json()["ok"], again.text
    assert {call.key for call in model_server.seen if call.key} == {KEY}
    assert KEY not in again.text + str(stored) + (await client.get(f"{API}/credentials")).text


async def test_spaces_around_a_key_are_left_out_and_said(client: httpx.AsyncClient, model_server: ModelServer) -> None:
    stored = await added(client, wish(model_server, key=f'  "{KEY}"\n'))
    assert "left out" in stored["notes"][0]
    assert "left out" in stored["test"]["notes"][0]


async def test_a_local_server_needs_no_key_and_can_be_free(
    client: httpx.AsyncClient, model_server: ModelServer
) -> None:
    body = {
        "provider": "openai-compatible",
        "name": "Ollama",
        "base_url": model_server.compatible_url("ollama"),
        "free": True,
    }
    stored = await added(client, body)
    assert (stored["credential"]["free"], stored["credential"]["hint"]) == (True, "")


async def test_a_server_that_lists_no_models_but_answers_gets_a_note(
    client: httpx.AsyncClient, model_server: ModelServer
) -> None:
    body = wish(model_server, base_url=model_server.compatible_url("bare"), default_model="any-model")
    stored = await added(client, body)
    steps = {step["name"]: step["state"] for step in stored["test"]["steps"]}
    assert (steps["list_models"], steps["answer"]) == ("note", "ok")
    assert stored["credential"]["state"] == "working"


@pytest.mark.parametrize(
    ("fault", "code", "state"),
    [
        ("invalid_key", "bad_key", "rejected"),
        ("429", "rate_limited", "rate_limited"),
        ("429_retry", "rate_limited", "rate_limited"),
        ("quota", "no_credit", "no_credit"),
        ("500", "server_error", "unreachable"),
        ("reset", "unreachable", "unreachable"),
    ],
)
async def test_a_key_that_fails_is_refused_with_the_cause_and_a_stored_one_says_it(
    fault: str, code: str, state: str, client: httpx.AsyncClient, model_server: ModelServer
) -> None:
    stored = await added(client, wish(model_server, name="Works", make_default=True))
    model_server.fail(fault, times=50)
    problem = await refused(await client.post(f"{API}/credentials", json=wish(model_server)), 422)
    if fault != "reset":
        assert problem["code"] == code
    tested = (await client.post(f"{API}/credentials/{stored['credential']['id']}/test")).json()
    assert not tested["ok"]
    (row,) = (await client.get(f"{API}/credentials")).json()["items"]
    assert row["state"] == state
    assert row["is_default"]
    assert row["note"]


async def test_saved_anyway_it_is_not_tested_and_never_the_default(
    client: httpx.AsyncClient, model_server: ModelServer
) -> None:
    body = wish(model_server, key=OTHER_KEY, save_anyway=True, make_default=True, default_model="sim-large")
    stored = await added(client, body)
    key = stored["credential"]
    assert (key["state"], key["is_default"], key["verified_at"]) == ("not_tested", False, None)
    assert key["note"]
    asked = await client.put(f"{API}/default", json={"credential_id": key["id"], "model": "sim-large"})
    assert (await refused(asked, 409))["code"] == "not_usable"
    model_server.fail("429", times=50)
    await client.post(f"{API}/credentials/{key['id']}/test")
    asked = await client.put(f"{API}/default", json={"credential_id": key["id"], "model": "sim-large"})
    assert (await refused(asked, 409))["code"] == "not_usable"


async def test_a_new_key_is_tested_before_the_old_one_goes(
    client: httpx.AsyncClient, served: Served, database: Database, model_server: ModelServer
) -> None:
    key = (await added(client, wish(model_server, make_default=True)))["credential"]
    address = f"{API}/credentials/{key['id']}/rotate"
    problem = await refused(await client.post(address, json={"key": OTHER_KEY}), 422)
    assert problem["code"] == "bad_key"
    assert await plain(served, database, client, key["id"]) == KEY
    before = model_server.desk.keys
    model_server.desk.keys = frozenset({OTHER_KEY})
    try:
        rotated = (await client.post(address, json={"key": OTHER_KEY})).json()["credential"]
    finally:
        model_server.desk.keys = before
    assert (rotated["state"], rotated["is_default"], rotated["hint"]) == ("working", True, "sk-…cdef")
    assert await plain(served, database, client, key["id"]) == OTHER_KEY


async def plain(served: Served, database: Database, client: httpx.AsyncClient, credential_id: str) -> str:
    """The key as the next call of a session would open it."""
    vault = open_vault(Settings(data_dir=served.data_dir))
    found = await opened(
        database, vault, UUID(credential_id), workspace=UUID(client.headers["x-workspace"]), purpose="session"
    )
    assert found.connection.key is not None
    return found.connection.key.reveal()


async def test_several_keys_of_one_provider_are_told_apart_by_name(
    client: httpx.AsyncClient, model_server: ModelServer
) -> None:
    await added(client, wish(model_server, "anthropic", name="Work"))
    await added(client, wish(model_server, "anthropic", name="Home"))
    asked = model_server.seen.copy()
    problem = await refused(await client.post(f"{API}/credentials", json=wish(model_server, name="work")), 409)
    assert (problem["code"], problem["place"]) == ("name_taken", "/name")
    assert model_server.seen == asked, "a name that is taken is noticed before the key goes anywhere"


async def test_what_can_be_changed_is_changed_and_the_rest_stays(
    client: httpx.AsyncClient, model_server: ModelServer
) -> None:
    key = (await added(client, wish(model_server, monthly_budget="25.50")))["credential"]
    address = f"{API}/credentials/{key['id']}"
    changed = (await client.patch(address, json={"name": " New  name ", "free": True})).json()
    assert (changed["name"], changed["free"], changed["monthly_budget"]) == ("New name", True, "25.5")
    assert (await client.patch(address, json={"monthly_budget": None})).json()["monthly_budget"] is None
    assert (await client.patch(address, json={"name": None})).json()["name"] == "New name"
    assert (await refused(await client.patch(address, json={"monthly_budget": "-1"}), 422))[
        "place"
    ] == "/monthly_budget"
    assert (await client.patch(address, json={"key": "x"})).status_code == 422


async def test_the_default_moves_and_can_be_given_up(client: httpx.AsyncClient, model_server: ModelServer) -> None:
    one = (await added(client, wish(model_server, name="One", make_default=True)))["credential"]
    two = (await added(client, wish(model_server, name="Two", make_default=True)))["credential"]
    flags = {row["id"]: row["is_default"] for row in (await client.get(f"{API}/credentials")).json()["items"]}
    assert flags == {one["id"]: False, two["id"]: True}
    assert (await client.delete(f"{API}/default")).status_code == 204
    assert not any(row["is_default"] for row in (await client.get(f"{API}/credentials")).json()["items"])


async def test_presets_are_saved_changed_and_deleted(client: httpx.AsyncClient) -> None:
    made = await client.post(f"{API}/presets", json={"name": "Careful", "temperature": "0.20", "effort": "high"})
    preset = made.json()
    assert (made.status_code, preset["temperature"], preset["effort"]) == (201, "0.2", "high")
    address = f"{API}/presets/{preset['id']}"
    assert (await refused(await client.post(f"{API}/presets", json={"name": "careful"}), 409))["code"] == "name_taken"
    changed = (await client.patch(address, json={"temperature": None, "max_tokens": 2000})).json()
    assert (changed["temperature"], changed["max_tokens"], changed["effort"]) == (None, 2000, "high")
    assert (await refused(await client.patch(address, json={"temperature": "9"}), 422))["place"] == "/temperature"
    missing = await client.patch(address, json={"credential_id": str(new_id())})
    assert missing.status_code == 404
    assert (await client.delete(address)).status_code == 204
    assert (await client.get(f"{API}/presets")).json()["items"] == []


async def test_everything_is_in_the_audit_trail_and_nothing_of_a_key_but_its_hint(
    client: httpx.AsyncClient, model_server: ModelServer
) -> None:
    key = (await added(client, wish(model_server, make_default=True)))["credential"]
    await client.post(f"{API}/credentials/{key['id']}/test")
    await client.patch(f"{API}/credentials/{key['id']}", json={"name": "Other"})
    await client.post(f"{API}/credentials/{key['id']}/rotate", json={"key": KEY})
    await client.post(f"{API}/credentials/test", json=wish(model_server, name="Never stored"))
    await client.post(f"{API}/credentials", json=wish(model_server, "anthropic", name="Bad", key=OTHER_KEY))
    await client.post(f"{API}/credentials", json={"provider": "openai", "name": "Typo", "key": "sk-\n1"})
    await client.delete(f"{API}/default")
    entries = list(reversed(await trail(client)))
    assert [entry["kind"].removeprefix("credential.") for entry in entries] == [
        "added", "default_set", "opened", "tested", "changed", "rotated", "tried", "refused", "refused",
        "default_cleared",
    ]  # fmt: skip
    assert {entry["data"]["by"] for entry in entries} == {entries[0]["data"]["by"]}
    assert entries[2]["data"]["purpose"] == "test"
    assert [entry["data"]["code"] for entry in entries if entry["kind"] == "credential.refused"] == [
        "bad_key",
        "key_line_break",
    ]
    assert KEY not in str(entries)
    assert OTHER_KEY not in str(entries)


async def test_a_removed_key_is_erased_and_keeps_its_name(
    client: httpx.AsyncClient, database: Database, served: Served, owner_url: str, model_server: ModelServer
) -> None:
    key = (await added(client, wish(model_server, make_default=True)))["credential"]
    workspace = UUID(client.headers["x-workspace"])
    async with database.session(workspace) as session:
        await service.remove(session, UUID(key["id"]), by=new_id(), now=utc_now())
    assert (await client.get(f"{API}/credentials")).json()["items"] == []
    with pytest.raises(Refusal, match="was removed"):
        await plain(served, database, client, key["id"])
    await added(client, wish(model_server))
    async with database.session(workspace) as session:
        row = await session.get_one(service.CredentialRow, {"workspace_id": workspace, "id": UUID(key["id"])})
        assert (row.sealed, row.root_id, row.name) == (None, None, "Mine")
    refusals = [entry for entry in await trail(client) if entry["kind"] == "credential.refused"]
    assert refusals[0]["data"]["code"] == "credential_removed"


async def test_a_row_copied_to_another_workspace_or_credential_cannot_be_opened(
    client: httpx.AsyncClient,
    served: Served,
    database: Database,
    superuser_url: str,
    model_server: ModelServer,
) -> None:
    victim = (await added(client, wish(model_server)))["credential"]
    async with signed_in(served, database) as thief:
        mine = (await added(thief, wish(model_server)))["credential"]
        with psycopg.connect(superuser_url) as connection:
            connection.execute(
                "UPDATE vault_credential AS mine SET sealed = other.sealed"
                " FROM vault_credential AS other WHERE other.id = %s AND mine.id = %s",
                [victim["id"], mine["id"]],
            )
        tested = await refused(await thief.post(f"{API}/credentials/{mine['id']}/test"), 409)
        assert tested["code"] == "key_not_openable"
        with psycopg.connect(superuser_url) as connection:
            connection.execute("DELETE FROM vault_credential WHERE id = %s", [mine["id"]])
            connection.execute(
                "UPDATE vault_credential SET workspace_id = %s WHERE id = %s",
                [thief.headers["x-workspace"], victim["id"]],
            )
        tested = await refused(await thief.post(f"{API}/credentials/{victim['id']}/test"), 409)
        assert tested["code"] == "key_not_openable"
        refusals = [entry["data"]["code"] for entry in await trail(thief) if entry["kind"] == "credential.refused"]
        assert refusals == ["key_not_openable"] * 2


async def test_a_person_has_ten_changes_and_twenty_tests_an_hour(
    client: httpx.AsyncClient, served: Served, database: Database, model_server: ModelServer
) -> None:
    model_server.fail("invalid_key", times=200)
    body = wish(model_server)
    for _ in range(10):
        assert (await client.post(f"{API}/credentials", json=body)).status_code == 422
    answer = await client.post(f"{API}/credentials", json=body)
    assert (await refused(answer, 429))["code"] == "too_many_attempts"
    assert 3_000 < int(answer.headers["retry-after"]) <= 3_600
    for _ in range(20):
        assert (await client.post(f"{API}/credentials/test", json=body)).status_code == 200
    assert (await client.post(f"{API}/credentials/test", json=body)).status_code == 429
    async with signed_in(served, database) as other:
        assert (await other.post(f"{API}/credentials/test", json=body)).status_code == 200


async def test_opening_needs_its_own_workspace(
    client: httpx.AsyncClient, served: Served, database: Database, model_server: ModelServer
) -> None:
    key = (await added(client, wish(model_server)))["credential"]
    vault = open_vault(Settings(data_dir=served.data_dir))
    async with database.session(new_id()) as session:
        with pytest.raises(Refusal, match="no such key"):
            await open_key(session, vault, UUID(key["id"]), purpose="session")


async def test_a_secret_in_the_address_or_the_name_is_refused_and_stored_nowhere(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    base = {"provider": "openai-compatible", "name": "Mine", "key": KEY}
    for body in (
        base | {"base_url": f"http://user:{KEY}@localhost:1/v1"},
        base | {"base_url": f"http://localhost:1234/v1?key={KEY}"},
        base | {"base_url": "http://localhost:1234/v1", "name": "sk-proj-0123456789abcdef"},
    ):
        answer = await client.post(f"{API}/credentials", json=body)
        assert answer.status_code == 422
        assert KEY not in answer.text
    assert KEY not in str(await trail(client))


async def test_the_form_is_drawn_from_the_table(client: httpx.AsyncClient) -> None:
    found = (await client.get(f"{API}/providers")).json()
    assert [row["id"] for row in found["items"]] == ["builtin", *KINDS]
    assert found["private_addresses"]
    for row in found["items"][1:]:
        secret = [field for field in row["fields"] if field["secret"]]
        assert [field["name"] for field in secret] == ["key"]
        assert secret[0]["required"] == row["needs_key"]
