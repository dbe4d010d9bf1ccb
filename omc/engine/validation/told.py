"""Owns what each check says in a sentence, and what a verdict keeps of its findings: bounded, nothing but JSON."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias

from omc.engine.validation.benchmarks import RandomEntries
from omc.engine.validation.bootstrap import Uncertainty
from omc.engine.validation.cross_validation import CrossValidated
from omc.engine.validation.evidence import Checked, overfitting_of
from omc.engine.validation.overfitting import Overfitting
from omc.engine.validation.robustness import MAX_MULTIPLE, Robustness
from omc.engine.validation.tried import Choice
from omc.engine.validation.warm_up import WarmUp
from omc.engine.walk_forward import WalkForward
from omc.kit.errors import Refusal

State: TypeAlias = Literal["clean", "found", "measured", "unchecked"]

Plain = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One check: nothing found, a fault found, a figure measured, or why it could not be done."""

    check: str
    state: State
    text: str


def told(checked: Checked) -> tuple[Told, ...]:
    """Say what every check found, in the order in which they are done."""
    rows = _rows(checked)
    return tuple(Told(check=check, state=state, text=text) for check, state, text in rows)


def kept(checked: Checked) -> Plain:
    """Return what is stored with a verdict, for a page to draw."""
    walked, crossed, spread, bears = checked.walked, checked.crossed, checked.spread, checked.bears
    return {
        "checks": [asdict(one) for one in told(checked)],
        "windows": [asdict(one) for one in walked.windows] if isinstance(walked, WalkForward) else [],
        "paths": [asdict(one) for one in crossed.paths] if isinstance(crossed, CrossValidated) else [],
        "spread": spread.plain() if isinstance(spread, Uncertainty) else None,
        "delays": [asdict(one) for one in bears.delays] if isinstance(bears, Robustness) else [],
        "costs": asdict(bears.costs) if isinstance(bears, Robustness) else None,
        "neighbours": [asdict(one) for one in bears.plateau.neighbours] if isinstance(bears, Robustness) else [],
    }


def _rows(checked: Checked) -> Iterator[tuple[str, State, str]]:
    ahead = checked.ahead
    replayed = f"{ahead.replays} replays on data cut short, {ahead.changes} decisions and {ahead.fills} fills compared"
    yield "look_ahead", "clean" if ahead.ok else "found", _first(replayed, [one.text for one in ahead.findings])
    yield "warm_up", *_warm_up(checked.warm_up)
    yield "walk_forward", *_walked(checked.walked)
    yield "cross_validation", *_crossed(checked.crossed)
    yield "overfitting", *_choice(checked)
    yield "uncertainty", *_spread(checked.spread)
    yield from _robust(checked.bears)
    yield "random_entries", *_chance(checked.chance)


def _first(done: str, findings: list[str]) -> str:
    """What was done, and the first finding with how many more there are."""
    if not findings:
        return f"{done}: all the same."
    more = f" And {len(findings) - 1} more." if len(findings) > 1 else ""
    return f"{done}: {findings[0]}{more}"


def _warm_up(found: WarmUp | Refusal) -> tuple[State, str]:
    if isinstance(found, Refusal):
        return "unchecked", found.text
    said = f"A warm-up of {found.declared} bars, and up to {found.longest} times that, from {found.starts} places"
    text = _first(said, [one.text for one in found.findings])
    if found.left_out:
        text += f" Too few bars of {', '.join(found.left_out)}."
    if found.suggested_bars is not None:
        text += f" Write a warm_up_bars of {found.suggested_bars}."
    return "clean" if found.ok else "found", text


def _walked(found: WalkForward | Refusal) -> tuple[State, str]:
    if isinstance(found, Refusal):
        return "unchecked", found.text
    out = found.out_of_sample
    return "measured", (
        f"{found.trials} parameter sets fitted anew in each of {len(found.windows)} windows. Out of sample: return"
        f" {percent(out.metric('total_return'))}, Sharpe {figure(out.metric('sharpe'))}, drawdown"
        f" {percent(out.metric('max_drawdown'))}; without fitting, return"
        f" {percent(found.fixed.metric('total_return'))}."
    )


