"""The gate: one verdict of a strategy's evidence, `pass`, `weak` or `fail`, with every reason as a sentence.

Pure. A figure that speaks against the strategy fails it; one that is thin, or missing, makes the verdict weak; only
when every needed figure is there and good does it pass. A weak or failed version is traded on paper only when a person
overrides the verdict in words.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Literal, NamedTuple, TypeAlias

Grade: TypeAlias = Literal["pass", "weak", "fail"]
_ORDER: tuple[Grade, ...] = ("pass", "weak", "fail")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is known of a strategy; None is not measured. Returns and shares are fractions, Sharpe ratios are annual.

    `deflated_sharpe` and `pbo` are probabilities; `cost_break_even` is how many times the assumed costs may be paid
    before nothing is left; `plateau_share` is the share of neighbouring parameter sets that keep at least half of the
    Sharpe ratio; `out_in_ratio` is the Sharpe ratio out of sample over the one in sample. From `sharpe_low` to
    `sharpe_high` is its 95 % interval out of sample, `lost_paths` the share of cross-validated histories that lost.
    `pbo` and `pbo_loss`, how often the set chosen on one half lost on the other, are for a choice among parameter sets:
    among the `pbo_tried` that searches tried, where any did, of which `pbo_sets` were run again. These, and the exam
    figures for an exam that was taken, may be left out.
    """

    closed_positions: int | None = None
    out_of_sample_return: float | None = None
    out_of_sample_sharpe: float | None = None
    sharpe_low: float | None = None
    sharpe_high: float | None = None
    lost_paths: float | None = None
    deflated_sharpe: float | None = None
    trials: int | None = None
    clusters: int | None = None
    pbo: float | None = None
    pbo_loss: float | None = None
    pbo_sets: int | None = None
    pbo_tried: int | None = None
    track_record_met: bool | None = None
    look_ahead_found: bool | None = None
    warm_up_stable: bool | None = None
    cost_break_even: float | None = None
    plateau_share: float | None = None
    random_entry_p: float | None = None
    out_in_ratio: float | None = None
    exam_return: float | None = None
    exam_sharpe: float | None = None
    exam_repeated: bool = False
    exam_seen_before: bool = False


class Threshold(NamedTuple):
    """From where on a figure is good, and from where on it is no longer bad; `low_is_good` turns both around.

    A figure exactly at `good` passes; one exactly at `bad` fails.
    """

    name: str
    what: str
    bad: float
    good: float
    why: str
    low_is_good: bool = False
    optional: bool = False
    percent: bool = False


THRESHOLDS: tuple[Threshold, ...] = (
    Threshold(
        "closed_positions",
        "number of closed positions",
        9,
        30,
        "below thirty the mean of a sample is told from luck by its tails alone; below ten there is no sample",
    ),
    Threshold(
        "out_of_sample_return",
        "return out of sample",
        0.0,
        math.nextafter(0.0, 1.0),
        "what lost on data it was not fitted to has shown nothing to trade on",
        percent=True,
    ),
    Threshold(
        "out_of_sample_sharpe",
        "annual Sharpe ratio out of sample",
        0.0,
        0.5,
        "below a half, four years do not set it one standard error apart from zero (Lo 2002, eq. 9)",
    ),
    Threshold(
        "deflated_sharpe",
        "probability that the Sharpe ratio is not the luck of the best trial",
        0.5,
        0.95,
        "95 % is the level at which Bailey and López de Prado (2014) call a discovery; below one half, luck explains it"
        " better",
        percent=True,
    ),
    Threshold(
        "pbo",
        "probability of backtest overfitting",
        0.5,
        0.2,
        "at one half, the best in training is no better than the median after (Bailey et al. 2017, section 3)",
        low_is_good=True,
        optional=True,
        percent=True,
    ),
    Threshold(
        "lost_paths",
        "share of cross-validated histories that lost",
        0.5,
        0.0,
        "each is a history that was never fitted on; when one loses, the gain hung on where the span was cut"
        " (López de Prado 2018, chapter 12)",
        low_is_good=True,
        percent=True,
    ),
    Threshold(
        "cost_break_even",
        "multiple of the assumed costs that it survives",
        1.0,
        2.0,
        "real costs are seldom less than assumed, and double in a fast market",
    ),
    Threshold(
        "plateau_share",
        "share of neighbouring parameters that keep half of the Sharpe ratio",
        0.25,
        0.6,
        "a peak that stands alone is noise; an effect does not end where a number changes a little",
        percent=True,
    ),
    Threshold(
        "random_entry_p",
        "share of random entries with the same turnover that do as well",
        0.2,
        0.05,
        "one in twenty is the customary level; above one in five, the entries add nothing that can be seen",
        low_is_good=True,
        percent=True,
    ),
    Threshold(
        "out_in_ratio",
        "Sharpe ratio out of sample over in sample",
        0.0,
        0.5,
        "what keeps less than half was mostly fitted (Pardo 2008, chapter 11, walk-forward efficiency)",
    ),
    Threshold(
        "exam_return",
        "return in the sealed exam",
        0.0,
        math.nextafter(0.0, 1.0),
        "the exam is the one look that nothing was chosen by",
        optional=True,
        percent=True,
    ),
    Threshold(
        "exam_sharpe",
        "annual Sharpe ratio in the sealed exam",
        0.0,
        0.25,
        "an exam is short, so that half of what is asked out of sample is enough",
        optional=True,
    ),
)

