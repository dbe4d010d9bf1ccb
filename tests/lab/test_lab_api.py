"""The lab over real HTTP: open, follow, say, cancel, read evidence and report; bad input gets a clear sentence."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID, uuid4

import httpx
import pytest

from omc.core.canonical import digest
from omc.core.ids import SessionId, WorkspaceId
from omc.kit.clock import utc_now
from omc.kit.work import Context, work
from omc.lab.agent import run_turn
from omc.lab.work import JOBS
from omc.ledgers.markets import Made, make_markets
from tests.lab.builders import GOAL, YEAR, call, report_arguments, scripted

LAB = "/api/v1/lab"
Opened = Callable[..., Awaitable[str]]


@pytest.fixture
def opened(client: httpx.AsyncClient) -> Opened:
    """Open a session over HTTP."""

    async def post(goal: str = GOAL, **more: str) -> str:
        answer = await client.post(f"{LAB}/sessions", json={"goal": goal, "model": "analyst", **more})
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    return post


def workspace_of(client: httpx.AsyncClient) -> UUID:
    return UUID(client.headers["x-workspace"])


async def test_the_models_are_listed_with_the_analyst_first(client: httpx.AsyncClient) -> None:
    (first, *_) = (await client.get(f"{LAB}/models")).json()["items"]
    assert (first["id"], first["label"]) == ("analyst", "Analyst (built in, no key)")
    assert (first["provider"], first["kind"], first["credential_id"]) == ("builtin", "rules", None)
    assert first["free"]


async def test_a_session_runs_through_the_queue_to_a_report_that_can_be_read_and_exported(
    client: httpx.AsyncClient, context: Context, opened: Opened
) -> None:
    async with context.database.session(workspace_of(client)) as session:
        await make_markets(session, Made(symbols=("BTC/USDT",), timeframe="1h", span=YEAR), now=utc_now())
    session_id = await opened(symbol="BTC/USDT", timeframe="1h")
    await work(context, JOBS, until_empty=True)
    shown = (await client.get(f"{LAB}/sessions/{session_id}")).json()
    assert (shown["state"], shown["report"], shown["cost"], shown["tokens_in"]) == ("done", True, "0", 0)
    assert (await client.get(f"{LAB}/sessions")).json()["items"][0]["id"] == session_id

    report = (await client.get(f"{LAB}/sessions/{session_id}/report")).json()
    assert report["question"] == GOAL
    assert report["unverified"] == 0
    figures = [span["figure"] for span in report["answer_spans"] if "figure" in span]
    for figure in figures:
        proof = (await client.get(f"{LAB}/sessions/{session_id}/evidence/{figure['evidence']}")).json()
        assert str(proof["output"]["metrics"][figure["path"].rsplit("/", 1)[-1]]) == figure["value"]
        assert proof["hash"] == digest({name: proof[name] for name in ("tool", "input", "output")})
    assert len(figures) == 4

    for form, start in (("md", "# "), ("html", "<!doctype html>"), ("pdf", "%PDF-")):
        file = await client.get(f"{LAB}/sessions/{session_id}/report/export", params={"format": form})
        assert file.text.startswith(start)
        assert "attachment" in file.headers["content-disposition"]


async def test_the_history_is_paged_and_the_stream_replays_it(client: httpx.AsyncClient, opened: Opened) -> None:
    session_id = await opened()
    page = (await client.get(f"{LAB}/sessions/{session_id}/history", params={"limit": 1})).json()
    assert [event["kind"] for event in page["items"]] == ["session.state"]
    rest = (await client.get(f"{LAB}/sessions/{session_id}/history", params={"after": page["next"]})).json()
    assert [event["kind"] for event in rest["items"]] == ["message"]
    assert rest["next"] is None
    async with client.stream("GET", f"{LAB}/sessions/{session_id}/events") as stream, asyncio.timeout(60):
        data = [json.loads(line[5:]) async for line in first(stream.aiter_lines(), "data:", 2)]
    assert [event["kind"] for event in data] == ["session.state", "message"]


async def first(lines: AsyncIterator[str], prefix: str, count: int) -> AsyncIterator[str]:
    async for line in lines:
        if line.startswith(prefix):
            yield line
            count -= 1
        if not count:
            return


async def test_fifty_clicks_with_one_key_open_one_session(client: httpx.AsyncClient) -> None:
    body, key = {"goal": GOAL, "model": "analyst"}, {"Idempotency-Key": str(uuid4())}
    posts = [client.post(f"{LAB}/sessions", json=body, headers=key) for _ in range(50)]
    answers = await asyncio.gather(*posts)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len((await client.get(f"{LAB}/sessions")).json()["items"]) == 1
    reused = await client.post(f"{LAB}/sessions", json=body | {"goal": "Momentum?"}, headers=key)
    assert (reused.status_code, reused.json()["code"]) == (409, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("changed", "code", "place"),
    [
        ({"goal": ""}, "goal_empty", "/goal"),
        ({"goal": "x" * 100_000}, "goal_too_long", "/goal"),
        ({"goal": "a\0b"}, "goal_control_character", "/goal"),
        ({"model": "gpt"}, "model_unknown", "/model"),
        ({"symbol": "bitcoin"}, "symbol_malformed", "/symbol"),
        ({"timeframe": "soon"}, "timeframe_malformed", "/timeframe"),
    ],
)
async def test_a_bad_opening_gets_a_sentence_and_its_place(
    client: httpx.AsyncClient, changed: dict[str, str], code: str, place: str
) -> None:
    answer = await client.post(f"{LAB}/sessions", json={"goal": GOAL, "model": "analyst"} | changed)
    assert answer.status_code == 422
    assert (answer.json()["code"], answer.json()["place"]) == (code, place)
    assert len(answer.json()["detail"]) > 20


async def test_a_session_waits_for_an_answer_and_goes_on_with_it(
    client: httpx.AsyncClient, context: Context, opened: Opened
) -> None:
    session_id = await opened("Does it work?")
    await work(context, JOBS, until_empty=True)
    assert (await client.get(f"{LAB}/sessions/{session_id}")).json()["state"] == "waiting"
    said = await client.post(f"{LAB}/sessions/{session_id}/say", json={"text": "Momentum on BTC"})
    assert (said.status_code, said.json()["state"]) == (202, "queued")


async def test_a_cancelled_session_takes_no_more_words(client: httpx.AsyncClient, opened: Opened) -> None:
    session_id = await opened()
    for _ in range(2):
        assert (await client.post(f"{LAB}/sessions/{session_id}/cancel")).json()["state"] == "cancelled"
    said = await client.post(f"{LAB}/sessions/{session_id}/say", json={"text": "Go on"})
    assert (said.status_code, said.json()["code"]) == (409, "session_cancelled")
    history = (await client.get(f"{LAB}/sessions/{session_id}/history")).json()["items"]
    assert [event["data"].get("state") for event in history if event["kind"] == "session.state"] == [
        "queued",
        "cancelled",
    ]


async def test_another_workspaces_session_is_not_there(
    client: httpx.AsyncClient, context: Context, workspace: UUID
) -> None:
    for path in ("", "/history", "/evidence", "/evidence/1", "/report", "/report/export", "/events"):
        answer = await client.get(f"{LAB}/sessions/{uuid4()}{path}")
        assert answer.status_code == 404, path
    for verb in ("say", "cancel"):
        answer = await client.post(f"{LAB}/sessions/{uuid4()}/{verb}", json={"text": "Hello"})
        assert answer.status_code == 404, verb


async def test_strangers_get_nothing(client: httpx.AsyncClient, opened: Opened) -> None:
    session_id = await opened()
    async with httpx.AsyncClient(base_url=client.base_url) as stranger:
        for path in ("models", "sessions", f"sessions/{session_id}", f"sessions/{session_id}/events"):
            assert (await stranger.get(f"{LAB}/{path}")).status_code == 401, path


async def test_unverified_numbers_are_told_by_the_api(
    client: httpx.AsyncClient, context: Context, opened: Opened
) -> None:
    session_id = await opened()
    written = report_arguments(answer="It made 40 % a year.")
    script = scripted([call("write_report", written)])
    await run_turn(context, WorkspaceId(workspace_of(client)), SessionId(UUID(session_id)), models=script)
    report = (await client.get(f"{LAB}/sessions/{session_id}/report")).json()
    assert report["unverified"] == 1
    assert {"unverified": "40 %", "why": "number"} in report["answer_spans"]


def test_the_web_process_never_loads_the_model_library() -> None:
    seen = (
        "import sys, omc.lab.api; print([name for name in sys.modules if name.startswith(('pydantic_ai', 'polars'))])"
    )
    found = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


async def test_a_session_that_waits_says_its_place_in_line(
    client: httpx.AsyncClient, context: Context, opened: Opened
) -> None:
    ids = [await opened("First?"), await opened("Second?")]
    shown = [(await client.get(f"{LAB}/sessions/{one}")).json() for one in ids]
    assert 1 <= shown[0]["place"] < shown[1]["place"]
    for one in shown:
        log = (await client.get(f"{LAB}/sessions/{one['id']}/history")).json()["items"]
        assert log[0]["data"] == {"state": "queued", "place": one["place"]}
    await run_turn(context, WorkspaceId(workspace_of(client)), SessionId(UUID(ids[0])), models=scripted())
    listed = {one["id"]: one for one in (await client.get(f"{LAB}/sessions")).json()["items"]}
    assert listed[ids[0]]["place"] is None
    assert listed[ids[1]]["place"] >= 1
