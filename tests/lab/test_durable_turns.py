"""Killed anywhere, nothing lost: steps happen once, zombies write nothing, cancelling is quick."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Self
from uuid import UUID

import psycopg
import pytest
from psycopg.abc import Params, Query
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models.function import AgentInfo, FunctionModel
from sqlalchemy.event import listen, remove
from sqlalchemy.pool import ConnectionPoolEntry

from omc.core.ids import WorkspaceId
from omc.engine import service as engine
from omc.kit import events
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.work import Context
from omc.lab import journal, service
from omc.lab.agent import run_turn
from omc.lab.models import resolve
from omc.lab.rules import SessionState
from omc.ledgers.rules import Series
from tests.lab.builders import DOCUMENT, Open, assert_each_effect_once, call, finished_steps, scripted, state_of

MODEL_S = 600
MAX_STATEMENTS_A_STEP = 10
PATIENCE_S = 120
ROOT = Path(__file__).parents[2]
KILLED_WORKER = """
import asyncio, sys
from pathlib import Path
from omc.kit.bus import Bus
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.work import Context, work
from omc.lab.work import JOBS

async def main(url):
    async with Bus(url) as bus:
        context = Context(database=Database(url), bus=bus, clock=utc_now, data_dir=Path("/nonexistent"))
        await work(context, JOBS)