def _crossed(found: CrossValidated | Refusal) -> tuple[State, str]:
    if isinstance(found, Refusal):
        return "unchecked", found.text
    sharpes = [path.sharpe for path in found.paths if path.sharpe is not None]
    reach = f"Sharpe {figure(min(sharpes))} to {figure(max(sharpes))}" if sharpes else "no Sharpe ratio"
    return "measured", (
        f"{found.splits} splits of {found.days} days, {found.embargo_days} of them left out after a test:"
        f" {len(found.paths)} histories that were never fitted on, {reach}; {found.lost_paths} of them lost."
    )


def _choice(checked: Checked) -> tuple[State, str]:
    found = overfitting_of(checked)
    if not isinstance(found, Overfitting):
        return "unchecked", found.text
    searched = checked.choice if isinstance(checked.choice, Choice) else None
    which = f"parameter sets, of {searched.tried:,} that searches tried," if searched else "parameter sets"
    return "measured", (
        f"The best of {found.trials:,} {which} on one half of the days is no better than the median on the other"
        f" in {percent(found.pbo)} of {len(found.logits):,} splits, and loses there in"
        f" {percent(found.loss_probability)}."
    )


def _spread(found: Uncertainty | Refusal) -> tuple[State, str]:
    if isinstance(found, Refusal):
        return "unchecked", found.text
    total, sharpe, fall = found.total_return, found.sharpe, found.max_drawdown
    return "measured", (
        f"With a probability of {total.level * 100:.0f} %, out of sample: return {percent(total.low)} to"
        f" {percent(total.high)}, Sharpe {figure(sharpe.low)} to {figure(sharpe.high)}, drawdown"
        f" {percent(fall.low)} to {percent(fall.high)}"
        f" ({found.resamples:,} resamples of daily returns)."
    )


def _robust(found: Robustness | Refusal) -> Iterator[tuple[str, State, str]]:
    if isinstance(found, Refusal):
        yield "robustness", "unchecked", found.text
        return
    late = "; ".join(
        f"{one.bars} {'bar' if one.bars == 1 else 'bars'} {percent(one.total_return)}" for one in found.delays
    )
    yield "delay", "measured", f"Return with entries late by: {late}."
    costs = found.costs
    even = f"Nothing is left at {multiple(costs.break_even)} its costs."
    yield "costs", "measured", "It loses even where trading costs nothing." if costs.break_even == 0 else even
    plateau = found.plateau
    kept_half = "there is no gain to keep"
    if plateau.share is not None:
        kept_half = f"{plateau.share * 100:.0f} % keep half of the Sharpe"
    what = "windows" if plateau.lifted else "parameters"
    yield "neighbours", "measured", f"{len(plateau.neighbours)} sets of {what} 10 and 20 % beside: {kept_half}."


def _chance(found: RandomEntries | Refusal) -> tuple[State, str]:
    if isinstance(found, Refusal):
        return "unchecked", found.text
    if found.p_value is None:
        return "unchecked", found.note
    return (
        "measured",
        f"{percent(found.p_value)} of {len(found.returns):,} that trade as much and hold as long do as well.",
    )


def multiple(value: float | None) -> str:
    """A multiple of costs as people read it."""
    if value is None:
        return "no multiple of"
    return f"more than {MAX_MULTIPLE:g} times" if value >= MAX_MULTIPLE else f"{value:.2f} times"


def percent(value: float | None) -> str:
    """A fraction as people read it; a dash where it is not defined."""
    return "-" if value is None else f"{value * 100:.1f} %".replace("-", "\u2212")


def figure(value: float | None) -> str:
    """A ratio as people read it; a dash where it is not defined."""
    return "-" if value is None else f"{value:.2f}".replace("-", "\u2212")
