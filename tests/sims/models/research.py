"""The research loop as the simulated model: the built-in analyst decides, from what stood on the wire."""

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters

from omc.lab import analyst
from tests.sims.models.talk import Answer, Call, Conversation, Reply, Result, Words

THOUGHT = "The next step follows from what the tools have answered."


async def answer(talk: Conversation) -> Answer:
    """Answer as the built-in analyst would, with a thought before."""
    said = await analyst.model().request(_messages(talk), None, ModelRequestParameters())
    calls = [part for part in said.parts if isinstance(part, ToolCallPart)]
    return Answer(
        text="\n\n".join(part.content for part in said.parts if isinstance(part, TextPart)),
        thinking=THOUGHT,
        calls=[Call(call.tool_name, call.args_as_dict(), call.tool_call_id) for call in calls],
    )


def _messages(talk: Conversation) -> list[ModelMessage]:
    heard: list[ModelMessage] = []
    for turn in talk.turns:
        match turn:
            case Words(said):
                heard.append(ModelRequest(parts=[UserPromptPart(content=said)], instructions=talk.system))
            case Reply(said, calls):
                made = [ToolCallPart(tool_name=call.name, args=call.written) for call in calls]
                heard.append(ModelResponse(parts=[TextPart(content=said), *made]))
            case Result(call_id, name, content, failed):
                wrong = failed or (isinstance(content, dict) and {"error", "code"} <= content.keys())
                part = ToolReturnPart(
                    tool_name=name, tool_call_id=call_id, content=content, outcome="failed" if wrong else "success"
                )
                heard.append(ModelRequest(parts=[part], instructions=talk.system))
    return heard
