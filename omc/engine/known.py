"""Owns the series that are read beside bars: each becomes a column of what was known at the closes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.market import Timeframe
from omc.engine.clauses import SeriesInput
from omc.ledgers.columns import BarColumns
from omc.ledgers.observations import known_at


async def known_beside(
    session: AsyncSession,
    inputs: Mapping[str, SeriesInput],
    bars: BarColumns,
    *,
    as_of: datetime | None = None,
    sealed: bool = False,
) -> BarColumns:
    """Return the bars with a column for each input, NaN where nothing was known or what was is too old.

    `as_of` and `sealed` are those of `observations.known_at`, whose refusals get the place of the input.
    """
    closes = bars.ts + bars.timeframe_ms
    more = {
        name: await known_at(
            session,
            given.series,
            closes,
            max_age_ms=Timeframe.parse(given.max_age).milliseconds,
            place=f"/inputs/{name}/series",
            as_of=as_of,
            sealed=sealed,
        )
        for name, given in inputs.items()
    }
    return replace(bars, more={**bars.more, **more})
