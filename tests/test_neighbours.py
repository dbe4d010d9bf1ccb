"""Two workspaces on one server, through every route there is: what one has, the other neither sees nor touches."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import httpx
import pytest
from fastapi.routing import APIRoute

from omc.app import ROUTERS
from omc.core.ids import SeriesId
from omc.core.market import Span
from omc.engine.learning import store
from omc.engine.learning.training import train
from omc.kit.db import Database
from omc.kit.ids import new_id
from omc.kit.work import Context, work
from omc.ledgers.service import get_series
from omc.settings import Settings
from omc.vault import spend
from omc.vault.desk import open_vault
from omc.vault.prices import Usage
from omc.vault.rules import KeyState
from omc.vault.service import Tried, Wish, add
from omc.worker import jobs
from tests.engine.builders import a_raw_document
from tests.engine.learning.specs import a_raw_spec, a_spec
from tests.ledgers.builders import row, table
from tests.serving import Served, signed_in
from tests.vault.money import TWO_TEN, a_call

API = "/api/v1"
LIMITS = {"capital": "10000", "max_position_fraction": "1", "max_orders_per_day": 100, "max_daily_loss": "2500"}
CAPS = {"per_call": "0.5", "per_session": "1", "per_day": "10", "per_month": "250.5"}
GOAL = {"goal": "Does a moving-average crossover beat holding BTC on hourly bars?"}
HALF_YEAR = {"symbols": ["BTC/USDT"], "timeframe": "1h", "start": "2024-01-01T00:00:00Z", "end": "2024-07-01T00:00:00Z"}
JUNE = {"start": "2024-06-01T00:00:00Z", "end": "2024-07-01T00:00:00Z"}
SPRING = Span(datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 4, 1, tzinfo=UTC))
UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# Each route is here once; whoever adds one says how it keeps neighbours apart.
ABOUT_NOBODY = {
    "identity_setup_state",
    "engine_schema",
    "engine_model_schema",
    "engine_gate",
    "floor_get_switch",
    "ops_status",
    "ops_positions",
    "vault_list_providers",
}
LISTS = {
    "identity_me": "",
    "identity_list_tokens": "",
    "identity_list_people": "",
    "vault_list_credentials": "",
    "vault_list_presets": "",
    "vault_list_models": "",
    "vault_read_caps": "",
    "vault_read_usage": "?by=credential",
    "vault_list_calls": "",
    "ledgers_list_series": "",
    "ledgers_list_imports": "",
    "ledgers_list_observed": "",
    "engine_strategies": "",
    "engine_backtests": "",
    "engine_sweeps": "",
    "engine_walks": "",
    "engine_decisions": "",
    "engine_exams": "",
    "engine_models": "",
    "engine_trainings": "",
    "lab_proposals": "",
    "lab_sessions": "",
    "lab_list_schedules": "",
    "lab_models": "",
    "lab_bakeoffs": "",
    "lab_estimate": "?model=analyst",
    "floor_list_deployments": "",
    "books_summary": "",
    "books_explain": "?figure=fees",
    "books_facts": "",
    "ops_audit": "",
}
NAMED = {
    "ledgers_get_series": "",
    "ledgers_list_bars": "?series_id={series_id}",
    "ledgers_list_quarantine": "",
    "engine_version": "",
    "engine_backtest": "",
    "engine_sweep": "",
    "engine_walk": "",
    "engine_sweep_rows": "",
    "engine_line": "",
    "engine_exam": "",
    "engine_model": "",
    "engine_training": "",
    "engine_validation": "",
    "engine_validations": "?version_id={version_id}",
    "engine_verdict": "",
    "engine_verdicts": "",
    "lab_session": "",
    "lab_bakeoff": "",
    "lab_sessions_using": "",
    "lab_history": "",
    "lab_transcript": "",
    "lab_export_session": "",
    "lab_evidence_list": "",
    "lab_evidence": "",
    "lab_report": "",
    "lab_export_report": "?format=md",
    "lab_replays": "",
    "lab_stability": "",
    "floor_get_deployment": "",
    "floor_list_orders": "",
    "floor_list_fills": "",
}
# What another's id narrows or continues: it finds what an id of nobody finds.
NARROWED = [
    ("vault_list_calls", "?session_id={own_session_id}"),
    ("vault_list_calls", "?cursor={call_id}"),
    ("lab_bakeoffs", "?cursor={bakeoff_id}"),
    ("lab_sessions", "?schedule_id={schedule_id}"),
    ("lab_estimate", "?model=llama3.2&credential_id={credential_id}"),
]
PASSING = re.compile(r'"age_s":\d+|"place":\d+')
"""How old a price is by now, and how many wait before a session: that its neighbours wait too is no secret."""
PAIR: Mapping[str, object] = {"version_id": "{version_id}", "series_id": "{series_id}"}
LESSON: Mapping[str, object] = {"series_id": "{series_id}", "spec": a_raw_spec()}
WISH: Mapping[str, object] = {**PAIR, "feed": "replay", "limits": LIMITS}
THEIR_KEY: Mapping[str, object] = {"credential_id": "{credential_id}", "model": "llama3.2"}
HIS_KEY: Mapping[str, object] = {"credential_id": "{neighbour_credential_id}", "model": "llama3.2"}
ASKED = {"goal": "Does momentum pay on BTC?"}
CHANGES: dict[str, Mapping[str, object]] = {
    "identity_revoke_token": {},
    "identity_remove_viewer": {},
    "vault_try_credential": {},
    "vault_change_credential": {"name": "Theirs now"},
    "vault_rotate_credential": {"key": "sk-0123456789abcdefghij"},
    "vault_set_default": THEIR_KEY,
    "vault_change_preset": {"name": "Theirs now"},
    "vault_delete_preset": {},
    "vault_set_price": {**THEIR_KEY, "input": "9", "output": "9"},
    "vault_drop_price": {},
    "engine_request_backtest": PAIR,
    "engine_request_validation": PAIR,
    "engine_ask_sweep": {**PAIR, "values": {"n": "2:5:1"}},
    "engine_ask_walk": PAIR,
    "engine_ask_training": LESSON,
    "engine_stop_training": {},
    "engine_stop_sweep": {},
    "engine_stop_walk": {},
    "engine_resume_sweep": {},
    "engine_seal": {"series_id": "{series_id}", **JUNE},
    "engine_sit": {"version_id": "{version_id}"},
    "engine_break_seal": {"reason": "It is not theirs to break"},
    "engine_deny": {"hash": "0" * 64},
    "engine_reopen": {},
    "lab_open_session": {**ASKED, **THEIR_KEY},
    "lab_start_bakeoff": {**ASKED, "entries": [{"model": "analyst"}, THEIR_KEY], "repeats": 3, "cap": "1"},
    "lab_cancel_bakeoff": {},
    "lab_change_cap": {"cap": "0.01"},
    "lab_remove_credential": {},
    "lab_say": {"text": "And then?"},
    "lab_ask": {"version_id": "{version_id}", "text": "Why?"},
    "lab_cancel": {},
    "lab_start_replay": {},
    "lab_repeat": {"n": 1},
    "lab_pause": {},
    "lab_resume": {},
    "lab_rerun": {"position": 1, "text": "Does momentum pay on ETH?"},
    "lab_fork": {},
    "lab_rename": {"title": "Theirs now"},
    "lab_archive": {},
    "lab_unarchive": {},
    "lab_add_schedule": {**ASKED, **THEIR_KEY, "every": "day", "at": "06:00"},
    "lab_pause_schedule": {},
    "lab_resume_schedule": {},
    "lab_run_schedule": {},
    "lab_delete_schedule": {},
    "floor_card": WISH,
    "floor_deploy": {**WISH, "digest": "0" * 64},
    "floor_stop": {},
}
# Where a verb takes more than one thing of somebody's, each of them alone is refused, too.
MORE_CHANGES: list[tuple[str, Mapping[str, object]]] = [
    ("vault_add_preset", {"name": "Theirs now", **THEIR_KEY}),
    ("lab_open_session", {**ASKED, "model": "llama3.2", "preset_id": "{preset_id}"}),
    ("lab_open_session", {**ASKED, **HIS_KEY, "fallback": THEIR_KEY}),
    ("lab_start_bakeoff", {**ASKED, "entries": [{**HIS_KEY, "preset_id": "{preset_id}"}], "repeats": 3, "cap": "1"}),
]
QUERIES = {"vault_drop_price": "?credential_id={credential_id}&model=llama3.2"}
# Sign-in, streams (tests/ops/test_stream.py) and verbs that name nothing of anybody.
ELSEWHERE = {"books_curve", "ops_stream", "lab_follow", "identity_setup", "identity_use_link", "identity_login"} | {
    "identity_logout", "identity_create_token", "identity_invite", "engine_validate",
    "ledgers_import_candles", "ledgers_make_synthetic",
    "vault_add_credential", "vault_try_draft", "vault_add_preset", "vault_clear_default", "vault_set_caps",
    "engine_save_version", "engine_inspect", "floor_stop_all", "floor_resume",
}  # fmt: skip
# Those of them that change the whole workspace they are said in, and no other.
SWEEPING: dict[str, Mapping[str, object]] = {
    "vault_clear_default": {},
    "vault_set_caps": {"per_call": "0", "per_session": "0", "per_day": "0", "per_month": "0"},
    "floor_stop_all": {},
}


@dataclass(frozen=True)
class Route:
    """An address and how it is asked."""

    method: str
    path: str


def routes() -> dict[str, Route]:
    found = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    return {
        route.operation_id or f"{route.tags[0]}_{route.name}": Route(method, f"{API}{route.path}")
        for route in found
        for method in route.methods or ()
    }


async def furnished(client: httpx.AsyncClient, context: Context) -> dict[str, str]:
    """Do a little of everything in the client's workspace; return what its things are called."""

    async def post(path: str, body: object) -> dict[str, str]:
        answer = await client.post(f"{API}/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    candles = table(*(row(hour, symbol="XRP/USDT", low=low) for hour, low in enumerate(("9", "9", "-1"))))
    taken, _ = [await imported(client, text) for text in (candles, "ts,series,value\n1704067200000,mood:value,5\n")]
    series = (await client.post(f"{API}/ledgers/synthetic", json=HALF_YEAR)).json()["items"][0]
    version = await post("engine/versions", {"document": a_raw_document()})
    names = {"series_id": series["id"], "import_id": taken["id"], "version_id": version["id"], "number": "1"}
    names["token_id"] = (await post("identity/tokens", {"name": "mine", "scopes": ["read"]}))["id"]
    names["credential_id"] = await a_local_server(client, context)
    names["preset_id"] = (await post("vault/presets", {"name": "Careful", "temperature": "0.1"}))["id"]
    price = {"credential_id": names["credential_id"], "model": "llama3.2", "input": "2", "output": "10"}
    for path, body in (("prices", price), ("caps", CAPS)):
        assert (await client.put(f"{API}/vault/{path}", json=body)).is_success, path
    for name, body in (("backtest", PAIR), ("validation", PAIR), ("training", LESSON), ("walk", PAIR)):
        names[f"{name}_id"] = (await post(f"engine/{name}s", filled(body, names)))["id"]
    varied = {"document": a_raw_document(parameters={"n": 2}, entry="close > lag(close, n)"), "values": {"n": "2:5:1"}}
    names["hash_"] = await a_model(client, context, UUID(series["id"]))
    names["sweep_id"] = (await post("engine/sweeps", {**varied, "series_id": series["id"]}))["id"]
    names["exam_id"] = (await post("engine/exams", {"series_id": series["id"], **JUNE}))["id"]
    for name, body in lab_questions().items():
        names[f"{name}_id"] = (await post(f"lab/{name}s", {**GOAL, **body}))["id"]
    names["person_id"] = (await client.post(f"{API}/identity/viewers", json={"name": "Ada"})).json()["person"]["id"]
    wish = filled(WISH, names)
    digest = (await post("floor/card", wish))["digest"]
    names["deployment_id"] = (
        await post("floor/deployments", wish | {"digest": digest, "override_reason": "watched on paper first"})
    )["id"]
    await work(context, jobs(), until_empty=True)
    # Opened behind the work: nothing answers at that address, and the session shall be under way.
    names["own_session_id"] = (await post("lab/sessions", {**GOAL, **filled(THEIR_KEY, names), "cap": "0.5"}))["id"]
    names["call_id"] = await a_paid_call(client, context, names)
    return names


def lab_questions() -> dict[str, dict[str, object]]:
    """What a session, a schedule and a bake-off ask for beside the goal."""
    built_in = {"model": "analyst"}
    weekly = {**built_in, "every": "week", "weekday": "monday", "at": "06:00"}
    many = {"entries": [built_in], "repeats": 3, "cap": "1"}
    return {"session": built_in, "schedule": weekly, "bakeoff": many}


async def imported(client: httpx.AsyncClient, text: str) -> dict[str, str]:
    answer = await client.post(f"{API}/ledgers/imports", files={"file": ("some.csv", text)})
    assert answer.is_success, answer.text
    return answer.json()


async def a_model(client: httpx.AsyncClient, context: Context, series_id: UUID) -> str:
    """Train a model as the command does; returns its hash."""
    async with context.database.session(UUID(client.headers["x-workspace"])) as session:
        series, now = await get_series(session, SeriesId(series_id)), context.clock()
        asked = store.Training(spec=a_spec(), series=series, span=SPRING, by="me")
        trial_id = await store.register(session, asked, now=now)
        artifact = train(asked.spec, await store.bars_of(session, asked), symbol=series.symbol)
        return await store.keep(session, artifact, asked, trial_id=trial_id, now=now)


async def a_paid_call(client: httpx.AsyncClient, context: Context, names: dict[str, str]) -> str:
    """Book one call of the session's own model, as the worker would."""
    call, now = a_call(UUID(names["credential_id"]), session_id=UUID(names["own_session_id"])), context.clock()
    async with context.database.session(UUID(client.headers["x-workspace"])) as session:
        await spend.reserve(session, call, price=TWO_TEN, amount=Decimal("0.1"), session_cap=None, now=now)
        used = Usage(input=1_000, output=100)
        await spend.settle(
            session, call.call_id, usage=used, finish="stop", latency_ms=700, first_token_ms=90, failure=None, now=now
        )
    return str(call.call_id)


async def a_local_server(client: httpx.AsyncClient, context: Context) -> str:
    """Store a server without a key, which no test could reach."""
    wish = Wish(provider="openai-compatible", name="Ollama", base_url="http://localhost:1/v1", key=None, hint="")
    tried = Tried(state=KeyState.WORKING, note="", passed=True, latency_ms=1, models=("llama3.2",), model="llama3.2")
    workspace = UUID(client.headers["x-workspace"])
    vault = open_vault(Settings(data_dir=context.data_dir))
    async with context.database.session(workspace) as session:
        row = await add(session, vault, wish, tried, workspace=workspace, by=new_id(), now=context.clock())
        return str(row.id)


def filled(body: Mapping[str, object], names: dict[str, str]) -> dict[str, object]:
    """Put the names in, however deep."""
    return {key: _filled(value, names) for key, value in body.items()}


def _filled(value: object, names: dict[str, str]) -> object:
    match value:
        case str():
            return value.format(**names)
        case dict():
            return filled(value, names)
        case list():
            return [_filled(one, names) for one in value]
        case _:
            return value


async def seen_by(client: httpx.AsyncClient, names: dict[str, str]) -> dict[str, str]:
    """Read all that the routes show of the client's workspace, but for what passes."""
    known = routes()
    asked = {name: (known[name].path + query).format(**names) for name, query in (LISTS | NAMED).items()}
    return {name: PASSING.sub("", (await client.get(address)).text) for name, address in asked.items()}


def test_every_route_says_how_it_keeps_neighbours_apart() -> None:
    said = [*ABOUT_NOBODY, *LISTS, *NAMED, *CHANGES, *ELSEWHERE]
    assert sorted(said) == sorted(routes())


@pytest.mark.slow
async def test_no_route_shows_or_changes_anything_of_a_neighbour(
    client: httpx.AsyncClient, served: Served, database: Database, context: Context
) -> None:
    names, known = await furnished(client, context), routes()
    async with signed_in(served, database) as neighbour:
        names["neighbour_credential_id"] = await a_local_server(neighbour, context)
        his = {**filled(HIS_KEY, names), "input": "1", "output": "1"}
        assert (await neighbour.put(f"{API}/vault/prices", json=his)).is_success
        for name, query in LISTS.items():
            mine = await client.get(known[name].path + query)
            theirs = await neighbour.get(known[name].path + query)
            assert mine.status_code == theirs.status_code == 200, name
            assert not set(UUIDS.findall(mine.text)) & set(UUIDS.findall(theirs.text)), name
            assert mine.text != theirs.text, f"{name} shows nothing, so this proves nothing"
        for name, query in NARROWED:
            nobody = await neighbour.get(known[name].path + UUIDS.sub(str(new_id()), query.format(**names)))
            theirs = await neighbour.get(known[name].path + query.format(**names))
            assert (theirs.status_code, theirs.text) == (nobody.status_code, nobody.text), (name, query)
        before = await seen_by(client, names)
        for name, query in NAMED.items():
            address = (known[name].path + query).format(**names)
            assert (await client.get(address)).status_code == 200, name
            assert (await neighbour.get(address)).status_code == 404, name
        for name, body in [*CHANGES.items(), *MORE_CHANGES]:
            address = (known[name].path + QUERIES.get(name, "")).format(**names)
            answer = await neighbour.request(known[name].method, address, json=filled(body, names))
            assert answer.status_code == 404, (name, answer.text)
        for name, body in SWEEPING.items():
            answer = await neighbour.request(known[name].method, known[name].path, json=body)
            assert answer.is_success, (name, answer.text)
        assert await seen_by(client, names) == before
        left = (await client.get(f"{API}/floor/deployments/{names['deployment_id']}")).json()
        assert left["state"] == "running"
        curve = (await neighbour.get(f"{API}/books/curve")).json()
    assert not curve["ts"]
    # Nothing is left under way in the queue that all tests share.
    assert (await client.post(f"{API}/lab/sessions/{names['own_session_id']}/cancel")).is_success
