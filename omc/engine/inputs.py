"""Owns where a document's inputs come from: each becomes one column beside the bars, known at their closes."""

from dataclasses import replace
from typing import assert_never

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.market import Timeframe
from omc.engine.clauses import ModelInput, SeriesInput
from omc.engine.document import StrategyDocument
from omc.engine.learning import store as models
from omc.engine.terms import FUNDING_DUE, due_rates
from omc.ledgers.columns import BarColumns, Floats
from omc.ledgers.observations import FOREVER_MS, known_at, seen_until


async def resolved(
    session: AsyncSession, document: StrategyDocument, columns: BarColumns, *, symbol: str
) -> BarColumns:
    """Return the bars of `symbol` with all that the document reads beside them: its inputs and its funding rates.

    Raises Refusal with the place of what is not to be had.
    """
    funding = document.costs.funding
    if not document.inputs and funding is None:
        return columns
    more = {name: await _column(session, document, name, columns) for name in document.inputs}
    if funding is not None:
        more[FUNDING_DUE] = await _due(session, funding.series or f"funding:{symbol}", columns)
    return replace(columns, more={**columns.more, **more})


async def bars_before(session: AsyncSession, document: StrategyDocument) -> int:
    """Return how many bars the models of a document need before the first one that they say something about."""
    asked = [given.model for given in document.inputs.values() if isinstance(given, ModelInput)]
    return max([await models.warm_up(session, hash_) for hash_ in asked], default=0)


async def _due(session: AsyncSession, name: str, columns: BarColumns) -> Floats:
    """The rate that fell due in each bar. One that is told late was due all the same: it is a cost, not knowledge."""
    ts, _, rate = await seen_until(session, name, FOREVER_MS, place="/costs/funding")
    order = np.argsort(ts)
    return due_rates(ts[order], rate[order], columns)


async def _column(session: AsyncSession, document: StrategyDocument, name: str, columns: BarColumns) -> Floats:
    place, given = f"/inputs/{name}", document.inputs[name]
    match given:
        case SeriesInput():
            closes = columns.ts + columns.timeframe_ms
            age = Timeframe.parse(given.max_age).milliseconds
            return await known_at(session, given.series, closes, max_age_ms=age, place=f"{place}/series")
        case ModelInput():
            return await models.said(
                session,
                given.model,
                columns,
                timeframe=document.timeframe,
                universe=document.universe,
                place=f"{place}/model",
            )
        case _:
            assert_never(given)
