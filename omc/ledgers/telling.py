"""Tells the rest of the house that new bars are stored: a nudge in the transaction that stores them.

It names the workspace only. Whoever works on bars looks for itself what is new, and looks by itself now and then too.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omc.kit.work import enqueue
from omc.ledgers.tables import WORKSPACE

BARS_STORED_JOB = "bars.stored"


async def bars_stored(session: AsyncSession) -> None:
    """Wake whoever waits for bars, if and when this transaction commits."""
    workspace = (await session.execute(select(WORKSPACE))).scalar_one()
    await enqueue(session, BARS_STORED_JOB, ids={"workspace_id": str(workspace)})
