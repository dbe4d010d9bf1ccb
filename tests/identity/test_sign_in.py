"""Signing in and out over the running server: links, passwords, cookies, CSRF, throttling."""

from collections.abc import AsyncIterator
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from omc.identity.service import ensure_local_owner, issue_link, needs_owner
from omc.kit.clock import utc_now
from omc.kit.db import Database
from tests.serving import ANSWER_TIMEOUT_S, Served, cookie_name, new_owner, serving

GOOD = "several words are good"
ME = "/api/v1/identity/me"
LINK = "/api/v1/identity/link"
LOGIN = "/api/v1/identity/login"
SETUP = "/api/v1/identity/setup"
TOKENS = "/api/v1/identity/tokens"


@pytest.fixture
async def stranger(served: Served) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=served.url, timeout=ANSWER_TIMEOUT_S) as client:
        yield client


async def with_account(stranger: httpx.AsyncClient, database: Database, email: str) -> httpx.Response:
    _, proof = await new_owner(database)
    return await stranger.post(SETUP, json={"token": proof, "email": email, "password": GOOD, "name": "Ada"})


async def test_a_link_signs_in_once(stranger: httpx.AsyncClient, database: Database) -> None:
    _, proof = await new_owner(database)
    first = await stranger.post(LINK, json={"token": proof})
    second = await stranger.post(LINK, json={"token": proof})
    assert first.status_code == 200
    assert (await stranger.get(ME)).json()["person"]["name"] == "Owner"
    assert second.status_code == 401
    assert second.json()["code"] == "link_spent"


async def test_a_stranger_may_ask_whether_he_is_signed_in(stranger: httpx.AsyncClient, database: Database) -> None:
    _, proof = await new_owner(database)
    assert (await stranger.get(SETUP)).json()["signed_in"] is False
    await stranger.post(LINK, json={"token": proof})
    assert (await stranger.get(SETUP)).json()["signed_in"] is True
    stranger.cookies.set(cookie_name(stranger), "guess")
    assert (await stranger.get(SETUP, headers={"authorization": "Bearer guess"})).json()["signed_in"] is False


async def test_an_old_link_is_worthless(stranger: httpx.AsyncClient, database: Database) -> None:
    owner, _ = await new_owner(database)
    async with database.session(owner.workspace_id) as session:
        proof = await issue_link(session, owner.person_id, now=utc_now() - timedelta(minutes=31))
    assert (await stranger.post(LINK, json={"token": proof})).status_code == 401


async def test_the_owners_form_makes_an_account_that_signs_in(stranger: httpx.AsyncClient, database: Database) -> None:
    made = await with_account(stranger, database, "Ada@Example.org")
    assert made.status_code == 200, made.text
    stranger.cookies.clear()
    answer = await stranger.post(LOGIN, json={"email": "ADA@example.org", "password": GOOD})
    assert answer.status_code == 200
    assert answer.json()["person"]["email"] == "ada@example.org"


async def test_a_refused_form_leaves_the_link_good(stranger: httpx.AsyncClient, database: Database) -> None:
    await with_account(stranger, database, "taken@example.org")
    stranger.cookies.clear()
    _, proof = await new_owner(database)
    form = {"token": proof, "email": "taken@example.org", "password": GOOD, "name": "Ben"}
    refused = await stranger.post(SETUP, json=form)
    assert (refused.status_code, refused.json()["code"], refused.json()["place"]) == (409, "email_in_use", "/email")
    assert (await stranger.post(SETUP, json=form | {"email": "free@example.org"})).status_code == 200


async def test_a_browser_that_came_by_link_needs_no_second_proof_for_the_form(
    client: httpx.AsyncClient, database: Database
) -> None:
    form = {"email": "bylink@example.org", "password": GOOD, "name": "Eve"}
    made = await client.post(SETUP, json=form)
    assert made.status_code == 200, made.text
    client.headers["x-omc-csrf"] = made.json()["csrf"]
    again = await client.post(SETUP, json=form)
    assert (again.status_code, again.json()["code"]) == (401, "link_needed")


async def test_a_stranger_cannot_set_an_account_up(stranger: httpx.AsyncClient) -> None:
    form = {"email": "mallory@example.org", "password": GOOD, "name": "Mallory"}
    assert (await stranger.post(SETUP, json=form)).status_code == 401
    assert (await stranger.post(SETUP, json=form | {"token": "guess"})).status_code == 401


