"""The searcher finds a key in every dress, and parts of it, and leaves the hint alone."""

import html
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote

import pytest

from omc.lab.export import _md
from omc.vault.rules import hint
from tests.planted.searching import CHUNK, Searcher

KEY = 'sk-ant-Aq7"Zk/2+Lw9%Bt\\4Xe&6Nc8Vd<1Gh3Jm5Pf>0Rs'
PART = KEY[17:26]

DRESSES: dict[str, Callable[[str], str]] = {
    "plain": str,
    "lower case": str.lower,
    "hex": lambda text: text.encode().hex(),
    "upper hex": lambda text: text.encode().hex().upper(),
    "json": json.dumps,
    "json in json": lambda text: json.dumps(json.dumps(text)),
    "json thrice": lambda text: json.dumps(json.dumps(json.dumps(text))),
    "repr": repr,
    "html": html.escape,
    "markdown": _md,
    "url": quote,
    "url whole": lambda text: quote(text, safe=""),
    "url lower": lambda text: quote(text, safe="").lower(),
    **{f"base64 at {n}": lambda text, n=n: b64encode(b"x" * n + text.encode() + b"y").decode() for n in range(3)},
    **{f"url base64 at {n}": lambda text, n=n: urlsafe_b64encode(b"?" * n + text.encode()).decode() for n in range(3)},
}


@pytest.mark.parametrize("planted", [KEY, PART], ids=["whole", "part"])
@pytest.mark.parametrize("dress", DRESSES)
def test_a_key_and_a_part_of_it_are_found_in_every_dress(dress: str, planted: str) -> None:
    content = f"before {DRESSES[dress](planted)} after"
    hits = Searcher({"mine": KEY}).search("here", content)
    assert {(hit.place, hit.planted) for hit in hits} == {("here", "mine")}
    assert PART not in repr(hits)


def test_a_key_that_stands_across_two_chunks_is_found() -> None:
    for before in range(CHUNK - 10, CHUNK + 1, 3):
        assert Searcher({"mine": KEY}).search("here", b"." * before + PART.encode())


def test_the_hint_is_no_hit_and_neither_is_another_key() -> None:
    other = "sk-ant-0123456789abcdefghijklmnopqrstuvwxyz"
    assert not Searcher({"mine": KEY}).search("here", json.dumps([hint(KEY), other, KEY[20:28]]))
