"""`omc validate`: every check of a document in one go, and the gate's verdict on what they found."""

import click

from omc.cli.asking import Wanted, bars_of, document_options, request_of, trial, watched
from omc.cli.base import Door, answer, door, json_option, run
from omc.cli.belief import ahead_lines, robustness_lines, walk_lines, warm_up_lines
from omc.engine import trials, verdicts
from omc.engine.document import document_hash
from omc.engine.outline import outline_walk_forward
from omc.engine.records import Request
from omc.engine.validation.benchmarks import RandomEntries
from omc.engine.validation.evidence import Checked, check_all, figures_of
from omc.engine.validation.robustness import Robustness
from omc.engine.validation.warm_up import WarmUp
from omc.engine.walk_forward import WalkForward
from omc.kit.errors import Refusal


@click.command(name="validate")
@document_options
@click.option("--windows", type=click.IntRange(1, 50), default=6, show_default=True, help="Tests of the walk-forward.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed, the same random bars.")
@json_option
def command(*, wanted: Wanted, windows: int, seed: int, as_json: bool) -> int:
    """Check whether DOCUMENT can be believed: look-ahead, warm-up, walk-forward, robustness, significance.

    Ends with the gate's verdict, which is kept: pass, weak or fail, with every reason. Counts as a trial. Exit code 1
    when it fails.
    """
    return run(_validate(wanted, windows, seed, as_json=as_json))


async def _validate(wanted: Wanted, windows: int, seed: int, *, as_json: bool) -> int:
    async with door() as opened:
        asked = await request_of(opened, wanted)
        async with trial(opened, asked, "validation") as tried:
            bars = await bars_of(opened, asked)
            checked = await watched(
                lambda watch: check_all(
                    asked.document, bars.columns, first=bars.first, windows=windows, seed=seed, watch=watch
                )
            )
            tried.found = trials.found_of(checked.result.ts, checked.result.equity)
        given = await _judged(opened, asked, checked)
    value = {
        "hash": document_hash(asked.document),
        "series": asked.series.label,
        "look_ahead": checked.ahead.plain(),
        "warm_up": _plain(checked.warm_up),
        "walk_forward": _plain(checked.walked),
        "robustness": _plain(checked.bears),
        "random_entries": _plain(checked.chance),
        "figures": dict(given.figures),
        "verdict": {"id": given.id, "outcome": given.outcome},
        "reasons": [{"figure": one.figure, "grade": one.grade, "text": one.text} for one in given.reasons],
    }
    shown = [asked.series.label, *bars.said.values(), *_lines(checked), "", f"Verdict: {given.outcome}"]
    shown += [f"  {reason.grade}: {reason.text}" for reason in given.reasons]
    answer(value, as_json=as_json, shown=lambda: "\n".join(shown))
    return 1 if given.outcome == "fail" else 0


async def _judged(opened: Door, asked: Request, checked: Checked) -> verdicts.Given:
    async with opened.database.session(opened.workspace) as session:
        line = await trials.line(session, asked.series.id, asked.span)
        figures = figures_of(checked, trials=line.trials, clusters=line.clusters, variance=line.sharpe_variance)
        return await verdicts.give(
            session,
            document_hash(asked.document),
            asked.series.id,
            asked.span,
            figures,
            by=asked.by,
            now=opened.clock(),
        )


def _plain(found: WarmUp | WalkForward | Robustness | RandomEntries | Refusal) -> dict[str, object]:
    match found:
        case Refusal():
            return {"refused": found.text, "place": found.place}
        case WalkForward():
            return outline_walk_forward(found)
        case _:
            return found.plain()


def _lines(checked: Checked) -> list[str]:
    walked = checked.walked
    return [
        *ahead_lines(checked.ahead),
        *warm_up_lines(checked.warm_up),
        *([f"Walk-forward: not done; {walked.text}"] if isinstance(walked, Refusal) else walk_lines(walked)),
        *robustness_lines(checked.bears),
        _chance_line(checked.chance),
    ]


def _chance_line(found: RandomEntries | Refusal) -> str:
    if isinstance(found, Refusal):
        return f"Random entries: not checked; {found.text}"
    if found.p_value is None:
        return f"Random entries: {found.note}"
    return f"Random entries: {found.p_value:.1%} of {len(found.returns)} that trade as much do as well"
