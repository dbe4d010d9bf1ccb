"""A conversation and an answer in no provider's words: what every wire is decoded to and encoded from."""

import itertools
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

JSON: TypeAlias = dict[str, object]


class Finish(StrEnum):
    """Why an answer ended; `CUT` is the server that never says. Only Gemini knows the last two."""

    STOP = "stop"
    LENGTH = "length"
    REFUSAL = "refusal"
    FILTER = "filter"
    CUT = "cut"
    BLOCKED = "blocked"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call; arguments as text are sent as they are, be they JSON or not."""

    name: str
    arguments: JSON | str
    id: str = ""

    @property
    def written(self) -> str:
        return self.arguments if isinstance(self.arguments, str) else json.dumps(self.arguments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens: `read` and `written` (the cache) are part of `input`, `reasoning` is part of `output`."""

    input: int = 0
    output: int = 0
    read: int = 0
    written: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the model says in one turn; without usage, it is counted from the words."""

    text: str = ""
    thinking: str = ""
    calls: Sequence[Call] = ()
    finish: Finish = Finish.STOP
    usage: Usage | None = None
    endless: bool = False

    def words(self) -> Iterator[str]:
        """The text in the pieces in which it is streamed."""
        pieces = re.findall(r"\s*\S+\s*", self.text) or ([self.text] if self.text else [])
        return itertools.cycle(pieces) if self.endless else iter(pieces)

    @property
    def counted(self) -> Usage:
        assert self.usage is not None, "the server counts before it encodes"
        return self.usage


@dataclass(frozen=True, slots=True)
class Words:
    """What the person said."""

    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model answered before."""

    text: str
    calls: Sequence[Call]
    thinking: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool answered; `content` is parsed where it is JSON."""

    call_id: str
    name: str
    content: object
    failed: bool = False


Turn: TypeAlias = Words | Reply | Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A request, whatever the wire."""

    model: str
    system: str
    turns: Sequence[Turn]
    tools: Sequence[str]
    stream: bool = False
    wants_usage: bool = True
    body: JSON = field(default_factory=dict)

    @property
    def replies(self) -> int:
        """How often the model has answered already."""
        return sum(isinstance(turn, Reply) for turn in self.turns)


def text(value: object) -> str:
    """A string, or the text of a list of parts."""
    if isinstance(value, str):
        return value
    return "".join(str(part["text"]) for part in rows(value) if "text" in part)


def rows(value: object) -> list[JSON]:
    """The objects of a list; nothing of anything else."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def table(value: object) -> JSON:
    """An object, or an empty one."""
    return value if isinstance(value, dict) else {}


def parsed(content: object) -> object:
    """A tool's result, read as JSON where it is JSON."""
    written = text(content)
    try:
        return json.loads(written)
    except ValueError:
        return written


def event(data: JSON, name: str | None = None, *, end: str = "\n") -> str:
    """A server-sent event."""
    head = f"event: {name}{end}" if name else ""
    return f"{head}data: {json.dumps(data, separators=(',', ':'))}{end}{end}"


def pieces(written: str, size: int = 24) -> Iterator[str]:
    """Arguments in the pieces in which they are streamed."""
    return (written[start : start + size] for start in range(0, len(written), size))
