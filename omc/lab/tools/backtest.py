"""One backtest of a version on real bars: registered as a trial whatever comes out."""

import asyncio
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from omc.engine import service as engine
from omc.engine.simulate import Result, simulate
from omc.kit.errors import Refusal
from omc.lab.knowledge import known_by
from omc.lab.tools.base import Outcome, Save, ToolContext, Values
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
    named,
    refused,
    register,
    undefined,
)


async def run_backtest(
    context: ToolContext,
    version_id: VersionText,
    series_id: SeriesText,
    start: StartText = None,
    end: EndText = None,
) -> Outcome:
    """Backtest a strategy version on a bar series and register the trial.

    Returns figures with units in their names under /metrics, what was assumed under /assumptions, the data under /data.
    You may have read how a market went before your knowledge ended: /knowledge has the figures before and after, and
    says which to believe. When its headline is `after`, those under /knowledge/metrics_after are the result.
    Names that begin with `hold_` are of buying once and holding, with the same costs. The equity curve is kept with the
    evidence for the report's `equity` block. The series' symbol has all the cash, also where the document names several
    symbols; only a document of one symbol can be traded on paper.
    """
    trial = await load_trial(context, version_id, series_id, start, end)

    trial_id = await register(context, trial, "backtest")
    try:
        result = await asyncio.to_thread(simulate, trial.document, trial.bars.columns)
    except Refusal:
        await refused(context, trial_id)
        raise

    async def save(session: AsyncSession, outcome: Outcome) -> Outcome:
        kept = await engine.record_backtest(session, trial.asked, result=result, now=context.clock(), trial_id=trial_id)
        ever = await engine.count_trials(session, trial.bars.series.id, trial.bars.span)
        said = {**outcome.output, "ever_tried_on_this_data_count": ever}
        return replace(outcome, output={"backtest_id": str(kept), **said})

    known = split(result, known_by([context.model, *context.others]), timeframe_ms=trial.bars.columns.timeframe_ms)
    return _outcome(trial, result, known, save)


def _outcome(trial: Trial, result: Result, known: Values, save: Save) -> Outcome:
    figures = named(result.metrics)
    return Outcome(
        title=f"Backtest of {trial.document.name}",
        preview=_said(figures),
        output={
            "version_id": str(trial.version_id),
            "quote_asset": trial.bars.quote,
            "trials_count": 1,
            "metrics": figures,
            "undefined": undefined(result.metrics),
            "knowledge": known,
            "assumptions": costs(result, trial.document),
            "data": trial.bars.said,
            "result_hash": result.result_hash,
        },
        series=curves(result),
        save=save,
    )


def _said(figures: Values) -> str:
    own, held, closed = (
        figures[name] for name in ("total_return_percent", "hold_return_percent", "closed_positions_count")
    )
    return f"{_signed(own)} % against {_signed(held)} % by holding, {closed:.0f} closed positions"


def _signed(percent: object) -> str:
    """A percentage with its sign, a true minus among them."""
    return format(percent, "+.2f").replace("-", "\u2212")
