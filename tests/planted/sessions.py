"""Research with planted keys: sessions that fail and fall back in the real worker, and all that shows them."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path

from tests.planted.doors import ALWAYS, SESSIONS, Visitor
from tests.planted.keys import KINDS
from tests.sims.models.faults import Fault
from tests.sims.models.talk import Answer, Call

REPORTER = "sim-small"
"""The model that writes its report at once; a key's test asks the other one."""
SOME_TIME_S = 120.0
LOOK_EVERY_S = 0.3
SILENCE_S = 0.5
AT_REST = frozenset({"done", "waiting", "failed", "cancelled", "budget_reached"})
OPENAPI = Path(__file__).parents[2] / "web" / "openapi.json"
REPORT: dict[str, object] = {
    "answer": "Nothing was tested.",
    "verdict": "not_tested",
    "confidence": "low",
    "confidence_because": "There is no evidence.",
    "sections": [{"title": "All", "blocks": [{"kind": "text", "text": "Nothing was tested."}]}],
    "limitations": [],
}


async def research(visitor: Visitor, goal: str) -> None:
    """On each kind of provider: a session that fails, and one that falls back on a key that works."""
    visitor.server.script(Answer(text=goal, calls=[Call("write_report", REPORT)]), model=REPORTER)
    await asyncio.gather(*(_two_sessions(visitor, kind, goal) for kind in KINDS))
    async with asyncio.timeout(SOME_TIME_S):
        while not AT_REST.issuperset(states := [item["state"] for item in await _sessions(visitor)]):
            await asyncio.sleep(LOOK_EVERY_S)
    assert sorted(states) == ["done"] * len(KINDS) + ["failed"] * len(KINDS)


async def _two_sessions(visitor: Visitor, kind: str, goal: str) -> None:
    works, bad = visitor.key(kind, "session, works"), visitor.key(kind, "session, echoed")
    first, second = await visitor.add(kind, works), await visitor.add(kind, bad)
    for fault, times, key in ((Fault.CUT, 1, works), (Fault.ECHO_KEY, ALWAYS, bad)):
        visitor.server.fail(fault, times=times, key=key, model=REPORTER)
    await _open(visitor, second, goal)
    await _open(visitor, second, goal, fallback={"credential_id": first, "model": REPORTER})


async def _open(visitor: Visitor, credential: str, goal: str, **more: object) -> None:
    wish = {"goal": goal, "model": REPORTER, "credential_id": credential, **more}
    answer = await visitor.ask("POST", SESSIONS, wish)
    assert answer.status_code == 201, answer.text


async def _sessions(visitor: Visitor) -> list[dict[str, str]]:
    items = (await visitor.client.get(SESSIONS, params={"limit": 100})).json()["items"]
    return [item for item in items if item["credential_id"] is not None]


async def begin_to_hang(visitor: Visitor) -> None:
    """Leave the worker in the middle of two calls, with open keys in its memory; one key is removed under its call."""
    for kind, removed in (("anthropic", False), ("openai", True)):
        key = visitor.key(kind, "session meets a hang")
        row = await visitor.add(kind, key)
        visitor.server.fail(Fault.HANG, times=ALWAYS, key=key)
        before = len(visitor.server.seen)
        await _open(visitor, row, "Is there a trend?")
        async with asyncio.timeout(SOME_TIME_S):
            while not any(seen.key == key for seen in visitor.server.seen[before:]):
                await asyncio.sleep(LOOK_EVERY_S)
        if removed:
            await visitor.ask("POST", f"/api/v1/lab/credentials/{row}/remove", {"reassign": None})


async def look_at_everything(visitor: Visitor) -> None:
    """Ask for every address that only shows something, in general and of every session; read each stream."""
    described = json.loads(OPENAPI.read_text())["paths"]
    shown = [path for path, verbs in described.items() if "get" in verbs]
    sessions = [item["id"] for item in await _sessions(visitor)]
    of_one = [path for path in shown if path.startswith(SESSIONS) and path.count("{") == 1]
    paths = [path for path in [*shown, "/metrics", "/"] if "{" not in path and not path.endswith("/stream")]
    paths += [path.replace("{session_id}", one) for path in of_one for one in sessions if not path.endswith("/events")]
    paths += [f"{SESSIONS}/{session}/report/export?format=html" for session in sessions]
    paths += ["/api/v1/ops/audit?limit=200"]
    streams = [f"{SESSIONS}/{session}/events" for session in sessions] + ["/api/v1/stream?topics=audit"]
    await asyncio.gather(*(visitor.ask("GET", path) for path in paths), *(_follow(visitor, path) for path in streams))


async def _follow(visitor: Visitor, path: str) -> None:
    """Read a stream until it falls silent."""
    came = bytearray()
    clock = asyncio.get_running_loop()
    async with visitor.client.stream("GET", path) as answer:
        with suppress(TimeoutError):
            async with asyncio.timeout(SOME_TIME_S) as patience:
                async for piece in answer.aiter_bytes():
                    came += piece
                    if b"data:" in came:
                        patience.reschedule(clock.time() + SILENCE_S)
        visitor.keep(f"stream: {path}", answer, bytes(came))
