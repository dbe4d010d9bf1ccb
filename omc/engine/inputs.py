"""Owns where a document's inputs come from: each becomes one column beside the bars, known at their closes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.market import Timeframe
from omc.engine.clauses import Input, ModelInput, SeriesInput
from omc.engine.document import StrategyDocument
from omc.kit.errors import Refusal
from omc.ledgers.columns import BarColumns, Floats
from omc.ledgers.observations import known_at


async def resolved(session: AsyncSession, document: StrategyDocument, columns: BarColumns) -> BarColumns:
    """Return the bars with every input of the document; Refusal with its place where one is not to be had."""
    if not document.inputs:
        return columns
    more: Mapping[str, Floats] = {
        name: await _column(session, name, given, columns) for name, given in document.inputs.items()
    }
    return replace(columns, more={**columns.more, **more})


async def _column(session: AsyncSession, name: str, given: Input, columns: BarColumns) -> Floats:
    place = f"/inputs/{name}"
    match given:
        case SeriesInput():
            closes = columns.ts + columns.timeframe_ms
            age = Timeframe.parse(given.max_age).milliseconds
            return await known_at(session, given.series, closes, max_age_ms=age, place=f"{place}/series")
        case ModelInput():
            raise Refusal("model_unknown", 422, "no model of this hash is stored; train it first", place=place)
        case _:
            assert_never(given)
