"""Owns up to when each model may have read the market's past: only what follows tests an idea of its own.

A language model that read about a year knows how it ended, so that an idea of its own "found" on that year proves
nothing. Where a maker tells two dates the later one is taken: some had been read by then. A model that is not in the
table is unknown, and said to be.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from omc.lab.models import BUILT_IN

_LIST = "models.dev, read 2026-11-23"
_ANTHROPIC = "Anthropic, models overview: training data cutoff"
_OPENAI = "OpenAI, model pages"
_GOOGLE = "Google, model pages"
_RELEASED = "its release: no later text can have been read"
_VERSION = re.compile(r"-(\d{8}|\d{4}-\d{2}-\d{2}|preview(-\d{2}-\d{2,4})?)$")


@dataclass(frozen=True, slots=True)
class Cutoff:
    """The last day that a model may have read about, and who says so."""

    model: str
    last_day: date
    source: str


CUTOFFS: tuple[Cutoff, ...] = (
    Cutoff("claude-3-5-haiku", date(2024, 7, 31), _ANTHROPIC),
    Cutoff("claude-3-5-sonnet", date(2024, 4, 30), _ANTHROPIC),
    Cutoff("claude-3-7-sonnet", date(2024, 11, 30), _ANTHROPIC),
    Cutoff("claude-sonnet-4", date(2025, 3, 31), _ANTHROPIC),
    Cutoff("claude-sonnet-4-0", date(2025, 3, 31), _ANTHROPIC),
    Cutoff("claude-opus-4", date(2025, 3, 31), _ANTHROPIC),
    Cutoff("claude-opus-4-0", date(2025, 3, 31), _ANTHROPIC),
    Cutoff("claude-opus-4-1", date(2025, 3, 31), _ANTHROPIC),
    Cutoff("claude-haiku-4-5", date(2025, 7, 31), _ANTHROPIC),
    Cutoff("claude-sonnet-4-5", date(2025, 7, 31), _ANTHROPIC),
    Cutoff("claude-opus-4-5", date(2025, 8, 31), _ANTHROPIC),
    Cutoff("claude-opus-4-6", date(2025, 8, 31), _ANTHROPIC),
    Cutoff("claude-sonnet-4-6", date(2026, 1, 31), _ANTHROPIC),
    Cutoff("claude-opus-4-7", date(2026, 1, 31), _LIST),
    Cutoff("claude-opus-4-8", date(2026, 5, 28), _RELEASED),
    Cutoff("claude-fable-5", date(2026, 6, 9), _RELEASED),
    Cutoff("claude-sonnet-5", date(2026, 1, 31), _LIST),
    Cutoff("claude-opus-5", date(2026, 5, 31), _LIST),
    Cutoff("claude-haiku-5-5", date(2026, 6, 30), _LIST),
    Cutoff("gemini-2.0-flash", date(2024, 8, 31), _GOOGLE),
    Cutoff("gemini-2.5-flash", date(2025, 1, 31), _GOOGLE),
    Cutoff("gemini-2.5-pro", date(2025, 1, 31), _GOOGLE),
    Cutoff("gemini-3-flash", date(2025, 1, 31), _GOOGLE),
    Cutoff("gemini-3-pro", date(2025, 1, 31), _GOOGLE),
    Cutoff("gemini-3.1-pro", date(2025, 1, 31), _LIST),
    Cutoff("gemini-3.8-flash", date(2026, 3, 31), _LIST),
    Cutoff("gpt-4o", date(2023, 10, 31), _OPENAI),
    Cutoff("gpt-4o-mini", date(2023, 10, 31), _OPENAI),
    Cutoff("gpt-4.1", date(2024, 6, 1), _OPENAI),
    Cutoff("gpt-4.1-mini", date(2024, 6, 1), _OPENAI),
    Cutoff("o3", date(2024, 6, 1), _OPENAI),
    Cutoff("o4-mini", date(2024, 6, 1), _OPENAI),
    Cutoff("gpt-5", date(2024, 10, 1), _OPENAI),
    Cutoff("gpt-5-mini", date(2024, 5, 31), _OPENAI),
    Cutoff("gpt-5-nano", date(2024, 5, 31), _OPENAI),
    Cutoff("gpt-5.1", date(2024, 9, 30), _OPENAI),
    Cutoff("gpt-5.2", date(2025, 8, 31), _LIST),
    Cutoff("gpt-5.4", date(2025, 8, 31), _LIST),
    Cutoff("gpt-5.5", date(2025, 12, 1), _LIST),
    Cutoff("gpt-5.6", date(2026, 2, 16), _LIST),
    Cutoff("gpt-5.6-luna", date(2026, 2, 16), _LIST),
    Cutoff("gpt-5.6-sol", date(2026, 2, 16), _LIST),
    Cutoff("gpt-5.6-terra", date(2026, 2, 16), _LIST),
    Cutoff("gpt-6-luna", date(2026, 5, 18), _LIST),
    Cutoff("gpt-6-sol", date(2026, 5, 18), _LIST),
)
_BY_MODEL: Mapping[str, Cutoff] = {one.model: one for one in CUTOFFS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What those who answer in a session may have read: until `last_day`; None: nothing of any market, or unknown."""

    models: Sequence[str]
    last_day: date | None
    unknown: bool
    said: str

    @property
    def after_ms(self) -> int | None:
        """The first instant of which nothing was read, in milliseconds."""
        if self.last_day is None:
            return None
        first = datetime.combine(self.last_day + timedelta(days=1), datetime.min.time(), UTC)
        return round(first.timestamp() * 1_000)


def cutoff_of(model: str) -> Cutoff | None:
    """Return what is known of a model, whatever service offers it and whichever version it is; None: nothing."""
    name = model.rpartition("/")[2].lower()
    return _BY_MODEL.get(name) or _BY_MODEL.get(_VERSION.sub("", name))


def known_by(models: Sequence[str]) -> Knowledge:
    """Return what the models of a session may have read together: as much as the one that has read most."""
    readers = [model for model in dict.fromkeys(models) if model not in BUILT_IN]
    if not readers:
        said = "Rules chose the test and read nothing of any market, so that all of the data tests them."
        return Knowledge(models=tuple(models), last_day=None, unknown=False, said=said)
    found = [cutoff_of(model) for model in readers]
    strange = [model for model, one in zip(readers, found, strict=True) if one is None]
    if strange:
        said = f"Up to when {' and '.join(strange)} has read is not known: it may have read how all of this data went."
        return Knowledge(models=tuple(readers), last_day=None, unknown=True, said=said)
    last = max((one for one in found if one is not None), key=lambda one: one.last_day)
    said = f"{last.model} may have read of the market until {last.last_day} ({last.source}); what follows tests it."
    return Knowledge(models=tuple(readers), last_day=last.last_day, unknown=False, said=said)
