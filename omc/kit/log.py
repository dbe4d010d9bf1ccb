"""Structured logs, one line a fact, on standard error; secrets are struck out before a line is written."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Literal

import structlog

from omc.kit.secret import STRUCK_OUT

# Names whose values never belong in a log, whatever they hold.
SECRET_NAMES = re.compile(r"password|passwd|secret|token|api_?key|authorization|cookie|csrf|private", re.IGNORECASE)
# Shapes that give a secret away inside a longer text: a password in an address, a bearer header, a key.
# A repetition with something behind it is bounded: a long text from outside must not cost quadratic time.
SECRET_SHAPES = (
    (re.compile(r"([a-zA-Z][\w+.-]{0,20}://[^:/\s@]{0,100}:)[^@\s]{1,400}@"), rf"\1{STRUCK_OUT}@"),
    (re.compile(r"(?i)(bearer\s+)[\w.~+/=-]{8,}"), rf"\1{STRUCK_OUT}"),
    (re.compile(r"\b(omc_|sk-|gsk_|xai-|AIza|AQ\.)[\w-]{12,}"), rf"\1{STRUCK_OUT}"),
)
LONGEST_VALUE = 2_000
LONGEST_SECRET = 600

EventDict = MutableMapping[str, object]


def set_up(*, level: str = "info", style: Literal["text", "json"] = "text") -> None:
    """Configure structlog and the standard library's logging alike; call once, at a door."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    ending: list[structlog.types.Processor] = [_exception_without_locals, strike_out, _renderer(style)]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # Other libraries' chatter is not a fact about OMC.
    for noisy in ("httpx", "httpcore", "procrastinate", "alembic", "asyncio", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


def strike_out(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Replace what may be a secret, by the name it stands under or by its shape; shorten what is too long."""
    for name, value in event.items():
        if isinstance(value, (bool, int, float, type(None))):
            continue  # a count of tokens is no token
        event[name] = STRUCK_OUT if SECRET_NAMES.search(name) else _clean(str(value))
    return event


def _clean(text: str) -> str:
    # A secret that begins before the cut is seen whole, so that no half of it is left.
    cleaned = text[: LONGEST_VALUE + LONGEST_SECRET]
    for shape, replacement in SECRET_SHAPES:
        cleaned = shape.sub(replacement, cleaned)
    return cleaned if len(text) <= LONGEST_VALUE else f"{cleaned[:LONGEST_VALUE]}… ({len(text)} characters)"


def _exception_without_locals(logger: object, method: str, event: EventDict) -> EventDict:
    """Write the traceback as text: lines only, never the values of local variables."""
    return structlog.processors.format_exc_info(logger, method, event)


def _renderer(style: Literal["text", "json"]) -> structlog.types.Processor:
    if style == "json":
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=24, pad_level=False)
