"""The life of a session over HTTP: paused, forked, named, put away, found, kept, watched by others; and bad input."""

import json
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models.function import AgentInfo, FunctionModel

from omc.core.ids import SessionId, WorkspaceId
from omc.kit.clock import utc_now
from omc.kit.work import Context, work
from omc.lab.agent import run_turn
from omc.lab.work import JOBS
from omc.ledgers.markets import Made, make_markets
from tests.lab.builders import GOAL, YEAR, Answer, call, report_arguments, say, scripted
from tests.serving import Served

API = "/api/v1"
LAB = f"{API}/lab"
SCRIPTS = {
    "Japanese": "ビットコインのモメンタム戦略は利益を出しますか",
    "Arabic": "هل يربح الزخم على بيتكوين؟",
    "Greek": "Αποδίδει η ορμή στο BTC;",
    "Hindi": "क्या बिटकॉइन पर मोमेंटम लाभ देता है?",
    "emoji": "🚀 BTC?",
}


async def opened(client: httpx.AsyncClient, goal: str = GOAL) -> str:
    answer = await client.post(f"{LAB}/sessions", json={"goal": goal, "model": "analyst"})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def played(client: httpx.AsyncClient, context: Context, session_id: str, *answers: Answer) -> str:
    workspace = WorkspaceId(UUID(client.headers["x-workspace"]))
    return await run_turn(context, workspace, SessionId(UUID(session_id)), models=scripted(*answers))


async def test_a_paused_session_holds_nothing_and_goes_on_when_told(
    client: httpx.AsyncClient, context: Context
) -> None:
    session_id = await opened(client, "What?")
    address = f"{LAB}/sessions/{session_id}"
    for _ in range(2):
        paused = (await client.post(f"{address}/pause")).json()
        assert (paused["state"], paused["place"]) == ("paused", None)
    await work(context, JOBS, until_empty=True)
    assert (await client.get(address)).json()["steps"] == 0
    assert (await client.post(f"{address}/resume")).json()["state"] == "queued"
    await work(context, JOBS, until_empty=True)
    assert (await client.get(address)).json()["state"] == "waiting"
    for verb, code in (("pause", "not_under_way"), ("resume", "not_paused")):
        refused = await client.post(f"{address}/{verb}")
        assert (refused.status_code, refused.json()["code"]) == (409, code)
        assert "answer" in refused.json()["detail"]


async def test_a_session_that_shall_pause_ends_its_step_first_and_says_where(
    client: httpx.AsyncClient, context: Context
) -> None:
    session_id = await opened(client)
    workspace = WorkspaceId(UUID(client.headers["x-workspace"]))
    pausing: list[dict[str, str]] = []

    async def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        pausing.append((await client.post(f"{LAB}/sessions/{session_id}/pause")).json())
        return ModelResponse(parts=[call("list_markets")])

    models = FunctionModel(answer)
    assert await run_turn(context, workspace, SessionId(UUID(session_id)), models=lambda _: models) == "paused"
    assert (pausing[0]["state"], pausing[0]["halting"]) == ("running", "paused")
    shown = (await client.get(f"{LAB}/sessions/{session_id}")).json()
    assert (shown["steps"], shown["halting"]) == (1, None)
    assert shown["stop_reason"] == "Paused after step 1, as you asked. Everything up to there is kept."
    assert (await client.post(f"{LAB}/sessions/{session_id}/resume")).json()["stop_reason"] is None
    assert await played(client, context, session_id, [], [say("done")]) == "waiting"


