"""Many sessions at once: what our loop adds to a step, and to five hundred sessions beside a loop without our tables.

Run `python -m bench.many` (`--json`; `--sessions N`). It starts its own PostgreSQL, with the durability that the
product has, and the simulated provider with a latency of 50 ms in a process of its own. A session is seven model calls,
streamed, and six tool calls.

The plain loop is pydantic-ai's own agent with the same protocol, tools and model: it keeps nothing, and dies with its
process. Rounds of both take turns, so that what else the machine does meets both. Our overhead on a step is the time
from its beginning to the next one's, without the time on the wire or in the tool; its CPU time is the process's, less
that of the same calls and tools with nothing around them, the least of several sessions each.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterable, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from pathlib import Path
from uuid import UUID

import httpx2
import uvloop
from pydantic_ai import Agent, RunContext, Tool
from pydantic_ai.messages import ModelMessage, ModelRequest, ToolCallPart, ToolReturnPart, UserPromptPart
from pydantic_ai.models import Model
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.openai import OpenAIProvider
from sqlalchemy import text

from bench.calls import KEY, MODEL, PATHS, add_key, opened, provider
from omc.core.ids import SessionId, WorkspaceId
from omc.floor.work import BARS_STORED_JOB, wake
from omc.kit.bus import Bus
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.ids import new_id
from omc.kit.log import set_up
from omc.kit.migrate import upgrade
from omc.kit.postgres import EmbeddedPostgres
from omc.kit.secret import Secret
from omc.kit.work import Context, Job, Lane, work
from omc.lab import agent
from omc.lab.agent import run_turn
from omc.lab.models import resolve
from omc.lab.service import TURN_JOB, TURN_QUEUE, Opening
from omc.lab.tools import TOOLS
from omc.lab.tools.base import Outcome, ToolContext, arguments_model
from omc.lab.tools.base import Tool as OwnTool
from omc.ledgers.markets import Made, make_markets
from omc.settings import Settings
from omc.vault import outbound
from omc.vault.calling import Asked, ask
from omc.vault.connection import Connection
from omc.vault.desk import Vault, open_vault
from omc.worker import WAIT_S
from tests.lab.builders import GOAL, YEAR

TOOL, TOOL_STEPS = "list_markets", 6
STEPS = 2 * TOOL_STEPS + 1
ALONE, ROUNDS = 12, 2
LANES = {TURN_QUEUE: Lane(at_once=64, a_workspace=64)}
PLAIN: Mapping[str, Callable[[str], Model]] = {
    "openai": lambda url: OpenAIResponsesModel(MODEL, provider=OpenAIProvider(base_url=url, api_key=KEY)),
    "anthropic": lambda url: AnthropicModel(MODEL, provider=AnthropicProvider(base_url=url, api_key=KEY)),
    "google": lambda url: GoogleModel(MODEL, provider=GoogleProvider(base_url=url, api_key=KEY)),
    "openai-compatible": lambda url: OpenAIChatModel(MODEL, provider=OpenAIProvider(base_url=url, api_key=KEY)),
}
_INSTRUCTIONS = "You research markets for one person and answer with evidence."
SCRIPT: list[object] = [{"calls": [{"name": TOOL, "arguments": {}}]}] * TOOL_STEPS + [{"text": "That is all there is."}]

# What passed from each step's beginning to the next one's, and of it on the wire, in milliseconds.
PERIODS = text("""
SELECT extract(epoch FROM lead(step.started_at, 1, session.ended_at) OVER (
  PARTITION BY step.session_id ORDER BY step.number) - step.started_at) * 1000 AS period,
  coalesce(call.latency_ms, 0) AS wire, step.kind
FROM lab_step step JOIN lab_session session ON session.id = step.session_id
LEFT JOIN vault_call call ON call.session_id = step.session_id AND call.step = step.number
WHERE step.session_id = ANY(:sessions)
""")


class Clocked:
    """The tools, and how long each call of one took."""

    def __init__(self) -> None:
        """Wrap every tool; its name, prompt and arguments stay."""
        self.ms: list[float] = []
        self.tools = tuple(replace(tool, run=self._timed(tool)) for tool in TOOLS)

    def _timed(self, tool: OwnTool) -> Callable[..., Awaitable[Outcome]]:
        @wraps(tool.run)
        async def run(context: ToolContext, **arguments: object) -> Outcome:
            began = time.perf_counter()
            try:
                return await tool.run(context, **arguments)
            finally:
                self.ms.append((time.perf_counter() - began) * 1_000)

        return run


class Plain:
    """The same calls and tools through pydantic-ai's own agent, with nothing kept."""

    def __init__(self, context: Context, workspace: WorkspaceId, model: Model) -> None:
        """Make the agent, once for all sessions."""
        self.tools = {tool.name: tool for tool in TOOLS}
        self.turn = ToolContext(
            database=context.database,
            clock=utc_now,
            workspace_id=workspace,
            session_id=SessionId(new_id()),
            model=MODEL,
            as_of=utc_now(),
        )
        offered = [self._tool(tool, self.turn) for tool in TOOLS]
        self._agent = Agent(model, tools=offered, instructions=_INSTRUCTIONS)

    def _tool(self, tool: OwnTool, turn: ToolContext) -> Tool:
        async def run(**arguments: object) -> dict[str, object]:
            return (await tool.run(turn, **arguments)).output

        schema = arguments_model(tool).model_json_schema()
        return Tool.from_schema(run, name=tool.name, description=tool.prompt, json_schema=schema)

    async def session(self) -> None:
        """Hold one conversation."""
        done = await self._agent.run(GOAL, event_stream_handler=_heard)
        assert len(done.all_messages()) == STEPS + 1


