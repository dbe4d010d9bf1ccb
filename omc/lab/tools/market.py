"""Statistics of a bar series: what holding it was like, before any strategy is tried."""

import asyncio

import numpy as np

from omc.engine import metrics
from omc.lab.tools.base import Outcome, ToolContext, Values, percent
from omc.lab.tools.trial import Bars, EndText, SeriesText, StartText, load_bars


async def measure_bars(
    context: ToolContext, series_id: SeriesText, start: StartText = None, end: EndText = None
) -> Outcome:
    """Measure a bar series: what holding returned, how much it moved and fell, and how bars follow each other.

    Look at this before you draft a strategy. Figures are of closes; daily ones take the last close of each UTC day.
    """
    bars = await load_bars(context, series_id, start, end)
    measured = await asyncio.to_thread(_measure, bars)
    title = f"{bars.said['symbol']} {bars.said['timeframe']} bars"
    words = f"{bars.said['tested_bars_count']:,} bars, {str(bars.said['start'])[:10]} to {str(bars.said['end'])[:10]}"
    return Outcome(title=title, preview=words, output={"quote_asset": bars.quote, "data": bars.said, **measured})


def _measure(bars: Bars) -> Values:
    close = bars.columns.close
    changes = metrics.returns(close)
    days = metrics.returns(metrics.daily(bars.columns.ts, close))
    deepest = metrics.drawdown(close)
    figures: dict[str, float | None] = {
        "first_close_quote": float(close[0]),
        "last_close_quote": float(close[-1]),
        "hold_return_percent": percent(metrics.total_return(close)),
        "hold_max_drawdown_percent": percent(float(deepest.min())),
        "hold_volatility_percent": _percent(metrics.volatility(days, metrics.DAYS_A_YEAR)),
        "hold_sharpe_ratio": metrics.sharpe(days, metrics.DAYS_A_YEAR),
        "best_bar_percent": percent(float(changes.max())),
        "worst_bar_percent": percent(float(changes.min())),
        "rising_bars_share_percent": percent(float(np.mean(changes > 0))),
        "next_bar_correlation_ratio": _correlation(changes[:-1], changes[1:]),
        "zero_volume_bars_count": int(np.count_nonzero(bars.columns.volume == 0)),
    }
    return {"figures": {name: value for name, value in figures.items() if value is not None}}


def _percent(value: float | None) -> float | None:
    return None if value is None else percent(value)


def _correlation(left: np.ndarray, right: np.ndarray) -> float | None:
    if len(left) < 3 or float(left.std()) == 0 or float(right.std()) == 0:
        return None
    return float(np.corrcoef(left, right)[0, 1])