async def test_a_fork_begins_with_what_was_found_and_leaves_its_origin_alone(
    client: httpx.AsyncClient, context: Context
) -> None:
    session_id = await opened(client)
    await played(client, context, session_id, [say("Looking."), call("list_markets")], [call("list_markets")])
    before = (await client.get(f"{LAB}/sessions/{session_id}/export")).json()
    key = {"Idempotency-Key": str(uuid4())}
    forks = [await client.post(f"{LAB}/sessions/{session_id}/fork", json={"step": 2}, headers=key) for _ in range(2)]
    assert {fork.status_code for fork in forks} == {201}
    assert len({fork.json()["id"] for fork in forks}) == 1
    fork_id = forks[0].json()["id"]
    fork = (await client.get(f"{LAB}/sessions/{fork_id}")).json()
    assert (fork["state"], fork["cost"], fork["steps"]) == ("paused", "0", 0)
    assert (fork["origin"]["session_id"], fork["origin"]["step"]) == (session_id, 2)
    mine = (await client.get(f"{LAB}/sessions/{session_id}/evidence")).json()["items"]
    its = (await client.get(f"{LAB}/sessions/{fork_id}/evidence")).json()["items"]
    assert its == mine[:1]
    history = (await client.get(f"{LAB}/sessions/{fork_id}/history")).json()["items"]
    assert history[0]["kind"] == "session.forked"
    assert [event["data"].get("step") for event in history if event["kind"] == "step.finished"] == [1, 2]
    assert [event["data"]["text"] for event in history if event["kind"] == "message"] == [GOAL, "Looking."]
    assert (await client.post(f"{LAB}/sessions/{fork_id}/resume")).json()["state"] == "queued"
    await played(client, context, fork_id, [], [call("list_markets")])
    steps = (await client.get(f"{LAB}/sessions/{fork_id}/export")).json()["steps"]
    assert [step["number"] for step in steps] == [1, 2, 3, 4, 5]
    assert (await client.get(f"{LAB}/sessions/{session_id}/export")).json() == before
    missing = await client.post(f"{LAB}/sessions/{session_id}/fork", json={"step": 40})
    assert (missing.status_code, missing.json()["code"]) == (404, "entry_unknown")


async def test_a_fork_of_a_changed_session_leaves_out_what_is_stale(
    client: httpx.AsyncClient, context: Context
) -> None:
    session_id = await opened(client)
    await played(client, context, session_id, [call("ask_person", question="Which?"), call("list_markets")])
    changed = await client.post(f"{LAB}/sessions/{session_id}/rerun", json={"position": 1, "text": "Another?"})
    assert (changed.status_code, changed.json()["state"]) == (202, "queued")
    fork_id = (await client.post(f"{LAB}/sessions/{session_id}/fork", json={"text": "And now?"})).json()["id"]
    lines = (await client.get(f"{LAB}/sessions/{fork_id}/transcript")).json()["items"]
    assert [line["text"] for line in lines if line["kind"] == "person"] == ["Another?", "And now?"]
    assert not any(line["stale"] for line in lines)
    assert (await client.get(f"{LAB}/sessions/{fork_id}/evidence")).json()["items"] == []
    history = (await client.get(f"{LAB}/sessions/{fork_id}/history")).json()["items"]
    assert not any(event["kind"].startswith("step.") for event in history)
    assert (await client.get(f"{LAB}/sessions/{fork_id}")).json()["state"] == "queued"
    stale = await client.post(f"{LAB}/sessions/{session_id}/fork", json={"step": 2})
    assert (stale.status_code, stale.json()["code"]) == (409, "entry_stale")


@pytest.mark.parametrize("script", SCRIPTS)
async def test_a_goal_in_any_script_is_taken_as_it_is_and_found_by_a_part_of_it(
    client: httpx.AsyncClient, script: str
) -> None:
    goal = SCRIPTS[script]
    session_id = await opened(client, goal)
    await opened(client)
    part = goal.split()[0][:6]
    found = (await client.get(f"{LAB}/sessions", params={"q": part})).json()["items"]
    assert [(one["id"], one["goal"]) for one in found] == [(session_id, goal)]


async def test_sessions_are_found_by_what_was_said_named_and_reported_and_paged(
    client: httpx.AsyncClient, context: Context
) -> None:
    first, second, third = [await opened(client) for _ in range(3)]
    await played(client, context, first, [say("A xylophone, I think.")])
    await played(client, context, second, [call("write_report", report_arguments(answer="No 100% zither."))])
    await client.put(f"{LAB}/sessions/{third}/title", json={"title": "Quokka"})
    for words, ids in {
        "XYLOPHONE": [first],
        "zither": [second],
        "100%": [second],
        "qUOKKA btc": [third],
        "list_markets": [],
        "text": [],
        "crossover": [third, second, first],
        "a\0b": [],
    }.items():
        found = (await client.get(f"{LAB}/sessions", params={"q": words})).json()["items"]
        assert [one["id"] for one in found] == ids, words
    page = (await client.get(f"{LAB}/sessions", params={"q": "crossover", "limit": 2})).json()
    rest = (await client.get(f"{LAB}/sessions", params={"q": "crossover", "cursor": page["next"]})).json()
    assert [one["id"] for one in page["items"] + rest["items"]] == [third, second, first]
    done = (await client.get(f"{LAB}/sessions", params={"state": ["done", "waiting"]})).json()["items"]
    assert [one["id"] for one in done] == [second, first]


