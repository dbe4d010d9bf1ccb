"""Pure decisions of the lab: what a goal may be, how a session may move, and which step comes next."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from omc.core.reason import Reason
from omc.vault.rules import key_outside

MAX_GOAL_CHARACTERS = 8_000
MAX_MODEL_ID_CHARACTERS = 200
MAX_IDEMPOTENCY_KEY_CHARACTERS = 200
MAX_STEPS = 60
"""Steps a session may take between two messages of its person: a model that never ends is stopped here."""

MAX_ATTEMPTS = 10
"""A step begun this often and never finished takes its worker down each time; the session fails instead."""

MAX_CALLS = 8
"""Tool calls taken from one answer of a model; further ones are dropped."""

MAX_TRIES = 3
"""Times that one call of a model is made before its fallback is asked or the session ends."""

MAX_CAP = Decimal(100_000)
MAX_TITLE_CHARACTERS = 200

_ALLOWED_CONTROLS = frozenset("\n\t\r")
_NOT_IN_A_NAME = frozenset({"Cc", "Cs", "Zl", "Zp"})


class SessionState(StrEnum):
    """Where a session stands. A paused one holds nothing; the four above it end it until its person speaks again."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    BUDGET_REACHED = "budget_reached"
    PAUSED = "paused"


class EntryKind(StrEnum):
    """Who speaks in a transcript entry; a branch says from where on what stands before it is stale."""

    PERSON = "person"
    MODEL = "model"
    TOOL = "tool"
    BRANCH = "branch"


class StepKind(StrEnum):
    """What a step does: ask the model, or run one tool it called."""

    MODEL = "model"
    TOOL = "tool"


ENDED = frozenset({SessionState.DONE, SessionState.FAILED, SessionState.CANCELLED, SessionState.BUDGET_REACHED})
UNDER_WAY = frozenset({SessionState.QUEUED, SessionState.RUNNING})
UNFINISHED = UNDER_WAY | {SessionState.PAUSED}
"""What is stopped in mid-work is not over: whoever waits for its end, or takes its key away, reckons with it."""
AT_REST = frozenset({SessionState.WAITING, SessionState.PAUSED})
"""Neither ended nor under way: the session goes on when its person says so, and holds nothing until then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a session's locked row says to its worker now: its person may have changed it since the turn began."""

    state: str
    plan: list[object]
    model: str
    credential_id: UUID | None
    preset: Mapping[str, object] | None
    cap: Decimal | None
    fallback: Mapping[str, object] | None
    halting: str | None = None
    """The state in which the session shall rest once its present step is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFacts:
    """What the order of steps depends on in one entry.

    `seen` is the last position a model answer took into account, `cut` the first one that a branch makes stale; the
    `step` of a branch is the last one before it, stale or not, so that no number is given twice.
    """

    position: int
    kind: EntryKind
    step: int = 0
    seen: int = 0
    calls: int = 0
    asks: bool = False
    reported: bool = False
    cut: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The next thing to do; `call` is the index of the tool call in the answer that made it."""

    number: int
    kind: StepKind
    call: int = 0


def living(entries: Sequence[EntryFacts]) -> list[EntryFacts]:
    """Return the entries that no branch made stale."""
    kept: list[EntryFacts] = []
    for entry in entries:
        if entry.kind is EntryKind.BRANCH:
            last = max((one.step for one in kept), default=0)
            kept = [one for one in kept if one.position < entry.cut]
            kept.append(replace(entry, step=last))
        else:
            kept.append(entry)
    return kept


def steps_in(entries: Sequence[EntryFacts]) -> set[int]:
    """Return the steps whose results these entries are: the number that a branch bears is that of a stale one."""
    return {entry.step for entry in entries if entry.kind is not EntryKind.BRANCH}


def next_step(entries: Sequence[EntryFacts]) -> Step | SessionState:
    """Return the step that follows the living entries, or the state in which the turn rests."""
    number = max((entry.step for entry in entries), default=0) + 1
    answers = [entry for entry in entries if entry.kind is EntryKind.MODEL]
    if not answers:
        return Step(number=number, kind=StepKind.MODEL)
    last = answers[-1]
    results = [entry for entry in entries if entry.kind is EntryKind.TOOL and entry.position > last.position]
    if len(results) < last.calls:
        return Step(number=number, kind=StepKind.TOOL, call=len(results))
    unread = any(entry.kind is EntryKind.PERSON and entry.position > last.seen for entry in entries)
    if not unread:
        if any(result.asks for result in results):
            return SessionState.WAITING
        if last.calls == 0:
            return SessionState.DONE if _reported(entries) else SessionState.WAITING
    return Step(number=number, kind=StepKind.MODEL)


