"""Anthropic's messages."""

import json
from collections.abc import Iterator, Mapping

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
    text,
)

SIGNATURE = "EvQCCkYICxgCKkAFV41lligOZH9tn6FZ3mHxjygCz2LlOjUJSwx0ud6E8iB23CRwk28pJlQqLx2tPVXC"
FINISH: Mapping[Finish, str | None] = {
    Finish.STOP: "end_turn",
    Finish.LENGTH: "max_tokens",
    Finish.REFUSAL: "refusal",
    Finish.FILTER: "refusal",
    Finish.CUT: None,
    Finish.BLOCKED: "refusal",
    Finish.MALFORMED: "end_turn",
}


def read(body: JSON) -> Conversation:
    """Decode a request."""
    names = {
        str(block["id"]): str(block["name"])
        for message in rows(body["messages"])
        for block in rows(message["content"])
        if block.get("type") == "tool_use"
    }
    turns: list[Turn] = []
    for message in rows(body["messages"]):
        content = message["content"]
        blocks = rows(content) or [{"type": "text", "text": content}]
        said = "".join(str(block["text"]) for block in blocks if block.get("type") == "text")
        if message["role"] == "assistant":
            turns.append(Reply(said, [_call(block) for block in blocks if block.get("type") == "tool_use"]))
            continue
        turns += [_result(block, names) for block in blocks if block.get("type") == "tool_result"]
        turns += [Words(said)] if said else []
    return Conversation(
        model=str(body["model"]),
        system=text(body.get("system") or ""),
        turns=turns,
        tools=[str(tool["name"]) for tool in rows(body.get("tools"))],
        stream=bool(body.get("stream")),
        body=body,
    )


def _call(block: JSON) -> Call:
    return Call(str(block["name"]), json.dumps(block["input"]), str(block["id"]))


def _result(block: JSON, names: Mapping[str, str]) -> Result:
    call_id = str(block["tool_use_id"])
    return Result(call_id, names.get(call_id, ""), parsed(block.get("content", "")), bool(block.get("is_error")))


def whole(answer: Answer, talk: Conversation, request_id: str) -> JSON:
    """Encode an answer that is not streamed; arguments that are no JSON cannot exist here and become a string."""
    content: list[JSON] = []
    if answer.thinking:
        content.append({"type": "thinking", "thinking": answer.thinking, "signature": SIGNATURE})
    if answer.text and answer.finish is not Finish.REFUSAL:
        content.append({"type": "text", "text": answer.text})
    content += [_written(call) | {"input": _input(call)} for call in answer.calls]
    return {
        "id": f"msg_{request_id}",
        "type": "message",
        "role": "assistant",
        "model": talk.model,
        "content": content,
        "stop_reason": _finish(answer),
        "stop_sequence": None,
        "stop_details": None,
        "usage": usage(answer.counted),
    }


def _written(call: Call) -> JSON:
    return {"type": "tool_use", "id": f"toolu_{call.id}", "name": call.name, "input": {}}


def _input(call: Call) -> object:
    return parsed(call.arguments) if isinstance(call.arguments, str) else call.arguments


def _finish(answer: Answer) -> str | None:
    return "tool_use" if answer.calls and answer.finish is Finish.STOP else FINISH[answer.finish]


def usage(counted: Usage) -> JSON:
    """Encode usage: input is what neither came from the cache nor went into it."""
    return {
        "input_tokens": counted.input - counted.read - counted.written,
        "cache_creation_input_tokens": counted.written,
        "cache_read_input_tokens": counted.read,
        "cache_creation": {"ephemeral_5m_input_tokens": counted.written, "ephemeral_1h_input_tokens": 0},
        "output_tokens": counted.output,
        "output_tokens_details": {"thinking_tokens": counted.reasoning},
        "service_tier": "standard",
        "inference_geo": "global",
    }


def frames(answer: Answer, talk: Conversation, request_id: str) -> Iterator[str]:
    """Encode a streamed answer."""
    for data in _events(answer, talk, request_id):
        yield event(data, str(data["type"]))


def _events(answer: Answer, talk: Conversation, request_id: str) -> Iterator[JSON]:
    first = usage(answer.counted)
    del first["output_tokens_details"]
    message = whole(answer, talk, request_id) | {"content": [], "stop_reason": None}
    yield {"type": "message_start", "message": message | {"usage": first | {"output_tokens": 1}}}
    index = 0
    if answer.thinking:
        deltas: list[JSON] = [
            {"type": "thinking_delta", "thinking": answer.thinking},
            {"type": "signature_delta", "signature": SIGNATURE},
        ]
        yield from _block(index, {"type": "thinking", "thinking": "", "signature": ""}, iter(deltas))
        index += 1
    if answer.text and answer.finish is not Finish.REFUSAL:
        yield from _block(index, {"type": "text", "text": ""}, _spoken(answer))
        index += 1
    for number, call in enumerate(answer.calls):
        yield from _block(index + number, _written(call) | {"caller": {"type": "direct"}}, _typed(call))
    counted = usage(answer.counted)
    told = {
        name: counted[name]
        for name in ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens")
    }
    details: JSON = {"output_tokens_details": counted["output_tokens_details"]} if answer.counted.reasoning else {}
    delta = {"stop_reason": _finish(answer), "stop_sequence": None, "stop_details": None}
    yield {"type": "message_delta", "delta": delta, "usage": told | details}
    yield {"type": "message_stop"}


def _spoken(answer: Answer) -> Iterator[JSON]:
    for word in answer.words():
        yield {"type": "text_delta", "text": word}


def _typed(call: Call) -> Iterator[JSON]:
    for piece in ("", *pieces(call.written)):
        yield {"type": "input_json_delta", "partial_json": piece}


def _block(index: int, opened: JSON, deltas: Iterator[JSON]) -> Iterator[JSON]:
    yield {"type": "content_block_start", "index": index, "content_block": opened}
    if index == 0:
        yield {"type": "ping"}
    for delta in deltas:
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


def failing(message: str) -> str:
    """The event of a stream that breaks in its middle."""
    return event({"type": "error", "error": {"type": "overloaded_error", "message": message}}, "error")


def models(names: list[str]) -> JSON:
    """Encode the list of models."""
    listed = [
        {"type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z"} for name in names
    ]
    ends = {"first_id": names[0], "last_id": names[-1]} if names else {"first_id": None, "last_id": None}
    return {"data": listed, "has_more": False, **ends}
