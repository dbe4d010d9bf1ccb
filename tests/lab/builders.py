"""Scripted models and small sessions for the lab's tests."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolReturnPart,
)
from pydantic_ai.models import Model
from pydantic_ai.models.function import AgentInfo, FunctionModel

from omc.core.ids import SessionId
from omc.core.market import Span
from omc.engine import service as engine
from omc.kit import events
from omc.kit.db import Database
from omc.lab import service
from omc.lab.publishing import published
from omc.lab.rules import SessionState

Open = Callable[..., Awaitable[SessionId]]

GOAL = "Does a moving-average crossover beat holding BTC on hourly bars?"
YEAR = Span(datetime(2023, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC))

DOCUMENT = {
    "schema": "omc-strategy/1",
    "name": "cross",
    "universe": ["BTC/USDT"],
    "timeframe": "1h",
    "features": {"fast": "sma(close, 20)", "slow": "sma(close, 100)"},
    "entry": "crosses_above(fast, slow)",
    "exit": "crosses_below(fast, slow)",
    "sizing": {"kind": "fraction", "fraction": "1"},
    "costs": {"fee_bps": "10", "slippage_bps": "5"},
}

Answer = Sequence[ToolCallPart | TextPart | ThinkingPart]
Script = Callable[[list[ModelMessage]], Answer]


def call(tool: str, arguments: dict[str, object] | str | None = None, **more: object) -> ToolCallPart:
    """A tool call; `arguments` as given, or keyword by keyword."""
    return ToolCallPart(tool_name=tool, args=arguments if arguments is not None else more)


def say(text: str) -> TextPart:
    """Words."""
    return TextPart(content=text)


def scripted(*answers: Answer) -> Callable[[str], Model]:
    """A source of models that give these answers one after the other, then say "done"."""

    def play(messages: list[ModelMessage]) -> Answer:
        given = sum(isinstance(message, ModelResponse) for message in messages)
        return answers[given] if given < len(answers) else [say("done")]

    return playing(play)


def playing(script: Script) -> Callable[[str], Model]:
    """A source of models that answer by a function of the conversation."""

    async def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        return ModelResponse(parts=list(script(messages)))

    return lambda _: FunctionModel(answer, model_name="scripted")


def last_results(messages: Sequence[ModelMessage]) -> list[ToolReturnPart]:
    """What the tools answered last."""
    last = messages[-1]
    assert isinstance(last, ModelRequest)
    return [part for part in last.parts if isinstance(part, ToolReturnPart)]


def report_arguments(**changed: object) -> dict[str, object]:
    """Arguments of write_report that would be taken."""
    plain: dict[str, object] = {
        "answer": "Nothing was found.",
        "verdict": "not_tested",
        "confidence": "low",
        "confidence_because": "Nothing was tested.",
        "sections": [{"title": "What was done", "blocks": [{"kind": "text", "text": "Little."}]}],
        "limitations": [],
    }
    return plain | changed


async def finished_steps(database: Database, workspace: UUID, session_id: SessionId) -> list[int]:
    """The numbers of the steps that ended, in order."""
    async with database.session(workspace) as session:
        log = await events.read(session, service.topic(session_id))
    return [int(str(event.data["step"])) for event in log if event.kind == "step.finished"]


async def assert_each_effect_once(database: Database, workspace: UUID, session_id: SessionId) -> None:
    """The analyst's session is done, and nothing in it was lost or happened twice."""
    steps = await finished_steps(database, workspace, session_id)
    assert steps == list(range(1, len(steps) + 1))
    async with database.session(workspace) as session:
        assert len(await engine.list_backtests(session, before=None, limit=10)) == 1
        (strategy,) = await engine.list_strategies(session)
        assert len(strategy.versions) == 1
        tools = [row.tool for row in await service.evidence_list(session, session_id)]
        assert max(Counter(tools).values()) == 1
        assert (await published(session, session_id)).unverified == 0
        assert (await service.read(session, session_id)).state == SessionState.DONE
        log = await events.read(session, service.topic(session_id))
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    assert sum(event.kind == "report" for event in log) == 1


async def state_of(database: Database, workspace: UUID, session_id: SessionId) -> str:
    """The state of a session."""
    async with database.session(workspace) as session:
        return (await service.read(session, session_id)).state
