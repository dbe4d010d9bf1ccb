"""What the vault decides: how a pasted key is cleaned, what an address may be, which states may be the default."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from urllib.parse import urlsplit

from omc.core.reason import Reason
from omc.vault.addresses import url_problem
from omc.vault.guessing import secret_in_model, secret_in_name
from omc.vault.providers import KEY_MARKS, KeyMark, Provider, mark_of

MAX_KEY = 4_096
MAX_NAME = 80
MAX_MODEL_ID = 200
MAX_MODELS = 1_000
MAX_NOTE = 500
MAX_CREDENTIALS = 100
MAX_PRESETS = 200
MAX_BUDGET = Decimal(1_000_000)
LIMITED_FOR = timedelta(minutes=1)
MAX_TEMPERATURE = Decimal(2)
MAX_OUTPUT_TOKENS = 1_000_000
SHORT_KEY, TINY_KEY = 16, 8

# Long endings of an address that people copy from a provider's documentation; what is before them is the address.
ENDPOINTS = ("/chat/completions", "/completions", "/responses", "/models", "/messages")
EFFORTS = ("minimal", "low", "medium", "high")

_QUOTES = "\"'`“”‘’«»„‚"  # noqa: RUF001 - quotes of many scripts, as mail programs and documents make them
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
# What stands before a key in a shell's file or in a header that somebody copied.
_AROUND = re.compile(r"^(?:(?:export\s+)?[A-Z][A-Z0-9_]*_KEY\s*=\s*|(?:authorization:\s*)?bearer\s+)", re.IGNORECASE)
_MASKED = re.compile(r"…|\.\.\.|\*{3,}|•{2,}")
_PLAIN = re.compile(r"[\x21-\x7e]+")
# A known beginning, and soon a run of letters and digits that no word or model's name has.
_KEY_WITHIN = re.compile(
    rf"(?<![A-Za-z0-9])(?:{'|'.join(re.escape(mark.prefix) for mark in KEY_MARKS)})[\w.-]{{0,40}}?[A-Za-z0-9]{{12}}",
    re.ASCII,
)


class KeyState(StrEnum):
    """How a credential did when it was last tried."""

    WORKING = "working"
    NOT_TESTED = "not_tested"
    REJECTED = "rejected"
    RATE_LIMITED = "rate_limited"
    NO_CREDIT = "no_credit"
    UNREACHABLE = "unreachable"


USABLE = frozenset({KeyState.WORKING, KeyState.RATE_LIMITED, KeyState.NO_CREDIT, KeyState.UNREACHABLE})
"""States of credentials that may be the default: they worked once, and what is wrong now may pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastedKey:
    """A key as it is used, and what was changed about the text that was pasted; `key` is empty when none is needed."""

    key: str = field(repr=False)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A base URL as it is stored, and what a person should know of it; None is the provider's own."""

    base_url: str | None
    notes: tuple[str, ...] = ()


# --- keys -------------------------------------------------------------------------------------------------------------


def clean_key(pasted: str, row: Provider, *, base_url: str | None = None, anyway: bool = False) -> PastedKey | Reason:
    """Return the key inside a pasted text, or why it cannot be one.

    At an address of the person's own (`base_url`) any key may be right, so its shape is only spoken of. `anyway` keeps
    a key of an unknown shape, never one that is another service's: that would be shown to the wrong company.
    """
    if len(pasted) > MAX_KEY:
        text = f"This is {len(pasted):,} characters long; no key has more than {MAX_KEY:,}. Copy the key alone."
        return Reason(code="key_too_long", text=text, place="/key")
    key, trimmed = _trim(pasted)
    if not key:
        return _without_key(row)
    if reason := _unlike_a_key(key):
        return reason
    notes = trimmed
    if mark := _another_service(key, row):
        looks = f"This looks like {_a(mark.service)} key."
        if base_url is None:
            return Reason(code="key_of_another_service", text=f"{looks} {_instead(mark, row)}", place="/key")
        notes = (*notes, looks)
    elif base_url is None and row.key_shape and not re.fullmatch(row.key_shape, key):
        shape = f"A key of {row.label} begins with {_either(row.key_prefixes)} and is longer than this."
        if not anyway:
            return Reason(code="key_shape", text=f"{shape} Copy all of it again.", place="/key")
        notes = (*notes, shape)
    return PastedKey(key=key, notes=notes)