def halted(step: Step | SessionState, halting: str | None) -> Step | SessionState:
    """Return the state in which a session that shall halt rests instead; what rests by itself needs no pause."""
    if halting is None or step is SessionState.DONE:
        return step
    wished = SessionState(halting)
    return step if wished is SessionState.PAUSED and isinstance(step, SessionState) else wished


def why_halted(state: SessionState, entries: Sequence[EntryFacts]) -> str:
    """Return what a session that halted after a step says of it."""
    last = max((entry.step for entry in entries), default=0)
    return f"{state.value.capitalize()} after step {last}, as you asked. Everything up to there is kept."


def why_cut_short(state: SessionState, step: int | None) -> str:
    """Return what a session that was stopped at once, perhaps in mid-step, says of it."""
    where = "before its next step" if step is None else f"in step {step}"
    after = "It begins anew when the session goes on." if state is SessionState.PAUSED else "What it found is kept."
    return f"{state.value.capitalize()} {where}, as you asked. {after if step is not None else ''}".strip()


def steps_since_person(entries: Sequence[EntryFacts]) -> int:
    """Return how many steps were taken since the person last spoke or changed one: what `MAX_STEPS` limits."""
    by_person = {EntryKind.PERSON, EntryKind.BRANCH}
    spoke = max((entry.position for entry in entries if entry.kind in by_person), default=0)
    return sum(1 for entry in entries if entry.kind not in by_person and entry.position > spoke)


def check_goal(text: str) -> Reason | None:
    """Return why `text` cannot be a goal or a message, or None when it can."""
    if not any(_visible(character) for character in text):
        return Reason(
            code="goal_empty",
            text="Write what you want to find out, for example: does a moving-average crossover beat holding BTC?",
            place="/goal",
        )
    if len(text) > MAX_GOAL_CHARACTERS:
        words = f"This text has {len(text):,} characters; at most {MAX_GOAL_CHARACTERS:,} are read. Shorten it."
        return Reason(code="goal_too_long", text=words, place="/goal")
    found = next((character for character in text if _control(character)), None)
    if found is not None:
        words = f"This text holds the control character U+{ord(found):04X}. Paste it as plain text."
        return Reason(code="goal_control_character", text=words, place="/goal")
    if key_outside(text, "/goal"):
        words = "There is a key in this text. Models and reports would show it: take it out. Keys belong under Models."
        return Reason(code="key_in_the_open", text=words, place="/goal")
    return None


def check_title(title: str) -> Reason | None:
    """Return why `title` cannot name a session, or None when it can."""
    place = "/title"
    if not any(_visible(character) for character in title):
        words = "Write the session's new name; without one it is called by its goal."
        return Reason(code="title_empty", text=words, place=place)
    if len(title) > MAX_TITLE_CHARACTERS:
        words = f"This name has {len(title):,} characters; at most {MAX_TITLE_CHARACTERS} are shown. Shorten it."
        return Reason(code="title_too_long", text=words, place=place)
    if any(unicodedata.category(character) in _NOT_IN_A_NAME for character in title):
        words = "A name is one line without control characters. Type it anew, or paste it as plain text."
        return Reason(code="title_control_character", text=words, place=place)
    return key_outside(title, place)


def check_cap(cap: Decimal) -> Reason | None:
    """Return why `cap` (US dollars) cannot limit a session, or None when it can."""
    if cap.is_finite() and 0 < cap <= MAX_CAP:
        return None
    words = f"A session's cap is an amount in US dollars above 0 and at most {MAX_CAP:,}."
    return Reason(code="cap_out_of_range", text=words, place="/cap")


def check_key(key: str) -> Reason | None:
    """Return why `key` cannot be an idempotency key, or None when it can."""
    if 0 < len(key) <= MAX_IDEMPOTENCY_KEY_CHARACTERS and key.isprintable():
        return None
    words = f"An Idempotency-Key has 1 to {MAX_IDEMPOTENCY_KEY_CHARACTERS} printable characters."
    return Reason(code="idempotency_key", text=words, place="Idempotency-Key")


def clean(text: str) -> str:
    """Return `text` with what PostgreSQL or UTF-8 cannot hold (NUL, lone surrogates) replaced by the mark for it."""
    return "".join("\N{REPLACEMENT CHARACTER}" if _unstorable(character) else character for character in text)


def _reported(entries: Sequence[EntryFacts]) -> bool:
    spoke = max((entry.position for entry in entries if entry.kind is EntryKind.PERSON), default=0)
    return any(entry.reported and entry.position > spoke for entry in entries)


def _visible(character: str) -> bool:
    return unicodedata.category(character)[0] not in "CZ"


def _control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs"} and character not in _ALLOWED_CONTROLS


def _unstorable(character: str) -> bool:
    return character == "\0" or "\ud800" <= character <= "\udfff"
