"""Why something is refused, as a value that a rule returns."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A refusal in words: a stable `code` for programs, a sentence for people, and the place it is about."""

    code: str
    text: str
    place: str = ""
