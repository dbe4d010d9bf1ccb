"""One canonical text for a value, so that equal content always has an equal hash.

Canonical JSON: keys sorted, no spaces, UTF-8, decimals in plain notation, instants in ISO 8601 with `Z`. NaN and
infinity have no canonical form and are refused: a hash must never cover a number that is not one.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

from omc.core.money import text as decimal_text


def canonical(value: object) -> bytes:
    """Return the canonical UTF-8 bytes of `value`.

    Raises `ValueError` for NaN and infinity and `TypeError` for a type that has no canonical form.
    """
    return _WRITER.encode(_plain(value)).encode()


def digest(value: object) -> str:
    """Return the SHA-256 of the canonical form, as 64 hexadecimal characters."""
    return hashlib.sha256(canonical(value)).hexdigest()


def instant_text(value: datetime) -> str:
    """Return an aware instant as ISO 8601 in UTC, ending in `Z`; a naive one is refused."""
    if value.tzinfo is None:
        msg = f"a time without a zone has no instant: {value.isoformat()}"
        raise ValueError(msg)
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


# A kind of text may be an Enum too, and a datetime is a date too, so that these come first.
_SCALARS: tuple[tuple[type, Callable[..., object]], ...] = (
    (Enum, lambda value: _plain(value.value)),
    (Decimal, decimal_text),
    (datetime, instant_text),
    (date, date.isoformat),
    (UUID, str),
)


_WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_PLAIN = frozenset((str, float, int, bool, type(None)))  # most values by far


def _plain(value: object) -> object:
    if type(value) in _PLAIN:
        return value
    for kind, write in _SCALARS:
        if isinstance(value, kind):
            return write(value)
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Mapping():
            return {_key(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _ if is_dataclass(value):
            return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        case _:
            msg = f"{type(value).__name__} has no canonical form"
            raise TypeError(msg)


def _key(key: object) -> str:
    if not isinstance(key, str):
        msg = f"a canonical object's keys are text, not {type(key).__name__}"
        raise TypeError(msg)
    return key
