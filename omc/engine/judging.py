"""Owns the way from the checks of a document to its verdict; how much was tried is read once, where it is kept."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from omc.engine import trials, verdicts
from omc.engine.document import document_hash
from omc.engine.records import Request
from omc.engine.validation.evidence import Checked, figures_of
from omc.engine.validation.told import kept
from omc.engine.verdicts import Evidence, Given


async def judge(session: AsyncSession, asked: Request, checked: Checked, *, now: datetime) -> Given:
    """Judge what the checks found, given all that was tried on the same data, and keep the verdict."""
    others = [one.id for one in asked.others]
    line = await trials.line(session, asked.series.id, asked.span, others=others)
    figures = figures_of(checked, trials=line.trials, clusters=line.clusters, variance=line.sharpe_variance)
    return await verdicts.give(
        session,
        document_hash(asked.document),
        asked.series.id,
        asked.span,
        figures,
        by=asked.by,
        now=now,
        evidence=Evidence(line=line, found=kept(checked), others=others),
    )