class Bare:
    """The same calls, made as the product makes them, and the same tools: what a step is without its own work."""

    def __init__(self, plain: "Plain", connection: Connection, context: Context) -> None:
        """Note what to call with."""
        self._tools = plain.tools
        self._turn, self._connection = plain.turn, connection
        self._offered = [agent._definition(tool) for tool in self._tools.values()]  # noqa: SLF001
        vault = context.extra["vault"]
        assert isinstance(vault, Vault)
        self._policy = vault.outbound

    async def session(self) -> None:
        """Hold one conversation."""
        talk: list[ModelMessage] = [ModelRequest(parts=[UserPromptPart(content=GOAL)], instructions=_INSTRUCTIONS)]
        while True:
            asked = Asked(messages=talk, tools=self._offered, max_tokens=4_096, stream=True)
            answer = await ask(self._connection, self._policy, asked)
            calls = [part for part in answer.parts if isinstance(part, ToolCallPart)]
            if not calls:
                return
            results = [
                ToolReturnPart(
                    tool_name=call.tool_name,
                    tool_call_id=call.tool_call_id,
                    content=(await self._tools[call.tool_name].run(self._turn)).output,
                )
                for call in calls
            ]
            talk += [answer, ModelRequest(parts=results, instructions=_INSTRUCTIONS)]


async def _heard(_context: RunContext, events: AsyncIterable[object]) -> None:
    async for _ in events:
        pass


class Bench:
    """One workspace with a key at the simulator."""

    def __init__(self, context: Context, workspace: WorkspaceId, sim: str) -> None:
        """Note where things are."""
        self.context, self.workspace, self.sim = context, workspace, sim
        self.clocked = Clocked()

    async def open(self, key: UUID) -> SessionId:
        """Open one session."""
        return await opened(self.context, self.workspace, Opening(goal=GOAL, model=MODEL, credential_id=key))

    async def turn(self, context: Context, *, workspace_id: str, session_id: str) -> str:
        """The lab's job, with tools whose time is taken."""
        ids = WorkspaceId(UUID(workspace_id)), SessionId(UUID(session_id))
        return await run_turn(context, *ids, models=resolve, tools=self.clocked.tools)

    async def alone(self, key: UUID, plain: Plain, bare: Bare) -> dict[str, float]:
        """One session after the other: what a step of ours costs over its call or its tool."""
        ours, without, theirs, sessions = [], [], [], []
        self.clocked.ms.clear()
        for _ in range(ALONE):
            sessions.append(await self.open(key))
            began = time.process_time()
            state = await self.turn(self.context, workspace_id=str(self.workspace), session_id=str(sessions[-1]))
            ours.append(time.process_time() - began)
            assert state == "waiting", state
            for loop, times in ((bare, without), (plain, theirs)):
                began = time.process_time()
                await loop.session()
                times.append(time.process_time() - began)
        async with self.context.database.session(self.workspace) as session:
            rows = (await session.execute(PERIODS, {"sessions": sessions})).all()
        tool_ms = statistics.median(self.clocked.ms)
        added = sorted(
            float(row.period or 0) - (row.wire if row.kind == "model" else tool_ms) for row in rows if row.period
        )
        return {
            "overhead, CPU a step, ms": (min(ours) - min(without)) / STEPS * 1_000,
            "a whole session, CPU, ms": min(ours) * 1_000,
            "a whole session in the plain loop, CPU, ms": min(theirs) * 1_000,
            "overhead, p50 a step, ms": statistics.median(added),
            "overhead, p99 a step, ms": added[int(len(added) * 0.99)],
        }

    async def many(self, key: UUID, sessions: int) -> tuple[float, float]:
        """All at once through the queue: sessions a second, and CPU seconds of this process."""
        waiting = [await self.open(key) for _ in range(sessions)]
        jobs = [Job(name=TURN_JOB, run=self.turn, queue=TURN_QUEUE), Job(name=BARS_STORED_JOB, run=wake)]
        began, busy = time.perf_counter(), time.process_time()
        working = asyncio.get_running_loop().create_task(work(self.context, jobs, lanes=LANES), name="work")
        query = text("SELECT count(*) FROM lab_session WHERE id = ANY(:ids) AND state <> 'waiting'")
        left = sessions
        while left:
            await asyncio.sleep(0.1)
            assert not working.done()
            async with self.context.database.session(self.workspace) as session:
                left = await session.scalar(query, {"ids": waiting}) or 0
        taken, cpu = time.perf_counter() - began, time.process_time() - busy
        working.cancel()
        await asyncio.wait({working})
        await self._none_lost(waiting)
        return sessions / taken, cpu

    async def _none_lost(self, sessions: Sequence[SessionId]) -> None:
        query = text("""
        SELECT count(*) AS sessions, sum(steps) AS steps,
          (SELECT count(*) FROM vault_call WHERE session_id = ANY(:ids)) AS calls,
          (SELECT count(*) FROM lab_evidence WHERE session_id = ANY(:ids)) AS evidence
        FROM lab_session WHERE id = ANY(:ids)""")
        async with self.context.database.session(self.workspace) as session:
            row = (await session.execute(query, {"ids": list(sessions)})).one()
        found, n = (row.sessions, row.steps, row.calls, row.evidence), len(sessions)
        assert found == (n, n * STEPS, n * (TOOL_STEPS + 1), n * TOOL_STEPS), found


