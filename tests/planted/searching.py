"""Searching bytes of any origin for planted keys and for every part of one, plain or in another dress."""

import html
import json
import re
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

import numpy as np

PART = 9
"""A hint is the prefix of a service's keys and four characters: no part of a key that is longer than 8 may be seen."""
PART_BASE64 = 10
"""Of a part at any of the three alignments, base64 shows at least so many characters that it alone decides."""

HEAD = 8
CHUNK = 4 << 20
_BITS = 22


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """A part of the key `planted`, in the dress `dress`, at `place`. It never holds the part itself."""

    place: str
    planted: str
    dress: str


class Searcher:
    """Finds parts of the keys that it is given by name, in one pass over what it searches."""

    def __init__(self, planted: Mapping[str, str]) -> None:
        self._needles: dict[bytes, list[tuple[bytes, str, str]]] = defaultdict(list)
        for name, key in planted.items():
            for dress, needle in dict.fromkeys(needles(key)):
                self._needles[needle[:HEAD]].append((needle, name, dress))
        self._longest = max(len(needle) for found in self._needles.values() for needle, _, _ in found)
        self._table = np.zeros(1 << _BITS, dtype=bool)
        self._table[_hashes(b"".join(head[:4] for head in self._needles))[::4]] = True

    def search(self, place: str, content: bytes | str) -> set[Hit]:
        """Return what is found in `content`, which is called `place`."""
        raw = content.encode(errors="surrogatepass") if isinstance(content, str) else content
        hits = set()
        for begin in range(0, len(raw), CHUNK):
            chunk = raw[begin : begin + CHUNK + self._longest]
            for at in np.flatnonzero(self._table[_hashes(chunk)]).tolist():
                for needle, name, dress in self._needles.get(chunk[at : at + HEAD], ()):
                    if chunk.startswith(needle, at):
                        hits.add(Hit(place, name, dress))
        return hits


def needles(key: str) -> Iterator[tuple[str, bytes]]:
    """Every part of a key that nobody may see, in every dress, by the name of the dress."""
    for at in range(len(key) - PART + 1):
        part = key[at : at + PART]
        for dress, worn in _dresses(part):
            yield dress, worn.encode()
    for offset in range(3):
        written = b64encode(bytes(offset) + key.encode()).decode()
        core = written[-(-offset * 8 // 6) :].rstrip("=")[:-1]
        for at in range(len(core) - PART_BASE64 + 1):
            part = core[at : at + PART_BASE64]
            yield "base64", part.encode()
            yield "base64 for addresses", part.replace("+", "-").replace("/", "_").encode()


def _dresses(part: str) -> Iterator[tuple[str, str]]:
    yield "plain", part
    yield "lower case", part.lower()
    yield "hex", part.encode().hex()
    yield "hex, upper case", part.encode().hex().upper()
    once = json.dumps(part)[1:-1]
    twice = json.dumps(once)[1:-1]
    yield from (("JSON", once), ("JSON in JSON", twice), ("JSON in JSON in JSON", json.dumps(twice)[1:-1]))
    yield from (("repr", repr(part)[1:-1]), ("HTML", html.escape(part)))
    yield "Markdown", re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~&])", r"\\\1", part)
    for worn in (quote(part, safe=""), quote(part), quote_plus(part)):
        yield from (("URL", worn), ("URL, lower case", worn.lower()))


def _hashes(raw: bytes) -> np.ndarray:
    """A number for the four bytes at each place of `raw`."""
    if len(raw) < HEAD // 2:
        return np.zeros(0, dtype=np.uint32)
    bytes_ = np.frombuffer(raw, dtype=np.uint8).astype(np.uint32)
    fours = bytes_[:-3] | bytes_[1:-2] << 8 | bytes_[2:-1] << 16 | bytes_[3:] << 24
    return (fours * np.uint32(2_654_435_761)) >> np.uint32(32 - _BITS)
