"""What the market did around events: the mean path with its interval, and how much of it is told twice."""

import asyncio
from dataclasses import dataclass
from math import sqrt
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from omc.engine.evaluation import conditions
from omc.kit.errors import Refusal
from omc.lab.tools.base import Outcome, ToolContext, Values, percent
from omc.lab.tools.expressions import EVENT, Expressions, Inputs, program_of, with_inputs
from omc.lab.tools.trial import Bars, EndText, SeriesText, StartText, load_bars, moment
from omc.ledgers.columns import BarColumns, Floats
from omc.ledgers.observations import seen_by

MAX_BEFORE = 500
MAX_AFTER = 1_000
MAX_SHOWN = 21
MIN_EVENTS = 3
SURE = 1.96

Places = NDArray[np.intp]


class Event(BaseModel):
    """What an event is: where a condition turns true, or each observation of a name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    condition: Annotated[str | None, Field(max_length=500, description="true where it is: strength < 30")] = None
    observed: Annotated[str | None, Field(max_length=200, description="a name from list_observations")] = None
    expressions: Expressions = Field(default_factory=dict)
    inputs: Inputs = Field(default_factory=dict)

    @property
    def said(self) -> str:
        """In words."""
        return self.condition or f"an observation of {self.observed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """Bars looked at around an event."""

    before: int
    after: int


async def study_events(
    context: ToolContext,
    series_id: SeriesText,
    event: Annotated[Event, Field(description="either condition or observed")],
    *,
    before_bars: Annotated[int, Field(ge=0, le=MAX_BEFORE)] = 24,
    after_bars: Annotated[int, Field(ge=1, le=MAX_AFTER)] = 48,
    start: StartText = None,
    end: EndText = None,
) -> Outcome:
    """Study what followed events: where a condition turned true, or when observations (catalysts) became known.

    Paths are returns from the close of the first bar at which the event was known; a strategy would fill at the next
    open. Events whose windows overlap tell the same bars twice: intervals (95 %) count only those apart, see
    /independent_count. /path/0/all_bars_percent is the mean from every bar, event or not: what counts is the
    difference. The curve is kept with the evidence.
    """
    if (event.condition is None) == (event.observed is None):
        raise Refusal("one_kind", 422, "Give either condition or observed.", place="/event")
    bars = await load_bars(context, series_id, start, end)
    bars, places = await _places(context, bars, event)
    studied, series = await asyncio.to_thread(_study, bars, places, _Window(before=before_bars, after=after_bars))
    return Outcome(
        title=f"Events on {bars.said['symbol']} {bars.said['timeframe']}",
        preview=f"{studied['events_count']} events, {studied['independent_count']} apart: {event.said}",
        output={
            **studied,
            "chosen": {"event": event.said, "expressions": dict(event.expressions)},
            "data": bars.said,
        },
        series=series,
    )


async def _places(context: ToolContext, bars: Bars, event: Event) -> tuple[Bars, Places]:
    """The bars at whose close each event was first known."""
    if event.observed is not None:
        return bars, await _known_at(context, bars.columns, event.observed)
    program = program_of(event.expressions, event.inputs, condition=event.condition)
    bars = await with_inputs(context, bars, event.inputs)
    (found,) = await asyncio.to_thread(conditions, program, bars.columns, (EVENT,))
    return bars, np.flatnonzero(found[1:] & ~found[:-1]) + 1


async def _known_at(context: ToolContext, bars: BarColumns, name: str) -> Places:
    """The first bar at whose close each observation was known; several in one bar are one event."""
    async with context.reading() as session:
        _, seen, _ = await seen_by(session, name, context.as_of, place="/observed")
    closes = bars.ts + bars.timeframe_ms
    inside = seen[(seen > closes[0]) & (seen <= closes[-1])]
    return np.unique(np.searchsorted(closes, inside, side="left"))


def _study(bars: Bars, places: Places, window: _Window) -> tuple[Values, Values]:
    close = bars.columns.close
    whole = places[(places >= window.before) & (places + window.after < len(close))]
    if len(whole) < MIN_EVENTS:
        words = f"Only {len(whole)} events have all their bars; at least {MIN_EVENTS} are needed for a mean."
        raise Refusal("too_few_events", 422, words)
    offsets = np.arange(-window.before, window.after + 1)
    paths = close[whole[:, None] + offsets] / close[whole][:, None] - 1.0
    apart = _apart(whole, window)
    mean, spread = paths.mean(axis=0), paths.std(axis=0, ddof=1) * SURE / sqrt(apart)
    every = np.array([_every(close, int(offset)) for offset in offsets])
    rows = [
        {
            "offset_bars_count": int(offsets[at]),
            "mean_percent": percent(float(mean[at])),
            "low_percent": percent(float(mean[at] - spread[at])),
            "high_percent": percent(float(mean[at] + spread[at])),
            "all_bars_percent": percent(float(every[at])),
            "rising_share_percent": percent(float(np.mean(paths[:, at] > 0))),
        }
        for at in _shown(offsets)
    ]
    studied = {
        "events_count": len(whole),
        "independent_count": apart,
        "overlapping_count": len(whole) - apart,
        "left_out_count": len(places) - len(whole),
        "first_event": moment(int(bars.columns.ts[whole[0]])),
        "last_event": moment(int(bars.columns.ts[whole[-1]])),
        "path": rows,
    }
    curves = {"mean": mean, "low": mean - spread, "high": mean + spread, "all_bars": every}
    lines = {name: [percent(value) for value in curve.tolist()] for name, curve in curves.items()}
    return studied, {"offsets": offsets.tolist(), "lines_percent": lines}


def _apart(places: Places, window: _Window) -> int:
    """How many events there are whose windows do not overlap, taken from the first on."""
    count, free = 0, -1
    for place in places.tolist():
        if place - window.before > free:
            count, free = count + 1, place + window.after
    return count


def _every(close: Floats, offset: int) -> float:
    """The mean return over as many bars from any bar."""
    if offset == 0:
        return 0.0
    here, there = (close[:-offset], close[offset:]) if offset > 0 else (close[-offset:], close[:offset])
    return float(np.mean(there / here - 1.0))


def _shown(offsets: NDArray[np.int_]) -> list[int]:
    chosen = np.linspace(0, len(offsets) - 1, min(MAX_SHOWN, len(offsets))).round().astype(int)
    return sorted({*chosen.tolist(), int(np.flatnonzero(offsets == 0)[0])})
