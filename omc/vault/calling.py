"""One call of a model: built for its provider over the official SDKs, made once, refused when it is not whole.

Heavy (five seconds of imports): reached with `import_module` on first use, in the worker only. There is no retry here;
whoever asks decides, with the `ModelFailure` in hand.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import structlog
from pydantic_ai.direct import model_request, model_request_stream
from pydantic_ai.messages import (
    ModelMessage,
    ModelResponse,
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
    ToolCallPart,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition

from omc.kit.clock import Clock, utc_now
from omc.vault.building import build, row_of, settings
from omc.vault.connection import Connection
from omc.vault.failures import FailureKind, ModelFailure, from_sdk
from omc.vault.outbound import Limits, Policy, client
from omc.vault.prices import Usage

__all__ = ["Asked", "Connection", "Words", "ask", "left_out", "usage_of"]

MAX_BYTES_ONCE: Final = 16_000_000
MAX_BYTES_STREAM: Final = 64_000_000
MAX_TOLD: Final = 10**12
CLOSING_S: Final = 2.0
UNFINISHED: Final = ("in_progress", "queued", "incomplete", "cancelled")
"""What the Responses protocol says of an answer that is not done."""

log = structlog.get_logger(__name__)

OnFirst = Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Some words of a streamed answer: of what is said, or of the thoughts that a provider shows before it.

    `begins` where a new part of the answer starts with them.
    """

    kind: Literal["text", "thought"]
    text: str
    begins: bool


