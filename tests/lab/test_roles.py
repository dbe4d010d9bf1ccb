"""Roles with models of their own: who answers in which stage, with which tools, and until when they have read."""

import json
from typing import get_args
from uuid import UUID

import pytest

from omc.kit.clock import utc_now
from omc.kit.errors import Refusal
from omc.kit.work import Context
from omc.lab import service
from omc.lab.choosing import RoleModel, Wanted, choose
from omc.lab.roles import ROLES, SET_STAGE, STAGES, offered, stage_of
from omc.lab.tools import TOOLS
from omc.lab.tools.stage import StageName
from omc.ledgers.rules import Series
from tests.lab.own_models import add_key, open_with, turn
from tests.sims.models.fixture import ModelServer
from tests.sims.models.talk import Answer, Call

NAMES = [tool.name for tool in TOOLS]


def test_every_stage_has_a_role_every_role_a_stage_and_every_tool_somebody_who_uses_it() -> None:
    assert {stage.role for stage in STAGES} == set(ROLES)
    assert tuple(stage.id for stage in STAGES) == get_args(StageName)
    assert {name for stage in STAGES for name in offered(NAMES, stage)} == set(NAMES)
    assert set(offered(NAMES, None)) == set(NAMES) - {SET_STAGE}


def test_the_stage_is_the_last_one_that_the_transcript_set() -> None:
    told = [
        {"text": "go"},
        {"tool": SET_STAGE, "ok": True, "content": {"stage": "test"}},
        {"tool": SET_STAGE, "ok": False, "content": {"error": "no"}},
        {"tool": "list_markets", "ok": True, "content": {"stage": "report"}},
    ]
    assert stage_of([]).id == "scope"
    assert stage_of(told).id == "test"


async def test_each_stage_is_answered_by_its_roles_model_with_its_roles_tools(
    lab: Context, workspace: UUID, market: Series, model_server: ModelServer
) -> None:
    del market
    usual = await add_key(lab, workspace, model_server, "openai-compatible", model="sim-usual")
    tester = await add_key(lab, workspace, model_server, "anthropic", model="sim-tester")
    over = Call("set_stage", {"stage": "test", "handing_over": "Test it."})
    model_server.script(Answer(calls=[over]), model="sim-usual")
    model_server.script(Answer(text="Tested."), model="sim-tester")
    session_id = await open_with(
        lab,
        workspace,
        usual,
        model="sim-usual",
        roles={"evaluator": RoleModel(credential_id=tester, model="sim-tester")},
    )
    assert await turn(lab, workspace, session_id) == "waiting"
    assert [seen.model for seen in model_server.seen] == ["sim-usual", "sim-tester"]
    first, second = (json.dumps(seen.body) for seen in model_server.seen)
    assert "You are the Planner now" in first
    assert "run_backtest" not in [name for name in NAMES if f'"name": "{name}"' in first]
    assert "You are the Evaluator now" in second
    given = [name for name in NAMES if f'"name": "{name}"' in second]
    assert "run_backtest" in given
    assert "list_markets" not in given
    async with lab.database.session(workspace) as session:
        row = await service.read(session, session_id)
    assert row.model == "sim-usual"
    assert row.roles == {"evaluator": {"credential_id": str(tester), "model": "sim-tester"}}


async def test_a_role_that_there_is_not_and_roles_of_rules_are_refused(
    lab: Context, workspace: UUID, model_server: ModelServer
) -> None:
    key = await add_key(lab, workspace, model_server, "openai")
    chosen = RoleModel(credential_id=key, model="sim-1")
    with pytest.raises(Refusal, match="no role 'broker'"):
        await open_with(lab, workspace, key, roles={"broker": chosen})
    async with lab.database.session(workspace) as session:
        with pytest.raises(Refusal, match="has no roles"):
            await choose(session, Wanted(model="analyst", roles={"data": chosen}), now=utc_now())
    with pytest.raises(Refusal, match="price"):
        await open_with(lab, workspace, key, roles={"data": RoleModel(credential_id=key, model="sim-unpriced")})
