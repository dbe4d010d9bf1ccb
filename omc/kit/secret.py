"""The one type that holds a secret in memory, so that nothing prints it by accident; and keys in words, struck out."""

import re
from typing import NoReturn, final

STRUCK_OUT = "[struck out]"
# A known beginning, and soon a run of letters and digits that no model's name has.
_KEY = re.compile(r"\b(omc_|sk-|gsk_|xai-|AIza|AQ\.)(?=[\w.-]{0,40}?[A-Za-z0-9]{12})[\w-]{12,}")


def without_keys(text: str) -> str:
    """Strike out what looks like a key in words for a person, who may have typed it where a name belongs."""
    return _KEY.sub(rf"\1{STRUCK_OUT}", text)


@final
class Secret:
    """A secret text. `repr`, `str`, formatting and pickling never show it; only `reveal` does."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Wrap `value`."""
        self._value = value

    def reveal(self) -> str:
        """Return the plain text; call it only inside the step that needs it."""
        return self._value

    def __repr__(self) -> str:
        """Hide the text."""
        return "Secret(***)"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        """Hide the text in f-strings too."""
        return repr(self)

    def __eq__(self, other: object) -> bool:
        """Compare by value; never in a hash table, so no hash."""
        return isinstance(other, Secret) and other._value == self._value

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: a secret does not travel."""
        msg = "a Secret is never pickled"
        raise TypeError(msg)
