"""What data there is, as of the session's clock: the first thing a session looks at."""

from omc.core.canonical import instant_text
from omc.lab.tools.base import Outcome, ToolContext
from omc.ledgers import seals
from omc.ledgers import service as ledgers

MAX_LISTED = 200
HOUR_S = 3_600.0


async def list_markets(context: ToolContext) -> Outcome:
    """List every bar series there is: symbol, venue, timeframe, span, gaps, and how old the newest bar is.

    Use the `series_id` of a row with measure_bars, run_backtest and walk_forward. `origin` says `imported` for real
    candles and `synthetic` for made ones; a report on synthetic data must say so. Bars after `end` are
    `sealed_for_an_exam` where it says so: nothing reads them.
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
            "end": instant_text(ends[series.id] or series.end),
            "sealed_for_an_exam": ends[series.id] != series.end,
            "stored_count": series.bars,
            "gaps_count": series.gaps,
            "newest_age_hours": round((context.as_of - series.end).total_seconds() / HOUR_S, 1),
        }
        for series in found[:MAX_LISTED]
        if series.bars and series.start is not None and series.end is not None
    ]
    names = ", ".join(sorted({f"{row['symbol']} {row['timeframe']}" for row in listed}))
    return Outcome(
        title="Data there is",
        preview=f"{len(listed)} series: {names}" if listed else "no market data yet",
        output={"markets": listed, "series_count": len(listed), "left_out_count": max(0, len(found) - MAX_LISTED)},
    )
