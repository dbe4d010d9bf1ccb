"""The built page on disk: which file answers a path, in which encoding, and the index with its nonce."""

import mimetypes
from dataclasses import dataclass
from pathlib import Path

NONCE_MARK = "__OMC_NONCE__"
"""What the build writes into `index.html` wherever an answer's nonce belongs."""

MAX_PATH = 512
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_FOREVER = "public, max-age=31536000, immutable"
_CHECK = "no-cache"

NOT_BUILT = """OMC is running, but its page is not built in this checkout.

Build it once with:   omc web build
Then load this address again. The API is at /api/v1, its description at /api/v1/openapi.json.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file to send: `encoding` is empty for a plain one."""

    path: Path
    media_type: str
    encoding: str
    cache_control: str


def find_asset(root: Path, path: str, accepted: str) -> Asset | None:
    """Return the file under `root` for a URL path, precompressed where the client's Accept-Encoding takes it."""
    plain = _inside(root, path)
    if plain is None:
        return None
    media_type = mimetypes.guess_type(plain.name)[0] or "application/octet-stream"
    cache_control = _FOREVER if path.startswith("/assets/") else _CHECK
    taken = {part.split(";")[0].strip() for part in accepted.split(",")}
    for encoding, suffix in _ENCODINGS:
        packed = plain.with_name(plain.name + suffix)
        if encoding in taken and packed.is_file():
            return Asset(path=packed, media_type=media_type, encoding=encoding, cache_control=cache_control)
    return Asset(path=plain, media_type=media_type, encoding="", cache_control=cache_control)


def index_page(root: Path, nonce: str) -> str | None:
    """Return `index.html` with the answer's nonce in it, or None where the page is not built."""
    index = root / "index.html"
    if not index.is_file():
        return None
    return index.read_text(encoding="utf-8").replace(NONCE_MARK, nonce)


def _inside(root: Path, path: str) -> Path | None:
    if len(path) > MAX_PATH or "\0" in path or "\\" in path or "/." in path or path.endswith(("/", ".html")):
        return None
    candidate = root / path.lstrip("/")
    return candidate if candidate.is_file() and candidate.resolve().is_relative_to(root.resolve()) else None