async def test_what_is_put_away_is_listed_apart_and_comes_back(client: httpx.AsyncClient) -> None:
    session_id = await opened(client)
    busy = await client.post(f"{LAB}/sessions/{session_id}/archive")
    assert (busy.status_code, busy.json()["code"]) == (409, "session_under_way")
    await client.post(f"{LAB}/sessions/{session_id}/pause")

    async def listed(**asked: bool) -> list[str]:
        return [one["id"] for one in (await client.get(f"{LAB}/sessions", params=asked)).json()["items"]]

    assert (await client.post(f"{LAB}/sessions/{session_id}/archive")).json()["archived"]
    assert (await listed(), await listed(archived=True)) == ([], [session_id])
    assert not (await client.post(f"{LAB}/sessions/{session_id}/unarchive")).json()["archived"]
    assert (await listed(), await listed(archived=True)) == ([session_id], [])
    await client.post(f"{LAB}/sessions/{session_id}/archive")
    said = await client.post(f"{LAB}/sessions/{session_id}/say", json={"text": "Go on."})
    assert (said.json()["state"], said.json()["archived"]) == ("queued", False)


async def test_an_export_holds_all_of_a_session_and_no_secret(client: httpx.AsyncClient, context: Context) -> None:
    async with context.database.session(UUID(client.headers["x-workspace"])) as session:
        await make_markets(session, Made(symbols=("BTC/USDT",), timeframe="1h", span=YEAR), now=utc_now())
    session_id = await opened(client)
    await work(context, JOBS, until_empty=True)
    file = await client.get(f"{LAB}/sessions/{session_id}/export")
    assert "attachment" in file.headers["content-disposition"]
    kept = file.json()
    assert list(kept) == [
        "schema",
        "session",
        "stale_steps",
        "transcript",
        "steps",
        "evidence",
        "reports",
        "calls",
    ]
    assert (kept["schema"], kept["session"]["goal"]) == ("omc-session/1", GOAL)
    shown = (await client.get(f"{LAB}/sessions/{session_id}/evidence/1")).json()
    assert {name: kept["evidence"][0][name] for name in ("hash", "input", "output")} == {
        name: shown[name] for name in ("hash", "input", "output")
    }
    assert kept["reports"][0]["document"]["verdict"]
    assert "workspace_id" not in json.dumps(kept)


async def test_the_second_answer_to_one_question_is_refused_and_changes_nothing(
    client: httpx.AsyncClient, context: Context
) -> None:
    session_id = await opened(client, "Does it work?")
    address = f"{LAB}/sessions/{session_id}"
    await played(client, context, session_id, [call("ask_person", question="Which market?")])
    answers = {"text": "BTC, momentum", "answers": 2}
    assert (await client.post(f"{address}/say", json=answers)).status_code == 202
    late = await client.post(f"{address}/say", json=answers | {"text": "No, ETH"})
    assert (late.status_code, late.json()["code"]) == (409, "question_answered")
    await played(client, context, session_id, [], [call("ask_person", question="And when?")])
    late = await client.post(f"{address}/say", json=answers | {"text": "No, ETH"})
    assert late.json()["code"] == "question_answered"
    again = {"step": 4, "arguments": {"question": "And how long?"}}
    assert (await client.post(f"{address}/rerun", json=again)).status_code == 202
    await played(client, context, session_id)
    late = await client.post(f"{address}/say", json={"text": "In spring", "answers": 4})
    assert late.json()["code"] == "question_answered", "another question stands in its place"
    lines = (await client.get(f"{address}/transcript")).json()["items"]
    assert [line["text"] for line in lines if line["kind"] == "person"] == ["Does it work?", "BTC, momentum"]
    assert (await client.post(f"{address}/say", json={"text": "A year", "answers": 5})).status_code == 202


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("", "title_empty"),
        ("  \u200b ", "title_empty"),
        ("a" * 201, "title_too_long"),
        ("a\nb", "title_control_character"),
    ],
)
async def test_a_name_that_cannot_be_shown_is_refused(client: httpx.AsyncClient, title: str, code: str) -> None:
    address = f"{LAB}/sessions/{await opened(client)}"
    assert (await client.put(f"{address}/title", json={"title": "<b>Mine</b>"})).json()["title"] == "<b>Mine</b>"
    refused = await client.put(f"{address}/title", json={"title": title})
    assert (refused.status_code, refused.json()["code"], refused.json()["place"]) == (422, code, "/title")
    assert (await client.get(address)).json()["title"] == "<b>Mine</b>"
    assert (await client.put(f"{address}/title", json={"title": None})).json()["title"] is None


