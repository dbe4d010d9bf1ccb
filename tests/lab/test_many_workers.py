"""Two workers share the queue; one is killed, one told to stop, a third goes on: nothing is lost or done twice."""

import asyncio
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from omc.core.ids import SessionId
from omc.kit.bus import Bus
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.events import read
from omc.kit.postgres import ServerUrls
from omc.kit.work import Context
from omc.lab import service
from omc.lab.rules import SessionState
from omc.lab.tables import SessionRow, StepRow
from omc.vault import outbound
from omc.vault.tables import BudgetRow, CallRow
from tests.lab.builders import finished_steps
from tests.lab.own_models import KINDS, add_key, open_with, with_vault
from tests.sims.models.fixture import ModelServer
from tests.sims.models.talk import Answer, Call

SESSIONS, TOOL_STEPS = 4, 3
PATIENCE_S = 120
THINKS_S = 0.7
ROOT = Path(__file__).parents[2]
WORKER = """
import sys
import uvloop
from pathlib import Path
from omc.settings import Settings
from omc.worker import work

uvloop.run(work(Settings(data_dir=Path(sys.argv[2])), sys.argv[1]))
"""


@pytest.fixture
async def lab(own_database: ServerUrls, tmp_path: Path) -> AsyncIterator[Context]:
    """A database of its own: these workers take every job there is, and must have the root of every key."""
    database = Database(own_database.app)
    async with Bus(own_database.app) as bus:
        yield with_vault(Context(database=database, bus=bus, clock=utc_now, data_dir=tmp_path), tmp_path)
    await outbound.close()
    await database.close()


@pytest.mark.slow
async def test_sessions_outlive_a_killed_worker_and_a_deploy_and_each_call_is_paid_for_once(
    lab: Context, own_database: ServerUrls, workspace: UUID, model_server: ModelServer, tmp_path: Path
) -> None:
    app_url = own_database.app
    model_server.desk.latency_s = THINKS_S
    model_server.script(*[Answer(calls=[Call("list_markets", {})])] * TOOL_STEPS, Answer(text="That is all."))
    keys = [await add_key(lab, workspace, model_server, kind) for kind in KINDS]
    sessions = [await open_with(lab, workspace, keys[number % len(keys)]) for number in range(SESSIONS)]
    workers = [start(app_url, tmp_path) for _ in range(2)]
    try:
        await until_steps(lab, workspace, sessions, 2)
        workers[0].kill()
        await until_steps(lab, workspace, sessions, 4)
        workers.append(start(app_url, tmp_path))
        workers[1].send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE_S):
            while await states(lab, workspace) != {SessionState.WAITING}:
                await asyncio.sleep(0.1)
        assert workers[1].wait(timeout=PATIENCE_S) == 0
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    for session_id in sessions:
        await nothing_lost_or_doubled(lab, workspace, session_id)
    await paid_once(lab, workspace)


def start(app_url: str, data_dir: Path) -> subprocess.Popen[bytes]:
    """A worker as the product runs it."""
    return subprocess.Popen([sys.executable, "-c", WORKER, app_url, str(data_dir)], cwd=ROOT)


async def until_steps(lab: Context, workspace: UUID, sessions: list[SessionId], steps: int) -> None:
    """Wait until some session has taken so many steps: the others stand anywhere."""
    async with asyncio.timeout(PATIENCE_S):
        while max([len(await finished_steps(lab.database, workspace, one)) for one in sessions]) < steps:
            await asyncio.sleep(0.02)


async def states(lab: Context, workspace: UUID) -> set[str]:
    """The states that sessions are in."""
    async with lab.database.session(workspace) as session:
        return set(await session.scalars(select(SessionRow.state)))


async def nothing_lost_or_doubled(lab: Context, workspace: UUID, session_id: SessionId) -> None:
    """Each step ended once, each tool left its evidence once, and the events have no gap."""
    steps = await finished_steps(lab.database, workspace, session_id)
    assert steps == list(range(1, 2 * TOOL_STEPS + 2))
    async with lab.database.session(workspace) as session:
        assert [row.number for row in await service.evidence_list(session, session_id)] == [1, 2, 3]
        log = await read(session, service.topic(session_id))
        attempts = await session.scalars(select(StepRow.attempt).where(StepRow.session_id == session_id))
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    assert sum(attempt - 1 for attempt in attempts) <= 2, "one death each of two workers"


async def paid_once(lab: Context, workspace: UUID) -> None:
    """A call that died unanswered costs its reservation, every other one its tokens; nothing else is spent or held."""
    async with lab.database.session(workspace) as session:
        calls = list(await session.scalars(select(CallRow)))
        budgets = list(await session.scalars(select(BudgetRow).where(BudgetRow.scope.startswith("month"))))
        rows = list(await session.scalars(select(SessionRow)))
    answered = Counter((call.session_id, call.step) for call in calls if call.state == "settled")
    assert len(answered) == SESSIONS * (TOOL_STEPS + 1)
    assert set(answered.values()) == {1}
    lost = Counter(call.session_id for call in calls if call.state == "lost")
    assert lost, "somebody died in a call"
    assert max(lost.values()) <= 2
    assert all(call.cost == call.reserved for call in calls if call.state == "lost")
    spent = sum((call.cost or Decimal(0) for call in calls), Decimal(0))
    assert sum((row.cost for row in rows), Decimal(0)) == spent
    assert [(budget.spent, budget.reserved) for budget in budgets] == [(spent, Decimal(0))]
