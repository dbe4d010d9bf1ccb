"""Owns where a document's inputs come from: each becomes one column beside the bars, known at their closes."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import assert_never

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.market import Timeframe
from omc.engine.clauses import ModelInput, SeriesInput
from omc.engine.document import StrategyDocument
from omc.engine.learning import store as models
from omc.engine.learning.retraining import Retrained
from omc.engine.relearned import Learning
from omc.engine.terms import FUNDING_DUE, due_rates
from omc.ledgers.columns import BarColumns, Floats
from omc.ledgers.observations import FOREVER_MS, known_at, seen_until


async def resolved(
    session: AsyncSession,
    document: StrategyDocument,
    columns: BarColumns,
    *,
    symbol: str,
    as_of: datetime | None = None,
) -> BarColumns:
    """Return the bars of `symbol` with all that the document reads beside them: its inputs and its funding rates.

    With `as_of`, nothing that was stored after that is read. Raises Refusal with the place of what is not to be had.
    """
    funding = document.costs.funding
    if not document.inputs and funding is None:
        return columns
    more = {name: await _column(session, document, name, columns, as_of) for name in document.inputs}
    if funding is not None:
        more[FUNDING_DUE] = await _due(session, funding.series or f"funding:{symbol}", columns, as_of)
    return replace(columns, more={**columns.more, **more})


async def learning_of(session: AsyncSession, document: StrategyDocument, columns: BarColumns) -> Learning | None:
    """Return how the document's models are trained anew on windows of these bars; None where it has none."""
    found = {}
    for name, given in document.inputs.items():
        if isinstance(given, ModelInput):
            spec = (await models.load(session, given.model)).spec
            found[name] = (spec, await models.with_inputs(session, spec, replace(columns, more={})))
    return await asyncio.to_thread(Retrained, found) if found else None


async def bars_before(session: AsyncSession, document: StrategyDocument) -> int:
    """Return how many bars the models of a document need before the first one that they say something about."""
    asked = [given.model for given in document.inputs.values() if isinstance(given, ModelInput)]
    return max([await models.warm_up(session, hash_) for hash_ in asked], default=0)


async def _due(session: AsyncSession, name: str, columns: BarColumns, as_of: datetime | None) -> Floats:
    """The rate that fell due in each bar. One that is told late was due all the same: it is a cost, not knowledge."""
    ts, _, rate = await seen_until(session, name, FOREVER_MS, place="/costs/funding", as_of=as_of)
    order = np.argsort(ts)
    return due_rates(ts[order], rate[order], columns)


async def _column(
    session: AsyncSession, document: StrategyDocument, name: str, columns: BarColumns, as_of: datetime | None
) -> Floats:
    place, given = f"/inputs/{name}", document.inputs[name]
    match given:
        case SeriesInput():
            closes = columns.ts + columns.timeframe_ms
            age = Timeframe.parse(given.max_age).milliseconds
            where = f"{place}/series"
            return await known_at(session, given.series, closes, max_age_ms=age, place=where, as_of=as_of)
        case ModelInput():
            return await models.said(
                session,
                given.model,
                columns,
                timeframe=document.timeframe,
                universe=document.universe,
                place=f"{place}/model",
                as_of=as_of,
            )
        case _:
            assert_never(given)
