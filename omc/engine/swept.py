"""Owns what stored searches have tried of an idea: their documents and values, to be run again on a verdict's bars.

Of a search only what it tried is read, never its bars or figures: what is sealed for the verdict stays so.
"""

from uuid import UUID

from sqlalchemy import Text, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from omc.engine import trials
from omc.engine.document import StrategyDocument
from omc.engine.reading import read
from omc.engine.records import Request
from omc.engine.tables import TrialRow
from omc.engine.tables_sweeps import SweepRow, SweepTryRow
from omc.engine.validation.tried import MOST_TRIED, Searched, Tried

MAX_SWEEPS = 500
"""Searches of one idea that are looked at, the newest ones."""


async def tried_of(session: AsyncSession, asked: Request) -> Tried:
    """Return what was searched of a document's idea on data that overlaps what is asked for, of any of its markets.

    Searches of documents that need other bars or columns are left out: they cannot be run on the same ones. Each
    document with its values comes once; of more than MOST_TRIED the same ones are chosen every time.
    """
    document, searched = asked.document, dict[str, StrategyDocument]()
    hashes: dict[UUID, str] = {}
    for sweep_id, hash_, raw in await _searches(session, asked):
        other = searched.get(hash_) or read(raw)
        if _on_the_same(other, document):
            searched[hash_], hashes[sweep_id] = other, hash_
    different = (
        select(SweepRow.hash, SweepTryRow.parameters)
        .join(SweepRow, SweepRow.id == SweepTryRow.sweep_id)
        .where(SweepTryRow.sweep_id.in_(hashes), SweepTryRow.refused == "")
        .group_by(SweepRow.hash, SweepTryRow.parameters)
        .subquery()
    )
    total = (await session.execute(select(func.count()).select_from(different))).scalar_one()
    by_lot = func.md5(different.c.hash.concat(cast(different.c.parameters, Text)))
    chosen = await session.execute(select(different).order_by(by_lot).limit(MOST_TRIED))
    values: dict[str, list[dict[str, float]]] = {}
    for hash_, parameters in chosen:
        values.setdefault(hash_, []).append({name: float(value) for name, value in parameters.items()})
    found = (Searched(document=searched[hash_], values=tuple(each)) for hash_, each in values.items())
    return Tried(searched=tuple(found), total=total)


async def _searches(session: AsyncSession, asked: Request) -> list[tuple[UUID, str, dict[str, object]]]:
    looked = trials.looked_at(*(one.id for one in asked.every))
    statement = (
        select(SweepRow.id, SweepRow.hash, SweepRow.document)
        .join(TrialRow, TrialRow.id == SweepRow.trial_id)
        .where(TrialRow.idea == trials.idea_of(asked.document), looked, *trials.overlaps(asked.span))
        .order_by(SweepRow.id.desc())
        .limit(MAX_SWEEPS)
    )
    return [(row.id, row.hash, row.document) for row in await session.execute(statement)]


def _on_the_same(one: StrategyDocument, other: StrategyDocument) -> bool:
    """Whether two documents read the same bars, and the same columns beside them."""
    return (one.timeframe, one.inputs, one.costs.funding) == (other.timeframe, other.inputs, other.costs.funding)