async def test_a_new_password_ends_the_sessions_before_it(
    stranger: httpx.AsyncClient, client: httpx.AsyncClient, database: Database
) -> None:
    async with database.session(UUID(client.headers["x-workspace"])) as session:
        person = await session.scalar(text("SELECT person_id FROM identity_member"))
        proof = await issue_link(session, person, now=utc_now())
    form = {"token": proof, "email": "later@example.org", "password": GOOD, "name": "Ada"}
    assert (await stranger.post(SETUP, json=form)).status_code == 200
    assert (await client.get(ME)).status_code == 401
    assert (await stranger.get(ME)).status_code == 200


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    stranger: httpx.AsyncClient, database: Database
) -> None:
    _, proof = await new_owner(database)
    answer = await stranger.post(LINK, json={"token": proof})
    cookie = SimpleCookie(answer.headers["set-cookie"])[cookie_name(stranger)]
    assert cookie["httponly"]
    assert cookie["samesite"] == "lax"
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert not cookie["secure"]


async def test_behind_tls_the_cookie_is_secure(app_url: str, database: Database, tmp_path: Path) -> None:
    _, proof = await new_owner(database)
    with serving(app_url, tmp_path, public_url="https://omc.example") as served:
        headers = {"host": "omc.example", "x-forwarded-proto": "https"}
        async with httpx.AsyncClient(base_url=served.url, timeout=ANSWER_TIMEOUT_S, headers=headers) as client:
            answer = await client.post(LINK, json={"token": proof})
    assert SimpleCookie(answer.headers["set-cookie"])["omc_session"]["secure"]
    assert "strict-transport-security" in answer.headers


async def test_two_installations_on_one_host_do_not_sign_each_other_out(
    client: httpx.AsyncClient, app_url: str, database: Database, tmp_path: Path
) -> None:
    _, proof = await new_owner(database)
    with serving(app_url, tmp_path) as other:
        assert (await client.post(f"{other.url}{LINK}", json={"token": proof})).status_code == 200
        assert (await client.get(f"{other.url}{ME}")).status_code == 200
        assert (await client.get(ME)).json()["workspace"]["id"] == client.headers["x-workspace"]


async def test_only_a_hash_of_the_session_is_stored(client: httpx.AsyncClient, database: Database) -> None:
    proof = client.cookies[cookie_name(client)]
    async with database.session(UUID(client.headers["x-workspace"])) as session:
        rows = [str(row) for row in await session.execute(text("SELECT s::text FROM identity_session AS s"))]
    assert len(rows) == 1
    assert proof not in rows[0]


async def test_signing_out_ends_the_session_on_the_server(client: httpx.AsyncClient) -> None:
    proof = client.cookies[cookie_name(client)]
    assert (await client.post("/api/v1/identity/logout")).status_code == 204
    assert cookie_name(client) not in client.cookies
    assert (await client.get(ME, headers={"cookie": f"{cookie_name(client)}={proof}"})).status_code == 401


@pytest.mark.parametrize("value", ["", "wrong", "ünsinn".encode().decode("latin-1")])
async def test_a_cookie_without_its_csrf_value_changes_nothing(client: httpx.AsyncClient, value: str) -> None:
    wish = {"name": "x", "scopes": ["read"]}
    headers = {b"x-omc-csrf": value.encode("latin-1")}
    refused = await client.post(TOKENS, json=wish, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
    assert (await client.get(TOKENS)).json()["items"] == []


async def test_the_csrf_value_of_another_session_does_not_count(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, database: Database
) -> None:
    _, proof = await new_owner(database)
    other = (await stranger.post(LINK, json={"token": proof})).json()["csrf"]
    refused = await client.post(TOKENS, json={"name": "x", "scopes": ["read"]}, headers={"x-omc-csrf": other})
    assert refused.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_a_foreign_page_changes_nothing_even_with_the_right_value(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    refused = await client.post(TOKENS, json={"name": "x", "scopes": ["read"]}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "foreign_page")


async def test_the_sixth_guess_is_told_to_wait(stranger: httpx.AsyncClient, database: Database) -> None:
    await with_account(stranger, database, "guessed@example.org")
    wrong = {"email": "guessed@example.org", "password": "not this one"}
    answers = [await stranger.post(LOGIN, json=wrong) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 300
    right = await stranger.post(LOGIN, json=wrong | {"password": GOOD})
    assert right.status_code == 429


async def test_unknown_and_known_addresses_are_answered_alike(stranger: httpx.AsyncClient, database: Database) -> None:
    await with_account(stranger, database, "known@example.org")
    known = await stranger.post(LOGIN, json={"email": "known@example.org", "password": "not this one"})
    unknown = await stranger.post(LOGIN, json={"email": "unknown@example.org", "password": "not this one"})
    assert known.status_code == unknown.status_code == 401
    assert known.json() == unknown.json()


async def test_a_first_run_makes_one_owner_however_often_it_runs(database: Database) -> None:
    async with database.session(None) as session:
        first = await ensure_local_owner(session, now=utc_now())
    async with database.session(None) as session:
        assert await ensure_local_owner(session, now=utc_now()) == first
        assert await needs_owner(session)