asyncio.run(main(sys.argv[1]))
"""


class Die(BaseException):
    """A death at a chosen place: nothing in the loop may catch it."""


def dying(after_answers: int) -> FunctionModel:
    """The analyst, until it has answered so often; then the process "dies"."""
    analyst = resolve("analyst")

    async def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        if sum(isinstance(message, ModelResponse) for message in messages) == after_answers:
            raise Die
        assert isinstance(analyst, FunctionModel)
        assert analyst.function is not None
        answered = analyst.function(messages, info)
        assert not isinstance(answered, ModelResponse)
        return await answered

    return FunctionModel(answer, model_name="analyst")


@pytest.mark.parametrize("answers", [0, 1, 2, 3, 4, 5, 6, 7])
async def test_a_turn_that_dies_before_an_answer_goes_on_from_there(
    context: Context, workspace: UUID, market: Series, open_session: Open, answers: int
) -> None:
    session_id = await open_session()
    with pytest.raises(Die):
        await run_turn(context, WorkspaceId(workspace), session_id, models=lambda _: dying(answers))
    before = await finished_steps(context.database, workspace, session_id)
    assert await run_turn(context, WorkspaceId(workspace), session_id, models=resolve) == "done"
    after = await finished_steps(context.database, workspace, session_id)
    assert after[: len(before)] == before
    await assert_each_effect_once(context.database, workspace, session_id)


async def test_a_step_begun_twice_says_so(context: Context, workspace: UUID, open_session: Open) -> None:
    session_id = await open_session("What?")
    with pytest.raises(Die):
        await run_turn(context, WorkspaceId(workspace), session_id, models=lambda _: dying(0))
    await run_turn(context, WorkspaceId(workspace), session_id, models=resolve)
    async with context.database.session(workspace) as session:
        log = await events.read(session, service.topic(session_id))
    attempts = [event.data["attempt"] for event in log if event.kind == "step.started" and event.data["step"] == 1]
    assert attempts == [1, 2]


async def test_a_worker_that_was_taken_over_writes_nothing_more(
    context: Context, workspace: UUID, open_session: Open
) -> None:
    session_id = await open_session("What?")
    slow, gate = asyncio.Event(), asyncio.Event()

    async def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        slow.set()
        await gate.wait()
        return ModelResponse(parts=[call("draft_strategy", document=DOCUMENT)])

    zombie = asyncio.ensure_future(
        run_turn(context, WorkspaceId(workspace), session_id, models=lambda _: FunctionModel(answer))
    )
    await slow.wait()
    assert await run_turn(context, WorkspaceId(workspace), session_id, models=resolve) == "waiting"
    gate.set()
    assert await zombie == "superseded"
    async with context.database.session(workspace) as session:
        assert not await engine.list_strategies(session)


async def test_cancelling_in_mid_call_does_not_wait_for_the_model_and_is_final(
    context: Context, workspace: UUID, open_session: Open
) -> None:
    session_id = await open_session()
    started = asyncio.Event()

    async def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        started.set()
        await asyncio.sleep(MODEL_S)
        raise AssertionError

    turn = asyncio.ensure_future(
        run_turn(context, WorkspaceId(workspace), session_id, models=lambda _: FunctionModel(answer))
    )
    await started.wait()
    async with context.database.session(workspace) as session:
        await service.cancel(session, session_id, utc_now())
    assert await asyncio.wait_for(turn, PATIENCE_S) == "superseded"
    async with context.database.session(workspace) as session:
        log = await events.read(session, service.topic(session_id))
        assert (await service.read(session, session_id)).state == SessionState.CANCELLED
    assert [event.kind for event in log][-2:] == ["step.finished", "session.state"]
    assert log[-2].data["error"] == "cancelled"
    assert await run_turn(context, WorkspaceId(workspace), session_id, models=resolve) == "nothing"


async def test_what_the_person_says_in_mid_turn_is_read_at_the_next_step(
    context: Context, workspace: UUID, open_session: Open
) -> None:
    session_id = await open_session()
    heard: list[int] = []

    async def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        said = [part for message in messages for part in message.parts if part.part_kind == "user-prompt"]
        heard.append(len(said))
        if len(heard) == 1:
            async with context.database.session(workspace) as session:
                await service.say(session, session_id, "And one thing more", utc_now())
        return ModelResponse(parts=[call("ask_person", question="Which?")])

    assert (
        await run_turn(context, WorkspaceId(workspace), session_id, models=lambda _: FunctionModel(answer)) == "waiting"
    )
    assert heard == [1, 2]


async def test_a_step_that_kills_its_worker_again_and_again_fails_the_session(
    context: Context, workspace: UUID, open_session: Open
) -> None:
    session_id = await open_session()
    for _ in range(10):
        with pytest.raises(Die):
            await run_turn(context, WorkspaceId(workspace), session_id, models=lambda _: dying(0))
    assert await run_turn(context, WorkspaceId(workspace), session_id, models=resolve) == "failed"


async def test_a_bug_in_the_last_try_is_told_to_the_person(
    context: Context, workspace: UUID, open_session: Open
) -> None:
    def broken(model_id: str) -> FunctionModel:
        raise ZeroDivisionError

    final = Context(
        database=context.database, bus=context.bus, clock=context.clock, data_dir=context.data_dir, final=True
    )
    session_id = await open_session()
    with pytest.raises(ZeroDivisionError):
        await run_turn(final, WorkspaceId(workspace), session_id, models=broken)
    async with context.database.session(workspace) as session:
        assert "inside OMC" in ((await service.read(session, session_id)).error or "")


async def test_a_fence_that_fell_lets_nothing_through(context: Context, workspace: UUID, open_session: Open) -> None:
    session_id = await open_session()
    async with context.database.session(workspace) as session:
        old = await journal.claim(session, session_id)
    async with context.database.session(workspace) as session:
        await journal.claim(session, session_id)
    assert old is not None
    with pytest.raises(journal.Superseded):
        async with context.database.session(workspace) as session:
            await journal.rest(session, old, SessionState.DONE, now=utc_now())


@pytest.mark.slow
async def test_a_worker_killed_with_signal_nine_is_taken_over_and_each_effect_happens_once(
    context: Context, app_url: str, workspace: UUID, market: Series, open_session: Open
) -> None:
    session_id = await open_session()

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", KILLED_WORKER, app_url], cwd=ROOT)

    first = start()
    while len(await finished_steps(context.database, workspace, session_id)) < 3:
        await asyncio.sleep(0.01)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    second = start()
    try:
        async with asyncio.timeout(PATIENCE_S):
            while (await state_of(context.database, workspace, session_id)) != SessionState.DONE:
                await asyncio.sleep(0.1)
    finally:
        second.terminate()
        second.wait()
    await assert_each_effect_once(context.database, workspace, session_id)


def driver_of(record: ConnectionPoolEntry) -> psycopg.AsyncConnection[object]:
    assert isinstance(record.driver_connection, psycopg.AsyncConnection)
    return record.driver_connection


@contextmanager
def counted(database: Database) -> Generator[list[str]]:
    """The statements that a database is sent, by whichever way: counted on the driver's own connections."""
    sent: list[str] = []
    pool = database._engine.sync_engine.pool

    class Counting(psycopg.AsyncCursor[object]):
        async def execute(
            self,
            query: Query,
            params: Params | None = None,
            *,
            prepare: bool | None = None,
            binary: bool | None = None,
        ) -> Self:
            sent.append(str(query))
            done = super().execute(query, params, prepare=prepare, binary=binary)  # ty: ignore[invalid-argument-type]
            return await done

    def taken(_: object, record: ConnectionPoolEntry, __: object) -> None:
        driver_of(record).cursor_factory = Counting

    def returned(_: object, record: ConnectionPoolEntry) -> None:
        driver_of(record).cursor_factory = psycopg.AsyncCursor

    listen(pool, "checkout", taken)
    listen(pool, "checkin", returned)
    try:
        yield sent
    finally:
        remove(pool, "checkout", taken)
        remove(pool, "checkin", returned)


async def test_a_step_asks_the_database_as_often_in_a_long_turn_as_in_a_short_one(
    context: Context, workspace: UUID, open_session: Open
) -> None:
    asked = []
    for calls in (2, 12, 22):
        session_id = await open_session()
        with counted(context.database) as sent:
            script = scripted(*[[call("list_markets")] for _ in range(calls)])
            await run_turn(context, WorkspaceId(workspace), session_id, models=script)
        asked.append(len(sent))
    assert asked[2] - asked[1] == asked[1] - asked[0]
    assert (asked[1] - asked[0]) / 20 < MAX_STATEMENTS_A_STEP
