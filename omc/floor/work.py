"""The floor's jobs: advance one deployment by a batch of bars and enqueue the next step with it; wake on new bars."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import DeploymentId
from omc.core.market import Span, split_symbol
from omc.core.reason import Reason
from omc.engine.account import Account
from omc.engine.attempt import REFUSED, attempted
from omc.engine.document import StrategyDocument
from omc.engine.inputs import resolved
from omc.engine.market import Market, market_of
from omc.engine.reading import read
from omc.floor import rules, service
from omc.floor.arriving import waited_for, whole_rows
from omc.floor.cards import VENUE
from omc.floor.holdings import ids_of, series_of
from omc.floor.rules import Feed, State
from omc.floor.run import Batch, Run, booked, funds_of, limits_of, lines_of
from omc.floor.tables import DeploymentRow
from omc.floor.trading import advance, close_out, is_lost
from omc.kit.work import Context, Job
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
    await service.tell_waiting(session, row, waited_for(batch.market) if row.feed == Feed.FOLLOW else None)
    if row.feed == Feed.REPLAY and batch.end == len(batch.market):
        await service.end(session, DeploymentId(row.id), State.DONE, now=now)
        return "done"
    delay_s = REPLAY_DELAY_S
    if row.feed == Feed.FOLLOW:
        delay_s = 0 if batch.start < batch.end < len(batch.market) else FOLLOW_DELAY_S
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
    market = await _market(session, row, document, replay=replay)
    first = int(np.searchsorted(market.ts, _milliseconds(row.start_ts)))
    start = first
    if row.cursor_ts is not None:
        start = int(np.searchsorted(market.ts, _milliseconds(row.cursor_ts), side="right"))
    size = rules.batch_size(row.speed, waited_s) if replay else rules.MAX_BATCH_BARS
    there = len(market) if replay else max(start, whole_rows(market))
    return Batch(market=market, first=first, start=start, end=min(there, start + size))


async def _market(session: AsyncSession, row: DeploymentRow, document: StrategyDocument, *, replay: bool) -> Market:
    """The bars of each symbol, with what else is read there."""
    as_of, found = row.created_ts if replay else None, {}
    span = Span(row.history_ts, row.end_ts or FAR)
    for series_id, series in zip(ids_of(row), series_of(row), strict=True):
        columns, symbol = await bars(session, series_id, span, as_of=as_of, sealed=not replay), str(series["symbol"])
        found[symbol] = await resolved(session, document, columns, symbol=symbol, as_of=as_of, sealed=not replay)
    return market_of(document, {symbol: columns for symbol, columns in found.items() if len(columns)})


async def _open_run(context: Context, session: AsyncSession, row: DeploymentRow, document: StrategyDocument) -> Run:
    limits, held = limits_of(row), await booked(session, row)
    funds, quote = await funds_of(session, row, held), split_symbol(row.symbol)[1]
    terms = Terms(
        fee_bps=document.costs.fee_bps, slippage_bps=document.costs.slippage_bps, balances=held | {quote: funds.cash}
    )
    venue = open_simulated(VENUE, terms)
    lines = await lines_of(row, held, venue)
    account = Account(
        document,
        capital=float(limits.capital),
        lot=max(float(line.instrument.quantity_step) for line in lines.values()),
        least=max(float(line.instrument.min_notional) for line in lines.values()),
        share=float(limits.max_position_fraction),
    )
    return Run(
        session=session,
        deployment=row,
        document=document,
        limits=limits,
        venue=venue,
        account=account,
        funds=funds,
        lines=lines,
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
