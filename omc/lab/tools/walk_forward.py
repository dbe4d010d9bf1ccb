"""The walk-forward check: parameters fitted on the past only, traded on what follows, the pieces chained."""

from typing import Annotated

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from omc.engine.inputs import learning_of
from omc.engine.trials import finish, found_of
from omc.engine.walk_forward import MAX_WINDOWS, Plan, WalkForward, Window
from omc.engine.walk_forward import walk_forward as test_forward
from omc.kit.errors import Refusal
from omc.lab.knowledge import known_by
from omc.lab.tools.base import Outcome, ToolContext, Values, percent, watched
from omc.lab.tools.before_after import split
from omc.lab.tools.trial import (
    EndText,
    SeriesText,
    StartText,
    Trial,
    VersionText,
    costs,
    curves,
    load_trial,
    moment,
    named,
    refused,
    register,
    undefined,
)


async def walk_forward(
    context: ToolContext,
    version_id: VersionText,
    series_id: SeriesText,
    windows_count: Annotated[int, Field(ge=2, le=MAX_WINDOWS, description="test windows")] = 6,
    start: StartText = None,
    end: EndText = None,
) -> Outcome:
    """Check a version out of sample: in each window it is fitted on the past only and traded on what follows.

    The figures under /metrics are of the chained tests and are the ones to believe; those under /fixed are of the
    version's own parameters on the same bars. Every parameter set tried counts as a trial. /knowledge has the figures
    before and after the day until which you may have read of this market, and says which to believe.
    """
    trial = await load_trial(context, version_id, series_id, start, end)
    trial_id = await register(context, trial, "walk_forward")
    plan, columns = Plan(windows=windows_count), trial.bars.columns
    try:
        async with context.reading() as session:
            learning = await learning_of(session, trial.document, columns)
        document = trial.document
        found = await watched(
            context, lambda watch: test_forward(document, columns, plan, learning=learning, watch=watch)
        )
    except Refusal:
        await refused(context, trial_id)
        raise
    chained = found.out_of_sample

    async def save(session: AsyncSession, outcome: Outcome) -> Outcome:
        kept = found_of(chained.ts, chained.equity, combinations=found.trials)
        await finish(session, trial_id, "done", now=context.clock(), found=kept)
        return outcome

    known = split(chained, known_by([context.model, *context.others]), timeframe_ms=columns.timeframe_ms)
    gained = sum(window.test_return > 0 for window in found.windows)
    return Outcome(
        title=f"Walk-forward check of {trial.document.name}",
        preview=f"{gained} of {len(found.windows)} test windows gained; {found.trials} parameter sets tried",
        output={**_output(trial, found, gained), "knowledge": known},
        series=curves(found.out_of_sample),
        save=save,
    )


def _output(trial: Trial, found: WalkForward, gained: int) -> Values:
    return {
        "version_id": str(trial.version_id),
        "quote_asset": trial.bars.quote,
        "trials_count": found.trials,
        "windows_count": len(found.windows),
        "windows_gained_count": gained,
        "metrics": named(found.out_of_sample.metrics),
        "undefined": undefined(found.out_of_sample.metrics),
        "fixed": named(found.fixed.metrics),
        "windows": [_window(window) for window in found.windows],
        "assumptions": costs(found.out_of_sample, trial.document),
        "data": trial.bars.said,
        "result_hash": found.out_of_sample.result_hash,
    }


def _window(window: Window) -> Values:
    sharpe = {} if window.test_sharpe is None else {"test_sharpe_ratio": window.test_sharpe}
    return {
        "train_start": moment(window.train_start),
        "test_start": moment(window.test_start),
        "test_end": moment(window.test_end),
        "fitted": dict(window.parameters),
        "train_return_percent": percent(window.train_return),
        "test_return_percent": percent(window.test_return),
        **sharpe,
    }
