"""Indicators over bars, how they go together, and what they told of the bars that followed."""

import asyncio
from itertools import combinations
from math import sqrt
from typing import Annotated

import numpy as np
from pydantic import Field

from omc.engine.learning.scores import rank_correlation
from omc.engine.program import Program
from omc.kit.errors import Refusal
from omc.lab.tools.base import Outcome, ToolContext, Values
from omc.lab.tools.expressions import Expressions, Inputs, columns_of, program_of, with_inputs
from omc.lab.tools.trial import EndText, SeriesText, StartText, load_bars
from omc.ledgers.columns import BarColumns, Floats

MAX_HORIZON = 2_000
MIN_BARS = 30
SURE = 1.96
"""Standard errors that chance stays within, nineteen times out of twenty."""


async def measure_features(
    context: ToolContext,
    series_id: SeriesText,
    expressions: Expressions,
    horizon_bars: Annotated[int, Field(ge=1, le=MAX_HORIZON, description="bars ahead to compare with")] = 24,
    *,
    inputs: Inputs = {},  # noqa: B006 - never changed
    start: StartText = None,
    end: EndText = None,
) -> Outcome:
    """Measure indicators on bars: their values, how they correlate, and how each goes with the return that follows.

    The return runs from the next bar's open to the close `horizon_bars` later. /chance_correlation_ratio is what
    correlations of useless indicators stay within: overlapping returns count once. Looking at many indicators finds
    some above it by luck; nothing here is a test of a strategy, and nothing is counted as a trial.
    """
    if not expressions:
        raise Refusal("nothing_named", 422, "Name at least one expression.", place="/expressions")
    program = program_of(expressions, inputs)
    bars = await with_inputs(context, await load_bars(context, series_id, start, end), inputs)
    measured = await asyncio.to_thread(_measure, program, bars.columns, horizon_bars)
    return Outcome(
        title=f"Indicators on {bars.said['symbol']} {bars.said['timeframe']}",
        preview=f"{len(expressions)} indicators against the return of the next {horizon_bars} bars",
        output={**measured, "chosen": {"expressions": dict(expressions)}, "data": bars.said},
    )


def _measure(program: Program, bars: BarColumns, horizon: int) -> Values:
    columns, ahead = columns_of(program, bars), _ahead(bars, horizon)
    pairs = [
        {"first": first, "second": second, **_together(columns[first], columns[second], "")}
        for first, second in combinations(columns, 2)
    ]
    independent = max(1, int(np.isfinite(ahead).sum()) // horizon)
    return {
        "horizon_bars_count": horizon,
        "independent_count": independent,
        "chance_correlation_ratio": SURE / sqrt(independent),
        "figures": {name: {**_values(column), **_together(column, ahead, "next_")} for name, column in columns.items()},
        "correlations": pairs,
    }


def _ahead(bars: BarColumns, horizon: int) -> Floats:
    """What a decision at each close could earn; NaN where the bars end before."""
    found = np.full(len(bars), np.nan)
    if len(bars) > horizon:
        found[:-horizon] = bars.close[horizon:] / bars.open[1 : len(bars) - horizon + 1] - 1.0
    return found


def _values(column: Floats) -> Values:
    known = column[np.isfinite(column)]
    if not len(known):
        return {"known_bars_count": 0}
    least, median, most = np.percentile(known, [0, 50, 100]).tolist()
    return {
        "known_bars_count": len(known),
        "mean_value": float(known.mean()),
        "deviation_value": float(known.std()),
        "least_value": least,
        "median_value": median,
        "most_value": most,
        "last_value": float(known[-1]),
    }


def _together(first: Floats, second: Floats, prefix: str) -> Values:
    both = np.isfinite(first) & np.isfinite(second)
    left, right = first[both], second[both]
    if len(left) < MIN_BARS or np.ptp(left) == 0 or np.ptp(right) == 0:
        return {}
    ranked = rank_correlation(left, right)
    plain: Values = {f"{prefix}correlation_ratio": float(np.corrcoef(left, right)[0, 1])}
    return plain if ranked is None else {**plain, f"{prefix}rank_correlation_ratio": ranked}
