"""The simulator's answers have the shape of the recorded ones: the same fields, types, and order of events."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.sims.models.errors import refused
from tests.sims.models.faults import Fault, Wire
from tests.sims.models.fixture import KEY, ModelServer
from tests.sims.models.recordings import Recording, read_all
from tests.sims.models.talk import JSON, Answer, Call, Usage, table

FREE = frozenset({"input", "args", "parameters", "tools", "metadata", "safetyRatings"})
"""Fields whose inside is the caller's or the model's, not the protocol's."""
UNRECORDED = frozenset({"output_tokens_details", "cachedContentTokenCount", "cacheTokensDetails", "sequence_number"})
"""Fields that were recorded in answers at once, or in newer streams of another kind, and are the same in all."""
HEADERS = {"authorization": f"Bearer {KEY}", "x-api-key": KEY, "x-goog-api-key": KEY}
ADDRESS = {
    Wire.CHAT: "/v1/chat/completions",
    Wire.RESPONSES: "/v1/responses",
    Wire.ANTHROPIC: "/v1/messages",
    Wire.GEMINI: "/v1beta/models/m:generateContent",
}
USED = Usage(input=50, output=20, read=10, reasoning=4)
ANSWERS = {
    "plain": Answer(text="The capital of Mexico is Mexico City.", usage=USED),
    "tool_call": Answer(calls=[Call("get_capital", {"country": "UK"}, "ZR5UUuTt")], usage=USED),
    "text_and_calls": Answer(text="I look.", calls=[Call("look", {"a": 1}), Call("look", {})], usage=USED),
}


@dataclass(slots=True)
class Shape:
    """The fields of an object wherever it occurs: all that were seen, those that always were, their types."""

    seen: dict[str, set[str]] = field(default_factory=dict)
    always: set[str] | None = None


def shapes_of(objects: Iterable[JSON]) -> dict[str, Shape]:
    """The shape of each kind of object in the answers, by its place and its `type`."""
    shapes: dict[str, Shape] = {}
    for one in objects:
        for place, node in _nodes("", one):
            shape = shapes.setdefault(place, Shape())
            for name, value in node.items():
                shape.seen.setdefault(name, set()).add(_type(value))
            shape.always = set(node) if shape.always is None else shape.always & set(node)
    return shapes


def _nodes(place: str, value: object) -> Iterator[tuple[str, JSON]]:
    if isinstance(value, list):
        for item in value:
            yield from _nodes(f"{place}[]", item)
    elif isinstance(value, dict):
        here = f"{place}<{value['type']}>" if isinstance(value.get("type"), str) else place
        yield here, value
        for name, inner in value.items():
            if name not in FREE:
                yield from _nodes(f"{here}.{name}", inner)


def _type(value: object) -> str:
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def differences(recorded: dict[str, Shape], ours: dict[str, Shape]) -> list[str]:
    """What ours has that was never recorded, and what it lacks that always was."""
    found: list[str] = []
    for place, shape in ours.items():
        known = recorded.get(place)
        if place.rpartition(".")[2].removesuffix("[]") in UNRECORDED:
            continue
        if known is None:
            found.append(f"{place}: never recorded")
            continue
        for name, types in shape.seen.items():
            if name not in UNRECORDED and not types <= known.seen.get(name, set()):
                found.append(f"{place}.{name}: {types} but recorded {known.seen.get(name)}")
        found += [
            f"{place}.{name}: always recorded" for name in sorted((known.always or set()) - (shape.always or set()))
        ]
    return found


