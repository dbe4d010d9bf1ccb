"""`omc validate`: every check of a document in one go, and the gate's verdict on what they found."""

from dataclasses import dataclass

import click

from omc.cli.asking import Bars, Wanted, bars_of, document_options, request_of, trial, watched
from omc.cli.base import Door, answer, door, json_option, run
from omc.cli.belief import ahead_lines, attempted, robustness_lines, walk_lines, warm_up_lines
from omc.engine import trials, verdicts
from omc.engine.document import StrategyDocument, document_hash
from omc.engine.gate import Figures
from omc.engine.metrics import daily, returns
from omc.engine.outline import outline_walk_forward
from omc.engine.records import Request
from omc.engine.simulate import Result, Settings, simulate
from omc.engine.validation.benchmarks import RandomEntries, random_entries
from omc.engine.validation.lookahead import LookAhead, look_ahead
from omc.engine.validation.robustness import Robustness, robustness
from omc.engine.validation.significance import deflated_sharpe, luck_variance, minimum_track_record
from omc.engine.validation.warm_up import WarmUp, check_warm_up
from omc.engine.walk_forward import Plan, WalkForward, walk_forward
from omc.engine.watch import Watch
from omc.kit.errors import Refusal
from omc.ledgers.columns import BarColumns


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What every check found; a Refusal where it could not be done."""

    result: Result
    ahead: LookAhead
    warm_up: WarmUp | Refusal
    walked: WalkForward | Refusal
    bears: Robustness | Refusal
    chance: RandomEntries | Refusal


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
            checked = await watched(lambda watch: _checked(asked.document, bars, windows, seed, watch))
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


def _checked(document: StrategyDocument, bars: Bars, windows: int, seed: int, watch: Watch) -> Checked:
    """One check after the other; the run itself and the look-ahead are refused as a whole."""
    columns, settings = bars.columns, Settings(start=bars.first)
    result = simulate(document, columns, settings)
    ahead = look_ahead(document, columns, settings=settings, seed=seed, watch=watch)
    warm_up = attempted(lambda: check_warm_up(document, columns, seed=seed, watch=watch))
    watch.step(0, 1, "walk-forward")
    walked = attempted(lambda: walk_forward(document, columns, Plan(windows=windows)))
    bears = attempted(lambda: robustness(document, columns, settings, watch=watch))
    watch.step(0, 1, "random entries")
    chance = attempted(lambda: _by_chance(document, columns, result, seed))
    return Checked(result=result, ahead=ahead, warm_up=warm_up, walked=walked, bears=bears, chance=chance)


def _by_chance(document: StrategyDocument, columns: BarColumns, result: Result, seed: int) -> RandomEntries:
    bars = columns.slice(len(columns) - len(result.ts), len(columns))
    cost = float(document.costs.fee_bps + document.costs.slippage_bps) / 10_000
    return random_entries(bars, result.wanted, cost=cost, seed=seed)


async def _judged(opened: Door, asked: Request, checked: Checked) -> verdicts.Given:
    async with opened.database.session(opened.workspace) as session:
        line = await trials.line(session, asked.series.id, asked.span)
        figures = _figures(checked, line)
        return await verdicts.give(
            session,
            document_hash(asked.document),
            asked.series.id,
            asked.span,
            figures,
            by=asked.by,
            now=opened.clock(),
        )


def _figures(checked: Checked, line: trials.Line) -> Figures:
    """What the gate is told; what could not be measured is left out, and counts as missing there."""
    walked, bears, warm_up = checked.walked, checked.bears, checked.warm_up
    out = walked.out_of_sample if isinstance(walked, WalkForward) else None
    changes = returns(daily(checked.result.ts, checked.result.equity))
    variance = line.sharpe_variance if line.sharpe_variance is not None else luck_variance(max(len(changes), 2))
    deflated = deflated_sharpe(changes, trials=max(line.trials, 1), variance=variance)
    record = minimum_track_record(changes)
    return Figures(
        closed_positions=len(out.closed.pnl) if out else len(checked.result.closed.pnl),
        out_of_sample_return=out.metric("total_return") if out else None,
        out_of_sample_sharpe=out.metric("sharpe") if out else None,
        deflated_sharpe=deflated.value,
        trials=line.trials,
        clusters=line.clusters,
        track_record_met=record.value is not None and record.value <= len(changes),
        look_ahead_found=not checked.ahead.ok,
        warm_up_stable=warm_up.ok if isinstance(warm_up, WarmUp) else None,
        cost_break_even=bears.costs.break_even if isinstance(bears, Robustness) else None,
        plateau_share=bears.plateau.share if isinstance(bears, Robustness) else None,
        random_entry_p=checked.chance.p_value if isinstance(checked.chance, RandomEntries) else None,
        out_in_ratio=_kept(walked) if isinstance(walked, WalkForward) else None,
    )


def _kept(walked: WalkForward) -> float | None:
    """The mean Sharpe of the tests over that of the fits where they gained (Pardo 2008, chapter 11)."""
    both = [
        (window.train_sharpe, window.test_sharpe)
        for window in walked.windows
        if window.train_sharpe is not None and window.test_sharpe is not None
    ]
    inside, outside = (sum(one[at] for one in both) for at in (0, 1))
    return outside / inside if both and inside > 0 else None


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
