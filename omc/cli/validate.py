"""`omc validate`: every check of a document in one go, and the gate's verdict on what they found."""

import click

from omc.cli.asking import Wanted, bars_of, document_options, trial, watched
from omc.cli.base import answer, door, json_option, run
from omc.cli.belief import ahead_lines, robustness_lines, walk_lines, warm_up_lines
from omc.cli.together import labels_of, shared_request, together_option
from omc.engine import trials, universe
from omc.engine.document import document_hash
from omc.engine.judging import judge
from omc.engine.outline import outline_walk_forward
from omc.engine.swept import tried_of
from omc.engine.validation.benchmarks import RandomEntries
from omc.engine.validation.bootstrap import Uncertainty
from omc.engine.validation.cross_validation import CrossValidated
from omc.engine.validation.evidence import Checked, check_all
from omc.engine.validation.robustness import Robustness
from omc.engine.validation.told import told
from omc.engine.validation.tried import Choice
from omc.engine.validation.warm_up import WarmUp
from omc.engine.walk_forward import WalkForward
from omc.kit.errors import Refusal


@click.command(name="validate")
@document_options
@together_option
@click.option("--windows", type=click.IntRange(1, 50), default=6, show_default=True, help="Tests of the walk-forward.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed, the same random bars.")
@json_option
def command(*, wanted: Wanted, together: bool, windows: int, seed: int, as_json: bool) -> int:
    """Check whether DOCUMENT can be believed: look-ahead, warm-up, walk-forward, cross-validation, robustness, luck.

    Ends with the gate's verdict, which is kept: pass, weak or fail, with every reason. Counts as a trial. Exit code 1
    when it fails.
    """
    return run(_validate(wanted, windows, seed, together=together, as_json=as_json))


async def _validate(wanted: Wanted, windows: int, seed: int, *, together: bool, as_json: bool) -> int:
    async with door() as opened:
        asked = await shared_request(opened, wanted, together=together)
        async with trial(opened, asked, "validation") as tried:
            bars = await bars_of(opened, asked)
            async with opened.database.session(opened.workspace) as session:
                searched = await tried_of(session, asked)
                learning = await universe.taught(session, asked.document, bars.market)
            checked = await watched(
                lambda watch: check_all(
                    asked.document,
                    bars.market,
                    first=bars.first,
                    windows=windows,
                    seed=seed,
                    tried=searched,
                    learning=learning,
                    watch=watch,
                )
            )
            tried.found = trials.found_of(checked.result.ts, checked.result.equity)
        async with opened.database.session(opened.workspace) as session:
            given = await judge(session, asked, checked, now=opened.clock())
    value = {
        "hash": document_hash(asked.document),
        "series": labels_of(asked),
        "look_ahead": checked.ahead.plain(),
        "warm_up": _plain(checked.warm_up),
        "walk_forward": _plain(checked.walked),
        "cross_validation": _plain(checked.crossed),
        "searched": None if checked.choice is None else _plain(checked.choice),
        "uncertainty": _plain(checked.spread),
        "robustness": _plain(checked.bears),
        "random_entries": _plain(checked.chance),
        "figures": dict(given.figures),
        "verdict": {"id": given.id, "outcome": given.outcome},
        "reasons": [{"figure": one.figure, "grade": one.grade, "text": one.text} for one in given.reasons],
    }
    shown = [labels_of(asked), *bars.said.values(), *_lines(checked), "", f"Verdict: {given.outcome}"]
    shown += [f"  {reason.grade}: {reason.text}" for reason in given.reasons]
    answer(value, as_json=as_json, shown=lambda: "\n".join(shown))
    return 1 if given.outcome == "fail" else 0


def _plain(
    found: WarmUp | WalkForward | CrossValidated | Choice | Uncertainty | Robustness | RandomEntries | Refusal,
) -> dict[str, object]:
    match found:
        case Refusal():
            return {"refused": found.text, "place": found.place}
        case WalkForward():
            return outline_walk_forward(found)
        case _:
            return found.plain()


_IN_WORDS = {
    "cross_validation": "Cross-validation",
    "overfitting": "Overfitting",
    "uncertainty": "Uncertainty",
    "random_entries": "Random entries",
}


def _lines(checked: Checked) -> list[str]:
    walked = checked.walked
    words = {one.check: one.text for one in told(checked)}
    return [
        *ahead_lines(checked.ahead),
        *warm_up_lines(checked.warm_up),
        *([f"Walk-forward: not done; {walked.text}"] if isinstance(walked, Refusal) else walk_lines(walked)),
        *robustness_lines(checked.bears),
        *(f"{title}: {words[check]}" for check, title in _IN_WORDS.items()),
    ]
