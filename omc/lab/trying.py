"""What the record says of a session's tries, and what the figures in sight of a claim bear out.

All of it is read from evidence and from the transcript's calls: nothing here is what a model says.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from omc.lab import evidence as proof
from omc.lab.claims import Kind
from omc.lab.report import Figure, Tried

MAX_WORDS = 400

_RETURN = "total_return_percent"
_GAINS = ("return", "growth", "profit", "gain", "pnl")
_CHANCE = ("p_value", "probability", "deflated", "significance", "interval")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One piece of a session's evidence, as values."""

    number: int
    tool: str
    title: str
    hash: str
    output: Mapping[str, object]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """One tool call of the session, as the transcript has it; `words` say why it was refused."""

    step: int
    tool: str
    title: str
    ok: bool
    evidence: int | None
    words: str


Cited = tuple[Kept, str | None]
"""Evidence in sight of a claim, and the path that was referred to; None for its curve."""


def tried(calls: Sequence[Called], kept: Mapping[int, Kept]) -> list[Tried]:
    """Return every call that tried something on data, and every call that was refused, in order."""
    return [line for call in calls if (line := _tried(call, kept)) is not None]


def turning(kept: Mapping[int, Kept]) -> list[str]:
    """Return what would turn the answer, read from the last result of each kind of test."""
    last = {item.tool: item for item in kept.values() if _metrics(item.output)}
    return [words for item in last.values() if (words := _turning(item)) is not None]


def figure_at(kept: Kept, path: str) -> Figure | None:
    """Return the figure at a path of evidence, or None where there is none."""
    found = proof.find(kept.output, path)
    if not isinstance(found, proof.Found):
        return None
    return Figure(
        evidence=kept.number,
        path=path,
        label=found.label,
        value=found.value,
        unit=found.unit,
        display=f"{found.display} (as chosen)" if found.assumed else found.display,
        places=found.places,
        as_of=kept.created_at,
        assumed=found.assumed,
    )


def headline_root(output: Mapping[str, object]) -> str:
    """Return where a result's figures to believe stand: behind what its model may have read, where that is known."""
    knowledge = output.get("knowledge")
    after = isinstance(knowledge, Mapping) and knowledge.get("headline") == "after"
    return "/knowledge/metrics_after" if after else "/metrics"


def backing(cited: Sequence[Cited]) -> Callable[[Kind], bool]:
    """Return what the evidence in sight bears out; a promise about the future nothing does."""

    def backed(kind: Kind) -> bool:
        match kind:
            case Kind.BEATS:
                return any(own > held for one in cited for own, held in _pairs(one))
            case Kind.GAINS:
                return any(gain > 0 for one in cited for gain in _gains(one))
            case Kind.PROVEN:
                return any(path is not None and any(word in path for word in _CHANCE) for _, path in cited)
            case Kind.PROMISED:
                return False

    return backed


def _tried(call: Called, kept: Mapping[int, Kept]) -> Tried | None:
    if not call.ok:
        return Tried(
            step=call.step,
            tool=call.tool,
            title=call.title,
            outcome="refused",
            words=call.words[:MAX_WORDS],
            parameter_sets=0,
            evidence=None,
        )
    item = None if call.evidence is None else kept.get(call.evidence)
    sets = None if item is None else item.output.get("trials_count")
    if item is None or not isinstance(sets, int) or sets == 0:
        return None
    return Tried(
        step=call.step,
        tool=call.tool,
        title=item.title,
        outcome="done",
        words="",
        parameter_sets=sets,
        evidence=item.number,
        figure=figure_at(item, f"{headline_root(item.output)}/{_RETURN}"),
    )


def _turning(item: Kept) -> str | None:
    root = headline_root(item.output)
    own, held = figure_at(item, f"{root}/{_RETURN}"), figure_at(item, f"{root}/hold_return_percent")
    if own is None or held is None:
        return None
    above = float(own.value) > float(held.value)
    return (
        f"{item.title}: it returned {own.display} and holding {held.display}. A result"
        f" {'at or below' if above else 'above'} holding's on other data, at other costs or in another period would"
        " turn this part of the answer."
    )


def _pairs(cited: Cited) -> Iterator[tuple[float, float]]:
    """The strategy's figure beside holding's: of the return, and of what was referred to."""
    item, path = cited
    places = {headline_root(item.output) + "/" + _RETURN, *([] if path is None else [path])}
    for place in places:
        root, _, name = place.rpartition("/")
        held = "hold_return_percent" if name == _RETURN else f"hold_{name}"
        pair = proof.at(item.output, f"{root}/{name}"), proof.at(item.output, f"{root}/{held}")
        if isinstance(pair[0], int | float) and isinstance(pair[1], int | float):
            yield float(pair[0]), float(pair[1])


def _gains(cited: Cited) -> Iterator[float]:
    item, path = cited
    places = {headline_root(item.output) + "/" + _RETURN, *([] if path is None else [path])}
    for place in places:
        name = place.rpartition("/")[2]
        value = proof.at(item.output, place)
        if isinstance(value, int | float) and any(word in name for word in _GAINS) and "hold" not in name:
            yield float(value) - (1.0 if name == "profit_factor_ratio" else 0.0)


def _metrics(output: Mapping[str, object]) -> bool:
    return isinstance(output.get("metrics"), Mapping)
