"""Google's generateContent and streamGenerateContent."""

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
    rows,
    table,
    text,
)

SIGNATURE = "Es4BCssBAQw51sdVawpvkeotE8CSmU13qH8NFDcKY+siBnDFeW/Lp2jPEOJ7b3RqqwAk3/8vPSDDEScuvKw+bg=="
FINISH: Mapping[Finish, str | None] = {
    Finish.STOP: "STOP",
    Finish.LENGTH: "MAX_TOKENS",
    Finish.REFUSAL: "SAFETY",
    Finish.FILTER: "SAFETY",
    Finish.CUT: None,
    Finish.BLOCKED: None,
    Finish.MALFORMED: "MALFORMED_FUNCTION_CALL",
}
SILENT = frozenset({Finish.REFUSAL, Finish.BLOCKED, Finish.MALFORMED})
SAFETY: list[JSON] = [
    {"category": "HARM_CATEGORY_HATE_SPEECH", "probability": "LOW", "blocked": True},
    {"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "NEGLIGIBLE"},
]


def read(body: JSON, model: str, *, stream: bool) -> Conversation:
    """Decode a request; model and streaming stand in its address."""
    turns: list[Turn] = []
    for content in rows(body["contents"]):
        parts = rows(content["parts"])
        said = "".join(str(part["text"]) for part in parts if "text" in part and not part.get("thought"))
        if content.get("role") == "model":
            turns.append(Reply(said, [_call(table(part["functionCall"])) for part in parts if "functionCall" in part]))
            continue
        turns += [_result(table(part["functionResponse"])) for part in parts if "functionResponse" in part]
        turns += [Words(said)] if said else []
    tools = [row for tool in rows(body.get("tools")) for row in rows(tool.get("functionDeclarations"))]
    return Conversation(
        model=model,
        system=text(table(body.get("systemInstruction")).get("parts")),
        turns=turns,
        tools=[str(row["name"]) for row in tools],
        stream=stream,
        body=body,
    )


def _call(row: JSON) -> Call:
    return Call(str(row["name"]), json.dumps(row.get("args", {})), str(row.get("id", "")))


def _result(row: JSON) -> Result:
    return Result(str(row.get("id", "")), str(row["name"]), row["response"])


def whole(answer: Answer, talk: Conversation, request_id: str) -> JSON:
    """Encode an answer that is not streamed."""
    parts: list[JSON] = [{"text": answer.thinking, "thought": True}] if answer.thinking else []
    parts += [{"text": answer.text}] if answer.text and answer.finish not in SILENT else []
    return _chunk(answer, talk, request_id, [*parts, *_calls(answer)], last=True)


def _calls(answer: Answer) -> list[JSON]:
    written = [_written(call) for call in answer.calls]
    return [{**part, **({"thoughtSignature": SIGNATURE} if not index else {})} for index, part in enumerate(written)]


def _written(call: Call) -> JSON:
    arguments = parsed(call.arguments) if isinstance(call.arguments, str) else call.arguments
    return {"functionCall": {"name": call.name, "args": arguments, "id": call.id}}


def _chunk(answer: Answer, talk: Conversation, request_id: str, parts: list[JSON], *, last: bool) -> JSON:
    candidate: JSON = {"content": {"parts": parts, "role": "model"} if parts else {}, "index": 0}
    if last and FINISH[answer.finish]:
        candidate["finishReason"] = FINISH[answer.finish]
        if answer.finish in {Finish.REFUSAL, Finish.FILTER}:
            candidate["safetyRatings"] = SAFETY
    blocked: JSON = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}
    return {
        **(blocked if answer.finish is Finish.BLOCKED else {"candidates": [candidate]}),
        "usageMetadata": usage(answer.counted),
        "modelVersion": talk.model,
        "responseId": request_id,
    }


def usage(counted: Usage) -> JSON:
    """Encode usage: thoughts stand beside the candidates' tokens, not inside them; a cache's writes are not told."""
    told: JSON = {
        "promptTokenCount": counted.input,
        "candidatesTokenCount": counted.output - counted.reasoning,
        "totalTokenCount": counted.input + counted.output,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": counted.input}],
    }
    if counted.read:
        told["cachedContentTokenCount"] = counted.read
        told["cacheTokensDetails"] = [{"modality": "TEXT", "tokenCount": counted.read}]
    if counted.reasoning:
        told["thoughtsTokenCount"] = counted.reasoning
    return told


def frames(answer: Answer, talk: Conversation, request_id: str) -> Iterator[str]:
    """Encode a streamed answer."""

    def frame(parts: list[JSON], *, last: bool = False) -> str:
        return event(_chunk(answer, talk, request_id, parts, last=last), end="\r\n")

    if answer.thinking:
        yield frame([{"text": answer.thinking, "thought": True}])
    if answer.finish not in SILENT:
        yield from (frame([{"text": word}]) for word in answer.words())
    yield from (frame([part]) for part in _calls(answer))
    yield frame([] if answer.finish in SILENT else [{"text": ""}], last=True)


def failing(message: str) -> str:
    """The event of a stream that breaks in its middle."""
    return event({"error": {"code": 503, "message": message, "status": "UNAVAILABLE"}}, end="\r\n")


def models(names: list[str]) -> JSON:
    """Encode the list of models."""
    listed = [
        {
            "name": f"models/{name}",
            "version": "001",
            "displayName": name,
            "description": "A simulated model",
            "inputTokenLimit": 1_048_576,
            "outputTokenLimit": 65_536,
            "supportedGenerationMethods": ["generateContent", "countTokens"],
        }
        for name in names
    ]
    return {"models": listed}