MOST_LOST_HALVES = 0.05
"""Of the halves: below it, a high probability of overfitting says only that the parameter sets are all alike. The two
are read together, as in Bailey et al. 2017, sections 2.2 and 2.3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What one figure says: its name, its grade, and a sentence."""

    figure: str
    grade: Grade
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The worst of all grades, and every reason, the worst ones first."""

    outcome: Grade
    reasons: tuple[Reason, ...]


def judge(figures: Figures) -> Verdict:
    """Return the verdict on these figures; a number that is not finite counts as missing."""
    reasons = sorted(_reasons(figures), key=lambda reason: -_ORDER.index(reason.grade))
    return Verdict(outcome=reasons[0].grade, reasons=tuple(reasons))


def _reasons(figures: Figures) -> Iterator[Reason]:
    for threshold in THRESHOLDS:
        value = getattr(figures, threshold.name)
        if threshold.name == "pbo" and _harmless(figures):
            yield _alike(figures)
        elif value is not None and math.isfinite(value):
            yield _graded(threshold, float(value), figures)
        elif not threshold.optional:
            yield _missing(threshold.name, f"the {threshold.what}")
    yield _interval(figures.sharpe_low, figures.sharpe_high)
    for name, (what, good, words) in _YES_OR_NO.items():
        known = getattr(figures, name)
        yield _missing(name, what) if known is None else words(known is good)
    yield from _exam(figures)


def _harmless(figures: Figures) -> bool:
    """Whether the set chosen on one half hardly ever lost on the other: then it hardly matters which was chosen."""
    return figures.pbo is not None and figures.pbo_loss is not None and figures.pbo_loss <= MOST_LOST_HALVES


def _alike(figures: Figures) -> Reason:
    assert figures.pbo is not None
    assert figures.pbo_loss is not None
    text = (
        f"The probability of backtest overfitting{_among(figures)} is {figures.pbo * 100:.1f} %, and the parameters"
        f" chosen on one half of the days lost on the other half in {figures.pbo_loss * 100:.1f} % of the cases: the"
        " choice does no harm."
    )
    return Reason(figure="pbo", grade="pass", text=text)


def _among(figures: Figures) -> str:
    """Out of what the choice was, where searches were made."""
    if figures.pbo_sets is None or figures.pbo_tried is None:
        return ""
    sample = f", judged on a fixed sample of {figures.pbo_sets:,}," if figures.pbo_sets < figures.pbo_tried else ""
    return f" of the choice among {figures.pbo_tried:,} parameter sets that searches tried{sample}"


def _interval(low: float | None, high: float | None) -> Reason:
    """The interval of the Sharpe ratio: below zero fails, with zero inside it is weak."""
    name = "sharpe_low"
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return _missing(name, "how far the Sharpe ratio out of sample could have been otherwise")
    said = f"The Sharpe ratio out of sample lies between {low:.2f} and {high:.2f} with a probability of 95 %"
    said = said.replace("-", "\u2212")
    source = "(stationary bootstrap, Politis and Romano 1994)"
    if low > 0:
        return Reason(figure=name, grade="pass", text=f"{said} {source}: above zero.")
    if high < 0:
        return Reason(figure=name, grade="fail", text=f"{said} {source}: it loses, and not by bad luck.")
    text = f"{said} {source}: zero is among them, so that luck may be all of it. More data would tell."
    return Reason(figure=name, grade="weak", text=text)


def _graded(threshold: Threshold, value: float, figures: Figures) -> Reason:
    sign = -1.0 if threshold.low_is_good else 1.0
    grade: Grade = "weak"
    if sign * value >= sign * threshold.good:
        grade = "pass"
    elif sign * value <= sign * threshold.bad:
        grade = "fail"
    among = _among(figures) if threshold.name == "pbo" else ""
    said = f"The {threshold.what}{among} is {_shown(threshold, value)}"
    if threshold.name == "deflated_sharpe" and figures.trials is not None:
        said += f" after {figures.trials} tried parameter sets"
    if grade == "pass":
        enough = "low enough" if threshold.low_is_good else "enough"
        return Reason(figure=threshold.name, grade=grade, text=f"{said}, which is {enough}.")
    side, other = ("at most", "more") if threshold.low_is_good else ("at least", "less")
    wanted = "more than zero" if 0 < threshold.good < 1e-300 else f"{side} {_shown(threshold, threshold.good)}"
    much = f"{'far ' if grade == 'fail' and threshold.bad != 0 else ''}{other} than it must be ({wanted})"
    return Reason(figure=threshold.name, grade=grade, text=f"{said}, {much}: {threshold.why}.")


def _shown(threshold: Threshold, value: float) -> str:
    text = f"{value * 100:.1f} %" if threshold.percent else f"{value:.2f}".rstrip("0").rstrip(".")
    return text.replace("-", "\u2212")


def _missing(name: str, what: str) -> Reason:
    return Reason(figure=name, grade="weak", text=f"Not measured: {what}. What is not known cannot speak for it.")


def _track_record(good: bool) -> Reason:  # noqa: FBT001 - called by the table below only
    if good:
        return Reason(figure="track_record_met", grade="pass", text="The record is long enough for its Sharpe ratio.")
    text = (
        "The record is shorter than the minimum track record for its Sharpe ratio (Bailey and López de Prado 2012,"
        " eq. 13): test it on more data."
    )
    return Reason(figure="track_record_met", grade="weak", text=text)


def _look_ahead(good: bool) -> Reason:  # noqa: FBT001
    if good:
        return Reason(figure="look_ahead_found", grade="pass", text="Replayed on data cut short, it decides the same.")
    text = "It decides differently when later bars are cut off: it looks ahead, and nothing else said of it counts."
    return Reason(figure="look_ahead_found", grade="fail", text=text)


def _warm_up(good: bool) -> Reason:  # noqa: FBT001
    if good:
        return Reason(figure="warm_up_stable", grade="pass", text="A longer warm-up changes no decision.")
    text = "A longer warm-up changes its decisions: raise warm_up_bars until one, two and five times it agree."
    return Reason(figure="warm_up_stable", grade="fail", text=text)


_YES_OR_NO: dict[str, tuple[str, bool, Callable[[bool], Reason]]] = {
    "track_record_met": ("whether the record is long enough", True, _track_record),
    "look_ahead_found": ("whether it looks ahead", False, _look_ahead),
    "warm_up_stable": ("whether its warm-up is long enough", True, _warm_up),
}


def _exam(figures: Figures) -> Iterator[Reason]:
    """What is wrong with the exam itself, for ever."""
    if figures.exam_repeated:
        text = "The sealed exam was repeated: a try after the first one proves nothing, however good it is."
        yield Reason(figure="exam_repeated", grade="weak", text=text)
    if figures.exam_seen_before:
        text = "Some of the exam's data was seen by research before its first try: it was no secret."
        yield Reason(figure="exam_seen_before", grade="weak", text=text)


def plain(figures: Figures) -> dict[str, object]:
    """Return the figures as JSON; a number that is not finite is left out, as one that was not measured is."""
    named = {one.name: getattr(figures, one.name) for one in fields(figures)}
    return {name: value for name, value in named.items() if value is not None and math.isfinite(value)}
