"""OpenAI's responses."""

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

CREATED = 1_777_431_497
INCOMPLETE: Mapping[Finish, str] = {Finish.LENGTH: "max_output_tokens", Finish.FILTER: "content_filter"}
_SETTINGS: JSON = {
    "background": False,
    "error": None,
    "frequency_penalty": 0.0,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "parallel_tool_calls": True,
    "presence_penalty": 0.0,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "prompt_cache_retention": None,
    "reasoning": {"effort": None, "summary": None},
    "safety_identifier": None,
    "service_tier": "default",
    "store": True,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}, "verbosity": "medium"},
    "tool_choice": "auto",
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
    "metadata": {},
}


def read(body: JSON) -> Conversation:
    """Decode a request."""
    given = body["input"]
    system = [text(body.get("instructions") or "")]
    turns: list[Turn] = [Words(given)] if isinstance(given, str) else []
    names = {str(row["call_id"]): str(row["name"]) for row in rows(given) if row.get("type") == "function_call"}
    for row in rows(given):
        content = row.get("content")
        match row.get("type", "message"), row.get("role"):
            case "message", "system" | "developer":
                system.append(text(content))
            case "message", "assistant":
                _reply(turns, text(content))
            case "message", _:
                turns.append(Words(text(content)))
            case "function_call", _:
                _reply(turns, "", Call(str(row["name"]), str(row["arguments"]), str(row["call_id"])))
            case "function_call_output", _:
                call_id = str(row["call_id"])
                turns.append(Result(call_id, names.get(call_id, ""), parsed(row["output"])))
            case _:
                continue
    return Conversation(
        model=str(body["model"]),
        system="\n".join(line for line in system if line),
        turns=turns,
        tools=[str(tool["name"]) for tool in rows(body.get("tools")) if tool.get("type") == "function"],
        stream=bool(body.get("stream")),
        body=body,
    )


def _reply(turns: list[Turn], said: str, *calls: Call) -> None:
    """Items of one answer stand side by side on this wire: put them together again."""
    if turns and isinstance(turns[-1], Reply):
        last = turns.pop()
        assert isinstance(last, Reply)
        turns.append(Reply(last.text + said, [*last.calls, *calls]))
    else:
        turns.append(Reply(said, calls))


def whole(answer: Answer, talk: Conversation, request_id: str) -> JSON:
    """Encode an answer that is not streamed."""
    status, why = _status(answer)
    return _response(talk, request_id) | {
        "status": status,
        "completed_at": CREATED if status == "completed" else None,
        "incomplete_details": {"reason": why} if why else None,
        "output": _items(answer, request_id),
        "usage": usage(answer.counted),
    }


def _status(answer: Answer) -> tuple[str, str | None]:
    if answer.finish is Finish.CUT:
        return "in_progress", None
    why = INCOMPLETE.get(answer.finish)
    return ("incomplete" if why else "completed"), why


def _response(talk: Conversation, request_id: str) -> JSON:
    tools = [
        {"type": "function", "description": None, "name": name, "parameters": {}, "strict": False}
        for name in talk.tools
    ]
    return {
        "id": f"resp_{request_id}",
        "object": "response",
        "created_at": CREATED,
        "status": "in_progress",
        "completed_at": None,
        "incomplete_details": None,
        "instructions": talk.system or None,
        "model": talk.model,
        "output": [],
        "tools": tools,
        "usage": None,
    } | _SETTINGS


def _items(answer: Answer, request_id: str) -> list[JSON]:
    items: list[JSON] = []
    if answer.thinking:
        items.append(_thought(answer, request_id))
    if answer.text:
        message = {"id": f"msg_{request_id}", "type": "message", "status": "completed", "role": "assistant"}
        items.append(message | {"content": [_part(answer, answer.text)]})
    return items + [_call(call, request_id, index) for index, call in enumerate(answer.calls)]


def _thought(answer: Answer, request_id: str) -> JSON:
    return {
        "id": f"rs_{request_id}",
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": answer.thinking}],
    }


def _part(answer: Answer, said: str) -> JSON:
    if answer.finish is Finish.REFUSAL:
        return {"type": "refusal", "refusal": said}
    return {"type": "output_text", "annotations": [], "logprobs": [], "text": said}


