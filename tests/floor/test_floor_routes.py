"""From card to stop over HTTP: what a person sees, approves and may do."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from omc.core.ids import DeploymentId
from omc.floor import work as floor_work
from omc.floor.cards import RULES
from omc.kit.clock import Clock
from omc.kit.db import Database
from omc.kit.events import AUDIT
from omc.kit.events import read as read_events
from omc.kit.work import Context, work
from tests.floor.builders import WHY, a_wish, look, play

LIMITS = {
    "capital": "10000",
    "max_position_fraction": "1",
    "max_orders_per_day": 100,
    "max_daily_loss": "2500.50",
}
FLOOR = "/api/v1/floor"

Json = dict[str, Any]


def workspace_of(client: httpx.AsyncClient) -> UUID:
    return UUID(client.headers["x-workspace"])


def broken_once(clock: Clock) -> Clock:
    """A clock that fails the first time it is read."""
    readings = iter([None])

    def read() -> datetime:
        if next(readings, clock) is None:
            raise ZeroDivisionError
        return clock()

    return read


async def a_body(client: httpx.AsyncClient, database: Database, **changes: object) -> Json:
    async with database.session(workspace_of(client)) as session:
        wish = await a_wish(session)
    body = {"version_id": str(wish.version_id), "series_id": str(wish.series_id), "feed": "replay", "limits": LIMITS}
    return body | changes


async def deployed(client: httpx.AsyncClient, database: Database) -> str:
    body = await a_body(client, database)
    digest = (await client.post(f"{FLOOR}/card", json=body)).json()["digest"]
    answer = await client.post(f"{FLOOR}/deployments", json=body | {"digest": digest, "override_reason": WHY})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def test_the_card_shows_all_that_is_approved(client: httpx.AsyncClient, database: Database) -> None:
    answer = (await client.post(f"{FLOOR}/card", json=await a_body(client, database))).json()

    card = answer["card"]
    assert len(answer["digest"]) == 64
    assert card["version"]["document"]["entry"] == "crosses_above(fast, slow)"
    assert card["data"] == {"start": "2024-01-01T00:00:00Z", "end": "2024-01-21T00:00:00Z", "bars": 480}
    assert card["limits"] == LIMITS | {"max_daily_loss": "2500.5"}
    assert card["series"]["origin"] == "synthetic"
    assert card["costs"] == {"fee_bps": "10", "slippage_bps": "5"}
    assert card["rules"]["order"].startswith("market; fills at the open")
    assert set(card["rules"]) == set(RULES)


async def test_approving_puts_the_version_to_work_and_marks_it_approved(
    client: httpx.AsyncClient, database: Database
) -> None:
    deployment = await deployed(client, database)

    answer = (await client.get(f"{FLOOR}/deployments/{deployment}")).json()

    assert (answer["state"], answer["cash"], answer["orders"]) == ("running", "10000", 0)
    (held,) = answer["holdings"]
    assert (held["symbol"], held["position"], held["price"]) == ("BTC/USDT", "0", None)
    version = (await client.get(f"/api/v1/engine/versions/{answer['version']['id']}")).json()
    assert version["status"] == "approved"
    async with database.session(workspace_of(client)) as session:
        trail = [event.kind for event in await read_events(session, AUDIT)]
    assert {"version.approved", "deployment.started"} <= set(trail)


async def test_without_a_verdict_a_person_says_why_and_it_is_shown_with_the_decision(
    client: httpx.AsyncClient, database: Database
) -> None:
    body = await a_body(client, database)
    digest = (await client.post(f"{FLOOR}/card", json=body)).json()["digest"]

    refused = await client.post(f"{FLOOR}/deployments", json=body | {"digest": digest})
    assert (refused.status_code, refused.json()["code"]) == (409, "no_verdict")
    assert refused.json()["place"] == "/override_reason"
    assert (await client.get(f"{FLOOR}/deployments")).json()["items"] == []

    taken = await client.post(f"{FLOOR}/deployments", json=body | {"digest": digest, "override_reason": WHY})
    assert taken.status_code == 201
    (decided,) = (await client.get("/api/v1/engine/decisions")).json()["items"]
    assert (decided["outcome"], decided["overridden"], decided["reason"]) == ("approved", True, WHY)


async def test_an_approval_of_another_card_is_refused(client: httpx.AsyncClient, database: Database) -> None:
    body = await a_body(client, database)
    digest = (await client.post(f"{FLOOR}/card", json=body)).json()["digest"]
    changed = body | {"digest": digest, "limits": LIMITS | {"capital": "99999"}}

    answer = await client.post(f"{FLOOR}/deployments", json=changed)

    assert (answer.status_code, answer.json()["code"]) == (409, "card_changed")
    assert (await client.get(f"{FLOOR}/deployments")).json()["items"] == []


async def test_a_worker_takes_the_first_step_and_the_page_can_list_what_happened(
    client: httpx.AsyncClient, database: Database, context: Context
) -> None:
    async with database.session(workspace_of(client)) as session:
        await session.execute(text("DELETE FROM procrastinate_jobs WHERE status = 'todo'"))  # of other tests
    deployment = await deployed(client, database)
    await work(context, floor_work.JOBS, until_empty=True)
    assert (await look(database, workspace_of(client), DeploymentId(UUID(deployment)))).step >= 1

    row = await play(context, workspace_of(client), DeploymentId(UUID(deployment)))

    shown = (await client.get(f"{FLOOR}/deployments/{deployment}")).json()
    assert (shown["state"], shown["fills"]) == ("done", row.fills)
    fills = (await client.get(f"{FLOOR}/deployments/{deployment}/fills")).json()["items"]
    facts = (await client.get("/api/v1/books/facts")).json()["items"]
    assert {fill["fact_id"] for fill in fills} == {fact["id"] for fact in facts}
    summary = (await client.get("/api/v1/books/summary")).json()
    assert float(summary["net"]) == pytest.approx(float(shown["equity"]) - 10_000)


async def test_orders_are_listed_page_by_page(client: httpx.AsyncClient, database: Database, context: Context) -> None:
    deployment = await deployed(client, database)
    await play(context, workspace_of(client), DeploymentId(UUID(deployment)))
    whole = (await client.get(f"{FLOOR}/deployments/{deployment}/orders")).json()["items"]

    paged, cursor = [], None
    while True:
        asked = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(f"{FLOOR}/deployments/{deployment}/orders", params=asked)).json()
        paged += page["items"]
        if (cursor := page["next"]) is None:
            break

    assert paged == whole


async def test_stop_all_stops_and_refuses_until_resumed(client: httpx.AsyncClient, database: Database) -> None:
    deployment = await deployed(client, database)

    assert (await client.post(f"{FLOOR}/stop-all")).json() == {"stopped": 1, "closing": 0}

    assert (await client.get(f"{FLOOR}/switch")).json()["thrown"] is True
    assert (await client.get(f"{FLOOR}/deployments/{deployment}")).json()["state"] == "stopped"
    body = await a_body(client, database)
    digest = (await client.post(f"{FLOOR}/card", json=body)).json()["digest"]
    refused = await client.post(f"{FLOOR}/deployments", json=body | {"digest": digest, "override_reason": WHY})
    assert (refused.status_code, refused.json()["code"]) == (409, "kill_switch")
    assert (await client.post(f"{FLOOR}/resume")).status_code == 204
    assert (
        await client.post(f"{FLOOR}/deployments", json=body | {"digest": digest, "override_reason": WHY})
    ).status_code == 201


async def test_stopping_twice_is_stopping_once(client: httpx.AsyncClient, database: Database) -> None:
    deployment = await deployed(client, database)

    answers = [await client.post(f"{FLOOR}/deployments/{deployment}/stop") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]


@pytest.mark.parametrize(
    ("limits", "status"),
    [
        ({"capital": "-1"}, 422),
        ({"capital": "NaN"}, 422),
        ({"capital": "ten"}, 422),
        ({"capital": 10_000.5}, 422),
        ({"max_position_fraction": "1.5"}, 422),
        ({"max_position_fraction": "0.5"}, 422),
        ({"max_orders_per_day": 0}, 422),
        ({"leverage": "2"}, 422),
    ],
)
async def test_limits_that_make_no_sense_are_refused_with_their_place(
    client: httpx.AsyncClient, database: Database, limits: Json, status: int
) -> None:
    body = await a_body(client, database, limits=LIMITS | limits)

    answer = await client.post(f"{FLOOR}/card", json=body)

    assert answer.status_code == status
    assert "limits" in answer.text


async def test_what_is_not_there_is_404(client: httpx.AsyncClient, database: Database) -> None:
    nowhere = "00000000-0000-4000-8000-000000000000"
    body = await a_body(client, database)

    assert (await client.get(f"{FLOOR}/deployments/{nowhere}")).status_code == 404
    assert (await client.get(f"{FLOOR}/deployments/{nowhere}/orders")).status_code == 404
    assert (await client.post(f"{FLOOR}/deployments/{nowhere}/stop")).status_code == 404
    for missing in ({"version_id": nowhere}, {"series_id": nowhere}):
        assert (await client.post(f"{FLOOR}/card", json=body | missing)).status_code == 404


async def test_a_fault_fails_the_deployment_in_the_last_try_only(
    client: httpx.AsyncClient, database: Database, context: Context
) -> None:
    workspace, deployment = workspace_of(client), await deployed(client, database)
    ids = {"workspace_id": str(workspace), "deployment_id": deployment, "step": "0"}

    with pytest.raises(ZeroDivisionError):
        await floor_work.run_step(replace(context, clock=broken_once(context.clock)), **ids)
    assert (await look(database, workspace, DeploymentId(UUID(deployment)))).state == "running"

    with pytest.raises(ZeroDivisionError):
        await floor_work.run_step(replace(context, clock=broken_once(context.clock), final=True), **ids)

    row = await look(database, workspace, DeploymentId(UUID(deployment)))
    assert (row.state, row.error) == (
        "failed",
        "trading failed by a fault of this program; the log of the worker has it",
    )
