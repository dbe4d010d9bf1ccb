"""Bake-offs over HTTP and through the queue, and what the lab's routes tell of keys."""

from decimal import Decimal
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from omc.kit.clock import utc_now
from omc.kit.work import Context, work
from omc.lab.tables import SessionRow
from omc.lab.work import JOBS
from omc.ledgers.markets import Made, make_markets
from tests.lab.builders import GOAL, YEAR
from tests.lab.own_models import MODEL, add_key, open_with
from tests.lab.test_lab_api import workspace_of
from tests.sims.models.fixture import ModelServer

LAB = "/api/v1/lab"


@pytest.fixture
async def key(lab: Context, client: httpx.AsyncClient, model_server: ModelServer) -> UUID:
    """A key in the client's workspace, which has a market."""
    workspace = workspace_of(client)
    async with lab.database.session(workspace) as session:
        await make_markets(session, Made(symbols=("BTC/USDT",), timeframe="1h", span=YEAR), now=utc_now())
    return await add_key(lab, workspace, model_server, "anthropic")


async def test_a_bake_off_runs_to_its_scores_within_its_cap(lab: Context, client: httpx.AsyncClient, key: UUID) -> None:
    body = {
        "goal": GOAL,
        "entries": [{"model": "analyst"}, {"model": MODEL, "credential_id": str(key)}],
        "repeats": 3,
        "cap": "3.00",
    }
    started = await client.post(f"{LAB}/bakeoffs", json=body)
    assert started.status_code == 201, started.text
    place = f"{LAB}/bakeoffs/{started.json()['id']}"
    before = (await client.get(place)).json()
    assert (before["state"], before["ended"], before["runs_total"]) == ("running", 0, 6)
    async with lab.database.session(workspace_of(client)) as session:
        caps = set(await session.scalars(select(SessionRow.cap).where(SessionRow.credential_id == key)))
        clocks = set(await session.scalars(select(SessionRow.as_of)))
    assert caps == {Decimal("0.5")}
    assert len(clocks) == 1, "all see the same past"
    await work(lab, JOBS, until_empty=True)
    after = (await client.get(place)).json()
    assert (after["state"], after["ended"]) == ("done", 6)
    analyst, own = after["scores"]
    assert analyst["verdicts"] == own["verdicts"]
    assert analyst["cost_total"] == "0"
    assert 0 < Decimal(own["cost_total"]) <= Decimal(3)
    assert own["tool_success"]["n"] > 20
    assert len(after["data_hashes"]) == 1
    listed = (await client.get(f"{LAB}/bakeoffs")).json()["items"]
    assert [one["id"] for one in listed] == [after["id"]]
    estimate = (await client.get(f"{LAB}/estimate", params={"model": MODEL, "credential_id": str(key)})).json()
    assert estimate["n"] == 3
    assert Decimal(estimate["cost_low"]) <= Decimal(estimate["cost_high"])


async def test_a_bake_off_can_be_cancelled_and_refuses_what_says_nothing(client: httpx.AsyncClient, key: UUID) -> None:
    entry = {"model": MODEL, "credential_id": str(key)}
    body = {"goal": GOAL, "entries": [entry], "repeats": 3, "cap": "0.3"}
    started = (await client.post(f"{LAB}/bakeoffs", json=body)).json()["id"]
    for _ in range(2):
        ended = (await client.post(f"{LAB}/bakeoffs/{started}/cancel")).json()
        assert (ended["state"], ended["ended"]) == ("cancelled", 3)
    for wrong in ({"repeats": 2}, {"entries": []}, {"cap": "-1"}, {"cap": "NaN"}, {"goal": " "}):
        assert (await client.post(f"{LAB}/bakeoffs", json=body | wrong)).status_code == 422, wrong


async def test_the_form_offers_the_keys_models_and_a_key_tells_who_uses_it(
    lab: Context, client: httpx.AsyncClient, key: UUID
) -> None:
    offered = (await client.get(f"{LAB}/models")).json()["items"]
    assert offered[0]["id"] == "analyst"
    (mine,) = [one for one in offered if one["credential_id"] == str(key)]
    assert (mine["id"], mine["price_known"], mine["free"], mine["provider_label"]) == (MODEL, True, False, "Anthropic")
    session_id = await open_with(lab, workspace_of(client), key)
    using = (await client.get(f"{LAB}/credentials/{key}/sessions")).json()["items"]
    assert [one["id"] for one in using] == [str(session_id)]
    capped = await client.put(f"{LAB}/sessions/{session_id}/cap", json={"cap": "0.75"})
    assert capped.json()["cap"] == "0.75"
    removed = (await client.post(f"{LAB}/credentials/{key}/remove", json={})).json()
    assert removed == {"ended": [str(session_id)], "moved": []}
    shown = (await client.get(f"{LAB}/sessions/{session_id}")).json()
    assert (shown["state"], "was removed" in shown["error"]) == ("failed", True)
