"""The floor's jobs: advance one deployment by a batch of bars and enqueue the next step with it; wake on new bars."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.canonical import instant_text
from omc.core.ids import DeploymentId
from omc.core.market import Span, split_symbol
from omc.core.reason import Reason
from omc.engine.account import Account
from omc.engine.attempt import REFUSED, attempted
from omc.engine.document import StrategyDocument
from omc.engine.inputs import resolved
from omc.engine.reading import read
from omc.engine.terms import FUNDING_DUE
from omc.floor import rules, service
from omc.floor.cards import VENUE, instant_of
from omc.floor.rules import Feed, State
from omc.floor.run import Batch, Run, limits_of, standing_of
from omc.floor.tables import DeploymentRow
from omc.floor.trading import advance, close_out, is_lost
from omc.kit.work import Context, Job
from omc.ledgers.columns import BarColumns
from omc.ledgers.frames import bars
from omc.ledgers.telling import BARS_STORED_JOB
from omc.venues import Terms, open_simulated

REPLAY_DELAY_S = 1.0
FOLLOW_DELAY_S = 60.0
"""A stored bar wakes who follows it; this is for the nudge that was lost."""

LOST = "the account is worth nothing: all was lost, and nothing is left to trade with"
FAR = datetime(9999, 1, 1, tzinfo=UTC)


async def run_step(context: Context, *, workspace_id: str, deployment_id: str, step: str) -> str:
    """Take step number `step` of a deployment; done again, or late, it changes nothing."""
    workspace, deployment = UUID(workspace_id), DeploymentId(UUID(deployment_id))
    fail = partial(_fail, context, workspace, deployment)
    return (
        await attempted(context, _stepped(context, workspace, deployment, int(step)), fail, what="trading") or REFUSED
    )


async def _stepped(context: Context, workspace: UUID, deployment: DeploymentId, step: int) -> str:
    async with context.database.session(workspace) as session:
        row = await service.begin_step(session, deployment, step)
        return "ended" if row is None else await _step(context, session, row)


async def wake(context: Context, *, workspace_id: str) -> str:
    """Let every deployment that follows a series with new bars take its next step now."""
    async with context.database.session(UUID(workspace_id)) as session:
        return "woken" if await service.wake_followers(session) else "nobody"


async def _step(context: Context, session: AsyncSession, row: DeploymentRow) -> str:
    now = context.clock()
    if row.closing:
        return await _close(context, session, row)
    document = _document(row)
    batch = await _batch(session, row, document, (now - row.stepped_ts).total_seconds())
    lost = False
    if batch.end > batch.start:
        run = await _open_run(context, session, row, document)
        await advance(run, batch)
        lost = is_lost(run)
    row.step, row.stepped_ts = row.step + 1, now
    await session.flush()
    if lost:
        await service.end(session, DeploymentId(row.id), State.FAILED, now=now, error=LOST)
        return "lost"
    await service.tell_waiting(session, row, _waited_for(batch.columns) if row.feed == Feed.FOLLOW else None)
    if row.feed == Feed.REPLAY and batch.end == len(batch.columns):
        await service.end(session, DeploymentId(row.id), State.DONE, now=now)
        return "done"
    delay_s = REPLAY_DELAY_S
    if row.feed == Feed.FOLLOW:
        delay_s = 0 if batch.start < batch.end < len(batch.columns) else FOLLOW_DELAY_S
    await service.next_step(session, row.id, row.step, delay_s=delay_s)
    return "more"


async def _close(context: Context, session: AsyncSession, row: DeploymentRow) -> str:
    failed = await close_out(await _open_run(context, session, row, _document(row)))
    row.step, row.stepped_ts = row.step + 1, context.clock()
    await session.flush()
    error = f"what it holds could not be sold: {failed}" if failed else None
    await service.end(session, DeploymentId(row.id), State.STOPPED, now=context.clock(), error=error)
    return "closed"


async def _batch(session: AsyncSession, row: DeploymentRow, document: StrategyDocument, waited_s: float) -> Batch:
    """A replay knows only what was there when it was approved; who follows takes what arrived.

    A replay ends before what is sealed. Who follows goes on: it decides on each bar once, as it comes, and what it
    holds must not be left alone.
    """
    replay = row.end_ts is not None
    end = row.end_ts or FAR
    as_of = row.created_ts if replay else None
    columns = await bars(session, row.series_id, Span(row.history_ts, end), as_of=as_of, sealed=not replay)
    columns = await resolved(session, document, columns, symbol=row.symbol, as_of=as_of, sealed=not replay)
    first = int(np.searchsorted(columns.ts, _milliseconds(row.start_ts)))
    start = first
    if row.cursor_ts is not None:
        start = int(np.searchsorted(columns.ts, _milliseconds(row.cursor_ts), side="right"))
    size = rules.batch_size(row.speed, waited_s) if replay else rules.MAX_BATCH_BARS
    there = len(columns) if replay else max(start, _funded(columns))
    return Batch(columns=columns, first=first, start=start, end=min(there, start + size))


def _funded(columns: BarColumns) -> int:
    """The bars up to the last whose funding is known: who follows waits for the rates, as for the bars."""
    due = columns.more.get(FUNDING_DUE)
    known = None if due is None else np.flatnonzero(np.isfinite(due))
    return len(columns) if known is None else int(known[-1]) + 1 if len(known) else 0


def _waited_for(columns: BarColumns) -> str | None:
    """What keeps bars that are there from being traded, None where nothing does."""
    known = _funded(columns)
    if known == len(columns):
        return None
    return f"it waits for the funding rate of the bar of {instant_text(instant_of(columns, known))}: import the rates"


async def _open_run(context: Context, session: AsyncSession, row: DeploymentRow, document: StrategyDocument) -> Run:
    base, quote = split_symbol(row.symbol)
    standing, limits = await standing_of(session, row), limits_of(row)
    terms = Terms(
        fee_bps=document.costs.fee_bps,
        slippage_bps=document.costs.slippage_bps,
        balances={quote: standing.cash, base: standing.position},
    )
    venue = open_simulated(VENUE, terms)
    instrument = await venue.instrument(row.symbol)
    lot, least = float(instrument.quantity_step), float(instrument.min_notional)
    return Run(
        session=session,
        deployment=row,
        document=document,
        limits=limits,
        venue=venue,
        instrument=instrument,
        account=Account(document, capital=float(limits.capital), lot=lot, least=least),
        standing=standing,
        now=context.clock(),
    )


def _document(row: DeploymentRow) -> StrategyDocument:
    """Return the document as it stands on the approved card, not as it might be anywhere else."""
    version = row.card["version"]
    assert isinstance(version, Mapping)
    return read(version["document"])


def _milliseconds(ts: datetime) -> int:
    return round(ts.timestamp() * 1_000)


async def _fail(context: Context, workspace: UUID, deployment_id: DeploymentId, reason: Reason) -> None:
    async with context.database.session(workspace) as session:
        await service.end(session, deployment_id, State.FAILED, now=context.clock(), error=reason.text)


JOBS: tuple[Job, ...] = (
    Job(name=service.STEP_JOB, run=run_step, queue=service.QUEUE, retries=5),
    Job(name=BARS_STORED_JOB, run=wake),
)
