"""A search over parameters: every combination trained on the first part of the bars and tested on the rest."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from omc.engine.document import StrategyDocument
from omc.engine.grid import Side
from omc.engine.lifting import lift
from omc.engine.sweep import Row, Search, Sweep, grid_size, plan, sweep
from omc.engine.trials import Found, finish
from omc.engine.watch import Watch
from omc.kit.errors import Refusal
from omc.lab.tools.base import Outcome, ToolContext, Values, percent, watched
from omc.lab.tools.trial import (
    EndText,
    SeriesText,
    StartText,
    Trial,
    VersionText,
    load_trial,
    moment,
    refused,
    register,
)

MAX_COMBINATIONS = 400
MAX_VALUES = 50
MAX_SHOWN = 10

Tried = Annotated[list[float], Field(min_length=1, max_length=MAX_VALUES)]


async def sweep_parameters(
    context: ToolContext,
    version_id: VersionText,
    series_id: SeriesText,
    values: Annotated[
        dict[str, Tried], Field(max_length=4, description="values to try by parameter: {'window_1': [10, 20]}")
    ] = {},  # noqa: B006 - never changed
    start: StartText = None,
    end: EndText = None,
) -> Outcome:
    """Try combinations of a version's parameters: each is figured on a training part, and apart from it on a test part.

    A document without parameters gets its indicator windows as window_1, window_2, window_3; call without `values` to
    be told which there are. Every combination counts as a trial, found or not: try few, and for a reason. /best_trained
    is the choice that could have been made at the time, with how it then did; never report the best test instead.
    """
    trial = await load_trial(context, version_id, series_id, start, end)
    document = trial.document if trial.document.parameters else lift(trial.document)
    search = Search(values=values)
    if not values:
        known = ", ".join(f"{name} (now {value:g})" for name, value in document.parameters.items()) or "none"
        raise Refusal("nothing_varied", 422, f"Say which values to try. Parameters: {known}.", place="/values")
    if (count := grid_size(document, search)) > MAX_COMBINATIONS:
        words = f"These are {count} combinations; at most {MAX_COMBINATIONS} at once. Use fewer values."
        raise Refusal("too_many", 422, words, place="/values")
    trial = replace(trial, document=document)
    trial_id = await register(context, trial, "sweep", combinations=count)
    try:
        found = await watched(context, lambda watch: _swept(trial, search, watch))
    except Refusal:
        await refused(context, trial_id)
        raise

    async def save(session: AsyncSession, outcome: Outcome) -> Outcome:
        sharpes = tuple(row.train.sharpe for row in found.rows if row.train is not None and row.train.sharpe)
        kept = Found(combinations=found.trials, sharpe=max(sharpes, default=None), sharpes=sharpes)
        await finish(session, trial_id, "done", now=context.clock(), found=kept)
        return outcome

    ranked = sorted(found.rows, key=_trained)[:MAX_SHOWN]
    return Outcome(
        title=f"Search over {trial.document.name}",
        preview=f"{found.trials} combinations tried, {len(found.refused)} of them refused",
        output=_output(trial, document, found, ranked),
        save=save,
    )


def _swept(trial: Trial, search: Search, watch: Watch) -> Sweep:
    return sweep(plan(trial.document, trial.bars.columns, search), watch=watch)


def _output(trial: Trial, document: StrategyDocument, found: Sweep, ranked: Sequence[Row]) -> Values:
    return {
        "version_id": str(trial.version_id),
        "trials_count": found.trials,
        "refused_count": len(found.refused),
        "refused": [row.refused for row in found.refused[:MAX_SHOWN]],
        "test_start": moment(found.split_ts),
        "chosen": {"parameters": dict(document.parameters)},
        "best_trained": _row(ranked[0]) if ranked else {},
        "combinations": [_row(row) for row in ranked],
        "data": trial.bars.said,
    }


def _trained(row: Row) -> float:
    return -(row.train.sharpe or 0.0) if row.train is not None else 0.0


def _row(row: Row) -> Values:
    return {"fitted": dict(row.parameters), **_side(row.train, "train"), **_side(row.test, "test")}


def _side(side: Side | None, name: str) -> Values:
    if side is None:
        return {}
    sharpe = {} if side.sharpe is None else {f"{name}_sharpe_ratio": side.sharpe}
    return {
        f"{name}_return_percent": percent(side.total_return),
        f"{name}_drawdown_percent": percent(side.max_drawdown),
        f"{name}_closed_positions_count": side.closed_positions,
        **sharpe,
    }