def _call(call: Call, request_id: str, index: int) -> JSON:
    return {
        "id": f"fc_{request_id}{index}",
        "type": "function_call",
        "status": "completed",
        "arguments": call.written,
        "call_id": f"call_{call.id}",
        "name": call.name,
    }


def usage(counted: Usage) -> JSON:
    """Encode usage."""
    details: JSON = {"cached_tokens": counted.read}
    if counted.written:
        details["cache_write_tokens"] = counted.written
    return {
        "input_tokens": counted.input,
        "input_tokens_details": details,
        "output_tokens": counted.output,
        "output_tokens_details": {"reasoning_tokens": counted.reasoning},
        "total_tokens": counted.input + counted.output,
    }


def frames(answer: Answer, talk: Conversation, request_id: str) -> Iterator[str]:
    """Encode a streamed answer."""
    for number, (kind, data) in enumerate(_events(answer, talk, request_id)):
        yield event({"type": kind, **data, "sequence_number": number}, kind)


def _events(answer: Answer, talk: Conversation, request_id: str) -> Iterator[tuple[str, JSON]]:
    opened = _response(talk, request_id)
    yield "response.created", {"response": opened}
    yield "response.in_progress", {"response": opened}
    index = 0
    if answer.thinking:
        yield from _thought_events(answer, request_id)
        index += 1
    if answer.text:
        yield from _text_events(answer, request_id, index)
        index += 1
    for number, call in enumerate(answer.calls):
        yield from _call_events(_call(call, request_id, number), index + number)
    ended = {"in_progress": "in_progress"}.get(_status(answer)[0], _status(answer)[0])
    yield f"response.{ended}", {"response": whole(answer, talk, request_id)}


def _thought_events(answer: Answer, request_id: str) -> Iterator[tuple[str, JSON]]:
    item = _thought(answer, request_id)
    place = {"item_id": item["id"], "output_index": 0, "summary_index": 0}
    part = {"type": "summary_text", "text": answer.thinking}
    yield "response.output_item.added", {"output_index": 0, "item": item | {"summary": []}}
    yield "response.reasoning_summary_part.added", place | {"part": part | {"text": ""}}
    yield "response.reasoning_summary_text.delta", place | {"delta": answer.thinking}
    yield "response.reasoning_summary_text.done", place | {"text": answer.thinking}
    yield "response.reasoning_summary_part.done", place | {"part": part}
    yield "response.output_item.done", {"output_index": 0, "item": item}


def _text_events(answer: Answer, request_id: str, index: int) -> Iterator[tuple[str, JSON]]:
    item: JSON = {"id": f"msg_{request_id}", "type": "message", "status": "in_progress", "role": "assistant"}
    place: JSON = {"content_index": 0, "item_id": item["id"], "output_index": index}
    refused = answer.finish is Finish.REFUSAL
    spoken = "refusal" if refused else "output_text"
    more: JSON = {} if refused else {"logprobs": []}
    yield "response.output_item.added", {"item": item | {"content": []}, "output_index": index}
    yield "response.content_part.added", place | {"part": _part(answer, "")}
    for word in answer.words():
        yield f"response.{spoken}.delta", place | more | {"delta": word, "obfuscation": "fyy9Vfz7II"}
    done: JSON = {"refusal": answer.text} if refused else {"text": answer.text}
    yield f"response.{spoken}.done", place | more | done
    yield "response.content_part.done", place | {"part": _part(answer, answer.text)}
    ended = item | {"status": "completed", "content": [_part(answer, answer.text)]}
    yield "response.output_item.done", {"item": ended, "output_index": index}


def _call_events(item: JSON, index: int) -> Iterator[tuple[str, JSON]]:
    place = {"item_id": item["id"], "output_index": index}
    opened = item | {"arguments": "", "status": "in_progress"}
    yield "response.output_item.added", {"item": opened, "output_index": index}
    for piece in pieces(str(item["arguments"])):
        yield "response.function_call_arguments.delta", place | {"delta": piece}
    yield "response.function_call_arguments.done", place | {"arguments": item["arguments"]}
    yield "response.output_item.done", {"item": item, "output_index": index}


def failing(message: str) -> str:
    """The event of a stream that breaks in its middle."""
    return event(
        {"type": "error", "code": "server_error", "message": message, "param": None, "sequence_number": 9}, "error"
    )