def _trim(pasted: str) -> tuple[str, tuple[str, ...]]:
    around = _QUOTES + _INVISIBLE
    key = pasted.strip().strip(around).strip()
    key = _AROUND.sub("", key, count=1).strip().strip(around).strip()
    note = "Spaces, quotes, line breaks or a name around the key were left out."
    return key, (note,) if key and key != pasted else ()


def _without_key(row: Provider) -> PastedKey | Reason:
    if row.needs_key:
        text = f"Paste a key of {row.label}."
        if row.key_page:
            text += f" You get one at {row.key_page}."
        return Reason(code="key_missing", text=text, place="/key")
    return PastedKey(key="")


def _unlike_a_key(key: str) -> Reason | None:
    if "\n" in key or "\r" in key:
        text = "The key has a line break inside it. Copy it again, as one line."
        return Reason(code="key_line_break", text=text, place="/key")
    if re.search(r"\s", key):
        text = "The key has a space inside it. Copy the key alone, without words around it."
        return Reason(code="key_space", text=text, place="/key")
    if _MASKED.search(key):
        text = "This is a key with its middle hidden. Copy the whole key where it was made, or make a new one."
        return Reason(code="key_masked", text=text, place="/key")
    if not _PLAIN.fullmatch(key):
        text = "A key has only plain letters, digits and signs; this has another character in it. Copy it again."
        return Reason(code="key_characters", text=text, place="/key")
    if key.startswith("omc_"):
        text = "This looks like an API token of OMC itself. Paste the key of the model's provider."
        return Reason(code="key_of_another_service", text=text, place="/key")
    return None


def _another_service(key: str, row: Provider) -> KeyMark | None:
    mark = mark_of(key)
    if mark is None or mark.provider == row.id:
        return None
    # Half the world's servers take keys that begin like OpenAI's.
    return None if row.id == "openai-compatible" and mark.prefix == "sk-" else mark


def _instead(mark: KeyMark, row: Provider) -> str:
    if mark.base_url is not None:
        return f"Choose OpenAI-compatible as the provider, with the address {mark.base_url}."
    return f"Choose {mark.service} as the provider, or paste a key of {row.label}."


def hint(key: str) -> str:
    """Return what may be shown of a key: how its service's keys begin, and its last four characters."""
    if not key:
        return ""
    if len(key) < SHORT_KEY:
        return "…" + (key[-2:] if len(key) >= TINY_KEY else "")
    mark = mark_of(key)
    return f"{mark.prefix if mark else ''}…{key[-4:]}"


# --- names, addresses, numbers ----------------------------------------------------------------------------------------


def clean_name(name: str) -> str | Reason:
    """Return a name as it is stored."""
    clean = " ".join(name.split())
    if not clean or len(clean) > MAX_NAME or not clean.isprintable():
        text = f"Give a name of 1 to {MAX_NAME} characters."
        return Reason(code="name_malformed", text=text, place="/name")
    if reason := key_outside(clean, "/name"):
        return reason
    if secret_in_name(clean):
        text = "This looks like a key, and everybody here sees names. Give a name in words, like “Work”."
        return Reason(code="key_in_the_open", text=text, place="/name")
    return clean


def clean_address(given: str | None, row: Provider) -> Address | Reason:
    """Return the base URL as it is stored, or why it cannot be one; whether it may be reached is asked at each call."""
    text = (given or "").strip().strip(_QUOTES).strip()
    if not text:
        if row.base_url is None:
            return _bad_address("Write the server's address, like http://localhost:11434/v1.")
        return Address(base_url=None)
    if not row.takes_base_url:
        return _bad_address(f"{row.label} has an address of its own. Leave this empty.")
    if "://" not in text:
        return _bad_address("Begin the address with https:// or http://, like http://localhost:11434/v1.")
    if problem := url_problem(text):
        return _bad_address(problem)
    if reason := key_outside(text, "/base_url"):
        return reason
    parts = urlsplit(text)
    path, notes = _without_endpoint(parts.path)
    return Address(base_url=f"{parts.scheme}://{parts.netloc.lower()}{path}", notes=notes)