async def plain_many(plain: Plain, sessions: int) -> tuple[float, float]:
    """All at once in the plain loop: sessions a second, and CPU seconds."""
    began, busy = time.perf_counter(), time.process_time()
    await asyncio.gather(*(plain.session() for _ in range(sessions)))
    return sessions / (time.perf_counter() - began), time.process_time() - busy


def forget_peak() -> None:
    """Let the peak of memory count from here on."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_mb() -> float:
    """The most memory that this process has had."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


async def measure(app_url: str, directory: Path, sim: str, sessions: int) -> dict[str, float]:
    """Return every figure."""
    workspace, vault = WorkspaceId(new_id()), open_vault(Settings(data_dir=directory))
    figures: dict[str, float] = {}
    async with Bus(app_url) as bus, httpx2.AsyncClient() as http:
        await http.post(f"{sim}/control", json={"script": SCRIPT})
        context = Context(
            database=Database(app_url, wait_s=WAIT_S),
            bus=bus,
            clock=utc_now,
            data_dir=directory,
            extra={"vault": vault},
        )
        async with context.database.session(workspace) as session:
            await make_markets(session, Made(symbols=("BTC/USDT",), timeframe="1h", span=YEAR), now=utc_now())
        bench = Bench(context, workspace, sim)
        for kind in PATHS:
            key = await add_key(context, workspace, kind, sim)
            connection = Connection(provider=kind, model=MODEL, base_url=sim + PATHS[kind], key=Secret(KEY))
            plain = Plain(context, workspace, PLAIN[kind](sim + PATHS[kind]))
            for name, value in (await bench.alone(key, plain, Bare(plain, connection, context))).items():
                figures[f"{kind}: {name}"] = value
                print(f"{kind}: {name}: {value:.2f}", flush=True)
        for number in range(ROUNDS):
            theirs, cpu_theirs = await plain_many(plain, sessions)
            forget_peak()
            ours, cpu = await bench.many(key, sessions)
            told = {
                "sessions a second, plain": theirs,
                "sessions a second": ours,
                "ratio": ours / theirs,
                "CPU a session, ms": cpu / sessions * 1_000,
                "CPU a session, plain, ms": cpu_theirs / sessions * 1_000,
                "peak memory, MB": peak_mb(),
            }
            for name, value in told.items():
                figures[f"round {number}: {name}"] = value
                print(f"round {number}: {name}: {value:.2f}", flush=True)
        await outbound.close()
        await context.database.close()
    return figures


def main() -> None:
    """Measure on a PostgreSQL of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sessions", type=int, default=500)
    told = parser.parse_args()
    set_up(level="error")
    with tempfile.TemporaryDirectory() as directory, provider() as sim:
        server = EmbeddedPostgres(Path(directory) / "postgres")
        urls = server.start()
        try:
            upgrade(urls.owner)
            figures = uvloop.run(measure(urls.app, Path(directory), sim, told.sessions))
        finally:
            server.stop()
    if told.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