async def answers(server: ModelServer, wire: Wire, answer: Answer, *, stream: bool) -> list[JSON]:
    """The raw answer of the simulator: one body, or the events of a stream."""
    server.script(answer)
    asked: JSON = {"model": "m", "stream": stream, "messages": [{"role": "user", "content": "x"}], "max_tokens": 9}
    address = ADDRESS[wire]
    match wire:
        case Wire.CHAT:
            asked["stream_options"] = {"include_usage": True}
        case Wire.RESPONSES:
            asked["input"] = "x"
        case Wire.GEMINI:
            asked = {"contents": [{"role": "user", "parts": [{"text": "x"}]}]}
            address = address.replace("generate", "streamGenerate") + "?alt=sse" if stream else address
    async with httpx.AsyncClient(base_url=server.url, headers=HEADERS) as client:
        answered = await client.post(address, json=asked)
    assert answered.status_code == 200, answered.text
    if not stream:
        return [answered.json()]
    lines = [line.removeprefix("data: ") for line in answered.text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def like(recordings: Sequence[Recording], wire: Wire, *, stream: bool) -> list[JSON]:
    """What was recorded on a wire, without the turns in which the provider's own tools worked."""
    kept = [row for row in recordings if row.wire is wire and row.stream is stream and row.status == 200]
    objects = [one for row in kept for one in (row.chunks if stream else [row.body])]
    return [one for one in objects if "openai" not in str(one.get("id", "")) and "input_tokens" not in one]


@pytest.fixture(scope="module")
def recordings(shared_data: Path) -> list[Recording]:
    """Every recording."""
    return read_all(shared_data)


@pytest.mark.parametrize("wire", Wire)
@pytest.mark.parametrize("stream", [False, True], ids=["once", "stream"])
@pytest.mark.parametrize("kind", ANSWERS)
async def test_an_answer_has_the_recorded_fields(
    model_server: ModelServer, recordings: list[Recording], wire: Wire, stream: bool, kind: str
) -> None:
    ours = shapes_of(await answers(model_server, wire, ANSWERS[kind], stream=stream))
    assert differences(shapes_of(like(recordings, wire, stream=stream)), ours) == []


ORDERS = [
    ("chat_stream_plain__5566026d", "plain"),
    ("chat_stream_tool_call__58a68d82", "tool_call"),
    ("responses_stream_thinking__c621fec3", "plain"),
    ("responses_stream_tool_call__3faa1261", "tool_call"),
    ("messages_stream_plain__a6f095e3", "plain"),
    ("messages_stream_tool_call__bd9aa78a", "tool_call"),
    ("generateContent_stream_tool_result_turn__d1b9f94c", "plain"),
    ("generateContent_stream_tool_call__0403e6a1", "tool_call"),
]


@pytest.mark.parametrize(("name", "kind"), ORDERS, ids=lambda value: value)
async def test_a_stream_has_the_recorded_order(
    model_server: ModelServer, recordings: list[Recording], name: str, kind: str
) -> None:
    recorded = next(row for row in recordings if row.name == name)
    ours = await answers(model_server, recorded.wire, ANSWERS[kind], stream=True)
    assert order(ours) == order(recorded.chunks)


def order(chunks: Sequence[JSON]) -> list[str]:
    """The kinds of the events in order, repeats as one."""
    kinds = [_kind(chunk) for chunk in chunks]
    return [kind for index, kind in enumerate(kinds) if index == 0 or kinds[index - 1] != kind]


def _kind(chunk: JSON) -> str:
    if "type" in chunk:
        return str(chunk["type"])
    choices = chunk.get("choices", chunk.get("candidates"))
    assert isinstance(choices, list)
    choice = table(choices[0]) if choices else {}
    inner = table(choice.get("delta", choice.get("content")))
    parts = inner.get("parts")
    names = (
        sorted({name for part in parts for name in part} - {"thoughtSignature"})
        if isinstance(parts, list)
        else sorted(inner)
    )
    return f"{names} ends={choice.get('finish_reason', choice.get('finishReason'))}"


ERRORS = [
    ("openai_401_invalid_api_key", Wire.CHAT, Fault.INVALID_KEY, "gpt-4.1"),
    ("openai_429_tpm", Wire.CHAT, Fault.RATE_LIMIT, "gpt-4.1"),
    ("openai_429_insufficient_quota", Wire.CHAT, Fault.QUOTA, "gpt-4.1"),
    ("openai_400_context_length", Wire.CHAT, Fault.CONTEXT, "gpt-4.1"),
    ("responses_once_error__356e02ee", Wire.RESPONSES, Fault.NO_MODEL, "gpt-5.2-proo"),
    ("anthropic_401_invalid_key", Wire.ANTHROPIC, Fault.INVALID_KEY, "m"),
    ("anthropic_429_rate_limit", Wire.ANTHROPIC, Fault.RATE_LIMIT, "m"),
    ("anthropic_529_overloaded", Wire.ANTHROPIC, Fault.OVERLOADED, "m"),
    ("anthropic_400_prompt_too_long", Wire.ANTHROPIC, Fault.CONTEXT, "m"),
    ("messages_once_error__cdc26275", Wire.ANTHROPIC, Fault.NO_MODEL, "claude-sonet-4-5"),
    ("gemini_400_invalid_key", Wire.GEMINI, Fault.INVALID_KEY, "m"),
    ("gemini_429_free_tier_tokens", Wire.GEMINI, Fault.RATE_LIMIT_WAIT, "gemini-2.5-flash"),
]


@pytest.mark.parametrize(("name", "wire", "fault", "model"), ERRORS, ids=str)
def test_an_error_is_the_recorded_one(shared_data: Path, name: str, wire: Wire, fault: Fault, model: str) -> None:
    (path,) = (shared_data / "wire" / "llm").glob(f"*/{name}.json")
    recorded = json.loads(path.read_text())
    ours = refused(fault, wire, model=model, key=KEY, request_id="x")
    assert ours is not None
    assert ours.status == recorded["status"]
    assert _without_chance(ours.body) == _without_chance(recorded["response_body"])


def _without_chance(body: JSON) -> JSON:
    """The body without what differs from one call to the next."""
    written = json.dumps({name: value for name, value in body.items() if name != "request_id"})
    return json.loads(written.replace('"26s"', '"2s"'))
