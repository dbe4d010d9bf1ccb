"""A chart as data: lines over the bars' times, kept with the evidence and drawn by the page."""

import asyncio
from typing import Annotated

import numpy as np
from pydantic import Field

from omc.lab.tools.base import Outcome, ToolContext
from omc.lab.tools.expressions import Expressions, Inputs, columns_of, program_of, with_inputs
from omc.lab.tools.trial import MAX_POINTS, EndText, SeriesText, StartText, load_bars
from omc.ledgers.columns import Floats, Stamps

MAX_TITLE_CHARACTERS = 120


async def draw_chart(
    context: ToolContext,
    series_id: SeriesText,
    title: Annotated[str, Field(min_length=1, max_length=MAX_TITLE_CHARACTERS)],
    *,
    expressions: Expressions = {},  # noqa: B006 - never changed
    inputs: Inputs = {},  # noqa: B006 - never changed
    start: StartText = None,
    end: EndText = None,
) -> Outcome:
    """Draw lines over time for the person: the close, and expressions such as {'slow': 'sma(close, 200)'}.

    The points are kept with the evidence, at most 500 of each line; you see only how many there are.
    """
    program = program_of(expressions, inputs)
    bars = await with_inputs(context, await load_bars(context, series_id, start, end), inputs)
    lines = {"close": bars.columns.close, **await asyncio.to_thread(columns_of, program, bars.columns)}
    series = thinned(bars.columns.ts, lines)
    names = ", ".join(lines)
    return Outcome(
        title=title,
        preview=f"{names}, {bars.said['tested_bars_count']:,} bars",
        output={
            "chart": "lines",
            "lines": list(lines),
            "points_count": len(series["ts"]),
            "quote_asset": bars.quote,
            "chosen": {"title": title, "expressions": dict(expressions)},
            "data": bars.said,
        },
        series={**series},
    )


def thinned(ts: Stamps, lines: dict[str, Floats]) -> dict[str, list[object]]:
    """Return the lines at no more than MAX_POINTS of the times, the last one among them; nothing where unknown."""
    chosen = np.unique(np.linspace(0, len(ts) - 1, min(MAX_POINTS, len(ts))).round().astype(int))
    named: list[object] = [
        {"name": name, "values": [value if np.isfinite(value) else None for value in line[chosen].tolist()]}
        for name, line in lines.items()
    ]
    return {"ts": ts[chosen].tolist(), "lines": named}
