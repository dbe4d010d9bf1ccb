"""What a session lays before a person: the list, the decision, and a question back, over HTTP."""

from collections.abc import Mapping
from uuid import UUID, uuid4

import httpx
import pytest

from omc.kit.clock import utc_now
from omc.kit.work import Context, work
from omc.lab.work import JOBS
from omc.ledgers.markets import Made, make_markets
from tests.lab.builders import GOAL, YEAR

API = "/api/v1"

Proposal = Mapping[str, str]


@pytest.fixture
async def proposal(client: httpx.AsyncClient, context: Context) -> Proposal:
    """What the built-in analyst proposes on a synthetic year."""
    async with context.database.session(UUID(client.headers["x-workspace"])) as session:
        await make_markets(session, Made(symbols=("BTC/USDT",), timeframe="1h", span=YEAR), now=utc_now())
    body = {"goal": GOAL, "model": "analyst", "symbol": "BTC/USDT", "timeframe": "1h"}
    assert (await client.post(f"{API}/lab/sessions", json=body)).is_success
    await work(context, JOBS, until_empty=True)
    answer = await client.get(f"{API}/lab/proposals")
    assert answer.is_success, answer.text
    (found,) = answer.json()["items"]
    return found


async def statuses(client: httpx.AsyncClient) -> list[str]:
    return [one["status"] for one in (await client.get(f"{API}/lab/proposals")).json()["items"]]


async def trail(client: httpx.AsyncClient) -> list[str]:
    return [event["kind"] for event in (await client.get(f"{API}/ops/audit")).json()["items"]]


async def test_a_proposal_names_its_session_strategy_and_hash(client: httpx.AsyncClient, proposal: Proposal) -> None:
    version = (await client.get(f"{API}/engine/versions/{proposal['version_id']}")).json()

    assert (proposal["goal"], proposal["status"]) == (GOAL, "draft")
    assert (proposal["name"], proposal["hash"]) == (version["name"], version["hash"])
    assert version["author"] == f"session:{proposal['session_id']}"
    assert proposal["why"]


async def test_a_denied_proposal_is_decided_by_a_person_with_a_reason(
    client: httpx.AsyncClient, proposal: Proposal
) -> None:
    address = f"{API}/engine/versions/{proposal['version_id']}"
    denial = {"hash": proposal["hash"], "reason": "too few trades"}
    first = await client.post(f"{address}/deny", json=denial)
    second = await client.post(f"{address}/deny", json=denial)

    assert (first.status_code, second.status_code) == (204, 409)
    assert "nothing was changed" in second.json()["detail"]
    (decision,) = (await client.get(f"{API}/engine/decisions")).json()["items"]
    me = (await client.get(f"{API}/identity/me")).json()
    assert (decision["outcome"], decision["reason"], decision["by"]) == (
        "denied",
        "too few trades",
        me["person"]["name"],
    )
    assert await statuses(client) == ["denied"]
    assert (await trail(client)).count("version.denied") == 1
    assert (await client.post(f"{address}/reopen")).status_code == 204
    assert await statuses(client) == ["draft"]


async def test_denying_what_was_not_shown_is_refused(client: httpx.AsyncClient, proposal: Proposal) -> None:
    answer = await client.post(f"{API}/engine/versions/{proposal['version_id']}/deny", json={"hash": "f" * 64})

    assert (answer.status_code, answer.json()["code"]) == (409, "version_changed")
    assert await statuses(client) == ["draft"]


async def test_a_question_goes_back_to_the_session_and_decides_nothing(
    client: httpx.AsyncClient, proposal: Proposal
) -> None:
    address = f"{API}/lab/sessions/{proposal['session_id']}"
    body = {"version_id": proposal["version_id"], "text": "Why no stop?"}
    answer = await client.post(f"{address}/ask", json=body)

    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    said = [event for event in (await client.get(f"{address}/history")).json()["items"] if event["kind"] == "message"]
    assert said[-1]["data"]["role"] == "user"
    assert said[-1]["data"]["text"].endswith("which you proposed: Why no stop?")
    assert await statuses(client) == ["draft"]
    assert (await trail(client))[0] == "proposal.asked"


async def test_a_session_is_asked_only_about_what_it_proposed(client: httpx.AsyncClient, proposal: Proposal) -> None:
    body = {"version_id": str(uuid4()), "text": "Why?"}
    answer = await client.post(f"{API}/lab/sessions/{proposal['session_id']}/ask", json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "not_proposed")


async def test_a_proposal_of_a_changed_session_says_so_and_a_fork_takes_none_over(
    client: httpx.AsyncClient, proposal: Proposal
) -> None:
    address = f"{API}/lab/sessions/{proposal['session_id']}"
    assert (await client.post(f"{address}/fork", json={})).status_code == 201
    (before,) = (await client.get(f"{API}/lab/proposals")).json()["items"]
    assert (await client.post(f"{address}/rerun", json={"position": 1, "text": "Does momentum pay?"})).is_success
    (after,) = (await client.get(f"{API}/lab/proposals")).json()["items"]
    assert {before["session_id"], after["session_id"]} == {proposal["session_id"]}
    assert (before["stale"], after["stale"]) == (False, True)
    shown = (await client.get(address)).json()
    assert (shown["report"], shown["report_stale"]) == (True, True)


async def test_a_stale_proposal_is_not_approved_until_it_is_proposed_anew(
    client: httpx.AsyncClient, context: Context, proposal: Proposal
) -> None:
    series = (await client.get(f"{API}/ledgers/series")).json()["items"]
    wish = {
        "version_id": proposal["version_id"],
        "series_id": next(one["id"] for one in series if one["symbol"] == "BTC/USDT"),
        "feed": "replay",
        "limits": {
            "capital": "10000",
            "max_position_fraction": "1",
            "max_orders_per_day": 20,
            "max_daily_loss": "10000",
        },
    }
    card = (await client.post(f"{API}/floor/card", json=wish)).json()
    card = (await client.post(f"{API}/floor/card", json=wish)).json()
    approval = {**wish, "digest": card["digest"], "override_reason": "Paper money only, to watch it at work."}
    address = f"{API}/lab/sessions/{proposal['session_id']}/rerun"
    assert (await client.post(address, json={"position": 1, "text": GOAL})).is_success
    refused = await client.post(f"{API}/floor/deployments", json=approval)
    assert (refused.status_code, refused.json()["code"]) == (409, "proposal_stale")
    assert "proposes the version anew" in refused.json()["detail"]

    await work(context, JOBS, until_empty=True)
    (anew,) = (await client.get(f"{API}/lab/proposals")).json()["items"]
    assert (anew["version_id"], anew["stale"]) == (proposal["version_id"], False)
    assert (await client.post(f"{API}/floor/deployments", json=approval)).status_code == 201


async def test_arguments_that_the_tool_cannot_take_are_refused_before_anything_is_changed(
    client: httpx.AsyncClient, proposal: Proposal
) -> None:
    address = f"{API}/lab/sessions/{proposal['session_id']}"
    said = (await client.get(f"{address}/transcript")).json()["items"]
    steps = (await client.get(f"{address}/history")).json()["items"]
    step = next(one["data"]["step"] for one in steps if one["data"].get("name") == "propose_strategy")
    wrong = {"backtest_evidence": 0, "why": "", "sure": True}
    refused = await client.post(f"{address}/rerun", json={"step": step, "arguments": wrong})
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_arguments")
    for place in ("/backtest_evidence:", "/why:", "/recommended:", "/sure:"):
        assert place in refused.json()["detail"]
    assert (await client.get(f"{address}/transcript")).json()["items"] == said
