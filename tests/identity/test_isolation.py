"""Two workspaces on one server: neither sees, changes or follows anything of the other."""

from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from omc.identity.rules import stored_form
from omc.kit.db import Database
from tests.serving import Served, cookie_name, new_owner, signed_in

PROOFS = ("identity_session", "identity_token", "identity_link")
TOKENS = "/api/v1/identity/tokens"


async def test_neighbours_do_not_see_or_revoke_each_others_tokens(
    client: httpx.AsyncClient, served: Served, database: Database
) -> None:
    made = await client.post(TOKENS, json={"name": "mine", "scopes": ["read"]})
    async with signed_in(served, database) as neighbour:
        assert (await neighbour.get(TOKENS)).json()["items"] == []
        assert (await neighbour.delete(f"{TOKENS}/{made.json()['id']}")).status_code == 404
        assert "mine" not in (await neighbour.get("/api/v1/ops/audit")).text
    assert len((await client.get(TOKENS)).json()["items"]) == 1


@pytest.mark.parametrize("table", [*PROOFS, "identity_member", "identity_person", "identity_workspace"])
async def test_nobody_in_particular_can_list_anything(database: Database, table: str) -> None:
    await new_owner(database)
    async with database.session(None) as session:
        assert await session.scalar(text(f"SELECT count(*) FROM {table}")) == 0
    async with database.presenting("a guess") as session:
        assert await session.scalar(text(f"SELECT count(*) FROM {table}")) == 0


async def test_presenting_a_proof_shows_that_row_and_no_other(client: httpx.AsyncClient, database: Database) -> None:
    await new_owner(database)
    stored = stored_form(client.cookies[cookie_name(client)])
    async with database.presenting(stored) as session:
        assert list(await session.scalars(text("SELECT token_hash FROM identity_session"))) == [stored]
        assert await session.scalar(text("SELECT count(*) FROM identity_person")) == 0


async def test_a_presented_row_cannot_be_carried_to_another_workspace(
    client: httpx.AsyncClient, database: Database
) -> None:
    other, _ = await new_owner(database)
    moved = text("UPDATE identity_session SET workspace_id = :other, person_id = :person")
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with database.presenting(stored_form(client.cookies[cookie_name(client)])) as session:
            await session.execute(moved, {"other": other.workspace_id, "person": other.person_id})


async def test_a_member_sees_the_people_of_his_workspace_only(client: httpx.AsyncClient, database: Database) -> None:
    await new_owner(database)
    async with database.session(UUID(client.headers["x-workspace"])) as session:
        assert await session.scalar(text("SELECT count(*) FROM identity_person")) == 1
        assert await session.scalar(text("SELECT count(*) FROM identity_workspace")) == 1
