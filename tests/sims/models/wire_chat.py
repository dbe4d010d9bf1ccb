"""OpenAI's chat completions, and what calls itself compatible with them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.sims.models.talk import (
    JSON,
    Answer,
    Call,
    Conversation,
    Finish,
    Reply,
    Result,
    Turn,
    Usage,
    Words,
    event,
    parsed,
    pieces,
    rows,
    table,
    text,
)

CREATED = 1_760_041_471
FINISH: Mapping[Finish, str | None] = {
    Finish.STOP: "stop",
    Finish.LENGTH: "length",
    Finish.REFUSAL: "stop",
    Finish.FILTER: "content_filter",
    Finish.CUT: None,
    Finish.BLOCKED: "content_filter",
    Finish.MALFORMED: "stop",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a compatible server differs from OpenAI's own."""

    base: str
    needs_key: bool = True
    lists_models: bool = True
    streams_usage: bool = True
    reasoning_field: str | None = None
    comments: bool = False


DIALECTS: Mapping[str, Dialect] = {
    "openai": Dialect(base="/v1"),
    "openrouter": Dialect(base="/openrouter/api/v1", reasoning_field="reasoning", comments=True),
    "ollama": Dialect(base="/ollama/v1", needs_key=False, reasoning_field="reasoning"),
    "vllm": Dialect(base="/vllm/v1", needs_key=False, reasoning_field="reasoning_content"),
    "lmstudio": Dialect(base="/lmstudio/v1", needs_key=False),
    "bare": Dialect(base="/bare/v1", needs_key=False, lists_models=False, streams_usage=False),
}


def read(body: JSON) -> Conversation:
    """Decode a request."""
    names = {
        str(call["id"]): str(table(call["function"])["name"])
        for message in rows(body["messages"])
        for call in rows(message.get("tool_calls"))
    }
    system: list[str] = []
    turns: list[Turn] = []
    for message in rows(body["messages"]):
        content = message.get("content")
        match message["role"]:
            case "system" | "developer":
                system.append(text(content))
            case "assistant":
                turns.append(Reply(text(content), [_call(row) for row in rows(message.get("tool_calls"))]))
            case "tool":
                call_id = str(message["tool_call_id"])
                turns.append(Result(call_id, names.get(call_id, ""), parsed(content)))
            case _:
                turns.append(Words(text(content)))
    return Conversation(
        model=str(body["model"]),
        system="\n".join(system),
        turns=turns,
        tools=[str(table(tool["function"])["name"]) for tool in rows(body.get("tools")) if "function" in tool],
        stream=bool(body.get("stream")),
        wants_usage=bool(table(body.get("stream_options")).get("include_usage")),
        body=body,
    )


def _call(row: JSON) -> Call:
    function = table(row["function"])
    return Call(str(function["name"]), str(function["arguments"]), str(row["id"]))


def whole(answer: Answer, talk: Conversation, request_id: str, dialect: Dialect) -> JSON:
    """Encode an answer that is not streamed."""
    refused = answer.finish is Finish.REFUSAL
    message: JSON = {
        "role": "assistant",
        "content": None if refused else answer.text or None,
        "refusal": answer.text if refused else None,
        "annotations": [],
    }
    if answer.calls:
        message["tool_calls"] = [_written(call) for call in answer.calls]
    if answer.thinking and dialect.reasoning_field:
        message[dialect.reasoning_field] = answer.thinking
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(answer)}
    return {
        "id": f"chatcmpl-{request_id}",
        "object": "chat.completion",
        "created": CREATED,
        "model": talk.model,
        "choices": [choice],
        "usage": usage(answer.counted),
        "service_tier": "default",
        "system_fingerprint": "fp_07871e2ad8",
    }


def _written(call: Call) -> JSON:
    return {
        "id": f"call_{call.id}",
        "type": "function",
        "function": {"name": call.name, "arguments": call.written},
    }


def _finish(answer: Answer) -> str | None:
    return "tool_calls" if answer.calls and answer.finish is Finish.STOP else FINISH[answer.finish]


def usage(counted: Usage) -> JSON:
    """Encode usage."""
    prompt: JSON = {"cached_tokens": counted.read, "audio_tokens": 0}
    if counted.written:
        prompt["cache_write_tokens"] = counted.written
    return {
        "prompt_tokens": counted.input,
        "completion_tokens": counted.output,
        "total_tokens": counted.input + counted.output,
        "prompt_tokens_details": prompt,
        "completion_tokens_details": {
            "reasoning_tokens": counted.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def frames(answer: Answer, talk: Conversation, request_id: str, dialect: Dialect) -> Iterator[str]:
    """Encode a streamed answer."""
    told = dialect.streams_usage and talk.wants_usage
    head = {
        "id": f"chatcmpl-{request_id}",
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": talk.model,
        "service_tier": "default",
        "system_fingerprint": "fp_cbf1785567",
    }

    def chunk(choices: list[JSON], counted: JSON | None = None) -> str:
        return event({**head, "choices": choices, **({"usage": counted} if told else {}), "obfuscation": "pIfys15Q"})

    if dialect.comments:
        yield ": OPENROUTER PROCESSING\n\n"
    for delta in _deltas(answer, dialect):
        yield chunk([{"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}])
    yield chunk([{"index": 0, "delta": {}, "logprobs": None, "finish_reason": _finish(answer)}])
    if told:
        yield chunk([], usage(answer.counted))
    yield "data: [DONE]\n\n"


def _deltas(answer: Answer, dialect: Dialect) -> Iterator[JSON]:
    calls = [delta for index, call in enumerate(answer.calls) for delta in _typed(call, index)]
    spoken = "refusal" if answer.finish is Finish.REFUSAL else "content"
    thought = answer.thinking if dialect.reasoning_field else ""
    # OpenAI opens its first call beside the role where nothing is said before it.
    beside = calls.pop(0) if calls and not answer.text and not thought else {}
    yield {"role": "assistant", "content": None if beside else "", **beside, "refusal": None}
    if thought:
        yield {str(dialect.reasoning_field): thought}
    yield from ({spoken: word} for word in answer.words())
    yield from calls


def _typed(call: Call, index: int) -> Iterator[JSON]:
    yield {"tool_calls": [_written(call) | {"index": index, "function": {"name": call.name, "arguments": ""}}]}
    for piece in pieces(call.written):
        yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def failing(message: str) -> str:
    """The event of a stream that breaks in its middle."""
    return event({"error": {"message": message, "type": "server_error", "param": None, "code": None}})


def models(names: list[str]) -> JSON:
    """Encode the list of models."""
    listed = [{"id": name, "object": "model", "created": CREATED, "owned_by": "sims"} for name in names]
    return {"object": "list", "data": listed}
