"""Scripted models and small sessions for the lab's tests."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

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