OnWords = Callable[[Words], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of a model. `first_event_s` bounds the wait for a stream's first event."""

    messages: Sequence[ModelMessage]
    tools: Sequence[ToolDefinition] = ()
    max_tokens: int
    temperature: float | None = None
    top_p: float | None = None
    effort: str | None = None
    stream: bool = False
    timeout_s: float = 180.0
    first_event_s: float = 60.0
    connect_s: float = 10.0


async def ask(
    connection: Connection,
    policy: Policy,
    asked: Asked,
    on_words: OnWords | None = None,
    *,
    on_first: OnFirst | None = None,
    clock: Clock = utc_now,
) -> ModelResponse:
    """Return the model's whole answer, or raise `ModelFailure` and nothing else (but a cancellation).

    `on_words` gets the words as they come, when `asked.stream`; it must not wait for anything. `on_first` is called
    once, at the first event of a stream or at the answer, for whoever measures the time to it.
    """
    answer = await _answered(connection, policy, asked, _Watch(on_words, on_first), clock)
    # Raised outside of every `except` and with no key in this frame: what goes up carries nothing of the call.
    del connection, asked
    if isinstance(answer, ModelFailure):
        raise answer
    return answer


def left_out(connection: Connection, asked: Asked) -> tuple[str, ...]:
    """Return the names of the settings (`effort`, `temperature`, `top_p`) that this model does not take."""
    keyless = Connection(provider=connection.provider, model=connection.model, base_url=connection.base_url)
    http = client(Policy(private=False), Limits())
    return _settings(connection, build(keyless, http), asked)[1]


def usage_of(answer: ModelResponse) -> Usage | None:
    """Return the tokens that the provider told, or None when it told none: then nobody knows what was charged.

    No count is below zero, which would lower what is spent, or above MAX_TOLD.
    """
    used = answer.usage
    tokens_in, tokens_out = _within(used.input_tokens, MAX_TOLD), _within(used.output_tokens, MAX_TOLD)
    if not tokens_in and not tokens_out:
        return None
    reasoning = next((used.details[name] for name in _REASONING if used.details.get(name)), 0)
    return Usage(
        input=tokens_in,
        cache_read=_within(used.cache_read_tokens, tokens_in),
        cache_write=_within(used.cache_write_tokens, tokens_in),
        output=tokens_out,
        reasoning=_within(reasoning, tokens_out),
    )


def _within(told: int, most: int) -> int:
    return max(0, min(told, most))


_REASONING = ("reasoning_tokens", "thoughts_tokens", "thinking_tokens")


class _Watch:
    """Tells a watcher what comes; his trouble never breaks the call."""

    def __init__(self, on_words: OnWords | None, on_first: OnFirst | None) -> None:
        self._on_words = on_words
        self._on_first = on_first

    def first(self) -> None:
        """Tell once that something came."""
        if self._on_first is not None:
            self._on_first()
            self._on_first = None

    def words(self, said: Words) -> None:
        """Pass words on."""
        if self._on_words is None:
            return
        try:
            self._on_words(said)
        except Exception as error:  # noqa: BLE001 - who only looks on cannot stop the work
            log.warning("model.watcher_failed", error=type(error).__name__)
            self._on_words = None


async def _answered(
    connection: Connection, policy: Policy, asked: Asked, watch: _Watch, clock: Clock
) -> ModelResponse | ModelFailure:
    hide = [] if connection.key is None else [connection.key]
    limits = Limits(
        connect_s=asked.connect_s,
        silence_s=asked.timeout_s,
        max_bytes=MAX_BYTES_STREAM if asked.stream else MAX_BYTES_ONCE,
    )
    try:
        # The outer limit holds for closing too; the inner ones, pydantic-ai's, come first and say which ran out.
        async with asyncio.timeout(asked.timeout_s + CLOSING_S), client(policy, limits) as http:
            model = build(connection, http)
            sent, _ = _settings(connection, model, asked)
            answer = await _call(model, sent, asked, watch)
    except Exception as error:  # noqa: BLE001 - the border: nothing of an SDK passes it
        failure = from_sdk(error, now=clock(), hide=hide)
        if failure.kind is FailureKind.UNKNOWN:
            log.warning("model.failure_unknown", error=type(error).__name__)
        return failure
    watch.first()
    return _flaw(answer) or answer


def _settings(connection: Connection, model: Model, asked: Asked) -> tuple[ModelSettings, tuple[str, ...]]:
    return settings(
        row_of(connection),
        model.profile,
        max_tokens=asked.max_tokens,
        temperature=asked.temperature,
        top_p=asked.top_p,
        effort=asked.effort,
        timeout_s=asked.timeout_s,
        first_event_s=asked.first_event_s,
    )


async def _call(model: Model, sent: ModelSettings, asked: Asked, watch: _Watch) -> ModelResponse:
    offered = ModelRequestParameters(function_tools=list(asked.tools))
    if not asked.stream:
        return await model_request(
            model, asked.messages, model_settings=sent, model_request_parameters=offered, instrument=False
        )
    async with model_request_stream(
        model, asked.messages, model_settings=sent, model_request_parameters=offered, instrument=False
    ) as stream:
        async for event in stream:
            watch.first()
            if (said := _words(event)) is not None:
                watch.words(said)
        return stream.get()


def _words(event: ModelResponseStreamEvent) -> Words | None:
    match event:
        case PartStartEvent(part=TextPart(content=text)):
            return Words(kind="text", text=text, begins=True)
        case PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
            return Words(kind="text", text=text, begins=False)
        case PartStartEvent(part=ThinkingPart(content=text)):
            return Words(kind="thought", text=text, begins=True)
        case PartDeltaEvent(delta=ThinkingPartDelta(content_delta=str(text))):
            return Words(kind="thought", text=text, begins=False)
        case _:
            return None


def _flaw(answer: ModelResponse) -> ModelFailure | None:
    """Return why an answer that came without an error is still none, or None.

    A stream that ends cleanly but early looks finished on every provider; only the missing raw finish reason tells.
    """
    kind = _flaw_kind(answer)
    return None if kind is None else ModelFailure(kind, usage=usage_of(answer))


def _flaw_kind(answer: ModelResponse) -> FailureKind | None:
    calls = [part for part in answer.parts if isinstance(part, ToolCallPart)]
    said = any(isinstance(part, TextPart) and part.content.strip() for part in answer.parts)
    ended = str((answer.provider_details or {}).get("finish_reason") or "")
    match answer.finish_reason:
        case "length":
            return FailureKind.TOO_LONG
        case "content_filter":
            return FailureKind.REFUSED
        case "error":
            return FailureKind.BAD_TOOL_ARGUMENTS if "FUNCTION_CALL" in ended else FailureKind.SERVER_ERROR
    if not ended or ended in UNFINISHED:
        return FailureKind.CUT
    if not calls and not said:
        return FailureKind.EMPTY
    return None if all(_is_object(call) for call in calls) else FailureKind.BAD_TOOL_ARGUMENTS


def _is_object(call: ToolCallPart) -> bool:
    if not isinstance(call.args, str) or not call.args:
        return True
    try:
        return isinstance(json.loads(call.args), dict)
    except (ValueError, RecursionError):
        return False
