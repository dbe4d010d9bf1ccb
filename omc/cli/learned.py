"""How trained models are told on a terminal: skill out of fold first, what it was fitted on beside it."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from omc.cli.base import table
from omc.cli.belief import day, figure
from omc.engine.learning.artifact import Artifact, Explanation
from omc.engine.learning.store import ModelLine, skill

_NO_SKILL = "On bars that were not fitted it does no better than chance; do not trade by it."


def list_lines(found: Sequence[ModelLine]) -> str:
    """The models as a table; what to do when there are none."""
    if not found:
        return "There is no trained model yet; `omc train SPEC` trains one."
    head = ("hash", "name", "kind", "predicts", "out of fold", "fitted", "may decide from")
    rows = [
        (
            one.hash[:12],
            one.name,
            one.kind,
            "a probability" if one.task == "classify" else "a return",
            figure(one.skill),
            figure(one.skill_fitted),
            f"{one.known_until:%Y-%m-%d %H:%M}",
        )
        for one in found
    ]
    return table(head, rows, right=("out of fold", "fitted"))


def model_lines(hash_: str, artifact: Artifact, why: Explanation) -> list[str]:
    """One model: what it is, how well it does, on what it rests, and why it says what it says of a bar."""
    spec = artifact.spec
    until = datetime.fromtimestamp(artifact.known_until / 1_000, UTC)
    worth = f"labels overlap and are worth {artifact.bars * artifact.label_uniqueness:.0f} that do not"
    lines = [
        f"{spec.name}: {spec.model.kind}, {artifact.bars} bars of {artifact.symbol} {spec.timeframe}; {worth}",
        f"hash {hash_}",
        f"It may decide on bars that close after {until:%Y-%m-%d %H:%M} UTC, the end of what it was trained on.",
        "",
        *_fold_lines(artifact),
        "",
        "Importance: how much worse bars that were not fitted are predicted with the feature shuffled",
    ]
    ordered = sorted(artifact.importances.items(), key=lambda pair: -pair[1].mean)
    rows = [(name, f"{one.mean:+.4f}", f"{one.spread:.4f}") for name, one in ordered]
    lines += _indented(table(("feature", "mean", "spread"), rows, right=("mean", "spread")))
    return [*lines, "", *_why_lines(artifact, why)]


def _fold_lines(artifact: Artifact) -> list[str]:
    name = "AUC" if artifact.spec.task == "classify" else "rank correlation"
    tests, fits = [fold.test for fold in artifact.folds], [fold.train for fold in artifact.folds]
    known = [one.skill for one in tests if one.skill is not None]
    mean, beside = skill(tests), skill(fits)
    error = float(np.std(known, ddof=1) / np.sqrt(len(known))) if len(known) > 1 else None
    lines = [f"Out of fold {name} {figure(mean)} ± {figure(error)}; on the fitted bars {figure(beside)}"]
    chance = 0.5 if artifact.spec.task == "classify" else 0.0
    if mean is None or error is None or mean - 2 * error <= chance:
        lines.append(_NO_SKILL)
    head = ("fold from", "to", "bars", f"{name} out of fold", "fitted")
    rows = [
        (day(fold.start), day(fold.end), fold.test_bars, figure(fold.test.skill), figure(fold.train.skill))
        for fold in artifact.folds
    ]
    return lines + _indented(table(head, rows, right=head[2:]))


def _why_lines(artifact: Artifact, why: Explanation) -> list[str]:
    when = datetime.fromtimestamp(why.ts / 1_000, UTC)
    inside = why.ts + 1 <= artifact.known_until
    learned = " (a bar that it learned from)" if inside else ""
    lines = [f"At the bar of {when:%Y-%m-%d %H:%M} UTC{learned} it says {why.prediction:.4f}: score {why.score:+.4f} ="]
    rows = [("what bars say on average", f"{why.base:+.4f}")]
    ordered = sorted(why.contributions.items(), key=lambda pair: -abs(pair[1]))
    rows += [(name, f"{value:+.4f}") for name, value in ordered]
    return lines + _indented(table(("feature", "adds"), rows, right=("adds",)))


def _indented(text: str) -> list[str]:
    return ["  " + line for line in text.splitlines()]
