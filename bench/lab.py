"""How fast a built-in research session is on one year of hourly candles, from say to report, and what a step costs.

Run `python bench/lab.py`; `--json` for one object. It starts its own PostgreSQL in a temporary folder, with the
durability that the product has, and works the real queue. The first session includes a fresh worker's imports.
"""

import argparse
import asyncio
import json
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from omc.core.ids import PersonId, SessionId, WorkspaceId
from omc.core.market import Span
from omc.kit.bus import Bus
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.ids import new_id
from omc.kit.log import set_up
from omc.kit.migrate import upgrade
from omc.kit.postgres import EmbeddedPostgres
from omc.kit.work import Context, work
from omc.lab import service
from omc.lab.agent import run_turn
from omc.lab.rules import MAX_STEPS
from omc.lab.service import Opening
from omc.lab.work import JOBS
from omc.ledgers.markets import Made, make_markets

GOAL = "Does a moving-average crossover beat holding BTC on hourly bars?"
YEAR = Span(datetime(2023, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC))
ROUNDS = 3


async def opened(context: Context, workspace: WorkspaceId) -> SessionId:
    """Open one session."""
    async with context.database.session(workspace) as session:
        return await service.open_session(
            session,
            Opening(goal=GOAL, model="analyst"),
            workspace_id=workspace,
            person_id=PersonId(new_id()),
            now=utc_now(),
        )


async def session_s(context: Context, workspace: WorkspaceId) -> float:
    """Seconds from say to report, through the queue."""
    at = time.perf_counter()
    session_id = await opened(context, workspace)
    await work(context, JOBS, until_empty=True)
    async with context.database.session(workspace) as session:
        assert await service.newest_report(session, session_id) is not None
    return time.perf_counter() - at


async def step_ms(context: Context, workspace: WorkspaceId) -> tuple[float, float]:
    """(CPU, elapsed) milliseconds a step of the loop alone: no thought, and a tool that lists one series."""

    async def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:  # noqa: ARG001 - its shape
        return ModelResponse(parts=[ToolCallPart(tool_name="list_markets")])

    session_id = await opened(context, workspace)
    cpu, elapsed = time.process_time(), time.perf_counter()
    await run_turn(context, workspace, session_id, models=lambda _: FunctionModel(answer))
    return (time.process_time() - cpu) / MAX_STEPS * 1_000, (time.perf_counter() - elapsed) / MAX_STEPS * 1_000


async def measure(url: str) -> dict[str, float]:
    """Return every figure."""
    workspace = WorkspaceId(new_id())
    async with Bus(url) as bus:
        context = Context(database=Database(url), bus=bus, clock=utc_now, data_dir=Path())
        async with context.database.session(workspace) as session:
            await make_markets(session, Made(symbols=("BTC/USDT",), timeframe="1h", span=YEAR), now=utc_now())
        first = await session_s(context, workspace)
        later = min([await session_s(context, workspace) for _ in range(ROUNDS)])
        steps = [await step_ms(context, workspace) for _ in range(ROUNDS)]
        await context.database.close()
    return {
        "first session, say to report, s": round(first, 2),
        "later session, say to report, s": round(later, 2),
        "loop, CPU a step, ms": round(min(cpu for cpu, _ in steps), 1),
        "loop, elapsed a step, ms": round(min(elapsed for _, elapsed in steps), 1),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    set_up(level="warning")
    with tempfile.TemporaryDirectory(prefix="omc-bench-") as directory:
        server = EmbeddedPostgres(Path(directory))
        urls = server.start()
        try:
            upgrade(urls.owner)
            figures = asyncio.run(measure(urls.app))
        finally:
            server.stop()
    print(json.dumps(figures) if as_json else "\n".join(f"{name}: {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
