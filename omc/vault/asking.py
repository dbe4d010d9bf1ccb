"""What a probe sends and reads in each protocol: the list of models, and the shortest question that has an answer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard
from urllib.parse import quote

from omc.vault.providers import Protocol
from omc.vault.redacting import plain

MAX_MODELS = 1_000
MAX_MODEL_ID = 200
ANTHROPIC_VERSION = "2023-06-01"
FEW_TOKENS = 16
"""The least that OpenAI's Responses protocol takes; the others are asked for one."""

CHEAP = ("luna", "nano", "flash-lite", "haiku", "lite", "mini", "flash", "small", "free")
"""Words in the names of the cheap models that providers list, the cheapest first."""

NOT_CHAT = (
    *("embed", "whisper", "tts", "dall-e", "image", "imagen", "moderation", "audio", "realtime", "transcribe", "veo"),
    *("rerank", "aqa", "live", "sora", "babbage", "davinci", "instruct", "search", "codex", "computer-use", "guard"),
)

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one protocol is probed: paths after the base URL, headers, bodies, and where the answer's parts stand."""

    list_path: str
    list_key: str
    id_key: str
    answer_path: Callable[[str], str]
    question: Callable[[str], Json]
    answer_keys: tuple[str, ...]
    headers: Callable[[str], Mapping[str, str]]


def _bearer(key: str) -> Mapping[str, str]:
    return {"authorization": f"Bearer {key}"} if key else {}


DIALECTS: Mapping[Protocol, Dialect] = {
    Protocol.OPENAI_RESPONSES: Dialect(
        list_path="/models",
        list_key="data",
        id_key="id",
        answer_path=lambda _: "/responses",
        question=lambda model: {"model": model, "input": "Hi", "max_output_tokens": FEW_TOKENS, "store": False},
        answer_keys=("output", "status"),
        headers=_bearer,
    ),
    Protocol.OPENAI_CHAT: Dialect(
        list_path="/models",
        list_key="data",
        id_key="id",
        answer_path=lambda _: "/chat/completions",
        question=lambda model: {"model": model, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1},
        answer_keys=("choices",),
        headers=_bearer,
    ),
    Protocol.ANTHROPIC: Dialect(
        list_path=f"/v1/models?limit={MAX_MODELS}",
        list_key="data",
        id_key="id",
        answer_path=lambda _: "/v1/messages",
        question=lambda model: {"model": model, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1},
        answer_keys=("content",),
        headers=lambda key: {"x-api-key": key, "anthropic-version": ANTHROPIC_VERSION},
    ),
    Protocol.GOOGLE: Dialect(
        list_path=f"/v1beta/models?pageSize={MAX_MODELS}",
        list_key="models",
        id_key="name",
        answer_path=lambda model: f"/v1beta/models/{quote(model, safe='')}:generateContent",
        question=lambda _: {
            "contents": [{"role": "user", "parts": [{"text": "Hi"}]}],
            "generationConfig": {"maxOutputTokens": 1},
        },
        answer_keys=("candidates", "promptFeedback"),
        headers=lambda key: {"x-goog-api-key": key},
    ),
}


def listed(dialect: Dialect, answer: object) -> tuple[str, ...] | None:
    """Return the ids in a list of models, without those that cannot be asked or named; None when it is no list."""
    rows = answer.get(dialect.list_key) if _is_object(answer) else None
    if not isinstance(rows, list):
        return None
    ids = dict.fromkeys(_id(dialect, row) for row in rows[: 2 * MAX_MODELS])
    return tuple(model for model in ids if model)[:MAX_MODELS]


def _id(dialect: Dialect, row: object) -> str:
    named = row.get(dialect.id_key) if _is_object(row) else None
    if not _is_object(row) or not isinstance(named, str):
        return ""
    methods = row.get("supportedGenerationMethods")
    if isinstance(methods, list) and "generateContent" not in methods:
        return ""
    model = named.removeprefix("models/")
    return model if model == plain(model, limit=MAX_MODEL_ID) else ""


def is_answer(dialect: Dialect, answer: object) -> bool:
    """Whether `answer` has the shape of an answer in this protocol."""
    return _is_object(answer) and any(key in answer for key in dialect.answer_keys)


def cheapest(models: Sequence[str]) -> str | None:
    """Return the model to ask a short question: one that is known to be cheap, else the first that chats."""
    chatting = [model for model in models if not _contains(model, NOT_CHAT)]
    ranked = ((_rank(model), place, model) for place, model in enumerate(chatting))
    return min(ranked, default=(0, 0, next(iter(models), None)))[2]


def _rank(model: str) -> int:
    return next((rank for rank, word in enumerate(CHEAP) if word in model.lower()), len(CHEAP))


def _contains(text: str, words: Iterable[str]) -> bool:
    return any(word in text.lower() for word in words)


def _is_object(value: object) -> TypeGuard[Json]:
    return isinstance(value, dict)
