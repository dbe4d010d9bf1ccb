"""Between the journal and the model library: entries become messages, an answer becomes an entry, made harmless."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pydantic_ai.messages import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelRequestPart,
    ModelResponse,
    ModelResponsePart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from omc.core.canonical import canonical
from omc.lab.entries import Entry
from omc.lab.policy import Trust
from omc.lab.rules import MAX_CALLS, EntryKind, clean
from omc.lab.untrusted import delimited, enclosed, revealed

MAX_ANSWER_CHARACTERS = 64_000
MAX_ARGUMENT_CHARACTERS = 64_000
MAX_NESTING = 24
MAX_NAME_CHARACTERS = 60
MAX_SEEN_CHARACTERS = 24_000
MALFORMED = "not_a_json_object"


def messages(entries: Sequence[Entry], instructions: str) -> list[ModelMessage]:
    """Return the conversation as a model reads it: results directly behind their calls, then what the person said."""
    said = [entry for entry in entries if entry.facts.kind is EntryKind.PERSON]
    talk: list[ModelMessage] = []
    parts: list[ModelRequestPart] = []
    for entry in entries:
        if entry.facts.kind is EntryKind.TOOL:
            parts.append(_result(entry))
        elif entry.facts.kind is EntryKind.MODEL:
            parts += _take(said, entry.facts.seen)
            talk += [ModelRequest(parts=parts, instructions=instructions), _answer(entry)]
            parts = []
    last = max((entry.facts.position for entry in entries), default=0)
    return [*talk, ModelRequest(parts=[*parts, *_take(said, last)], instructions=instructions)]


def tamed(answer: ModelResponse) -> ModelResponse:
    """Return a model's answer as it may be stored and sent back: text, thoughts and calls only, bounded and clean."""
    parts: list[ModelResponsePart] = []
    calls = 0
    for part in answer.parts:
        match part:
            case TextPart():
                said = _plain(part.content[:MAX_ANSWER_CHARACTERS])
                parts.append(replace(part, content=said[:MAX_ANSWER_CHARACTERS]))
            case ThinkingPart():
                # Letter for letter: a provider signs its thoughts and refuses changed ones.
                parts.append(replace(part, content=clean(part.content[:MAX_ANSWER_CHARACTERS])))
            case ToolCallPart() if calls < MAX_CALLS:
                calls += 1
                parts.append(_tamed_call(part))
            case _:
                continue
    return replace(answer, parts=parts)


def body(answer: ModelResponse) -> Mapping[str, object]:
    """Return a tamed answer as JSON values."""
    dumped: list[Mapping[str, object]] = ModelMessagesTypeAdapter.dump_python([answer], mode="json")
    return {"response": dumped[0]}


def calls(answer: ModelResponse) -> list[ToolCallPart]:
    """Return the tool calls of an answer, in order."""
    return [part for part in answer.parts if isinstance(part, ToolCallPart)]


def call_of(entries: Sequence[Entry], index: int) -> ToolCallPart:
    """Return a call of the last answer."""
    answers = [entry for entry in entries if entry.facts.kind is EntryKind.MODEL]
    return calls(_answer(answers[-1]))[index]


def words(answer: ModelResponse) -> str:
    """Return what an answer says in words."""
    return "\n\n".join(part.content for part in answer.parts if isinstance(part, TextPart)).strip()


def thoughts(answer: ModelResponse) -> str:
    """Return what a provider shows of the thoughts behind an answer."""
    return "\n\n".join(part.content for part in answer.parts if isinstance(part, ThinkingPart)).strip()


def _answer(entry: Entry) -> ModelResponse:
    (answer,) = ModelMessagesTypeAdapter.validate_python([entry.body["response"]])
    assert isinstance(answer, ModelResponse)
    return answer


def _result(entry: Entry) -> ToolReturnPart:
    content: Mapping[str, object] = {"evidence": entry.body.get("evidence")} if "evidence" in entry.body else {}
    content = {**content, "trust": entry.labels.trust.name.lower()}
    shown = _seen(entry)
    return ToolReturnPart(
        tool_name=str(entry.body["tool"]),
        tool_call_id=str(entry.body["call_id"]),
        content={**content, **shown},
        outcome="success" if entry.body["ok"] else "failed",
    )


def _seen(entry: Entry) -> Mapping[str, object]:
    """What a model sees of a result: bounded, and what others may have written enclosed in marks."""
    shown, salt = entry.body["content"], f"{entry.body['call_id']} {entry.facts.step}"
    if entry.labels.trust is Trust.OUTSIDE:
        shown = delimited(shown, salt=salt)
    assert isinstance(shown, Mapping)
    written = canonical(shown).decode()
    if len(written) <= MAX_SEEN_CHARACTERS:
        return shown
    cut = enclosed(written, salt=salt, limit=MAX_SEEN_CHARACTERS)
    return {"shortened": cut, "note": "the evidence holds all of it"}


def _take(said: list[Entry], up_to: int) -> list[ModelRequestPart]:
    taken = [entry for entry in said if entry.facts.position <= up_to]
    del said[: len(taken)]
    return [UserPromptPart(content=revealed(str(entry.body["text"]))) for entry in taken]


def _tamed_call(part: ToolCallPart) -> ToolCallPart:
    return replace(
        part,
        tool_name=_plain(part.tool_name[:MAX_NAME_CHARACTERS]),
        tool_call_id=_plain(part.tool_call_id[:MAX_NAME_CHARACTERS]),
        args=_arguments(part.args),
    )


def _arguments(written: str | Mapping[str, object] | None) -> dict[str, object]:
    try:
        text = written if isinstance(written, str) else json.dumps(written or {}, allow_nan=False)
        value = _parsed(clean(text) or "{}")
        canonical(value)
    except (ValueError, TypeError, RecursionError):
        return {MALFORMED: _plain(str(written)[:MAX_NAME_CHARACTERS])}
    return value


def _plain(text: str) -> str:
    """What a model wrote, as it is stored: no character in it hides, here or on any card that is made of it."""
    return revealed(clean(text))


def _parsed(text: str) -> dict[str, object]:
    if len(text) > MAX_ARGUMENT_CHARACTERS or text.count("[") + text.count("{") > MAX_ARGUMENT_CHARACTERS // 8:
        raise ValueError("too large")
    value = _clean_value(json.loads(text), MAX_NESTING)
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - one except serves every way to be malformed
    return value


def _clean_value(value: object, depth: int) -> object:
    if depth == 0:
        raise ValueError("too deep")
    match value:
        case str():
            return _plain(value)
        case dict():
            return {_plain(str(key)): _clean_value(item, depth - 1) for key, item in value.items()}
        case list():
            return [_clean_value(item, depth - 1) for item in value]
        case _:
            return value
