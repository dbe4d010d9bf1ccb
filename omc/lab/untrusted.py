"""Text that others wrote, as a model and a person may see it: nothing hidden, bounded, and plain where it ends.

A mark is made of the text that it encloses, so a text cannot hold its own: whatever it forges, it does not end there.
"""

import re
import unicodedata
from collections.abc import Mapping

from omc.core.canonical import digest

MAX_TEXT_CHARACTERS = 2_000
MAX_NAME_CHARACTERS = 100
MARK_DIGITS = 12
OPENS, CLOSES = "\N{MATHEMATICAL LEFT WHITE SQUARE BRACKET}", "\N{MATHEMATICAL RIGHT WHITE SQUARE BRACKET}"

_PLAIN_CONTROLS = frozenset("\n\t\r")
_JOINERS = frozenset("\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}")
# Ids, hashes, times, symbols and words of a registry: no sentence fits in them.
_TYPED = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./:+-]{0,63}")
# Letters that draw nothing, beside those that Unicode counts as controls.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\U000e0000-\U000e0fff]")


def revealed(text: str) -> str:
    """Return `text` with every character that draws nothing, or that turns the order of others, written out.

    Joiners stay between letters of scripts that need them.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        f"\N{MATHEMATICAL LEFT ANGLE BRACKET}U+{ord(character):04X}\N{MATHEMATICAL RIGHT ANGLE BRACKET}"
        if _hidden(text, place)
        else character
        for place, character in enumerate(text)
    )


def delimited(value: object, *, salt: str) -> object:
    """Return a result from outside with all free text in it revealed, cut, and enclosed in marks of its own.

    Numbers, ids, times and single plain words stay as they are.
    """
    match value:
        case str():
            return value if _TYPED.fullmatch(value) else enclosed(value, salt=salt)
        case Mapping():
            return {
                revealed(str(name))[:MAX_NAME_CHARACTERS]: delimited(part, salt=salt) for name, part in value.items()
            }
        case list() | tuple():
            return [delimited(part, salt=salt) for part in value]
        case _:
            return value


def enclosed(text: str, *, salt: str, limit: int = MAX_TEXT_CHARACTERS) -> str:
    """Return one text between marks; `salt` is something that its writer could not know."""
    shown = revealed(text[:limit]).replace(OPENS, "[[").replace(CLOSES, "]]")
    cut = f" (cut: {len(text):,} characters)" if len(text) > limit else ""
    mark = digest([salt, shown])[:MARK_DIGITS]
    return f"{OPENS}{mark} {shown}{cut} {mark}{CLOSES}"


def _hidden(text: str, place: int) -> bool:
    character = text[place]
    if character in _JOINERS:
        beside = text[place - 1 : place] + text[place + 1 : place + 2]
        return len(beside) < 2 or not all(ord(one) > 0xFF and one not in _JOINERS for one in beside)
    if character in _PLAIN_CONTROLS:
        return False
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} or _BLANK.match(character) is not None