def _without_endpoint(path: str) -> tuple[str, tuple[str, ...]]:
    path = path.rstrip("/")
    for ending in ENDPOINTS:
        if path.endswith(ending):
            return path.removesuffix(ending).rstrip("/"), (f"{ending} was left out of the address: OMC adds it.",)
    return path, ()


def check_budget(amount: Decimal | None) -> Reason | None:
    """Return why a monthly budget in US dollars is refused."""
    if amount is not None and not 0 <= amount <= MAX_BUDGET:
        text = f"A monthly budget is between 0 and {MAX_BUDGET:,} US dollars; leave it empty for none."
        return Reason(code="budget_malformed", text=text, place="/monthly_budget")
    return None


def check_model(model: str | None, place: str = "/default_model") -> Reason | None:
    """Return why a model's id is refused."""
    if model is not None and (not 0 < len(model) <= MAX_MODEL_ID or not _PLAIN.fullmatch(model)):
        text = "Write the model's id as its provider does, without spaces."
        return Reason(code="model_malformed", text=text, place=place)
    if model is None:
        return None
    if secret_in_model(model):
        return Reason(code="key_in_the_open", text="This looks like a key. It has a field of its own.", place=place)
    return key_outside(model, place)


def key_outside(text: str, place: str, *, key: str = "") -> Reason | None:
    """Notice a key in what is shown, sent to models or stored in the open: any of a known look, and `key` itself."""
    if _KEY_WITHIN.search(text) or (len(key) >= SHORT_KEY and key in text):
        return Reason(code="key_in_the_open", text="This looks like a key. It has a field of its own.", place=place)
    return None


def check_settings(
    *, temperature: Decimal | None, top_p: Decimal | None, max_tokens: int | None, effort: str | None
) -> Reason | None:
    """Return why a preset's settings are refused; what a single model takes is narrower, and its provider says so."""
    if temperature is not None and not 0 <= temperature <= MAX_TEMPERATURE:
        text = f"A temperature is between 0 and {MAX_TEMPERATURE}."
        return Reason(code="temperature_malformed", text=text, place="/temperature")
    if top_p is not None and not 0 < top_p <= 1:
        return Reason(code="top_p_malformed", text="Top-p is above 0 and at most 1.", place="/top_p")
    if max_tokens is not None and not 0 < max_tokens <= MAX_OUTPUT_TOKENS:
        text = f"Max tokens is between 1 and {MAX_OUTPUT_TOKENS:,}."
        return Reason(code="max_tokens_malformed", text=text, place="/max_tokens")
    if effort is not None and effort not in EFFORTS:
        text = f"Effort is one of {', '.join(EFFORTS)}."
        return Reason(code="effort_malformed", text=text, place="/effort")
    return None


def check_free(*, free: bool, base_url: str | None) -> Reason | None:
    """Return why a server cannot be declared free: a provider's own address always costs money."""
    if free and base_url is None:
        text = "Only a server at an address of your own can be declared free."
        return Reason(code="not_free", text=text, place="/free")
    return None


# --- states -----------------------------------------------------------------------------------------------------------


def limited_until(state: KeyState, *, retry_after_s: float | None, now: datetime) -> datetime | None:
    """Return until when a provider asked to slow down, a minute from `now` if it did not say; None in other states."""
    if state is not KeyState.RATE_LIMITED:
        return None
    return now + (LIMITED_FOR if retry_after_s is None else timedelta(seconds=retry_after_s))


def state_at(state: KeyState, *, until: datetime | None, passed_once: bool, now: datetime) -> KeyState:
    """Return the state that holds at `now`: to have been asked to slow down passes by itself."""
    if state is not KeyState.RATE_LIMITED or (until is not None and now < until):
        return state
    return KeyState.WORKING if passed_once else KeyState.NOT_TESTED


def may_be_default(state: KeyState, *, passed_once: bool) -> Reason | None:
    """Return why a credential in this state cannot be the default, or be chosen by anything but a person."""
    if passed_once and state in USABLE:
        return None
    text = "Only a key that passed its test can be the default. Test it first."
    return Reason(code="not_usable", text=text)


def _bad_address(text: str) -> Reason:
    return Reason(code="address_malformed", text=text, place="/base_url")


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "AEIOUaeiou" or noun == "xAI" else f"a {noun}"


def _either(words: tuple[str, ...]) -> str:
    return " or ".join((words[0], words[-1]) if len(words) > 1 else words)
