"""Owns where a document's inputs come from: each becomes one column beside the bars, known at their closes."""

import asyncio
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from omc.engine.clauses import ModelInput, SeriesInput
from omc.engine.document import StrategyDocument
from omc.engine.known import known_beside
from omc.engine.learning import store as models
from omc.engine.learning.retraining import Retrained
from omc.engine.relearned import Learning
from omc.engine.terms import FUNDING_DUE, due_rates
from omc.ledgers.columns import BarColumns, Floats
from omc.ledgers.observations import happened_by


async def resolved(
    session: AsyncSession,
    document: StrategyDocument,
    columns: BarColumns,
    *,
    symbol: str,
    as_of: datetime | None = None,
    sealed: bool = False,
) -> BarColumns:
    """Return the bars of `symbol` with all that the document reads beside them: its inputs and its funding rates.

    With `as_of`, nothing that was stored after that is read; what is `sealed` is read by an exam and by live trading.
    Raises Refusal with the place of what is not to be had.
    """
    series = {name: given for name, given in document.inputs.items() if isinstance(given, SeriesInput)}
    columns = await known_beside(session, series, columns, as_of=as_of, sealed=sealed)
    more: dict[str, Floats] = {}
    for name, given in document.inputs.items():
        if isinstance(given, ModelInput):
            more[name] = await models.said(
                session,
                given.model,
                columns,
                timeframe=document.timeframe,
                universe=document.universe,
                place=f"/inputs/{name}/model",
                as_of=as_of,
                sealed=sealed,
            )
    if (funding := document.costs.funding) is not None:
        name = funding.series or f"funding:{symbol}"
        more[FUNDING_DUE] = await _due(session, name, columns, as_of=as_of, sealed=sealed)
    return replace(columns, more={**columns.more, **more})


async def learning_of(session: AsyncSession, document: StrategyDocument, columns: BarColumns) -> Learning | None:
    """Return how the document's models are trained anew on windows of these bars; None where it has none."""
    found = {}
    for name, given in document.inputs.items():
        if isinstance(given, ModelInput):
            spec = (await models.load(session, given.model)).spec
            found[name] = (spec, await known_beside(session, spec.inputs, replace(columns, more={})))
    return await asyncio.to_thread(Retrained, found) if found else None


async def bars_before(session: AsyncSession, document: StrategyDocument) -> int:
    """Return how many bars the models of a document need before the first one that they say something about."""
    asked = [given.model for given in document.inputs.values() if isinstance(given, ModelInput)]
    return max([await models.warm_up(session, hash_) for hash_ in asked], default=0)


async def _due(
    session: AsyncSession, name: str, columns: BarColumns, *, as_of: datetime | None, sealed: bool
) -> Floats:
    """The rate that fell due in each bar. One that is told late was due all the same: it is a cost, not knowledge."""
    closes = columns.ts + columns.timeframe_ms
    ts, rate = await happened_by(session, name, closes, place="/costs/funding", as_of=as_of, sealed=sealed)
    return due_rates(ts, rate, columns)
