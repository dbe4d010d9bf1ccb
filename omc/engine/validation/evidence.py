"""Owns the evidence of one document: every check in one go, and what the gate is told of them.

Pure: no clock, no database. What could not be checked is a refusal with its sentence, and missing at the gate.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from omc.engine.document import StrategyDocument
from omc.engine.gate import Figures
from omc.engine.market import Bars, Market, market_of
from omc.engine.metrics import daily, returns
from omc.engine.relearned import Teaching
from omc.engine.runs import Run, run_on, wanted_of
from omc.engine.simulate import Settings
from omc.engine.validation.benchmarks import RandomEntries, random_entries, spread_evenly
from omc.engine.validation.bootstrap import Uncertainty, uncertainty
from omc.engine.validation.cross_validation import CrossValidated, cross_validate
from omc.engine.validation.lookahead import look_ahead
from omc.engine.validation.overfitting import Overfitting
from omc.engine.validation.replays import LookAhead
from omc.engine.validation.robustness import Robustness, robustness
from omc.engine.validation.significance import deflated_sharpe, luck_variance, minimum_track_record
from omc.engine.validation.tried import NOTHING_TRIED, Choice, Tried, judge_choice
from omc.engine.validation.warm_up import WarmUp, check_warm_up
from omc.engine.walk_forward import Plan, WalkForward, walk_forward
from omc.engine.watch import UNWATCHED, Watch
from omc.kit.errors import Refusal

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What every check found; a Refusal where it could not be done. `choice` is None where nothing was searched."""

    result: Run
    ahead: LookAhead
    warm_up: WarmUp | Refusal
    walked: WalkForward | Refusal
    crossed: CrossValidated | Refusal
    choice: Choice | Refusal | None
    spread: Uncertainty | Refusal
    bears: Robustness | Refusal
    chance: RandomEntries | Refusal


def check_all(
    document: StrategyDocument,
    bars: Bars,
    *,
    first: int = 0,
    windows: int = 6,
    seed: int = 0,
    tried: Tried = NOTHING_TRIED,
    learning: Teaching | None = None,
    watch: Watch = UNWATCHED,
) -> Checked:
    """Do one check after the other; the run itself and the look-ahead are refused as a whole.

    No bar before row `first` decides. The same seed gives the same cuts, futures, resamples and random entries. The
    choice is judged among what was `tried` by searches; in the walk-forward, `learning` trains the models anew.
    """
    market, settings = market_of(document, bars), Settings(start=first)
    result = run_on(document, market, settings)
    ahead = look_ahead(document, market, settings=settings, seed=seed, watch=watch)
    warm_up = attempted(lambda: check_warm_up(document, market, seed=seed, watch=watch))
    watch.step(0, 1, "walk-forward")
    walked = attempted(lambda: walk_forward(document, market, Plan(windows=windows), learning=learning, watch=watch))
    crossed = attempted(lambda: cross_validate(document, market, first=first, watch=watch))
    choice = None
    if tried.total:
        choice = attempted(lambda: judge_choice(document, market, tried, first=first, watch=watch))
    watch.step(0, 1, "bootstrap")
    spread = walked if isinstance(walked, Refusal) else attempted(lambda: _spread(walked.out_of_sample, seed))
    bears = attempted(lambda: robustness(document, market, settings, watch=watch))
    watch.step(0, 1, "random entries")
    chance = attempted(lambda: _by_chance(document, market, result, seed))
    watch.told(1, 1, "all checks")
    return Checked(
        result=result,
        ahead=ahead,
        warm_up=warm_up,
        walked=walked,
        crossed=crossed,
        choice=choice,
        spread=spread,
        bears=bears,
        chance=chance,
    )


def figures_of(checked: Checked, *, trials: int, clusters: int, variance: float | None) -> Figures:
    """What the gate is told, given how much was tried on these data; what could not be measured is left out.

    `variance` is that of the daily Sharpe ratios of the trials, where it is known.
    """
    walked, bears, warm_up = checked.walked, checked.bears, checked.warm_up
    out = walked.out_of_sample if isinstance(walked, WalkForward) else None
    spread_out = checked.spread if isinstance(checked.spread, Uncertainty) else None
    crossed = checked.crossed if isinstance(checked.crossed, CrossValidated) else None
    choice = overfitting_of(checked)
    searched = checked.choice if isinstance(checked.choice, Choice) else None
    changes = returns(daily(checked.result.ts, checked.result.equity))
    spread = variance if variance is not None else luck_variance(max(len(changes), 2))
    deflated = deflated_sharpe(changes, trials=max(trials, 1), variance=spread)
    record = minimum_track_record(changes)
    return Figures(
        closed_positions=(out or checked.result).closed_count,
        out_of_sample_return=out.metric("total_return") if out else None,
        out_of_sample_sharpe=out.metric("sharpe") if out else None,
        sharpe_low=spread_out.sharpe.low if spread_out else None,
        sharpe_high=spread_out.sharpe.high if spread_out else None,
        lost_paths=crossed.share_lost if crossed else None,
        pbo=choice.pbo if isinstance(choice, Overfitting) else None,
        pbo_loss=choice.loss_probability if isinstance(choice, Overfitting) else None,
        pbo_sets=searched.sets if searched else None,
        pbo_tried=searched.tried if searched else None,
        deflated_sharpe=deflated.value,
        trials=trials,
        clusters=clusters,
        track_record_met=record.value is not None and record.value <= len(changes),
        look_ahead_found=not checked.ahead.ok,
        warm_up_stable=warm_up.ok if isinstance(warm_up, WarmUp) else None,
        cost_break_even=bears.costs.break_even if isinstance(bears, Robustness) else None,
        plateau_share=bears.plateau.share if isinstance(bears, Robustness) else None,
        random_entry_p=checked.chance.p_value if isinstance(checked.chance, RandomEntries) else None,
        out_in_ratio=_kept(walked) if isinstance(walked, WalkForward) else None,
    )


def overfitting_of(checked: Checked) -> Overfitting | Refusal:
    """Of the choice out of what was really tried; of a neighbourhood where that could not be judged."""
    if isinstance(checked.choice, Choice):
        return checked.choice.overfitting
    return checked.crossed if isinstance(checked.crossed, Refusal) else checked.crossed.choice


def attempted(check: Callable[[], Made]) -> Made | Refusal:
    """Run one check of several: one that is refused, for too little history, leaves the others their say."""
    try:
        return check()
    except Refusal as refusal:
        if refusal.code == "stopped":
            raise
        return refusal


def _spread(result: Run, seed: int) -> Uncertainty:
    return uncertainty(result.ts, result.equity, seed=seed)


def _by_chance(document: StrategyDocument, market: Market, result: Run, seed: int) -> RandomEntries:
    cost = float(document.costs.fee_bps + document.costs.slippage_bps) / 10_000
    held = wanted_of(market, result).values()
    return spread_evenly(
        [random_entries(bars, wanted, cost=cost, seed=seed + at) for at, (bars, wanted) in enumerate(held)]
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
