"""How a model's tool calls went is counted for the model that made them, also after a fallback."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from omc.kit.db import Database
from omc.kit.ids import new_id
from omc.lab.tables import SessionRow, StepRow
from omc.lab.tool_records import tool_records
from omc.vault import spend
from omc.vault.comparing import ToolRecord
from omc.vault.prices import Usage
from tests.vault.money import NOW, TWO_TEN, a_call, a_key

SINCE = NOW - timedelta(days=1)


async def a_session(session: AsyncSession, workspace: UUID) -> UUID:
    served = new_id()
    row = SessionRow(
        workspace_id=workspace,
        id=served,
        goal="any",
        model="sol",
        state="done",
        as_of=NOW,
        opened_by=new_id(),
        created_at=NOW,
    )
    session.add(row)
    await session.flush()
    return served


async def model_step(session: AsyncSession, call: spend.Booking, *, failure: str | None = None) -> None:
    await spend.reserve(session, call, price=TWO_TEN, amount=Decimal("0.01"), session_cap=None, now=NOW)
    usage = None if failure else Usage(input=10, output=10)
    await spend.settle(
        session,
        call.call_id,
        usage=usage,
        finish="tool_calls",
        latency_ms=5,
        first_token_ms=None,
        failure=failure,
        now=NOW,
    )


def tool_step(workspace: UUID, served: UUID, number: int, *, ok: bool | None) -> StepRow:
    return StepRow(
        workspace_id=workspace,
        session_id=served,
        number=number,
        kind="tool",
        name="list_markets",
        title="Markets",
        attempt=1,
        started_at=NOW,
        ok=ok,
    )


async def test_a_tool_call_counts_for_the_model_that_asked_for_it(database: Database, workspace: UUID) -> None:
    async with database.session(workspace) as session:
        key = await a_key(session, workspace)
        served = await a_session(session, workspace)
        first, second = a_call(key, session_id=served, step=1), a_call(key, session_id=served, step=4, model="luna")
        await model_step(session, first)
        session.add_all([tool_step(workspace, served, 2, ok=True), tool_step(workspace, served, 3, ok=False)])
        # At step 4 the first model fails, and another one that the person chose goes on.
        await model_step(session, replace(first, call_id=new_id(), step=4), failure="overloaded")
        await model_step(session, second)
        session.add_all([tool_step(workspace, served, 5, ok=True), tool_step(workspace, served, 6, ok=None)])
        await session.flush()

        found = await tool_records(session, SINCE)
        later = await tool_records(session, NOW + timedelta(seconds=1))

    assert found == {
        (key, "sol"): ToolRecord(calls=2, succeeded=1),
        (key, "luna"): ToolRecord(calls=1, succeeded=1),
    }
    assert not later


async def test_the_built_in_analysts_tool_calls_are_no_models(database: Database, workspace: UUID) -> None:
    async with database.session(workspace) as session:
        served = await a_session(session, workspace)
        session.add(tool_step(workspace, served, 2, ok=True))
        await session.flush()

        assert not await tool_records(session, SINCE)