async def test_a_file_instead_of_words_gets_a_sentence_and_opens_nothing(client: httpx.AsyncClient) -> None:
    sent = await client.post(f"{LAB}/sessions", files={"goal": ("goal.pdf", b"%PDF-1.7 \xff\x00")})
    assert (sent.status_code, sent.json()["code"]) == (422, "invalid_input")
    assert "Send a JSON object" in sent.json()["detail"]
    raw = await client.post(f"{LAB}/sessions", content=b"\xff\xfe\x00", headers={"content-type": "application/json"})
    assert (raw.status_code, raw.json()["code"]) == (400, "unreadable")
    assert (await client.get(f"{LAB}/sessions")).json()["items"] == []


async def test_html_is_kept_as_the_words_it_is(client: httpx.AsyncClient) -> None:
    goal = "<script>alert(1)</script><img src=http://a.example/x> Does momentum pay?"
    session_id = await opened(client, goal)
    assert (await client.get(f"{LAB}/sessions/{session_id}")).json()["goal"] == goal


async def test_a_viewer_watches_everything_and_changes_nothing(
    client: httpx.AsyncClient, served: Served, context: Context
) -> None:
    session_id = await opened(client)
    invited = (await client.post(f"{API}/identity/viewers", json={"name": "Ada"})).json()
    proof = invited["path"].removeprefix("/link#")
    async with httpx.AsyncClient(base_url=served.url, timeout=60) as viewer:
        me = (await viewer.post(f"{API}/identity/link", json={"token": proof})).json()
        assert (me["scopes"], me["person"]["name"]) == (["read"], "Ada")
        viewer.headers["x-omc-csrf"] = me["csrf"]
        address = f"{LAB}/sessions/{session_id}"
        for path in ("", "/history", "/transcript", "/evidence", "/export"):
            assert (await viewer.get(address + path)).status_code == 200, path
        async with viewer.stream("GET", f"{address}/events") as stream:
            assert stream.status_code == 200
        schedule = {"goal": GOAL, "model": "analyst", "every": "day", "at": "06:00"}
        for path, body in {
            f"{address}/say": {"text": "Stop"},
            f"{address}/pause": None,
            f"{address}/resume": None,
            f"{address}/cancel": None,
            f"{address}/rerun": {"position": 1, "text": "Other"},
            f"{address}/fork": {},
            f"{address}/archive": None,
            f"{LAB}/sessions": {"goal": GOAL, "model": "analyst"},
            f"{LAB}/schedules": schedule,
            f"{API}/identity/viewers": {"name": "Eve"},
        }.items():
            refused = await viewer.post(path, json=body)
            assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing"), path
        assert (await viewer.put(f"{address}/title", json={"title": "Mine"})).status_code == 403
        assert (await client.get(address)).json()["state"] == "queued"
        assert [one["role"] for one in (await client.get(f"{API}/identity/people")).json()["items"]] == [
            "owner",
            "viewer",
        ]
        gone = await client.delete(f"{API}/identity/viewers/{invited['person']['id']}")
        assert gone.status_code == 204
        assert (await viewer.get(address)).status_code == 401
    owner = (await client.get(f"{API}/identity/me")).json()["person"]["id"]
    assert (await client.delete(f"{API}/identity/viewers/{owner}")).status_code == 404
