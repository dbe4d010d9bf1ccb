"""Two workspaces on one server, through every route there is: what one has, the other neither sees nor touches."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import httpx
import pytest
from fastapi.routing import APIRoute

from omc.app import ROUTERS
from omc.kit.db import Database
from omc.kit.ids import new_id
from omc.kit.work import Context, work
from omc.settings import Settings
from omc.vault.desk import open_vault
from omc.vault.rules import KeyState
from omc.vault.service import Tried, Wish, add
from omc.worker import jobs
from tests.engine.builders import a_raw_document
from tests.ledgers.builders import row, table
from tests.serving import Served, signed_in

API = "/api/v1"
LIMITS = {"capital": "10000", "max_position_fraction": "1", "max_orders_per_day": 100, "max_daily_loss": "2500"}
HALF_YEAR = {"symbols": ["BTC/USDT"], "timeframe": "1h", "start": "2024-01-01T00:00:00Z", "end": "2024-07-01T00:00:00Z"}
UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# Each route is here once; whoever adds one says how it keeps neighbours apart.
ABOUT_NOBODY = {
    "identity_setup_state",
    "engine_schema",
    "lab_models",
    "floor_get_switch",
    "ops_status",
    "ops_positions",
    "vault_list_providers",
}
LISTS = {
    "identity_me": "",
    "identity_list_tokens": "",
    "vault_list_credentials": "",
    "vault_list_presets": "",
    "ledgers_list_series": "",
    "ledgers_list_imports": "",
    "engine_strategies": "",
    "engine_backtests": "",
    "engine_decisions": "",
    "lab_proposals": "",
    "lab_sessions": "",
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
    "lab_session": "",
    "lab_history": "",
    "lab_evidence_list": "",
    "lab_evidence": "",
    "lab_report": "",
    "lab_export_report": "?format=md",
    "floor_get_deployment": "",
    "floor_list_orders": "",
    "floor_list_fills": "",
}
PAIR: Mapping[str, object] = {"version_id": "{version_id}", "series_id": "{series_id}"}
WISH: Mapping[str, object] = {**PAIR, "feed": "replay", "limits": LIMITS}
CHANGES: dict[str, Mapping[str, object]] = {
    "identity_revoke_token": {},
    "vault_try_credential": {},
    "vault_change_credential": {"name": "Theirs now"},
    "vault_rotate_credential": {"key": "sk-0123456789abcdefghij"},
    "vault_set_default": {"credential_id": "{credential_id}", "model": "llama3.2"},
    "vault_change_preset": {"name": "Theirs now"},
    "vault_delete_preset": {},
    "engine_request_backtest": PAIR,
    "engine_deny": {"hash": "0" * 64},
    "engine_reopen": {},
    "lab_say": {"text": "And then?"},
    "lab_ask": {"version_id": "{version_id}", "text": "Why?"},
    "lab_cancel": {},
    "floor_card": WISH,
    "floor_deploy": {**WISH, "digest": "0" * 64},
    "floor_stop": {},
}
# Sign-in, streams (tests/ops/test_stream.py) and verbs that name nothing of anybody.
ELSEWHERE = {"books_curve", "ops_stream", "lab_follow", "identity_setup", "identity_use_link", "identity_login"} | {
    "identity_logout", "identity_create_token", "ledgers_import_candles", "ledgers_make_synthetic", "engine_validate",
    "vault_add_credential", "vault_try_draft", "vault_add_preset", "vault_clear_default",
    "engine_save_version", "lab_open_session", "floor_stop_all", "floor_resume",
}  # fmt: skip


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

    file = {
        "file": (
            "candles.csv",
            table(*(row(hour, symbol="XRP/USDT", low=low) for hour, low in enumerate(("9", "9", "-1")))),
        )
    }
    taken = (await client.post(f"{API}/ledgers/imports", files=file)).json()
    series = (await client.post(f"{API}/ledgers/synthetic", json=HALF_YEAR)).json()["items"][0]
    version = await post("engine/versions", {"document": a_raw_document()})
    names = {"series_id": series["id"], "import_id": taken["id"], "version_id": version["id"], "number": "1"}
    names["token_id"] = (await post("identity/tokens", {"name": "mine", "scopes": ["read"]}))["id"]
    names["credential_id"] = await a_local_server(client, context)
    names["preset_id"] = (await post("vault/presets", {"name": "Careful", "temperature": "0.1"}))["id"]
    names["backtest_id"] = (await post("engine/backtests", filled(PAIR, names)))["id"]
    goal = {"goal": "Does a moving-average crossover beat holding BTC on hourly bars?", "model": "analyst"}
    names["session_id"] = (await post("lab/sessions", goal))["id"]
    wish = filled(WISH, names)
    digest = (await post("floor/card", wish))["digest"]
    names["deployment_id"] = (await post("floor/deployments", wish | {"digest": digest}))["id"]
    await work(context, jobs(), until_empty=True)
    return names


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
    return {key: value.format(**names) if isinstance(value, str) else value for key, value in body.items()}


def test_every_route_says_how_it_keeps_neighbours_apart() -> None:
    said = [*ABOUT_NOBODY, *LISTS, *NAMED, *CHANGES, *ELSEWHERE]
    assert sorted(said) == sorted(routes())


@pytest.mark.slow
async def test_no_route_shows_or_changes_anything_of_a_neighbour(
    client: httpx.AsyncClient, served: Served, database: Database, context: Context
) -> None:
    names, known = await furnished(client, context), routes()
    async with signed_in(served, database) as neighbour:
        for name, query in LISTS.items():
            mine = await client.get(known[name].path + query)
            theirs = await neighbour.get(known[name].path + query)
            assert mine.status_code == theirs.status_code == 200, name
            assert not set(UUIDS.findall(mine.text)) & set(UUIDS.findall(theirs.text)), name
            assert mine.text != theirs.text, f"{name} shows nothing, so this proves nothing"
        for name, query in NAMED.items():
            address = (known[name].path + query).format(**names)
            assert (await client.get(address)).status_code == 200, name
            assert (await neighbour.get(address)).status_code == 404, name
        for name, body in CHANGES.items():
            address = known[name].path.format(**names)
            answer = await neighbour.request(known[name].method, address, json=filled(body, names))
            assert answer.status_code == 404, (name, answer.text)
        left = (await client.get(f"{API}/floor/deployments/{names['deployment_id']}")).json()
        assert left["state"] == "running"
        curve = (await neighbour.get(f"{API}/books/curve")).json()
    assert not curve["ts"]
