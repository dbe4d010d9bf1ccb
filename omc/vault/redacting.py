"""Takes exact secrets out of a text that others wrote, in every form in which a server could echo them."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from urllib.parse import quote, quote_plus

from omc.kit.secret import Secret

HIDDEN = "[hidden]"
MIN_SECRET = 6
"""Shorter than this is no key; hiding it would only shred the text."""
MIN_BASE64 = 6

_KEY_LIKE = re.compile(r"\b(?:sk|pk|rk|gsk|xai|hf|or)[-_][A-Za-z0-9*_\-]{8,}|\bAIza[A-Za-z0-9*_\-]{8,}")
_BEARER = re.compile(r"(?i)\b(bearer|x-api-key:?|x-goog-api-key:?|api[-_ ]key\s*[=:])\s+[^\s\"',;]{6,}")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")


def redacted(text: str, secrets: Sequence[Secret]) -> str:
    """Return `text` without the secrets (plain, base64 anywhere, hex, URL- and JSON-escaped) and key-like words."""
    forms = {form for secret in secrets for form in _forms(secret.reveal())}
    for form in sorted(forms, key=len, reverse=True):
        text = re.sub(re.escape(form), HIDDEN, text, flags=re.IGNORECASE)
    return _BEARER.sub(rf"\1 {HIDDEN}", _KEY_LIKE.sub(HIDDEN, text))


def plain(text: str, *, limit: int) -> str:
    """Return one line of at most `limit` characters without control, direction or zero-width characters."""
    line = " ".join(_UNSEEN.sub(" ", text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _forms(value: str) -> Iterator[str]:
    if len(value) < MIN_SECRET:
        return
    raw = value.encode(errors="surrogatepass")
    yield value
    yield raw.hex()
    yield from (quote(value, safe=kept, errors="replace") for kept in ("", "/"))
    yield quote_plus(value, errors="replace")
    once = json.dumps(value)[1:-1]
    yield from (once, json.dumps(once)[1:-1])
    yield value[::-1]
    yield from _in_base64(raw)


def _in_base64(raw: bytes) -> Iterator[str]:
    """The characters that `raw` alone decides, for each of the three offsets at which it can stand in a longer text."""
    for offset in range(3):
        whole = b64encode(b"\0" * offset + raw).decode()
        core = whole[(0, 2, 3)[offset] : len(whole.rstrip("=")) - (1 if (len(raw) + offset) % 3 else 0)]
        if len(core) >= MIN_BASE64:
            yield core
            yield core.replace("+", "-").replace("/", "_")
