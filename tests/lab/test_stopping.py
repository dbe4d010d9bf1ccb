"""Stopped within two seconds, in the middle of a model call or of a tool; and after a step, without losing it."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Literal
from uuid import UUID

import pytest

from omc.core.ids import SessionId, WorkspaceId
from omc.kit.clock import utc_now
from omc.kit.events import read
from omc.kit.work import Context
from omc.lab import control, service
from omc.lab.agent import run_turn
from omc.lab.models import resolve
from omc.lab.rules import SessionState
from omc.lab.tools import TOOLS
from omc.lab.tools.base import Outcome, ToolContext
from tests.lab.builders import Open, call, say, scripted
from tests.lab.own_models import add_key, open_with, turn
from tests.sims.models.faults import Fault
from tests.sims.models.fixture import ModelServer
from tests.sims.models.talk import Answer

STOPPED_WITHIN_S = 2.0
LOOK_EVERY_S = 0.02
PATIENCE_S = 60

Verb = Literal["pause", "cancel"]
STATES = {"pause": SessionState.PAUSED, "cancel": SessionState.CANCELLED}


async def stop(context: Context, workspace: UUID, session_id: SessionId, verb: Verb) -> None:
    async with context.database.session(workspace) as session:
        await getattr(control, verb)(session, session_id, when="now", now=utc_now())


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.sleep(LOOK_EVERY_S)


async def stopped_in_time(
    work: Awaitable[str], context: Context, session_id: SessionId, workspace: UUID, verb: Verb
) -> None:
    """Stop the session, whose turn is under way: the turn is over within two seconds and the session says so."""
    began = time.monotonic()
    await stop(context, workspace, session_id, verb)
    assert await asyncio.wait_for(work, PATIENCE_S) == "superseded"
    assert time.monotonic() - began <= STOPPED_WITHIN_S
    async with context.database.session(workspace) as session:
        row = await service.read(session, session_id)
        log = await read(session, service.topic(session_id))
    assert row.state == STATES[verb]
    assert row.stop_reason
    assert row.stop_reason.startswith(f"{row.state.capitalize()} in step")
    assert [event.kind for event in log][-2:] == ["step.finished", "session.state"]
    assert log[-1].data == {"state": row.state, "reason": row.stop_reason}


@pytest.mark.parametrize("verb", STATES)
async def test_a_model_that_answers_slowly_is_left_within_two_seconds_and_paid_once(
    lab: Context, workspace: UUID, model_server: ModelServer, verb: Verb
) -> None:
    session_id = await open_with(lab, workspace, await add_key(lab, workspace, model_server, "openai"))
    model_server.fail(Fault.HANG_MIDDLE)
    work = asyncio.ensure_future(turn(lab, workspace, session_id))
    await until(lambda: bool(model_server.seen))
    await stopped_in_time(work, lab, session_id, workspace, verb)
    async with lab.database.session(workspace) as session:
        spent = (await service.read(session, session_id)).cost
        if verb == "pause":
            await control.resume(session, session_id)
    assert spent > 0
    if verb == "pause":
        model_server.desk.reset()
        model_server.script(Answer(text="Here again."))
        assert await turn(lab, workspace, session_id) == "waiting"


@pytest.mark.parametrize("verb", STATES)
async def test_a_tool_that_computes_for_long_is_left_within_two_seconds(
    context: Context, workspace: UUID, open_session: Open, verb: Verb
) -> None:
    session_id = await open_session()
    begun, gate = threading.Event(), threading.Event()

    def compute() -> None:
        begun.set()
        gate.wait(PATIENCE_S)

    async def slow(_: ToolContext) -> Outcome:
        await asyncio.to_thread(compute)
        return Outcome(title="Late", preview="late", output={})

    (row,) = [tool for tool in TOOLS if tool.name == "list_markets"]
    models = scripted([call("list_markets")], [say("Read.")])
    work = asyncio.ensure_future(
        run_turn(context, WorkspaceId(workspace), session_id, models=models, tools=[replace(row, run=slow)])
    )
    await until(begun.is_set)
    try:
        await stopped_in_time(work, context, session_id, workspace, verb)
    finally:
        gate.set()
    if verb == "pause":
        async with context.database.session(workspace) as session:
            await control.resume(session, session_id)
        assert await run_turn(context, WorkspaceId(workspace), session_id, models=models) == "waiting"
        async with context.database.session(workspace) as session:
            assert [row.number for row in await service.evidence_list(session, session_id)] == [1]


async def test_cancelled_behind_its_step_a_session_keeps_what_the_step_found(
    context: Context, workspace: UUID, open_session: Open
) -> None:
    session_id = await open_session()

    async def cancelling(tool: ToolContext) -> Outcome:
        async with tool.database.session(workspace) as session:
            await control.cancel(session, session_id, when="step", now=utc_now())
        return Outcome(title="Found", preview="found", output={"found_count": 1})

    (row,) = [tool for tool in TOOLS if tool.name == "list_markets"]
    models = scripted([call("list_markets"), call("list_markets")])
    tools = [replace(row, run=cancelling)]
    assert await run_turn(context, WorkspaceId(workspace), session_id, models=models, tools=tools) == "cancelled"
    async with context.database.session(workspace) as session:
        shown = await service.read(session, session_id)
        assert [row.step for row in await service.evidence_list(session, session_id)] == [2]
    assert shown.stop_reason == "Cancelled after step 2, as you asked. Everything up to there is kept."
    assert await run_turn(context, WorkspaceId(workspace), session_id, models=resolve) == "nothing"
