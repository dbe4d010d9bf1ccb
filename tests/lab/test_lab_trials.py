"""What a session tries is counted before it runs, and what is sealed for an exam it does not see."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest

from omc.core.ids import WorkspaceId
from omc.core.market import Span
from omc.engine import exams, read, service, trials
from omc.engine.records import Version
from omc.kit.clock import utc_now
from omc.kit.errors import Refusal
from omc.kit.work import Context
from omc.lab.tools.backtest import run_backtest
from omc.lab.tools.base import Outcome, ToolContext
from omc.lab.tools.market import measure_bars
from omc.lab.tools.walk_forward import walk_forward
from omc.ledgers.rules import Series
from tests.lab.builders import DOCUMENT, Open

SEALED = Span(datetime(2023, 10, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC))
Tool = Callable[..., Awaitable[Outcome]]


@pytest.fixture
async def tools(context: Context, workspace: UUID, open_session: Open) -> ToolContext:
    return ToolContext(
        database=context.database,
        clock=utc_now,
        workspace_id=WorkspaceId(workspace),
        session_id=await open_session(),
        model="analyst",
        as_of=utc_now(),
    )


async def a_version(context: Context, workspace: UUID, **changes: object) -> Version:
    async with context.database.session(workspace) as session:
        return await service.save_version(session, document=read(DOCUMENT | changes), author="test", now=utc_now())


async def line(context: Context, workspace: UUID, market: Series) -> trials.Line:
    async with context.database.session(workspace) as session:
        return await trials.line(session, market.id, None)


@pytest.mark.parametrize("tool", [run_backtest, walk_forward])
async def test_a_try_counts_before_its_step_is_written_and_once_when_the_step_runs_again(
    context: Context, workspace: UUID, market: Series, tools: ToolContext, tool: Tool
) -> None:
    version = await a_version(context, workspace)
    for _ in range(2):  # the worker dies before it writes, and another takes the step over
        outcome = await tool(tools, str(version.id), str(market.id))
    before = await line(context, workspace, market)
    assert (before.runs, before.unfinished) == (1, 1)
    assert outcome.save is not None
    async with context.database.session(workspace) as session:
        await outcome.save(session, outcome)
    after = await line(context, workspace, market)
    assert (after.runs, after.unfinished, after.sharpes) == (1, 0, 1)
    assert after.trials == outcome.output["trials_count"]


async def test_one_symbol_of_several_is_said_to_be_tested_alone(
    context: Context, workspace: UUID, market: Series, tools: ToolContext
) -> None:
    version = await a_version(context, workspace, universe=["BTC/USDT", "ETH/USDT"])
    outcome = await run_backtest(tools, str(version.id), str(market.id))
    said = outcome.output["assumptions"]
    assert isinstance(said, dict)
    assert said["account"].startswith("one symbol with all the cash; the universe names 2")


@pytest.mark.parametrize("tool", [run_backtest, walk_forward])
async def test_what_is_refused_was_tried_too(
    context: Context, workspace: UUID, market: Series, tools: ToolContext, tool: Tool
) -> None:
    version = await a_version(context, workspace, features={"fast": "sma(close, 20)", "slow": "sma(close, 90000)"})
    with pytest.raises(Refusal):
        await tool(tools, str(version.id), str(market.id))
    found = await line(context, workspace, market)
    assert (found.trials, found.failed) == (1, 1)


@pytest.mark.parametrize("tool", [run_backtest, walk_forward])
async def test_no_tool_sees_what_is_sealed(
    context: Context, workspace: UUID, market: Series, tools: ToolContext, tool: Tool
) -> None:
    version = await a_version(context, workspace)
    async with context.database.session(workspace) as session:
        await exams.seal(session, market, SEALED, by="ada", now=utc_now())
    looks = (tool(tools, str(version.id), str(market.id)), measure_bars(tools, str(market.id), start="2023-03-01"))
    for look in looks:
        data = (await look).output["data"]
        assert isinstance(data, dict)
        assert data["end"] == "2023-10-01T00:00:00Z"
        assert "2023-10-01" in data["sealed"]
    for look in (
        tool(tools, str(version.id), str(market.id), end="2023-10-02"),
        measure_bars(tools, str(market.id), start="2023-11-01"),
    ):
        with pytest.raises(Refusal, match="sealed for an exam"):
            await look
