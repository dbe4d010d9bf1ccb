"""The official SDKs, unmodified, each behind one function: ask once, and say what was heard."""

import json
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from anthropic import AsyncAnthropic
from anthropic import DefaultAsyncHttpxClient as AnthropicHttpxClient
from anthropic import omit as omitted
from anthropic.types import MessageParam, ToolParam
from google import genai
from google.genai.types import (
    FunctionDeclaration,
    GenerateContentConfig,
    GenerateContentResponse,
    HttpOptions,
    Tool,
)
from openai import AsyncOpenAI, DefaultAsyncHttpxClient, omit
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletionChunk, ChatCompletionToolParam, ChatCompletionUserMessageParam
from openai.types.responses import (
    FunctionToolParam,
    Response,
    ResponseCompletedEvent,
    ResponseFailedEvent,
    ResponseIncompleteEvent,
    ResponseTextDeltaEvent,
)

from tests.sims.models.faults import Wire
from tests.sims.models.fixture import KEY, ModelServer

TIMEOUT_S = 20.0
# Each client would read the certificates of the machine again, which takes longer than all that a test does.
CERTIFICATES = ssl.create_default_context()
TOOL = "get_price"
SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"symbol": {"type": "string"}},
    "required": ["symbol"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked."""

    text: str = "What is the price?"
    model: str = "sim-large"
    key: str = KEY
    tools: bool = False
    stream: bool = False
    timeout_s: float = TIMEOUT_S
    dialect: str = "openai"


@dataclass(slots=True)
class Heard:
    """What the SDK made of the answer."""

    text: str = ""
    calls: list[tuple[str, object]] = field(default_factory=list)
    finish: str | None = None
    input: int | None = None
    output: int | None = None
    read: int | None = None
    reasoning: int | None = None


Ask: TypeAlias = Callable[[ModelServer, Question], Awaitable[Heard]]


@asynccontextmanager
async def openai(server: ModelServer, question: Question) -> AsyncGenerator[AsyncOpenAI]:
    """OpenAI's client; redirects are followed, as it does by itself."""
    base = server.compatible_url(question.dialect)
    wire = DefaultAsyncHttpxClient(verify=CERTIFICATES)
    async with AsyncOpenAI(
        api_key=question.key, base_url=base, max_retries=0, timeout=question.timeout_s, http_client=wire
    ) as client:
        yield client


@asynccontextmanager
async def anthropic(server: ModelServer, question: Question) -> AsyncGenerator[AsyncAnthropic]:
    """Anthropic's client."""
    wire = AnthropicHttpxClient(verify=CERTIFICATES)
    async with AsyncAnthropic(
        api_key=question.key, base_url=server.url, max_retries=0, timeout=question.timeout_s, http_client=wire
    ) as client:
        yield client


@asynccontextmanager
async def gemini(server: ModelServer, question: Question) -> AsyncGenerator[genai.client.AsyncClient]:
    """Google's client."""
    shared = {"verify": CERTIFICATES}
    options = HttpOptions(
        base_url=server.url, timeout=int(question.timeout_s * 1000), client_args=shared, async_client_args=shared
    )
    client = genai.Client(api_key=question.key, http_options=options)
    async with client.aio as opened:
        yield opened
    client.close()


async def ask_chat(server: ModelServer, question: Question) -> Heard:
    """Ask by chat completions."""
    said: ChatCompletionUserMessageParam = {"role": "user", "content": question.text}
    tool: ChatCompletionToolParam = {"type": "function", "function": {"name": TOOL, "parameters": SCHEMA}}
    tools = [tool] if question.tools else omit
    model = question.model
    heard = Heard()
    async with openai(server, question) as client:
        if question.stream:
            written: dict[int, list[str]] = {}
            async for chunk in await client.chat.completions.create(
                model=model, messages=[said], tools=tools, stream=True, stream_options={"include_usage": True}
            ):
                _hear_chunk(heard, written, chunk)
            heard.calls = [(name, _arguments("".join(parts))) for name, *parts in written.values()]
            return heard
        answer = await client.chat.completions.create(model=model, messages=[said], tools=tools)
    choice = answer.choices[0]
    heard.text, heard.finish = choice.message.content or "", choice.finish_reason
    functions = [call.function for call in choice.message.tool_calls or [] if call.type == "function"]
    heard.calls = [(made.name, _arguments(made.arguments)) for made in functions]
    _hear_chat_usage(heard, answer.usage)
    return heard


def _hear_chunk(heard: Heard, written: dict[int, list[str]], chunk: ChatCompletionChunk) -> None:
    _hear_chat_usage(heard, chunk.usage)
    for choice in chunk.choices:
        heard.text += choice.delta.content or ""
        heard.finish = choice.finish_reason or heard.finish
        for call in choice.delta.tool_calls or []:
            assert call.function is not None
            if call.function.name:
                written[call.index] = [call.function.name]
            written[call.index].append(call.function.arguments or "")


def _hear_chat_usage(heard: Heard, usage: CompletionUsage | None) -> None:
    if usage is None:
        return
    assert usage.prompt_tokens_details
    assert usage.completion_tokens_details
    heard.input, heard.output = usage.prompt_tokens, usage.completion_tokens
    heard.read = usage.prompt_tokens_details.cached_tokens
    heard.reasoning = usage.completion_tokens_details.reasoning_tokens


def _arguments(written: str) -> object:
    try:
        return json.loads(written)
    except ValueError:
        return written


async def ask_responses(server: ModelServer, question: Question) -> Heard:
    """Ask by responses."""
    tool: FunctionToolParam = {"type": "function", "name": TOOL, "parameters": SCHEMA, "strict": True}
    tools = [tool] if question.tools else omit
    heard = Heard()
    async with openai(server, question) as client:
        if question.stream:
            answer = None
            async for event in await client.responses.create(
                model=question.model, input=question.text, tools=tools, stream=True
            ):
                match event:
                    case ResponseTextDeltaEvent():
                        heard.text += event.delta
                    case ResponseCompletedEvent() | ResponseIncompleteEvent() | ResponseFailedEvent():
                        answer = event.response
        else:
            answer = await client.responses.create(model=question.model, input=question.text, tools=tools)
            heard.text = answer.output_text
    if answer is not None:
        _hear_response(heard, answer)
    return heard


def _hear_response(heard: Heard, answer: Response) -> None:
    assert answer.usage
    heard.finish = answer.incomplete_details.reason if answer.incomplete_details else answer.status
    heard.calls = [(item.name, _arguments(item.arguments)) for item in answer.output if item.type == "function_call"]
    heard.input, heard.output = answer.usage.input_tokens, answer.usage.output_tokens
    heard.read = answer.usage.input_tokens_details.cached_tokens
    heard.reasoning = answer.usage.output_tokens_details.reasoning_tokens


async def ask_anthropic(server: ModelServer, question: Question) -> Heard:
    """Ask by messages."""
    heard = Heard()
    said: MessageParam = {"role": "user", "content": question.text}
    tool: ToolParam = {"name": TOOL, "input_schema": SCHEMA}
    tools = [tool] if question.tools else omitted
    async with anthropic(server, question) as client:
        if question.stream:
            async with client.messages.stream(
                model=question.model, max_tokens=500, messages=[said], tools=tools
            ) as stream:
                answer = await stream.get_final_message()
        else:
            answer = await client.messages.create(model=question.model, max_tokens=500, messages=[said], tools=tools)
    heard.text = "".join(block.text for block in answer.content if block.type == "text")
    heard.calls = [(block.name, block.input) for block in answer.content if block.type == "tool_use"]
    heard.finish = answer.stop_reason
    used = answer.usage
    heard.read = used.cache_read_input_tokens or 0
    heard.input = used.input_tokens + heard.read + (used.cache_creation_input_tokens or 0)
    heard.output = used.output_tokens
    heard.reasoning = used.output_tokens_details.thinking_tokens if used.output_tokens_details else 0
    return heard


async def ask_gemini(server: ModelServer, question: Question) -> Heard:
    """Ask by generateContent."""
    heard = Heard()
    declared = [Tool(function_declarations=[FunctionDeclaration(name=TOOL, parameters_json_schema=SCHEMA)])]
    config = GenerateContentConfig(tools=declared if question.tools else None)
    model, text = question.model, question.text
    async with gemini(server, question) as client:
        if question.stream:
            async for chunk in await client.models.generate_content_stream(model=model, contents=text, config=config):
                _hear_gemini(heard, chunk)
        else:
            _hear_gemini(heard, await client.models.generate_content(model=model, contents=text, config=config))
    return heard


def _hear_gemini(heard: Heard, answer: GenerateContentResponse) -> None:
    for candidate in answer.candidates or []:
        heard.finish = candidate.finish_reason.value if candidate.finish_reason else heard.finish
        parts = candidate.content.parts if candidate.content else None
        for part in parts or []:
            if part.function_call:
                heard.calls.append((part.function_call.name or "", part.function_call.args))
            elif part.text and not part.thought:
                heard.text += part.text
    if used := answer.usage_metadata:
        heard.input, heard.read = used.prompt_token_count, used.cached_content_token_count or 0
        heard.reasoning = used.thoughts_token_count or 0
        heard.output = (used.candidates_token_count or 0) + heard.reasoning


ASK: Mapping[Wire, Ask] = {
    Wire.CHAT: ask_chat,
    Wire.RESPONSES: ask_responses,
    Wire.ANTHROPIC: ask_anthropic,
    Wire.GEMINI: ask_gemini,
}
