"""The four wires, and every way a model server fails, by name."""

import re
from enum import StrEnum


class Wire(StrEnum):
    """The four protocols."""

    CHAT = "chat"
    RESPONSES = "responses"
    ANTHROPIC = "anthropic"
    GEMINI = "gemini"


class Fault(StrEnum):
    """What goes wrong; the value is the name in scripts, keys and models (`fail-429_retry`)."""

    INVALID_KEY = "invalid_key"  # what this provider really says to a wrong key
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    NO_MODEL = "404"
    RATE_LIMIT = "429"
    RATE_LIMIT_WAIT = "429_retry"  # says how long to wait, where this provider says it
    QUOTA = "quota"  # no credit: waiting does not help
    PAYMENT = "402"
    INTERNAL = "500"
    BAD_GATEWAY = "502"
    UNAVAILABLE = "503"
    OVERLOADED = "529"
    CONTEXT = "context"
    PROMPT_BLOCKED = "prompt_blocked"
    ECHO_KEY = "echo_key"

    HANG = "hang"  # before the first byte
    HANG_MIDDLE = "hang_middle"
    RESET = "reset"  # before the first byte
    CUT = "cut"  # the socket dies in the middle
    EARLY_END = "early_end"  # ends cleanly, but nobody said that it is finished
    OVERLOADED_MIDDLE = "overloaded_middle"  # an error event in the middle
    DRIP = "drip"
    ENDLESS = "endless"
    GIANT = "giant"
    MALFORMED = "malformed"
    HTML_200 = "html_200"
    HTML_502 = "html_502"
    REDIRECT = "redirect"

    NOT_JSON_ARGUMENTS = "not_json_arguments"
    WRONG_ARGUMENTS = "wrong_arguments"
    UNKNOWN_TOOL = "unknown_tool"
    REFUSAL = "refusal"
    FILTERED = "filtered"  # words, then the filter
    EMPTY = "empty"
    LENGTH = "length"


_NAMED = re.compile(r"fail-([a-z0-9_]+?)(?:x(\d+))?(?![a-z0-9_])")


def named(words: str) -> tuple[Fault, int | None] | None:
    """The fault that a key or a model's name asks for: `fail-500` always, `fail-500x2` for the first two calls."""
    found = _NAMED.search(words)
    if found is None or found[1] not in set(Fault):
        return None
    return Fault(found[1]), int(found[2]) if found[2] else None
