"""API tokens over the running server."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from omc.kit.db import Database
from tests.serving import ANSWER_TIMEOUT_S, Served

TOKENS = "/api/v1/identity/tokens"
ME = "/api/v1/identity/me"


async def new_token(client: httpx.AsyncClient, *scopes: str) -> str:
    answer = await client.post(TOKENS, json={"name": "notebook", "scopes": list(scopes)})
    assert answer.status_code == 201, answer.text
    return answer.json()["token"]


def bearing(served: Served, token: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=served.url, timeout=ANSWER_TIMEOUT_S, headers={"authorization": f"Bearer {token}"}
    )


async def test_a_token_is_shown_once_and_stored_as_a_hash(client: httpx.AsyncClient, database: Database) -> None:
    token = await new_token(client, "read")
    listed = (await client.get(TOKENS)).json()["items"]
    assert token.startswith("omc_")
    assert "token" not in listed[0]
    assert listed[0]["hint"] == token[-4:]
    async with database.session(UUID(client.headers["x-workspace"])) as session:
        stored = [str(row) for row in await session.execute(text("SELECT t::text FROM identity_token AS t"))]
        trail = [str(row) for row in await session.execute(text("SELECT data::text FROM event"))]
    assert not any(token in row or token[4:] in row for row in stored + trail)


async def test_a_token_needs_no_cookie_and_no_csrf_value(client: httpx.AsyncClient, served: Served) -> None:
    async with bearing(served, await new_token(client, "admin")) as script:
        assert (await script.get(ME)).json()["csrf"] == ""
        assert (await script.post(TOKENS, json={"name": "x", "scopes": ["read"]})).status_code == 201


@pytest.mark.parametrize("scope", ["read", "write", "trade"])
async def test_a_token_can_do_no_more_than_its_scopes(client: httpx.AsyncClient, served: Served, scope: str) -> None:
    async with bearing(served, await new_token(client, scope)) as script:
        assert (await script.get("/api/v1/ops/status")).status_code == 200
        refused = await script.get(TOKENS)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")


async def test_a_revoked_token_is_worthless_at_once(client: httpx.AsyncClient, served: Served) -> None:
    async with bearing(served, await new_token(client, "read")) as script:
        assert (await script.get(ME)).status_code == 200
        identity = (await client.get(TOKENS)).json()["items"][0]["id"]
        assert (await client.delete(f"{TOKENS}/{identity}")).status_code == 204
        assert (await script.get(ME)).status_code == 401
    assert (await client.delete(f"{TOKENS}/{identity}")).status_code == 404


async def test_an_expired_token_is_worthless(client: httpx.AsyncClient, served: Served, database: Database) -> None:
    token = await new_token(client, "read")
    async with database.session(UUID(client.headers["x-workspace"])) as session:
        await session.execute(
            text("UPDATE identity_token SET expires_at = expires_at - CAST(:life AS interval)"),
            {"life": timedelta(days=91)},
        )
    async with bearing(served, token) as script:
        assert (await script.get(ME)).status_code == 401


async def test_issuing_and_revoking_are_in_the_audit_trail(client: httpx.AsyncClient) -> None:
    await new_token(client, "read")
    identity = (await client.get(TOKENS)).json()["items"][0]["id"]
    await client.delete(f"{TOKENS}/{identity}")
    trail = (await client.get("/api/v1/ops/audit")).json()["items"]
    assert [event["kind"] for event in trail[:2]] == ["token.revoked", "token.issued"]


@pytest.mark.parametrize("header", ["Bearer", "Bearer omc_nonsense", "Bearer " + "x" * 5_000, "Basic b21jOm9tYw=="])
async def test_a_wrong_authorization_signs_nobody_in(served: Served, header: str) -> None:
    async with httpx.AsyncClient(
        base_url=served.url, timeout=ANSWER_TIMEOUT_S, headers={"authorization": header}
    ) as script:
        assert (await script.get(ME)).status_code == 401
