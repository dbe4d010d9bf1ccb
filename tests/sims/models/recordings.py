"""The recorded exchanges with real providers, and what they say, read from the raw bytes without any library."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.sims.models.faults import Wire
from tests.sims.models.talk import JSON, rows, table

ENDINGS = {
    "/chat/completions": Wire.CHAT,
    "/v1/responses": Wire.RESPONSES,
    "/v1/messages": Wire.ANTHROPIC,
    ":generateContent": Wire.GEMINI,
    ":streamGenerateContent": Wire.GEMINI,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One exchange; `chunks` are the events of a stream, `body` an answer at once."""

    name: str
    wire: Wire
    tags: frozenset[str]
    status: int
    content_type: str
    raw: bytes
    model: str
    tools: frozenset[str]
    body: JSON
    chunks: Sequence[JSON]

    @property
    def stream(self) -> bool:
        return bool(self.chunks)


def read_all(shared_data: Path) -> list[Recording]:
    """Every recording of an endpoint that the simulator has."""
    paths = sorted((shared_data / "wire" / "llm").glob("[!e]*/*.json"))
    read = (_read(path) for path in paths)
    return [recording for recording in read if recording is not None]


def _read(path: Path) -> Recording | None:
    kept = json.loads(path.read_text())
    address = str(kept["url"]).partition("?")[0]
    wire = next((wire for ending, wire in ENDINGS.items() if address.endswith(ending)), None)
    if wire is None or isinstance(kept.get("response_body"), list):
        return None
    asked = table(kept["request_body"])
    written = kept.get("response_text")
    model = address.rpartition("/")[2].partition(":")[0] if wire is Wire.GEMINI else str(asked.get("model"))
    return Recording(
        name=path.stem,
        wire=wire,
        tags=frozenset(kept["tags"]),
        status=int(kept["status"]),
        content_type=str(kept["response_headers"]["content-type"]),
        raw=(written if written is not None else json.dumps(kept["response_body"])).encode(),
        model=model,
        tools=frozenset(str(tool.get("type", "function")) for tool in rows(asked.get("tools"))),
        body=table(kept.get("response_body")),
        chunks=_chunks(written) if written else (),
    )


def _chunks(written: str) -> list[JSON]:
    lines = (line.removeprefix("data:").strip() for line in written.splitlines() if line.startswith("data:"))
    return [json.loads(line) for line in lines if line != "[DONE]"]


@dataclass(frozen=True, slots=True)
class Said:
    """What an exchange says: text, tool calls, and tokens as (input, output, read from cache)."""

    text: str
    calls: list[tuple[str, JSON]]
    tokens: tuple[int, int, int]


def said(recording: Recording) -> Said:
    """Read an exchange."""
    whole = {
        Wire.CHAT: _chat,
        Wire.RESPONSES: _responses,
        Wire.ANTHROPIC: _anthropic,
        Wire.GEMINI: _gemini,
    }
    return whole[recording.wire](recording)


def _chat(recording: Recording) -> Said:
    if not recording.stream:
        message = table(rows(recording.body["choices"])[0]["message"])
        functions = [table(call["function"]) for call in rows(message.get("tool_calls"))]
        calls = [(str(made["name"]), json.loads(str(made["arguments"]))) for made in functions]
        return Said(str(message.get("content") or ""), calls, _chat_tokens(table(recording.body["usage"])))
    deltas = [table(choice["delta"]) for chunk in recording.chunks for choice in rows(chunk["choices"])]
    names: dict[int, str] = {}
    typed: dict[int, str] = {}
    for call in (call for delta in deltas for call in rows(delta.get("tool_calls"))):
        index, made = int(str(call["index"])), table(call["function"])
        names.setdefault(index, str(made.get("name", "")))
        typed[index] = typed.get(index, "") + str(made.get("arguments") or "")
    text = "".join(str(delta.get("content") or "") for delta in deltas)
    used = [table(chunk["usage"]) for chunk in recording.chunks if chunk.get("usage")]
    return Said(text, [(names[at], json.loads(typed[at])) for at in names], _chat_tokens(used[-1]))


def _chat_tokens(used: JSON) -> tuple[int, int, int]:
    details = table(used.get("prompt_tokens_details"))
    return _number(used, "prompt_tokens"), _number(used, "completion_tokens"), _number(details, "cached_tokens")


def _number(owner: JSON, name: str) -> int:
    return int(str(owner.get(name) or 0))


def _responses(recording: Recording) -> Said:
    body = table(recording.chunks[-1]["response"]) if recording.stream else recording.body
    items = rows(body["output"])
    parts = [part for item in items if item["type"] == "message" for part in rows(item["content"])]
    made = [item for item in items if item["type"] == "function_call"]
    calls = [(str(item["name"]), json.loads(str(item["arguments"]))) for item in made]
    used = table(body.get("usage"))
    read = _number(table(used.get("input_tokens_details")), "cached_tokens")
    tokens = (_number(used, "input_tokens"), _number(used, "output_tokens"), read)
    return Said("".join(str(part["text"]) for part in parts), calls, tokens)


def _anthropic(recording: Recording) -> Said:
    if not recording.stream:
        blocks = rows(recording.body["content"])
        calls = [(str(block["name"]), table(block["input"])) for block in blocks if block["type"] == "tool_use"]
        text = "".join(str(block["text"]) for block in blocks if block["type"] == "text")
        return Said(text, calls, _anthropic_tokens(table(recording.body["usage"])))
    opened = [table(chunk["content_block"]) for chunk in recording.chunks if chunk["type"] == "content_block_start"]
    typed = [""] * len(opened)
    for chunk in recording.chunks:
        if chunk["type"] == "content_block_delta":
            delta = table(chunk["delta"])
            typed[_number(chunk, "index")] += str(delta.get("text") or delta.get("partial_json") or "")
    pairs = list(zip(opened, typed, strict=True))
    calls = [(str(block["name"]), json.loads(words or "{}")) for block, words in pairs if block["type"] == "tool_use"]
    text = "".join(words for block, words in pairs if block["type"] == "text")
    first = table(table(recording.chunks[0]["message"])["usage"])
    last = next(table(chunk["usage"]) for chunk in recording.chunks if chunk["type"] == "message_delta")
    return Said(text, calls, _anthropic_tokens(first | last))


def _anthropic_tokens(used: JSON) -> tuple[int, int, int]:
    read = _number(used, "cache_read_input_tokens")
    given = _number(used, "input_tokens") + read + _number(used, "cache_creation_input_tokens")
    return given, _number(used, "output_tokens"), read


def _gemini(recording: Recording) -> Said:
    bodies = recording.chunks if recording.stream else [recording.body]
    parts = [
        part
        for body in bodies
        for candidate in rows(body["candidates"])
        for part in rows(table(candidate["content"]).get("parts"))
    ]
    made = [table(part["functionCall"]) for part in parts if "functionCall" in part]
    text = "".join(str(part["text"]) for part in parts if "text" in part and not part.get("thought"))
    used = table(bodies[-1]["usageMetadata"])
    output = _number(used, "candidatesTokenCount") + _number(used, "thoughtsTokenCount")
    tokens = (_number(used, "promptTokenCount"), output, _number(used, "cachedContentTokenCount"))
    return Said(text, [(str(call["name"]), table(call.get("args"))) for call in made], tokens)
