"""What data there is, as of the session's clock: the first thing a session looks at."""

from collections import Counter
from datetime import datetime
from typing import Annotated

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.canonical import instant_text
from omc.lab.tools.base import Outcome, ToolContext, Values
from omc.ledgers import seals
from omc.ledgers import service as ledgers
from omc.ledgers.observations import list_observed
from omc.ledgers.rules import Observed

MAX_LISTED = 200
HOUR_S = 3_600.0


async def list_markets(context: ToolContext) -> Outcome:
    """List every bar series there is: symbol, venue, timeframe, span, gaps, and how old the newest bar is.

    Use the `series_id` of a row with measure_bars, run_backtest and walk_forward. `origin` says `imported` for real
    candles and `synthetic` for made ones; a report on synthetic data must say so. Bars after `end` are
    `sealed_for_an_exam` where it says so: nothing reads them. What is known besides bars is in list_observations.
    """
    async with context.reading() as session:
        found = await ledgers.list_series(session)
        ends = await seals.lasts(session, found[:MAX_LISTED])
    listed = [
        {
            "series_id": str(series.id),
            "symbol": series.symbol,
            "venue": series.venue,
            "timeframe": series.timeframe,
            "origin": series.origin,
            "label": series.label,
            "start": instant_text(series.start),
            "end": instant_text(min(ends[series.id] or series.end, context.as_of)),
            "sealed_for_an_exam": ends[series.id] != series.end,
            "stored_count": series.bars,
            "gaps_count": series.gaps,
            "newest_age_hours": _age_hours(context, series.end),
        }
        for series in found[:MAX_LISTED]
        if series.bars and series.start is not None and series.end is not None and series.start < context.as_of
    ]
    names = ", ".join(sorted({f"{row['symbol']} {row['timeframe']}" for row in listed}))
    return Outcome(
        title="Data there is",
        preview=f"{len(listed)} series: {names}" if listed else "no market data yet",
        output={"markets": listed, "series_count": len(listed), "left_out_count": max(0, len(found) - MAX_LISTED)},
    )


async def list_observations(
    context: ToolContext,
    kind: Annotated[str | None, Field(max_length=40, description="first word of the names: funding; none: all")] = None,
) -> Outcome:
    """List what is known besides bars: funding rates, indexes, on-chain figures, catalysts and whatever was imported.

    Use a `name` as a document's input {"kind": "series", "series": name, "max_age": "3d"}, and with study_events and
    query_data. Each value counts from when it could be known, not from what it describes. /kinds counts all names.
    """
    async with context.reading() as session:
        known = [one for one in await list_observed(session) if one.start is not None and one.start < context.as_of]
        kinds = Counter(one.name.partition(":")[0] for one in known)
        asked = [one for one in known if kind is None or one.name.partition(":")[0] == kind]
        listed = [await _observed(context, session, one) for one in asked[:MAX_LISTED]]
    return Outcome(
        title="Observations there are",
        preview=", ".join(f"{count} of {name}" for name, count in sorted(kinds.items())) or "none are stored yet",
        output={
            "kinds": {f"{name}_count": count for name, count in sorted(kinds.items())},
            "observations": listed,
            "left_out_count": max(0, len(asked) - MAX_LISTED),
        },
    )


async def _observed(context: ToolContext, session: AsyncSession, one: Observed) -> Values:
    assert one.start is not None
    assert one.end is not None
    edge = await seals.until_of(session, one.name)
    return {
        "name": one.name,
        "kind": one.name.partition(":")[0],
        "source": one.source,
        "start": instant_text(one.start),
        "end": instant_text(min(one.end, context.as_of, edge or one.end)),
        "sealed_for_an_exam": edge is not None and edge <= one.end,
        "stored_count": one.rows,
        "newest_age_hours": _age_hours(context, one.end),
    }


def _age_hours(context: ToolContext, newest: datetime) -> float:
    return max(0.0, round((context.as_of - newest).total_seconds() / HOUR_S, 1))
