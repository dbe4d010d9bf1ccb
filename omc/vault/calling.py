"""One call of a model: built for its provider over the official SDKs, made once, refused when it is not whole.

Heavy (five seconds of imports): reached with `import_module` on first use, in the worker only. There is no retry here;
whoever asks decides, with the `ModelFailure` in hand.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.tools import ToolDefinition

from omc.vault.connection import Connection
from omc.vault.outbound import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of a model. `stream` when somebody watches; `first_event_s` bounds the wait for its first event."""

    messages: Sequence[ModelMessage]
    tools: Sequence[ToolDefinition] = ()
    max_tokens: int
    temperature: float | None = None
    top_p: float | None = None
    effort: str | None = None
    stream: bool = False
    timeout_s: float = 180.0
    first_event_s: float = 60.0


async def ask(
    connection: Connection,
    policy: Policy,
    asked: Asked,
    on_words: Callable[[str], Awaitable[None]] | None = None,
    *,
    on_first: Callable[[], None] | None = None,
) -> ModelResponse:
    """Return the model's whole answer, or raise `ModelFailure` and nothing else (but a cancellation).

    `on_words` gets text as it comes, at most every 40 ms, when `asked.stream`; `on_first` is called once, at the
    first event of a stream or at the answer, for whoever measures the time to it.
    """
    raise NotImplementedError
